"""The evidence beside a proposal: borders, the same person in other rows, documents, changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from django.contrib.gis.db.models.functions import Distance
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework.models import Document
from apps.common import sql
from apps.common.text.identity import is_number, masked
from apps.proposals import columns, lines, maps
from apps.proposals.chips import metres
from apps.proposals.models import (
    Amendment,
    Decision,
    FixedRow,
    Proposal,
    ProposalQuerySet,
    RowPaper,
    VerdictChange,
)
from apps.proposals.photos.house_photos import ShownPhoto
from apps.proposals.review.side_by_side import NONE, ComparedField
from apps.proposals.submitting import village_evidence
from apps.regions.models import Boundary
from apps.registry.models import Person

# Fields of rows about the same person that are compared, in this order.
COMPARED: Final = (
    *("name", "birth_place", "birth_date", "sex", "mother_name", "masked_kk"),
    *("relation", "village", "address", "rt", "rw", "programme_id", "get_kind_display"),
)
MOST_ROWS: Final = 20
Shown = TypeVar("Shown")


@dataclass(frozen=True)
class VillageBorder:
    """A village with the border that is in force: its edition and the legal status of its line."""

    name: str
    code: str
    is_claimed: bool
    edition: str
    line_status: str
    tolerance_m: float


@dataclass(frozen=True)
class OtherRow:
    """Another proposal of the same person, beside this one field by field."""

    row: Proposal
    lines: list[ComparedField]

    @property
    def differing(self) -> list[str]:
        """The labels of the fields in which it differs."""
        return [line.label for line in self.lines if line.is_other]


@dataclass(frozen=True)
class Others(Generic[Shown]):
    """Other rows, at most MOST_ROWS of them, and how many there are."""

    rows: list[Shown]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


@dataclass(frozen=True)
class CellChange:
    """One changed cell: the value as delivered, as it is read now, by whom and when."""

    label: str
    before: str
    after: str
    by: str
    at: Any


@dataclass(frozen=True)
class HistoryEntry:
    """What became of a row at one moment: a step, or what `words` say. `by` is empty where it was
    nobody's act.
    """

    at: datetime
    by: str
    words: str = ""
    decision: Decision | None = None


def borders_of(proposal: Proposal) -> list[VillageBorder]:
    """The claimed village, and the one in which the point lies. Queries: one."""
    claimed, actual = proposal.village, proposal.actual_village
    villages = [claimed] if actual in (None, claimed) else [claimed, actual]
    codes = [village.code for village in villages if village]
    known = {
        one.region_id: one
        for one in Boundary.objects.current()
        .filter(region_id__in=codes)
        .select_related("edition")
        .defer("boundary", "edition__summary")
    }
    found = []
    for village in villages:
        if village is None:
            continue
        one = known.get(village.code)
        found.append(
            VillageBorder(
                name=village.name,
                code=village.code,
                is_claimed=village == claimed,
                edition=one.edition.name if one else "",
                line_status=one.line_status if one else "",
                tolerance_m=one.tolerance_m if one else 0.0,
            )
        )
    return found


def missed_border(proposal: Proposal) -> list[float]:
    """Longitude and latitude of the claimed border nearest to a point outside it; else empty."""
    if proposal.location is None or not proposal.distance_m:
        return []
    point = {"point": proposal.location.hexewkb.decode(), "region": proposal.village_id}
    found = sql.run("proposals/review/find_missed_border", point)
    return [float(value) for value in found[0]] if found else []


def same_person(proposal: Proposal, seen: ProposalQuerySet) -> Others[OtherRow]:
    """Other proposals with the NIK of this one, in this and other files, the newest first.

    Queries: two; three where there are more than are shown, one where there is none.
    """
    rows = seen.filter(nik=proposal.nik).exclude(pk=proposal.pk)
    beside = rows.select_related("village").order_by("-pk")
    if proposal.location is not None:
        beside = beside.annotate(apart=Distance("location", proposal.location))
    shown = [OtherRow(row, list(_compared(proposal, row))) for row in beside[:MOST_ROWS]]
    if shown:
        lines.load_lines(one.row for one in shown)
    return Others(shown, _total(rows, shown))


def same_point(proposal: Proposal, seen: ProposalQuerySet) -> Others[Proposal]:
    """Other families of the village with exactly this point; none of or for a protected one, whose
    point the page of the other would write.

    Queries: one, or none; two where there are more than are shown.
    """
    if proposal.location is None or proposal.is_protected:
        return Others([], 0)
    rows = seen.filter(maps.OPEN).filter(village_id=proposal.village_id, location=proposal.location)
    others = rows.exclude(kk=proposal.kk)
    shown = list(others.order_by("kk", "pk")[:MOST_ROWS])
    return Others(shown, _total(others, shown))


def _total(rows: ProposalQuerySet, shown: list[Any]) -> int:
    return len(shown) if len(shown) < MOST_ROWS else rows.count()


def document_of(proposal: Proposal, user: User) -> Document | None:
    """The minutes or statement of the village that counts for a row. Queries: one."""
    found = village_evidence.counting_for(proposal.batch_id).filter(region=proposal.village_id)
    return found.within(scope_of(user, Permission.VIEW_BATCH)).first()


def changes_of(proposal: Proposal) -> list[CellChange]:
    """The cells that were changed since the delivery, the oldest first. Queries: two."""
    fixed = FixedRow.objects.filter(batch=proposal.batch_id, row_number=proposal.row_number)
    hides = proposal.is_protected
    found = [
        _change(name, before, row.values.get(name), str(row.fix.user), row.fix.asked_at, hides)
        for row in fixed.select_related("fix__user").order_by("fix_id")
        for name, before in row.before.items()
    ]
    amended = Amendment.objects.filter(proposal=proposal).select_related("user").order_by("pk")
    found += [
        _change(name, row.before.get(name), value, str(row.user), row.at, hides)
        for row in amended
        for name, value in row.values.items()
    ]
    return found


def history_of(
    proposal: Proposal,
    decisions: Iterable[Decision],
    changes: Iterable[CellChange],
    photos: Iterable[ShownPhoto],
    papers: Iterable[RowPaper],
    document: Document | None,
) -> list[HistoryEntry]:
    """What became of a row, the oldest first: steps, checks under another edition, changed cells,
    and what was sent about it. Queries: one.
    """
    found = [HistoryEntry(one.at, one.by_name, decision=one) for one in decisions]
    rechecks = VerdictChange.objects.filter(proposal=proposal).select_related("edition")
    for one in rechecks.defer("edition__summary"):
        words = _("Checked again when edition {edition} came into force: {before}, now {after}.")
        before, after = one.get_from_verdict_display(), one.get_to_verdict_display()
        said = words.format(edition=one.edition.name, before=before, after=after)
        found.append(HistoryEntry(one.at, "", said))
    cells: dict[tuple[Any, str], list[str]] = {}
    for change in changes:
        cells.setdefault((change.at, change.by), []).append(change.label)
    found += [
        HistoryEntry(at, by, _("changed: {cells}").format(cells=", ".join(labels)))
        for (at, by), labels in cells.items()
    ]
    found += [
        HistoryEntry(one.at, one.by_name, _("sent a photo: {kind}").format(kind=one.label))
        for one in photos
    ]
    sent = [(one.document, proposal.get_evidence_kind_display()) for one in papers]
    sent += [(document, document.get_kind_display())] if document else []
    found += [
        HistoryEntry(
            one.at,
            one.by_name,
            _("sent the paper: {kind} {number}").format(kind=kind, number=one.number),
        )
        for one, kind in sent
    ]
    return sorted(found, key=lambda entry: entry.at)


def _change(name: str, before: Any, after: Any, by: str, at: Any, hides: bool) -> CellChange:
    label = columns.TEMPLATE.get(name, name)
    if hides and name in maps.PLACE:
        return CellChange(label, maps.HIDDEN, maps.HIDDEN, by, at)
    return CellChange(label, _shown(before), _shown(after), by, at)


def _shown(value: Any) -> str:
    text = str(value) if value not in (None, "") else "–"
    return masked(text) if is_number(text) else text


def _compared(one: Proposal, other: Proposal) -> Iterator[ComparedField]:
    """Both rows field by field; their points by the metres between them."""
    for name in COMPARED:
        ours, theirs = _value(one, name), _value(other, name)
        if ours or theirs:
            differs = ours.casefold() != theirs.casefold()
            yield ComparedField(_label(name), ours or NONE, theirs or NONE, differs)
    yield from _points(one, other)


def _points(one: Proposal, other: Proposal) -> Iterator[ComparedField]:
    """Where the two points are. Of a protected one nothing is told, nor how far the other is."""
    if one.location is None and other.location is None:
        return
    if one.is_protected or other.is_protected:
        hidden = pgettext("identity", "protected")
        yield ComparedField(_("point"), hidden, hidden, is_other=False)
        return
    ours = _("a point") if one.location else NONE
    if one.location is None or other.location is None:
        yield ComparedField(_("point"), ours, _("a point") if other.location else NONE, True)
    elif one.location == other.location:
        yield ComparedField(_("point"), ours, _("the same point"), is_other=False)
    else:
        apart = _("{metres} from there").format(metres=metres(other.apart.m))  # type: ignore[attr-defined]
        yield ComparedField(_("point"), ours, apart, is_other=True)


def _label(name: str) -> str:
    if name == "masked_kk":
        return "No. KK"
    field = name.removeprefix("get_").removesuffix("_display").removesuffix("_id")
    return str(Proposal._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


def _value(row: Proposal, name: str) -> str:
    """A field's value in words; "" if it is empty."""
    value = getattr(row, name)
    value = value() if callable(value) else value
    if name == "sex":
        return str(dict(Person.Sex.choices).get(value, value))
    if hasattr(value, "isoformat"):
        return date_format(value, "DATE_FORMAT")
    return str(value) if value is not None else ""
