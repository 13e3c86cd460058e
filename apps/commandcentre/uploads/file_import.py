"""Imports an uploaded file, as a job: the same importers as the commands use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.hazards import layer_import
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import OfficeUpload, UploadKind
from apps.commandcentre.states import HazardKind, HazardStatus
from apps.commandcentre.uploads import upload_kinds
from apps.commandcentre.uploads.reception import IMPORT_UPLOAD
from apps.commandcentre.zones import zone_files
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.imports.office_imports import Import, Imported
from apps.jobs import kinds, work
from apps.regions.models import CodeSystem

# What changes the distance of villages to stock.
MOVES_COVERAGE: Final = (UploadKind.FACILITIES, UploadKind.STOCK, UploadKind.ZONES)


@kinds.job(IMPORT_UPLOAD, label=_("Import of an uploaded file"), queue="relief")
def run_import(lease: work.Lease) -> None:
    """Import the file of a job; it ends in the transaction that applies the file."""
    upload = OfficeUpload.objects.select_related("user").get(pk=lease.job.subject_pk)
    path = stored_files.kept(upload.file, upload.file_size)
    now = timezone.now()
    if upload.kind in upload_kinds.ROWS:
        _import_rows(upload, path, lease, now)
    elif upload.kind == UploadKind.HAZARD:
        _import_hazard(upload, path, lease, now)
    else:
        _import_zones(upload, path, lease, now)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _import_rows(upload: OfficeUpload, path: Path, lease: work.Lease, now: datetime) -> None:
    options: Mapping[str, str] = upload.options
    asked = Import(
        path,
        by=upload.user,
        now=now,
        name=upload.file_name,
        mapping=upload.mapping,
        is_matched=True,
        kind=options.get("kind", ""),
        counted_at=_moment(options.get("counted_at", "")),
        code_system=options.get("code_system", CodeSystem.KEMENDAGRI.value),
        scratch=stored_files.folder("scratch"),
        report=lambda rows: lease.progress(rows, stage="reading"),
        finish=partial(_finish_rows, upload, lease, now),
    )
    try:
        upload_kinds.ROWS[upload.kind].apply(asked)
    except DomainError as refused:
        if refused.code != "import_mostly_refused":
            raise
        rows, count = refused.params["rows"], refused.params["refused"]
        upload.rows, upload.refused = rows, count
        upload.listed = _below_media(Path(refused.params["listed"]))
        upload.save(update_fields=["rows", "refused", "listed"])
        raise DomainError("upload_mostly_refused", rows=rows, refused=count) from refused


def _finish_rows(
    upload: OfficeUpload, lease: work.Lease, now: datetime, imported: Imported
) -> None:
    """Note the result in the transaction that applied the rows."""
    upload.rows = imported.rows
    upload.refused = len(imported.findings.refused_rows)
    upload.found = imported.findings.counts()
    upload.listed = "" if imported.listed is None else _below_media(imported.listed)
    _finish(upload, lease, now, imported.counts)


def _import_hazard(upload: OfficeUpload, path: Path, lease: work.Lease, now: datetime) -> None:
    options: Mapping[str, str] = upload.options
    request = layer_import.Request(
        file_name=upload.file_name,
        kind=HazardKind(options["kind"]),
        occurred_at=datetime.fromisoformat(options["occurred_at"]),
        title=options.get("title", ""),
        event=options.get("event", ""),
        status=HazardStatus(options["status"]),
        layer=options.get("layer", ""),
        field=options.get("field", ""),
        meaning=Meaning(options["meaning"]) if options.get("meaning") else None,
    )
    with transaction.atomic():
        done = layer_import.import_file(path, request, by=upload.user, now=now)
        counts = {
            "new": int(done.is_new),
            "changed": int(done.is_changed),
            "bands": len(done.bands),
            "left_out": done.left_out,
            "late": int(done.is_late),
            "known": int(not (done.is_new or done.is_changed or done.is_late)),
        }
        upload.options = {**options, "hazard": done.hazard.pk}
        _finish(upload, lease, now, counts)


def _import_zones(upload: OfficeUpload, path: Path, lease: work.Lease, now: datetime) -> None:
    options: Mapping[str, str] = upload.options
    meaning = options.get("meaning")
    file = zone_files.ZoneFile(
        path,
        upload.file_name,
        kind=HazardKind(options["kind"]),
        name=options["name"],
        column=options.get("field", ""),
        meaning=Meaning(meaning) if meaning else None,
    )
    with transaction.atomic():
        done = zone_files.import_zones(file, by=upload.user, now=now)
        counts = {"new": int(done.is_new), "villages": done.villages, "left_out": done.left_out}
        _finish(upload, lease, now, counts)


def _finish(
    upload: OfficeUpload, lease: work.Lease, now: datetime, counts: Mapping[str, int]
) -> None:
    """End the job; the file is deleted when the transaction has committed."""
    path = Path(upload.file.path)
    upload.counts, upload.imported_at, upload.file = dict(counts), now, ""
    upload.save()
    if upload.kind in MOVES_COVERAGE:
        village_coverage.enqueue_refresh(by=upload.user)
    lease.finish(**counts)
    transaction.on_commit(_removal(path))


def _removal(path: Path) -> Callable[[], Any]:
    return lambda: path.unlink(missing_ok=True)


def _below_media(path: Path) -> str:
    """The name of a stored file."""
    return str(path.relative_to(Path(settings.MEDIA_ROOT)))
