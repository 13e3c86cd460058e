"""Which village holds a point, which one is nearest, how far a border is.

For many points at once, join the SQL functions themselves (migration 0003). The claimed village
first, by its code, 20 times faster than a search by place; the search for those that fail:

    LEFT JOIN regions_boundary b ON b.region_id = p.village_code AND b.is_current
    … ST_Covers(b.boundary, p.location), regions_border_distance_m(b.boundary, p.location)
    LEFT JOIN LATERAL regions_villages_at(p.location) AS actual ON …
    LEFT JOIN LATERAL regions_nearest_village(p.location) AS nearest ON …
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.gis.geos import Point

from apps.common import sql


@dataclass(frozen=True)
class Near:
    """The village nearest to a point. Units: geodesic metres to its border."""

    code: str
    distance_m: float


def villages_at(location: Point) -> list[str]:
    """Codes of the villages in force that cover a point; several where polygons overlap."""
    return sql.column("regions/list_villages_at", _point(location))


def nearest_village(location: Point) -> Near | None:
    """The nearest village in force, for a point that lies in none; None without boundaries."""
    return next((Near(*row) for row in sql.run("regions/find_nearest", _point(location))), None)


def border_distance_m(code: str, location: Point) -> float | None:
    """Geodesic metres to the border of a region in force; None where it has no polygon."""
    distance: float | None = sql.scalar(
        "regions/measure_border", _point(location) | {"region": code}
    )
    return distance


def _point(location: Point) -> dict[str, str]:
    return {"point": location.hexewkb.decode()}
