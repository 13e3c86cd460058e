"""The findings about photos that came after the check of their file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.common import sql
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.proposals.checks import batch_check, photo_positions, stored_rows
from apps.proposals.models import Batch

COMPARE: Final = "proposals.compare_photos"
PARTS: Final = ("touched", "points", "findings")
POINTS: Final = {
    "row_number": "bigint",
    "longitude": "double precision",
    "latitude": "double precision",
}
FINDINGS: Final = {"row_number": "bigint", "code": "text", "field": "text", "params": "jsonb"}


@transaction.atomic
def refresh(batch_id: int, rows: Collection[int]) -> None:
    """Compare the photos of these rows with their points again; runs as the worker.

    Raises: `batch_not_ready`: a check that is running finds them itself.
    Locks: the batch, as every change of its rows.
    """
    if not rows:
        return
    with Staging(f"photos_{batch_id}", PARTS) as tables:
        batch = stored_rows.locked(batch_id)
        tables.create("touched", {"row_number": "bigint PRIMARY KEY"})
        numbers = "".join(f"{one}\n" for one in sorted(set(rows)))
        sql.copy_in(tables["touched"], ["row_number"], [numbers.encode()])
        touched: dict[str, Any] = {**tables, "staging": tables["touched"]}
        before = stored_rows.tally(batch, touched)
        tables.create("points", POINTS)
        tables.create("findings", FINDINGS)
        of_batch = {"batch": batch.pk}
        tables.run("proposals/photos/draw_row_points", of_batch, rows=len(rows))
        photo_positions.find_far_photos(tables, batch=batch.pk)
        replaced = {
            **of_batch,
            **batch_check.catalogue(),
            "replaced": list(photo_positions.CODES),
        }
        tables.run("proposals/photos/replace_photo_findings", replaced, rows=len(rows))
        stored_rows.recount(batch, before, stored_rows.tally(batch, touched))


def enqueue_refresh(*, batch: Batch, rows: Collection[int], by: User) -> Job:
    """Enqueue the comparison for rows whose photos changed."""
    return work.enqueue(
        COMPARE,
        batch.subject,
        subject_name=str(batch),
        region_code=batch.region_id,
        by=actor_of(by),
        by_name=str(by),
        total=len(rows),
        parameters={"rows": sorted(rows)},
    )


@kinds.job(COMPARE, label=_("Photos compared with the point"), queue="interactive")
def compare_photos(lease: Lease) -> None:
    """Compare the photos of some rows of a batch with their points again. Runs as the worker."""
    with transaction.atomic():
        refresh(lease.job.subject_pk, lease.job.parameters["rows"])
        lease.finish()
