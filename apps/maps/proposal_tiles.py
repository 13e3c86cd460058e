"""Tiles of proposals: within the user's scope, from one filter, never a sample.

Below POINT_ZOOM the proposals with a point are counted per claimed region, by verdict: provinces,
regencies, districts, then villages. From it on each point is drawn, without name or number. A tile
with more than MOST_POINTS points has counts of small squares instead. Needs that are protected
(`maps.DRAWABLE`) are in no tile.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache
from django.db.models import Count, Value
from django.db.models.functions import Substr
from django.utils.crypto import salted_hmac

from apps.accounts.access import Scope
from apps.common import sql
from apps.maps import packed
from apps.maps.grid import Tile
from apps.proposals import maps
from apps.proposals.models import Proposal, ProposalQuerySet, RegencyChange, Verdict
from apps.proposals.review.searching import Search
from apps.proposals.selection import Selection
from apps.regions import shapes

# Single points from here on, the zoom of `Proposal.tile_cell`: 25 villages on a screen.
POINT_ZOOM: Final = 12
CELL_COLUMNS: Final = 1 << POINT_ZOOM
# Code lengths of the regions that are counted, by the lowest zoom.
COUNTED: Final = ((0, 2), (5, 5), (8, 8), (10, 13))
# Totals of the whole selection are kept up to this length; villages are counted by the tile.
KEPT_SIZES: Final = (2, 5, 8)
MOST_POINTS: Final = 4_000
# A tile with more points is drawn as counts of this many squares across.
SQUARES_ACROSS: Final = 32
KEEP_S: Final = 3_600
# From best to worst. What cannot be checked is less urgent than what fits.
VERDICTS: Final = [
    verdict.value
    for verdict in (
        *(Verdict.NO_POINT, Verdict.NO_POLYGON, Verdict.INSIDE, Verdict.NEAR_BORDER),
        *(Verdict.NEIGHBOUR, Verdict.ELSEWHERE, Verdict.UNMAPPED),
    )
]

Counts = Mapping[str, list[int]]


@dataclass(frozen=True)
class Asked:
    """What determines a tile beside its place: whose rows, which of them, and their version."""

    scope: Scope
    selection: Selection
    version: tuple[object, ...]
    search: Search | None = None

    @classmethod
    def of(cls, scope: Scope, params: Mapping[str, Any], search: Search | None = None) -> Asked:
        """Read a filter; one that cannot be read selects nothing. Queries: two.

        `search` are the words of the session; no address has them.
        """
        selection = Selection.from_params(params)
        state = shapes.current_set()
        changes = RegencyChange.objects.version_of(scope.prefixes)
        return cls(scope, selection, (state.pk if state else 0, *changes), search)

    @property
    def key(self) -> str:
        """Equal for all who see the same rows of the same version. It tells no word of a search."""
        words = salted_hmac("maps.search", self.search.text).hexdigest() if self.search else ""
        return packed.digest(self.scope.setting(), self.selection.params(), self.version, words)

    @property
    def state(self) -> int:
        """The number of the state of the map; 0 if there is none."""
        return int(str(self.version[0]))

    def rows(self) -> ProposalQuerySet:
        """The rows that may be drawn, within the scope."""
        rows = Proposal.objects.within(self.scope)
        found = self.search.apply(rows) if self.search else rows
        return maps.drawable(self.selection.apply(found)).order_by()


@dataclass(frozen=True)
class Drawn:
    """One tile, compressed, the keys of the proposals that it shows as points, and how many
    proposals it places more exactly than by their region.
    """

    tile: bytes
    proposals: list[int]
    placed: int


def tile(asked: Asked, at: Tile) -> Drawn:
    """The tile, from the cache or drawn anew. Layers: `point`, or `count`.

    Queries: none for a tile in the cache, else one or two.
    """
    key = f"tile:proposals:{asked.key}:{at}"
    found: Drawn | None = cache.get(key)
    if found is None:
        found = _points(asked, at) if at.z >= POINT_ZOOM else _counts(asked, at)
        cache.set(key, found, KEEP_S)
    return found


def etag_of(asked: Asked, at: Tile) -> str:
    """The name of a tile: layer, place, filter, scope, state of the map and version of the rows."""
    return packed.digest("proposals", str(at), asked.key)


# --- single points ---


def _points(asked: Asked, at: Tile) -> Drawn:
    cell = at.ancestor(POINT_ZOOM)
    rows = (
        asked.rows()
        .filter(tile_cell=cell.x * CELL_COLUMNS + cell.y)
        .annotate(longitude=maps.X("location"), latitude=maps.Y("location"))
        .values_list("id", "verdict", "flags", "longitude", "latitude")
    )
    params = {
        **at.box,
        "verdicts": VERDICTS,
        "most": MOST_POINTS,
        "square": 4096 / SQUARES_ACROSS,
    }
    for drawn, proposals, total in sql.run_over(rows, "maps/draw_points", params):
        return Drawn(packed.compress(bytes(drawn)), list(proposals or ()), total)
    return Drawn(packed.compress(b""), [], 0)


# --- counts ---


def _counts(asked: Asked, at: Tile) -> Drawn:
    size = max(size for zoom, size in COUNTED if zoom <= at.z)
    labels = sql.run("maps/list_labels", {**at.box, "set": asked.state, "size": size})
    codes = [code for code, *_rest in labels]
    counts = totals(asked, size) if size in KEPT_SIZES else _counted(asked, size, codes)
    shown = [(*label, counts[label[0]]) for label in labels if label[0] in counts]
    params = {
        **at.box,
        "verdicts": VERDICTS,
        "codes": [one[0] for one in shown],
        "names": [one[1] for one in shown],
        "x": [one[2] for one in shown],
        "y": [one[3] for one in shown],
        "counts": json.dumps([one[4] for one in shown]),
    }
    drawn = sql.scalar("maps/draw_counts", params) if shown else b""
    return Drawn(packed.compress(bytes(drawn or b"")), [], 0)


def totals(asked: Asked, size: int) -> Counts:
    """Proposals with a point per region of a code length and verdict, of the whole selection.

    Counted once for all tiles of a version. Cost: 0.4 s for a million proposals.
    """
    key = f"totals:proposals:{asked.key}"
    found: Counts | None = cache.get(f"{key}:{size}")
    if found is None:
        finest = _counted(asked, KEPT_SIZES[-1])
        every = {one: _summed(finest, one) for one in KEPT_SIZES}
        cache.set_many({f"{key}:{one}": counts for one, counts in every.items()}, KEEP_S)
        found = every[size]
    return found


def _counted(asked: Asked, size: int, codes: list[str] | None = None) -> Counts:
    """Counts by verdict, in the order of VERDICTS, per region of a code length."""
    rows = asked.rows()
    if codes is not None:
        rows = rows.filter(village_id__in=codes)
    grouped = (
        rows.annotate(code=Substr("village_id", Value(1), Value(size)))
        .values_list("code", "verdict")
        .annotate(count=Count("pk"))
    )
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
    for code, verdict, count in grouped:
        counts[code][VERDICTS.index(verdict)] += count
    return dict(counts)


def _summed(finest: Counts, size: int) -> Counts:
    summed: dict[str, list[int]] = defaultdict(lambda: [0] * len(VERDICTS))
    for code, counts in finest.items():
        kept = summed[code[:size]]
        for index, count in enumerate(counts):
            kept[index] += count
    return dict(summed)
