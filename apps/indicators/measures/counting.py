"""Counts the register and the proposals by region: where something changed, or everything.

Everything is counted on the first run of a day (ages change, villages begin and end) and where very
much changed. Otherwise the villages are counted in which an event of the register is newer than the
counts, or which are listed as changed by their proposals. Pages never count.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common import locks, sql
from apps.common.locks import Lock
from apps.common.staging import Staging
from apps.indicators.measures import suppression
from apps.indicators.measures.definitions import ALL_TABLES, COLUMNS, PROGRAMMES, table_of
from apps.indicators.measures.suppression import Hidden
from apps.indicators.models import CountState, MonthCount, VillageChange
from apps.indicators.pockets import coverage_sums, hidden_later
from apps.indicators.states import PROPOSED
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.regions.models import Level
from apps.registry.models import rules

REFRESH_MEASURES: Final = "indicators.refresh_measures"
SUBJECT: Final = "indicators.RegionCount"
BY_SCHEDULE: Final = "system"
ON_ITS_WAY: Final = (Job.Status.WAITING, Job.Status.RUNNING)
# With more events or villages one pass over the whole register is the faster way.
MOST_EVENTS: Final = 200_000
MOST_VILLAGES: Final = 20_000
# The persons of the villages that are counted are kept for their enrolments: in memory.
FOR_TOUCHED: Final = {"work_mem": "256MB"}
# More rows than any look-up by key would be right for: whole tables are joined by hash.
WHOLE_REGISTER: Final = 1_000_000
# The steps of a count, by the name of their result: over everything, and of some villages.
COUNTED: Final = "indicators/measures/count_villages"
EVERYTHING: Final = {
    "families": "indicators/measures/read_families",
    "persons": "indicators/measures/read_persons",
    "enrolments": "indicators/measures/read_enrolments",
    **PROPOSED,
    "counted": COUNTED,
}
TOUCHED: Final = {
    "families": "indicators/measures/read_touched_families",
    "persons": "indicators/measures/read_touched_persons",
    "enrolments": "indicators/measures/read_touched_enrolments",
    "proposals": "indicators/measures/read_touched_proposals",
    "proposed": PROPOSED["proposed"],
    "counted": COUNTED,
}
# Levels from below, the level that they are the sums of, and the length of their codes.
SUMS: Final = (
    (Level.DISTRICT, Level.VILLAGE, 8),
    (Level.REGENCY, Level.DISTRICT, 5),
    (Level.PROVINCE, Level.REGENCY, 2),
    (Level.COUNTRY, Level.PROVINCE, 0),
)


@dataclass(frozen=True)
class Position:
    """How far counts go: the last events of the register."""

    person_event: int = 0
    family_event: int = 0
    enrolment_event: int = 0

    @classmethod
    def now(cls) -> Position:
        """Read before counting: what is written meanwhile is counted again. Queries: one."""
        [(person, family, enrolment)] = sql.run("indicators/measures/read_last_events")
        return cls(person, family, enrolment)

    @classmethod
    def of(cls, state: CountState) -> Position:
        return cls(state.person_event, state.family_event, state.enrolment_event)

    def events_since(self, former: Position) -> int:
        """At most so many events are newer."""
        return (
            max(0, self.person_event - former.person_event)
            + max(0, self.family_event - former.family_event)
            + max(0, self.enrolment_event - former.enrolment_event)
        )

    def is_before(self, former: Position) -> bool:
        """Whether numbers went back: the database was restored."""
        return (
            self.person_event < former.person_event
            or self.family_event < former.family_event
            or self.enrolment_event < former.enrolment_event
        )


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: villages counted, rows written, regions in which more is hidden, the
    tables of counts of which something changed, and whether it was everything.
    """

    villages: int = 0
    written: int = 0
    hidden: int = 0
    tables: frozenset[str] = frozenset()
    is_whole: bool = False


@kinds.job(REFRESH_MEASURES, label=_("Counts of the register by region"))
def run_refresh(lease: work.Lease) -> None:
    """Count what changed, then the sums of pockets. A second run finds nothing to do."""
    with transaction.atomic():
        done = refresh(now=timezone.now())
        lease.timed("count")
    with transaction.atomic():
        coverage_sums.store_due_sums()
        lease.timed("sums")
        lease.finish(villages=done.villages, written=done.written, hidden=done.hidden)


def enqueue_due_refresh() -> Job | None:
    """Ask for a refresh where one is due and none is on its way. Queries: four."""
    with transaction.atomic():
        locks.hold(Lock.MEASURES)
        if Job.objects.filter(kind=REFRESH_MEASURES, status__in=ON_ITS_WAY).exists():
            return None
        if not is_due(timezone.localdate()):
            return None
        return work.enqueue(REFRESH_MEASURES, SUBJECT, by=BY_SCHEDULE)


