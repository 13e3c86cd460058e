"""Clusters of affected villages that can be served together, with the nearest sources for each.

A cluster are villages of one regency and one island, each at most `settings.CLUSTER_DISTANCE_KM`
from another one of it; a regency's office and its regent's statement serve all of them, and no way
between them crosses the sea. Villages whose island is not known make clusters of their own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings

from apps.commandcentre.exposure import needs, village_figures
from apps.commandcentre.exposure.village_figures import VillageFigures
from apps.commandcentre.models import Assessment
from apps.commandcentre.nearest import ranking, search
from apps.commandcentre.nearest.ranking import Sources
from apps.commandcentre.nearest.search import Places
from apps.commandcentre.nearest.snapshot import Snapshot
from apps.commandcentre.readers import Reader
from apps.common import sql
from apps.regions.models import Region


@dataclass(frozen=True)
class Cluster:
    """Neighbouring affected villages with registered people, the most severe first.

    `number` counts from the most severe cluster of the assessment. `needs` are the sums of its
    villages' by the good's code. Its place is the mean of its villages' points, by their registered
    persons; `found` has the sources that have enough for all of it, by their distance from there.
    """

    number: int
    regency: str
    regency_name: str
    villages: tuple[VillageFigures, ...]
    needs: Mapping[str, int]
    longitude: float
    latitude: float
    found: Sources

    @property
    def severity(self) -> float:
        return self.villages[0].severity

    @property
    def label(self) -> str:
        """The band of the most severe village."""
        return self.villages[0].footprint.label

    @property
    def persons(self) -> int:
        return sum(one.persons or 0 for one in self.villages)

    @property
    def families(self) -> int:
        return sum(one.families or 0 for one in self.villages)


@dataclass(frozen=True)
class Clusters:
    """Some or all clusters of an assessment, the most severe first; `count` is that of all.

    `left_out` villages may have registered people and are in no cluster: their counts are hidden
    from the reader, or no place of them is known.
    """

    clusters: tuple[Cluster, ...]
    count: int
    left_out: int


@dataclass(frozen=True)
class _Group:
    """The villages of a cluster and their rows in the places, the most severe first."""

    villages: list[VillageFigures]
    rows: list[int]


def clusters_of(
    assessment: Assessment,
    reader: Reader,
    *,
    days: int = ranking.DAYS,
    most: int | None = None,
    snapshot: Snapshot | None = None,
) -> Clusters:
    """The clusters of the villages whose counts the reader sees, the `most` severe ones of them,
    with the sources that have enough for so many days.

    Queries: six; with a snapshot three to six. Cost: 2,000 villages and 5,000 sources in 0.9 s
    (bench/exposure.py, load 8).
    """
    rows = village_figures.rows_of(assessment, reader).select_related(
        "village__parent__parent", "footprint"
    )
    shown = village_figures.peopled(rows).defer("footprint__area", "village__office")
    figures = {one.village_id: one for one in village_figures.figures_of(shown, reader)}
    now = snapshot or Snapshot()
    known, homes = now.villages(sorted(code for code, one in figures.items() if one.has_needs))
    groups = _groups([figures[code] for code in known], homes)
    chosen = groups[:most]
    centres = _centres(chosen, homes)
    wanted = [_needs(group, days) for group in chosen]
    found = ranking.sources_of_places(centres, wanted, now)
    return Clusters(
        tuple(
            Cluster(
                row + 1,
                (regency := _regency(group)).code,
                regency.name,
                tuple(group.villages),
                wanted[row],
                float(centres.longitude[row]),
                float(centres.latitude[row]),
                found[row],
            )
            for row, group in enumerate(chosen)
        ),
        len(groups),
        len(figures) - len(known),
    )


def _groups(villages: Sequence[VillageFigures], homes: Places) -> list[_Group]:
    """The clusters of villages at their places, the most severe first. Queries: one."""
    if not villages:
        return []
    row_of = {one.village_id: row for row, one in enumerate(villages)}
    grouped: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    values = {
        "villages": list(row_of),
        "longitudes": homes.longitude.tolist(),
        "latitudes": homes.latitude.tolist(),
        "islands": homes.island.tolist(),
        "radius_m": search.EARTH_RADIUS_M,
        "distance_m": settings.CLUSTER_DISTANCE_KM * 1_000,
    }
    for code, *cluster in sql.run("commandcentre/nearest/group_places", values):
        grouped[tuple(cluster)].append(row_of[code])
    groups = []
    for rows in grouped.values():
        ordered = sorted(rows, key=lambda row: _urgency(villages[row]))
        groups.append(_Group([villages[row] for row in ordered], ordered))
    return sorted(groups, key=_urgency_of_group)


def _urgency(one: VillageFigures) -> tuple[float, int, str]:
    return -one.severity, -(one.persons or 0), one.village_id


def _urgency_of_group(group: _Group) -> tuple[float, int, str]:
    first = group.villages[0]
    return -first.severity, -sum(one.persons or 0 for one in group.villages), first.village_id


def _centres(groups: Sequence[_Group], homes: Places) -> Places:
    """One place for each cluster: the mean of its points by persons; island and regency are those
    of all its villages.
    """
    longitudes, latitudes = [], []
    for group in groups:
        weights = [one.persons or 1 for one in group.villages]
        longitudes.append(np.average(homes.longitude[group.rows], weights=weights))
        latitudes.append(np.average(homes.latitude[group.rows], weights=weights))
    first = [group.rows[0] for group in groups]
    return Places(
        np.array(longitudes, dtype=np.float64),
        np.array(latitudes, dtype=np.float64),
        homes.island[first],
        homes.regency[first],
    )


def _needs(group: _Group, days: int) -> dict[str, int]:
    """The needs of its villages, each in whole units, together."""
    total: Counter[str] = Counter()
    for one in group.villages:
        total.update(needs.goods_for({per: getattr(one, per) or 0 for per in needs.Per}, days))
    return dict(total)


def _regency(group: _Group) -> Region:
    """The regency of a cluster; its villages were read with it."""
    district = group.villages[0].village.parent
    if district is None or district.parent is None:
        raise ValueError(f"{group.villages[0].village_id} is in no regency")
    return district.parent
