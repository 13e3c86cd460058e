"""The result of a batch as a file: row by row, or the officer's own file with the findings."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, Final

import xlsxwriter
from django.db import transaction
from django.utils.translation import gettext as _

from apps.audit import record
from apps.audit.models import Action
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.imports import joined_cells
from apps.proposals import columns, lines, maps
from apps.proposals.checks import finding_texts, reading
from apps.proposals.models import Batch, Finding, FixedRow, HeldRow

RESULT_HEADER: Final = (
    "row",
    "status",
    "verdict",
    "actual_village",
    "distance_m",
    "flags",
    "findings",
    "kind",
)
ROWS_AT_ONCE: Final = 2_000
COLOURS: Final = {1: "#E8F0F7", 2: "#FFF3D6", 3: "#FDECEA"}
NOTE_CHARS: Final = 1_000
# The column in which a sender explains an identity, and the findings that ask for it.
NOTE_COLUMN: Final = "identity_note"
IDENTITY_FINDINGS: Final = ("registered_other", "registered_other_explained")

type_findings = list[Finding]


def export_batch(batch: Batch, path: Path) -> int:
    """Write the result of a batch (csv, xlsx or geojson, by the ending). Returns the number of
    rows.

    Raises: `unknown_ending`. The export is audited in the same transaction.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise DomainError("unknown_ending", name=path.name)
    with transaction.atomic(), path.open("wb") as out:
        count = write(_results(batch), out)
        record.entry(Action.EXPORT, about=batch, rows=count, format=path.suffix.lower())
    return count


def file_with_findings(
    batch: Batch,
    path: Path,
    *,
    is_held_only: bool = False,
    limits: tabular.Limits = tabular.ROW_FILE,
) -> int:
    """Write the officer's own file again, with its columns in their order and the findings after
    them.

    If another person seems to be registered under a NIK and the file has no column for the
    explanation, this column comes first after its own. The last columns are Baris (the line of the
    officer's file, `proposals.lines`), Temuan and Cara memperbaiki, in the language in use. In XLSX
    a cell with a finding is coloured and has a note. Returns the rows written.
    Raises: `unknown_ending`, `no_file`; FileRefused when the stored file cannot be read any more.
    """
    if not batch.file:
        raise DomainError("no_file", batch=str(batch))
    write = {".csv": _own_csv, ".xlsx": _own_xlsx}.get(path.suffix.lower())
    if write is None:
        raise DomainError("unknown_ending", name=path.name)
    with transaction.atomic(), path.open("wb") as out:
        count = write(batch, _own_rows(batch, limits, is_held_only=is_held_only), out)
        record.entry(Action.EXPORT, about=batch, rows=count, format=path.suffix.lower())
    return count


def _results(batch: Batch) -> Iterator[tuple[Any, ...]]:
    held = batch.held_rows.filter(location__isnull=False)
    protected = [row.pk for row in maps.protected_held(held)]
    return sql.stream("proposals/export/export_rows", {"batch": batch.pk, "protected": protected})


class _Counted:
    """Passes rows on and counts them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows, self.count = rows, 0

    def __iter__(self) -> Iterator[Any]:
        for row in self.rows:
            self.count += 1
            yield row


def _csv(rows: Iterable[tuple[Any, ...]], out: BinaryIO) -> int:
    counted = _Counted(rows)
    tabular.write_csv((row[:-1] for row in counted), RESULT_HEADER, out, bom=False)
    return counted.count


def _xlsx(rows: Iterable[tuple[Any, ...]], out: BinaryIO) -> int:
    return tabular.write_xlsx((row[:-1] for row in rows), RESULT_HEADER, out)


def _geojson(rows: Iterable[tuple[Any, ...]], out: BinaryIO) -> int:
    counted = _Counted(rows)
    tabular.write_geojson(
        (
            {"geometry": row[-1], "properties": dict(zip(RESULT_HEADER, row, strict=False))}
            for row in counted
        ),
        out,
    )
    return counted.count


_WRITERS: dict[str, Callable[[Iterable[tuple[Any, ...]], BinaryIO], int]] = {
    ".csv": _csv,
    ".xlsx": _xlsx,
    ".geojson": _geojson,
}


def _own_rows(
    batch: Batch, limits: tabular.Limits, *, is_held_only: bool
) -> Iterator[tuple[int, list[str], type_findings]]:
    """(row number, current cells, findings) of each row of the stored file, in its order."""
    stream = tabular.stream(
        reading.stored_path(batch),
        reading.kind_of(batch),
        list(range(len(batch.header))),
        limits=limits,
        scratch=stored_files.folder("scratch"),
    )
    findings = groupby(
        batch.findings.order_by("row_number", "-severity", "pk").iterator(ROWS_AT_ONCE),
        key=lambda finding: finding.row_number,
    )
    held = _held_numbers(batch) if is_held_only else None
    changed = _changed(batch)
    turned, values = next(changed, (0, {}))
    asks = asks_identity(batch)
    number, waiting = next(findings, (0, iter(())))
    for block in stream:
        for line in block.decode().removesuffix("\n").split("\n"):
            row, *cells = line.split("\t")
            found: type_findings = []
            if int(row) == number:
                found = list(waiting)
                number, waiting = next(findings, (0, iter(())))
            now = [_cell(cell) for cell in cells[:-1]] + [""] * asks
            if int(row) == turned:
                for position, text in joined_cells.together(batch.mapping, values).items():
                    now[position] = text
                if asks:
                    now[-1] = values.get(NOTE_COLUMN) or ""
                turned, values = next(changed, (0, {}))
            if held is None or int(row) in held:
                yield int(row), now, found


def _changed(batch: Batch) -> Iterator[tuple[int, dict[str, str]]]:
    """The current cells of rows that were changed after the upload, in order."""
    rows = FixedRow.objects.filter(batch=batch).order_by("row_number", "-fix_id")
    latest = rows.distinct("row_number").values_list("row_number", "values")
    return latest.iterator(ROWS_AT_ONCE)


def _held_numbers(batch: Batch) -> set[int]:
    return set(HeldRow.objects.filter(batch=batch).values_list("row_number", flat=True))


def _cell(text: str) -> str:
    """The value of a field in COPY's text format."""
    if "\\" not in text:
        return text
    return str(json.loads('"' + text.replace('"', '\\"') + '"'))


