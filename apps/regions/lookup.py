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
from django.db import connection


@dataclass(frozen=True)
class Near:
    """The village nearest to a point. Units: geodesic metres to its border."""

    code: str
    distance_m: float


def villages_at(location: Point) -> list[str]:
    """Codes of the villages in force that cover a point; several where polygons overlap."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code FROM regions_villages_at(%s::geometry) ORDER BY code",
            [location.hexewkb.decode()],
        )
        return [code for (code,) in cursor.fetchall()]


def nearest_village(location: Point) -> Near | None:
    """The nearest village in force, for a point that lies in none; None without boundaries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, distance_m FROM regions_nearest_village(%s::geometry)",
            [location.hexewkb.decode()],
        )
        row = cursor.fetchone()
    return Near(*row) if row else None


def border_distance_m(code: str, location: Point) -> float | None:
    """Geodesic metres to the border of a region in force; None where it has no polygon."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT regions_border_distance_m(boundary, %s::geometry) FROM regions_boundary"
            " WHERE region_id = %s AND is_current",
            [location.hexewkb.decode(), code],
        )
        row = cursor.fetchone()
    return row[0] if row else None
