"""Plans: made from an assessment, solved good by good by the worker, changed by the operator."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import actor_of
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.exposure import assessment as assessments
from apps.commandcentre.models import (
    Assessment,
    Facility,
    Good,
    Hazard,
    Plan,
    PlanNeed,
    PlanSource,
    Shipment,
)
from apps.commandcentre.models.plan import PlanStatus, ShipmentStatus
from apps.commandcentre.nearest import places
from apps.commandcentre.planning import given_goods, vehicles
from apps.commandcentre.planning.allocation import (
    MOST_URGENT,
    Allocation,
    Problem,
    UnsolvableError,
    allocate,
)
from apps.commandcentre.planning.given_goods import GIVEN, GivenChange
from apps.commandcentre.states import TOPIC, HazardStatus
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import kinds, outbox, work
from apps.jobs.models import Job
from apps.jobs.work import Lease

SOLVE_PLAN: Final = "commandcentre.solve_plan"
MOST_DAYS: Final = 90


@transaction.atomic
def make_plan(*, assessment: Assessment, days: int, by: User, now: datetime) -> tuple[Plan, Job]:
    """A plan for the needs of so many days, and the job that solves it. What other plans of the
    hazard have reserved, sent or delivered is not planned again.

    Raises: `plan_days`, `plan_no_needs`, `plan_needs_given`, `plan_hazard_over`.
    """
    if not 1 <= days <= MOST_DAYS:
        raise DomainError("plan_days", most=MOST_DAYS)
    hold_open_hazard(assessment.hazard_id)
    plan = Plan.objects.create(
        hazard=assessment.hazard,
        assessment=assessment,
        days=days,
        crossing_penalty_m=places.crossing_penalty_m(),
        made_at=now,
        made_by=by,
    )
    _store_needs(plan)
    record.entry(Action.CREATE, about=plan, by=by, days=days)
    return plan, _enqueue(plan, by)


@transaction.atomic
def make_plan_once(
    *, assessment: Assessment, days: int, seen: int | None, by: User, now: datetime
) -> Plan:
    """A plan as of `make_plan`. `seen` is the last plan of the hazard that the operator saw (0:
    none, None: it is not known). What is sent twice makes one plan, which is returned again.

    Raises: `plan_made_meanwhile` where another plan was made, and those of `make_plan`.
    """
    locks.hold(Lock.PLAN, assessment.hazard_id)
    if seen is not None:
        newer = assessment.hazard.plans.filter(pk__gt=seen).exclude(status=PlanStatus.CANCELLED)
        if (found := newer.order_by("pk").first()) is not None:
            if (found.made_by_id, found.assessment_id, found.days) == (by.pk, assessment.pk, days):
                return found
            raise DomainError("plan_made_meanwhile", number=found.pk, name=str(found.made_by))
    return make_plan(assessment=assessment, days=days, by=by, now=now)[0]


def hold_open_hazard(hazard_id: int) -> None:
    """Hold a hazard's row, so that nobody closes it while goods are promised for it.

    Raises: `plan_hazard_over` where it is closed, or its source cancelled it.
    """
    held = Hazard.objects.select_for_update(no_key=True).get(pk=hazard_id)
    if held.closed_at is not None or held.status == HazardStatus.CANCELLED:
        raise DomainError("plan_hazard_over", hazard=held.title)


def last_number(hazard: Hazard) -> int:
    """The number of the last plan of a hazard, 0 without one: what `make_plan_once` compares.
    Queries: one.
    """
    return hazard.plans.aggregate(last=Max("pk"))["last"] or 0


def solve_again(*, plan: Plan, by: User, with_vehicles: bool = False) -> Job:
    """Solve a proposed plan anew: with today's stock, its locks, what other plans give now, and
    only where asked for the limits of the vehicles.

    Raises: `plan_changed`, `plan_hazard_over`.
    """
    with transaction.atomic():
        hold_open_hazard(plan.hazard_id)
        move(plan, PlanStatus.PROPOSED, PlanStatus.SOLVING)
        if with_vehicles:
            vehicles.limit_overloaded(plan)
        else:
            plan.sources.update(limits={})
        record.entry(Action.CHANGE, about=plan, by=by, step="solve", with_vehicles=with_vehicles)
        return _enqueue(plan, by)


def move(plan: Plan, old: PlanStatus, new: PlanStatus, **values: Any) -> None:
    """One conditional move. Raises: `plan_changed` where somebody was faster."""
    if not Plan.objects.filter(pk=plan.pk, status=old).update(status=new, **values):
        now = Plan.objects.get(pk=plan.pk)
        raise DomainError("plan_changed", status=now.get_status_display())
    plan.refresh_from_db()
    tell_changed(plan)


def tell_changed(plan: Plan) -> None:
    """Tell open boards that a plan, or what became of its shipments, changed."""
    outbox.publish(TOPIC, "plan", f"commandcentre.Plan:{plan.pk}", hazard=plan.hazard_id)


def _enqueue(plan: Plan, by: User) -> Job:
    return work.enqueue(
        SOLVE_PLAN,
        f"commandcentre.Plan:{plan.pk}",
        by=actor_of(by),
        by_name=str(by),
        subject_name=str(plan.hazard),
    )


def _store_needs(plan: Plan) -> None:
    """Write what each village needs. What other plans give of it is noted when it is computed.

    Raises: `plan_no_needs`, `plan_needs_given`.
    """
    wanted = assessments.needs_of_villages(plan.assessment_id, plan.days)
    goods = {good.code: good.pk for good in Good.objects.all()}
    urgency = _urgencies(plan.assessment)
    lines = [
        PlanNeed(
            plan=plan,
            village_id=village,
            good_id=goods[code],
            urgency=urgency.get(village, 1),
            quantity=quantity,
        )
        for village, quantities in wanted.items()
        for code, quantity in quantities.items()
        if quantity
    ]
    if not lines:
        raise DomainError("plan_no_needs")
    PlanNeed.objects.bulk_create(lines, batch_size=5_000)
    if sum(one.now for one in given_goods.changes(plan)) == sum(one.quantity for one in lines):
        raise DomainError("plan_needs_given")


def _urgencies(assessment: Assessment) -> dict[str, int]:
    """1 (lowest band of the footprint) to 5 (highest), by village."""
    severities = dict(assessment.affected.values_list("village", "severity"))
    bands = sorted(set(severities.values()))
    last = max(len(bands) - 1, 1)
    rank = {band: 1 + round((MOST_URGENT - 1) * place / last) for place, band in enumerate(bands)}
    return {village: rank[severity] for village, severity in severities.items()}


# --- solving ---


def _propose_former(job: Job) -> None:
    """After a failed or cancelled computation the plan is as it was before, and can be changed."""
    own = Plan.objects.filter(pk=job.subject_pk)
    if own.filter(status=PlanStatus.SOLVING).update(status=PlanStatus.PROPOSED):
        tell_changed(own.get())


@kinds.job(
    SOLVE_PLAN,
    label=_("Plan of shipments"),
    queue="relief",
    is_resumable=False,
    on_failed=_propose_former,
    remedy=_("Compute it again on the page of the plan."),
)
def solve_plan(lease: Lease) -> None:
    """Allocate the stock of each good, and store the shipments in one transaction.

    Locked shipments stay. What other plans give at its beginning is noted and not sent again; where
    it changes meanwhile, `shipments.reserve` finds it. Repeating it gives the same. Cost: that of
    `allocation.allocate` for each good, and of reading and storing.
    """
    plan = Plan.objects.get(pk=lease.job.subject_pk)
    started = time.perf_counter()
    places.refresh()
    stock = _stock(plan)
    given = given_goods.changes(plan)
    needs_by_good = _needs(plan, given)
    figures: dict[str, Any] = {}
    shipments: list[Shipment] = []
    lease.progress(0, len(needs_by_good), stage="solving")
    limits = _limits(plan)
    for done, (good, rows) in enumerate(sorted(needs_by_good.items()), start=1):
        lines, figures[str(good)] = _solve_good(plan, good, rows, stock.get(good, {}), limits)
        shipments += lines
        lease.progress(done)
    with transaction.atomic():
        lease.still_wanted()
        _store(plan, shipments, given)
        move(
            plan,
            PlanStatus.SOLVING,
            PlanStatus.PROPOSED,
            solved={"goods": figures, "seconds": round(time.perf_counter() - started, 2)},
            solved_at=timezone.now(),
        )
        lease.finish(plan=plan.pk, shipments=len(shipments))


def _stock(plan: Plan) -> dict[int, dict[int, int]]:
    """Good → facility → usable units."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for good, facility, quantity in sql.run("commandcentre/planning/read_stock", {"plan": plan.pk}):
        found[good][facility] = quantity
    return found


