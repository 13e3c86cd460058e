"""Which village holds a point, which one is nearest, how far a border is.

Whether a point lies in the village that is claimed for it is answered by `regions.placing`, for one
point and for many.
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
