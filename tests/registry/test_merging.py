"""Two rows of one person become one with both histories, and apart again with nothing lost."""

import json
from datetime import date

import pytest
from django.db import connection

from apps.common.locks import Lock
from apps.demo.country import CODES
from apps.registry import changes, merge_preview, merging, reading, survivor_rule
from apps.registry.models import Change, Claim, Enrolment, Family, Person
from tests.conftest import as_role
from tests.proposals.factory import nik_of
from tests.registry.rows import change, row, write

pytestmark = pytest.mark.django_db

LATER = date(2026, 12, 1)


@pytest.fixture(autouse=True)
def _as_owner():
    with as_role("owner"):
        yield


def pair(*, one=None, other=None):
    """Two active persons in two families, with their NIKs 1 and 2."""
    write("first", row(1, **(one or {})), source="DTKS")
    write("second", row(2, **({"kk": nik_of(800)} | (other or {}))), source="BPS")
    return Person.objects.get(source_ref="1"), Person.objects.get(source_ref="2")


def merge(*pairs, reference="merge/1"):
    """As the worker, under a Change of its own; returns it and what was done."""
    with as_role("worker"):
        made = change(reference, "merge", Change.Kind.RESOLUTION)
        ids = [(keep.pk, drop.pk) for keep, drop in pairs]
        foreseen = {} if made.rows else merge_preview.preview_merge(ids)
        counts = merging.merge(change=made, pairs=ids, day=LATER)
    known = {name: count for name, count in foreseen.items() if name in counts}
    assert known.items() <= counts.items()  # what was shown is what was done
    return made, {name: count for name, count in counts.items() if count}


def unmerge(merged, *keeps, reference="unmerge/1"):
    with as_role("worker"):
        made = change(reference, "unmerge", Change.Kind.RESOLUTION)
        counts = merging.unmerge(
            change=made, merged_change=merged, keeps=[keep.pk for keep in keeps] or None
        )
    return made, {name: count for name, count in counts.items() if count}


def snapshot():
    """Every row of the register as it stands; of a field's origin, whence it comes."""

    def rows(model, *leave):
        leave = {"change_id", *leave}
        return [
            {key: value for key, value in one.items() if key not in leave}
            for one in model.objects.order_by("pk").values()
        ]

    return {
        "families": rows(Family),
        "persons": rows(Person, "origins"),
        "origins": {one.pk: sources(one) for one in Person.objects.all()},
        "enrolments": rows(Enrolment),
        "claims": [(c.person_id, c.field, c.value) for c in Claim.objects.filter(undone=None)],
    }


def sources(person):
    found = reading.origins(person)
    filled = [key for key in ("nik", "name", "birth_date", "occupation") if getattr(person, key)]
    return {key: found.get(key, person.change).source for key in filled}


def histories():
    found = []
    for table in ("family", "person", "enrolment"):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(e) FROM registry_{table}event e ORDER BY pgh_id")
            found.append([json.loads(state) for (state,) in cursor.fetchall()])
    return found


def test_the_dropped_person_keeps_row_and_nik_and_names_the_kept_one():
    keep, drop = pair(other={"programmes": ["SEMBAKO"]})
    made, counts = merge((keep, drop))
    assert counts == {
        "claims": 3,
        "persons_merged": 1,
        "enrolments_moved": 1,
        "families_ended": 1,
    }
    drop.refresh_from_db()
    assert (drop.status, drop.merged_into, drop.nik) == ("merged", keep, nik_of(2))
    assert (drop.change, drop.name) == (made, "WARGA 2")
    assert sources(drop)["name"] == "BPS"
    assert Family.objects.get(pk=drop.family_id).is_active is False
    assert set(keep.enrolments.values_list("programme", "active_until")) == {
        ("PKH", None),
        ("SEMBAKO", None),
    }


