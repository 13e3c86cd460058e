"""Computes the coverage: for each village the nearest facility that has stock, as a job."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import By, describe_actor
from apps.commandcentre.coverage.basis import Basis
from apps.commandcentre.models import CoverageState, VillageCoverage
from apps.commandcentre.nearest import places, search
from apps.commandcentre.zones import village_zones
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.jobs import kinds, work
from apps.jobs.models import Job

REFRESH_COVERAGE: Final = "commandcentre.refresh_coverage"
SUBJECT: Final = "commandcentre.CoverageState:0"
BY_SCHEDULE: Final = "system"
ON_ITS_WAY: Final = (Job.Status.WAITING, Job.Status.RUNNING)
# Stock and register change all day long; the whole country is computed at most so often.
AT_MOST_EVERY: Final = timedelta(minutes=5)


def enqueue_refresh(*, by: By) -> Job:
    """Ask for the coverage to be computed again; a job that waits already is enough."""
    waiting = Job.objects.filter(kind=REFRESH_COVERAGE, status=Job.Status.WAITING).first()
    if waiting is not None:
        return waiting
    actor = describe_actor(by)
    return work.enqueue(REFRESH_COVERAGE, SUBJECT, by=actor.key or "system", by_name=actor.name)


def enqueue_due_refresh(*, now: datetime) -> Job | None:
    """Ask for the coverage where something that it rests on changed and none is on its way; until
    it is computed its state says what changed. For the clock. Queries: seven.
    """
    with transaction.atomic():
        locks.hold(Lock.COVERAGE)
        last = Job.objects.filter(kind=REFRESH_COVERAGE).order_by("-pk").first()
        if last is not None and last.status in ON_ITS_WAY:
            return None
        since = [last.created_at] if last is not None else []
        state = CoverageState.objects.first()
        if state is not None:
            changed = Basis.now(now).changes_since(state.basis)
            if changed != state.changed:
                state.changed = changed
                state.save(update_fields=["changed"])
            if not changed:
                return None
            since.append(state.computed_at)
        if since and now - max(since) < AT_MOST_EVERY:
            return None
        return work.enqueue(REFRESH_COVERAGE, SUBJECT, by=BY_SCHEDULE)


@kinds.job(REFRESH_COVERAGE, label=_("Coverage of villages"))
def run_refresh(lease: work.Lease) -> None:
    """Compute the coverage with the boundaries, zones, register and stock of now."""
    places.refresh()
    village_zones.refresh()
    lease.timed("places")
    with transaction.atomic():
        lines = refresh(now=timezone.now())
        lease.timed("coverage")
        lease.finish(lines=lines)


@transaction.atomic
def refresh(*, now: datetime) -> int:
    """Compute the coverage anew; returns its rows."""
    basis = Basis.now(now)
    codes = sql.column("commandcentre/coverage/list_covered_villages")
    numbers, stores = places.sources()
    known, homes = places.villages(codes)
    penalty_m = places.crossing_penalty_m()
    # any stock counts: no good is asked for
    nearest = search.rank(
        stores,
        homes,
        stock=np.zeros((len(stores), 0), dtype=np.int64),
        need=np.zeros((len(homes), 0), dtype=np.int64),
        k=1,
        penalty_m=penalty_m,
        regency_first=False,
    )
    found = np.flatnonzero(nearest.source[:, 0] >= 0)
    VillageCoverage.objects.all().delete()
    lines = sql.scalar(
        "commandcentre/coverage/store_coverage",
        {
            "villages": [known[row] for row in found],
            "facilities": [numbers[place] for place in nearest.source[found, 0]],
            "distances": nearest.distance_m[found, 0].tolist(),
            "crossings": nearest.crossings[found, 0].tolist(),
            "penalty_m": penalty_m,
        },
    )
    CoverageState.objects.all().delete()
    CoverageState.objects.create(computed_at=now, facilities=len(numbers), basis=basis.stored)
    return int(lines)
