"""The Minister's decree: accepted proposals enter the register, all of them or none.

One transaction moves the proposals, writes the register and brings the decree into force. Very
large decrees are done one regency at a time and are in force after the last one. A repeat after a
kill continues after the committed parts and gives the same result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Left
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of, may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.civilregister.states import CivilStatus
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals import register_filters, rules
from apps.proposals.checks import identity
from apps.proposals.civil import civil_check
from apps.proposals.decree import annex
from apps.proposals.models import Decree, Proposal, ProposalQuerySet
from apps.proposals.review import selection_digest
from apps.proposals.states import MOVING, BatchStatus, Move, ProposalStatus
from apps.proposals.submitting.submission import lock_regencies
from apps.regions.models import prefix_of
from apps.registry import changes
from apps.registry.models import Change
from apps.registry.reading import Section

DETERMINE: Final = "proposals.determine"
# Up to this many rows, one transaction: its locks last some tens of seconds and no part of a decree
# is visible alone. Above it each regency is a transaction, because a kill near the end would cost
# minutes of work.
AT_ONCE: Final = 50_000
# All determinations exclude each other: two decrees may name one person.
EVERYWHERE: Final = 0
LISTED_LEFT_OUT: Final = 1_000
# Before a decree is made, this many rows that seem to be another person are listed.
LISTED_OTHERS: Final = 50
# The reasons why rows are left out.
LEFT_OUT: Final = {
    "own": _("left out: accepted by the determiner, who may not take two steps"),
    "duplicate": _("left out: the person is in this or another decree already"),
    "gone": _("left out: the register does not have this person any more"),
    "conflict": _(
        "left out: the register has changed what is to be corrected or ended; return the row, so"
        " that its sender sees the value of today"
    ),
    "civil": _("left out: no longer matched with the civil register"),
    "identity": _(
        "left out: by the register of today another person under this NIK, which nobody explained"
    ),
}
# How a decree's rows compare with the register (`identity_counts`).
IDENTITY: Final = {
    "differs": _("differ from the register in something"),
    "other": _("probably another person than the registered one, explained"),
    "moved": _("live elsewhere than registered, move confirmed: the family moves"),
    "denied": _("live elsewhere than registered, move denied: the family stays"),
    "unsaid": _(
        "live elsewhere than registered, move not confirmed: the family stays, the regency is asked"
    ),
}
# Parts of a decree's page that apps above add in their AppConfig.ready.
sections: list[Callable[[Decree, User], Section | None]] = []
# Functions of apps above, called in the transaction that brings a decree into force.
on_in_force: list[Callable[[Decree], Any]] = []


@dataclass(frozen=True)
class Preview:
    """What a decree over a region would determine now, shown before the decision.

    `total` rows, counted in several ways; `left_out` by reason, as `_left_out` names them. `seen`
    is the digest of all rows that wait, to pass as `seen` together with `waiting` as `expected`.
    `others` are the first LISTED_OTHERS rows that seem to be another person than the registered
    one, explained or not, each with its `registered_match`. Several rows of one person and
    programme are counted as one. The comparison with the register is that of the last check; it is
    made again before anything is written.
    """

    waiting: int
    total: int
    left_out: dict[str, int]
    kinds: dict[str, int]
    programmes: list[tuple[str, int]]
    villages: list[tuple[str, str, int]]
    verdicts: dict[str, int]
    civil: dict[str, int]
    identity: dict[str, int]
    others: list[Proposal]
    seen: str


@transaction.atomic
def enqueue_decree(
    *,
    number: str,
    date: Date,
    region_code: str,
    by: User,
    now: datetime,
    civil_reason: str = "",
    expected: int | None = None,
    seen: str = "",
) -> tuple[Decree, Job]:
    """Create a decree over all rows accepted so far in a region, and enqueue its job.

    `civil_reason` is required if some rows are not matched with the civil register. `expected` and
    `seen` are the values of `check`, if a person was shown it.
    Raises: `not_yours`, `decree_exists`, `nothing_accepted`, `civil_reason_missing`,
    `selection_changed`, `selection_swapped`.
    """
    decree, counted = _made(number, date, region_code, by, now, civil_reason)
    if expected is not None:
        now_waiting, now_seen = _as_it_stands(decree)
        if now_waiting != expected:
            raise DomainError("selection_changed", expected=expected, now=now_waiting)
        if seen and seen != now_seen:
            raise DomainError("selection_swapped", now=now_waiting)
    decree.save(force_insert=True)
    record.entry(Action.CREATE, about=decree, by=by, reason=decree.civil_reason, civil=counted)
    return decree, _work(decree)


def check(
    *,
    number: str,
    date: Date,
    region_code: str,
    by: User,
    now: datetime,
    civil_reason: str = "",
) -> Preview:
    """What `enqueue_decree` would determine, counted; nothing is stored.

    Raises: as `enqueue_decree`. Queries: eleven.
    """
    decree, counted = _made(number, date, region_code, by, now, civil_reason)
    rows = _able(decree)
    claimed = rows.order_by().annotate(claim=register_filters.CLAIM)
    together = claimed.values("nik", "claim").annotate(count=Count("pk"))
    repeated = together.filter(count__gt=1).aggregate(more=Sum("count") - Count("*"))["more"] or 0
    everything = waiting(decree)
    left_out = {
        "own": everything.filter(step_by=by).count(),
        "identity": everything.exclude(step_by=by).filter(register_filters.IS_UNEXPLAINED).count(),
        "gone": everything.exclude(step_by=by).filter(register_filters.IS_GONE).count(),
        "conflict": everything.exclude(step_by=by).filter(register_filters.CONFLICTS).count(),
        "duplicate": repeated,
    }
    now_waiting, seen = _as_it_stands(decree)
    return Preview(
        waiting=now_waiting,
        total=sum(counted.values()) - repeated,
        left_out={reason: count for reason, count in left_out.items() if count},
        kinds=dict(_tally(rows, "kind")),
        programmes=_tally(rows, "programme_id"),
        villages=[
            (code, str(name), count)
            for code, name, count in rows.order_by()
            .values_list("village_id", "village__name")
            .annotate(count=Count("pk"))
            .order_by("-count", "village_id")
        ],
        verdicts=dict(_tally(rows, "verdict")),
        civil=counted,
        identity=identity_counts(rows),
        others=list(
            everything.filter(register_filters.IS_OTHER)
            .select_related("registered_match", "village")
            .order_by("pk")[:LISTED_OTHERS]
        ),
        seen=seen,
    )


def _made(
    number: str, date: Date, region_code: str, by: User, now: datetime, civil_reason: str
) -> tuple[Decree, dict[str, int]]:
    """A valid decree, not stored, and how the civil register knows its rows."""
    number = " ".join(number.split())
    if not number or not may(by, Permission.DETERMINE_PROPOSAL, region_code):
        raise DomainError("not_yours", region=region_code)
    known = Decree.objects.filter(number=number).first()
    if known is not None:
        raise DomainError("decree_exists", number=number, date=known.date.isoformat())
    decree = Decree(
        number=number,
        date=date,
        region_id=region_code,
        user=by,
        created_at=now,
        civil_reason=" ".join(civil_reason.split())[:1000],
    )
    if not waiting(decree).exists():
        raise DomainError("nothing_accepted", region=region_code)
    counted = civil_check.counts(_able(decree))
    if civil_check.others_in(counted) and not decree.civil_reason:
        total = sum(counted.values())
        raise DomainError(
            "civil_reason_missing",
            region=region_code,
            total=total,
            others=total - counted[CivilStatus.MATCHED],
            **counted,
        )
    return decree, counted


def _able(decree: Decree) -> ProposalQuerySet:
    """The rows that wait for a decree and that its maker may determine as they are."""
    rows = waiting(decree).exclude(step_by=decree.user).exclude(register_filters.IS_UNEXPLAINED)
    return rows.exclude(register_filters.IS_GONE).exclude(register_filters.CONFLICTS)


def _as_it_stands(decree: Decree) -> tuple[int, str]:
    """How many rows wait for a decree, and the digest of all of them. Queries: one."""
    found = waiting(decree).aggregate(count=Count("pk"), seen=selection_digest.of_waiting())
    return found["count"], found["seen"] or ""


def _tally(rows: ProposalQuerySet, field: str) -> list[tuple[str, int]]:
    counted = rows.order_by().values_list(field).annotate(count=Count("pk"))
    return [(str(value), count) for value, count in counted.order_by("-count", field)]


def civil_counts(region_code: str, by: User, now: datetime) -> dict[str, int]:
    """The states of the civil register for the rows that a decree over a region would determine
    now.

    Rows that the determiner accepted, and rows that seem to be other persons, are left out.
    Queries: one.
    """
    return civil_check.counts(_able(Decree(region_id=region_code, user=by, created_at=now)))


def identity_counts(rows: ProposalQuerySet) -> dict[str, int]:
    """How many of some proposals differ from the register: `differs` in anything, `other` seem to
    be another person (explained, if they are determined), and moves that reviewers confirmed
    (`moved`), denied (`denied`) or did not answer (`unsaid`). Queries: one.
    """
    moves = Q(registered_match__differs__overlap=[one.value for one in MOVING])
    said = "registered_match__move"
    found: dict[str, int] = rows.order_by().aggregate(
        differs=Count("pk", filter=register_filters.DIFFERS),
        other=Count("pk", filter=register_filters.IS_OTHER),
        moved=Count("pk", filter=moves & Q(**{said: Move.CONFIRMED})),
        denied=Count("pk", filter=moves & Q(**{said: Move.DENIED})),
        unsaid=Count("pk", filter=moves & Q(**{said: ""})),
    )
    return found


def in_words(counted: dict[str, int]) -> list[tuple[str, int]]:
    """How rows compare with the register: (words, how many), without those that count zero."""
    return [(str(IDENTITY[name]), count) for name, count in counted.items() if count]


def left_out_words(counted: dict[str, int]) -> list[tuple[str, int]]:
    """Why rows are left out: (words, how many)."""
    return [(str(LEFT_OUT[reason]), count) for reason, count in counted.items()]


def waiting(decree: Decree) -> ProposalQuerySet:
    """The accepted proposals of a decree: those of its region that were accepted before it."""
    return Proposal.objects.filter(
        status=ProposalStatus.ACCEPTED,
        step_at__lte=decree.created_at,
        **_range(decree.region_id),
    )


@transaction.atomic
def resume(*, decree: Decree, by: User, now: datetime) -> Job:
    """Resume a decree that failed or was cancelled. A waiting or running one needs no resume.

    Committed parts are not done twice. Raises: `not_yours`, `decree_stopping`.
    Locks: the decree, so that two who resume it make one job.
    """
    if not may(by, Permission.DETERMINE_PROPOSAL, decree.region_id):
        raise DomainError("not_yours", region=decree.region_id)
    decree = Decree.objects.select_for_update().get(pk=decree.pk)
    job = Job.objects.filter(kind=DETERMINE, subject=decree.subject).latest("pk")
    if job.cancel_asked and not job.is_finished:
        raise DomainError("decree_stopping", number=decree.number)
    is_cancelled = job.status == Job.Status.CANCELLED
    if decree.status == Decree.Status.IN_FORCE or not (is_cancelled or work.resume(job)):
        return job
    if is_cancelled:
        job = _work(decree)
    Decree.objects.filter(pk=decree.pk, status=Decree.Status.FAILED).update(
        status=Decree.Status.PREPARING
    )
    record.entry(Action.CHANGE, about=decree, by=by, step="resume")
    job.refresh_from_db()
    return job


def _work(decree: Decree) -> Job:
    """Enqueue the job of a decree, in the name of its maker."""
    return work.enqueue(
        DETERMINE,
        decree.subject,
        subject_name=decree.number,
        by=actor_of(decree.user),
        by_name=str(decree.user),
        region_code=decree.region_id,
        parameters={"decree": decree.pk},
    )


def fail(job: Job) -> None:
    """Mark the decree of a job that was given up as failed. Its committed parts are kept."""
    Decree.objects.filter(pk=job.parameters["decree"], status=Decree.Status.PREPARING).update(
        status=Decree.Status.FAILED
    )


def _begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    return resume(decree=Decree.objects.get(pk=job.subject_pk), by=by, now=now)


@kinds.job(
    DETERMINE,
    label=_("Decree"),
    resume=_begin_again,
    on_failed=fail,
    remedy=_(
        "What is in the register already stays as it is. A person who may determine resumes it on"
        " the page of the decree; the job is number %(job)s."
    ),
)
def run_decree(lease: work.Lease) -> None:
    """Do a decree's job, then compare the proposals that are still open with the changed register.

    Raises: as `determine`.
    """
    decree = determine(lease)
    if decree.change_id is not None:
        identity.refresh_touched(change_id=decree.change_id, now=timezone.now())


def determine(lease: work.Lease) -> Decree:
    """Determine the rows of a decree's job.

    Raises: `not_yours`, `nothing_accepted`.
    Locks: all determinations, the regencies of the decree, the proposals.
    Cost: 10,000 proposals of new persons in 4 s, annex included, on one core.
    """
    decree = Decree.objects.select_related("user", "region").get(pk=lease.job.parameters["decree"])
    if not may(decree.user, Permission.DETERMINE_PROPOSAL, decree.region_id):
        raise DomainError("not_yours", region=decree.region_id)
    parts = _parts(decree)
    if len(parts) == 1:
        with transaction.atomic():
            _determine_part(decree, parts[0], lease)
            _bring_into_force(decree, lease)
        return decree
    for done, part in enumerate(parts):
        with transaction.atomic():
            _determine_part(decree, part, lease)
            lease.progress(done, len(parts), stage="register")
    with transaction.atomic():
        _bring_into_force(decree, lease)
    return decree


def _parts(decree: Decree) -> list[str]:
    """The region itself, or its regencies if it is too large for one transaction.

    A decree that was begun in parts is continued in parts.
    """
    rows = waiting(decree)
    has_begun = decree.proposals.exists()
    if not has_begun and rows[: AT_ONCE + 1].count() <= AT_ONCE:
        return [decree.region_id]
    regencies = rows.annotate(regency=Left("village_id", 5)).values_list("regency", flat=True)
    return sorted(set(regencies.distinct())) or [decree.region_id]


def _determine_part(decree: Decree, part: str, lease: work.Lease) -> None:
    """Move the proposals of a part and write the register, in the caller's transaction."""
    rows = waiting(decree).filter(**_range(part))
    codes = rows.annotate(regency=Left("village_id", 5)).values_list("regency", flat=True)
    lock_regencies([EVERYWHERE])
    lock_regencies(sorted({_digits(code) for code in codes.distinct()}))
    now = timezone.now()
    # no change of the register between the comparison and the writing
    changes.lock_register()
    identity.refresh(wanted=rows.values_list("pk", flat=True), now=now)
    lease.timed("identity")
    low, high = _bounds(part)
    region_low, region_high = _bounds(decree.region_id)
    params = {
        "decree": decree.pk,
        "low": low,
        "high": high,
        "region_low": region_low,
        "region_high": region_high,
        "asked": decree.created_at,
        "by": decree.user_id,
        "by_name": str(decree.user)[:200],
        "now": now,
        "explained": bool(decree.civil_reason),
        "chars": rules.EXPLAINED_CHARS,
    }
    moved = sql.scalar("proposals/decree/determine_rows", params, rows=rows.count())
    lease.timed("move")
    if moved:
        _register(decree, params, now, moved)
    lease.timed("register")


