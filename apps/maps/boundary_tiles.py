"""Tiles of boundaries: public, the same for everybody, never changing under one address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from apps.common import sql
from apps.maps import packed
from apps.maps.grid import Tile
from apps.regions.editions import shapes
from apps.regions.models import BAND_ZOOMS, LEVEL_BY_LENGTH, Level
from apps.regions.models.boundary import DECIDED_LINE

# From this zoom on, villages are drawn by their own polygons, unchanged: the lines by which a
# point is judged, with their gaps and overlaps.
EXACT_ZOOM: Final = 13
# From here on each village has its code and name; below, only those with a label.
NAMED_ZOOM: Final = 10
# The units of a tile's side below NAMED_ZOOM: half a pixel, and less than the tolerance of the
# outlines there. With the usual 4096 the largest tile of zoom 9 is more than a third larger.
COARSE_EXTENT: Final = 1024
EXTENT: Final = 4096
# A name is drawn where the largest circle in its region has this radius. Units: pixels of 1/512 of
# a tile, at the tile's own zoom; browsers show it up to twice as large.
LABEL_PX: Final = 9
KEEP_S: Final = 7 * 24 * 3600
_LAYER: Final = re.compile(
    r"(?:(province|regency|district|village)-)?boundaries-([0-9]{1,9})-([0-9]{1,15})"
)
# The lowest zoom at which all regions of a level are drawn for a thematic map; a tile below it
# would be larger than what it shows.
LEVEL_FROM: Final = {
    Level.PROVINCE: 0,
    Level.REGENCY: 3,
    Level.DISTRICT: 5,
    Level.VILLAGE: 7,
}
SIZES: Final = {level: size for size, level in LEVEL_BY_LENGTH.items()}


@dataclass(frozen=True)
class BoundaryLayer:
    """A layer of tiles: a state of the map and its edition; all levels, or the areas of one."""

    state: int
    edition: int
    level: Level | None = None

    @classmethod
    def of(cls, name: str) -> BoundaryLayer | None:
        """The layer `[<level>-]boundaries-<edition>-<state>`, else None."""
        found = _LAYER.fullmatch(name)
        if found is None:
            return None
        return cls(int(found[3]), int(found[2]), Level(found[1]) if found[1] else None)


def tile(layer: BoundaryLayer, at: Tile) -> bytes | None:
    """The compressed tile; None if this state of the map can no longer be drawn.

    Layers: village, district, regency, province (polygons, those of the zoom), label (points); of
    one level: area. Queries: two, none for a tile in the cache.
    """
    key = f"tile:{layer.level or ''}boundaries:{layer.edition}:{layer.state}:{at}"

    def draw() -> bytes:
        if not shapes.is_readable(layer.state, layer.edition):
            raise _Gone
        if layer.level is not None:
            return _areas(layer.state, layer.level, at)
        return bytes(sql.scalar("maps/draw_boundaries", parameters(layer.state, at)) or b"")

    try:
        return packed.kept(key, draw, seconds=KEEP_S)
    except _Gone:
        return None


def parameters(state: int, at: Tile) -> dict[str, object]:
    """The parameters of the statement that draws a tile."""
    return {
        **at.box,
        "set": state,
        "zoom": max(zoom for zoom in BAND_ZOOMS if zoom <= at.z),
        "is_exact": at.z >= EXACT_ZOOM,
        "has_names": at.z >= NAMED_ZOOM,
        "extent": EXTENT if at.z >= NAMED_ZOOM else COARSE_EXTENT,
        "decided": DECIDED_LINE,
        "label_radius_m": LABEL_PX * at.side_m / 512,
    }


def _areas(state: int, level: Level, at: Tile) -> bytes:
    """The areas of one level, also at zooms at which the other tiles do not have them."""
    if at.z < LEVEL_FROM[level]:
        return b""
    bands = sorted(band.zoom for band in shapes.BANDS if SIZES[level] in band.sizes)
    zoom = max((zoom for zoom in bands if zoom <= at.z), default=bands[0])
    params = {
        **at.box,
        "set": state,
        "zoom": zoom,
        "level": level,
        "extent": EXTENT if at.z >= NAMED_ZOOM else COARSE_EXTENT,
    }
    return bytes(sql.scalar("maps/draw_areas", params) or b"")


class _Gone(Exception):
    """The outlines of this state were removed."""
