"""Points far from their scope: outside the box around its regions, where the map does not open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.gis.geos import Polygon

from apps.accounts.access import Scope
from apps.common import sql
from apps.common.geo import SRID
from apps.maps.grid import Box, degrees
from apps.maps.proposal_tiles import Asked
from apps.proposals import maps
from apps.proposals.models import Verdict

# So many places are named; all are counted.
MOST_PLACES: Final = 100
# Points this near the box are seen with it. Units: degrees, about 2 km.
MARGIN: Final = 0.02


@dataclass(frozen=True)
class FarPoints:
    """How many points there are, and the keys and places [longitude, latitude] of the first."""

    count: int
    proposals: list[int]
    places: list[list[float]]


def extent_of(scope: Scope) -> Box | None:
    """The box around the regions of a scope, in degrees; None without outlines. Queries: one."""
    found = sql.run("maps/measure_extent", {"codes": list(scope.prefixes)})
    return degrees(*found[0]) if found and found[0][0] is not None else None


def outside(asked: Asked) -> FarPoints:
    """The points of a filter outside the scope's extent. Queries: at most two.

    Only points whose verdict names another place are looked at. A national scope has none: the map
    opens on the country, and points abroad are few beside it.
    """
    box = None if asked.scope.is_national else extent_of(asked.scope)
    if box is None:
        return FarPoints(0, [], [])
    west, south, east, north = box
    around = Polygon.from_bbox((west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN))
    around.srid = SRID
    rows = (
        asked.rows()
        .filter(verdict__in=[Verdict.ELSEWHERE, Verdict.UNMAPPED, Verdict.NEIGHBOUR])
        .exclude(location__bboverlaps=around)
    )
    first = rows.annotate(x=maps.X("location"), y=maps.Y("location")).order_by("pk")
    listed = list(first.values_list("pk", "x", "y")[: MOST_PLACES + 1])
    count = rows.count() if len(listed) > MOST_PLACES else len(listed)
    shown = listed[:MOST_PLACES]
    return FarPoints(
        count, [pk for pk, _x, _y in shown], [[round(x, 5), round(y, 5)] for _pk, x, y in shown]
    )
