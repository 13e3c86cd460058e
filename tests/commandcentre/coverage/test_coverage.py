"""Preparation: villages by class and families against the distance to stock, worst first."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.models import (
    CoverageState,
    Facility,
    StockItem,
    VillageCoverage,
    VillageZone,
    ZoneEdition,
)
from apps.commandcentre.resources import stock_ledger
from apps.demo.country import CODES, at
from apps.indicators.models import PocketEdition, PocketVillage
from apps.jobs.models import Job
from apps.regions.models import BoundaryEdition
from apps.registry.models import Canary
from tests.base import NOW
from tests.commandcentre.resources.places import BY, facility, stocked
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
PAGE = "/command-centre/coverage/"
LETTERS = {code: letter for letter, code in CODES.items()}


@pytest.fixture
def covered():
    """Families in A, C and P; A is prone to floods (high), C to landslides (low), G to floods
    (low); stock in the middle of A, a facility without stock in P.
    """
    with as_role("owner"):
        for letter in "ACP":
            a_person(CODES[letter], name=f"ORANG {letter}")
        stocked(facility(location=f"SRID=4326;POINT({at('A')[0]} {at('A')[1]})"), 10)
        facility("Lumbung Kosong", "P")
        at_last = BoundaryEdition.objects.latest("activated_at").activated_at
        known = {"sha256": "0", "received_at": NOW, "measure": "class", "boundaries_at": at_last}
        for kind, letter, hazard_class in (
            ("flood", "A", 4),
            ("landslide", "C", 1),
            ("flood", "G", 1),
        ):
            edition, _is_new = ZoneEdition.objects.get_or_create(
                kind=kind,
                name=kind,
                defaults=known,
            )
            VillageZone.objects.create(
                edition=edition, village_id=CODES[letter], hazard_class=hazard_class,
                share_class=0.5, share_any=0.5,
            )  # fmt: skip
    with as_role("worker"):
        village_coverage.refresh(now=timezone.now())


def test_the_page_says_that_any_stock_counts(signed_in, covered):
    """Ten blankets cover: whether they are enough is not asked here."""
    page = " ".join(signed_in("operator").get(PAGE).content.decode().split())
    assert "Stok apa pun yang dapat dipakai ikut dihitung" in page


def letters(browser, query: str = "") -> list[str]:
    answer = browser.get(PAGE + query)
    assert answer.status_code == 200
    return [LETTERS[row.village_id] for row in answer.context["page"].rows]


def test_the_most_prone_come_first_then_the_farthest(signed_in, covered):
    assert letters(signed_in("operator")) == ["A", "G", "C", "P"]


def test_a_kind_shows_its_own_villages_and_filters_narrow(signed_in, covered):
    operator = signed_in("operator")
    assert letters(operator, "?kind=flood") == ["A", "G"]
    assert letters(operator, "?kind=landslide") == ["C"]
    assert letters(operator, "?level=1") == ["G", "C"]
    assert letters(operator, "?region=98") == ["P"]
    assert letters(operator, "?families=1") == ["A", "C", "P"]
    assert letters(operator, "?farther_km=2") == ["G", "P"]
    assert letters(operator, "?farther_km=jauh") == []


def test_poverty_is_said_by_the_pockets_in_force(signed_in, covered):
    operator = signed_in("operator")
    assert "Belum ada edisi kantong yang berlaku" in operator.get(PAGE).content.decode()
    with as_role("owner"):
        for origin, status, letters_ in (
            ("published", "active", "A"),
            ("computed", "active", "CG"),
            ("published", "superseded", "P"),
        ):
            edition = PocketEdition.objects.create(
                origin=origin,
                name=f"{origin} {status}",
                published_date=NOW.date(),
                status=status,
                stored_at=NOW,
                stored_by="tests",
            )
            PocketVillage.objects.bulk_create(
                PocketVillage(edition=edition, village_id=CODES[one], is_pocket=one != "G")
                for one in letters_
            )
    assert letters(operator, "?pocket=published") == ["A"]
    assert letters(operator, "?pocket=computed") == ["C"]
    page = " ".join(operator.get(PAGE).content.decode().split())
    assert "BIG: published active." in page and "Data induk: computed active." in page
    said = {row["kode_desa"]: row["kantong_kemiskinan"] for row in rows_of_file(operator)}
    assert said == {CODES["A"]: "kantong menurut BIG", CODES["G"]: ""}


def test_the_distance_is_that_to_the_nearest_stock(covered):
    with as_role("worker"):
        rows = {LETTERS[one.village_id]: one for one in VillageCoverage.objects.filter(kind="")}
    assert rows["A"].distance_m == pytest.approx(0, abs=50)
    # one village to the south
    assert rows["C"].distance_m == pytest.approx(1_112, rel=0.01)
    assert (rows["C"].families, rows["G"].families) == (1, 0)
    assert {one.facility.name for one in rows.values() if one.facility} == {"Lumbung Ampel"}


def test_made_up_families_are_not_counted(covered):
    with as_role("owner"):
        for letter in "AF":
            made_up = a_person(CODES[letter], name="CONTOH")
            Canary.objects.create(person=made_up, district_id=CODES[letter][:8], made_at=NOW)
    with as_role("worker"):
        village_coverage.refresh(now=timezone.now())
        rows = {LETTERS[one.village_id]: one for one in VillageCoverage.objects.filter(kind="")}
    assert rows["A"].families == 1
    assert "F" not in rows


def rows_of_file(browser) -> list[dict[str, str]]:
    answer = browser.get(PAGE + "villages.csv?kind=flood")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(StringIO(text)))


def test_the_villages_are_a_file_and_the_export_is_recorded(signed_in, covered):
    rows = rows_of_file(signed_in("operator"))
    assert [row["kode_desa"] for row in rows] == [CODES["A"], CODES["G"]]
    assert rows[0]["fasilitas_terdekat"] == "Lumbung Ampel"
    assert Entry.objects.filter(
        action=Action.EXPORT, subject__startswith="commandcentre.VillageCoverage"
    ).exists()


def test_who_may_not_open_facilities_sees_their_kind_and_distance_alone(signed_in, covered):
    planner = signed_in("planner")
    page = planner.get(PAGE).content.decode()
    assert "Lumbung Ampel" in signed_in("operator").get(PAGE).content.decode()
    assert "Lumbung Ampel" not in page
    assert "Lumbung sosial" in page
    [first, second] = rows_of_file(planner)
    assert {first["fasilitas_terdekat"], second["fasilitas_terdekat"]} == {"Lumbung sosial"}
    assert first["jarak_km"] == "0.0"


def test_it_is_computed_again_by_a_job_and_asked_for_once(signed_in, covered):
    operator = signed_in("operator")
    for _time in range(2):
        assert operator.post(PAGE + "compute/").status_code == 302
    with as_role("owner"):
        job = Job.objects.get(kind=village_coverage.REFRESH_COVERAGE)
        facility("Lumbung Padi", "P")
    with as_role("worker"):
        do(job)
    with as_role("owner"):
        job.refresh_from_db()
    assert (job.status, job.result["lines"]) == (Job.Status.DONE, 7)


@pytest.fixture
def later():
    """Ask what the clock asks, some minutes after the coverage was computed."""

    def ask(minutes: int = 6) -> Job | None:
        with as_role("worker"):
            return village_coverage.enqueue_due_refresh(
                now=timezone.now() + timedelta(minutes=minutes)
            )

    return ask


def test_where_nothing_changed_the_clock_asks_for_nothing(covered, later):
    assert later() is None
    assert CoverageState.objects.get().changed == []


def test_the_clock_asks_once_for_the_first_coverage(later):
    assert later() is not None
    assert later() is None
    assert Job.objects.filter(kind=village_coverage.REFRESH_COVERAGE).count() == 1


def empty_the_store() -> None:
    batch = StockItem.objects.get()
    stock_ledger.reserve(
        facility=batch.facility, good=batch.good, quantity=10, purpose="uji", by=BY, now=NOW
    )


def fill_another_store() -> None:
    stocked(facility("Lumbung Baru", "P"), 5)


def put_a_zone_in_force() -> None:
    ZoneEdition.objects.create(kind="tsunami", name="Tsunami", sha256="1", received_at=NOW)


def activate_an_edition() -> None:
    BoundaryEdition.objects.update(activated_at=timezone.now())


@pytest.mark.parametrize(
    ("act", "part"),
    [
        (empty_the_store, "stok atau fasilitas"),
        (fill_another_store, "stok atau fasilitas"),
        (lambda: a_person(CODES["K"]), "data induk"),
        (put_a_zone_in_force, "daerah rawan"),
        (activate_an_edition, "batas"),
    ],
)
def test_it_follows_what_it_rests_on_and_says_what_changed(covered, later, signed_in, act, part):
    with as_role("owner"):
        act()
    # the page says so at once; the whole country is computed some minutes after the last time
    assert later(1) is None
    page = signed_in("operator").get(PAGE).content.decode()
    assert f"Berubah sejak itu: {part}" in page
    job = later()
    assert job is not None
    with as_role("worker"):
        do(job)
    assert "Berubah sejak itu" not in signed_in("operator").get(PAGE).content.decode()
    assert CoverageState.objects.get().changed == []


def test_a_movement_that_empties_no_store_changes_nothing(covered, later):
    with as_role("owner"):
        stocked(Facility.objects.get(name="Lumbung Ampel"), 7)
    assert later() is None


def test_a_new_day_is_computed_anew(covered, later):
    assert later(24 * 60) is not None


def test_work_that_ended_badly_is_not_asked_for_every_minute(covered, later):
    with as_role("owner"):
        fill_another_store()
        CoverageState.objects.update(computed_at=NOW)
    job = later(0)
    assert job is not None
    with as_role("owner"):
        Job.objects.filter(pk=job.pk).update(status=Job.Status.CANCELLED)
    assert later(1) is None
    assert later() is not None


def test_the_page_says_when_it_was_computed_and_from_what(signed_in, covered):
    page = signed_in("operator").get(PAGE).content.decode()
    assert "Dihitung" in page
    assert "1 fasilitas memiliki stok" in page
    assert "Toy 2026-01" in page
    assert "flood (1)" in page


def test_who_sees_no_hazards_sees_no_coverage(signed_in):
    assert signed_in("regency_officer").get(PAGE).status_code == 403


def test_without_a_computation_the_page_says_so(signed_in):
    assert "belum dihitung" in signed_in("operator").get(PAGE).content.decode()
