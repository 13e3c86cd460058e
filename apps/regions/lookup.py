"""Which village contains a point, which one is nearest, and the distance to a border.

For a point with a claimed village, `regions.placing` checks whether it lies there, for one point
and for many.
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
    """The nearest village in force, for a point outside all villages; None without boundaries."""
    return next((Near(*row) for row in sql.run("regions/find_nearest", _point(location))), None)


def border_distance_m(code: str, location: Point) -> float | None:
    """Geodesic metres to the border of a region in force; None where it has no polygon."""
    distance: float | None = sql.scalar(
        "regions/measure_border", _point(location) | {"region": code}
    )
    return distance


def _point(location: Point) -> dict[str, str]:
    return {"point": location.hexewkb.decode()}
