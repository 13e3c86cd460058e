"""The register's own pockets: villages and cells of a hexagon grid, computed and stored as an
edition of ours with its method and the boundaries of the day.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common import sql
from apps.common.staging import Staging
from apps.indicators.models import PocketEdition, SuppressedRegion
from apps.indicators.pockets import coverage_sums, disclosure, hidden_later
from apps.indicators.pockets.edition_files import mark_failed, place_areas
from apps.indicators.pockets.reception import COMPUTE_POCKETS
from apps.indicators.states import PROPOSED
from apps.jobs import kinds, work
from apps.regions.models import BoundaryEdition

Status = PocketEdition.Status
# Cylindrical equal-area along the equator: shapes are true within four per cent up to 11 degrees of
# latitude. The meridian lies west of Indonesia, so that columns of the grid count from zero up.
PROJECTION: Final = "+proj=cea +lon_0=90 +lat_ts=0 +ellps=WGS84 +units=m +no_defs"
# The statements read whole tables.
WHOLE_REGISTER: Final = 1_000_000


def cell_km2(side_m: float) -> float:
    """The area of a hexagon of this side."""
    return 1.5 * math.sqrt(3) * side_m**2 / 1e6


@kinds.job(
    COMPUTE_POCKETS,
    label=_("Computation of pockets"),
    is_resumable=False,
    on_failed=mark_failed,
    remedy=_("Ask for the computation again under the same name."),
)
def compute_pockets(lease: work.Lease) -> None:
    """Compute an edition of ours. A second run stores the same. Raises: LeaseLost."""
    edition = PocketEdition.objects.get(pk=lease.job.subject_pk)
    lease.progress(stage="count")
    with transaction.atomic(), Staging(f"pockets_{edition.pk}", ["families"]) as staging:
        sql.tune()
        edition.villages.all().delete()
        edition.areas.all().delete()
        summary = _count(edition, staging, lease)
        in_force = BoundaryEdition.objects.filter(boundaries__is_current=True)
        PocketEdition.objects.filter(pk=edition.pk, status=Status.WAITING).update(
            status=Status.READY,
            summary=summary,
            boundaries=sorted(set(in_force.values_list("name", flat=True).distinct())),
            stored_at=timezone.now(),
        )
        lease.finish(edition=edition.name, villages=summary["villages"])


def _count(edition: PocketEdition, staging: Staging, lease: work.Lease) -> dict[str, Any]:
    """Store villages and cells; returns the counts of what is said."""
    method = edition.parameters
    area = cell_km2(method["side_m"])
    values = {
        "edition": edition.pk,
        "programmes": list(method["programmes"]),
        "per_km2": float(method["per_km2"]),
        "percent": float(method["percent"]),
        "side": float(method["side_m"]),
        "area_km2": area,
        "least": settings.SMALL_COUNT,
        "projection": PROJECTION,
    }
    sql.create_as(
        staging["families"],
        {**PROPOSED, "families": "indicators/pockets/stage_families"},
        values,
        rows=WHOLE_REGISTER,
    )
    staging.analyze("families")
    lease.timed("families")
    lease.still_wanted()
    [(known, families, persons, counted)] = staging.run(
        "indicators/pockets/count_villages", values, rows=WHOLE_REGISTER
    )
    programmes = _hide_numbers(
        edition
    )  # and with them which villages are pockets, before the cells follow
    pockets = edition.villages.filter(is_pocket=True)
    lease.timed("villages")
    staging.run("indicators/pockets/count_cells", values, rows=WHOLE_REGISTER)
    place_areas(edition)
    lease.timed("cells")
    hidden_later.follow_maps(now=timezone.now(), edition=edition)  # the maps may hide more by now
    return {
        "counted_villages": known,
        "villages": pockets.count(),
        "unsaid": edition.villages.filter(is_pocket=None).count(),
        "areas": edition.areas.count(),
        "families": families,
        "persons": persons,
        "counted": counted,
        "in_pockets": pockets.aggregate(sum=Sum("counted", default=0))["sum"],
        "cell_km2": round(area, 4),
        coverage_sums.PROGRAMMES: programmes,
    }


def _hide_numbers(edition: PocketEdition) -> list[str]:
    """Store which numbers of the villages are not shown. Returns the programmes that reach anybody.
    Queries: six, and one for each nested method.
    """
    columns = (disclosure.FAMILIES, disclosure.PERSONS, *disclosure.PARTS)
    rows = edition.villages.order_by("village_id").values_list(
        "village_id", "enrolled_persons", "enrolled_families", *columns
    )
    counts: dict[str, dict[str, int]] = {}
    families: dict[str, dict[str, int]] = defaultdict(dict)
    for village, persons, in_programmes, *numbers in rows.iterator(chunk_size=2_000):
        counts[village] = dict(zip(columns, numbers, strict=True)) | {
            disclosure.programme_column(code): number for code, number in persons.items()
        }
        for code, number in in_programmes.items():
            families[code][village] = number
    programmes = tuple(edition.parameters["programmes"])
    method = disclosure.Method(programmes, families, _counted_by_nested(edition))
    found = disclosure.hidden_columns(counts, _formerly_hidden(edition), method)
    sql.run(
        "indicators/pockets/hide_numbers",
        {
            "edition": edition.pk,
            "villages": list(found),
            "columns": [",".join(names) for names in found.values()],
        },
        rows=len(found),
    )
    return sorted(families)


def _formerly_hidden(edition: PocketEdition) -> dict[str, set[str]]:
    """The columns that editions of ours, or the thematic maps, have hidden, by village.

    What the method counts is the same number only where it counts the same programmes. Queries:
    three.
    """
    same = PocketEdition.objects.filter(
        parameters__programmes=list(edition.parameters["programmes"])
    )
    params = {
        "editions": list(same.values_list("pk", flat=True)),
        "counted": disclosure.COUNTED,
    }
    found = {
        village: set(hidden)
        for village, hidden in sql.run("indicators/pockets/read_formerly_hidden", params)
    }
    for region, tables in SuppressedRegion.objects.values_list("region_id", "tables").iterator():
        found.setdefault(region, set()).update(*map(disclosure.columns_of, tables))
    return found


def _counted_by_nested(edition: PocketEdition) -> list[dict[str, int]]:
    """What the last edition of each method that counts some of the same programmes alone, or all of
    them and more, has counted, by village: the difference is in a few programmes alone.
    """
    own = frozenset(edition.parameters["programmes"])
    last: dict[frozenset[str], PocketEdition] = {}
    others = PocketEdition.objects.filter(origin=PocketEdition.Origin.COMPUTED).exclude(
        pk=edition.pk
    )
    for other in others.exclude(status__in=(Status.WAITING, Status.FAILED)).order_by("stored_at"):
        last[frozenset(other.parameters["programmes"])] = other
    return [
        dict(other.villages.values_list("village_id", "counted"))
        for programmes, other in last.items()
        if own and programmes and (programmes < own or own < programmes)
    ]
