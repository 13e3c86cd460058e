"""Work that the demo's month leaves open: a second file, villages without minutes, drafts.

Each step checks what exists, so that a second run adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.demo import batches, house_pictures, sending
from apps.demo.stage import SEED, Stage
from apps.proposals.entry import drafts
from apps.proposals.entry import form_fields as form
from apps.proposals.models import Batch
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus
from apps.proposals.steps import Step
from apps.proposals.submitting import submission

ROWS = 400
WITHOUT_MINUTES = 2  # villages, the last ones
# How far the villages of the second file are: the share that has reached each step.
REACHED = (
    (Step.VERIFY, Role.VERIFIER, ProposalStatus.SUBMITTED, 0.4),
    (Step.ENDORSE, Role.HEAD_OF_OFFICE, ProposalStatus.VERIFIED, 0.2),
)
SUBMITTED_SHARE = 0.6


def without_minutes(stage: Stage) -> frozenset[str]:
    """The villages whose meeting was not held yet: their rows wait."""
    return frozenset(sorted(stage.own)[-WITHOUT_MINUTES:])


def leave(stage: Stage, *, say: Callable[[str], object], show: Any) -> Batch:
    """Leave work for the officer, the village, the verifier, the head and Pusdatin. Returns the
    second file.
    """
    say("Leaving work open: a second file, villages without minutes, drafts of families")
    batch = _second_file(stage, show)
    villages = list(
        batch.proposals.order_by("village_id").values_list("village_id", flat=True).distinct()
    )
    if batch.status == Batch.Status.READY:
        submission.submit(
            batch=batch,
            by=stage.people[Role.REGENCY_OFFICER],
            now=timezone.now(),
            villages=_first(villages, SUBMITTED_SHARE),
        )
    for step, role, status, share in REACHED:
        for village in _first(villages, share):
            _decide(batch, village, step, stage.people[role], status)
    batch.refresh_from_db()
    house_pictures.add_pictures(batch, by=stage.people[Role.REGENCY_OFFICER], show=show)
    for role in (Role.VILLAGE_OFFICER, Role.REGENCY_OFFICER):
        _begin_family(stage.people[role], min(stage.own))
    return batch


def _second_file(stage: Stage, show: Any) -> Batch:
    path = stage.folder / f"usulan_susulan_{stage.regency.code.replace('.', '')}.csv"
    if not path.exists():
        batches.write_batch(
            path,
            stage.villages,
            ROWS,
            SEED + 1,
            regions=stage.regions,
            offices=stage.offices or None,
            scope=stage.regency.code,
            as_of=date.today(),
        )
    return sending.send(path, stage, show=show)


def _first(villages: list[str], share: float) -> list[str]:
    return villages[: max(1, int(len(villages) * share))]


def _decide(batch: Batch, village: str, step: Step, by: User, status: ProposalStatus) -> None:
    chosen = Selection(batch=batch.pk, region=village, status=(status.value,))
    total = decisions.preview(selection=chosen, step=step, by=by).total
    if total:
        decisions.decide_many(
            selection=chosen, step=step, by=by, now=timezone.now(), expected=total
        )


def _begin_family(by: User, village: str) -> None:
    """A draft of a family: its card is typed, its members and house are not."""
    if drafts.mine(by).filter(submitted_at=None).exists():
        return
    now = timezone.now()
    draft = drafts.begin(by=by, now=now)
    family = form.empty(form.FAMILY) | {
        "kk": f"{village.replace('.', '')[:6]}0101209992",
        "programme": ["PKH"],
        "address": "DUSUN CONTOH",
        "rt": "001",
        "rw": "002",
        form.VILLAGE: village,
    }
    drafts.save(draft=draft, section=form.FAMILY, values=family, seen=0, by=by, now=now)
