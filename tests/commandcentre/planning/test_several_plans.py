"""Several plans of one hazard, one after the other or at once: nothing is promised twice, and
nothing is believed to come that does not come any more.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.commandcentre.board import events
from apps.commandcentre.hazards import handling
from apps.commandcentre.models import Assessment, Facility, Hazard, Plan, Shipment
from apps.commandcentre.planning import given_goods, plans, shipments
from apps.commandcentre.planning.standing import standing_of
from apps.commandcentre.readers import EVERYBODY
from apps.commandcentre.reports import situation
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.jobs.models import Job
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.planning.needs import (
    EVERYTHING,
    assessed,
    lines,
    missing,
    solved,
    worked,
)
from tests.commandcentre.resources.places import facility, good, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
STORE = "Gudang Jauh"


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def store() -> Facility:
    """A warehouse with enough of all that is needed."""
    with as_role("owner"):
        made = facility(STORE, "H", kind="warehouse", location="SRID=4326;POINT(110.6 -7.4)")
        for code in ("rice", "water", "family_kit", "blanket", "kidware"):
            stocked(made, 10_000, code)
    return made


def again(plan: Plan, by) -> Plan:
    """A plan that was computed anew."""
    worked(plans.solve_again(plan=Plan.objects.get(pk=plan.pk), by=by))
    return Plan.objects.get(pk=plan.pk)


def reserved(plan: Plan, by) -> Plan:
    shipments.reserve(plan=plan, by=by, now=NOW)
    return Plan.objects.get(pk=plan.pk)


def left(plan: Plan, store: Facility, by) -> None:
    """All of a reserved plan leaves its store."""
    shipments.dispatch(plan=plan, facility=store, by=by, now=NOW)


def rice_of(plan: Plan) -> Shipment:
    return Shipment.objects.get(plan=plan, good__code="rice")


def cancelled(plan: Plan, by) -> None:
    shipments.cancel(plan=plan, by=by, now=NOW)


def test_of_two_proposed_plans_the_second_is_computed_again_before_it_is_reserved(operator, store):
    assessment = assessed({"A": 20})
    three, seven = (solved(assessment, operator, days=days) for days in (3, 7))
    assert (lines(three), lines(seven)) == ({(STORE, "A"): 24}, {(STORE, "A"): 56})
    reserved(three, operator)
    assert "Hitung ulang" in standing_of(seven, assessment).warning
    with pytest.raises(DomainError, match="^plan_given_changed$"):
        shipments.reserve(plan=seven, by=operator, now=NOW)
    assert Plan.objects.get(pk=seven.pk).status == "proposed"
    seven = again(seven, operator)
    assert lines(seven) == {(STORE, "A"): 32}
    assert standing_of(reserved(seven, operator), assessment).sends_all


def test_the_same_plan_a_second_time_has_nothing_left_to_send(operator, store):
    assessment = assessed({"A": 20})
    first, second = (solved(assessment, operator) for _ in range(2))
    reserved(first, operator)
    second = again(second, operator)
    assert not second.shipments.exists()
    with pytest.raises(DomainError, match="^plan_nothing_needed$"):
        shipments.reserve(plan=second, by=operator, now=NOW)


def test_what_a_cancelled_plan_had_promised_is_missing_in_the_next_one(operator, store, signed_in):
    assessment = assessed({"A": 20})
    first = reserved(solved(assessment, operator), operator)
    second = reserved(solved(assessment, operator, days=7), operator)
    assert lines(second) == {(STORE, "A"): 32}
    assert standing_of(second, assessment).sends_all
    cancelled(first, operator)
    standing = standing_of(second, assessment)
    assert standing.is_outdated and not standing.sends_all
    said = "memberi lebih sedikit daripada saat rencana ini dihitung"
    for path in (
        reverse("commandcentre:plan", args=[second.pk]),
        reverse("commandcentre:report", args=[second.hazard_id]),
        reverse("commandcentre:board") + f"?hazard={second.hazard_id}",
    ):
        assert said in signed_in("operator").get(path).content.decode()
    third = solved(assessment, operator, days=7)
    assert lines(third) == {(STORE, "A"): 24}


def test_a_plan_that_was_proposed_before_another_was_cancelled_is_computed_again(operator, store):
    assessment = assessed({"A": 20})
    first = reserved(solved(assessment, operator), operator)
    second = solved(assessment, operator, days=7)
    cancelled(first, operator)
    with pytest.raises(DomainError, match="^plan_given_changed$"):
        shipments.reserve(plan=second, by=operator, now=NOW)
    assert lines(again(second, operator)) == {(STORE, "A"): 56}


def test_a_former_plan_stays_as_it_is_where_a_later_one_gives_more(operator, store):
    assessment = assessed({"A": 20})
    first = reserved(solved(assessment, operator), operator)
    reserved(solved(assessment, operator, days=7), operator)
    assert standing_of(first, assessment).sends_all


def test_a_lock_above_what_is_still_needed_is_told_and_the_plan_can_be_changed(operator, store):
    assessment = assessed({"A": 20})
    locked, other = (solved(assessment, operator) for _ in range(2))
    way = {"facility": store, "village": CODES["A"], "good": good("rice"), "by": operator}
    worked(plans.lock_shipment(plan=locked, quantity=20, **way))
    reserved(other, operator)
    job = plans.solve_again(plan=Plan.objects.get(pk=locked.pk), by=operator)
    worked(job)
    job.refresh_from_db()
    assert (job.status, job.message_code) == ("failed", "plan_lock_over_need")
    assert Plan.objects.get(pk=locked.pk).status == "proposed"
    worked(plans.lock_shipment(plan=Plan.objects.get(pk=locked.pk), quantity=0, **way))
    assert lines(locked) == {}


def test_what_was_lost_on_the_way_is_missing_everywhere(operator, store, signed_in):
    assessment = assessed({"A": 20})
    plan = reserved(solved(assessment, operator), operator)
    assert standing_of(plan, assessment).sends_all
    left(plan, store, operator)
    shipments.receive(shipment=rice_of(plan), quantity=4, remark="basah", by=operator, now=NOW)
    assert missing(plan) == 20
    plan = Plan.objects.get(pk=plan.pk)
    assert standing_of(plan, assessment).is_short
    report = situation.report(plan.hazard, reader=EVERYTHING, at=NOW)
    assert {one.name: one.missing for one in report.goods if one.missing} == {"Beras": 20}
    assert report.unserved == 1
    page = signed_in("operator").get(reverse("commandcentre:report", args=[plan.hazard_id]))
    assert "mengirim semua yang dibutuhkan" not in page.content.decode()
    assert lines(solved(assessment, operator)) == {(STORE, "A"): 20}


def test_what_one_plan_lost_is_missing_in_the_plan_that_counted_on_it(operator, store):
    assessment = assessed({"A": 20})
    first = reserved(solved(assessment, operator), operator)
    second = reserved(solved(assessment, operator, days=7), operator)
    left(first, store, operator)
    assert standing_of(second, assessment).sends_all
    shipments.receive(shipment=rice_of(first), quantity=4, remark="", by=operator, now=NOW)
    assert standing_of(second, assessment).is_outdated


@pytest.mark.django_db(transaction=True)
def test_of_two_plans_that_are_reserved_at_once_one_is_refused(operator, store):
    assessment = assessed({"A": 20})
    own = [solved(assessment, operator, days=days) for days in (3, 7)]

    def reserve(number: int) -> str:
        try:
            shipments.reserve(plan=own[number], by=operator, now=NOW)
        except DomainError as refused:
            return refused.code
        return "reserved"

    assert sorted(race([lambda: reserve(0), lambda: reserve(1)])) == [
        "plan_given_changed",
        "reserved",
    ]


@pytest.mark.django_db(transaction=True)
def test_two_who_receive_at_once_count_what_both_lost(operator):
    with as_role("owner"):
        made = [facility(f"Gudang {nth}", "A", kind="warehouse") for nth in range(2)]
        for one in made:
            stocked(one, 30, "rice")
    plan = reserved(solved(assessed({"A": 40}), operator), operator)
    for one in made:
        left(plan, one, operator)
    own = list(Shipment.objects.filter(plan=plan).order_by("pk"))
    assert sum(one.quantity for one in own) == 48

    def receive(shipment: Shipment) -> None:
        shipments.receive(shipment=shipment, quantity=1, remark="", by=operator, now=NOW)

    race([lambda: receive(own[0]), lambda: receive(own[1])])
    assert missing(plan) == 46


# --- a hazard that is over ---


def over(assessment: Assessment, **values: object) -> None:
    with as_role("worker"):
        Hazard.objects.filter(pk=assessment.hazard_id).update(**values)


@pytest.mark.parametrize("values", [{"closed_at": NOW}, {"status": "cancelled"}])
def test_nothing_is_promised_for_a_hazard_that_is_over(operator, store, values):
    assessment = assessed({"A": 20})
    plan = solved(assessment, operator)
    over(assessment, **values)
    acts = (
        lambda: shipments.reserve(plan=plan, by=operator, now=NOW),
        lambda: plans.solve_again(plan=plan, by=operator),
        lambda: plans.make_plan_once(
            assessment=assessment, days=3, seen=plan.pk, by=operator, now=NOW
        ),
    )
    for act in acts:
        with pytest.raises(DomainError, match="^plan_hazard_over$"):
            act()
    assert Plan.objects.get().status == "proposed"
    assert not Shipment.objects.exclude(status="planned").exists()


def test_a_hazard_that_is_opened_again_is_served_again(operator, store):
    assessment = assessed({"A": 20})
    plan = solved(assessment, operator)
    handling.close(hazard=assessment.hazard, by=operator, now=NOW)
    handling.reopen(hazard=assessment.hazard, by=operator, now=NOW)
    assert reserved(plan, operator).status == "reserved"


def test_a_closed_hazard_stays_on_the_board_while_goods_are_promised_for_it(
    operator, store, signed_in
):
    assessment = assessed({"A": 20})
    plan = reserved(solved(assessment, operator), operator)
    left(plan, store, operator)
    cancelled(plan, operator)
    over(assessment, closed_at=NOW, received_at=NOW)

    def numbers() -> list[int]:
        # long after it came
        return [one.hazard.pk for one in events.events(timezone.now(), EVERYBODY)]

    assert numbers() == [assessment.hazard_id]
    page = signed_in("operator").get(reverse("commandcentre:board")).content.decode()
    assert "Ditutup; barang masih dipesan atau dalam perjalanan" in page
    for one in Shipment.objects.filter(plan=plan):
        shipments.receive(shipment=one, quantity=one.quantity, remark="", by=operator, now=NOW)
    assert numbers() == []


@pytest.mark.django_db(transaction=True)
def test_a_hazard_is_not_closed_while_goods_are_promised_for_it(operator, store):
    assessment = assessed({"A": 20})
    plan = solved(assessment, operator)

    def act(do) -> str:
        try:
            do()
        except DomainError as refused:
            return refused.code
        return "done"

    done = race(
        [
            lambda: act(lambda: shipments.reserve(plan=plan, by=operator, now=NOW)),
            lambda: act(lambda: handling.close(hazard=assessment.hazard, by=operator, now=NOW)),
        ]
    )
    assert done in (["done", "hazard_closing_goods"], ["plan_hazard_over", "done"])


# --- plans of other events over the same villages ---


def test_what_plans_of_another_event_give_is_said_and_subtracted_on_request(
    operator, store, signed_in
):
    flood, slide = assessed({"A": 20}), assessed({"A": 20, "B": 20})
    first = reserved(solved(flood, operator), operator)
    second = solved(slide, operator)
    assert lines(second) == {(STORE, "A"): 24, (STORE, "B"): 24}
    desk, path = signed_in("operator"), reverse("commandcentre:plan", args=[second.pk])
    page = " ".join(desk.get(path).content.decode().split())
    assert "memberi sebagian dari ini kepada desa yang sama" in page
    assert "Beras: 24 kg" in page
    assert reverse("commandcentre:hazard", args=[flood.hazard_id]) in page
    desk.post(reverse("commandcentre:plan-other-events", args=[second.pk]), {"counts": "1"})
    worked(Job.objects.latest("pk"))
    assert lines(second) == {(STORE, "B"): 24}
    assert lines(second, "family_kit") == {(STORE, "B"): 5}
    assert "Jumlah itu dikurangkan" in desk.get(path).content.decode()
    second = reserved(Plan.objects.get(pk=second.pk), operator)
    assert standing_of(second, slide).sends_all
    # it rests on the other event's goods from then on
    cancelled(first, operator)
    assert standing_of(second, slide).is_outdated


def test_a_plan_that_counts_other_events_is_computed_again_where_they_give_more(operator, store):
    flood, slide = assessed({"A": 20}), assessed({"A": 20})
    first, second = solved(flood, operator), solved(slide, operator)
    worked(plans.count_other_events(plan=second, counts=True, by=operator))
    second = Plan.objects.get(pk=second.pk)
    reserved(first, operator)
    with pytest.raises(DomainError, match="^plan_given_changed$"):
        shipments.reserve(plan=second, by=operator, now=NOW)
    assert lines(again(second, operator)) == {}


@pytest.mark.parametrize(("days", "rice", "kits"), [(2, 8, 5), (5, 0, 0)])
def test_what_another_event_delivered_counts_for_the_days_that_are_left(
    operator, store, days, rice, kits
):
    plan = reserved(solved(assessed({"A": 20}), operator), operator)
    left(plan, store, operator)
    for one in Shipment.objects.filter(plan=plan):
        shipments.receive(
            shipment=one,
            quantity=one.quantity,
            remark="",
            by=operator,
            now=NOW - timedelta(days=days),
        )
    found = given_goods.of_other_events(solved(assessed({"A": 20}), operator))
    units = {good.code: count for good, count in found.goods} if found else {}
    assert (units.get("rice", 0), units.get("family_kit", 0)) == (rice, kits)


def test_goods_of_an_exercise_are_none_for_what_has_happened(operator, store):
    drill = assessed({"A": 20})
    over(drill, status="exercise")
    reserved(solved(drill, operator), operator)
    assert given_goods.of_other_events(solved(assessed({"A": 20}), operator)) is None
