"""Tiles of proposals: within the user's scope, from one filter, never a sample.

Below POINT_ZOOM the proposals with a point are counted per claimed region, by verdict: provinces,
regencies, districts, then villages; one without outline where the nearest above it is, and of a
province without outlines at the mean of the points. From it on each point is drawn, without name
or number. A tile with more than MOST_POINTS points has counts of small squares instead. Needs that
are protected (`maps.DRAWABLE`) are in no tile.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from operator import add
from typing import Any, Final

from django.core.cache import cache
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apps.accounts.access import NOTHING, Scope
from apps.common import sql
from apps.maps import packed, proposal_totals
from apps.maps.grid import Tile, metres
from apps.maps.proposal_totals import VERDICTS, Totalled
from apps.proposals import maps
from apps.proposals.models import Batch, Proposal, ProposalQuerySet, RegencyChange, Verdict
from apps.proposals.review.searching import Search
from apps.proposals.selection import Selection
from apps.proposals.states import ProposalStatus
from apps.regions.editions import shapes
from apps.regions.models import Region

# Single points from here on, the zoom of `Proposal.tile_cell`: 25 villages on a screen.
POINT_ZOOM: Final = 12
CELL_COLUMNS: Final = 1 << POINT_ZOOM
# Code lengths of the regions that are counted, by the lowest zoom.
COUNTED: Final = ((0, 2), (5, 5), (8, 8), (10, 13))
MOST_POINTS: Final = 4_000
# A tile with more points is drawn as counts of this many squares across.
SQUARES_ACROSS: Final = 32
KEEP_S: Final = 3_600
# For the rows of a few hundred villages, starting other processes takes longer than reading them.
ALONE: Final = {"max_parallel_workers_per_gather": "0"}
# The filters that all who see the country open: none, what waits for Pusdatin and for who
# determines, what lies elsewhere, and in no village.
SCHEDULED: Final[tuple[Mapping[str, str], ...]] = (
    {},
    {"status": ProposalStatus.ENDORSED.value},
    {"status": ProposalStatus.ACCEPTED.value},
    {"verdict": Verdict.ELSEWHERE.value},
    {"verdict": Verdict.UNMAPPED.value},
)
# Of one count: code and name of its region, Mercator metres, numbers by verdict.
Circle = tuple[str, str, float, float, list[int]]


@dataclass(frozen=True)
class Asked:
    """What determines a tile beside its place: whose rows, which of them, and their version."""

    scope: Scope
    selection: Selection
    version: tuple[object, ...]
    search: Search | None = None
    # those that the user sees of the officer of the filter
    files: tuple[int, ...] = ()
    # the scope in which the user sees files, whose cycle a filter by papers asks for
    files_within: Scope = NOTHING

    @classmethod
    def of(
        cls,
        scope: Scope,
        params: Mapping[str, Any],
        search: Search | None = None,
        files_within: Scope = NOTHING,
    ) -> Asked:
        """Read a filter; one that cannot be read selects nothing. Queries: two; another for an
        officer.

        `search` are the words of the session; no address has them.
        """
        selection = Selection.from_params(params)
        changes = RegencyChange.objects.version_of(scope.prefixes)
        version = (shapes.current_number(), *changes)
        return cls(scope, selection, version, search, _files_of(selection.officer), files_within)

    @property
    def key(self) -> str:
        """Equal for all who see the same rows of the same version. It tells no word of a search."""
        return packed.digest(self.lasting_key, self.version)

    @property
    def lasting_key(self) -> str:
        """Equal for all who see the same rows, of whatever version."""
        words = salted_hmac("maps.search", self.search.text).hexdigest() if self.search else ""
        day = str(timezone.localdate()) if self.selection.is_of_today else ""
        files = self.files, self.files_within.setting() if self.selection.paper else ""
        return packed.digest(self.scope.setting(), self.selection.params(), words, day, *files)

    @property
    def state(self) -> int:
        """The number of the state of the map; 0 if there is none."""
        return int(str(self.version[0]))

    def rows(self, everywhere: Scope = NOTHING) -> ProposalQuerySet:
        """The rows that may be drawn, within the scope. Who reads them all passes it: a search by
        name then reads the index of names, not that of a place.
        """
        rows = Proposal.objects.within(self.scope)
        found = self.search.apply(rows, everywhere) if self.search else rows
        return maps.drawable(self.selection.apply(found)).order_by()


def _files_of(officer: int | None) -> tuple[int, ...]:
    """The files of an officer, among those that the user sees. Queries: one, or none."""
    if officer is None:
        return ()
    return tuple(Batch.objects.filter(user=officer).order_by("pk").values_list("pk", flat=True))


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

    Queries: none for a tile in the cache, else up to three.
    """
    key = f"tile:proposals:{asked.key}:{at}"
    found: Drawn | None = cache.get(key)
    if found is None:
        found = _draw(asked, at)
        cache.set(key, found, KEEP_S)
    return found


