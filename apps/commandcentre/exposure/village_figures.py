"""Affected villages with the counts that their reader may see (`readers`): lists, sums, needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Q, QuerySet, Sum

from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.exposure import needs
from apps.commandcentre.models import AffectedVillage, Assessment, Footprint
from apps.commandcentre.readers import COUNTS, PREFIX, Reader, Total, shown, shown_columns
from apps.common import sql
from apps.regions.models import Region
from apps.ui.paging import Order

Rows = QuerySet[AffectedVillage, AffectedVillage]
Totals = Mapping[str, Total]
# Hidden counts are last: a place between two numbers would be a number.
WORST_FIRST: Final = Order.by(
    "-severity", f"-{PREFIX}persons", "pk", nullable=(f"{PREFIX}persons",)
)


@dataclass(frozen=True)
class VillageFigures:
    """An affected village. Counts are None where the reader may not see them; so is
    `share_families` for everybody without true counts: areas that differ a little would tell on
    which side of a line a family lives.
    """

    village_id: str
    village: Region
    footprint: Footprint
    severity: float
    share_area: float
    share_families: float | None
    families: int | None
    families_without_point: int | None
    persons: int | None
    under_five: int | None
    elderly: int | None
    disability: int | None
    birth_unknown: int | None

    @property
    def is_peopled(self) -> bool:
        """Whether anybody is registered there; a hidden count may be of somebody."""
        return self.persons is None or self.persons > 0

    @property
    def has_needs(self) -> bool:
        """Whether all counts that needs are made of are shown, and some are not zero."""
        return bool(self.persons) and None not in (self.families, self.under_five)

    @property
    def is_withheld(self) -> bool:
        """Whether any count is left out."""
        return any(getattr(self, name) is None for name in COUNTS)


def rows_of(assessment: Assessment, reader: Reader) -> Rows:
    """The affected villages of a reader's scope, with the columns `shown_…`."""
    rows = AffectedVillage.objects.filter(assessment=assessment).within(reader.scope)
    return rows.annotate(**shown_columns(reader))


def peopled(rows: Rows) -> Rows:
    """Those where somebody is registered, as far as the reader knows."""
    return rows.filter(Q(shown_persons__gt=0) | Q(shown_persons__isnull=True))


def figures_of(rows: Iterable[AffectedVillage], reader: Reader) -> Iterator[VillageFigures]:
    """Rows of `rows_of`, with `village` and `footprint`, as pages and files use them."""
    for row in rows:
        is_true = reader.true_counts.contains(row.village_id)
        yield VillageFigures(
            village_id=row.village_id,
            village=row.village,
            footprint=row.footprint,
            severity=row.severity,
            share_area=row.share_area,
            share_families=row.share_families if is_true else None,
            **{name: shown(row, name) for name in COUNTS},
        )


def totals_of(assessment: Assessment, reader: Reader) -> Totals:
    """The sums of an assessment by column. Queries: one, none for a reader who sees all."""
    return totals_by_assessment([assessment], reader)[assessment.pk]


def totals_by_assessment(
    found: Iterable[Assessment], reader: Reader, names: Collection[str] = tuple(COUNTS)
) -> dict[int, Totals]:
    """The same for several and some of the columns, by the key of the assessment. Queries: one, or
    none.
    """
    given = list(found)
    if reader.sees_all:
        return {one.pk: _stored(one) for one in given}
    rows: Any = AffectedVillage.objects.filter(assessment__in=given).within(reader.scope)
    sums: dict[str, Any] = {}
    for name in names:
        sums[f"sum_{name}"] = Sum(f"{PREFIX}{name}", default=0)
        sums[f"withheld_{name}"] = Count("pk", filter=Q(**{f"{PREFIX}{name}__isnull": True}))
    grouped = (
        rows.annotate(**shown_columns(reader, names))
        .order_by()
        .values("assessment")
        .annotate(**sums)
    )
    known = {
        row["assessment"]: {
            name: Total(row[f"sum_{name}"], row[f"withheld_{name}"]) for name in names
        }
        for row in grouped
    }
    nobody = dict.fromkeys(names, Total(0))
    return {one.pk: known.get(one.pk, nobody) for one in given}


@dataclass(frozen=True)
class ProgrammeFigures:
    """How many persons in the affected villages are enrolled in a programme, and families with one
    of them (None: counted before families were).
    """

    programme: str
    families: int | None
    persons: int


def programmes_of(assessment: Assessment, reader: Reader) -> list[ProgrammeFigures]:
    """The sums by programme, the largest first; nothing for a reader who does not see all counts:
    small ones and their complements would have to be left out. Queries: one, or none.
    """
    if not reader.sees_all:
        return []
    rows = sql.run("commandcentre/exposure/sum_programmes", {"assessment": assessment.pk})
    return [
        ProgrammeFigures(programme, None if families is None else int(families), int(persons))
        for programme, families, persons in rows
    ]


def _stored(assessment: Assessment) -> Totals:
    stored = {
        "families": assessment.families,
        "persons": assessment.persons,
        **assessment.totals,
    }
    return {name: Total(int(stored.get(name, 0))) for name in COUNTS}


def needs_of_totals(totals: Totals, days: int) -> dict[str, int]:
    """Whole units of each good for all villages together, from the sums that are shown."""
    return needs.goods_for({per: totals[per].value for per in needs.Per}, days)


def needs_of_villages(
    assessment: Assessment, reader: Reader, days: int
) -> dict[str, dict[str, int]]:
    """Whole units of each good (by its code) that each village needs for so many days, without
    those of which a count is hidden. Queries: one.
    """
    if reader.sees_all:
        return assessments.needs_of_villages(assessment.pk, days)
    names = [f"{PREFIX}{per}" for per in needs.Per]
    rows: Any = rows_of(assessment, reader)
    known = rows.filter(**{f"{name}__isnull": False for name in names}, shown_persons__gt=0)
    return {
        village: needs.goods_for(dict(zip(needs.Per, counts, strict=True)), days)
        for village, *counts in known.values_list("village_id", *names)
    }


def regencies_of_bands(assessment: Assessment) -> dict[int, list[str]]:
    """Number of a footprint → names of the regencies in which it is the strongest one of a village.
    Queries: two.
    """
    codes: dict[int, set[str]] = defaultdict(set)
    met = AffectedVillage.objects.filter(assessment=assessment)
    for footprint, village in met.values_list("footprint", "village"):
        codes[footprint].add(village[:5])
    names = Region.objects.in_bulk({code for some in codes.values() for code in some})
    return {
        footprint: sorted(names[code].name for code in some if code in names)
        for footprint, some in codes.items()
    }
