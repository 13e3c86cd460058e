"""What the pages of uploads show: how far a file is, what became of its rows, its columns."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from apps.commandcentre.hazards import event_files
from apps.commandcentre.models import Hazard, OfficeUpload, UploadKind
from apps.commandcentre.uploads import reception, upload_kinds
from apps.common.tabular import Peek
from apps.imports import column_choice, layouts
from apps.imports.column_choice import REASONS, OurColumn
from apps.imports.layouts import Layout
from apps.jobs import messages, polling

SHOWN: Final = 100
MOST_EVENTS: Final = 50
# Messages that other columns may mend.
OF_COLUMNS: Final = frozenset(
    ("upload_mostly_refused", "import_columns_missing", "import_empty", "import_column_unknown")
)


def watched(upload: OfficeUpload, now: datetime) -> dict[str, Any]:
    """The context of the progress. Queries: one."""
    job = reception.job_of(upload)
    known = polling.watched(job, now)
    is_rows = upload.kind in upload_kinds.ROWS
    known |= {
        "upload": upload,
        "why": messages.ending(job) if job is not None else "",
        "may_match": is_rows and upload.imported_at is None and bool(upload.file),
        "is_for_columns": job is None or job.message_code in OF_COLUMNS,
    }
    return known


def shown(upload: OfficeUpload) -> dict[str, Any]:
    """What became of the rows. Queries: one, for a table of events."""
    counts: Mapping[str, int] = upload.counts
    lines, header = _findings(upload)
    return {
        "counts": [
            (label, counts[name])
            for name, label in upload_kinds.COUNTED.items()
            if counts.get(name)
        ],
        "findings": lines,
        "findings_header": header,
        "is_cut": len(lines) == SHOWN,
        "hazard": upload.options.get("hazard"),
        "events": _events(upload),
    }


def _findings(upload: OfficeUpload) -> tuple[list[list[str]], list[str]]:
    """The first lines of the list of findings, and its headings."""
    if not upload.listed:
        return [], []
    try:
        with upload.listed.open("rb") as file:
            text = (line.decode("utf-8-sig") for line in file)
            rows = list(islice(csv.reader(text), SHOWN + 1))
    except FileNotFoundError:
        return [], []
    return rows[1:], rows[0] if rows else []


def _events(upload: OfficeUpload) -> list[Hazard]:
    """The hazards that a table of events made or changed, the newest first."""
    if upload.kind != UploadKind.EVENTS or upload.imported_at is None:
        return []
    found = Hazard.objects.filter(source=event_files.SOURCE, received_at=upload.imported_at)
    return list(found.order_by("-occurred_at", "-pk")[:MOST_EVENTS])


# --- columns ---


def layout_of(upload: OfficeUpload) -> Layout:
    return upload_kinds.ROWS[upload.kind].layout_for(upload.options)


def our_columns(
    upload: OfficeUpload, seen: Peek, given: Mapping[str, int | None] | None
) -> list[OurColumn]:
    """Our columns with the chosen position of each: from the form, else as stored, with what is
    likely for the rest.
    """
    layout = layout_of(upload)
    found = layouts.recognise_columns(seen, layout)
    chosen: dict[str, int | None] = {**found.proposed(), **upload.mapping}
    if given is not None:
        chosen = dict(given)
    needed = {name: group for group in layout.needed for name in group}
    columns = []
    for name in layout.words.columns:
        others = [layout.label(one) for one in needed.get(name, ()) if one != name]
        match = found.matches.get(name)
        is_proposed = match is not None and match.position == chosen.get(name)
        reason = REASONS.get(match.reason) if match is not None and is_proposed else None
        columns.append(
            OurColumn(
                name,
                layout.label(name),
                name in needed,
                chosen.get(name),
                other=" / ".join(others),
                reason=str(reason or ""),
            )
        )
    return columns


def wrong_choice(upload: OfficeUpload, chosen: Mapping[str, int]) -> tuple[list[str], str]:
    """(labels of needed columns without a choice, a message about a column chosen twice)."""
    layout = layout_of(upload)
    lacking = [layout.label(name) for name in layout.lacking(chosen)]
    # a column that holds both halves of a point is chosen for both
    alone = {
        name: at
        for name, at in chosen.items()
        if not (name == "longitude" and chosen.get("latitude") == at)
    }
    return lacking, column_choice.taken_twice(alone, upload.header, layout.label)
