"""Merging duplicates: what was shown, by somebody who may, not what people or Dukcapil deny."""

import pytest
from django.utils import timezone

from apps.audit.models import Entry
from apps.common.errors import DomainError, text
from apps.jobs import work
from apps.jobs.models import Job
from apps.reconciliation.duplicates import (
    connected_components,
    deduplication,
    person_groups,
)
from apps.reconciliation.duplicates.person_groups import GroupFilter
from apps.reconciliation.models import Source
from apps.reconciliation.states import JudgementOutcome, PairStatus
from apps.registry import merge_preview
from apps.registry.models import Change, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.sample_duplicates import confirmed, joined, judged, record, source
from tests.registry.people import a_change, a_person
from tests.registry.rows import row, write

pytestmark = pytest.mark.django_db
REASON = "Kartu keluarga dilihat"


@pytest.fixture
def steward(person):
    return person("steward", name="penata")


@pytest.fixture
def colleague(person):
    return person("steward", name="rekan")


@pytest.fixture(autouse=True)
def _as_worker():
    with as_role("owner"):
        yield


def people(count=2, **fields):
    return [a_person(name=f"ORANG {number}", **fields) for number in range(1, count + 1)]


def ask(by, chosen=None, keep=None, reason="", seen=""):
    chosen = chosen or GroupFilter()
    shown = person_groups.preview(chosen, by, keep_id=keep, is_argued=bool(reason))
    return deduplication.enqueue_merge(
        chosen=chosen,
        by=by,
        seen=seen or shown.seen,
        expected=len(shown.pairs),
        keep_id=keep,
        reason=reason,
    )


def worked(job):
    """The job as the worker does it; returns it as it ended."""
    with as_role("worker"):
        do(job)
    job.refresh_from_db()
    return job


def statuses(*persons):
    return list(
        Person.objects.filter(pk__in=[p.pk for p in persons])
        .order_by("pk")
        .values_list("status", flat=True)
    )


def test_pairs_make_groups_in_any_order():
    assert connected_components.groups([(5, 4), (1, 2), (2, 5), (7, 9)]) == [[1, 2, 4, 5], [7, 9]]
    chain = [(number, number + 1) for number in range(50_000, 0, -1)]
    assert [len(group) for group in connected_components.groups(chain)] == [50_001]


def test_linked_and_decided_pairs_are_groups_and_others_are_not(steward):
    one, two, three, four, five = people(5)
    joined(one, two)
    joined(three, four, PairStatus.SAME)
    joined(four, five, PairStatus.REVIEW)
    found = person_groups.groups(GroupFilter(), steward)
    assert [(group.ids, group.status) for group in found] == [
        ([one.pk, two.pk], "linked"),
        ([three.pk, four.pk], "same"),
    ]
    assert [g.ids for g in person_groups.groups(GroupFilter(status="same"), steward)] == [
        [three.pk, four.pk]
    ]
    assert [g.ids for g in person_groups.groups(GroupFilter(person=two.pk), steward)] == [
        [one.pk, two.pk]
    ]
    assert person_groups.groups(GroupFilter(region="98"), steward) == []
    assert len(person_groups.groups(GroupFilter(region="97.01"), steward)) == 2


def test_a_person_who_is_removed_or_merged_is_in_no_group(steward):
    one, two, three = people(3)
    joined(one, two)
    joined(two, three)
    Person.objects.filter(pk=two.pk).update(status="removed", change=a_change())
    assert person_groups.groups(GroupFilter(), steward) == []


def test_a_merge_is_done_as_shown_and_is_on_record_with_both(steward):
    keep, drop = people(programme="PKH")
    joined(keep, drop)
    shown = person_groups.preview(GroupFilter(), steward)
    assert (shown.pairs, shown.left_out, shown.breaker) == ([(keep.pk, drop.pk)], {}, None)
    job = worked(ask(steward))
    assert job.status == Job.Status.DONE
    assert {name: job.result[name] for name in shown.moves if name in job.result}.items() <= (
        shown.moves.items()
    )
    change = Change.objects.get(pk=job.result["change"])
    assert (change.kind, change.actor, change.reference) == (
        "resolution",
        f"user:{steward.pk}",
        f"merge/{job.pk}",
    )
    assert statuses(keep, drop) == ["active", "merged"]
    noted = Entry.objects.filter(action="change", subject__startswith="registry.Person")
    assert {(e.subject, e.details["role"], e.actor_name) for e in noted} == {
        (f"registry.Person:{keep.pk}", "kept", str(steward)),
        (f"registry.Person:{drop.pk}", "dropped", str(steward)),
    }


