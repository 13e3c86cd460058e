"""All rows of a file that must be mended, on one page: the wrong cells and the findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.common.http import MOST_INTEGER, integer
from apps.proposals import lines, removal_rules, rules
from apps.proposals.checks import findings
from apps.proposals.checks.finding_texts import Message
from apps.proposals.entry import form_fields
from apps.proposals.fixes import rows
from apps.proposals.models import Batch, Finding
from apps.proposals.states import BatchStatus, EvidenceKind
from apps.proposals.submitting import calendar_rules
from apps.regions.models import Level, Region, prefix_of
from apps.registry.models import EndReason, Programme
from apps.ui.paging import Order, Page, read_page

# The address names a row with the number of its faults, which changes while the row is mended.
MOST_FAULTS_FIRST: Final = Order.by("-faults", "row_number", is_carried=True)
# A list of more villages than this is too long to look through.
MOST_VILLAGES: Final = 1_000
KINDS: Final = (
    ("BARU", pgettext_lazy("kind of proposal", "New")),
    ("PERBAIKAN", pgettext_lazy("kind of proposal", "Correction")),
    ("HAPUS", pgettext_lazy("kind of proposal", "Removal")),
)
REASONS: Final = tuple(
    (reason.words[0], EndReason(code).label) for code, reason in removal_rules.REASONS.items()
)
PAPERS: Final = tuple(
    (paper.words[0], EvidenceKind(code).label) for code, paper in removal_rules.PAPERS.items()
)
SEXES: Final = (("L", gettext_lazy("Male")), ("P", gettext_lazy("Female")))
# Columns whose cells are chosen from a list; programmes and villages come from the database.
CHOICES: Final[dict[str, form_fields.type_choices]] = {
    "sex": SEXES,
    "marital_status": form_fields.MARRIED,
    "relation": form_fields.RELATIONS,
    "disability": form_fields.YES_NO,
    "disability_kind": form_fields.DISABILITIES,
    "pregnant": form_fields.YES_NO,
    "kind": KINDS,
    "reason": REASONS,
    "evidence_kind": PAPERS,
}
type_typed = Mapping[int, Mapping[str, str | None] | None]


@dataclass(frozen=True)
class Input:
    """One wrong cell as a field. `choices` is empty for a text field."""

    row: int
    cell: rows.Cell
    value: str
    choices: list[tuple[str, Any]]

    @property
    def name(self) -> str:
        return f"{self.row}-{self.cell.name}"


@dataclass(frozen=True)
class CellFault:
    """The cells of one fault, and the messages why they are wrong."""

    inputs: list[Input]
    messages: list[Message]


@dataclass(frozen=True)
class MendLine:
    """A row with its faults; `is_dropped` where its box is ticked."""

    row: rows.BatchRow
    faults: list[CellFault]
    is_dropped: bool


@dataclass(frozen=True)
class MendPage:
    """Fifty rows, the worst first, the addresses of the neighbours, and villages to choose from."""

    lines: list[MendLine]
    pages: Page[Any]
    villages: list[tuple[str, str]]


def read(
    batch: Batch, params: Mapping[str, Any] | None = None, typed: type_typed | None = None
) -> MendPage:
    """The rows that must be mended, those with most faults first. Queries: nine."""
    found = batch.findings.filter(severity=rules.ERROR).order_by().values("row_number")
    counted = found.annotate(faults=Count("pk"))
    pages = read_page(counted, MOST_FAULTS_FIRST, params or {})
    return read_about(batch, [row["row_number"] for row in pages.rows], typed, pages)


def read_about(
    batch: Batch,
    numbers: Sequence[int],
    typed: type_typed | None = None,
    pages: Page[Any] | None = None,
) -> MendPage:
    """The given rows in this order, as far as they must still be mended, with the typed values."""
    told: dict[int, list[Finding]] = {}
    for finding in batch.findings.filter(row_number__in=numbers, severity=rules.ERROR).order_by(
        "pk"
    ):
        told.setdefault(finding.row_number, []).append(finding)
    lists = dict(CHOICES)
    lists["programme"] = [(one.code, one.name) for one in Programme.objects.order_by("code")]
    above = lines.above(batch)
    found = [
        _line(row, told[row.number], above, lists, typed or {})
        for row in rows.rows_of(batch, list(numbers))
        if row.is_held and row.number in told
    ]
    has_village = any(
        field.cell.name == "village_code"
        for line in found
        for fault in line.faults
        for field in fault.inputs
    )
    return MendPage(found, pages or Page(), villages(batch) if has_village else [])


def villages(batch: Batch) -> list[tuple[str, str]]:
    """(code, name) of the villages of the sender's area if they are few enough for a list."""
    known = Region.objects.at(timezone.localdate()).filter(level=Level.VILLAGE)
    known = known.filter(code__startswith=prefix_of(batch.region_id))
    found = known.order_by("code").values_list("code", "name", "parent__name")[: MOST_VILLAGES + 1]
    named = [(code, f"{name}, {district}") for code, name, district in found]
    return named if len(named) <= MOST_VILLAGES else []


