"""What a decree's "new" rows do to persons and families whom the register knows already.

They open enrolments and fill gaps. What they say otherwise is claimed, not taken: identity changes
through a correction or an answered question alone, a family's place through a confirmed move.
"""

from datetime import date

import pytest

from apps.demo.country import CODES
from apps.registry import reading
from apps.registry.models import Claim, Enrolment, Family, Person
from tests.conftest import as_role
from tests.proposals.factory import nik_of
from tests.registry.rows import row, write

pytestmark = pytest.mark.django_db

A, B = CODES["A"], CODES["B"]
HERE, THERE = "SRID=4326;POINT(110.005 -7.765)", "SRID=4326;POINT(110.105 -7.765)"
OTHER = {
    "name": "ORANG LAIN",
    "title": "DRS",
    "birth_date": date(1971, 3, 4),
    "sex": "P",
    "mother_name": "IBU LAIN",
}


@pytest.fixture(autouse=True)
def _as_owner():
    with as_role("owner"):
        yield


def claimed(**about):
    """(field, value) of the claims that were never taken."""
    found = Claim.objects.filter(was_held=False, **about)
    return set(found.values_list("field", "value"))


def test_a_new_row_under_a_known_nik_never_changes_who_the_person_is():
    first, _counts = write("1", row(1, title="H", programmes=["PKH"]))
    second, counts = write("2", row(1, **OTHER, programmes=["SEMBAKO"], source_ref="77"))
    assert counts == {"claims": 5, "enrolments_opened": 1}
    person = Person.objects.get()
    assert (person.name, person.title, person.birth_date, person.sex, person.mother_name) == (
        "WARGA 1",
        "H",
        date(1990, 1, 2),
        "L",
        "IBU",
    )
    assert person.change == first
    assert set(Enrolment.objects.values_list("programme", "change")) == {
        ("PKH", first.pk),
        ("SEMBAKO", second.pk),
    }
    assert claimed() == {
        ("name", "ORANG LAIN"),
        ("title", "DRS"),
        ("birth_date", "1971-03-04"),
        ("sex", "P"),
        ("mother_name", "IBU LAIN"),
    }
    assert set(Claim.objects.values_list("source", "source_ref", "change", "village")) == {
        ("DTKS", "77", second.pk, A)
    }


def test_a_new_row_fills_what_the_register_does_not_have_and_its_origin_says_so():
    gaps = {"title": "", "mother_name": "", "birth_date": None, "sex": "", "occupation": ""}
    first, _counts = write("1", row(1, **gaps, ppks=[], address="", rt="", location=None))
    second, counts = write("2", row(1, title="H", ppks=[7]), source="proposals")
    assert counts == {"families_changed": 1, "persons_changed": 1}
    person = Person.objects.get()
    assert (person.title, person.mother_name, person.birth_date, person.ppks) == (
        "H",
        "IBU",
        date(1990, 1, 2),
        [7],
    )
    assert (person.family.address, person.family.rt) == ("JL. MELATI NO. 1", "001")
    assert person.family.location.coords == (110.005, -7.765)
    assert person.origins["name"] == first.pk
    assert "mother_name" not in person.origins
    assert person.change == second


def test_what_describes_a_person_otherwise_is_claimed_too():
    write("1", row(1, ppks=[1]))
    write("2", row(1, occupation="NELAYAN", relation="ISTRI", birth_place="TIMUR", ppks=[7]))
    person = Person.objects.get()
    assert (person.occupation, person.relation, person.ppks) == ("PETANI", "KEPALA KELUARGA", [1])
    assert claimed() == {
        ("occupation", "NELAYAN"),
        ("relation", "ISTRI"),
        ("birth_place", "TIMUR"),
        ("ppks", "7"),
    }


def test_another_spelling_of_the_same_value_is_not_a_claim():
    write("1", row(1, rt="001"))
    near = "SRID=4326;POINT(110.0051 -7.765)"
    assert write("2", row(1, name="Warga  1", rt="1", address="Jl. Melati No. 1", location=near))[
        1
    ] == ({})


def test_a_family_stays_where_it_is_registered_while_nobody_confirmed_a_move():
    write("1", row(1), row(2))
    _change, counts = write(
        "2", row(1, village_id=B, address="JL. BARU", rt="9", rw="9", location=THERE)
    )
    assert counts == {"claims": 5}
    family = Family.objects.get()
    assert (family.village_id, family.address, family.location.coords) == (
        A,
        "JL. MELATI NO. 1",
        (110.005, -7.765),
    )
    assert claimed() == {
        ("village", B),
        ("address", "JL. BARU"),
        ("rt", "9"),
        ("rw", "9"),
        ("location", "-7.765000, 110.105000"),
    }


def test_a_confirmed_move_takes_the_family_along_and_still_changes_nobodys_identity():
    write("1", row(1), row(2))
    moved, counts = write(
        "2", row(1, village_id=B, location=THERE, move_confirmed=True, name="ORANG LAIN")
    )
    assert counts["families_moved"] == 1
    for model in (Family, Person, Enrolment):
        assert set(model.objects.values_list("village", "change")) == {(B, moved.pk)}
    assert Family.objects.get().location.coords == (110.105, -7.765)
    assert set(Claim.objects.values_list("field", "value", "was_held")) == {
        ("village", A, True),
        ("name", "ORANG LAIN", False),
    }
    assert Person.objects.get(nik=nik_of(1)).name == "WARGA 1"