def _needs(plan: Plan, given: Sequence[GivenChange]) -> dict[int, list[tuple[str, int, int]]]:
    """Good → (village, units, urgency): what is left beside what other plans give, and what an
    operator locked though nothing is left.
    """
    found: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    more = {one.need_id: one.noted - one.now for one in given}
    held = set(plan.shipments.filter(locked_quantity__gt=0).values_list("good", "village"))
    rows = plan.needs.order_by("good", "village")
    for number, good, village, noted, urgency in rows.values_list(
        "pk", "good", "village", "quantity", "urgency"
    ):
        quantity = noted + more.get(number, 0)
        if quantity or (good, village) in held:
            found[good].append((village, quantity, urgency))
    return found


def _limits(plan: Plan) -> dict[int, dict[int, int]]:
    """Facility → good → units that its vehicles carry."""
    return {
        facility: {int(good): quantity for good, quantity in limits.items()}
        for facility, limits in plan.sources.values_list("facility", "limits")
    }


def _solve_good(
    plan: Plan,
    good: int,
    rows: Sequence[tuple[str, int, int]],
    stock: Mapping[int, int],
    limits: Mapping[int, Mapping[int, int]],
) -> tuple[list[Shipment], dict[str, Any]]:
    """The shipments of one good, and its figures for the page."""
    started = time.perf_counter()
    locked = _locked(plan, good)
    facilities = sorted({*stock, *(facility for facility, _village in locked)})
    villages = [village for village, _quantity, _urgency in rows]
    distance_m, crossings = places.distance_matrix(facilities, villages)
    place = {facility: number for number, facility in enumerate(facilities)}
    home = {village: number for number, village in enumerate(villages)}
    found = _allocate(
        Problem(
            supply=np.array([stock.get(one, 0) for one in facilities], dtype=np.int64),
            need=np.array([quantity for _village, quantity, _urgency in rows], dtype=np.int64),
            distance_m=distance_m + crossings * plan.crossing_penalty_m,
            urgency=np.array([urgency for _village, _quantity, urgency in rows], dtype=np.int64),
            locks={
                (place[facility], home[village]): quantity
                for (facility, village), quantity in locked.items()
            },
            limits={
                place[facility]: most[good]
                for facility, most in limits.items()
                if facility in place and good in most
            },
        ),
        sum(locked.values()),
    )
    shipments = [
        Shipment(
            plan=plan,
            facility_id=facilities[source],
            village_id=villages[village],
            good_id=good,
            quantity=locked_units + free_units,
            locked_quantity=locked_units,
            distance_m=float(distance_m[source, village]),
            crossings=int(crossings[source, village]),
        )
        for (source, village), (locked_units, free_units) in _by_way(found).items()
    ]
    seconds = round(time.perf_counter() - started, 3)
    needed = sum(quantity for _village, quantity, _urgency in rows)
    unmet = int(found.unmet.sum())
    return shipments, {
        "needed": needed,
        "unmet": unmet,
        "unused": int(found.unused.sum()),
        "cost": found.cost,
        "seconds": seconds,
    }