def _register(decree: Decree, params: dict[str, Any], now: datetime, rows: int) -> None:
    with Staging(f"decree_{decree.pk}", ["staged"], bare="staged") as staging:
        staging.run("proposals/decree/stage_determined", params, rows=rows)
        staging.analyze("staged")
        changes.apply(
            change=_change(decree, now), relation=staging["staged"], active_from=decree.date
        )


def _change(decree: Decree, now: datetime) -> Change:
    return changes.begin(
        kind=Change.Kind.DECREE,
        reference=decree.number,
        source="proposals",
        actor=actor_of(decree.user),
        actor_name=str(decree.user),
        reason=f"{decree.number}, {decree.date.isoformat()}",
        now=now,
    )


def _bring_into_force(decree: Decree, lease: work.Lease) -> None:
    """The last transaction: annex, counts, decree, closed batches, end of the job."""
    rows = Proposal.objects.filter(decree=decree, status=ProposalStatus.DETERMINED)
    counted = civil_check.counts(rows)
    total = sum(counted.values())
    if not total:
        raise DomainError("nothing_accepted", region=decree.region_id)
    files = annex.write(decree, total)
    lease.timed("annex")
    now = timezone.now()
    left_out = _left_out(decree)
    differing = identity_counts(rows)
    decree.counts = {"determined": total, "civil": counted, "identity": differing, **left_out}
    decree.status = Decree.Status.IN_FORCE
    decree.in_force_at = now
    decree.change = _change(decree, now)
    for name, file in (
        ("whole_csv", files.whole_csv),
        ("whole_pdf", files.whole_pdf),
        ("annex_csv", files.masked_csv),
        ("annex_pdf", files.masked_pdf),
    ):
        getattr(decree, name).name = file.name
        setattr(decree, f"{name}_sha256", file.sha256)
    decree.save()
    for tell in on_in_force:
        tell(decree)
    sql.run(
        "proposals/decree/close_batches", {"decree": decree.pk, "closed": BatchStatus.CLOSED.value}
    )
    record.entry(
        Action.DECIDE,
        about=decree,
        by=decree.user,
        step="determine",
        determined=total,
        left_out=left_out["left_out"],
        reason=decree.civil_reason,
        civil=counted,
        identity=differing,
        change=decree.change_id,
    )
    lease.finish(decree=decree.pk, determined=total, **left_out)


