"""Boundaries change: open rows are looked at again where that concerns them, and only there.

Proposals in the transaction that puts the edition in force, held rows by a job of their own after
it; both by the very statements of the first check.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql as psql

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import subject_of
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.jobs.wake_up import enqueue_on_commit
from apps.jobs.work import Lease
from apps.proposals.checks import batch_check, location, stored_rows
from apps.proposals.checks.reading import SCHEMA
from apps.proposals.models import Batch
from apps.proposals.states import CHECKED, OPEN
from apps.regions.models import Boundary, BoundaryEdition, Level, Region

# Findings that speak of the boundary; whether a point is shared or coarse does not depend on it.
REPLACED: Final = (
    "near_border",
    "neighbour",
    "elsewhere",
    "unmapped",
    "no_polygon",
    "axes_swapped",
    "sign_flipped",
)
TASK: Final = "apps.proposals.tasks.recheck_held"
# After so long the rest is a job of its own, behind what waits meanwhile.
WORK_S: Final = 60.0
PARTS: Final = ("points", "findings", "located", "strays", "placed")


def recheck(
    *, edition: BoundaryEdition, codes: list[str], by: str, by_name: str, now: datetime
) -> dict[str, int]:
    """Look again at the points of open proposals in or for these villages.

    Returns `rechecked` (points looked at), `evidence_changed` and `verdicts_changed`.
    """
    tables = {part: (SCHEMA, f"recheck_{edition.pk}_{part}") for part in PARTS}
    _drop(tables)
    values = {"codes": codes, "open": [str(status) for status in OPEN]}
    sql.run("proposals/checks/draw_open_points", values, tables=tables)
    looked_at = _count(tables["points"])
    before = _tally(tables, looked_at)
    location.locate(tables)
    sql.execute(
        psql.SQL(
            "CREATE UNLOGGED TABLE {} (row_number bigint, code text, field text, params jsonb)"
        ).format(psql.Identifier(*tables["findings"]))
    )
    sql.run("proposals/checks/find_misplaced", {"has_points": True}, tables=tables)
    rechecked = _count(tables["placed"])
    changed, verdicts = sql.run("proposals/checks/apply_places", {}, tables=tables, rows=rechecked)[
        0
    ]
    replaced = {**batch_check.catalogue(), "replaced": list(REPLACED)}
    sql.run("proposals/checks/replace_findings", replaced, tables=tables, rows=rechecked)
    _recount(before, _tally(tables, looked_at))
    _drop(tables)
    return {"rechecked": rechecked, "evidence_changed": changed, "verdicts_changed": verdicts}


def count_affected(*, codes: list[str]) -> dict[str, int]:
    """How many open proposals an activation would look at again. Queries: two."""
    values = {"codes": codes, "open": [str(status) for status in OPEN]}
    open_ = sql.scalar("proposals/checks/count_affected", values)
    return {"proposals": open_, "held": sum(len(rows) for _batch, rows in _near(codes))}


# --- held rows ---


def enqueue_held_recheck(
    *, edition: BoundaryEdition, codes: list[str], by: str, by_name: str, now: datetime
) -> dict[str, int]:
    """Ask for the held rows of these villages to be judged again, when the edition is in force.

    Returns `held`: how many there are.
    """
    total = sum(len(rows) for _batch, rows in _near(_villages(edition))) if codes else 0
    if total:
        enqueue_on_commit(_asked(edition, after=0, by=by, by_name=by_name, total=total))
    return {"held": total}


def _villages(edition: BoundaryEdition) -> list[str]:
    """The villages whose boundary the edition settles: those it has and those it covers."""
    own = Boundary.objects.filter(edition=edition, region__level=Level.VILLAGE)
    codes = set(own.values_list("region_id", flat=True))
    if edition.covers:
        covered = Region.objects.under(edition.covers).filter(level=Level.VILLAGE)
        codes.update(covered.values_list("code", flat=True))
    return sorted(codes)


def _asked(edition: BoundaryEdition, *, after: int, **fields: Any) -> Job:
    return work.create_job(
        task=TASK,
        subject=subject_of(edition),
        subject_name=edition.name,
        parameters={"after": after},
        **fields,
    )


def recheck_held(lease: Lease) -> Job | None:
    """Judge the held rows of a job again, batch by batch, each in a transaction of its own.

    A batch that cannot be changed any more is left as it is. After WORK_S the rest is a job of its
    own, which is returned and to be rung for. A repeat ends in the same rows.
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
                lease.finish(**counts, left=rest)
                return _asked(
                    edition, after=after, by=job.actor, by_name=job.actor_name, total=rest
                )
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
    lease.finish(**counts)
    return None


def _near(codes: list[str], after: int = 0) -> list[tuple[int, list[int]]]:
    """Held rows that a change of these villages may concern, by batch. Queries: two."""
    statuses = [str(status) for status in CHECKED]
    day = timezone.localdate()
    params = {"codes": codes, "statuses": statuses, "day": day, "after": after}
    return [(batch, rows) for batch, rows in sql.run("proposals/checks/find_held_near", params)]


# --- counts ---


def _tally(tables: dict[str, tuple[str, str]], rows: int) -> dict[int, dict[str, Any]]:
    found = sql.run("proposals/checks/tally_places", {}, tables=tables, rows=rows)
    return {
        batch: json.loads(counts) if isinstance(counts, str) else counts for batch, counts in found
    }


def _recount(before: dict[int, dict[str, Any]], after: dict[int, dict[str, Any]]) -> None:
    """The counts of the batches follow what became of their proposals."""
    changed = [batch for batch, counts in before.items() if counts != after.get(batch, counts)]
    for batch in Batch.objects.select_for_update().filter(pk__in=changed).order_by("pk"):
        stored_rows.recount(batch, before[batch.pk], after[batch.pk])


def _count(table: tuple[str, str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(psql.SQL("SELECT count(*) FROM {}").format(psql.Identifier(*table)))
        return int(cursor.fetchone()[0])


def _drop(tables: dict[str, tuple[str, str]]) -> None:
    for table in tables.values():
        sql.execute(psql.SQL("DROP TABLE IF EXISTS {}").format(psql.Identifier(*table)))
