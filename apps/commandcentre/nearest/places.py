"""Places of villages and facilities, from the boundaries in force."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.commandcentre.models.village_place import IslandPiece, PlaceState, VillagePlace
from apps.commandcentre.nearest import search
from apps.commandcentre.nearest.search import NO_ISLAND, Floats, Places
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.regions.editions import shapes
from apps.regions.models import BAND_ZOOMS, BoundaryEdition

# A village's point that is this far from the simplified coast is on that island. Mercator metres.
NEAR_ISLAND_M: Final = 2_000.0


def crossing_penalty_m() -> float:
    """What one sea crossing counts as, in metres."""
    return float(settings.SEA_CROSSING_PENALTY_KM) * 1_000


def refresh() -> bool:
    """Compute the places anew where the boundaries changed; True if it was necessary.

    For workers. Queries: four where nothing changed.
    """
    current = shapes.current_set()
    number = current.pk if current is not None else 0
    with transaction.atomic():
        locks.hold(Lock.PLACES)
        changed_at = BoundaryEdition.objects.aggregate(at=Max("activated_at"))["at"]
        if PlaceState.objects.filter(shape_set=number, boundaries_at=changed_at).exists():
            return False
        for model in (PlaceState, VillagePlace, IslandPiece):
            model.objects.all().delete()
        if current is not None:
            finest = {"set": number, "zoom": max(BAND_ZOOMS)}
            sql.run("commandcentre/nearest/build_islands", finest)
        sql.run("commandcentre/nearest/build_village_places", {"near_m": NEAR_ISLAND_M})
        PlaceState.objects.create(
            shape_set=number, boundaries_at=changed_at, built_at=timezone.now()
        )
    return True


def sources(facilities: Sequence[int] | None = None) -> tuple[list[int], Places]:
    """Facilities (all with usable stock by default) and their places. Queries: one."""
    asked = None if facilities is None else list(facilities)
    return _sources(_read_sources(asked))


def known_sources(
    keepers: Sequence[str],
) -> tuple[list[int], Places, tuple[list[int], Places]]:
    """All facilities with usable stock and their places; and those of the kinds `keepers` without
    any line of stock. Queries: one.
    """
    rows = _read_sources(None, keepers)
    stocked = _sources([row for row in rows if not row[5]])
    return *stocked, _sources([row for row in rows if row[5]])


def _read_sources(facilities: list[int] | None, keepers: Sequence[str] = ()) -> list[Any]:
    asked = {"facilities": facilities, "keepers": list(keepers)}
    return list(sql.run("commandcentre/nearest/read_sources", asked))


def _sources(rows: list[Any]) -> tuple[list[int], Places]:
    return [row[0] for row in rows], _places(
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[4] for row in rows],
    )


def villages(codes: Sequence[str]) -> tuple[list[str], Places]:
    """Villages whose place is known, and their places; others are left out. Queries: one."""
    found = sql.run("commandcentre/nearest/read_villages", {"villages": list(codes)})
    rows = [row for row in found if row[1] is not None]
    return [row[0] for row in rows], _places(
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[0][:5] for row in rows],
    )


def distance_matrix(facilities: Sequence[int], codes: Sequence[str]) -> tuple[Floats, np.ndarray]:
    """(metres, sea crossings) of each facility to each village, in the given orders.

    A village whose place is not known is infinitely far. Queries: two.
    """
    known, stores = sources(facilities)
    homes_known, homes = villages(codes)
    metres, crossings = search.distance_matrix(stores, homes)
    all_metres = np.full((len(facilities), len(codes)), np.inf)
    all_crossings = np.zeros((len(facilities), len(codes)), dtype=np.int8)
    store = {facility: number for number, facility in enumerate(facilities)}
    rows = [store[number] for number in known]
    place = {code: number for number, code in enumerate(codes)}
    columns = [place[code] for code in homes_known]
    if rows and columns:
        all_metres[np.ix_(rows, columns)] = metres
        all_crossings[np.ix_(rows, columns)] = crossings
    return all_metres, all_crossings


def _places(
    longitudes: list[float],
    latitudes: list[float],
    islands: list[int | None],
    regencies: list[str],
) -> Places:
    numbers = [int(code.replace(".", "") or "-1") for code in regencies]
    return Places(
        np.array(longitudes, dtype=np.float64),
        np.array(latitudes, dtype=np.float64),
        np.array([NO_ISLAND if one is None else one for one in islands], dtype=np.int64),
        np.array(numbers, dtype=np.int64),
    )