def test_an_enrolment_that_both_have_closes_with_the_day():
    keep, drop = pair()
    _made, counts = merge((keep, drop))
    assert (counts["enrolments_closed"], "enrolments_moved" in counts) == (1, False)
    assert drop.enrolments.get().active_until == LATER
    assert keep.enrolments.get().active_until is None


def test_an_enrolment_that_moves_goes_to_the_village_of_the_kept_person():
    keep, drop = pair(other={"programmes": ["BST"], "village_id": CODES["B"]})
    merge((keep, drop))
    assert Enrolment.objects.get(programme="BST").village_id == CODES["A"]


def test_values_that_differ_are_claims_with_the_source_they_came_from():
    keep, drop = pair(other={"occupation": "NELAYAN", "village_id": CODES["B"]})
    made, _counts = merge((keep, drop))
    assert set(keep.claims.values_list("field", "value", "source", "village", "change")) == {
        ("nik", nik_of(2), "BPS", CODES["A"], made.pk),
        ("kk", nik_of(800), "BPS", CODES["A"], made.pk),
        ("village", CODES["B"], "BPS", CODES["A"], made.pk),
        ("name", "WARGA 2", "BPS", CODES["A"], made.pk),
        ("occupation", "NELAYAN", "BPS", CODES["A"], made.pk),
    }
    keep.refresh_from_db()
    assert (keep.name, keep.occupation, keep.nik) == ("WARGA 1", "PETANI", nik_of(1))


def test_only_gaps_are_filled_and_their_origin_is_the_merge():
    gaps = {"nik": None, "birth_date": None, "occupation": "", "ppks": []}
    keep, drop = pair(one=gaps, other={"ppks": [3, 9]})
    made, counts = merge((keep, drop))
    keep.refresh_from_db()
    assert counts["persons_filled"] == 1
    assert (keep.nik, keep.birth_date, keep.ppks) == (nik_of(2), date(1990, 1, 2), [3, 9])
    assert (keep.name, keep.change) == ("WARGA 1", made)
    assert sources(keep) == {
        "nik": "merge",
        "name": "DTKS",
        "birth_date": "merge",
        "occupation": "merge",
    }


def test_a_place_in_another_family_is_not_taken_over():
    keep, drop = pair(one={"relation": ""}, other={"relation": "ISTRI"})
    merge((keep, drop))
    keep.refresh_from_db()
    assert (keep.relation, keep.claims.get(field="relation").value) == ("", "ISTRI")


def test_of_several_dropped_ones_the_first_fills_and_the_others_are_claims():
    write("1", row(1, occupation=""), row(2, occupation="NELAYAN", programmes=["BST"]))
    write("2", row(3, occupation="PEDAGANG", programmes=["BST"]))
    one, two, three = Person.objects.order_by("nik")
    _made, counts = merge((one, two), (one, three))
    one.refresh_from_db()
    assert (one.occupation, one.claims.get(field="occupation").value) == ("NELAYAN", "PEDAGANG")
    assert (counts["enrolments_moved"], counts["enrolments_closed"]) == (1, 1)


def test_a_family_with_other_members_stays():
    keep, drop = pair()
    write("third", row(3, kk=nik_of(800)))
    _made, counts = merge((keep, drop))
    assert "families_ended" not in counts


def test_every_row_that_a_merge_wrote_has_its_event_and_carries_its_change():
    keep, drop = pair(one={"occupation": ""}, other={"programmes": ["BST"]})
    before = histories()
    made, _counts = merge((keep, drop))
    for old, new in zip(before, histories(), strict=True):
        assert new[: len(old)] == old  # nothing of the past has changed
        assert {event["change_id"] for event in new[len(old) :]} == {made.pk}
    assert [len(new) - len(old) for old, new in zip(before, histories(), strict=True)] == [1, 2, 1]


def test_the_same_merge_again_under_its_change_writes_nothing():
    keep, drop = pair(other={"programmes": ["BST"]})
    merge((keep, drop))
    before = snapshot(), histories()
    assert merge((keep, drop))[1] == {}
    assert (snapshot(), histories()) == before


