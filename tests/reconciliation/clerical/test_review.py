"""What people say about a pair: one or two of them, taken back, contradictory, kept over runs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.reconciliation.clerical import judgements, queue
from apps.reconciliation.linkage import clusters
from apps.reconciliation.models import Judgement, Record, RecordPair, Source
from apps.reconciliation.states import JudgementOutcome
from tests.conftest import as_role
from tests.reconciliation.pairs import Bench, a_bench, a_dataset, a_record, a_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def stewards(person):
    """Three people, for whom the second gate is open."""
    found = [person("steward", name=f"steward-{n}") for n in range(3)]
    open_gate(found[0])
    return found


@pytest.fixture
def bench(stewards) -> Bench:
    return a_bench()


def say(pair, outcome, by, **more):
    pair.refresh_from_db()
    return judgements.judge(
        pair=pair, outcome=JudgementOutcome(outcome), by=by, now=timezone.now(), **more
    )


def status(pair: RecordPair) -> str:
    return RecordPair.objects.get(pk=pair.pk).status


@pytest.mark.parametrize("outcome", ["same", "not_same", "unsure"])
def test_one_answer_settles_a_pair_of_ordinary_sources(bench, stewards, outcome):
    pair = bench.pair()
    done = say(pair, outcome, stewards[0])
    assert (status(pair), done.status) == (outcome, outcome)
    entry = Entry.objects.get(subject=f"reconciliation.RecordPair:{pair.pk}", action="decide")
    assert entry.details == {"outcome": outcome, "before": "review"}


def test_who_comes_second_is_told_who_was_faster_and_nothing_is_saved(bench, stewards):
    pair = bench.pair()
    say(pair, "same", stewards[0])
    with pytest.raises(DomainError, match="^already_judged$") as refused, transaction.atomic():
        say(pair, "not_same", stewards[1], seen="review")
    assert str(stewards[0]) in refused.value.text
    assert status(pair) == "same"
    assert Judgement.objects.count() == 1


def test_nobody_answers_twice(bench, stewards):
    with as_role("owner"):
        Source.objects.update(needs_two=True)
    pair = bench.pair()
    say(pair, "same", stewards[0])
    with pytest.raises(DomainError, match="^judged_by_you$"), transaction.atomic():
        say(pair, "same", stewards[0])
    assert status(pair) == "review"


@pytest.mark.parametrize("why", ["left source", "right source", "sample"])
def test_two_people_have_to_agree_where_a_source_or_the_sample_asks_for_it(bench, stewards, why):
    with as_role("owner"):
        code = {"left source": "PKH", "right source": "REGISTER"}.get(why, "")
        Source.objects.filter(code=code).update(needs_two=True)
    pair = bench.pair(is_sample=why == "sample")
    say(pair, "same", stewards[0])
    assert status(pair) == "review"
    say(pair, "same", stewards[1])
    assert status(pair) == "same"


def test_where_two_disagree_a_third_decides(bench, stewards):
    pair = bench.pair("linked", is_sample=True)
    say(pair, "same", stewards[0])
    assert status(pair) == "linked"
    say(pair, "not_same", stewards[1])
    assert status(pair) == "review"
    say(pair, "not_same", stewards[2])
    assert status(pair) == "not_same"


def test_a_settled_pair_that_somebody_sees_differently_waits_again(bench, stewards):
    pair = bench.pair()
    say(pair, "same", stewards[0])
    say(pair, "not_same", stewards[1], note="Other mother")
    assert status(pair) == "review"
    say(pair, "not_same", stewards[2])
    assert status(pair) == "not_same"


def test_an_answer_is_taken_back_within_ten_minutes_by_its_own_person(bench, stewards):
    pair = bench.pair()
    say(pair, "same", stewards[0])
    for by, later in ((stewards[1], 0), (stewards[0], 11)):
        with pytest.raises(DomainError, match="^judgement_undo_too_late$"), transaction.atomic():
            judgements.undo(pair=pair, by=by, now=timezone.now() + timedelta(minutes=later))
    assert status(pair) == "same"
    judgements.undo(pair=pair, by=stewards[0], now=timezone.now())
    assert status(pair) == "review"
    assert Judgement.objects.get().undone_at is not None
    say(pair, "not_same", stewards[0])
    assert status(pair) == "not_same"


def test_taking_back_one_of_two_equal_answers_unsettles_the_pair(bench, stewards):
    pair = bench.pair("linked", is_sample=True)
    say(pair, "same", stewards[0])
    say(pair, "same", stewards[1])
    judgements.undo(pair=pair, by=stewards[1], now=timezone.now())
    assert status(pair) == "linked"


def test_a_pair_that_a_run_ended_takes_no_answer(bench, stewards):
    pair = bench.pair()
    with as_role("owner"):
        RecordPair.objects.filter(pk=pair.pk).update(until=pair.run_id + 1)
    with pytest.raises(DomainError, match="^pair_ended$"):
        judgements.judge(
            pair=pair, outcome=JudgementOutcome.SAME, by=stewards[0], now=timezone.now()
        )


# --- runs ---


def found_anew(bench: Bench, pair: RecordPair, status: str = "review", **more) -> RecordPair:
    """The next delivery changes the left record; the next run finds the pair anew."""
    with as_role("owner"):
        delivery = a_dataset(bench.left, 2)
        Record.objects.filter(pk=pair.left_id).update(until=2)
        record = a_record(delivery, source_ref=pair.left.source_ref, name="BUDI SANTOSA")
        run = a_run(bench.pairing)
        RecordPair.objects.filter(pk=pair.pk).update(until=run.pk)
        return RecordPair.objects.create(
            pairing=bench.pairing,
            run=run,
            left=record,
            right=pair.right,
            status=status,
            weight=pair.weight,
            levels=pair.levels,
            rarity=pair.rarity,
            basis="weight",
            **more,
        )


def test_an_answer_is_never_asked_again_and_holds_in_the_next_run(bench, stewards):
    pair = bench.pair()
    say(pair, "not_same", stewards[0])
    again = found_anew(bench, pair, "linked")
    with as_role("worker"):
        assert clusters.apply_judgements(bench.pairing.pk) == 1
    assert Judgement.objects.get().pair == again
    assert status(again) == "not_same"
    assert queue.next_pair(bench.pairing, stewards[0]) is None
    with as_role("worker"):
        assert clusters.apply_judgements(bench.pairing.pk) == 0


def test_the_first_of_two_is_not_asked_again_after_a_run_and_the_sample_stays_blind(
    bench, stewards
):
    pair = bench.pair(is_sample=True)
    say(pair, "same", stewards[0])
    again = found_anew(bench, pair)
    with as_role("worker"):
        clusters.apply_judgements(bench.pairing.pk)
    again.refresh_from_db()
    assert (again.status, again.is_sample) == ("review", True)
    assert queue.next_pair(bench.pairing, stewards[0]) is None
    assert queue.next_pair(bench.pairing, stewards[1]) == again.pk
    say(again, "same", stewards[1])
    assert status(again) == "same"


def test_answers_that_were_taken_back_hold_in_no_run(bench, stewards):
    pair = bench.pair()
    say(pair, "same", stewards[0])
    judgements.undo(pair=pair, by=stewards[0], now=timezone.now())
    again = found_anew(bench, pair)
    with as_role("worker"):
        clusters.apply_judgements(bench.pairing.pk)
    assert status(again) == "review"


# --- groups ---


@pytest.fixture
def triangle(stewards):
    """Three records of one source and the pairs among them: A–B, B–C, A–C."""
    bench = a_bench("REGISTER", "REGISTER")
    with as_role("owner"):
        a, b, c = (a_record(bench.run.left, name=name) for name in ("ANI", "ANII", "ANNI"))
    return [bench.pair(left=one, right=other) for one, other in ((a, b), (b, c), (a, c))]


def test_answers_that_contradict_each_other_join_nobody_until_one_is_outweighed(triangle, stewards):
    ab, bc, ac = triangle
    say(ab, "same", stewards[0])
    say(bc, "same", stewards[0])
    done = say(ac, "not_same", stewards[0])
    assert done.is_torn
    assert [status(pair) for pair in triangle] == ["review", "review", "not_same"]
    group = clusters.of(ac)
    assert (len(group.records), len(group.pairs), group.is_torn) == (3, 3, True)
    assert group.doubled == ["Register"]
    # two others look again: B and C are two persons
    say(bc, "not_same", stewards[1])
    say(bc, "not_same", stewards[2])
    assert [status(pair) for pair in triangle] == ["same", "not_same", "not_same"]


def test_a_link_of_the_machine_over_a_torn_group_is_found_at_the_end_of_a_run(triangle, stewards):
    ab, bc, ac = triangle
    say(ac, "not_same", stewards[0])
    with as_role("worker"):
        RecordPair.objects.filter(pk__in=[ab.pk, bc.pk]).update(status="linked")
        assert clusters.apply_judgements(ab.pairing_id) == 2
    assert [status(pair) for pair in triangle] == ["review", "review", "not_same"]


def test_a_link_elsewhere_is_left_alone(triangle, stewards):
    _ab, _bc, ac = triangle
    say(ac, "not_same", stewards[0])
    bench = Bench(ac.left.source, ac.left.source, ac.run)
    other = bench.pair("linked")
    with as_role("worker"):
        assert clusters.apply_judgements(ac.pairing_id) == 0
    assert status(other) == "linked"


# --- the queue ---


def test_the_pair_nearest_to_the_middle_comes_first(bench, stewards):
    far, near, below = (bench.pair(weight=weight) for weight in (8.9, 5.6, 3.0))
    bench.pair("linked", weight=5.5)
    order, skip = [], []
    while (found := queue.next_pair(bench.pairing, stewards[0], skip=skip)) is not None:
        order.append(found)
        skip.append(found)
    assert order == [near.pk, below.pk, far.pk]


def test_a_colleagues_open_pair_comes_later(bench, stewards):
    cache.clear()  # ids come again in every test
    first, second = bench.pair(weight=5.5), bench.pair(weight=6.0)
    queue.mark_open(first.pk, stewards[1])
    assert queue.next_pair(bench.pairing, stewards[0]) == second.pk
    assert queue.next_pair(bench.pairing, stewards[1]) == first.pk
    queue.mark_open(second.pk, stewards[1])
    assert queue.next_pair(bench.pairing, stewards[0]) == first.pk


def test_one_in_ten_is_of_the_blind_sample_outside_the_thresholds(bench, stewards):
    waiting = bench.pair(weight=5.5)
    sample = bench.pair("linked", weight=20.0, is_sample=True)
    assert queue.next_pair(bench.pairing, stewards[0], at=3) == waiting.pk
    assert queue.next_pair(bench.pairing, stewards[0], at=9) == sample.pk
    assert queue.next_pair(bench.pairing, stewards[0], skip=[waiting.pk], at=3) == sample.pk


def test_the_place_counts_what_waits_for_one_person(bench, stewards):
    with as_role("owner"):
        Source.objects.filter(code="PKH").update(needs_two=True)
    pairs = [bench.pair() for _ in range(3)]
    bench.pair("linked", is_sample=True)
    say(pairs[0], "same", stewards[0])
    mine, others = (queue.queue_position(bench.pairing, one) for one in stewards[:2])
    assert (mine.number, mine.total) == (2, 4)
    assert (others.number, others.total) == (1, 4)
