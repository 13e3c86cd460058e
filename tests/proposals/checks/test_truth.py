"""A made-up batch with known faults: the checks find each of them, and nothing else."""

from collections import defaultdict

import pytest

from apps.demo import batches, boundaries, country
from apps.demo.faults import CATALOGUE
from apps.demo.population import people
from apps.proposals.models import Finding
from apps.regions.models import ForeignCode
from apps.registry.models import Change, Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.sending import check, places, receive

ROWS = 3_000
SEED = 11

# What a fault of the demo is called here, where its name is another. Readable faults ask nothing of
# the officer: a note at most.
NAMES = {
    "nik_short": "nik_length",
    "nik_long": "nik_length",
    "nik_letter": "nik_letters",
    "kk_short": "kk_length",
    "programme_misspelt": "programme_unknown",
    "long_cell": "too_long",
    "village_ambiguous": "village_ambiguous",
}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "xlsx", "geojson"])
@pytest.mark.long
def test_a_batch_of_known_faults_is_judged_right(person, tmp_path, kind):
    villages = country.villages()
    known = [p for p in people.people(villages, 400, SEED) if p.village_code.startswith("97.01")]
    with as_role("worker"):
        register(known)
    with as_role("owner"):
        ForeignCode.objects.bulk_create(
            ForeignCode(region_id=code, system="bps", code=boundaries.bps_code(code), vintage="x")
            for code in country.CODES.values()
        )
    path = tmp_path / f"usulan.{kind}"
    truth = batches.write_batch(path, villages, ROWS, SEED, register=known, scope="97.01")
    batch = check(receive(path.read_bytes(), person("regency_officer"), name=path.name))
    compare(batch, truth)


def compare(batch, truth):
    stored = places(batch)
    codes = defaultdict(set)
    with as_role("worker"):
        for row, code in Finding.objects.filter(batch=batch).values_list("row_number", "code"):
            codes[row].add(code)
    for each in truth:
        one, held = stored[each.row], not hasattr(stored[each.row], "status")
        told = (each, one.verdict, one.flags, codes[each.row])
        assert held == each.is_wrong, told
        if each.verdict and "village_bps" not in each.faults:
            assert one.verdict == each.verdict, told
            # the offices of the toy country stand on the coarse grid
            flags = set(one.flags) - ({"coarse"} if "office_point" in each.flags else set())
            assert flags == set(each.flags), told
            actual = one.actual_village_code if held else one.actual_village_id or ""
            assert actual == each.actual, told
        if each.distance_m is not None and one.distance_m is not None:
            assert one.distance_m == pytest.approx(each.distance_m, abs=1, rel=2e-3), told
        for fault in each.faults:
            if fault in CATALOGUE and each.is_wrong:
                assert NAMES.get(fault, fault) in codes[each.row], told
        if not each.faults:
            assert not codes[each.row], told


def register(persons):
    """The persons as the first load would leave them."""
    change = Change.objects.create(
        kind="load", reference="t", source="DTKS", actor="t", actor_name="t", at=NOW
    )
    families = {p.kk: Family(kk=p.kk, village_id=p.village_code, change=change) for p in persons}
    Family.objects.bulk_create(families.values())
    rows = [
        Person(
            family=families[p.kk],
            village_id=p.village_code,
            nik=p.nik,
            name=p.name,
            birth_date=p.birth_date,
            sex=p.sex,
            change=change,
        )
        for p in persons
    ]
    Person.objects.bulk_create(rows)
    Enrolment.objects.bulk_create(
        Enrolment(
            person=row,
            village_id=p.village_code,
            programme_id=programme,
            active_from=NOW.date(),
            change=change,
        )
        for row, p in zip(rows, persons, strict=True)
        for programme in p.programmes
    )
