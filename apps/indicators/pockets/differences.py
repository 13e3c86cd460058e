"""Where BIG's pockets and ours differ: the filter, the rows, the sums and the lines of a file.

Small numbers are left out by `disclosure`; sums are made of the numbers that are shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Count, F, FloatField, IntegerField, QuerySet, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.indicators.models import PocketDifference, PocketEdition
from apps.indicators.pockets import disclosure
from apps.indicators.pockets.boundary_notes import names_of
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import Order

Kind = PocketDifference.Kind
# The kinds that are shown, in their order.
KINDS: Final[dict[str, Any]] = {kind.value: kind.label for kind in Kind if kind is not Kind.ENDED}
Rows = QuerySet[PocketDifference, PocketDifference]
_SHOWN: Final = disclosure.is_shown("counted")
SORTS: Final[dict[str, Order]] = {
    "families": Order.by("-shown_families", "pk"),
    "density": Order.by("-shown_per_km2", "pk", nullable=["shown_per_km2"]),
    "share": Order.by("-shown_percent", "pk", nullable=["shown_percent"]),
    "area": Order.by("-share_area", "pk", nullable=["share_area"]),
    "village": Order.by("village_id", "pk"),
}
HEADER: Final = (
    *("kode_desa", "desa", "kecamatan", "kabupaten", "kantong_menurut", "keluarga", "jiwa"),
    *("keluarga_dihitung", "per_km2", "persen", "bagian_luas", "disamarkan", "jawaban"),
    *("edisi_big", "edisi_kita", "batas_big", "batas_kita"),
)


@dataclass(frozen=True)
class Selection(filters.Filter):
    """Filter of differences; every field that is set narrows it."""

    kind: tuple[str, ...] = filters.choices(KINDS, label=_("pocket says"), column="kind")
    region: str = region(label=_("region"), column="village__code")


@dataclass(frozen=True)
class Line:
    """A village with the numbers that may be shown; None is not shown."""

    row: PocketDifference
    families: int | None
    persons: int | None
    counted: int | None
    per_km2: float | None
    percent: float | None

    @property
    def is_suppressed(self) -> bool:
        """Whether one of its numbers is not shown, in every format."""
        return None in (self.families, self.persons, self.counted)


@dataclass(frozen=True)
class Tally:
    """The villages of one kind, and the sums of the numbers that are shown."""

    kind: str
    label: str
    villages: int
    families: int
    persons: int
    suppressed: int


def differences_of(pair: tuple[PocketEdition, PocketEdition], scope: Scope) -> Rows:
    """The differences of BIG's edition and ours within a scope, with what they are sorted by."""
    published, computed = pair
    rows = PocketDifference.objects.within(scope).filter(published=published, computed=computed)
    found: Rows = rows.annotate(
        shown_families=Case(
            When(disclosure.is_shown(), then=F("families")),
            default=Value(0),
            output_field=IntegerField(),
        ),
        shown_per_km2=Case(
            When(_SHOWN, then=F("per_km2")), default=None, output_field=FloatField()
        ),
        shown_percent=Case(
            When(_SHOWN, then=F("percent")), default=None, output_field=FloatField()
        ),
    )
    return found


def line_of(row: PocketDifference) -> Line:
    """What is shown of a row."""
    counted = disclosure.shown_count(row, "counted")
    return Line(
        row,
        disclosure.shown_count(row, "families"),
        disclosure.shown_count(row, "persons"),
        counted,
        row.per_km2 if counted is not None else None,
        row.percent if counted is not None else None,
    )


def tally_kinds(rows: Rows) -> list[Tally]:
    """The villages, families and persons of each kind. Queries: one."""
    is_shown, people_are = disclosure.is_shown(), disclosure.is_shown("persons")
    grouped: Any = rows.order_by().values_list("kind")
    counted = grouped.annotate(
        n_villages=Count("pk"),
        n_families=Sum("families", filter=is_shown, default=0),
        n_persons=Sum("persons", filter=people_are, default=0),
        n_suppressed=Count("pk", filter=~is_shown),
    )
    found = {kind: sums for kind, *sums in counted}
    return [
        Tally(kind, str(label), *found.get(kind, (0, 0, 0, 0))) for kind, label in KINDS.items()
    ]


def sort_of(params: Any) -> str:
    """The name of the order that an address asks for."""
    wanted = str(params.get("sort", ""))
    return wanted if wanted in SORTS else "families"


def file_lines(
    rows: Iterable[PocketDifference], pair: tuple[PocketEdition, PocketEdition]
) -> Iterator[list[Any]]:
    """The rows of a CSV file, in the order of HEADER."""
    published, computed = pair
    for line in map(line_of, rows):
        row = line.row
        district = row.village.parent
        regency = district.parent if district is not None else None
        yield [
            *(row.village_id, row.village.name, district.name if district else ""),
            *(regency.name if regency else "", str(row.get_kind_display())),
            *(line.families, line.persons, line.counted),
            *(rounded(line.per_km2), rounded(line.percent)),
            *(rounded(row.share_area, 3), line.is_suppressed, str(row.get_answer_display())),
            *(published.name, computed.name, names_of(published), names_of(computed)),
        ]


def rounded(value: float | None, digits: int = 2) -> float | None:
    """A number with so many digits; None stays."""
    return None if value is None else round(value, digits)