def test_the_steward_may_turn_a_group_round(steward):
    keep, drop = people()
    joined(keep, drop)
    worked(ask(steward, GroupFilter(person=keep.pk), keep=drop.pk))
    assert statuses(keep, drop) == ["merged", "active"]


def test_nothing_is_merged_that_was_not_shown(steward):
    keep, drop, other = people(3)
    joined(keep, drop)
    seen = person_groups.preview(GroupFilter(), steward).seen
    joined(other, a_person())
    with pytest.raises(DomainError, match="^shown_changed$"):
        deduplication.enqueue_merge(chosen=GroupFilter(), by=steward, seen=seen, expected=1)
    assert statuses(keep, drop) == ["active", "active"]


def test_a_decree_between_asking_and_doing_stops_the_merge_in_words(steward):
    keep, drop = people()
    joined(keep, drop)
    job = ask(steward)
    write("decree", row(1, nik=drop.nik, kk=drop.family.kk, programmes=["BST"]))
    job = worked(job)
    assert (job.status, job.message_code) == (Job.Status.FAILED, "shown_changed")
    assert "1" in text(job.message_code, job.message_params)
    assert statuses(keep, drop) == ["active", "active"]


def test_of_two_who_merge_the_same_persons_the_second_is_told(steward, colleague):
    keep, drop = people()
    joined(keep, drop)
    first, second = ask(steward), ask(colleague)
    assert worked(first).status == Job.Status.DONE
    assert worked(second).message_code == "shown_changed"
    assert Change.objects.filter(reference__startswith="merge/").count() == 1