def _line(
    row: rows.BatchRow,
    told: Iterable[Finding],
    above: int,
    lists: Mapping[str, form_fields.type_choices],
    typed: type_typed,
) -> MendLine:
    cells = {cell.name: cell for cell in row.cells}
    given = typed.get(row.number, {})
    faults: list[CellFault] = []
    of: dict[str, CellFault] = {}
    for finding in told:
        names = [name for name in rows.cells_of(finding) if name in cells]
        fresh = [
            _input(row.number, cells[name], lists, (given or {}).get(name))
            for name in names
            if name not in of
        ]
        if fresh or not names:
            fault = CellFault(fresh, [])
            faults.append(fault)
            of |= dict.fromkeys((field.cell.name for field in fresh), fault)
        else:
            fault = of[names[0]]
        fault.messages.append(findings.words(finding, above))
    return MendLine(row, faults, row.number in typed and given is None)


def _input(
    row: int,
    cell: rows.Cell,
    lists: Mapping[str, form_fields.type_choices],
    typed: str | None,
) -> Input:
    choices = list(lists.get(cell.name, ()))
    if choices and cell.value not in dict(choices):
        choices = [(cell.value, cell.value or "–"), *choices]
    return Input(row, cell, cell.value if typed is None else typed, choices)


def changes(
    batch: Batch, numbers: list[int], given: Mapping[str, Any]
) -> tuple[dict[int, Any], dict[int, int]]:
    """The changes that a form of this page asks for: by row the cells that differ, None for a row
    to drop; and the last change of each row that the page showed. `numbers` are the rows. Queries:
    five.
    """
    asked: dict[int, Any] = {}
    for row in rows.rows_of(batch, numbers):
        cells = {
            cell.name: str(given[f"{row.number}-{cell.name}"])
            for cell in row.cells
            if f"{row.number}-{cell.name}" in given
        }
        if given.get(f"{row.number}-drop"):
            asked[row.number] = None
        elif typed := rows.typed(row, cells):
            asked[row.number] = typed
    return asked, {
        number: integer(given.get(f"{number}-seen"), most=MOST_INTEGER, default=0)
        for number in asked
    }


def deadline(batch: Batch, day: date) -> str:
    """Until when rows can be mended, or since when no more, in words; "" without a cycle."""
    cycle = batch.cycle
    if cycle is None:
        return ""
    words = {"name": cycle.name, "at": date_format(cycle.cutoff_date, "DATE_FORMAT")}
    if calendar_rules.is_over(batch, day):
        said = _(
            "Cycle {name} closed on {at}: these rows can no longer be mended here. Download them,"
            " correct them and upload them as a new file in the next cycle."
        )
    elif cycle.cutoff_date < day:
        said = _("Cycle {name} closed on {at}. What is mended now goes into the next cycle.")
    elif batch.status == BatchStatus.READY:
        said = _(
            "Cycle {name} closes on {at}. What is not mended by then goes into the next cycle."
        )
    else:
        said = _("They can be mended until {at}, when cycle {name} closes.")
    return said.format(**words)