def asks_identity(batch: Batch) -> bool:
    """Whether a row must explain its identity and the file has no column for that."""
    strange = batch.findings.filter(code__in=IDENTITY_FINDINGS)
    return NOTE_COLUMN not in batch.mapping and strange.exists()


def _own_header(batch: Batch) -> list[str]:
    names = {heading: columns.TEMPLATE[column] for heading, column in columns.GEOMETRY.items()}
    header = [names.get(heading, heading) for heading in batch.header]
    header += [columns.TEMPLATE[NOTE_COLUMN]] * asks_identity(batch)
    return [*header, _("Row"), _("Findings"), _("How to fix")]


def _finding_lines(above: int, findings: type_findings) -> tuple[str, str]:
    """The findings of a row and how to fix them, one line for each finding."""
    told = [_words(finding, above) for finding in findings]
    return (
        "\n".join(message.title for message in told),
        "\n".join(message.remedy for message in told),
    )


def _words(finding: Finding, above: int) -> finding_texts.Message:
    return finding_texts.text(
        finding.code,
        params=finding.params,
        row_number=finding.row_number,
        field=finding.field,
        above=above,
    )


def _own_csv(
    batch: Batch, rows: Iterable[tuple[int, list[str], type_findings]], out: BinaryIO
) -> int:
    counted, above = _Counted(rows), lines.above(batch)
    told = ([*cells, row + above, *_finding_lines(above, found)] for row, cells, found in counted)
    tabular.write_csv(told, _own_header(batch), out)
    return counted.count


def _own_xlsx(
    batch: Batch, rows: Iterable[tuple[int, list[str], type_findings]], out: BinaryIO
) -> int:
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "tmpdir": str(stored_files.folder("scratch")),
    }
    line, above = 0, lines.above(batch)
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet("DATA")
        page.freeze_panes(1, 0)
        bold = book.add_format({"bold": True})
        coloured = {level: book.add_format({"bg_color": c}) for level, c in COLOURS.items()}
        for position, heading in enumerate(_own_header(batch)):
            page.write_string(0, position, tabular.inert(heading), bold)
        for line, (row, cells, found) in enumerate(rows, 1):
            marks = _marks(batch, found)
            for position, cell in enumerate(cells):
                finding = marks.get(position)
                if finding is not None:
                    page.write_string(
                        line, position, tabular.inert(cell), coloured[finding.severity]
                    )
                    page.write_comment(line, position, _note_text(finding, above))
                elif cell:
                    page.write_string(line, position, tabular.inert(cell))
            page.write_number(line, len(cells), row + above)
            for offset, text in enumerate(_finding_lines(above, found), 1):
                page.write_string(line, len(cells) + offset, tabular.inert(text))
    return line


def _marks(batch: Batch, findings: type_findings) -> dict[int, Finding]:
    """The worst finding of each cell, by its position in the file."""
    marks: dict[int, Finding] = {}
    for finding in findings:
        position = batch.mapping.get(finding.field)
        if position is not None:
            marks.setdefault(position, finding)
    return marks


def _note_text(finding: Finding, above: int) -> str:
    words = _words(finding, above)
    return f"{words.title} {words.remedy}"[:NOTE_CHARS]
