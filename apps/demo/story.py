"""The demo: one regency's month, from the boundaries to the register, through the portal's own
functions.

Every step can be run again: it finds what exists and does not make it twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.demo import (
    batches,
    civil,
    editions,
    identities,
    minutes,
    open_work,
    removals,
    sending,
    working,
)
from apps.demo.stage import SEED, Stage
from apps.proposals.decree import determination
from apps.proposals.models import Batch, Decree, Proposal, Verdict
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus
from apps.proposals.steps import ReturnReason, Step
from apps.proposals.submitting import submission

ROWS = 10_000
REGISTERED_FAMILIES = 300  # of the register, for rows that propose registered people
# The verifier passes rows that are inside, near the line or cannot be checked, and returns the
# rest.
RETURNED = (Verdict.ELSEWHERE, Verdict.UNMAPPED)
PASSED = tuple(verdict for verdict in Verdict if verdict not in RETURNED)
CIVIL_REASON = "Beda dengan Dukcapil telah diteliti dinas; daftarnya ada di lampiran."
RETURN_NOTE = "Titik berada di luar desa yang diusulkan. Ambil ulang titik di rumah keluarga."


@dataclass(frozen=True)
class StoryOutcome:
    """The results of the month; `second` is the file that is still in progress.

    `rejudged`: the result of the held rows under a new edition; `civil`: the civil register's
    answers about the batch. Workers produce both.
    """

    batch: Batch
    second: Batch
    decree: Decree
    submitted: int
    statuses: dict[str, int]
    rejudged: dict[str, Any]
    civil: dict[str, int]


def play(stage: Stage, *, say: Callable[[str], object], show: Any) -> StoryOutcome:
    """Play from the upload to the decree, each step by its own user; then leave work for every
    role.
    """
    batch = _upload(stage, say, show)
    rejudged = _renew_boundaries(stage, say, show)
    batch.refresh_from_db()
    # before the first row is endorsed: from then on the hourly schedule asks by itself
    civil.write(stage)
    say("Submitting, verifying, endorsing")
    submitted = _submit(stage, batch)
    for step, role, status, verdicts in (
        (Step.RETURN, Role.VERIFIER, ProposalStatus.SUBMITTED, RETURNED),
        (Step.VERIFY, Role.VERIFIER, ProposalStatus.SUBMITTED, PASSED),
        (Step.ENDORSE, Role.HEAD_OF_OFFICE, ProposalStatus.VERIFIED, ()),
    ):
        _decide(batch, step, stage.people[role], status, verdicts)
    pusdatin = stage.people[Role.PUSDATIN_VERIFIER]
    say("Asking the made-up civil register about what was endorsed")
    said = civil.check(batch, by=pusdatin, show=show)
    _decide(batch, Step.ACCEPT, pusdatin, ProposalStatus.ENDORSED, ())
    decree = _determine(stage, say, show)
    second = open_work.leave(stage, say=say, show=show)
    identities.leave(stage, say=say, show=show)
    removals.leave(stage, say=say, show=show)
    civil.write(stage)
    return StoryOutcome(batch, second, decree, submitted, _statuses(batch), rejudged, said)


def _upload(stage: Stage, say: Callable[[str], object], show: Any) -> Batch:
    """A month's file with known faults, through the same intake and queue as an
    officer's upload.
    """
    path = stage.folder / f"usulan_{stage.regency.code.replace('.', '')}.csv"
    if not path.exists():
        say(f"Writing a batch of {ROWS} rows")
        batches.write_batch(
            path,
            stage.villages,
            ROWS,
            SEED,
            register=stage.registered(REGISTERED_FAMILIES),
            regions=stage.regions,
            offices=stage.offices or None,
            scope=stage.regency.code,
            as_of=date.today(),
        )
    say(f"Checking {path.name} through the queue")
    return sending.send(path, stage, show=show)


def _renew_boundaries(stage: Stage, say: Callable[[str], object], show: Any) -> dict[str, Any]:
    """A new edition maps a village that had no polygon; a real layer has only one edition."""
    if stage.is_real:
        return {}
    say("A new edition of boundaries: its village's rows are judged again, held ones too")
    return editions.second(stage.folder, show=show)


def _submit(stage: Stage, batch: Batch) -> int:
    if batch.status == Batch.Status.READY:
        minutes.add_minutes(
            batch, by=stage.people[Role.REGENCY_OFFICER], without=open_work.without_minutes(stage)
        )
        submission.submit(batch=batch, by=stage.people[Role.REGENCY_OFFICER], now=timezone.now())
    return batch.proposals.exclude(status=ProposalStatus.DRAFT).count()


def _decide(
    batch: Batch, step: Step, by: User, status: ProposalStatus, verdicts: tuple[Verdict, ...]
) -> None:
    chosen = Selection(
        batch=batch.pk, status=(status.value,), verdict=tuple(v.value for v in verdicts)
    )
    total = decisions.preview(selection=chosen, step=step, by=by).total
    if total:
        is_return = step == Step.RETURN
        decisions.decide_many(
            selection=chosen,
            step=step,
            by=by,
            now=timezone.now(),
            expected=total,
            reason=ReturnReason.WRONG_POINT if is_return else "",
            note=RETURN_NOTE if is_return else "",
        )


def _determine(stage: Stage, say: Callable[[str], object], show: Any) -> Decree:
    number = f"{stage.regency.code.replace('.', '')}/DEMO/{SEED}"
    decree = Decree.objects.filter(number=number).first()
    if decree is not None and decree.status in (Decree.Status.IN_FORCE, Decree.Status.ANNULLED):
        return decree
    say(f"Determining by decree {number}")
    decree, job = determination.enqueue_decree(
        number=number,
        date=timezone.localdate(),
        region_code=stage.regency.code,
        by=stage.people[Role.DETERMINER],
        now=timezone.now(),
        civil_reason=CIVIL_REASON,
    )
    working.done(job, show=show)
    decree.refresh_from_db()
    return decree


def _statuses(batch: Batch) -> dict[str, int]:
    rows = Proposal.objects.filter(batch=batch).values_list("status").annotate(n=Count("pk"))
    return dict(rows.order_by("status"))