def test_a_merge_that_is_undone_leaves_every_row_as_it_was():
    gaps = {"nik": None, "birth_date": None, "occupation": "", "ppks": []}
    keep, drop = pair(one=gaps, other={"programmes": ["PKH", "BST"], "ppks": [4]})
    before, past = snapshot(), histories()
    made, _counts = merge((keep, drop))
    assert snapshot() != before
    back, counts = unmerge(made)
    assert counts == {
        "persons_emptied": 1,
        "families_reopened": 1,
        "persons_restored": 1,
        "enrolments_restored": 2,
        "claims_undone": 2,
    }
    assert snapshot() == before
    for old, new in zip(past, histories(), strict=True):
        assert new[: len(old)] == old
        assert {event["change_id"] for event in new[len(old) :]} == {made.pk, back.pk}


def test_undone_twice_is_undone_once():
    keep, drop = pair()
    made, _counts = merge((keep, drop))
    unmerge(made)
    before = histories()
    assert unmerge(made)[1] == {}
    assert histories() == before
    with pytest.raises(merging.NothingToUndo):
        unmerge(made, reference="unmerge/2")


def test_one_of_many_merges_of_a_change_is_undone_alone():
    write("1", row(1), row(2, programmes=["BST"]), row(3), row(4, programmes=["BST"]))
    one, two, three, four = Person.objects.order_by("nik")
    made, _counts = merge((one, two), (three, four))
    unmerge(made, three)
    assert list(Person.objects.order_by("nik").values_list("status", flat=True)) == [
        "active",
        "merged",
        "active",
        "active",
    ]
    assert (one.enrolments.count(), four.enrolments.get().programme_id) == (2, "BST")
    unmerge(made, reference="unmerge/2")
    assert not Person.objects.exclude(status="active").exists()


def test_two_of_one_family_come_back_one_after_the_other():
    write("1", row(1), row(2))
    write("2", row(3, kk=nik_of(800)), row(4, kk=nik_of(800)))
    one, two, three, four = Person.objects.order_by("nik")
    before = snapshot()
    made, counts = merge((one, three), (two, four))
    assert counts["families_ended"] == 1
    unmerge(made, one)
    unmerge(made, two, reference="unmerge/2")
    assert snapshot() == before


def test_changes_made_since_a_merge_stay_and_are_reported():
    gaps = {"occupation": "", "mother_name": ""}
    keep, drop = pair(one=gaps, other={"programmes": ["BST"]})
    made, _counts = merge((keep, drop))
    write("decree", row(1, occupation="GURU", mother_name="IBU", kind="correction"))
    moved = keep.enrolments.get(programme="BST")
    moved.active_until, moved.change = LATER, change("closed")
    moved.save()
    found = [one[1:] for one in merge_preview.obstacles(made, [keep.pk])]
    assert found == [
        (keep.pk, "field_changed", "occupation", False),
        (drop.pk, "enrolment_changed", "BST", False),
    ]
    unmerge(made)
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.occupation, keep.mother_name, drop.status) == ("GURU", "", "active")
    assert moved.person_id == keep.pk


def test_a_number_that_another_carries_since_blocks_the_undoing():
    keep, drop = pair()
    made, _counts = merge((keep, drop))
    write("decree", row(2, kk=nik_of(800)))
    blocking = merge_preview.obstacles(made, [keep.pk])
    assert [(one.person_id, one.code) for one in blocking] == [
        (drop.pk, "kk_taken"),
        (drop.pk, "nik_taken"),
    ]
    before = snapshot()
    with pytest.raises(merging.NothingToUndo) as refused:
        unmerge(made)
    assert refused.value.obstacles == blocking
    assert snapshot() == before


def test_a_person_comes_back_into_the_village_to_which_the_family_has_moved():
    keep, drop = pair(other={"programmes": ["BST"]})
    write("third", row(3, kk=nik_of(800)))
    made, _counts = merge((keep, drop))
    write("moved", row(3, kk=nik_of(800), village_id=CODES["B"], move_confirmed=True))
    unmerge(made)
    drop.refresh_from_db()
    assert (drop.village_id, drop.enrolments.get().village_id) == (CODES["B"], CODES["B"])


