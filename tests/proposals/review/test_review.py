"""Deciding: the table of steps, two people, one winner, families, bulk, undo."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import perf_counter

import pytest
from django.db import DatabaseError, IntegrityError, ProgrammingError, connection, transaction

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.models import Decision, Proposal
from apps.proposals.review import decisions
from apps.proposals.review.decisions import Decided, RejectReason, ReturnReason, Step
from apps.proposals.selection import Selection
from apps.proposals.states import PROPOSAL_TRANSITIONS, ProposalStatus
from tests.base import NOW
from tests.conftest import as_role
from tests.limits import within
from tests.personas import grant
from tests.proposals import factory

CHAIN = {
    Step.VERIFY: ("verifier", "submitted", "verified"),
    Step.ENDORSE: ("head_of_office", "verified", "endorsed"),
    Step.ACCEPT: ("pusdatin_verifier", "endorsed", "accepted"),
}
WHO_IS_NEXT = {
    "submitted": "verifier",
    "verified": "head_of_office",
    "endorsed": "pusdatin_verifier",
    "accepted": "determiner",
}
WHY = {"reason": ReturnReason.WRONG_POINT, "note": "Ambil ulang titik di rumah keluarga."}


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def batch(officer):
    return factory.batch(officer, status="submitted")


@pytest.fixture
def acting(person, gate):
    """`acting("verifier")`: that persona, with the second gate open for them."""

    def act(role, regency="97.01"):
        user = person(role, regency)
        gate(user)
        return user

    return act


def take(step, row, by, **fields):
    row.refresh_from_db()
    return decisions.decide(proposal=row, step=step, by=by, now=NOW, **fields)


@pytest.mark.django_db
def test_a_proposal_goes_through_the_hands_of_the_whole_chain(batch, officer, acting):
    row = factory.proposal(batch, status="submitted", step_by=officer)
    for step, (role, old, new) in CHAIN.items():
        user = acting(role)
        decision = take(step, row, user)
        assert (decision.from_status, decision.to_status, decision.by) == (old, new, user)
    row.refresh_from_db()
    assert (row.status, row.step_by, row.step_at) == ("accepted", user, NOW)
    with as_role("owner"):
        entries = Entry.objects.filter(action=Action.DECIDE, subject=f"proposals.Proposal:{row.pk}")
        assert [entry.details["step"] for entry in entries.order_by("pk")] == list(CHAIN)
        assert row.nik not in "".join(str(entry.__dict__) for entry in entries)


@pytest.mark.django_db
@pytest.mark.parametrize("step", list(CHAIN))
@pytest.mark.parametrize(
    "role",
    ["village_officer", "regency_officer", "verifier", "head_of_office", "province_monitor"]
    + ["pusdatin_verifier", "determiner", "district_monitor", "administrator", "steward"],
)
def test_only_the_role_of_the_table_takes_a_step(batch, acting, step, role):
    allowed, old, new = CHAIN[step]
    row = factory.proposal(batch, status=old)
    user = acting(role)
    if role == allowed:
        assert decisions.decide(proposal=row, step=step, by=user, now=NOW).to_status == new
        return
    with pytest.raises(DomainError, match="^not_yours$"):
        decisions.decide(proposal=row, step=step, by=user, now=NOW)
    assert factory.status_of(row) == old


@pytest.mark.django_db
@pytest.mark.parametrize("step", [Step.VERIFY, Step.ENDORSE])
def test_a_colleague_of_the_neighbouring_regency_decides_nothing(batch, acting, step):
    role, old, _new = CHAIN[step]
    row = factory.proposal(batch, status=old)
    with pytest.raises(DomainError, match="^not_yours$"):
        decisions.decide(proposal=row, step=step, by=acting(role, "97.02"), now=NOW)
    assert factory.status_of(row) == old


@pytest.mark.django_db
@pytest.mark.parametrize("status", list(WHO_IS_NEXT))
@pytest.mark.parametrize("step", [Step.RETURN, Step.REJECT])
def test_those_who_take_the_next_step_may_return_or_reject(batch, acting, step, status):
    row = factory.proposal(batch, status=status)
    for role in {"regency_officer", *WHO_IS_NEXT.values()} - {WHO_IS_NEXT[status]}:
        with pytest.raises(DomainError, match="^(not_yours|already_decided)$"):
            decisions.decide(
                proposal=row, step=step, by=acting(role), now=NOW, reason="other", note="Sebab."
            )
    decision = decisions.decide(
        proposal=row,
        step=step,
        by=acting(WHO_IS_NEXT[status]),
        now=NOW,
        reason="other",
        note="Sebab.",
    )
    assert decision.to_status == ("returned" if step == Step.RETURN else "rejected")
    assert (decision.reason, decision.note) == ("other", "Sebab.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("step", "reason", "note", "is_enough"),
    [
        (Step.RETURN, "", "", False),
        (Step.RETURN, ReturnReason.WRONG_POINT, "  ", False),
        (Step.RETURN, "", "Titik keliru.", False),
        (Step.RETURN, "nonsense", "Titik keliru.", False),
        (Step.RETURN, ReturnReason.WRONG_POINT, "Titik keliru.", True),
        (Step.REJECT, "", "Meninggal.", False),
        (Step.REJECT, RejectReason.OTHER, "", False),
        (Step.REJECT, RejectReason.DECEASED, "", True),
        (Step.REJECT, ReturnReason.WRONG_POINT, "Titik keliru.", False),
    ],
)
def test_a_return_needs_a_reason_and_words_a_rejection_a_reason(
    batch, acting, step, reason, note, is_enough
):
    row = factory.proposal(batch, status="submitted")
    verifier = acting("verifier")
    fields = {"proposal": row, "step": step, "by": verifier, "now": NOW}
    if is_enough:
        decisions.decide(**fields, reason=reason, note=note)
        assert factory.status_of(row) != "submitted"
        return
    with pytest.raises(DomainError, match="^reason_missing$"):
        decisions.decide(**fields, reason=reason, note=note)
    assert factory.status_of(row) == "submitted"


@pytest.mark.django_db
def test_a_returned_proposal_is_sent_again_by_its_sender_and_verified_by_the_same_verifier(
    batch, officer, acting
):
    row = factory.proposal(batch, status="submitted", step_by=officer)
    take(Step.RETURN, row, acting("verifier"), **WHY)
    take(Step.RESUBMIT, row, acting("regency_officer"))
    assert take(Step.VERIFY, row, acting("verifier")).to_status == "verified"


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["draft", "submitted", "verified", "returned"])
def test_the_sender_withdraws_what_was_sent_even_as_its_last_step(batch, officer, acting, status):
    row = factory.proposal(batch, status=status, step_by=officer)
    assert take(Step.WITHDRAW, row, acting("regency_officer")).to_status == "withdrawn"


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["verifier", "pusdatin_verifier", "determiner"])
def test_nobody_else_withdraws_not_even_national_staff_that_may_upload(batch, acting, role):
    row = factory.proposal(batch, status="submitted")
    with pytest.raises(DomainError, match="^not_yours$"):
        decisions.decide(proposal=row, step=Step.WITHDRAW, by=acting(role), now=NOW)


@pytest.mark.django_db
def test_national_staff_withdraw_what_they_sent_themselves(acting):
    steward = acting("steward")
    row = factory.proposal(factory.batch(steward, status="submitted"), status="submitted")
    assert take(Step.WITHDRAW, row, steward).to_status == "withdrawn"


# --- two people -------------------------------------------------------------------------------


@pytest.fixture
def two_roles(person):
    """One person who may accept and determine."""
    user = person("pusdatin_verifier")
    with as_role("owner"):
        grant(user, "determiner", "ID")
    return User.objects.get(pk=user.pk)


@pytest.mark.django_db
def test_nobody_takes_two_steps_in_a_row_not_even_with_both_roles(batch, two_roles, gate):
    gate(two_roles)
    row = factory.proposal(batch, status="endorsed")
    take(Step.ACCEPT, row, two_roles)
    with pytest.raises(DomainError, match="^two_steps$"):
        take(Step.RETURN, row, two_roles, **WHY)
    assert factory.status_of(row) == "accepted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("submitted", "verified"),
        ("verified", "endorsed"),
        ("endorsed", "accepted"),
        ("accepted", "determined"),
    ],
)
def test_two_steps_by_one_person_are_refused_in_raw_sql_as_the_web_role(
    batch, acting, person, old, new
):
    user = acting("pusdatin_verifier")
    row = factory.proposal(batch, status=old, step_by=user)
    update = "UPDATE proposals_proposal SET {} WHERE id = %s"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("portal_web",)
        for change in (
            f"status = '{new}'",
            f"status = '{new}', step_by_id = {user.pk}",
            f"status = '{new}', step_by_id = NULL",
            "step_by_id = NULL",
            f"step_by_id = {person('determiner').pk}",
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                cursor.execute(update.format(change), [row.pk])
    assert factory.status_of(row) == old


@pytest.mark.django_db
def test_a_bulk_step_leaves_out_what_its_person_did_last(batch, two_roles, gate):
    gate(two_roles)
    own = factory.proposals(batch, 3, status="accepted", step_by=two_roles)
    factory.proposals(batch, 2, first=11, status="accepted")
    selection = Selection(status=("accepted",))
    done = decisions.decide_many(
        selection=selection, step=Step.RETURN, by=two_roles, now=NOW, expected=5, **WHY
    )
    assert done == Decided(decided=2, changed=0, own=3, left={"own": [one.pk for one in own]})


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    ["nik = kk", "name = 'X'", "village_id = '97.01.01.2002'", "decree_id = 1", "flags = '{}'"],
)
def test_the_web_role_cannot_change_what_a_proposal_says(batch, acting, change):
    row = factory.proposal(batch, status="submitted")
    acting("pusdatin_verifier")
    with (
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(f"UPDATE proposals_proposal SET {change} WHERE id = %s", [row.pk])


ALLOWED = {(old.value, new.value) for old, news in PROPOSAL_TRANSITIONS.items() for new in news}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["web", "worker", "owner"])
def test_every_move_that_is_not_in_the_table_is_refused_in_raw_sql(batch, acting, person, role):
    user, other = acting("pusdatin_verifier"), person("determiner")
    rows = {old: factory.proposal(batch, status=old, step_by=user) for old in ProposalStatus.values}
    went = set()
    with as_role(role), connection.cursor() as cursor:
        for old, row in rows.items():
            for new in ProposalStatus.values:
                mark = transaction.savepoint()
                try:
                    cursor.execute(
                        "UPDATE proposals_proposal SET status = %s, step_by_id = %s WHERE id = %s",
                        [new, other.pk if new != old else user.pk, row.pk],
                    )
                    went.add((old, new))
                except DatabaseError:
                    pass
                transaction.savepoint_rollback(mark)
    assert went == ALLOWED | {(status, status) for status in ProposalStatus.values}


# --- one winner -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_slower_one_is_told_who_acted_when_and_how(batch, acting, person):
    first = acting("verifier")
    row = factory.proposal(batch, status="submitted")
    shown = Proposal.objects.get(pk=row.pk)
    take(Step.VERIFY, row, first)
    with as_role("owner"):
        second = User.objects.create_user("verifier-2", full_name="Dua")
        grant(second, "verifier", "97.01")
    for proposal in (shown, Proposal.objects.get(pk=row.pk)):  # an old page, and a fresh one
        with pytest.raises(DomainError, match="^already_decided$") as refused:
            decisions.decide(proposal=proposal, step=Step.VERIFY, by=second, now=NOW)
        assert (refused.value.params["who"], refused.value.params["when"]) == (str(first), NOW)
        assert refused.value.params["to"] == "verified"
        assert str(first) in refused.value.text


@pytest.mark.django_db
def test_a_page_that_showed_another_status_decides_nothing(batch, two_roles, acting, gate):
    row = factory.proposal(batch, status="endorsed")
    take(Step.ACCEPT, row, acting("pusdatin_verifier"))
    determiner = acting("determiner")
    row.refresh_from_db()
    with pytest.raises(DomainError, match="^already_decided$"):
        decisions.decide(
            proposal=row, step=Step.RETURN, by=determiner, now=NOW, seen="endorsed", **WHY
        )
    assert factory.status_of(row) == "accepted"


PAIRS = [
    (("pusdatin_verifier", Step.ACCEPT, {}), ("pusdatin_verifier", Step.RETURN, WHY), "endorsed"),
    (("head_of_office", Step.ENDORSE, {}), ("regency_officer", Step.WITHDRAW, {}), "verified"),
    (("verifier", Step.VERIFY, {}), ("regency_officer", Step.WITHDRAW, {}), "submitted"),
    (("verifier", Step.VERIFY, {}), ("verifier", Step.VERIFY, {}), "submitted"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right", "status"), PAIRS)
@pytest.mark.long
def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(
    transactional_db, person, left, right, status
):
    tries = 15
    users = [person(left[0]), person(right[0])]
    if users[0] == users[1]:
        with as_role("owner"):
            users[1] = User.objects.create_user(f"{left[0]}-2", full_name="Dua")
            grant(users[1], left[0], "ID" if left[0].startswith("pusdatin") else "97.01")
    batch = factory.batch(person("regency_officer"), status="submitted")
    rows = factory.proposals(batch, tries, status=status)
    barrier = Barrier(2)

    def act(side, user):
        told = 0
        try:
            _role, step, why = side
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_web")
            for row in rows:
                barrier.wait(timeout=30)
                try:
                    with transaction.atomic():
                        open_gate(user)
                        decisions.decide(proposal=row, step=step, by=user, now=NOW, **why)
                except DomainError as refused:
                    assert refused.text
                    told += 1
        finally:
            connection.close()
        return told

    with ThreadPoolExecutor(2) as pool:
        told = sum(pool.map(act, (left, right), [User.objects.get(pk=u.pk) for u in users]))
    assert told == tries
    with as_role("owner"):
        assert Decision.objects.count() == tries


# --- families ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_family_is_decided_together_where_it_is_listed_together(batch, acting):
    verifier = acting("verifier")
    family = factory.proposals(batch, 3, kk=factory.nik_of(500), status="submitted")
    other = factory.proposal(batch, first=9, status="submitted")
    done = factory.proposal(batch, first=12, kk=factory.nik_of(500), status="verified")
    assert decisions.family_of(family[0]).count() == 4
    take(Step.VERIFY, family[0], verifier, whole_family=True)
    assert [factory.status_of(row) for row in (*family, other, done)] == [
        *["verified"] * 3,
        "submitted",
        "verified",
    ]
    assert Decision.objects.filter(proposal__in=family).count() == 3


# --- bulk -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_everything_shown_is_decided_with_its_decisions_and_counted_in_the_audit(batch, acting):
    verifier = acting("verifier")
    rows = factory.proposals(batch, 40, status="submitted")
    factory.proposals(batch, 5, first=101, status="verified")
    selection = Selection(batch=batch.pk)
    seen = decisions.preview(selection=selection, step=Step.VERIFY, by=verifier)
    assert (seen.total, seen.decidable) == (40, 40)
    done = decisions.decide_many(
        selection=selection, step=Step.VERIFY, by=verifier, now=NOW, expected=seen.total
    )
    assert done == Decided(40, 0, 0, 0)
    assert Decision.objects.filter(proposal__in=rows, to_status="verified").count() == 40
    with as_role("owner"):
        details = Entry.objects.get(action=Action.DECIDE).details
    assert details["decided"] == 40
    assert details["selection"] == {"batch": str(batch.pk)}


@pytest.mark.django_db
@pytest.mark.parametrize("expected", [39, 41, 0])
def test_when_other_rows_are_there_than_were_shown_nothing_changes(batch, acting, expected):
    factory.proposals(batch, 40, status="submitted")
    with pytest.raises(DomainError, match="^selection_changed$") as refused:
        decisions.decide_many(
            selection=Selection(batch=batch.pk),
            step=Step.VERIFY,
            by=acting("verifier"),
            now=NOW,
            expected=expected,
        )
    assert refused.value.params == {"expected": expected, "now": 40}
    assert refused.value.text
    assert Proposal.objects.filter(status="submitted").count() == 40
    assert not Decision.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("meanwhile", ["another", "corrected"])
def test_as_many_rows_as_were_shown_but_others_change_nothing(batch, acting, meanwhile):
    verifier = acting("verifier")
    rows = factory.proposals(batch, 40, status="submitted")
    given = {"selection": Selection(batch=batch.pk), "step": Step.VERIFY, "by": verifier}
    shown = decisions.preview(**given)
    with as_role("worker"):
        if meanwhile == "another":
            Proposal.objects.filter(pk=rows[7].pk).update(status="returned")
            factory.proposal(batch, first=101, status="submitted")
        else:
            Proposal.objects.filter(pk=rows[7].pk).update(verdict="elsewhere")
    bulk = {**given, "now": NOW, "expected": shown.total}
    with pytest.raises(DomainError, match="^selection_swapped$") as refused, transaction.atomic():
        decisions.decide_many(**bulk, seen=shown.seen)
    assert "40" in refused.value.text
    assert not Decision.objects.exists()
    again = decisions.preview(**given)
    assert again.total == 40
    done = decisions.decide_many(**bulk, seen=again.seen)
    assert done.decided == again.decidable


@pytest.mark.django_db
def test_points_elsewhere_or_in_no_village_are_verified_one_by_one_only(batch, acting):
    verifier = acting("verifier")
    factory.proposals(batch, 2, status="submitted")
    odd = [
        factory.proposal(batch, first=20 + i, status="submitted", verdict=verdict)
        for i, verdict in enumerate(["elsewhere", "unmapped"])
    ]
    done = decisions.decide_many(
        selection=Selection(), step=Step.VERIFY, by=verifier, now=NOW, expected=4
    )
    assert done == Decided(
        decided=2, changed=0, own=0, barred=2, left={"barred": [one.pk for one in odd]}
    )
    assert {factory.status_of(row) for row in odd} == {"submitted"}
    assert take(Step.VERIFY, odd[0], verifier).to_status == "verified"
    returned = decisions.decide_many(
        selection=Selection(status=("submitted",)),
        step=Step.RETURN,
        by=verifier,
        now=NOW,
        expected=1,
        **WHY,
    )
    assert returned.decided == 1


@pytest.mark.django_db
def test_a_bulk_step_touches_nothing_outside_the_own_regency(batch, officer, acting, person):
    mine = factory.proposals(batch, 2, status="submitted")
    other_batch = factory.batch(person("regency_officer", "97.02"), region="97.02")
    foreign = factory.proposals(other_batch, 2, first=50, village="E", status="submitted")
    verifier = acting("verifier")
    with as_role("worker"):  # even where row-level security shows everything
        done = decisions.decide_many(
            selection=Selection(), step=Step.VERIFY, by=verifier, now=NOW, expected=2
        )
    assert done.decided == 2
    assert {factory.status_of(row) for row in mine} == {"verified"}
    assert {factory.status_of(row) for row in foreign} == {"submitted"}


@pytest.mark.slow
def test_rows_that_change_during_a_bulk_step_are_skipped_and_counted(transactional_db, person):
    """Another transaction holds two rows while the bulk step waits for them."""
    verifier, head = person("verifier"), person("head_of_office")
    batch = factory.batch(person("regency_officer"), status="submitted")
    rows = factory.proposals(batch, 20, status="submitted")
    holding, waiting = Barrier(2), Barrier(2)

    def hold():
        try:
            with as_role("owner"), transaction.atomic():
                for row in rows[:2]:
                    Proposal.objects.filter(pk=row.pk).update(status="verified", step_by=head)
                holding.wait(timeout=10)
                waiting.wait(timeout=10)
                _until_somebody_waits()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(hold)
        holding.wait(timeout=10)
        with transaction.atomic():
            open_gate(verifier)
            waiting.wait(timeout=10)
            done = decisions.decide_many(
                selection=Selection(), step=Step.VERIFY, by=verifier, now=NOW, expected=20
            )
        held.result()
    left = {"changed": [row.pk for row in rows[:2]]}
    assert done == Decided(decided=18, changed=2, own=0, left=left)


def _until_somebody_waits():
    for _ in range(1000):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.01)")
    raise AssertionError("nobody waited for the held rows")


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.timed
@pytest.mark.long
def test_ten_thousand_rows_are_decided_while_the_request_waits(batch, acting, figure):
    verifier = acting("verifier")
    factory.many_proposals(batch, 10_000, status="submitted")
    started = perf_counter()
    done = decisions.decide_many(
        selection=Selection(batch=batch.pk), step=Step.VERIFY, by=verifier, now=NOW, expected=10_000
    )
    seconds = perf_counter() - started
    assert done.decided == 10_000
    figure("10,000 decisions in one step", seconds, "s", "< 10")
    assert seconds < within(2)


def test_a_large_decision_runs_as_a_job_once(transactional_db, person):
    verifier = person("verifier")
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 30, status="submitted")
    with transaction.atomic():
        open_gate(verifier)
        job = decisions.enqueue_bulk_decision(
            selection=Selection(batch=batch.pk), step=Step.VERIFY, by=verifier, now=NOW, expected=30
        )
    with as_role("worker"):
        for _delivery in range(2):
            with work.claimed(job.pk, job.kind) as lease:
                if lease:
                    decisions.run_bulk_decision(lease)
        job = Job.objects.get(pk=job.pk)
        assert (job.status, job.attempt) == ("done", 1)
        nothing = dict.fromkeys(("changed", "own", "barred", "others", "unproved"), 0)
        at = Decision.objects.latest("pk").at
        assert job.result == {"decided": 30, "left": {}, "at": at.isoformat(), **nothing}
        assert Decision.objects.count() == 30


# --- undo -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_own_step_is_undone_and_the_step_before_counts_again(batch, officer, acting):
    row = factory.proposal(batch, status="submitted", step_by=officer)
    with as_role("worker"):
        Decision.objects.create(
            proposal=row,
            village_id=row.village_id,
            from_status="draft",
            to_status="submitted",
            by=officer,
            by_name=str(officer),
            at=NOW - timedelta(hours=1),
        )
    verifier = acting("verifier")
    take(Step.VERIFY, row, verifier)
    undone = decisions.undo(proposal=row, by=verifier, now=NOW + timedelta(minutes=9))
    assert (undone.is_undo, undone.from_status, undone.to_status) == (True, "verified", "submitted")
    row.refresh_from_db()
    assert (row.status, row.step_by, row.step_at) == (
        "submitted",
        officer,
        NOW - timedelta(hours=1),
    )
    take(Step.RETURN, row, verifier, **WHY)
    assert Decision.objects.filter(proposal=row).count() == 4


@pytest.mark.django_db
def test_nothing_is_undone_late_by_others_twice_or_after_somebody_built_on_it(batch, acting):
    row = factory.proposal(batch, status="submitted")
    verifier = acting("verifier")
    take(Step.VERIFY, row, verifier)
    head = acting("head_of_office")
    for by, after in ((head, 1), (verifier, 11)):
        with pytest.raises(DomainError, match="^undo_too_late$"):
            decisions.undo(proposal=row, by=by, now=NOW + timedelta(minutes=after))
    take(Step.ENDORSE, row, head)
    with pytest.raises(DomainError, match="^undo_too_late$"):
        decisions.undo(proposal=row, by=verifier, now=NOW)
    decisions.undo(proposal=row, by=head, now=NOW)
    with pytest.raises(DomainError, match="^undo_too_late$"):
        decisions.undo(proposal=row, by=head, now=NOW)
    assert factory.status_of(row) == "verified"


@pytest.mark.django_db
def test_a_withdrawal_is_for_good(batch, acting):
    row = factory.proposal(batch, status="submitted")
    officer = acting("regency_officer")
    take(Step.WITHDRAW, row, officer)
    with pytest.raises(DomainError, match="^undo_too_late$"):
        decisions.undo(proposal=row, by=officer, now=NOW)
