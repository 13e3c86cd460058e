"""Whom the programmes and the proposals reach, inside the pockets and outside of them.

All numbers are those of our edition in force. A family in a pocket without any programme may have
been left out; a family with a programme outside the pockets may not need it. Both are questions, no
findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.common import sql
from apps.indicators.models import PocketEdition, PocketVillage
from apps.indicators.pockets import disclosure
from apps.indicators.pockets.activation import InForce
from apps.indicators.states import PROGRAMME
from apps.regions.models import prefix_of
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import Order

Rows = QuerySet[PocketVillage, PocketVillage]
Origin = PocketEdition.Origin
WORST_FIRST: Final = Order.by("-shown_families", "pk")
# The parts of a village's families.
PARTS: Final = ("enrolled", "proposed", "located", "inside", "near_border")
# In the summary of an edition: what is hidden of its programmes was chosen by the tree of regions.
PROGRAMMES_HIDDEN: Final = "programmes_hidden"
HEADER: Final = (
    *("kode_desa", "desa", "kabupaten", "kantong", "keluarga", "tanpa_usulan", "tanpa_program"),
    *("penerima", "bertitik", "titik_di_dalam", "titik_dekat_batas", "kantong_menurut", "edisi"),
)


# In a pocket, outside of one, and villages of which the register does not say so (adr/0030).
PLACES: Final[dict[str, bool | None]] = {"in": True, "out": False, "unsaid": None}


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


@dataclass(frozen=True)
class Side:
    """Sums over the villages in pockets, or outside, of the numbers that are shown."""

    is_in: bool | None
    villages: int
    families: int
    enrolled: int
    without_programme: int
    without_proposal: int
    located: int
    inside: int
    near_border: int
    suppressed: int


@dataclass(frozen=True)
class ProgrammeLine:
    """Persons of a programme against the registered persons of the same villages."""

    programme: str
    is_in: bool | None
    enrolled: int
    registered: int
    suppressed: int

    @property
    def percent(self) -> float | None:
        return 100 * self.enrolled / self.registered if self.registered else None


def coverage_of(in_force: InForce, selection: Selection, scope: Scope) -> Rows | None:
    """The villages of our edition in force within a scope; None where there is none.

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
        )
    )
    return found


def line_of(row: Any) -> Line:
    """What is shown of a village."""
    parts = {name: disclosure.shown_count(row, name) for name in PARTS}
    return Line(row, row.is_in, disclosure.shown_count(row, "families"), parts)


def sum_sides(rows: Rows) -> list[Side]:
    """The sums in pockets, outside, and where it is not said, if there are such. Queries: one."""
    sums: dict[str, Any] = {
        "n_villages": Count("pk"),
        "n_families": Sum("families", filter=disclosure.is_shown(), default=0),
        "n_suppressed": Count("pk", filter=~disclosure.is_shown()),
    }
    for name in PARTS:
        is_shown = disclosure.is_shown(name)
        sums[f"n_{name}"] = Sum(name, filter=is_shown, default=0)
        if name in ("enrolled", "proposed"):
            rest = Sum(F("families") - F(name), filter=is_shown, default=0)
            sums[f"n_not_{name}"] = rest
    grouped: Any = rows.order_by()  # the plugin loses annotations on the way
    found = {row["is_in"]: row for row in grouped.values("is_in").annotate(**sums)}
    return [
        Side(
            is_in=is_in,
            villages=known.get("n_villages", 0),
            families=known.get("n_families", 0),
            enrolled=known.get("n_enrolled", 0),
            without_programme=known.get("n_not_enrolled", 0),
            without_proposal=known.get("n_not_proposed", 0),
            located=known.get("n_located", 0),
            inside=known.get("n_inside", 0),
            near_border=known.get("n_near_border", 0),
            suppressed=known.get("n_suppressed", 0),
        )
        for is_in in PLACES.values()
        for known in [found.get(is_in, {})]
        if known or is_in is not None
    ]


def programme_lines(in_force: InForce, selection: Selection, scope: Scope) -> list[ProgrammeLine]:
    """Enrolled against registered persons, by programme; none of an edition from before these
    numbers were hidden by the tree of regions. Queries: one.
    """
    if in_force.computed is None or selection.is_nothing:
        return []
    if not in_force.computed.summary.get(PROGRAMMES_HIDDEN):
        return []
    rows = sql.run(
        "indicators/pockets/sum_programmes",
        {
            "computed": in_force.computed.pk,
            "published": in_force.published.pk if in_force.published is not None else -1,
            "by_published": selection.by == Origin.PUBLISHED,
            "prefixes": list(scope.prefixes),
            "region": prefix_of(selection.region),
            "programme": PROGRAMME,
        },
    )
    return [ProgrammeLine(*row) for row in rows]


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
