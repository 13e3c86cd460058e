"""Which village contains a point, and the distance to a border.

For a point with a claimed village, `regions.placing` checks whether it lies there, for one point
and for many.
"""

from __future__ import annotations

from django.contrib.gis.geos import Point

from apps.common import sql


def villages_at(location: Point) -> list[str]:
    """Codes of the villages in force that cover a point; several where polygons overlap."""
    return sql.column("regions/list_villages_at", _point(location))


def border_distance_m(code: str, location: Point) -> float | None:
    """Geodesic metres to the border of a region in force; None where it has no polygon."""
    distance: float | None = sql.scalar(
        "regions/measure_border", _point(location) | {"region": code}
    )
    return distance


def _point(location: Point) -> dict[str, str]:
    return {"point": location.hexewkb.decode()}