def _allocate(problem: Problem, locked: int) -> Allocation:
    """The allocation. Raises: `plan_lock_impossible` where stock, and `plan_lock_over_need` where
    need fell below a lock.
    """
    try:
        return allocate(problem)
    except UnsolvableError as refused:
        is_need = refused.code == "lock_over_need"
        code = "plan_lock_over_need" if is_need else "plan_lock_impossible"
        raise DomainError(code, locked=locked) from refused


def _by_way(found: Allocation) -> dict[tuple[int, int], tuple[int, int]]:
    """(source, village) → (locked units, free units)."""
    ways: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in found.shipments:
        locked, free = ways[one.source, one.village]
        ways[one.source, one.village] = (
            (locked + one.quantity, free) if one.is_locked else (locked, free + one.quantity)
        )
    return ways


def _locked(plan: Plan, good: int) -> dict[tuple[int, str], int]:
    rows = plan.shipments.filter(good=good, locked_quantity__gt=0).values_list(
        "facility", "village", "locked_quantity"
    )
    return {(facility, village): quantity for facility, village, quantity in rows}


def _store(plan: Plan, shipments: Sequence[Shipment], given: Sequence[GivenChange]) -> None:
    """Replace the plan's shipments, and what is counted from them and from those of other plans."""
    plan.shipments.all().delete()
    given_goods.write(given)
    Shipment.objects.bulk_create(shipments, batch_size=5_000)
    known = set(plan.sources.values_list("facility", flat=True))
    PlanSource.objects.bulk_create(
        PlanSource(plan=plan, facility_id=facility)
        for facility in sorted({one.facility_id for one in shipments} - known)
    )
    count_sent(plan)