def _left_out(decree: Decree) -> dict[str, Any]:
    """Counts by reason and the first rows: `own` (the determiner accepted them), `identity`
    (another person by the current register, unexplained), `gone` and `conflict` (the register has
    no such person, or has changed what is to be corrected), `civil` (no longer matched with the
    civil register, and no reason was given for such rows), and `duplicate`.
    """
    rows = waiting(decree).order_by("pk")
    special = {
        pk: reason
        for reason, rule in (
            ("conflict", register_filters.CONFLICTS),
            ("gone", register_filters.IS_GONE),
            ("identity", register_filters.IS_UNEXPLAINED),
        )
        for pk in rows.filter(rule).values_list("pk", flat=True)
    }
    counts: dict[str, int] = {}
    listed: list[tuple[int, str]] = []
    for pk, step_by, said in rows.values_list("pk", "step_by_id", "civil_match__status").iterator():
        is_unexplained = said != CivilStatus.MATCHED and not decree.civil_reason
        reason = "civil" if is_unexplained else "duplicate"
        reason = special.get(pk, reason)
        reason = "own" if step_by == decree.user_id else reason
        counts[reason] = counts.get(reason, 0) + 1
        if len(listed) < LISTED_LEFT_OUT:
            listed.append((pk, reason))
    return {"left_out": counts, "left_out_rows": listed}


def _bounds(code: str) -> tuple[str, str]:
    """The first dotted code under a region, and the text after the last one (ASCII order)."""
    prefix = prefix_of(code)
    return (prefix, prefix + "/") if prefix else ("", ":")


def _range(code: str) -> dict[str, str]:
    low, high = _bounds(code)
    return {"village__code__gte": low, "village__code__lt": high}


def _digits(code: str) -> int:
    return int(code.replace(".", ""))