def test_those_merged_earlier_follow_and_come_back():
    write("1", row(1), row(2), row(3))
    one, two, three = Person.objects.order_by("nik")
    first, _counts = merge((two, three))
    second, counts = merge((one, two), reference="merge/2")
    assert counts["persons_followed"] == 1
    assert set(one.merged.values_list("pk", flat=True)) == {two.pk, three.pk}
    (blocking,) = merge_preview.obstacles(first, [two.pk])
    assert (blocking.code, blocking.detail) == ("merged_on", str(one.pk))
    unmerge(second)
    assert list(two.merged.values_list("pk", flat=True)) == [three.pk]
    unmerge(first, reference="unmerge/2")
    assert not Person.objects.exclude(status="active").exists()


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("one", "one")], "itself"),
        ([("one", "two"), ("three", "two")], "twice"),
        ([("one", "two"), ("two", "three")], "twice"),
        ([("one", "gone")], "removed"),
        ([("one", "merged")], "merged"),
        ([("merged", "one")], "merged"),
    ],
)
def test_persons_that_cannot_be_merged_are_refused_before_anything_is_written(pairs, code):
    write("1", *(row(number) for number in range(1, 6)))
    names = ("one", "two", "three", "gone", "merged")
    persons = dict(zip(names, Person.objects.order_by("nik"), strict=True))
    write("2", row(4, kind="removal"))
    merge((persons["two"], persons["merged"]))
    before = snapshot()
    with pytest.raises(merging.NotMergeable) as refused:
        merge(*((persons[keep], persons[drop]) for keep, drop in pairs), reference="merge/2")
    assert {one.code for one in refused.value.refusals} == {code}
    assert snapshot() == before
    if code == "merged":
        assert refused.value.refusals[0].survivor_id == persons["two"].pk


def test_a_person_that_does_not_exist_is_refused():
    with pytest.raises(merging.NotMergeable, match="not_mergeable"):
        merge((Person(pk=1), Person(pk=2)))


def test_no_row_matches_a_merged_person():
    keep, drop = pair(other={"programmes": ["BST"]})
    merge((keep, drop))
    _made, counts = write("decree", row(2, name="LAIN", kk=nik_of(700)))
    assert counts["persons_new"] == 1
    drop.refresh_from_db()
    assert drop.name == "WARGA 2"


def test_a_decree_after_a_merge_waits_for_it_and_finds_the_kept_person():
    """Both take one lock, so that neither works on what the other has found and moved."""
    with connection.cursor() as cursor:
        changes.lock_register()
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE classid = %s AND pid = pg_backend_pid()",
            [Lock.REGISTER.value],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize(
    ("persons", "kept", "why"),
    [
        ([(1, False, 9), (2, True, 3)], 2, "nik"),
        ([(1, True, 3), (2, True, 9)], 2, "filled"),
        ([(2, False, 5), (1, False, 5)], 1, "older"),
    ],
)
def test_which_one_is_kept(persons, kept, why):
    first, other = survivor_rule.in_order(survivor_rule.Weighed(*one) for one in persons)
    assert (first.id, survivor_rule.why(first, other)) == (kept, why)


def test_persons_are_weighed_by_what_is_filled_in():
    keep, drop = pair(one={"occupation": "", "ppks": [1]}, other={"nik": None})
    weighed = merge_preview.load_evidence([keep.pk, drop.pk])
    assert (weighed[keep.pk].is_nik_sure, weighed[drop.pk].is_nik_sure) == (True, False)
    assert weighed[keep.pk].filled == weighed[drop.pk].filled + 1
    write("3", row(1, programmes=["BST"]))
    again = merge_preview.load_evidence([keep.pk, drop.pk])
    assert again[keep.pk].state != weighed[keep.pk].state
