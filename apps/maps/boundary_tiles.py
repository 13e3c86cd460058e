"""Tiles of boundaries: public, the same for everybody, never changing under one address."""

from __future__ import annotations

import re
from typing import Final

from apps.common import sql
from apps.maps import packed
from apps.maps.grid import Tile
from apps.regions import shapes
from apps.regions.models import BAND_ZOOMS
from apps.regions.models.boundary import DECIDED_LINE

# From this zoom on, villages are drawn by their own polygons, unchanged: the lines by which a
# point is judged, with their gaps and overlaps.
EXACT_ZOOM: Final = 13
# From here on each village has its code and name; below, only those with a label.
NAMED_ZOOM: Final = 10
# The units of a tile's side below NAMED_ZOOM: half a pixel, and less than the tolerance of the
# outlines there. With the usual 4096 the largest tile of zoom 9 has 198 kB, with this 145 kB.
COARSE_EXTENT: Final = 1024
EXTENT: Final = 4096
# A name is drawn where the largest circle in its region has this radius. Units: pixels of 1/512 of
# a tile, at the tile's own zoom; browsers show it up to twice as large.
LABEL_PX: Final = 9
KEEP_S: Final = 7 * 24 * 3600
_LAYER: Final = re.compile(r"boundaries-([0-9]{1,9})-([0-9]{1,15})")


def state_of(layer: str) -> tuple[int, int] | None:
    """(state of the map, its edition) of the layer `boundaries-<edition>-<state>`, else None."""
    found = _LAYER.fullmatch(layer)
    return (int(found[2]), int(found[1])) if found else None


def tile(state: int, edition: int, at: Tile) -> bytes | None:
    """The compressed tile; None if this state of the map can no longer be drawn.

    Layers: village, district, regency, province (polygons, those of the zoom), label (points).
    Queries: two, none for a tile in the cache.
    """
    key = f"tile:boundaries:{edition}:{state}:{at}"

    def draw() -> bytes:
        if not shapes.is_readable(state, edition):
            raise _Gone
        return bytes(sql.scalar("maps/draw_boundaries", parameters(state, at)) or b"")

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


class _Gone(Exception):
    """The outlines of this state were removed."""
