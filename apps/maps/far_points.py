"""Points far from their scope: outside the box around its regions, where the map does not open."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.contrib.gis.geos import Polygon
from django.core.cache import cache

from apps.accounts.access import Scope
from apps.common import sql
from apps.common.geo import SRID
from apps.maps.grid import Box, degrees
from apps.maps.proposal_tiles import KEEP_S, Asked
from apps.proposals import maps
from apps.proposals.models import Batch, Verdict
from apps.proposals.selection import Selection
from apps.regions.models import prefix_of

# So many places are named; all are counted.
MOST_PLACES: Final = 100
# Points this near the box are seen with it. Units: degrees, about 2 km.
MARGIN: Final = 0.02
# Where a village has no polygon, the verdict does not say where the point is.
ELSEWHERE: Final = (Verdict.ELSEWHERE, Verdict.UNMAPPED, Verdict.NEIGHBOUR, Verdict.NO_POLYGON)


@dataclass(frozen=True)
class FarPoints:
    """How many points there are, and the keys and places [longitude, latitude] of the first."""

    count: int
    proposals: list[int]
    places: list[list[float]]


def opening(scope: Scope, selection: Selection) -> tuple[str, ...]:
    """The regions on which the map of a filter opens: that of its region or file, else the scope.

    `""` is the country. Queries: at most one.
    """
    region: str | None = selection.region
    if not region and selection.batch is not None:
        region = Batch.objects.filter(pk=selection.batch).values_list("region", flat=True).first()
    return (prefix_of(region),) if region and scope.contains(region) else scope.prefixes


def extent_of(codes: Collection[str]) -> Box | None:
    """The box around regions, in degrees; None without outlines. Queries: one."""
    found = sql.run("maps/measure_extent", {"codes": list(codes)})
    return degrees(*found[0]) if found and found[0][0] is not None else None


def outside(asked: Asked) -> FarPoints:
    """The points of a filter outside the extent on which the map opens. Queries: at most four; none
    once it was asked, until a proposal of the scope changes.

    Only points whose verdict names another place, or none, are looked at; of the country, those in
    no village. Cost: grows with the rows of the scope, once until one of them changes.
    """
    key = f"tile:away:{asked.key}"
    found: FarPoints | None = cache.get(key)
    if found is None:
        found = _outside(asked)
        cache.set(key, found, KEEP_S)
    return found


def _outside(asked: Asked) -> FarPoints:
    codes = opening(asked.scope, asked.selection)
    box = extent_of(codes)
    if box is None:
        return FarPoints(0, [], [])
    west, south, east, north = box
    around = Polygon.from_bbox((west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN))
    around.srid = SRID
    verdicts = [Verdict.UNMAPPED] if "" in codes else ELSEWHERE
    rows = asked.rows(asked.scope).filter(verdict__in=verdicts).exclude(location__bboverlaps=around)
    first = rows.annotate(x=maps.X("location"), y=maps.Y("location")).order_by("pk")
    listed = list(first.values_list("pk", "x", "y")[: MOST_PLACES + 1])
    count = rows.count() if len(listed) > MOST_PLACES else len(listed)
    shown = listed[:MOST_PLACES]
    return FarPoints(
        count, [pk for pk, _x, _y in shown], [[round(x, 5), round(y, 5)] for _pk, x, y in shown]
    )
