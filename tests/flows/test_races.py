"""Two who act on one thing at the same moment: one effect, and the other is told who was faster.

Each race is tried a few times in the quick run and 200 times under `scale`, fifty people at once
(bar 10). Where people meet on pages the requests are made as browsers make them: the loser's answer
is a 409 that names the winner.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, local
from typing import Any, Final

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection, transaction
from django.http.cookie import SimpleCookie
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.authentication import sessions
from apps.accounts.models import Grant, User
from apps.accounts.people import grants
from apps.audit.models import Action, Entry
from apps.commandcentre.models import Facility, StockItem, StockMovement
from apps.commandcentre.resources import stock_ledger
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.jobs import work as jobs_work
from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Batch, Decision, Decree, ExportRequest, Fix, Proposal
from apps.proposals.review import decisions
from apps.proposals.review.decisions import Step
from apps.proposals.selection import Selection
from apps.proposals.submitting import submission
from apps.reconciliation.duplicates.person_groups import GroupFilter
from apps.reconciliation.models import Answer, Conflict, Judgement
from apps.registry.models import Change, Person
from tests.commandcentre.resources.places import facility, good, stocked
from tests.conftest import as_role, look
from tests.figures import Figure
from tests.personas import OWN, grant, persona
from tests.proposals import factory
from tests.proposals.decree.test_determination import ask as ask_decree
from tests.proposals.decree.test_determination import run as run_decree
from tests.proposals.sending import as_csv, receive, row, send
from tests.reconciliation.answering import answer
from tests.reconciliation.conflicts.test_conflict_pages import LISTS, asked
from tests.reconciliation.duplicates.test_deduplication import ask as enqueue_merge
from tests.reconciliation.pairs import a_bench
from tests.reconciliation.sample_duplicates import joined
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
AT_ONCE: Final = 50
WITHIN_S: Final = 60
ADMIN: Final = "/admin/proposals/proposal/"
TRIES = pytest.mark.parametrize("tries", [3, pytest.param(200, marks=pytest.mark.scale)])
WHY: Final = {"reason": "wrong_point", "note": "titik salah"}
Call = Callable[[], Any]
Pair = tuple[Any, Any]
_numbers = itertools.count(1)


@pytest.fixture
def told(request: pytest.FixtureRequest, figure: Figure) -> Callable[[Sequence[Any]], None]:
    """Note how many tries a race had, in the full run."""

    def note(done: Sequence[Any]) -> None:
        if len(done) >= 200:
            name = request.node.originalname.removeprefix("test_").replace("_", " ")
            figure(f"race: {name}", len(done), "tries, one winner each", "≥ 200")

    return note


def contest(pairs: Sequence[tuple[Call, Call]], role: str = "web") -> list[Pair]:
    """What both sides of each pair got, or raised; both begin at the same moment, many pairs at
    once, each thread on a connection of its own."""
    here = local()
    doors = [Barrier(2) for _pair in pairs]

    def run(door: Barrier, call: Call) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE portal_{role}")
        look("yes")
        here.used = True
        with suppress(BrokenBarrierError):
            door.wait(WITHIN_S)
        try:
            return call()
        except Exception as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(min(AT_ONCE, 2 * len(pairs))) as pool:
        sides = [
            (pool.submit(run, door, left), pool.submit(run, door, right))
            for door, (left, right) in zip(doors, pairs, strict=True)
        ]
        return [(left.result(), right.result()) for left, right in sides]


class Inside:
    """Somebody who is signed in, whose browser may ask many things at once."""

    def __init__(self, user: User) -> None:
        self.user = user
        browser = Browser()
        browser.force_login(user)
        self._cookies = {name: one.value for name, one in browser.cookies.items()}

    def post(self, path: str, **form: str) -> tuple[int, str]:
        browser = Browser()
        browser.cookies = SimpleCookie(self._cookies)
        given = browser.post(path, form)
        return given.status_code, given.content.decode()

    def posts(self, path: str, **form: str) -> Call:
        return lambda: self.post(path, **form)


def people(role: str) -> tuple[Inside, Inside]:
    """Two of one role, with names that stand nowhere else."""
    with as_role("owner"):
        found = [persona(role, name=f"{role}-{name}") for name in ("pertama", "kedua")]
    return Inside(found[0]), Inside(found[1])


def judged(done: Sequence[Pair], left: Inside, right: Inside) -> Counter[str]:
    """Of every try one answer leads on, the other one is a 409 that names the winner."""
    won: Counter[str] = Counter()
    for one, other in done:
        assert not isinstance(one, Exception), repr(one)
        assert not isinstance(other, Exception), repr(other)
        statuses = {one[0], other[0]}
        assert statuses == {302, 409}, (one[0], other[0])
        winner, (_status, page) = (left, other) if one[0] == 302 else (right, one)
        assert str(winner.user) in page
        won[winner.user.username] += 1
    return won


def refused(done: Sequence[Pair], code: str) -> None:
    """Of every try one side did it, the other one was refused in words."""
    for pair in done:
        lost = [one for one in pair if isinstance(one, DomainError)]
        assert [one.code for one in lost] == [code], pair
        assert lost[0].text


def rows_of(tries: int, status: str) -> list[Proposal]:
    with as_role("owner"):
        sender = persona("regency_officer")
    return factory.proposals(factory.batch(sender, status="submitted"), tries, status=status)


# --- proposals --------------------------------------------------------------------------------


@TRIES
@pytest.mark.parametrize(
    ("role", "status", "first", "second", "address"),
    [
        (
            "pusdatin_verifier",
            "endorsed",
            "accept",
            "return",
            "/admin/proposals/proposal/{}/decide/",
        ),
        ("head_of_office", "verified", "endorse", "return", "/proposals/review/{}/decide/"),
        ("verifier", "submitted", "verify", "verify", "/proposals/review/{}/decide/"),
    ],
    ids=["accept-return", "endorse-return", "verify-verify"],
)
@pytest.mark.long
def test_two_steps_on_one_proposal(
    tries: int, role: str, status: str, first: str, second: str, address: str, told: Any
) -> None:
    left, right = people(role)
    rows = rows_of(tries, status)
    done = contest(
        [
            (
                left.posts(address.format(one.pk), step=first, seen=status, **WHY),
                right.posts(address.format(one.pk), step=second, seen=status, **WHY),
            )
            for one in rows
        ]
    )
    judged(done, left, right)
    with as_role("owner"):
        assert Decision.objects.count() == tries
        assert Decision.objects.values("proposal").distinct().count() == tries
    told(done)


@pytest.mark.parametrize("tries", [2, pytest.param(25, marks=pytest.mark.scale)])
@pytest.mark.long
def test_bulk_decisions_on_overlapping_selections(tries: int) -> None:
    """Four decide at once what their filters share: each proposal gets one decision at most, and
    every answer counts what it decided and what others were faster with."""
    with as_role("owner"):
        sender = persona("regency_officer")
        verifiers = [persona("verifier", name=f"verifikator-{letter}") for letter in "abcd"]
    for _number in range(tries):
        batch = factory.batch(sender, status="submitted")
        factory.many_proposals(batch, 300, status="submitted", village="A", severity=2)
        factory.proposals(batch, 100, first=10_000, status="submitted", village="B")
        factory.proposals(batch, 100, first=20_000, status="submitted", village="C", severity=2)
        # all rows; those of one village; those with a finding; those of one district
        calls = [
            decide_all(verifiers[0], Step.VERIFY, Selection(batch=batch.pk)),
            decide_all(verifiers[1], Step.RETURN, Selection(batch=batch.pk, region=CODES["A"])),
            decide_all(verifiers[2], Step.VERIFY, Selection(batch=batch.pk, severity=("2",))),
            decide_all(verifiers[3], Step.REJECT, Selection(batch=batch.pk, region="97.01.01")),
        ]
        done = contest([(calls[0], calls[1]), (calls[2], calls[3])])
        with as_role("owner"):
            rows = Proposal.objects.filter(batch=batch)
            decided = Decision.objects.filter(proposal__batch=batch)
            moved = set(rows.exclude(status="submitted").values_list("pk", "step_by_id"))
            assert sorted(decided.values_list("proposal", "by")) == sorted(moved)
            by_person = Counter(decided.values_list("by_id", flat=True))
        for user, got in zip(verifiers, [one for pair in done for one in pair], strict=True):
            if isinstance(got, DomainError):  # others were faster between the count and the step
                assert got.code == "selection_changed"
                assert by_person[user.pk] == 0
            else:
                assert got.decided == by_person[user.pk]
                assert len(got.left.get("changed", [])) == got.changed
        assert sum(by_person.values()) >= 300


def decide_all(by: User, step: Step, selection: Selection) -> Call:
    """One step on all rows of a filter, counted just before, as the bulk page does it."""
    why = {Step.RETURN: WHY, Step.REJECT: {"reason": "deceased"}}.get(step, {})

    def go() -> Any:
        with transaction.atomic():
            open_gate(by)
            seen = decisions.preview(selection=selection, step=step, by=by)
            return decisions.decide_many(
                selection=selection,
                step=step,
                by=by,
                now=timezone.now(),
                expected=seen.total,
                **why,
            )

    return go


@TRIES
def test_a_step_and_a_withdrawal(tries: int, person: Any, told: Any) -> None:
    head, officer = person("head_of_office"), person("regency_officer")
    rows = rows_of(tries, "verified")

    def step(proposal: Proposal, by: User, what: Step) -> Call:
        def take() -> Any:
            with transaction.atomic():
                open_gate(by)
                return decisions.decide(proposal=proposal, step=what, by=by, now=timezone.now())

        return take

    done = contest(
        [(step(one, head, Step.ENDORSE), step(one, officer, Step.WITHDRAW)) for one in rows]
    )
    refused(done, "already_decided")
    for pair in done:
        lost = next(one for one in pair if isinstance(one, DomainError))
        assert lost.params["who"] in (str(head), str(officer))
    with as_role("owner"):
        assert Decision.objects.count() == tries
    told(done)


@TRIES
def test_a_batch_submitted_twice(tries: int, person: Any, told: Any) -> None:
    officer, rows = person("regency_officer"), 2
    batches = []
    for number in range(tries):
        batches.append(factory.batch(officer))
        factory.proposals(batches[-1], rows, first=1 + number * rows)

    def submit(batch: Batch) -> Call:
        def go() -> int:
            with transaction.atomic():
                open_gate(officer)
                return submission.submit(batch=batch, by=officer, now=timezone.now()).moved

        return go

    done = contest([(submit(one), submit(one)) for one in batches])
    for pair in done:
        moved = [one for one in pair if one == rows]
        others = [one for one in pair if one != rows]
        assert len(moved) == 1, pair
        assert others == [0] or others[0].code == "batch_not_ready", pair
    with as_role("owner"):
        assert Decision.objects.count() == tries * rows
    told(done)


@TRIES
def test_one_row_changed_by_two(tries: int, person: Any, told: Any) -> None:
    officer = person("regency_officer")
    batch = send([row(9000 + n, nik="12") for n in range(tries)], officer)
    with as_role("owner"):
        colleague = persona("regency_officer", name="rekan")

    def edit(number: int, by: User, name: str) -> Call:
        def go() -> Any:
            with transaction.atomic():
                open_gate(by)
                return row_fixes.edit(
                    batch=batch,
                    row_number=number,
                    cells={"name": name},
                    seen=0,
                    by=by,
                    now=timezone.now(),
                )

        return go

    done = contest(
        [
            (edit(number, officer, "SATU"), edit(number, colleague, "DUA"))
            for number in range(1, tries + 1)
        ]
    )
    refused(done, "row_changed")
    with as_role("owner"):
        assert Fix.objects.count() == tries
    told(done)


@TRIES
def test_an_export_agreed_to_and_refused(tries: int, person: Any, told: Any) -> None:
    left, right = people("verifier")
    officer = person("regency_officer")
    with as_role("owner"):
        requests = [
            ExportRequest.objects.create(
                user=officer,
                subject=f"proposals.Batch:{number}",
                part="all",
                name="usulan.csv",
                region_id=OWN,
                rows=20_000,
                reason="uji",
                asked_at=timezone.now(),
            )
            for number in range(tries)
        ]
    address = "/proposals/exports/{}/answer/"
    done = contest(
        [
            (
                left.posts(address.format(one.pk), answer="agree"),
                right.posts(address.format(one.pk), answer="refuse"),
            )
            for one in requests
        ]
    )
    judged(done, left, right)
    with as_role("owner"):
        assert Entry.objects.filter(action=Action.DECIDE).count() == tries
    told(done)


@TRIES
def test_one_file_sent_by_two(tries: int, person: Any, told: Any) -> None:
    officer = person("regency_officer")

    def upload(content: bytes) -> Call:
        return lambda: receive(content, officer)

    files = [as_csv([row(9000 + n)]) for n in range(tries)]
    done = contest([(upload(one), upload(one)) for one in files])
    for one, other in done:
        assert not isinstance(one, Exception), repr(one)
        assert not isinstance(other, Exception), repr(other)
        assert one.batch.pk == other.batch.pk
        assert sorted((one.is_new, other.is_new)) == [False, True]
    with as_role("owner"):
        assert (Batch.objects.count(), Job.objects.count()) == (tries, tries)
    told(done)


@TRIES
@pytest.mark.long
def test_one_region_determined_twice(tries: int, person: Any, told: Any) -> None:
    determiner, accepter = person("determiner"), person("pusdatin_verifier")
    batch = factory.batch(person("regency_officer"), status="submitted")
    done = []
    for number in range(tries):
        rows = factory.proposals(
            batch, 2, first=1 + 2 * number, status="accepted", step_by=accepter
        )
        with as_role("worker"), transaction.atomic():
            jobs = [ask_decree(determiner, number=f"{number}/{side}/HUK/2026")[1] for side in "AB"]
        done += contest([tuple((lambda job=job: run_decree(job)) for job in jobs)], "worker")
        with as_role("owner"):
            states = Decree.objects.filter(number__startswith=f"{number}/").values_list(
                "status", flat=True
            )
            assert sorted(states) == ["failed", "in_force"]
            ids = [one.pk for one in rows]
            assert Decision.objects.filter(proposal__in=ids).count() == len(ids)
            assert Change.objects.filter(kind="decree").count() == number + 1
    with as_role("owner"):
        decided = Job.objects.filter(kind=determination.DETERMINE)
        ended = decided.values_list("status", "message_code")
        assert Counter(ended) == {("done", ""): tries, ("failed", "nothing_accepted"): tries}
    told(done)


# --- accounts ---------------------------------------------------------------------------------


def test_pages_of_one_session_that_is_not_listed_yet(person: Any) -> None:
    browser = Browser()
    browser.force_login(person("verifier"))
    session = browser.session
    session[sessions.SEEN] = session[sessions.BEGAN] = timezone.now().timestamp() - 120
    session.save()

    def page() -> int:
        own = Browser()
        own.cookies = SimpleCookie({name: one.value for name, one in browser.cookies.items()})
        return own.get("/").status_code

    with as_role("owner"):
        UserSession.objects.all().delete()
    assert {status for pair in contest([(page, page)] * 4) for status in pair} == {200}
    with as_role("owner"):
        assert UserSession.objects.count() == 1


@TRIES
def test_a_grant_ended_by_two(tries: int, told: Any) -> None:
    left, right = people("administrator")
    with as_role("owner"):
        held = []
        for number in range(tries):
            user = User.objects.create_user(f"pemegang-{number}", full_name="Pemegang")
            user.nik = f"97010201017{number // 900}{9000 + number % 900}"
            user.save()
            held.append(grant(user, "verifier", OWN))
    address = "/admin/accounts/grant/{}/end/"
    done = contest(
        [(left.posts(address.format(one.pk)), right.posts(address.format(one.pk))) for one in held]
    )
    for one, other in done:
        assert {one[0], other[0]} == {302, 409}, (one, other)
    with as_role("owner"):
        ended = Entry.objects.filter(action=Action.REVOKE)
        assert ended.count() == ended.values("subject").distinct().count() == tries
    told(done)


@TRIES
def test_two_grants_that_may_not_meet(tries: int, told: Any) -> None:
    with as_role("owner"):
        users = [
            User.objects.create_user(
                f"dua-{number}",
                full_name="Dua",
                nik=f"97010301017{number // 900}{9000 + number % 900}",
            )
            for number in range(tries)
        ]

    def give(user: User, role: str) -> Call:
        return lambda: grants.grant(
            user=user, role=role, region_code=OWN, by=None, now=timezone.now()
        )

    done = contest([(give(one, "verifier"), give(one, "regency_officer")) for one in users])
    refused(done, "incompatible")
    with as_role("owner"):
        assert Grant.objects.filter(user__in=users).count() == tries
    told(done)


# --- stock ------------------------------------------------------------------------------------


def promise(store: Facility, units: int, by: User) -> Call:
    return lambda: stock_ledger.reserve(
        facility=store, good=good(), quantity=units, purpose="race", by=by, now=timezone.now()
    )


@TRIES
def test_the_last_box_promised_by_two(tries: int, person: Any, told: Any) -> None:
    with as_role("owner"):
        left, right = person("operator"), person("operator", name="operator-dua")
        stores = [facility(f"Gudang {number}") for number in range(tries)]
        for store in stores:
            stocked(store, 1)
    done = contest([(promise(one, 1, left), promise(one, 1, right)) for one in stores])
    refused(done, "stock_not_enough")
    with as_role("owner"):
        assert set(StockItem.objects.values_list("on_hand", "reserved")) == {(1, 1)}
        assert StockMovement.objects.filter(kind="reservation").count() == tries
    told(done)


@TRIES
def test_one_store_emptied_by_fifty(tries: int, person: Any) -> None:
    """Each asks for three of so many boxes, all at once: no more are promised than there are."""
    with as_role("owner"):
        by, store = person("operator"), facility()
        stocked(store, 3 * tries + 2)
    done = contest([(promise(store, 3, by), promise(store, 3, by)) for _each in range(tries)])
    asked = [one for pair in done for one in pair]
    lost = [one for one in asked if isinstance(one, DomainError)]
    assert {one.code for one in lost} == {"stock_not_enough"}
    assert len(asked) - len(lost) == tries
    with as_role("owner"):
        assert StockItem.objects.values_list("on_hand", "reserved").get() == (
            3 * tries + 2,
            3 * tries,
        )


# --- reconciliation ---------------------------------------------------------------------------


@TRIES
def test_a_pair_judged_by_two(tries: int, told: Any) -> None:
    left, right = people("steward")
    bench = a_bench()
    pairs = [bench.pair() for _number in range(tries)]
    address = "/reconciliation/review/{}/judge/"
    done = contest(
        [
            (
                left.posts(address.format(one.pk), outcome="same", seen="review"),
                right.posts(address.format(one.pk), outcome="not_same", seen="review"),
            )
            for one in pairs
        ]
    )
    judged(done, left, right)
    with as_role("owner"):
        assert Judgement.objects.count() == tries
    told(done)


@TRIES
def test_a_question_answered_by_two(tries: int, told: Any) -> None:
    left, right = people("regency_officer")
    asked(tries)
    with as_role("owner"):
        ids = list(Conflict.objects.values_list("pk", flat=True))
    form = {"reason": "Dikunjungi"}
    done = contest(
        [
            (
                left.posts(f"{LISTS}{pk}/", choice="theirs", **form),
                right.posts(f"{LISTS}{pk}/", choice="ours", **form),
            )
            for pk in ids
        ]
    )
    judged(done, left, right)
    with as_role("owner"):
        assert Answer.objects.count() == tries
    told(done)


@TRIES
def test_an_answer_taken_over_and_handed_back(tries: int, told: Any) -> None:
    left, right = people("steward")
    asked(tries)
    with as_role("owner"):
        questions = list(Conflict.objects.select_related("village", "worklist"))
    for one in questions:
        answer(one, "theirs", file=None)
    done = contest(
        [
            (
                left.posts(f"{LISTS}{one.pk}/decide/", step="take", note="cocok"),
                right.posts(f"{LISTS}{one.pk}/decide/", step="back", note="buram"),
            )
            for one in questions
        ]
    )
    judged(done, left, right)
    with as_role("owner"):
        taken = Answer.objects.filter(is_taken=True).count()
        assert taken + Answer.objects.filter(is_taken=False).count() == tries
        assert Job.objects.count() == taken
    told(done)


@TRIES
def test_two_persons_merged_twice(tries: int, told: Any) -> None:
    stewards = [one.user for one in people("steward")]
    done = []
    for number in range(tries):
        with as_role("owner"):
            keep, drop = a_person(programme="PKH"), a_person(programme="SEMBAKO")
            joined(keep, drop)
            jobs = [enqueue_merge(by, GroupFilter(person=keep.pk)) for by in stewards]

        def work(job: Job) -> Call:
            return lambda: jobs_work.run(job.pk, job.kind)

        done += contest([(work(jobs[0]), work(jobs[1]))], "worker")
        with as_role("owner"):
            ended = Job.objects.filter(pk__in=[job.pk for job in jobs]).order_by("status")
            assert list(ended.values_list("status", "message_code")) == [
                ("done", ""),
                ("failed", "shown_changed"),
            ]
            assert Change.objects.filter(kind="resolution").count() == number + 1
            assert Person.objects.filter(status="merged").count() == number + 1
    told(done)