def _draw(asked: Asked, at: Tile) -> Drawn:
    return _points(asked, at) if at.z >= POINT_ZOOM else _counts(asked, at)


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
    listed = sql.run("maps/list_labels", {**at.box, "set": asked.state, "size": size})
    labels = [one for one in listed if one[2] is not None]
    codes = [code for code, *_rest in labels]
    counts = _numbers(asked, codes, size)
    drawn_at = _at_places([(*label, counts[label[0]]) for label in labels if label[0] in counts])
    near = {prefix[: proposal_totals.PROVINCE] for prefix in asked.scope.prefixes}
    bare = [code for code, _name, x, _y in listed if x is None and near & {"", code}]
    shown = [*drawn_at, *_of_bare(asked, at, bare, size)]
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


def _numbers(asked: Asked, codes: Collection[str], size: int) -> proposal_totals.Counts:
    """Counts of these regions at least, by code."""
    if size not in proposal_totals.KEPT_SIZES:
        sql.set_local(ALONE)
        return proposal_totals.count(asked.rows().filter(village_id__in=codes), size)
    return proposal_totals.totals(_totalled(asked), codes, size)


def _totalled(asked: Asked) -> Totalled:
    return Totalled(asked.scope, lambda: asked.rows(asked.scope), asked.key, asked.lasting_key)


def refresh_country() -> None:
    """Count the proposals of the country without a filter and by the filters of SCHEDULED, so that
    no first visitor waits for it.

    Runs as the worker, which sees the same rows as who sees the country. Cost: of each filter 0.4 s
    for a million proposals where nothing is kept; after a change only its regency is counted.
    Queries: two to four for each filter.
    """
    for params in SCHEDULED:
        asked = Asked.of(Scope(("",)), params)
        if asked.state:
            proposal_totals.keep(_totalled(asked))


def _at_places(circles: Iterable[Circle]) -> list[Circle]:
    """The circles of one place as one, under the first of its regions: those without outline stand
    where another one does.
    """
    found: dict[tuple[int, int], Circle] = {}
    for code, name, x, y, counts in circles:
        place = round(x), round(y)
        if (known := found.get(place)) is not None:
            code, name, counts = *known[:2], list(map(add, known[4], counts))
        found[place] = (code, name, x, y, counts)
    return list(found.values())


def _of_bare(asked: Asked, at: Tile, provinces: Collection[str], size: int) -> list[Circle]:
    """Circles of provinces without any outline, each at the mean of its points. Villages, of which
    nothing is drawn there, are counted by district. Queries: none without such provinces; else two.
    """
    if not provinces:
        return []
    size = min(size, proposal_totals.KEPT_SIZES[-1])
    means = proposal_totals.means(asked.rows(), provinces, size, asked.key)
    places = {code: metres(*mean.place) for code, mean in means.items()}
    inside = {code: place for code, place in places.items() if at.contains(*place)}
    names = dict(Region.objects.filter(pk__in=list(inside)).values_list("pk", "name"))
    return [(code, names[code], *place, means[code].counts) for code, place in inside.items()]