def count_sent(plan: Plan) -> None:
    """Count from the plan's shipments what each village gets and each source carries. Statements:
    three.
    """
    shipments = plan.shipments.count()
    sql.run("commandcentre/planning/count_sent", {"plan": plan.pk}, rows=shipments)
    vehicles.write_loads(plan, shipments)


def last_plan(hazard: Hazard) -> Plan | None:
    """The last plan of a hazard that is not cancelled. Queries: one."""
    short = PlanNeed.objects.filter(plan=OuterRef("pk"), sent__lt=F("quantity"))
    others = _under_way(hazard).exclude(plan=OuterRef("pk")).order_by().values("plan__hazard")
    standing = hazard.plans.exclude(status=PlanStatus.CANCELLED).select_related("assessment")
    # what the properties of these names would ask for later
    annotated = standing.annotate(  # type: ignore[no-redef]
        is_short=Exists(short),
        others_under_way=Coalesce(Subquery(others.annotate(n=Count("pk")).values("n")), 0),
    )
    return annotated.order_by("-pk").first()


def live_plans(hazard: Hazard) -> list[int]:
    """The last plan of a hazard, and those that have something reserved, under way or delivered,
    also where they were cancelled. Queries: two.
    """
    last = last_plan(hazard)
    giving = hazard.plans.filter(shipments__status__in=GIVEN).values_list("pk", flat=True)
    return sorted({*giving, *([last.pk] if last is not None else [])})


def under_way_by_others(hazard: Hazard, plan: Plan | None) -> int:
    """How many shipments of a hazard's other plans are under way. Queries: one, or none for a plan
    of `last_plan`.
    """
    return plan.others_under_way if plan is not None else _under_way(hazard).count()


def _under_way(hazard: Hazard) -> QuerySet[Shipment]:
    return Shipment.objects.filter(plan__hazard=hazard, status=ShipmentStatus.DISPATCHED)


# --- the operator's changes ---


