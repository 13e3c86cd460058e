"""Boundary editions: received as a file, then read and examined by a worker, ready for activation.

Each step of the work is recorded where it is stored (`staging`), so that a killed import continues
with the step it was in.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import subject_of
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.jobs import kinds, work
from apps.jobs.messages import PUT_ASIDE
from apps.jobs.models import Job
from apps.regions.editions import quality
from apps.regions.editions.activation import activate, in_brief, on_activated, on_preview, preview
from apps.regions.editions.reception import (
    IMPORT_EDITION,
    inspect,
    receive_edition,
    resume_import,
)
from apps.regions.editions.staging import EditionStaging
from apps.regions.layers import BPS, Reading, choose
from apps.regions.models import BoundaryEdition, ForeignCode

__all__ = [
    "ACTIVATE_EDITION",
    "IMPORT_EDITION",
    "activate",
    "enqueue_activation",
    "import_edition",
    "in_brief",
    "mark_failed",
    "on_activated",
    "on_preview",
    "preview",
    "inspect",
    "receive_edition",
    "resume_import",
]

ACTIVATE_EDITION: Final = "regions.activate_edition"
Status = BoundaryEdition.Status


def mark_failed(job: Job) -> None:
    """Mark the edition of a failed import; it can be requested again, with other choices."""
    edition_id = int(job.subject.rpartition(":")[2])
    BoundaryEdition.objects.filter(
        pk=edition_id, status__in=[Status.RECEIVED, Status.READING]
    ).update(status=Status.FAILED)
    if job.message_code not in PUT_ASIDE:
        EditionStaging(edition_id).drop()


@kinds.job(
    IMPORT_EDITION,
    label=_("Import of boundaries"),
    resume=resume_import,
    on_failed=mark_failed,
    remedy=_(
        "Resume it on the page of the edition, or upload the file again under the same name; it can"
        " be resumed on the page of jobs, too (job %(job)s)."
    ),
)
def import_edition(lease: work.Lease) -> None:
    """Read the file, repair and store its polygons, write the quality report.

    A second run, or a run after a kill, produces the same rows.
    Raises: FileRefused, DomainError, LeaseLost.
    """
    edition = BoundaryEdition.objects.get(pk=lease.job.subject.rpartition(":")[2])
    BoundaryEdition.objects.filter(
        pk=edition.pk, status__in=[Status.RECEIVED, Status.READING]
    ).update(status=Status.READING)
    with EditionStaging(edition.pk) as staging:
        if lease.job.attempt == 1:
            staging.drop()  # existing rows belong to another file or other choices
        reading = _read(edition, staging, lease)
        quality.examine(staging, edition=edition, reading=reading, lease=lease)
        lease.progress(stage="store")
        _store(edition, staging, reading, lease)


def _store(
    edition: BoundaryEdition, staging: EditionStaging, reading: Reading, lease: work.Lease
) -> None:
    """Write boundaries, report, summary and the job's end in one transaction."""
    with transaction.atomic():
        summary = quality.store(staging, edition=edition)
        lease.timed("store")
        seconds = round(sum(lease.job.seconds.values()), 1)
        summary = {**edition.summary, **summary, "layer": reading.layer, "seconds": seconds}
        BoundaryEdition.objects.filter(pk=edition.pk, status=Status.READING).update(
            status=Status.READY,
            summary=summary,
            layer=reading.layer,
            code_field=reading.code_field,
            code_system=reading.code_system,
        )
        lease.finish(edition=edition.name, **summary)


def enqueue_activation(
    *, edition: BoundaryEdition, by: str, by_name: str = "", reason: str = ""
) -> Job:
    """Ask for an edition to be put in force."""
    edition.refresh_from_db()
    if edition.status not in {Status.READY, Status.ACTIVE, Status.SUPERSEDED}:
        raise DomainError("not_ready", name=edition.name, status=str(edition.get_status_display()))
    return work.enqueue(
        ACTIVATE_EDITION,
        subject_of(edition),
        subject_name=edition.name,
        by=by,
        by_name=by_name,
        parameters={"reason": reason},
    )


@kinds.job(ACTIVATE_EDITION, label=_("Activation of boundaries"))
def run_activation(lease: work.Lease) -> None:
    """Put the edition of a job in force. Raises: as `activate`."""
    job = lease.job
    edition = BoundaryEdition.objects.get(pk=job.subject_pk)
    with transaction.atomic():
        result = activate(
            edition=edition,
            by=job.actor,
            by_name=job.actor_name,
            now=timezone.now(),
            reason=job.parameters.get("reason", ""),
        )
        lease.timed("activate")
        lease.finish(**in_brief(result))


def _read(edition: BoundaryEdition, staging: EditionStaging, lease: work.Lease) -> Reading:
    """Copy the features into the staging table, block by block; stored ones are not read again."""
    scratch = Path(settings.MEDIA_ROOT) / "scratch" / f"edition-{edition.pk}"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a killed attempt
    scratch.mkdir(parents=True)
    try:
        path = Path(edition.file.path)
        kind = tabular.sniff(
            path,
            edition.file_name,
            formats=tabular.BOUNDARY_FORMATS,
            limits=tabular.BOUNDARY_FILE,
        )
        reading = choose(
            tabular.peek_layers(path, kind, scratch=scratch),
            layer=edition.layer,
            code_field=edition.code_field,
            code_system=edition.code_system,
        )
        _copy(path, kind, reading, staging, lease, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    lease.timed("read")
    return reading


def _copy(
    path: Path,
    kind: tabular.FileKind,
    reading: Reading,
    staging: EditionStaging,
    lease: work.Lease,
    scratch: Path,
) -> None:
    done = staging.start()
    if staging.is_done("read"):
        return
    lease.progress(done, reading.count, stage="read")
    stream = tabular.stream_features(
        path, kind, reading.layer, reading.fields, skip_rows=done, scratch=scratch
    )
    columns = ["row_number", *reading.columns, "shape", "flag"]
    if done < reading.count:
        for block in stream:
            sql.copy_in(staging["rows"], columns, [block])
            lease.progress(stream.last_row)
    staging.once("read", lambda: _refuse_useless(staging, reading))


def _refuse_useless(staging: EditionStaging, reading: Reading) -> None:
    """Raises: DomainError when no code was read, or BPS codes have no crosswalk."""
    if not staging.run("regions/find_code"):
        raise DomainError(
            "no_codes_read", field=reading.code_field, layer=reading.layer, count=reading.count
        )
    if reading.code_system == BPS and not ForeignCode.objects.filter(system=BPS).exists():
        raise DomainError("no_crosswalk", field=reading.code_field)
