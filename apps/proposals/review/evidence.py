"""The evidence beside a proposal: borders, the same person in other rows, documents, changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Document
from apps.common import sql
from apps.common.text.identity import is_number, masked
from apps.proposals import columns, maps
from apps.proposals.models import Amendment, Batch, FixedRow, Proposal, ProposalQuerySet
from apps.regions.models import Boundary

# Fields of rows about the same person that are compared, in this order.
COMPARED: Final = ("name", "birth_date", "mother_name", "masked_kk", "village", "address", "rt")
MOST_ROWS: Final = 20


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
    """Another proposal of the same person, and the fields in which it differs."""

    row: Proposal
    differences: list[tuple[str, str]]


@dataclass(frozen=True)
class CellChange:
    """One changed cell: the value as delivered, as it is read now, by whom and when."""

    label: str
    before: str
    after: str
    by: str
    at: Any


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


def same_person(proposal: Proposal, seen: ProposalQuerySet) -> list[OtherRow]:
    """Other proposals with the NIK of this one, in this and other files. Queries: one."""
    rows = seen.filter(nik=proposal.nik).exclude(pk=proposal.pk)
    shown = rows.select_related("village").order_by("-pk")[:MOST_ROWS]
    return [OtherRow(row, _differences(proposal, row)) for row in shown]


def same_point(proposal: Proposal, seen: ProposalQuerySet) -> list[Proposal]:
    """Other families of the village with exactly this point; none of or for a protected one, whose
    point the page of the other would write. Queries: one, or none.
    """
    if proposal.location is None or proposal.is_protected:
        return []
    rows = seen.filter(maps.OPEN).filter(village_id=proposal.village_id, location=proposal.location)
    return list(rows.exclude(kk=proposal.kk).order_by("kk", "pk")[:MOST_ROWS])


def document_of(proposal: Proposal, batch: Batch | None, user: User) -> Document | None:
    """The minutes or statement of the village for the cycle of its file. Queries: one."""
    if batch is None or not scope_of(user, Permission.VIEW_BATCH).contains(batch.region_id):
        return None
    return documents.latest_of([proposal.village_id], batch.cycle).get(proposal.village_id)


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


def _change(name: str, before: Any, after: Any, by: str, at: Any, hides: bool) -> CellChange:
    label = columns.TEMPLATE.get(name, name)
    if hides and name in maps.PLACE:
        return CellChange(label, maps.HIDDEN, maps.HIDDEN, by, at)
    return CellChange(label, _shown(before), _shown(after), by, at)


def _shown(value: Any) -> str:
    text = str(value) if value not in (None, "") else "–"
    return masked(text) if is_number(text) else text


def _differences(one: Proposal, other: Proposal) -> list[tuple[str, str]]:
    """Label and value of the other row, where the two rows differ."""
    found = []
    for name in COMPARED:
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours != theirs:
            found.append((_label(name), _text(theirs)))
    if one.location != other.location:
        found.append((_("point"), _("another") if other.location else _("none")))
    return found


def _label(name: str) -> str:
    if name == "masked_kk":
        return "No. KK"
    return str(Proposal._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return date_format(value, "DATE_FORMAT")
    return str(value) if value not in (None, "") else "–"