def is_due(day: date) -> bool:
    """Whether the register or the proposals changed since the last count, or the day; or sums of
    pockets are to be stored.
    """
    state = CountState.objects.first()
    if state is None or state.counted_date != day or VillageChange.objects.exists():
        return True
    return Position.now() != Position.of(state) or coverage_sums.are_due()


@transaction.atomic
def refresh(*, now: datetime) -> Refreshed:
    """Count what changed since the last count, and hide what is too small.

    Editions of pockets hide the same in the same transaction. Locks: the measures, what is hidden.
    Cost (bench/measures.py, two cores, 2026-11-29, 4.77 million persons): everything 9 to 13 s,
    after 10,000 changed persons in 2,000 villages 1.9 s.
    """
    locks.hold(Lock.MEASURES)
    day, position = timezone.localdate(now), Position.now()
    changed = sql.column("indicators/measures/take_changes")
    state = CountState.objects.select_for_update().first()
    former = Position.of(state) if state is not None else Position()
    is_whole = (
        state is None
        or state.counted_date != day
        or position.is_before(former)
        or position.events_since(former) > MOST_EVENTS
    )
    if not is_whole and position == former and not changed:
        return Refreshed()
    done = _count(day, former, changed, is_whole=is_whole)
    # a village that ended changes sums without any row that is written
    is_changed = bool(done.written or done.tables)
    hidden = Hidden()
    if is_changed:
        # of a whole count everything is looked at: the threshold may be another one
        looked_at = ALL_TABLES if done.is_whole else done.tables
        hidden = suppression.refresh(period=day.replace(day=1), changed=looked_at)
    if hidden.villages:
        hidden_later.follow_maps(now=now, villages=hidden.villages)
    version = (state.version if state is not None else 0) + is_changed
    tables = done.tables | hidden.tables
    versions = (state.versions if state is not None else {}) | dict.fromkeys(tables, version)
    period = day.replace(day=1)
    MonthCount.objects.update_or_create(period_start=period, defaults={"counted_at": now})
    CountState.objects.update_or_create(
        number=1,
        defaults={
            "period_start": period,
            "counted_date": day,
            "counted_at": now,
            "version": version,
            "versions": versions,
            "person_event": position.person_event,
            "family_event": position.family_event,
            "enrolment_event": position.enrolment_event,
        },
    )
    return replace(done, hidden=hidden.regions, tables=tables)


def _count(day: date, former: Position, changed: list[str], *, is_whole: bool) -> Refreshed:
    """Store the counts of the touched villages, or of all, and the sums above them."""
    period = day.replace(day=1)
    with Staging("measures", ("villages", "counts")) as staging:
        if not is_whole:
            _stage_touched(staging, day, former, changed)
            is_whole = staging.count("villages") > MOST_VILLAGES
        if is_whole:
            staging.drop("villages")
            sql.stage("indicators/measures/stage_villages", staging["villages"], {"day": day})
            sql.tune()
        villages = staging.count("villages")
        steps = EVERYTHING if is_whole else TOUCHED
        if not is_whole:
            sql.set_local(FOR_TOUCHED)
        rows = WHOLE_REGISTER if is_whole else villages
        values = {"day": day} | rules.group_bounds()
        sql.create_as(staging["counts"], steps, values, tables=staging, rows=rows)
        staging.analyze("counts")
        ended = 0
        if is_whole:
            ended = staging.scalar("indicators/measures/remove_ended", {"period": period})
        tables = _changed_tables(staging, period)
        written = staging.scalar("indicators/measures/store_villages", {"period": period})
        if written or ended:  # villages that ended leave their sums, too
            _store_sums(staging, period)
    return Refreshed(
        villages, int(written), tables=ALL_TABLES if ended else tables, is_whole=is_whole
    )


def _changed_tables(staging: Staging, period: date) -> frozenset[str]:
    """The tables of which a count of a village is about to change."""
    [differ] = staging.run("indicators/measures/compare_counts", {"period": period})
    names = (*COLUMNS, PROGRAMMES)
    return frozenset(
        table_of(name) for name, is_other in zip(names, differ, strict=True) if is_other
    )


def _stage_touched(staging: Staging, day: date, former: Position, changed: list[str]) -> None:
    params: dict[str, Any] = {
        "person_event": former.person_event,
        "family_event": former.family_event,
        "enrolment_event": former.enrolment_event,
        "villages": changed,
        "day": day,
    }
    sql.stage("indicators/measures/stage_touched_villages", staging["villages"], params)


def _store_sums(staging: Staging, period: date) -> None:
    for level, below, size in SUMS:
        params = {"period": period, "level": level, "below": below, "size": size}
        staging.run("indicators/measures/store_sums", params)
