"""The share of each region's people that a run linked, for a table and a map."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.core.cache import cache

from apps.common import sql
from apps.reconciliation.models import REGISTER, Judgement, Run, Source
from apps.regions.models import BoundaryEdition, EditionStatus, Region

# Code length of a region → code length of its parts.
BELOW: Final = {0: 2, 2: 5, 5: 8, 8: 13}
# Equal steps for every run and region, so that maps are comparable.
CLASSES: Final = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
# With more villages no outlines are computed in a request (0.5 s for 438).
MOST_VILLAGES: Final = 2_500
KEPT_S: Final = 600


@dataclass(frozen=True)
class RegionCoverage:
    """One region: its people in the source, and those of them that are linked."""

    code: str
    name: str
    people: int
    linked: int
    opens: bool

    @property
    def percent(self) -> float:
        return 100 * self.linked / self.people if self.people else 0.0

    @property
    def shade(self) -> int:
        """The class of the map's colours, 0 to 4."""
        return min(int(self.percent // 20), len(CLASSES) - 1)


@dataclass(frozen=True)
class Coverage:
    """The parts of a region, lowest share first, and the people that are counted."""

    source: Source
    rows: list[RegionCoverage]
    without_village: int

    @property
    def people(self) -> int:
        return sum(row.people for row in self.rows) + self.without_village

    @property
    def linked(self) -> int:
        return sum(row.linked for row in self.rows)

    @property
    def classes(self) -> list[tuple[int, int, int, int]]:
        """(shade, from, to, regions) of the legend."""
        shades = [row.shade for row in self.rows if row.people]
        return [(at, low, high, shades.count(at)) for at, (low, high) in enumerate(CLASSES)]


def of(run: Run, under: str = "") -> Coverage:
    """Coverage of the parts of a region (`""`: the country). Queries: three, or one from the cache.

    Cached for ten minutes at most, and until a pair is answered.
    """
    is_left = run.pairing.left_id == REGISTER or run.pairing.right_id != REGISTER
    dataset = run.left if is_left or run.right is None else run.right
    length = BELOW.get(len(under), 13)
    answered = Judgement.objects.filter(pair__pairing=run.pairing_id).count()
    key = f"reconciliation:coverage:{run.pk}:{run.status}:{answered}:{under}"
    found = cache.get(key)
    if found is None:
        found = _counted(run, dataset, under, length)
        cache.set(key, found, KEPT_S)
    names = dict(
        Region.objects.filter(code__in=[code for code, *_ in found]).values_list("code", "name")
    )
    rows = [
        RegionCoverage(code, names.get(code, code), people, linked, length < 13)
        for code, people, linked in found
        if len(code) == length
    ]
    missing = sum(people for code, people, _linked in found if len(code) != length)
    return Coverage(dataset.source, sorted(rows, key=lambda row: (row.percent, row.code)), missing)


def _counted(run: Run, dataset: Any, under: str, length: int) -> list[tuple[str, int, int]]:
    pairing = run.pairing
    return [
        (code, people, linked)
        for code, people, linked in sql.run(
            "reconciliation/linkage/measure_coverage",
            {
                "run": run.pk,
                "pairing": pairing.pk,
                "source": dataset.source_id,
                "number": dataset.number,
                "is_left": pairing.left_id == dataset.source_id,
                "is_right": pairing.right_id == dataset.source_id,
                "under": under,
                "length": length,
            },
        )
    ]


def outlines(under: str = "") -> dict[str, Any]:
    """The parts of a region as GeoJSON; no features with too many villages or without boundaries.

    Cached until other boundaries are in force. Queries: two, or one from the cache.
    """
    editions = BoundaryEdition.objects.filter(status=EditionStatus.ACTIVE)
    in_force = "-".join(str(pk) for pk in editions.order_by("pk").values_list("pk", flat=True))
    key = f"reconciliation:outlines:{in_force}:{under}"
    features = cache.get(key)
    if features is None:
        length = BELOW.get(len(under), 13)
        found = sql.scalar(
            "reconciliation/linkage/draw_regions",
            {"under": under, "length": length, "most": MOST_VILLAGES},
        )
        features = json.loads(found or "[]") if isinstance(found, str | None) else found
        cache.set(key, features, None)
    return {"type": "FeatureCollection", "features": features}
