"""Re-check after a change of boundaries: only the open rows that the change concerns.

Proposals are re-checked in the transaction that puts the edition in force, held rows by a separate
job after it. Both use the statements of the first check.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import subject_of
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.sql import Tables
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals.checks import batch_check, location, stored_rows
from apps.proposals.models import Batch
from apps.proposals.states import CHECKED, OPEN
from apps.regions.editions import activation
from apps.regions.models import Boundary, BoundaryEdition, Level, Region

# Findings about the boundary. Whether a point is shared or coarse does not depend on it.
REPLACED: Final = (
    "near_border",
    "neighbour",
    "elsewhere",
    "unmapped",
    "no_polygon",
    "axes_swapped",
    "sign_flipped",
)
RECHECK_HELD: Final = "proposals.recheck_held"
# After this time the rest becomes a new job, so that waiting jobs are not blocked.
WORK_S: Final = 60.0
PARTS: Final = ("points", "findings", "located", "strays", "placed")
FINDING_COLUMNS: Final = {
    "row_number": "bigint",
    "code": "text",
    "field": "text",
    "params": "jsonb",
}


def recheck(
    *, edition: BoundaryEdition, codes: list[str], by: str, by_name: str, now: datetime
) -> dict[str, Any]:
    """Place the points of open proposals in or for these villages again.

    Returns the counts `rechecked` (points), `evidence_changed` and `verdicts_changed`, and
    `verdict_moves`: how many by former and present verdict.
    """
    with Staging(f"recheck_{edition.pk}", PARTS) as staging:
        values = {"codes": codes, "open": [str(status) for status in OPEN]}
        staging.run("proposals/checks/draw_open_points", values)
        looked_at = staging.count("points")
        before = _tally(staging, looked_at)
        location.place_rows(staging)
        staging.create("findings", FINDING_COLUMNS)
        location.find_misplaced(staging, has_points=True)
        rechecked = staging.count("placed")
        applied = {"edition": edition.pk, "at": now}
        changed = staging.run("proposals/checks/apply_places", applied, rows=rechecked)
        replaced = {**batch_check.catalogue(), "replaced": list(REPLACED)}
        staging.run("proposals/checks/replace_findings", replaced, rows=rechecked)
        _recount(before, _tally(staging, looked_at))
    moves: dict[str, dict[str, int]] = {}
    for before, verdict, count in changed:
        if before != verdict:
            moves.setdefault(before, {})[verdict] = count
    return {
        "rechecked": rechecked,
        "evidence_changed": sum(count for _before, _verdict, count in changed),
        "verdicts_changed": sum(sum(counts.values()) for counts in moves.values()),
        "verdict_moves": moves,
    }


def count_affected(*, codes: list[str]) -> dict[str, int]:
    """The number of open proposals that an activation would re-check. Queries: two."""
    values = {"codes": codes, "open": [str(status) for status in OPEN]}
    open_ = sql.scalar("proposals/checks/count_affected", values)
    return {"proposals": open_, "held": sum(len(rows) for _batch, rows in _near(codes))}


# --- held rows ---


def enqueue_held_recheck(
    *, edition: BoundaryEdition, codes: list[str], by: str, by_name: str, now: datetime
) -> dict[str, int]:
    """Enqueue the re-check of the held rows of these villages, once the edition is in force.

    Returns `held`, the number of these rows.
    """
    total = sum(len(rows) for _batch, rows in _near(_villages(edition))) if codes else 0
    if total:
        _enqueue(edition, after=0, by=by, by_name=by_name, total=total)
    return {"held": total}


def _villages(edition: BoundaryEdition) -> list[str]:
    """The villages whose boundary the edition defines: those it contains and those it covers."""
    own = Boundary.objects.filter(edition=edition, region__level=Level.VILLAGE)
    codes = set(own.values_list("region_id", flat=True))
    if edition.covers:
        covered = Region.objects.under(edition.covers).filter(level=Level.VILLAGE)
        codes.update(covered.values_list("code", flat=True))
    return sorted(codes)


def _enqueue(edition: BoundaryEdition, *, after: int, **fields: Any) -> Job:
    return work.enqueue(
        RECHECK_HELD,
        subject_of(edition),
        subject_name=edition.name,
        parameters={"after": after},
        **fields,
    )


@kinds.job(RECHECK_HELD, label=_("Held rows checked again"))
def recheck_held(lease: Lease) -> None:
    """Re-check the held rows of a job, batch by batch, each in its own transaction.

    A batch that can no longer be changed is skipped. After WORK_S seconds the rest becomes a new
    job. A repeat gives the same rows.
    """
    job = lease.job
    edition = BoundaryEdition.objects.get(pk=int(job.subject.rpartition(":")[2]))
    after = int(job.parameters["after"])
    counts = Counter(rows=0, became_ready=0, verdicts_changed=0, batches=0, skipped=0)
    ends = time.monotonic() + WORK_S
    found = _near(_villages(edition), after)
    for at, (batch, numbers) in enumerate(found):
        if time.monotonic() > ends:
            rest = sum(len(rows) for _batch, rows in found[at:])
            with transaction.atomic():
                _finish(lease, edition, counts, left=rest)
                _enqueue(edition, after=after, by=job.actor, by_name=job.actor_name, total=rest)
            return
        lease.progress(counts["rows"], stage="held")
        try:
            judged = stored_rows.judge_again(batch, numbers, f"held_{edition.pk}_{batch}")
        except DomainError:
            counts["skipped"] += 1
        else:
            record.entry(
                Action.RUN,
                about=Batch.objects.get(pk=batch),
                by=job,
                step="recheck",
                edition=edition.name,
                **judged._asdict(),
            )
            counts.update(judged._asdict())
            counts["batches"] += 1
        after = batch
    with transaction.atomic():
        _finish(lease, edition, counts)


def _finish(lease: Lease, edition: BoundaryEdition, counts: Counter[str], **more: int) -> None:
    """End the job, and add its numbers to those that the edition's page shows."""
    lease.finish(**counts, **more)
    activation.note_held(edition.pk, counts)


def _near(codes: list[str], after: int = 0) -> list[tuple[int, list[int]]]:
    """Held rows (numbers, by batch) that a change of these villages may concern. Queries: two."""
    statuses = [str(status) for status in CHECKED]
    day = timezone.localdate()
    params = {"codes": codes, "statuses": statuses, "day": day, "after": after}
    return [(batch, rows) for batch, rows in sql.run("proposals/checks/find_held_near", params)]


# --- counts ---


def _tally(tables: Tables, rows: int) -> dict[int, dict[str, Any]]:
    found = sql.run("proposals/checks/tally_places", {}, tables=tables, rows=rows)
    return {
        batch: json.loads(counts) if isinstance(counts, str) else counts for batch, counts in found
    }


def _recount(before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]]) -> None:
    """Update the counts of the batches after the re-check of their proposals."""
    changed = [batch for batch, counts in before.items() if counts != after.get(batch, counts)]
    for batch in Batch.objects.select_for_update().filter(pk__in=changed).order_by("pk"):
        stored_rows.recount(batch, before[batch.pk], after[batch.pk])