@transaction.atomic
def lock_shipment(
    *, plan: Plan, facility: Facility, village: str, good: Good, quantity: int, by: User
) -> Job:
    """Fix what one facility sends to one village, and solve the rest anew. Zero removes the lock.

    Raises: `plan_changed`, `plan_not_needed`, `plan_over_need`, `plan_over_stock`,
    `plan_source_excluded`.
    """
    move(plan, PlanStatus.PROPOSED, PlanStatus.SOLVING)
    if quantity:
        _check_lock(plan, facility, village, good, quantity)
        distance_m, crossings = places.distance_matrix([facility.pk], [village])
        Shipment.objects.update_or_create(
            plan=plan,
            facility=facility,
            village_id=village,
            good=good,
            defaults={
                "quantity": quantity,
                "locked_quantity": quantity,
                "distance_m": float(distance_m[0, 0]),
                "crossings": int(crossings[0, 0]),
            },
        )
    else:
        own = plan.shipments.filter(facility=facility, village=village, good=good)
        own.update(locked_quantity=0)
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="lock",
        facility=facility.pk,
        good=good.code,
        village=village,
        quantity=quantity,
    )
    return _enqueue(plan, by)


def _check_lock(plan: Plan, facility: Facility, village: str, good: Good, quantity: int) -> None:
    if plan.sources.filter(facility=facility, is_excluded=True).exists():
        raise DomainError("plan_source_excluded", facility=facility.name)
    need = plan.needs.filter(village=village, good=good).select_related("village").first()
    if need is None:
        raise DomainError("plan_not_needed", village=village, good=good.name)
    locked = _locked(plan, good.pk)
    of_village = sum(
        units for (where, code), units in locked.items() if code == village and where != facility.pk
    )
    if of_village + quantity > need.quantity:
        raise DomainError(
            "plan_over_need",
            village=need.village.name,
            needed=need.quantity - of_village,
            good=good.name,
            asked=quantity,
        )
    of_facility = sum(
        units for (where, code), units in locked.items() if where == facility.pk and code != village
    )
    usable = _stock(plan).get(good.pk, {}).get(facility.pk, 0) - of_facility
    if quantity > usable:
        raise DomainError(
            "plan_over_stock", facility=facility.name, usable=usable, good=good.name, asked=quantity
        )


@transaction.atomic
def set_capacity(*, plan: Plan, facility: Facility, capacity_kg: float | None, by: User) -> None:
    """What the vehicles of a facility carry. None: not known, no limit."""
    plan.sources.filter(facility=facility).update(capacity_kg=capacity_kg, limits={})
    record.entry(
        Action.CHANGE, about=plan, by=by, step="capacity", facility=facility.pk, kg=capacity_kg
    )
    tell_changed(plan)


@transaction.atomic
def exclude_source(*, plan: Plan, facility: Facility, is_excluded: bool, by: User) -> Job:
    """Leave a facility out of a plan, with its locks, or take it in again; solve the plan anew.

    Raises: `plan_changed`.
    """
    move(plan, PlanStatus.PROPOSED, PlanStatus.SOLVING)
    PlanSource.objects.update_or_create(
        plan=plan, facility=facility, defaults={"is_excluded": is_excluded}
    )
    if is_excluded:
        plan.shipments.filter(facility=facility).update(locked_quantity=0)
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="exclude" if is_excluded else "include",
        facility=facility.pk,
    )
    return _enqueue(plan, by)


@transaction.atomic
def count_other_events(*, plan: Plan, counts: bool, by: User) -> Job:
    """Subtract what plans of other events give to the same villages, or no more; solve the plan
    anew. Raises: `plan_changed`.
    """
    move(plan, PlanStatus.PROPOSED, PlanStatus.SOLVING, counts_other_events=counts)
    record.entry(Action.CHANGE, about=plan, by=by, step="other_events", counts=counts)
    return _enqueue(plan, by)


def shipments_of(plan: Plan) -> Any:
    """The shipments by facility, nearest village first."""
    return (
        plan.shipments.exclude(status=ShipmentStatus.CANCELLED)
        .select_related("facility", "village", "good")
        .order_by("facility", "distance_m", "good", "pk")
    )