def test_another_kk_is_claimed_and_no_family_is_made_for_it_without_a_confirmed_move():
    write("1", row(1), row(2))
    _change, counts = write("2", row(1, kk=nik_of(800)))
    assert counts == {"claims": 1}
    assert Family.objects.count() == 1
    assert claimed() == {("kk", nik_of(800))}
    assert Claim.objects.get().shown.startswith("••••") or "•" in Claim.objects.get().shown


def test_with_a_confirmed_move_the_person_goes_to_the_other_family():
    write("1", row(1), row(2))
    write("2", row(1, kk=nik_of(800), village_id=B, move_confirmed=True))
    one, two = Person.objects.order_by("nik")
    assert (one.family.kk, one.village_id) == (nik_of(800), B)
    assert (two.family.kk, two.village_id) == (nik_of(700), A)


def test_a_registered_family_is_not_touched_by_a_row_of_somebody_who_does_not_join_it():
    write("1", row(1), row(2, kk=nik_of(800), address="", rt="", rw="", location=None))
    write("2", row(1, kk=nik_of(800), village_id=B, address="JL. LAIN"))
    family = Family.objects.get(kk=nik_of(800))
    assert (family.village_id, family.address) == (A, "")
    assert Person.objects.get(nik=nik_of(1)).family.kk == nik_of(700)


def test_a_new_person_joins_the_family_where_that_is_registered():
    write("1", row(1))
    _change, counts = write("2", row(2, village_id=B, address="JL. BARU", location=THERE))
    assert counts == {"persons_new": 1, "claims": 3, "enrolments_opened": 1}
    new = Person.objects.get(nik=nik_of(2))
    assert (new.family.kk, new.village_id, new.enrolments.get().village_id) == (nik_of(700), A, A)
    assert claimed(person=new) == {
        ("village", B),
        ("address", "JL. BARU"),
        ("location", "-7.765000, 110.105000"),
    }


def test_with_a_confirmed_move_a_new_member_takes_the_family_along():
    write("1", row(1))
    write("2", row(2, village_id=B, move_confirmed=True))
    assert set(Person.objects.values_list("village", flat=True)) == {B}


def test_the_confirmed_row_of_a_family_decides_whichever_comes_first():
    write("1", row(1), row(2))
    write("2", row(1), row(2, village_id=B, move_confirmed=True))
    assert set(Person.objects.values_list("village", flat=True)) == {B}
    assert claimed(person__nik=nik_of(1)) == {("village", A)}


def test_somebody_who_names_another_kk_goes_along_when_their_own_family_moves():
    write("1", row(1), row(2))
    write("2", row(1, village_id=B, move_confirmed=True), row(2, kk=nik_of(800)))
    assert set(Person.objects.values_list("village", "family__kk")) == {(B, nik_of(700))}


def test_the_same_claim_is_written_once_however_often_it_comes():
    write("1", row(1))
    rows = [row(1, **OTHER), row(2, village_id=B)]
    write("2", *rows)
    before = Claim.objects.count()
    assert write("2", *rows)[1] == {}
    assert write("3", *rows)[1] == {}
    assert Claim.objects.count() == before


def test_each_row_of_a_person_claims_for_itself():
    write("1", row(1))
    write(
        "2",
        row(1, name="ORANG LAIN", source_ref="11"),
        row(2, nik=nik_of(1), name="ORANG KETIGA", programmes=["SEMBAKO"], source_ref="12"),
    )
    assert set(Claim.objects.values_list("value", "source_ref")) == {
        ("ORANG LAIN", "11"),
        ("ORANG KETIGA", "12"),
    }


def test_a_correction_beside_a_new_row_of_one_person_is_carried_out():
    write("1", row(1))
    write("2", row(1), row(2, nik=nik_of(1), kind="correction", name="WARGA SATU"))
    assert Person.objects.get().name == "WARGA SATU"
    assert claimed() == {("name", "WARGA 1")}


def test_who_is_removed_in_the_same_decree_gets_no_claims():
    write("1", row(1), row(2))
    write("2", row(1, kind="removal"), row(3, nik=nik_of(1), **OTHER))
    assert claimed() == set()


def test_a_load_of_the_register_itself_overwrites_and_says_so():
    write("1", row(1))
    write("2", row(1, name="WARGA SATU", village_id=B), overwrites=True)
    person = Person.objects.get()
    assert (person.name, person.village_id) == ("WARGA SATU", B)
    assert set(Claim.objects.values_list("field", "was_held")) == {
        ("name", True),
        ("village", True),
    }


def test_the_register_distinguishes_claims_from_values_that_lost():
    write("1", row(1))
    write("2", row(1, name="ORANG LAIN"))
    write("3", row(1, kind="correction", name="WARGA SATU"))
    person = Person.objects.get()
    assert [one.value for one in reading.claims(person)] == ["WARGA 1"]
    assert [one.value for one in reading.untaken(person)] == ["ORANG LAIN"]
