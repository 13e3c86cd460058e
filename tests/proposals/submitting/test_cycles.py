"""The calendar holds in the verbs: after the cut-off nothing is submitted, after the freeze nothing
is verified or endorsed, and what was late goes on in the next cycle.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client as Browser

from apps.accounts.access import open_gate
from apps.casework.models import Cycle, Notice
from apps.common.errors import DomainError
from apps.demo import country
from apps.proposals.models import Batch
from apps.proposals.review import bulk_undo, decisions
from apps.proposals.review.decisions import Step
from apps.proposals.selection import Selection
from apps.proposals.submitting import calendar_rules, submission
from apps.proposals.submitting.calendar_rules import CycleClosed
from tests.base import evidence, forget_cycles
from tests.personas import agency_client
from tests.proposals import factory

pytestmark = pytest.mark.django_db
# two minutes before the day of the freeze in Jakarta, and three minutes into it
LATE = datetime(2026, 11, 19, 16, 58, tzinfo=UTC)
AFTER = LATE + timedelta(minutes=5)
WHY = {"reason": "wrong_point", "note": "Ambil ulang titik di rumah keluarga."}


def at(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def calendar(role):
    with role("owner"):
        forget_cycles()
        made = [
            Cycle.objects.create(
                name=name,
                opens_date=date(2026, month, 1),
                cutoff_date=date(2026, month, 17),
                draw_date=date(2026, month, 20),
            )
            for month, name in ((11, "November"), (12, "Desember"))
        ]
        evidence(list(country.CODES.values()))
        return made


@pytest.fixture
def officer(person):
    return person("regency_officer")


def submit(officer, batch, now):
    open_gate(officer)
    return submission.submit(batch=batch, by=officer, now=now)


def test_on_the_cut_off_day_a_batch_is_submitted_into_its_cycle(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, 2)
    assert submit(officer, batch, at(11, 17)).moved == 2
    assert Batch.objects.get().cycle.name == "November"


def test_the_day_after_it_stays_ready_and_the_refusal_names_the_next_date(officer):
    batch = factory.batch(officer)
    row = factory.proposal(batch)
    with pytest.raises(CycleClosed) as refused:
        submit(officer, batch, at(11, 18))
    for part in ("November", "Desember", "17", "1"):
        assert part in refused.value.text
    assert factory.status_of(row) == "draft"
    assert Batch.objects.get().status == Batch.Status.READY
    assert submit(officer, batch, at(12, 1)).moved == 1


def test_after_the_last_planned_cycle_the_refusal_says_that_none_is_planned(officer):
    batch = factory.batch(officer)
    factory.proposal(batch)
    with pytest.raises(CycleClosed) as refused:
        submit(officer, batch, at(12, 24))
    assert refused.value.code == "cycle_closed_last"
    assert "Desember" in refused.value.text


def test_before_the_first_cycle_the_refusal_says_when_it_opens(officer):
    batch = factory.batch(officer)
    factory.proposal(batch)
    with pytest.raises(CycleClosed) as refused:
        submit(officer, batch, at(10, 5))
    assert "November" in refused.value.text


def test_without_any_calendar_everything_is_open(officer, role):
    with role("owner"):
        forget_cycles()
        evidence(list(country.CODES.values()))
    batch = factory.batch(officer)
    factory.proposal(batch)
    assert submit(officer, batch, at(10, 5)).moved == 1


@pytest.mark.parametrize(
    ("step", "who", "old"),
    [(Step.VERIFY, "verifier", "submitted"), (Step.ENDORSE, "head_of_office", "verified")],
)
def test_between_cut_off_and_freeze_review_goes_on_and_then_stops(officer, person, step, who, old):
    rows = factory.proposals(factory.batch(officer, status="submitted"), 3, status=old)
    user = person(who)
    open_gate(user)
    decisions.decide(proposal=rows[0], step=step, by=user, now=at(11, 19))
    with pytest.raises(DomainError, match="^cycle_frozen") as refused:
        decisions.decide(proposal=rows[1], step=step, by=user, now=at(11, 20))
    assert "Desember" in refused.value.text
    with pytest.raises(DomainError, match="^cycle_frozen"):
        decisions.decide_many(selection=Selection(), step=step, by=user, now=at(11, 25), expected=2)
    assert [factory.status_of(row) for row in rows[1:]] == [old, old]
    decisions.decide(proposal=rows[1], step=step, by=user, now=at(12, 1))


def test_a_frozen_cycle_still_lets_a_reviewer_return_a_row_and_tells_its_sender(officer, person):
    batch = factory.batch(officer)
    rows = factory.proposals(batch, 3)
    submit(officer, batch, at(11, 10))
    user = person("verifier")
    open_gate(user)
    for row in rows[:2]:
        row.refresh_from_db()
        decisions.decide(proposal=row, step=Step.RETURN, by=user, now=at(11, 22), **WHY)
    (notice,) = Notice.objects.of(officer)
    assert (notice.kind, notice.count) == ("rows_returned", 2)


def test_an_undone_return_takes_its_notice_back(officer, person):
    batch = factory.batch(officer)
    rows = factory.proposals(batch, 2)
    submit(officer, batch, at(11, 10))
    user = person("verifier")
    open_gate(user)
    moments = (at(11, 12), at(11, 12) + timedelta(minutes=1))
    for row, moment in zip(rows, moments, strict=True):
        row.refresh_from_db()
        decisions.decide(proposal=row, step=Step.RETURN, by=user, now=moment, **WHY)
    for row, left in zip(rows, ([1], []), strict=True):
        row.refresh_from_db()
        decisions.undo(proposal=row, by=user, now=at(11, 12) + timedelta(minutes=2))
        assert [notice.count for notice in Notice.objects.of(officer)] == left


def test_returns_undone_at_once_take_their_notice_back(officer, person):
    batch = factory.batch(officer)
    factory.proposals(batch, 3)
    submit(officer, batch, at(11, 10))
    user = person("verifier")
    open_gate(user)
    done = decisions.decide_many(
        selection=Selection(), step=Step.RETURN, by=user, now=at(11, 12), expected=3, **WHY
    )
    assert done.decided == 3
    bulk_undo.undo_many(by=user, at=at(11, 12), now=at(11, 12) + timedelta(minutes=2))
    assert not Notice.objects.of(officer).exists()


def verified_and_endorsed(officer, person, count=2):
    """Rows that were verified on a day, and endorsed two minutes before the freeze."""
    batch = factory.batch(officer)
    rows = factory.proposals(batch, count)
    submit(officer, batch, at(11, 10))
    decided = {"selection": Selection(), "expected": count}
    for role, step, moment in (
        ("verifier", Step.VERIFY, at(11, 12)),
        ("head_of_office", Step.ENDORSE, LATE),
    ):
        user = person(role)
        open_gate(user)
        decisions.decide_many(step=step, by=user, now=moment, **decided)
    return rows


@pytest.mark.parametrize("has_next", [False, True], ids=["frozen", "the next cycle is open"])
def test_an_endorsement_in_time_is_not_undone_after_the_freeze(
    officer, person, role, calendar, has_next
):
    """The row would leave the cycle, and could not be endorsed again for it."""
    if has_next:
        with role("owner"):
            Cycle.objects.filter(name="Desember").update(opens_date=date(2026, 11, 18))
    rows = verified_and_endorsed(officer, person)
    head = person("head_of_office")
    for row in rows:
        row.refresh_from_db()
    with pytest.raises(DomainError, match="^undo_frozen$") as refused:
        decisions.undo(proposal=rows[0], by=head, now=AFTER)
    for part in ("November", "Pusdatin"):
        assert part in refused.value.text
    for undo in (bulk_undo.undo_many, bulk_undo.enqueue_undo):
        with pytest.raises(DomainError, match="^undo_frozen$"):
            undo(by=head, at=LATE, now=AFTER)
    assert {factory.status_of(row) for row in rows} == {"endorsed"}
    # on the day itself it is undone, and Pusdatin can return it afterwards
    decisions.undo(proposal=rows[0], by=head, now=LATE + timedelta(seconds=90))
    assert factory.status_of(rows[0]) == "verified"
    pusdatin = person("pusdatin_verifier")
    open_gate(pusdatin)
    decisions.decide(proposal=rows[1], step=Step.RETURN, by=pusdatin, now=AFTER, **WHY)


def test_a_verification_is_undone_after_the_freeze_as_its_row_is_late_either_way(officer, person):
    batch = factory.batch(officer)
    row = factory.proposal(batch)
    submit(officer, batch, at(11, 10))
    user = person("verifier")
    open_gate(user)
    row.refresh_from_db()
    decisions.decide(proposal=row, step=Step.VERIFY, by=user, now=LATE)
    row.refresh_from_db()
    decisions.undo(proposal=row, by=user, now=AFTER)
    assert factory.status_of(row) == "submitted"


def test_what_was_sent_again_in_time_is_not_undone_after_the_cut_off(officer, person):
    batch = factory.batch(officer)
    row = factory.proposal(batch)
    submit(officer, batch, at(11, 10))
    user = person("verifier")
    open_gate(user)
    row.refresh_from_db()
    decisions.decide(proposal=row, step=Step.RETURN, by=user, now=at(11, 12), **WHY)
    open_gate(officer)
    row.refresh_from_db()
    days = timedelta(days=2)  # from the freeze back to the cut-off
    decisions.decide(proposal=row, step=Step.RESUBMIT, by=officer, now=LATE - days)
    row.refresh_from_db()
    with pytest.raises(DomainError, match="^undo_closed$"):
        decisions.undo(proposal=row, by=officer, now=AFTER - days)
    decisions.undo(proposal=row, by=officer, now=LATE - days + timedelta(seconds=30))
    assert factory.status_of(row) == "returned"


def test_a_refused_return_tells_nobody(officer, person):
    row = factory.proposal(factory.batch(officer), status="submitted", step_by=officer)
    user = person("verifier")
    open_gate(user)
    with pytest.raises(DomainError, match="^reason_missing$"):
        decisions.decide(proposal=row, step=Step.RETURN, by=user, now=at(11, 5), reason="", note="")
    assert not Notice.objects.exists()


def test_what_was_late_moves_to_the_cycle_that_opens_and_only_that(officer, calendar, role):
    november, december = calendar
    made = {
        "ready": factory.batch(officer, cycle=november),
        "in review": factory.batch(officer, cycle=november, status="submitted"),
        "endorsed": factory.batch(officer, cycle=november, status="submitted"),
    }
    factory.proposal(made["ready"])
    factory.proposals(made["in review"], 2, first=10, status="verified")
    factory.proposal(made["endorsed"], first=20, status="endorsed")
    with role("worker"):
        assert calendar_rules.carry_over(day=date(2026, 11, 25)) == 0
        assert calendar_rules.carry_over(day=date(2026, 12, 1)) == 2
        assert calendar_rules.carry_over(day=date(2026, 12, 1)) == 0
        found = dict(Batch.objects.values_list("pk", "cycle__name"))
    assert found == {
        made["ready"].pk: "Desember",
        made["in review"].pk: "Desember",
        made["endorsed"].pk: "November",
    }


def test_what_an_agency_sent_between_two_cycles_is_submitted_when_one_opens(role):
    with role("owner"):
        client, _secret = agency_client("97.01")
    batch = factory.batch(client.agency)
    row = factory.proposal(batch)
    with role("worker"):
        assert submission.submit_waiting(now=at(11, 25)) == 0
        assert submission.submit_waiting(now=at(12, 1)) == 1
    assert factory.status_of(row) == "submitted"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (at(11, 10), "Siklus: <b>November</b>"),
        (at(11, 18), "November</b>"),
        (at(11, 25), "Desember"),
    ],
)
def test_the_line_under_the_bar_tells_the_state_of_the_calendar(person, moment, words):
    with time_machine.travel(moment, tick=False):
        browser = Browser()
        user = person("verifier", name=f"verifier-{moment:%m%d}")
        browser.force_login(user)
        assert words.removeprefix("Siklus: ") in browser.get("/").content.decode()


def test_verifying_on_the_page_of_a_frozen_cycle_is_refused_in_words(officer, person):
    row = factory.proposal(factory.batch(officer), status="submitted", step_by=officer)
    with time_machine.travel(at(11, 25), tick=False):
        browser = Browser()
        browser.force_login(person("verifier", name="verifier-frozen"))
        page = browser.post(
            f"/proposals/review/{row.pk}/decide/", {"step": "verify", "seen": "submitted"}
        )
    assert "Desember" in page.context["wrong"]["text"]
    assert factory.status_of(row) == "submitted"