def test_a_killed_worker_leaves_nothing_and_the_next_one_does_it_once(steward, monkeypatch):
    keep, drop = people(programme="PKH")
    joined(keep, drop)
    job = ask(steward)

    def killed(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(work.Lease, "finish", killed)
        worked(job)
    assert statuses(keep, drop) == ["active", "active"]
    assert worked(job).status == Job.Status.DONE
    assert worked(job).attempt == 2  # nothing more is done
    assert Change.objects.filter(reference=f"merge/{job.pk}").count() == 1


def test_what_people_decided_is_not_merged_for_any_reason(steward, colleague):
    one, two, three = people(3)
    joined(one, two)
    joined(two, three)
    judged(joined(one, three, PairStatus.NOT_SAME), colleague, JudgementOutcome.NOT_SAME)
    assert person_groups.preview(GroupFilter(), steward).left_out == {"not_same": 1}
    for reason in ("", REASON):
        with pytest.raises(DomainError, match="^nothing_to_merge$"):
            ask(steward, GroupFilter(person=one.pk), reason=reason)


def test_an_answer_that_was_taken_back_holds_nothing_up(steward, colleague):
    one, two = people()
    said = judged(joined(one, two), colleague, JudgementOutcome.NOT_SAME)
    said.undone_at = timezone.now()
    said.save()
    assert person_groups.preview(GroupFilter(), steward).left_out == {}


def test_two_numbers_that_the_civil_register_confirms_are_two_persons(steward):
    one, two, three = people(3)
    joined(one, two)
    confirmed(one)
    assert person_groups.preview(GroupFilter(), steward).left_out == {}
    confirmed(two)
    joined(three, a_person())
    shown = person_groups.preview(GroupFilter(), steward)
    assert (shown.left_out, len(shown.pairs)) == ({"two_niks": 1}, 1)
    for reason in ("", REASON):  # no reason lifts it, for one group neither
        with pytest.raises(DomainError, match="^two_niks$") as refused:
            ask(steward, GroupFilter(person=one.pk), reason=reason)
    assert "dua orang yang hidup" in refused.value.text
    worked(ask(steward, GroupFilter(), reason=REASON))
    assert statuses(one, two) == ["active", "active"]


def test_a_confirmation_that_comes_after_the_word_to_merge_stops_it(steward):
    one, two = people(2)
    joined(one, two)
    confirmed(one)
    job = ask(steward, GroupFilter(person=one.pk), reason=REASON)
    confirmed(two)
    assert worked(job).message_code == "shown_changed"
    assert statuses(one, two) == ["active", "active"]


def test_a_civil_delivery_confirms_without_a_run_and_the_dead_are_not_confirmed(steward):
    one, two = people(2)
    joined(one, two)
    civil = source("DUKCAPIL", Source.Kind.CIVIL)
    theirs = [
        record(civil, f"of-{p.pk}", nik=p.nik, name=p.name, birth_date=p.birth_date)
        for p in (one, two)
    ]
    assert person_groups.preview(GroupFilter(), steward).left_out == {"two_niks": 1}
    theirs[1].is_deceased = True
    theirs[1].save()
    assert person_groups.preview(GroupFilter(), steward).left_out == {}


def test_who_called_them_the_same_does_not_merge_them_alone(steward, colleague):
    source(needs_two=True)
    one, two = people()
    pair = joined(one, two, PairStatus.SAME)
    judged(pair, steward)
    assert person_groups.preview(GroupFilter(), steward).left_out == {"own_judgement": 1}
    assert person_groups.preview(GroupFilter(), colleague).left_out == {}
    with pytest.raises(DomainError, match="^nothing_to_merge$"):
        ask(steward, GroupFilter(person=one.pk), reason=REASON)
    judged(pair, colleague)
    assert person_groups.preview(GroupFilter(), steward).left_out == {}
    source(needs_two=False)


def test_a_large_group_is_merged_with_a_reason_only(steward):
    first, *others = people(11)
    for other in others:
        joined(first, other)
    with pytest.raises(DomainError, match="breaker_group") as refused:
        ask(steward)
    assert refused.value.params == {"size": 11, "most": 10}
    job = worked(ask(steward, reason=REASON))
    assert (job.status, job.result["persons_merged"]) == (Job.Status.DONE, 10)


def test_a_large_share_of_the_register_is_merged_with_a_reason_only(steward):
    persons = people(52)
    for number in range(26):
        joined(persons[2 * number], persons[2 * number + 1])
    with pytest.raises(DomainError, match="^breaker_share$") as refused:
        ask(steward)
    assert refused.value.params == {"pairs": 26, "persons": 52, "percent": 50.0, "most": 2}
    assert worked(ask(steward, reason=REASON)).status == Job.Status.DONE


def test_undoing_needs_a_reason_and_is_on_record(steward):
    keep, drop = people()
    joined(keep, drop)
    merged = Change.objects.get(pk=worked(ask(steward)).result["change"])
    with pytest.raises(DomainError, match="^merge_reason_missing$"):
        deduplication.enqueue_unmerge(merged=merged, keeps=None, by=steward, reason=" ")
    asked = deduplication.enqueue_unmerge(merged=merged, keeps=[keep.pk], by=steward, reason=REASON)
    job = worked(asked)
    assert (job.status, job.result["persons_restored"]) == (Job.Status.DONE, 1)
    assert statuses(keep, drop) == ["active", "active"]
    noted = Entry.objects.filter(details__step="unmerge")
    assert {entry.subject for entry in noted} == {
        f"registry.Person:{keep.pk}",
        f"registry.Person:{drop.pk}",
    }
    again = deduplication.enqueue_unmerge(merged=merged, keeps=None, by=steward, reason=REASON)
    assert worked(again).message_code == "nothing_to_undo"


def test_what_was_undone_is_not_merged_again_among_many(steward):
    keep, drop = people()
    joined(keep, drop)
    merged = Change.objects.get(pk=worked(ask(steward)).result["change"])
    worked(deduplication.enqueue_unmerge(merged=merged, keeps=None, by=steward, reason=REASON))
    assert person_groups.preview(GroupFilter(), steward).left_out == {"undone": 1}
    job = worked(ask(steward, GroupFilter(person=drop.pk), reason=REASON))
    assert job.status == Job.Status.DONE
    assert merge_preview.merged_by(Change.objects.get(pk=job.result["change"])) == [
        (drop.pk, keep.pk)
    ]


@pytest.mark.parametrize("role", ["pusdatin_verifier", "administrator", "verifier"])
def test_only_stewards_merge_and_undo(person, steward, role):
    keep, drop = people()
    joined(keep, drop)
    job = ask(steward)
    other = person(role)
    with pytest.raises(DomainError, match="^merge_not_yours$"):
        deduplication.enqueue_merge(
            chosen=GroupFilter(), by=other, seen=job.parameters["seen"], expected=1
        )
    merged = Change.objects.get(pk=worked(job).result["change"])
    with pytest.raises(DomainError, match="^merge_not_yours$"):
        deduplication.enqueue_unmerge(merged=merged, keeps=None, by=other, reason=REASON)


def test_a_steward_who_is_none_any_more_merges_nothing(steward):
    keep, drop = people()
    joined(keep, drop)
    job = ask(steward)
    steward.grants.update(active_until=timezone.now())
    assert worked(job).message_code == "merge_not_yours"
    assert statuses(keep, drop) == ["active", "active"]


def test_no_job_carries_a_number_or_a_name(steward):
    keep, drop = people()
    joined(keep, drop)
    job = worked(ask(steward))
    said = f"{job.parameters} {job.result} {job.message_params}"
    assert not any(text in said for text in (keep.nik, drop.nik, keep.name, drop.family.kk))
