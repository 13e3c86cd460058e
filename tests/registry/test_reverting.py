"""A wrong Change is taken back: the register is as before it, and what came later stays."""

from __future__ import annotations

from datetime import date

import pytest

from apps.demo.country import CODES
from apps.registry.models import Change, Enrolment, Family, Person
from apps.registry.reverting import change_reversal
from tests.conftest import as_role
from tests.proposals.factory import nik_of
from tests.registry.rows import change, row, write
from tests.registry.test_merging import snapshot

pytestmark = pytest.mark.django_db

WRONG = "88/HUK/2026"


@pytest.fixture(autouse=True)
def _as_owner():
    with as_role("owner"):
        yield


def revert(wrong):
    """As the worker; returns the counts that are not zero, and the differences."""
    found = []
    with as_role("worker"):
        foreseen = change_reversal.count_differences(wrong)
        made = change(wrong.reference, "proposals", Change.Kind.ANNULMENT)
        counts = change_reversal.revert(change=made, wrong=wrong, listing=found.extend)
    told = {}
    for one in found:
        told[f"{one.what}_{one.act}"] = told.get(f"{one.what}_{one.act}", 0) + 1
    # of what was shown nothing is missing; who is tied to somebody who stays is known only now
    assert all(told.get(name, 0) >= count for name, count in foreseen.items() if "stay" in name)
    assert sum(told.values()) == sum(foreseen.values())
    return {name: count for name, count in counts.items() if count}, found


def before():
    """Two families with an enrolment each, and how the register is."""
    write("load", row(1), row(2, kk=nik_of(800), programmes=["SEMBAKO"]))
    return snapshot()


def of_former(now, then):
    """The rows of today that were there before."""
    return {
        part: [one for one in now[part] if one["id"] in {former["id"] for former in then[part]}]
        for part in ("persons", "families", "enrolments")
    }


def test_everything_a_decree_wrote_is_as_before_and_what_it_brought_has_ended():
    then = before()
    wrong, _counts = write(
        WRONG,
        row(1, kind="correction", name="NAMA SALAH", occupation="", programmes=[]),
        row(2, kind="removal", reason="deceased", reason_date=date(2026, 11, 1), programmes=[]),
        row(3, kk=nik_of(900), programmes=["PKH"]),
        row(4, kk=nik_of(700), programmes=["PKH"]),
    )
    assert snapshot() != then
    counts, _found = revert(wrong)
    now = snapshot()
    for part, rows in of_former(now, then).items():
        assert rows == then[part], part
    assert {pk: now["origins"][pk] for pk in then["origins"]} == then["origins"]
    assert now["claims"] == then["claims"]
    new = Person.objects.filter(nik__in=[nik_of(3), nik_of(4)])
    assert set(new.values_list("status", flat=True)) == {"removed"}
    assert not Family.objects.get(kk=nik_of(900)).is_active
    ended = Enrolment.objects.filter(person__in=new)
    assert [one.active_until == one.active_from for one in ended] == [True, True]
    assert counts["persons_removed"] == 2
    assert "persons_left" not in counts


def test_a_person_whom_another_decree_changed_since_stays_and_is_named():
    before()
    wrong, _counts = write(
        WRONG,
        row(1, kind="correction", name="NAMA SALAH", programmes=[]),
        row(2, kind="correction", name="JUGA SALAH", programmes=[]),
    )
    write("later", row(1, kind="correction", name="NAMA SALAH", occupation="GURU", programmes=[]))
    counts, found = revert(wrong)
    assert counts["persons_left"] == 1
    first, second = Person.objects.get(nik=nik_of(1)), Person.objects.get(nik=nik_of(2))
    assert (first.name, first.occupation) == ("NAMA SALAH", "GURU")
    assert second.name == "WARGA 2"
    stays = [one for one in found if one.act == "stay" and one.what == "person"]
    assert [(one.pk, one.obstacle) for one in stays] == [(first.pk, "changed")]


def test_who_is_tied_by_a_family_to_a_person_who_stays_stays_too():
    write("load", row(1), row(2), row(3, kk=nik_of(800)))
    moves = {"kind": "correction", "village_id": CODES["B"], "move_confirmed": True}
    wrong, _counts = write(WRONG, row(1, **moves, programmes=[]), row(2, **moves, programmes=[]))
    write("later", row(1, kind="correction", occupation="GURU", village_id=CODES["B"]))
    counts, found = revert(wrong)
    assert {one.obstacle for one in found if one.what == "person"} == {"changed", "family"}
    assert counts["persons_left"] == 2
    living = Person.objects.filter(nik__in=[nik_of(1), nik_of(2)])
    assert {one.village_id == one.family.village_id for one in living} == {True}


def test_a_removed_person_who_was_registered_anew_since_is_not_registered_twice():
    before()
    wrong, _counts = write(WRONG, row(2, kind="removal", reason="moved", programmes=[]))
    write("later", row(2, kk=nik_of(950)))
    counts, found = revert(wrong)
    assert [one.obstacle for one in found if one.what == "person"] == ["nik"]
    assert counts["persons_left"] == 1
    assert Person.objects.filter(nik=nik_of(2), status="active").count() == 1


def test_an_enrolment_of_the_decree_ends_even_where_the_person_stays():
    before()
    wrong, _counts = write(WRONG, row(1, programmes=["SEMBAKO"]))
    write("later", row(1, kind="correction", occupation="GURU", programmes=[]))
    counts, _found = revert(wrong)
    assert counts["enrolments_ended"] == 1
    held = Enrolment.objects.filter(person__nik=nik_of(1), active_until=None)
    assert list(held.values_list("programme", flat=True)) == ["PKH"]


def test_a_second_time_changes_nothing():
    before()
    wrong, _counts = write(WRONG, row(3, kk=nik_of(900)))
    revert(wrong)
    then = snapshot()
    with as_role("worker"):
        made = change(wrong.reference, "proposals", Change.Kind.ANNULMENT)
        change_reversal.revert(change=made, wrong=wrong)
    assert snapshot() == then


def test_every_state_that_is_brought_back_has_the_annulment_in_its_history():
    before()
    wrong, _counts = write(WRONG, row(1, kind="correction", name="NAMA SALAH", programmes=[]))
    revert(wrong)
    person = Person.objects.get(nik=nik_of(1))
    assert person.change.kind == Change.Kind.ANNULMENT
    assert [one.name for one in person.events.order_by("pgh_id")] == [
        "WARGA 1",
        "NAMA SALAH",
        "WARGA 1",
    ]
