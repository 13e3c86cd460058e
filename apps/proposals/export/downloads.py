"""Files for download: made in the protected storage, streamed, and deleted after sending."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import FileResponse

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.common import tabular
from apps.common.files import inspection
from apps.proposals.export import batch_files, release
from apps.proposals.models import Batch

# A larger workbook takes too long for a page request.
MOST_WORKBOOK_ROWS: Final = 50_000


def returned_file(batch: Batch, by: User, *, is_held_only: bool) -> FileResponse:
    """The officer's own file with its findings, as a workbook unless it is too large for one.

    The stored file is read again beside its findings, in the transaction that counts and records
    the download: few at once, one for each user (adr/0011). The place comes first: who counts waits
    for the same user's other download. Raises: PermissionDenied, `no_file`, FileRefused, Busy, and
    what a large file needs before (`release`).
    """
    with inspection.download_slot(actor_of(by)):
        try:
            release.need_batch(batch, by, is_held_only=is_held_only)
        except release.WholeNotYours as refused:
            raise PermissionDenied from refused
        return _made(batch, is_held_only=is_held_only)


def _made(batch: Batch, *, is_held_only: bool) -> FileResponse:
    rows = batch.counts.get("held", 0) if is_held_only else batch.rows_read
    ending = "xlsx" if rows <= MOST_WORKBOOK_ROWS else "csv"
    folder = Path(settings.MEDIA_ROOT) / "returned"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own:
        path = Path(own) / f"{Path(batch.file_name).stem}-temuan.{ending}"
        batch_files.file_with_findings(
            batch, path, is_held_only=is_held_only, limits=tabular.ROW_FILE.download()
        )
        # the open file can be read after its name is deleted
        return FileResponse(path.open("rb"), as_attachment=True, filename=path.name)
