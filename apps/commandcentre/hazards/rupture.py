"""A rupture as USGS and GEM write it: GeoJSON with magnitude, origin and depths. Pure.

`{"metadata": {"mag", "lon", "lat", "depth", "time", "id"}, "features": [{"geometry": …}]}`; the
coordinates have a third number, the depth in kilometres.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

MOST_BYTES: Final = 5_000_000
MOST_POINTS: Final = 20_000
HEAD_BYTES: Final = 4_096
# As deep as earthquakes are; the database allows no more.
DEEPEST_KM: Final = 800.0
# Rounding at the surface; an edge further above it has another sign or unit.
ABOVE_KM: Final = 0.1


class NoRupture(Exception):
    """The file cannot be read as a rupture; `code` is one of `hazards.messages`."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Rupture:
    """A rupture seen from above. `lines` are chains of (longitude, latitude): the edges of its
    parts. Units: kilometres below the surface; `occurred_at` is UTC or None.
    """

    magnitude: float
    top_km: float
    bottom_km: float
    depth_km: float | None
    longitude: float | None
    latitude: float | None
    occurred_at: datetime | None
    title: str
    number: str
    lines: list[list[tuple[float, float]]]

    @property
    def wkt(self) -> str:
        """The edges as MULTILINESTRING: a vertical rupture has no area from above."""
        chains = ", ".join(
            "(" + ", ".join(f"{x:.7f} {y:.7f}" for x, y in line) + ")" for line in self.lines
        )
        return f"MULTILINESTRING({chains})"


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a rupture."""
    return head.lstrip().startswith(b"{") and b'"metadata"' in head and b'"mag"' in head


def read(path: Path) -> Rupture:
    """Raises: NoRupture."""
    if path.stat().st_size > MOST_BYTES:
        raise NoRupture("rupture_too_large", limit=MOST_BYTES)
    try:
        told = json.loads(path.read_bytes().decode("utf-8-sig"))
        about, features = dict(told["metadata"]), list(told["features"])
        magnitude = float(about["mag"])
        points: list[tuple[float, ...]] = []
        lines = [line for one in features for line in _lines(one["geometry"], points)]
    except (ValueError, TypeError, KeyError, RecursionError, AttributeError):
        raise NoRupture("rupture_unreadable") from None
    if not lines or not 0 < magnitude <= 10 or len(points) > MOST_POINTS:
        raise NoRupture("rupture_unreadable")
    if any(abs(point[0]) > 180 or abs(point[1]) > 90 for point in points):
        raise NoRupture("rupture_unreadable")
    depths = [point[2] for point in points if len(point) > 2]
    shallowest, deepest = min(depths, default=0.0), max(depths, default=0.0)
    depth_km = _number(about.get("depth"))
    _need_depth(shallowest, -ABOVE_KM)
    _need_depth(deepest, -ABOVE_KM)
    _need_depth(depth_km if depth_km is not None else 0.0, 0.0)
    longitude, latitude = _epicentre(about)
    return Rupture(
        magnitude=magnitude,
        top_km=max(0.0, shallowest),
        bottom_km=max(0.0, deepest),
        depth_km=depth_km,
        longitude=longitude,
        latitude=latitude,
        occurred_at=_moment(about.get("time")),
        title=str(about.get("locstring") or "")[:200],
        number=str(about.get("id") or "")[:80],
        lines=lines,
    )


def _need_depth(depth_km: float, least_km: float) -> None:
    """Raises: NoRupture."""
    if not least_km <= depth_km <= DEEPEST_KM:
        raise NoRupture("rupture_depth", found=f"{depth_km:g}", most=f"{DEEPEST_KM:g}")


def _epicentre(about: dict[str, Any]) -> tuple[float | None, float | None]:
    """Longitude and latitude, or neither where one is missing. Raises: NoRupture."""
    longitude, latitude = _number(about.get("lon")), _number(about.get("lat"))
    if longitude is None or latitude is None:
        return None, None
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise NoRupture("rupture_epicentre", found=f"{longitude:g}, {latitude:g}")
    return longitude, latitude


def _lines(
    geometry: dict[str, Any], points: list[tuple[float, ...]]
) -> list[list[tuple[float, float]]]:
    """The rings or chains of a geometry; its points are added to `points`."""
    nested = {"LineString": 0, "Polygon": 1, "MultiLineString": 1, "MultiPolygon": 2}
    found: list[Any] = [geometry["coordinates"]]
    for _ in range(nested[geometry["type"]]):
        found = [one for each in found for one in each]
    lines = []
    for chain in found:
        read = [tuple(map(float, point)) for point in chain]
        if any(not math.isfinite(number) for point in read for number in point):
            raise ValueError
        points.extend(read)
        lines.append([(point[0], point[1]) for point in read])
    return [line for line in lines if len(line) > 1]


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
