"""The only writer of the register: what is new, mended, moved, removed; claims and history."""

from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.demo.country import CODES
from apps.registry.models import Claim, Enrolment, Family, Person
from tests.conftest import as_role
from tests.proposals.factory import nik_of
from tests.registry.rows import DAY, row, write

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_owner():
    """These tests look at everything; writing is done as the worker (`rows.write`)."""
    with as_role("owner"):
        yield


def events(table):
    """(label, object, change) of the history, in its order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT pgh_label, pgh_obj_id, change_id FROM registry_{table}event ORDER BY pgh_id"
        )
        return cursor.fetchall()


def test_new_persons_of_one_kk_are_one_family_enrolled_once_each():
    change, counts = write("1", row(1), row(2, programmes=["PKH", "SEMBAKO"]), row(3, kk=nik_of(9)))
    assert counts == {"families_new": 2, "persons_new": 3, "enrolments_opened": 4}
    assert change.rows == {**dict.fromkeys(change.rows, 0), **counts}
    first, second, other = Person.objects.order_by("nik")
    assert first.family == second.family != other.family
    assert (first.family.kk, first.family.village_id) == (nik_of(700), CODES["A"])
    assert first.family.location.coords == (110.005, -7.765)
    assert (first.source, first.source_ref, first.village_id) == ("DTKS", "1", CODES["A"])
    assert set(Enrolment.objects.values_list("active_from", "active_until")) == {(DAY, None)}


def test_a_person_named_by_several_rows_is_one_person_with_all_programmes():
    _change, counts = write("1", row(1), row(2, nik=nik_of(1), name="LAIN", programmes=["SEMBAKO"]))
    assert counts == {"families_new": 1, "persons_new": 1, "enrolments_opened": 2, "claims": 1}
    assert Person.objects.get().name == "WARGA 1"
    assert set(Claim.objects.values_list("value", "was_held")) == {("LAIN", False)}


def test_the_same_rows_again_change_nothing_under_their_own_or_another_change():
    write("1", row(1), row(2))
    before = [events(table) for table in ("family", "person", "enrolment")]
    assert write("1", row(1), row(2))[1] == {}
    assert write("2", row(1), row(2))[1] == {}
    assert [events(table) for table in ("family", "person", "enrolment")] == before


def test_a_correction_keeps_the_value_that_lost_with_its_source():
    first, _counts = write("1", row(1), source="DTKS")
    second, counts = write("2", row(1, kind="correction", name="WARGA SATU"), source="proposals")
    assert counts == {"persons_changed": 1, "claims": 1}
    person = Person.objects.get()
    assert (person.name, person.change) == ("WARGA SATU", second)
    claim = Claim.objects.get()
    assert (claim.field, claim.value, claim.source, claim.change) == (
        "name",
        "WARGA 1",
        "DTKS",
        second,
    )
    assert "name" not in person.origins
    assert person.origins["birth_place"] == first.pk


def test_an_origin_stays_with_its_field_through_later_changes():
    first, _counts = write("1", row(1), source="DTKS")
    mends = {"kind": "correction"}
    second, _counts = write("2", row(1, name="WARGA SATU", **mends), source="proposals")
    third, _counts = write(
        "3", row(1, name="WARGA SATU", occupation="NELAYAN", **mends), source="resolution"
    )
    write("4", row(1, name="WARGA 1", occupation="NELAYAN", **mends), source="resolution")
    person = Person.objects.get()
    assert (person.origins["sex"], person.origins["occupation"]) == (first.pk, third.pk)
    lost = Claim.objects.get(field="name", value="WARGA SATU")
    assert lost.source == "proposals"
    assert second.pk not in person.origins.values()


def test_empty_values_take_nothing_away():
    write("1", row(1, ppks=[1, 7]))
    empty = dict.fromkeys(
        ("birth_place", "sex", "mother_name", "relation", "occupation", "marital_status"), ""
    )
    nothing = {"birth_date": None, "address": "", "rt": "", "rw": "", "location": None}
    assert write("2", row(1, **empty, **nothing, ppks=[], location_verdict=""))[1] == {}
    person = Person.objects.get()
    assert (person.birth_date, person.ppks) == (date(1990, 1, 2), [1, 7])
    assert person.family.location is not None


def test_a_person_who_joins_another_family_leaves_a_claim_and_an_ended_family():
    write("1", row(1), row(2, kk=nik_of(800)))
    _change, counts = write("2", row(1, kk=nik_of(800), move_confirmed=True))
    assert counts == {"persons_changed": 1, "claims": 1, "families_ended": 1}
    assert set(Person.objects.values_list("family__kk", flat=True)) == {nik_of(800)}
    assert Family.objects.get(kk=nik_of(700)).is_active is False
    assert Claim.objects.get().field == "kk"


def test_a_family_that_moves_takes_all_its_members_and_their_enrolments_along():
    write("1", row(1), row(2), row(3))
    there = {"village_id": CODES["B"], "location": "SRID=4326;POINT(110 -7)"}
    moved, counts = write("2", row(1, **there, move_confirmed=True))
    assert counts == {
        "families_moved": 1,
        "families_changed": 1,
        "persons_changed": 3,
        "enrolments_moved": 3,
        "claims": 3,
    }
    for model in (Family, Person, Enrolment):
        assert set(model.objects.values_list("village", "change")) == {(CODES["B"], moved.pk)}
    assert set(Claim.objects.values_list("field", "value", "village")) == {
        ("village", CODES["A"], CODES["B"])
    }


def test_a_removal_ends_person_enrolments_and_an_emptied_family_but_keeps_the_rows():
    write("1", row(1, programmes=["PKH", "SEMBAKO"]), row(2, kk=nik_of(800)))
    change, counts = write("2", row(1, kind="removal"), row(77, kind="removal"))
    assert counts == {
        "persons_removed": 1,
        "persons_not_found": 1,
        "enrolments_closed": 2,
        "families_ended": 1,
    }
    person = Person.objects.get(nik=nik_of(1))
    assert (person.status, person.change) == ("removed", change)
    assert set(person.enrolments.values_list("active_until", flat=True)) == {DAY}
    assert Person.objects.get(nik=nik_of(2)).status == "active"


def test_a_removed_person_who_is_proposed_again_is_a_new_row():
    write("1", row(1))
    write("2", row(1, kind="removal"))
    assert write("3", row(1))[1]["persons_new"] == 1
    assert sorted(Person.objects.values_list("status", flat=True)) == ["active", "removed"]


def test_a_disputed_nik_matches_no_person():
    first, _counts = write("1", row(1))
    other, _counts = write("2", row(9, kk=nik_of(800)))
    Person.objects.filter(nik=nik_of(1)).update(is_nik_disputed=True, change=other)
    assert write("3", row(1))[1]["persons_new"] == 1


def test_persons_without_a_nik_are_found_by_their_number_at_the_source():
    write("1", row(1, nik=None), row(2, nik=None))
    assert write("1", row(1, nik=None), row(2, nik=None))[1] == {}
    assert write("2", row(1, nik=None), source="another")[1]["persons_new"] == 1


def test_a_second_part_of_a_change_leaves_what_the_first_part_wrote():
    write("1", row(1))
    second = row(2, nik=nik_of(1), village_id=CODES["B"], programmes=["BST"], move_confirmed=True)
    _change, counts = write("1", second)
    assert counts == {"claims": 2, "enrolments_opened": 1}
    assert Person.objects.get().village_id == CODES["A"]


def test_every_changed_row_has_exactly_one_event_with_its_change():
    first, _counts = write("1", row(1), row(2), row(3, kk=nik_of(800)))
    mended = row(1, name="SATU", kind="correction")
    second, _counts = write("2", mended, row(3, kk=nik_of(800), kind="removal"))
    one, two, three = Person.objects.order_by("nik").values_list("pk", flat=True)
    assert sorted(events("person")) == sorted(
        [("insert", pk, first.pk) for pk in (one, two, three)]
        + [("update", pk, second.pk) for pk in (one, three)]
    )
    assert [label for label, _pk, change in events("enrolment") if change == second.pk] == [
        "update"
    ]
    assert [label for label, _pk, change in events("family") if change == second.pk] == ["update"]


@pytest.mark.parametrize("table", ["family", "person", "enrolment"])
@pytest.mark.parametrize("role", ["worker", "owner"])
def test_no_row_changes_without_a_new_change(table, role):
    write("1", row(1))
    with (
        as_role(role),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE registry_{table} SET village_id = %s", [CODES["B"]])
    assert len(events(table)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_person SET name = 'X', change_id = change_id + 1",
        "DELETE FROM registry_person",
        "INSERT INTO registry_claim (person_id, village_id, field, value, source, change_id)"
        " SELECT id, village_id, 'name', '', '', change_id FROM registry_person",
        "UPDATE registry_personevent SET name = 'X'",
        "DELETE FROM registry_personevent",
        "UPDATE registry_change SET actor = 'user:2'",
    ],
)
def test_the_web_role_writes_nothing_in_the_register(statement, gate, person):
    write("1", row(1))
    gate(person("pusdatin_verifier"))
    with (
        as_role("web"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_personevent SET name = 'X'",
        "DELETE FROM registry_personevent",
        "DELETE FROM registry_person",
        "UPDATE registry_claim SET value = ''",
    ],
)
def test_the_worker_cannot_rewrite_history(statement):
    write("1", row(1))
    with (
        as_role("worker"),
        connection.cursor() as cursor,
        pytest.raises(DatabaseError),
        transaction.atomic(),
    ):
        cursor.execute(statement)


ROWS = st.lists(
    st.builds(
        row,
        st.integers(1, 6),
        kind=st.sampled_from(["new", "new", "correction", "removal"]),
        kk=st.integers(800, 802).map(nik_of),
        village_id=st.sampled_from([CODES["A"], CODES["B"], CODES["E"]]),
        name=st.sampled_from(["SATU", "DUA"]),
        programmes=st.sampled_from([["PKH"], ["SEMBAKO", "PKH"], []]),
        move_confirmed=st.booleans(),
    ),
    max_size=7,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(ROWS, min_size=1, max_size=4))
@pytest.mark.long
def test_any_sequence_of_changes_keeps_the_register_consistent(decrees):
    with transaction.atomic():
        for number, rows in enumerate(decrees):
            numbered = [one | {"row_number": n} for n, one in enumerate(rows, 1)]
            write(str(number), *numbered)
            assert write(str(number), *numbered)[1].keys() <= {"persons_not_found"}
            assert_whole()
        transaction.set_rollback(True)


def assert_whole():
    with connection.cursor() as cursor:
        for what, query in (
            ("a member in another village than the family",
             "SELECT 1 FROM registry_person p JOIN registry_family f ON f.id = p.family_id"
             " WHERE p.status = 'active' AND (p.village_id <> f.village_id OR NOT f.is_active)"),
            ("an open enrolment in another village, or of a removed person",
             "SELECT 1 FROM registry_enrolment e JOIN registry_person p ON p.id = e.person_id"
             " WHERE e.active_until IS NULL"
             " AND (p.status <> 'active' OR e.village_id <> p.village_id)"),
            ("an active family without members",
             "SELECT 1 FROM registry_family f WHERE is_active AND NOT EXISTS"
             " (SELECT FROM registry_person p WHERE p.family_id = f.id AND p.status = 'active')"),
            ("two events of one row under one change",
             "SELECT 1 FROM registry_personevent GROUP BY pgh_obj_id, change_id"
             " HAVING count(*) > 1"),
            ("a row whose last event is another",
             "SELECT 1 FROM registry_person p WHERE NOT EXISTS (SELECT FROM registry_personevent e"
             " WHERE e.pgh_obj_id = p.id AND e.change_id = p.change_id AND e.name = p.name"
             " AND e.status = p.status AND e.village_id = p.village_id)"),
        ):  # fmt: skip
            cursor.execute(query)
            assert cursor.fetchone() is None, what
