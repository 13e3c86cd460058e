"""The examination of an edition: repair, overlaps, gaps, strays, new and missing regions."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from django.utils import timezone

from apps.common import sql
from apps.common.errors import DomainError
from apps.common.geo import NEAR_BORDER_M
from apps.jobs.work import Lease
from apps.regions.editions.staging import EditionStaging
from apps.regions.layers import Reading
from apps.regions.models import BoundaryEdition, Region

# Smaller overlaps and gaps are rounding of coordinates and are not counted.
LEAST_M2: Final = 1.0
# From this area on, each overlap and each gap is listed separately.
LISTED_M2: Final = 100.0
# A boundary that differs by less from the one in force counts as unchanged.
MOVED_M2: Final = 100.0
# Lines closer than this touch each other. Units: degrees, about 110 m.
REACH_DEGREES: Final = 0.001
# Code lengths of the areas in which a level is processed, from the smallest to the largest.
AREA_SIZES: Final = {13: (5, 2, 0), 8: (5, 2, 0), 5: (2, 0), 2: (0,)}


def examine(
    staging: EditionStaging, *, edition: BoundaryEdition, reading: Reading, lease: Lease
) -> None:
    """All steps between reading and storing, each done once.

    Cost: 438 villages in 1 s; 83,402 in 4 minutes on a busy machine, by regency, with progress.
    """
    lease.progress(stage="repair")
    params = {"system": reading.code_system, "day": timezone.localdate()}
    staging.once("clean", partial(staging.run, "regions/clean_shapes", params))
    staging.once("mend", partial(staging.run, "regions/mend_shapes"))
    staging.once("merge", partial(_merge, staging, reading))
    lease.timed("repair")
    staging.once("quality", partial(staging.run, "regions/stage_quality"))
    level = level_of(staging)
    _overlaps(staging, level, lease)
    _gaps(staging, level, lease)
    _outsiders(staging, level, lease)
    _differences(staging, edition, level, lease)


def level_of(staging: EditionStaging) -> int:
    """The code length of the edition's regions (13 for villages)."""
    return int(staging.run("regions/find_level")[0][0])


def _merge(staging: EditionStaging, reading: Reading) -> None:
    """Merge the shapes into regions. Raises: DomainError when nothing of the file can be stored."""
    staging.run("regions/merge_villages")
    if staging.run("regions/find_level"):
        return
    count, unknown, refused, example = staging.run("regions/explain_nothing")[0]
    raise DomainError(
        "nothing_stored",
        count=count,
        unknown=unknown,
        refused=refused,
        example=example or "",
        field=reading.code_field,
    )


def _areas(staging: EditionStaging, level: int, size: int) -> list[str]:
    rows = staging.run("regions/list_areas", {"size": size, "level": level})
    return [area for (area,) in rows]


def _overlaps(staging: EditionStaging, level: int, lease: Lease) -> None:
    areas = _areas(staging, level, AREA_SIZES[level][0])
    for number, area in enumerate(areas):
        lease.progress(number, len(areas), stage="overlaps")
        params = {"area": area, "level": level, "least_m2": LEAST_M2}
        staging.once(f"overlaps {area}", partial(staging.run, "regions/measure_overlaps", params))
    lease.timed("overlaps")


def _gaps(staging: EditionStaging, level: int, lease: Lease) -> None:
    """Find gaps by regency, then across the borders of regencies, then of provinces."""
    united, source = level, "villages"
    for size in AREA_SIZES[level]:
        areas = _areas(staging, level, size)
        for number, area in enumerate(areas):
            lease.progress(number, len(areas), stage="gaps")
            params = {"area": area, "size": united, "is_last": size == 0, "least_m2": LEAST_M2}
            staging.once(f"gaps {size} {area}", partial(_find_gaps, staging, source, params))
        united, source = size, "unions"
    lease.timed("gaps")


def _find_gaps(staging: EditionStaging, source: str, params: dict[str, Any]) -> None:
    tables = {**staging, "source": staging[source]}
    sql.run("regions/find_gaps", params, tables=tables)


def _differences(
    staging: EditionStaging, edition: BoundaryEdition, level: int, lease: Lease
) -> None:
    areas = _areas(staging, level, AREA_SIZES[level][0])
    for number, area in enumerate(_compared(areas, edition.covers, level)):
        lease.progress(number, len(areas), stage="compare")
        params = {"edition": edition.pk, "area": area, "level": level, "least_m2": MOVED_M2}
        staging.once(f"compare {area}", partial(staging.run, "regions/compare_former", params))
    lease.timed("compare")


def _compared(areas: list[str], covers: str, level: int) -> list[str]:
    """The areas with polygons, and all others that the edition is declared to cover."""
    size = AREA_SIZES[level][0]
    if not covers or size == 0:
        return areas
    inside = Region.objects.under(covers[:size]).filter(
        level="regency" if size == 5 else "province"
    )
    return sorted({*areas, *inside.values_list("code", flat=True)})


def store(staging: EditionStaging, *, edition: BoundaryEdition) -> dict[str, Any]:
    """Write boundaries and remarks, inside the caller's transaction; returns the numbers."""
    level = level_of(staging)
    params = {"edition": edition.pk, "level": level}
    sql.run("regions/remove_boundaries", params)
    stored = {**params, "tolerance_m": NEAR_BORDER_M}
    staging.run("regions/store_boundaries", stored)
    remarks = {
        **params,
        "covers": edition.covers,
        "parent_size": AREA_SIZES[level][0],
        "day": timezone.localdate(),
        "listed_m2": LISTED_M2,
    }
    staging.run("regions/store_issues", remarks)
    return _summary(staging, params)


def _outsiders(staging: EditionStaging, level: int, lease: Lease) -> None:
    size = AREA_SIZES[level][0]
    if size:
        lease.progress(stage="parents")
        params = {"level": level, "size": size, "reach": REACH_DEGREES}
        staging.once("outsiders", partial(staging.run, "regions/find_outsiders", params))
    lease.timed("parents")


def _summary(staging: EditionStaging, params: dict[str, Any]) -> dict[str, Any]:
    keys = (
        *("read", "stored", "repaired", "refused", "unknown_codes", "renamed", "merged"),
        *("overlaps", "overlaps_m2", "gaps", "gaps_m2"),
    )
    numbers = dict(zip(keys, staging.run("regions/summarise_edition")[0], strict=True))
    kinds = dict(sql.run("regions/count_issues", params))
    numbers["codes_without_polygon"] = kinds.get("code_without_polygon", 0)
    for kind in ("outside_parent", "added", "removed", "moved"):
        numbers[kind] = kinds.get(kind, 0)
    return {**numbers, "level": params["level"], "listed_m2": LISTED_M2}
