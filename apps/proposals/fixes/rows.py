"""One row of a checked batch as its officer sees it: cells, findings, earlier changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from apps.common.text.identity import digits, is_number, masked
from apps.proposals import columns, lines, maps, removal_rules, rules
from apps.proposals.checks import findings
from apps.proposals.checks.finding_texts import Message
from apps.proposals.models import Batch, Finding, FixedRow, HeldRow, Proposal
from apps.proposals.states import ProposalStatus

HELD, DROPPED = "held", "dropped"
POINT: Final = maps.PLACE
NUMBERS: Final = ("nik", "kk")
# The cells that mend a finding, if these are not just the finding's own column.
CELLS: Final[dict[str, tuple[str, ...]]] = {
    "nik_birth_date": ("nik", "birth_date"),
    "nik_sex": ("nik", "sex"),
    "nik_is_kk": ("nik", "kk"),
    "kk_two_villages": ("kk", "village_code"),
    "village_ambiguous": ("village_code",),
    "village_name_unknown": ("village_code", "village_name"),
    "village_name_differs": ("village_code", "village_name"),
    "already_registered": ("nik", "kind"),
    "registered_other": ("nik", "identity_note"),
    "registered_other_explained": ("nik", "identity_note"),
    "registered_other_corrected": ("nik", "name"),
    "registered_differs": ("name", "mother_name"),
    "registered_spelling": ("name", "mother_name"),
    "registered_moved": ("kk", "village_code", "address"),
    "family_moved": ("kk", "village_code", "address"),
    "not_registered": ("nik", "kind"),
    "not_enrolled": ("programme", "kind"),
    "reason_unneeded": ("reason", "kind"),
    "evidence_missing": ("evidence_kind", "evidence_number"),
    "evidence_unknown": ("evidence_kind", "evidence_number"),
    "evidence_unfit": ("reason", "evidence_kind", "evidence_number"),
    "removed_already": ("nik", "kind"),
    "registered_outside_scope": ("nik", "kind"),
    "disability_without_kind": ("disability", "disability_kind"),
    "disability_kind_unneeded": ("disability", "disability_kind"),
    "pregnant_man": ("sex", "pregnant"),
    "pregnant_age": ("birth_date", "pregnant"),
    "pregnancy_date_missing": ("pregnant", "pregnancy_date"),
    "pregnancy_date_unneeded": ("pregnant", "pregnancy_date"),
    **dict.fromkeys(
        ("axes_swapped", "sign_flipped", "near_border", "neighbour", "elsewhere", "unmapped")
        + ("no_point", "shared_point", "office_point", "coarse", "coordinate_range")
        + ("coordinate_half", "coordinate_unreadable"),
        POINT,
    ),
}


@dataclass(frozen=True)
class Cell:
    """One cell. A whole NIK or KK is shown masked (`mask`); `before` is the uploaded value."""

    name: str
    value: str
    mask: str = ""
    before: str | None = None

    @property
    def label(self) -> str:
        return columns.TEMPLATE[self.name]


@dataclass(frozen=True)
class BatchRow:
    """A row with the relevant cells. `status` is `held`, `dropped` or the status of its proposal.

    `number` is the row number in the database, `line` the one that people see (`proposals.lines`).
    """

    number: int
    line: int
    status: str
    name: str
    verdict: str
    seen: int
    cells: list[Cell]
    messages: list[tuple[int, Message]] = field(default_factory=list)

    @property
    def is_held(self) -> bool:
        return self.status == HELD

    @property
    def is_dropped(self) -> bool:
        return self.status == DROPPED

    @property
    def can_change(self) -> bool:
        return self.status in {HELD, ProposalStatus.DRAFT}


def rows_of(
    batch: Batch, numbers: list[int], code: str = "", *, hides_points: bool = False
) -> list[BatchRow]:
    """These rows, with the cells that mend a finding; with all cells if no finding is given.

    `hides_points`: the reader may not change the rows, so that protected points are not written.
    Queries: five, or six.
    """
    above = lines.above(batch)
    dropped = set(
        batch.dropped_rows.filter(row_number__in=numbers).values_list("row_number", flat=True)
    )
    held = {
        row.row_number: row for row in HeldRow.objects.filter(batch=batch, row_number__in=numbers)
    }
    ready = {
        row.row_number: row for row in Proposal.objects.filter(batch=batch, row_number__in=numbers)
    }
    told: dict[int, list[Finding]] = {}
    for finding in batch.findings.filter(row_number__in=numbers).order_by("-severity", "pk"):
        told.setdefault(finding.row_number, []).append(finding)
    changed: dict[int, list[FixedRow]] = {}
    for change in FixedRow.objects.filter(batch=batch, row_number__in=numbers).order_by("fix_id"):
        changed.setdefault(change.row_number, []).append(change)
    cards = None
    if hides_points:
        cards = maps.protected_among(maps.card_in(row.values) for row in held.values())
    return [
        _row(
            number,
            held.get(number),
            ready.get(number),
            told.get(number, []),
            changed.get(number, []),
            code,
            above,
            cards,
        )
        for number in numbers
        if number in held or number in ready or number in dropped
    ]


def _row(
    number: int,
    held: HeldRow | None,
    ready: Proposal | None,
    told: list[Finding],
    changed: list[FixedRow],
    code: str,
    above: int,
    cards: set[str] | None,
) -> BatchRow:
    """`cards`: the protected family cards, if their points are not written."""
    values: Mapping[str, Any] = (
        held.values
        if held
        else changed[-1].values
        if changed
        else _cells_of(ready) | _as_written(told)
    )
    names = _names(code, told)
    hides = cards is not None and _is_protected(values, ready, cards)
    return BatchRow(
        number=number,
        line=number + above,
        status=HELD if held else ready.status if ready else DROPPED,
        name=str(values.get("name") or ""),
        verdict=(held.verdict if held else ready.verdict if ready else ""),
        seen=changed[-1].fix_id if changed else 0,
        cells=[_cell(name, values.get(name), changed, hides=hides) for name in names],
        messages=[
            (finding.severity, findings.words(finding, above, hides_point=hides))
            for finding in told
        ],
    )


def _is_protected(values: Mapping[str, Any], ready: Proposal | None, cards: set[str]) -> bool:
    if ready is not None:
        return ready.is_protected
    return maps.has_protected_kind(values) or maps.card_in(values) in cards


def cells_of(finding: Finding) -> tuple[str, ...]:
    """The columns whose cells mend a finding."""
    return CELLS.get(finding.code) or (finding.field or "nik",)


def _names(code: str, told: Iterable[Finding]) -> tuple[str, ...]:
    if not code:
        return columns.COLUMNS
    if code in CELLS:
        return CELLS[code]
    return tuple(dict.fromkeys(row.field for row in told if row.code == code and row.field)) or (
        "nik",
    )


def _cell(name: str, value: Any, changed: Iterable[FixedRow], *, hides: bool = False) -> Cell:
    text = str(value or "")
    first = next((row.before[name] for row in changed if name in row.before), None)
    has_changed = any(name in row.before for row in changed)
    before = hidden(name, str(first or "")) if has_changed else None
    if hides and name in POINT:
        return Cell(name, maps.HIDDEN if text else "", "", maps.HIDDEN if before else before)
    if is_whole_number(name, text):
        return Cell(name, "", masked(digits(text)), before)
    return Cell(name, text, "", before)


def is_whole_number(name: str, text: str) -> bool:
    """Whether a cell holds a number that could be somebody's NIK or KK. Then it is masked.

    A number of sixteen digits in another column counts, too: the cells of a row may be shifted.
    """
    bare = digits(text) if name in NUMBERS else text.replace(" ", "")
    return is_number(bare)


def hidden(name: str, text: str) -> str:
    """A cell as it may be shown."""
    return masked(digits(text)) if is_whole_number(name, text) else text


def typed(row: BatchRow, given: Mapping[str, str]) -> dict[str, str]:
    """The cells of a form that differ from what it showed.

    An empty field for a masked number keeps the number.
    """
    return {
        cell.name: given[cell.name]
        for cell in row.cells
        if cell.name in given
        and given[cell.name].strip() != cell.value
        and not (cell.mask and not given[cell.name].strip())
    }


def _as_written(told: Iterable[Finding]) -> dict[str, str]:
    """The cells that findings quote, as they were written, and points that no map can show."""
    written: dict[str, str] = {}
    for finding in told:
        for name in POINT:
            if finding.params.get(name) is not None:
                written.setdefault(name, str(finding.params[name]))
        value = finding.params.get("value")
        if finding.field and value is not None and len(value) < rules.VALUE_CHARS:
            written[finding.field] = value
    return written


def _cells_of(ready: Proposal | None) -> dict[str, str]:
    """The cells of a good row without changes, as the check has read them."""
    if ready is None:
        return {}
    kinds = {"new": "", "correction": "PERBAIKAN", "removal": "HAPUS"}
    unchanged = removal_rules.left_alone(ready.kind, ready.ends, ready.changes)
    own = {
        name: getattr(ready, name)
        for name in ("nik", "kk", "birth_place", "mother_name", "relation", "occupation")
        + ("marital_status", "address", "rt", "rw", "sex", "disability_kind", "identity_note")
    }
    reason = removal_rules.REASONS.get(ready.reason)
    paper = removal_rules.PAPERS.get(ready.evidence_kind)
    point = ready.location
    cells = own | {
        "name": f"{ready.title} {ready.name}".strip(),
        "birth_date": f"{ready.birth_date:%d-%m-%Y}",
        "village_code": ready.village_id,
        "programme": ready.programme_id,
        "kind": kinds.get(ready.kind, ""),
        "ppks": ";".join(map(str, ready.ppks)),
        "disability": "YA" if ready.disability_kind else "",
        "pregnant": "YA" if ready.is_pregnant else "",
        "pregnancy_date": f"{ready.pregnancy_date:%d-%m-%Y}" if ready.pregnancy_date else "",
        "latitude": f"{point.y:.6f}" if point else "",
        "longitude": f"{point.x:.6f}" if point else "",
        "accuracy_m": f"{ready.accuracy_m:g}" if ready.accuracy_m is not None else "",
        "reason": reason.words[0] if reason else "",
        "reason_date": f"{ready.reason_date:%d-%m-%Y}" if ready.reason_date else "",
        "evidence_kind": paper.words[0] if paper else "",
        "evidence_number": ready.evidence_number,
    }
    return cells | dict.fromkeys(unchanged, "")
