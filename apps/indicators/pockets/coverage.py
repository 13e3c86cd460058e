"""Whom the programmes and the proposals reach, inside the pockets and outside of them.

All numbers are those of our edition in force. A family in a pocket without any programme may have
been left out; a family with a programme outside the pockets may not need it. Both are questions, no
findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    Case,
    Exists,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import NullIf
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.indicators.models import PocketEdition, PocketVillage
from apps.indicators.pockets import disclosure
from apps.indicators.pockets.activation import InForce
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import Order

Rows = QuerySet[PocketVillage, PocketVillage]
Origin = PocketEdition.Origin
# The parts of a village's families.
PARTS: Final = ("enrolled", "proposed", "located", "inside", "near_border")
HEADER: Final = (
    *("kode_desa", "desa", "kabupaten", "kantong", "keluarga", "tanpa_usulan", "tanpa_program"),
    *("penerima", "bertitik", "titik_di_dalam", "titik_dekat_batas", "kantong_menurut", "edisi"),
)


# What the villages are sorted by: numbers that are shown, the worst first. By points it is the
# share of the families that have one.
BY_FAMILIES: Final = "families"
SORTS: Final[dict[str, Order]] = {
    BY_FAMILIES: Order.by("-shown_families", "pk"),
    "proposal": Order.by("-shown", "pk", nullable=["shown"]),
    "programme": Order.by("-shown", "pk", nullable=["shown"]),
    "enrolled": Order.by("-shown", "pk", nullable=["shown"]),
    "located": Order.by("shown", "pk", nullable=["shown"]),
    "village": Order.by("village_id", "pk"),
}
# The column that has to be shown for an order, and what is sorted then.
_SORTED: Final[dict[str, tuple[str, Any]]] = {
    "proposal": ("proposed", F("families") - F("proposed")),
    "programme": ("enrolled", F("families") - F("enrolled")),
    "enrolled": ("enrolled", F("enrolled")),
    "located": ("located", F("located") * 1.0 / NullIf(F("families"), Value(0))),
}
# In a pocket, outside of one, and villages of which the register does not say so (adr/0030).
PLACES: Final[dict[str, bool | None]] = {"in": True, "out": False, "unsaid": None}


def name_of_side(is_in: bool | None) -> str:
    """How an address names a side."""
    return next(name for name, one in PLACES.items() if one is is_in)


def _is_in(values: tuple[str, ...]) -> Q:
    wanted = Q()
    for value in values:
        wanted |= Q(is_in=PLACES[value]) if PLACES[value] is not None else Q(is_in__isnull=True)
    return wanted


@dataclass(frozen=True)
class Selection(filters.Filter):
    """Filter of villages; `by` is whose pockets are meant (`resolved`)."""

    by: str = filters.choice(Origin, label=_("pockets of"), query=lambda _value: Q())
    where: tuple[str, ...] = filters.choices(
        {"in": _("in a pocket"), "out": _("outside"), "unsaid": _("not said")},
        label=_("villages"),
        query=_is_in,
    )
    region: str = region(label=_("region"), column="village__code")

    def resolved(self, in_force: InForce) -> Selection:
        """The same with pockets that there are: ours where no edition of BIG's is in force."""
        if self.by == Origin.PUBLISHED and in_force.published is None:
            return self.without("by")
        return self


@dataclass(frozen=True)
class Line:
    """A village; None is not shown. The suspects are empty where the other question is asked."""

    row: PocketVillage
    is_in: bool | None
    families: int | None
    parts: dict[str, int | None]

    def _rest(self, name: str) -> int | None:
        count = self.parts[name]
        return None if count is None or self.families is None else self.families - count

    @property
    def without_proposal(self) -> int | None:
        return self._rest("proposed")

    @property
    def without_programme(self) -> int | None:
        return self._rest("enrolled")


def coverage_of(
    in_force: InForce, selection: Selection, scope: Scope, *, sort: str = BY_FAMILIES
) -> Rows | None:
    """The villages of our edition in force within a scope, with what they are sorted by; None where
    there is none.

    `is_in` says whether a village is a pocket of the chosen origin; None where that is not said.
    """
    if in_force.computed is None:
        return None
    rows = PocketVillage.objects.within(scope).filter(edition=in_force.computed)
    if selection.by == Origin.PUBLISHED:
        theirs = PocketVillage.objects.filter(
            edition=in_force.published, village=OuterRef("village"), is_pocket=True
        )
        is_in: Any = Exists(theirs)
    else:
        is_in = F("is_pocket")
    found: Rows = selection.apply(
        rows.annotate(
            is_in=is_in,
            shown_families=Case(
                When(disclosure.is_shown(), then=F("families")),
                default=Value(0),
                output_field=IntegerField(),
            ),
            **_shown(sort),
        )
    )
    return found


def _shown(sort: str) -> dict[str, Any]:
    """The number that is sorted, null where it is not shown."""
    if sort not in _SORTED:
        return {}
    column, number = _SORTED[sort]
    is_shown = When(disclosure.is_shown(column), then=number)
    return {"shown": Case(is_shown, default=None, output_field=FloatField())}


def sort_of(params: Mapping[str, Any]) -> str:
    """The name of the order that an address asks for."""
    wanted = str(params.get("sort", ""))
    return wanted if wanted in SORTS else BY_FAMILIES


def line_of(row: Any) -> Line:
    """What is shown of a village."""
    parts = {name: disclosure.shown_count(row, name) for name in PARTS}
    return Line(row, row.is_in, disclosure.shown_count(row, "families"), parts)


def file_lines(rows: Iterable[Any], selection: Selection, edition: str) -> Iterator[list[Any]]:
    """The rows of a CSV file, in the order of HEADER."""
    by = str(Origin(selection.by or Origin.COMPUTED).label)
    for line in map(line_of, rows):
        row = line.row
        regency = row.village.parent.parent if row.village.parent is not None else None
        yield [
            *(row.village_id, row.village.name, regency.name if regency else "", line.is_in),
            *(line.families, line.without_proposal, line.without_programme),
            *(line.parts["enrolled"], line.parts["located"], line.parts["inside"]),
            *(line.parts["near_border"], by, edition),
        ]
