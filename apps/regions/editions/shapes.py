"""Simplified outlines of the boundaries in force, for maps of every zoom.

An activation requests a new state of the map (`ShapeSet`). The work reads the polygons in force,
one group of provinces after the other, and lets a child process simplify them along their common
lines, so that neighbours still meet. Higher regions are the unions of their villages. A state
becomes visible when it is complete; the one before stays readable for maps that are open.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import subject_of
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.files.sandbox import Child, ChildDied, ChildLimits
from apps.common.locks import Lock
from apps.common.staging import Staging
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.regions.models import BoundaryEdition, BoundaryShape, ShapeSet

BUILD_SHAPES: Final = "regions.build_shapes"
TARGET: Final = "apps.common.reader.coverage:serve"
# Gaps and overlaps between neighbours up to this width are closed before the simplification.
# Units: Mercator metres. Proposed: the tolerance of a line of unknown status.
GAP_M: Final = 50.0
# The largest group (Java: 25,271 villages, 2.5 million vertices) needs 2.5 GB.
LIMITS: Final = ChildLimits(memory_bytes=12 << 30, cpu_s=1800, clock_s=3600, niceness=5)
COLUMNS: Final = {
    "code": "text",
    "zoom": "smallint",
    "boundary": "bigint",
    "shape": "geometry(MultiPolygon, 3857)",
    "label": "geometry(Point, 3857)",
    "label_radius_m": "double precision",
}


@dataclass(frozen=True)
class Band:
    """The outlines of some zooms: the lowest, the tolerance, and the code lengths of their levels.

    `tolerance_m` is the side of the triangles that are removed, in Mercator metres: about a
    pixel at the band's highest zoom.
    """

    zoom: int
    tolerance_m: float
    sizes: tuple[int, ...]


# From the finest to the coarsest; each is made of the one before.
BANDS: Final = (
    Band(11, 10, (13, 8, 5, 2)),
    Band(10, 80, (13, 8, 5, 2)),
    Band(9, 150, (13, 8, 5, 2)),
    Band(8, 350, (13, 5, 2)),
    Band(5, 600, (5, 2)),
    Band(0, 3000, (2,)),
)


def current_set() -> ShapeSet | None:
    """The state of the map that is shown. Queries: one."""
    return ShapeSet.objects.filter(ready_at__isnull=False).order_by("-pk").first()


def current_number() -> int:
    """The number of that state; 0 if there is none. For answers in milliseconds, of which reading
    it as an object would be a part. Queries: one.
    """
    return int(sql.scalar("regions/read_current_set"))


def former_set() -> ShapeSet | None:
    """The state of the map before the present one, which can still be drawn. Queries: one."""
    ready = ShapeSet.objects.filter(ready_at__isnull=False).select_related("edition")
    return next(iter(ready.order_by("-pk")[1:2]), None)


def is_readable(number: int, edition_id: int) -> bool:
    """Whether a state of the map can be drawn: the present one or the one before. Queries: one."""
    ready = ShapeSet.objects.filter(ready_at__isnull=False).order_by("-pk")
    return (number, edition_id) in list(ready.values_list("pk", "edition_id")[:2])


def enqueue_shapes(
    *, edition: BoundaryEdition, codes: Iterable[str], by: str, by_name: str = "", now: datetime
) -> Job | None:
    """Request the outlines of changed regions, inside the transaction that changes them.

    The provinces that share land with a changed one are made anew, because they share lines. Of
    states that are not finished yet, the groups are taken over. None if nothing changed.
    """
    groups = {code[0] for code in codes}
    if not ShapeSet.objects.filter(ready_at__isnull=False).exists():
        groups |= set(sql.column("regions/list_groups"))
    for waiting in ShapeSet.objects.filter(ready_at__isnull=True):
        groups |= set(waiting.groups)
    if not groups:
        return None
    last = ShapeSet.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    wanted = ShapeSet.objects.create(
        pk=max(last + 1, int(now.timestamp() * 1000)),
        edition=edition,
        groups=sorted(groups),
        asked_at=now,
    )
    return work.enqueue(
        BUILD_SHAPES,
        subject_of(wanted),
        subject_name=edition.name,
        by=by,
        by_name=by_name,
    )


@kinds.job(BUILD_SHAPES, label=_("Outlines for maps"))
def build_shapes(lease: work.Lease) -> None:
    """Make the outlines of a requested state and show it. A group that is stored is not made again.

    Raises: DomainError `shapes_failed`, LeaseLost. Cost: 83,402 villages in 6 minutes of one core.
    """
    wanted = ShapeSet.objects.get(pk=lease.job.subject_pk)
    for number, group in enumerate(wanted.groups):
        lease.progress(number, len(wanted.groups), stage="shapes")
        if not wanted.shapes.filter(code__startswith=group).exists():
            _build_group(wanted, group, lease)
    lease.timed("shapes")
    _publish(wanted, lease)


def _build_group(wanted: ShapeSet, group: str, lease: work.Lease) -> None:
    """Read, simplify and store the regions whose codes begin with one digit.

    The first digit of a code is its group of islands (1 Sumatra, 3 Java, 6 Kalimantan …): no border
    on land runs between two of them.
    """
    scratch = Path(settings.MEDIA_ROOT) / "scratch" / f"shapes-{wanted.pk}-{group}"
    shutil.rmtree(scratch, ignore_errors=True)  # left by a killed attempt
    scratch.mkdir(parents=True)
    try:
        path = scratch / "outlines"
        span = {"first": group, "next": chr(ord(group) + 1)}
        if not sql.copy_out("regions/read_outlines", span, path):
            return
        with Staging(f"shapes_{wanted.pk}_{group}", ("rows",)) as staging:
            staging.create("rows", COLUMNS)
            _simplify(path, staging, lease)
            staging.run("regions/store_shapes", {"set": wanted.pk})
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _simplify(path: Path, staging: Staging, lease: work.Lease) -> None:
    """Fill the staging table with what the child sends, block by block."""
    request = {"path": str(path), "gap_m": GAP_M, "bands": [asdict(band) for band in BANDS]}
    try:
        with Child(TARGET, request, limits=LIMITS, readable=[path]) as child:
            for kind, payload in child.frames():
                lease.still_wanted()
                if kind == "d":
                    sql.copy_in(staging["rows"], COLUMNS, [payload])
    except ChildDied as died:
        raise DomainError("shapes_failed", reason=died.reason) from died


def _publish(wanted: ShapeSet, lease: work.Lease) -> None:
    """Show a complete state, in one transaction. One that a newer state replaced is discarded."""
    with transaction.atomic():
        locks.hold(Lock.BOUNDARIES)
        ready = ShapeSet.objects.filter(ready_at__isnull=False).order_by("-pk")
        former = ready.values_list("pk", flat=True).first() or 0
        if former > wanted.pk:
            wanted.shapes.all().delete()
            lease.finish(shapes=0, replaced_by=former)
            return
        sql.run("regions/end_shapes", {"set": wanted.pk, "groups": wanted.groups})
        sql.run("regions/remove_shapes", {"former": former})
        ShapeSet.objects.filter(pk=wanted.pk).update(ready_at=timezone.now())
        lease.finish(shapes=BoundaryShape.objects.filter(since=wanted).count())
