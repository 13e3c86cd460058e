"""From an assessed flood to goods that arrive: nothing is promised twice, what lacks is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.accounts import access
from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.commandcentre.models import (
    Assessment,
    EmergencyStatement,
    Facility,
    Good,
    Hazard,
    Plan,
    Shipment,
    StockItem,
)
from apps.commandcentre.planning import named_lines, plans, shipments, statements, vehicles
from apps.commandcentre.planning.standing import standing_of
from apps.commandcentre.reports import situation
from apps.commandcentre.states import TOPIC
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.jobs import outbox
from apps.jobs.models import Event, Job
from apps.regions.models import Region
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
from tests.personas import OWN

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def near():
    with as_role("owner"):
        return facility("Lumbung Ampel", "A")


@pytest.fixture
def far():
    with as_role("owner"):
        return facility(
            "Gudang Jauh", "H", kind="warehouse", location="SRID=4326;POINT(110.6 -7.4)"
        )


def code_of(refused) -> str:
    return refused.value.code


def test_needs_are_met_from_the_nearest_stock(operator, near, far):
    stocked(near, 10_000, "rice")
    stocked(far, 10_000, "rice")
    plan = solved(assessed({"A": 40, "B": 20}), operator)
    # 0.4 kg a person and day, three days
    assert lines(plan) == {("Lumbung Ampel", "A"): 48, ("Lumbung Ampel", "B"): 24}
    assert (plan.status, missing(plan)) == ("proposed", 0)


def test_what_the_nearest_lacks_comes_from_the_next_and_the_rest_is_said(operator, near, far):
    stocked(near, 50, "rice")
    stocked(far, 10, "rice")
    plan = solved(assessed({"A": 40, "B": 20}), operator)
    assert sum(lines(plan).values()) == 60
    assert missing(plan) == 12
    assert plan.solved["goods"][str(good("rice").pk)]["unmet"] == 12


def test_the_most_affected_village_is_served_before_others(operator, near):
    stocked(near, 24, "rice")
    plan = solved(assessed({"A": 40, "B": 20}, severe="B"), operator)
    assert lines(plan) == {("Lumbung Ampel", "B"): 24}


def test_expired_and_reserved_stock_is_not_promised(operator, near):
    stocked(near, 500, "rice", expires=NOW.date() - timedelta(days=1))
    stocked(near, 30, "rice")
    first = solved(assessed({"A": 20}), operator)
    assert sum(lines(first).values()) == 24
    shipments.reserve(plan=first, by=operator, now=NOW)
    second = solved(assessed({"A": 20}), operator)
    assert sum(lines(second).values()) == 6


def test_an_assessment_without_registered_people_gives_no_plan(operator):
    with pytest.raises(DomainError) as refused:
        plans.make_plan(assessment=assessed({"A": 0}), days=3, by=operator, now=NOW)
    assert code_of(refused) == "plan_no_needs"
    assert not Plan.objects.exists()


def test_a_second_run_of_the_computation_changes_nothing(operator, near):
    stocked(near, 1_000, "rice")
    plan, job = plans.make_plan(assessment=assessed({"A": 20}), days=3, by=operator, now=NOW)
    worked(job)
    before = lines(plan)
    again = plans.solve_again(plan=Plan.objects.get(pk=plan.pk), by=operator)
    worked(again)
    assert lines(plan) == before


@pytest.mark.long
def test_a_lock_is_kept_and_the_rest_is_computed_around_it(operator, near, far):
    stocked(near, 1_000, "rice")
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    worked(
        plans.lock_shipment(
            plan=plan,
            facility=far,
            village=CODES["A"],
            good=good("rice"),
            quantity=10,
            by=operator,
        )
    )
    assert lines(plan) == {("Gudang Jauh", "A"): 10, ("Lumbung Ampel", "A"): 14}
    worked(
        plans.lock_shipment(
            plan=Plan.objects.get(pk=plan.pk),
            facility=far,
            village=CODES["A"],
            good=good("rice"),
            quantity=0,
            by=operator,
        )
    )
    assert lines(plan) == {("Lumbung Ampel", "A"): 24}


@pytest.mark.parametrize(
    ("quantity", "village", "code"),
    [(25, "A", "plan_over_need"), (24, "A", "plan_over_stock"), (1, "C", "plan_not_needed")],
)
@pytest.mark.long
def test_a_lock_that_cannot_be_kept_is_refused_and_the_plan_stays(
    operator, near, quantity, village, code
):
    stocked(near, 20, "rice")
    plan = solved(assessed({"A": 20}), operator)
    with pytest.raises(DomainError) as refused:
        plans.lock_shipment(
            plan=plan,
            facility=near,
            village=CODES[village],
            good=good("rice"),
            quantity=quantity,
            by=operator,
        )
    assert code_of(refused) == code
    assert Plan.objects.get(pk=plan.pk).status == "proposed"


def press(browser: Browser, name: str, plan: Plan, **values: object) -> str:
    """Press a button of the page of a plan; the page that follows."""
    path = reverse(f"commandcentre:{name}", args=[plan.pk])
    return str(browser.post(path, values, follow=True).content.decode())


def test_an_operator_lets_a_source_send_that_the_computation_did_not_choose(
    operator, near, far, signed_in
):
    stocked(near, 1_000, "rice")
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    assert lines(plan) == {("Lumbung Ampel", "A"): 24}
    village = Region.objects.get(pk=CODES["A"]).name
    way = {"good": good("rice").pk, "quantity": 10}
    browser = signed_in("operator")
    assert "Gudang Entah" in press(
        browser, "plan-line", plan, source="Gudang Entah", to=village, **way
    )
    assert "Tidak ada yang diubah" in press(
        browser, "plan-line", plan, source="Gudang Jauh", to="Entah", **way
    )
    press(browser, "plan-line", plan, source="gudang jauh", to=village, **way)
    worked(Job.objects.filter(kind=plans.SOLVE_PLAN).latest("pk"))
    assert lines(plan) == {("Gudang Jauh", "A"): 10, ("Lumbung Ampel", "A"): 14}


def test_two_facilities_of_one_name_are_told_apart_by_their_reference():
    with as_role("owner"):
        facility("Gudang Kembar", "A", kind="warehouse", reference="GK-1")
        second = facility("Gudang Kembar", "B", kind="warehouse", reference="GK-2")
        facility("Gudang Tutup", "B", kind="warehouse", is_active=False)
    with pytest.raises(DomainError, match="^plan_source_several$"):
        named_lines.find_source("Gudang Kembar")
    assert named_lines.find_source(" GK-2 ") == second
    for text in ("Gudang Tutup", "", "GK-3"):
        with pytest.raises(DomainError, match="^plan_source_unknown$"):
            named_lines.find_source(text)


def test_a_source_that_is_left_out_sends_nothing_until_it_is_taken_in_again(
    operator, near, far, signed_in
):
    stocked(near, 1_000, "rice")
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    way = {"village": CODES["A"], "good": good("rice"), "by": operator}
    worked(plans.lock_shipment(plan=plan, facility=near, quantity=5, **way))
    browser = signed_in("operator")
    press(browser, "plan-exclude", plan, facility=near.pk, excluded=1)
    worked(Job.objects.filter(kind=plans.SOLVE_PLAN).latest("pk"))
    assert lines(plan) == {("Gudang Jauh", "A"): 24}
    page = browser.get(reverse("commandcentre:plan", args=[plan.pk])).content.decode()
    assert "Tidak dipakai dalam rencana ini: Lumbung Ampel" in page
    with pytest.raises(DomainError, match="^plan_source_excluded$"):
        plans.lock_shipment(plan=Plan.objects.get(pk=plan.pk), facility=near, quantity=5, **way)
    press(browser, "plan-exclude", plan, facility=near.pk, excluded=0)
    worked(Job.objects.filter(kind=plans.SOLVE_PLAN).latest("pk"))
    assert lines(plan) == {("Lumbung Ampel", "A"): 24}


def test_a_source_whose_vehicles_are_too_small_sends_less_after_computing_again(
    operator, near, far
):
    stocked(near, 1_000, "rice")
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    plans.set_capacity(plan=plan, facility=near, capacity_kg=12, by=operator)
    assert [one.facility for one in vehicles.overloaded(plan)] == [near]
    worked(plans.solve_again(plan=plan, by=operator, with_vehicles=True))
    assert lines(plan) == {("Lumbung Ampel", "A"): 12, ("Gudang Jauh", "A"): 12}
    assert vehicles.overloaded(plan) == []


@pytest.mark.long
def test_a_lock_whose_stock_went_to_another_plan_is_told_and_the_plan_can_be_changed(
    operator, far, signed_in
):
    stocked(far, 24, "rice")
    own = solved(assessed({"A": 20}), operator)
    rice = good("rice")
    way = {"facility": far, "village": CODES["A"], "good": rice, "by": operator}
    worked(plans.lock_shipment(plan=own, quantity=20, **way))
    other = solved(assessed({"A": 10}), operator)
    shipments.reserve(plan=other, by=operator, now=NOW)
    job = plans.solve_again(plan=Plan.objects.get(pk=own.pk), by=operator)
    worked(job)
    job.refresh_from_db()
    own.refresh_from_db()
    assert (job.status, job.message_code) == ("failed", "plan_lock_impossible")
    assert (own.status, lines(own)) == ("proposed", {("Gudang Jauh", "A"): 24})
    page = signed_in("operator").get(reverse("commandcentre:plan", args=[own.pk]))
    assert "20" in page.content.decode()
    assert job.message_params["locked"] == 20
    worked(plans.lock_shipment(plan=own, quantity=0, **way))
    assert lines(own) == {("Gudang Jauh", "A"): 12}


# --- a second plan of one hazard ---


def revised(plan: Plan, persons: dict[str, int]) -> Assessment:
    """The next version of a plan's hazard, with these persons by letter of the village."""
    with as_role("worker"):
        hazard = Hazard.objects.get(pk=plan.hazard_id)
        hazard.revision += 1
        hazard.save(update_fields=["revision"])
        assessment = assessed(persons, hazard=hazard)
        assessment.persons = sum(persons.values())
        assessment.save(update_fields=["persons"])
    return assessment


def test_what_another_plan_reserved_or_sent_is_not_sent_again(operator, far, signed_in):
    stocked(far, 1_000, "rice")
    first = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=first, by=operator, now=NOW)
    second = solved(revised(first, {"A": 30, "B": 10}), operator)
    # 36 and 12 kg are needed, 24 are promised to A
    assert lines(second) == {("Gudang Jauh", "A"): 12, ("Gudang Jauh", "B"): 12}
    shipments.dispatch(plan=first, facility=far, by=operator, now=NOW)
    shipments.cancel(plan=first, by=operator, now=NOW)
    third = solved(second.assessment, operator)
    assert lines(third) == lines(second)
    page = signed_in("operator").get(reverse("commandcentre:plan", args=[third.pk]))
    assert "yang saat rencana ini dihitung sudah" in page.content.decode()
    report = situation.report(third.hazard, reader=EVERYTHING, at=NOW)
    [rice] = [one for one in report.goods if one.name == "Beras"]
    assert (rice.needed, rice.sent, rice.missing) == (48, 48, 0)
    assert report.shipments["Dikirim"] == 1


def test_delivered_food_counts_for_the_days_that_are_left(operator, far):
    for code in ("rice", "water", "family_kit", "blanket", "kidware"):
        stocked(far, 10_000, code)
    first = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=first, by=operator, now=NOW)
    shipments.dispatch(plan=first, facility=far, by=operator, now=NOW)
    for own in first.shipments.all():
        shipments.receive(shipment=own, quantity=own.quantity, remark="", by=operator, now=NOW)
    with pytest.raises(DomainError) as refused:
        plans.make_plan(assessment=first.assessment, days=3, by=operator, now=NOW)
    assert code_of(refused) == "plan_needs_given"
    later = NOW + timedelta(days=1, hours=1)
    plan, job = plans.make_plan(assessment=first.assessment, days=3, by=operator, now=later)
    worked(job)
    assert lines(plan) == {("Gudang Jauh", "A"): 8}
    assert lines(plan, "blanket") == {}


def test_a_plan_is_outdated_where_only_the_children_under_five_are_more(operator, far):
    for code in ("rice", "water", "family_kit", "blanket", "kidware"):
        stocked(far, 10_000, code)
    plan = solved(assessed({"A": 20}), operator)
    before = plan.assessment
    with as_role("worker"):
        newer = Assessment.objects.create(
            hazard=plan.hazard,
            revision=before.revision,
            assessed_at=NOW + timedelta(hours=1),
            villages=before.villages,
            families=before.families,
            persons=before.persons,
            totals={"under_five": 200},
        )
    assert standing_of(plan, before).sends_all
    assert standing_of(plan, newer).is_outdated


def test_a_plan_of_an_older_version_is_not_the_whole_answer(operator, far, signed_in):
    for code in ("rice", "water", "family_kit", "blanket", "kidware"):
        stocked(far, 10_000, code)
    first = solved(assessed({"A": 20}), operator)
    standing = standing_of(first, first.assessment)
    assert (standing.sends_all, standing.warning) == (True, "")
    newer = revised(first, {"A": 20, "B": 40})
    first.refresh_from_db()
    standing = standing_of(first, newer)
    assert standing.is_outdated and not standing.sends_all
    browser = signed_in("operator")
    told = "untuk versi 1 dari kejadian"
    for path in (
        reverse("commandcentre:plan", args=[first.pk]),
        reverse("commandcentre:report", args=[first.hazard_id]),
        reverse("commandcentre:board") + f"?hazard={first.hazard_id}",
    ):
        assert told in browser.get(path).content.decode()
    desk = browser.get(reverse("commandcentre:board") + f"?hazard={first.hazard_id}")
    assert reverse("commandcentre:plan-make", args=[newer.pk]) in desk.content.decode()


def test_a_plan_that_was_not_computed_misses_and_sends_nothing(operator, far, signed_in):
    plan, _job = plans.make_plan(assessment=assessed({"A": 20}), days=3, by=operator, now=NOW)
    assert "dihitung" in standing_of(plan, plan.assessment).warning
    report = situation.report(plan.hazard, reader=EVERYTHING, at=NOW)
    assert {one.missing for one in report.goods} == {None}
    assert report.unserved == 0
    with as_role("worker"):
        Plan.objects.update(status="proposed")  # the computation failed
    page = signed_in("operator").get(reverse("commandcentre:plan", args=[plan.pk]))
    text = page.content.decode()
    assert "belum dihitung" in text
    assert "Tidak ada fasilitas" not in text


# --- what becomes of shipments ---


def test_reserved_stock_leaves_and_arrives_and_what_was_lost_is_shown(operator, far):
    item = stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    assert shipments.reserve(plan=plan, by=operator, now=NOW).reserved == 1
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (1_000, 24)
    assert shipments.dispatch(plan=plan, facility=far, by=operator, now=NOW).gone == 1
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (976, 0)
    own = Shipment.objects.get(plan=plan)
    shipments.receive(shipment=own, quantity=20, remark="basah", by=operator, now=NOW)
    own.refresh_from_db()
    assert (own.status, own.received_quantity) == ("received", 20)
    assert shipments.lost_on_the_way(plan) == 4
    acts = Entry.objects.filter(action=Action.CHANGE, subject=f"commandcentre.Plan:{plan.pk}")
    assert [one.details["step"] for one in acts.order_by("pk")] == [
        "reserve",
        "dispatch",
        "receive",
    ]


def test_a_reservation_takes_from_several_batches_what_expires_first(operator, far):
    late = stocked(far, 100, "rice", expires=NOW.date() + timedelta(days=300))
    soon = stocked(far, 10, "rice", expires=NOW.date() + timedelta(days=3))
    plan = solved(assessed({"A": 20, "B": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    soon.refresh_from_db()
    late.refresh_from_db()
    assert (soon.reserved, late.reserved) == (10, 38)


def test_a_facility_that_was_shut_meanwhile_gives_nothing(operator, far, near):
    stocked(far, 1_000, "rice")
    stocked(near, 24, "rice")
    plan = solved(assessed({"A": 40}), operator)
    with as_role("owner"):
        Facility.objects.filter(pk=far.pk).update(is_active=False)
    found = shipments.reserve(plan=plan, by=operator, now=NOW)
    assert (found.reserved, found.left_out) == (1, 1)
    assert [line.facility for line in shipments.left_out_of(plan)] == [far]


def test_a_page_that_did_not_show_the_reservation_cancels_nothing(operator, far, signed_in):
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    browser = signed_in("operator")
    assert "kini “Stok dipesan”" in press(browser, "plan-cancel", plan, status="proposed")
    assert Plan.objects.get(pk=plan.pk).status == "reserved"
    page = browser.get(reverse("commandcentre:plan", args=[plan.pk])).content.decode()
    assert 'name="status" value="reserved"' in page
    press(browser, "plan-cancel", plan, status="reserved")
    assert Plan.objects.get(pk=plan.pk).status == "cancelled"


def test_a_reserved_plan_that_sends_too_little_leads_to_a_plan_for_the_rest(
    operator, far, signed_in
):
    stocked(far, 20, "rice")
    plan = solved(assessed({"A": 20}), operator)
    with as_role("owner"):
        Assessment.objects.update(persons=20)
    browser = signed_in("operator")
    desk = reverse("commandcentre:board") + f"?hazard={plan.hazard_id}"
    make = reverse("commandcentre:plan-make", args=[plan.assessment_id])
    for path in (desk, reverse("commandcentre:plan", args=[plan.pk])):
        assert make not in browser.get(path).content.decode()
    shipments.reserve(plan=plan, by=operator, now=NOW)
    for path in (desk, reverse("commandcentre:plan", args=[plan.pk])):
        assert make in browser.get(path).content.decode()


def test_what_was_computed_again_meanwhile_is_not_reserved(operator, far, signed_in):
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    browser, path = signed_in("operator"), reverse("commandcentre:plan-reserve", args=[plan.pk])
    seen = plan.solution
    assert (
        f'value="{seen}"'
        in browser.get(reverse("commandcentre:plan", args=[plan.pk])).content.decode()
    )
    worked(plans.solve_again(plan=Plan.objects.get(pk=plan.pk), by=operator))
    said = browser.post(path, {"solved_at": seen}, follow=True).content.decode()
    assert "dihitung ulang setelah Anda memuat" in said
    assert Plan.objects.get(pk=plan.pk).status == "proposed"
    browser.post(path, {"solved_at": Plan.objects.get(pk=plan.pk).solution})
    assert Plan.objects.get(pk=plan.pk).status == "reserved"


def test_what_expired_while_it_was_reserved_does_not_leave(operator, far, signed_in):
    spoilt = stocked(far, 24, "rice", expires=NOW.date() + timedelta(days=2))
    good_one = stocked(far, 100, "rice")
    plan = solved(assessed({"A": 20, "B": 20}, severe="A"), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    before = outbox.last(TOPIC)
    left = shipments.dispatch(plan=plan, facility=far, by=operator, now=NOW + timedelta(days=3))
    assert (left.gone, left.expired) == (1, 1)
    spoilt.refresh_from_db()
    good_one.refresh_from_db()
    assert (spoilt.on_hand, spoilt.reserved) == (24, 0)
    assert (good_one.on_hand, good_one.reserved) == (76, 0)
    assert missing(plan) == 24
    assert outbox.last(TOPIC) > before


def test_boards_are_told_of_each_step_of_a_plan(operator, near, role):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)

    def tells(act: Callable[[], Any]) -> bool:
        before = outbox.last(TOPIC)
        act()
        [*_, last] = Event.objects.filter(topic=TOPIC).order_by("pk")
        return outbox.last(TOPIC) > before and last.kind == "plan"

    assert tells(lambda: stated(plan, operator, OWN))
    assert tells(lambda: shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW))
    own = Shipment.objects.get(plan=plan)
    assert tells(
        lambda: shipments.receive(shipment=own, quantity=1, remark="", by=operator, now=NOW)
    )
    assert tells(lambda: plans.set_capacity(plan=plan, facility=near, capacity_kg=1.0, by=operator))


def test_lumbung_stock_waits_for_the_regents_statement(operator, near):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    with pytest.raises(DomainError) as refused:
        shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW)
    assert code_of(refused) == "plan_statement_missing"
    stated(plan, operator, OWN)
    assert shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW).gone == 1


def stated(plan: Plan, operator: User, regency: str, number: str = "361/12/2026") -> None:
    """The statement of a regent about the hazard of a plan."""
    with access.scoped(operator):
        statements.add_statement(
            plan=plan,
            number=number,
            day=timezone.localdate(NOW),
            region=Region.objects.get(pk=regency),
            file=SimpleUploadedFile("tanggap-darurat.pdf", PDF + regency.encode()),
            file_name="tanggap-darurat.pdf",
            by=operator,
            now=NOW,
        )


def test_a_statement_frees_the_lumbung_of_its_regency_alone(operator, near, signed_in):
    """Ampel is in 97.01, Elang in 97.02: each regent states for the own lumbung."""
    with as_role("owner"):
        other = facility("Lumbung Elang", "E", location="SRID=4326;POINT(110.02 -7.76)")
    stocked(near, 24, "rice")
    stocked(other, 24, "rice")
    plan = solved(assessed({"A": 40}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    stated(plan, operator, CODES["E"][:5])
    assert statements.held_facilities(plan) == [near]
    with pytest.raises(DomainError) as refused:
        shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW)
    assert code_of(refused) == "plan_statement_missing"
    assert refused.value.params["regency"] == Region.objects.get(pk=OWN).name
    assert shipments.dispatch(plan=plan, facility=other, by=operator, now=NOW).gone == 1
    page = signed_in("operator").get(reverse("commandcentre:plan", args=[plan.pk]))
    offered = page.content.decode().split('<select name="region"')[1].split("</select>")[0]
    # whose statement is missing comes first; the other one may prolong its own
    first, second = offered.index(f'value="{OWN}"'), offered.index(f'value="{CODES["E"][:5]}"')
    assert first < second < offered.index("perpanjangan")


@pytest.mark.long
def test_a_statement_is_for_every_plan_of_its_hazard_and_for_no_other_hazard(operator, near):
    stocked(near, 1_000, "rice")
    first_hazard, other_hazard = assessed({"A": 20}), assessed({"A": 20})
    first = solved(first_hazard, operator)
    stated(first, operator, OWN)
    for assessment, is_held in ((first_hazard, False), (other_hazard, True)):
        plan = solved(assessment, operator)
        shipments.reserve(plan=plan, by=operator, now=NOW)
        assert bool(statements.held_facilities(plan)) == is_held
        if is_held:
            with pytest.raises(DomainError) as refused:
                shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW)
            assert code_of(refused) == "plan_statement_missing"
        else:
            assert shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW).gone == 1


def test_a_statement_that_is_withdrawn_holds_the_lumbung_back_again(operator, near, signed_in):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    stated(plan, operator, OWN)
    own = EmergencyStatement.objects.get()
    path = reverse("commandcentre:plan-statement-withdraw", args=[plan.pk, own.pk])
    browser = signed_in("operator")
    browser.post(path, {"reason": " "})
    assert statements.held_facilities(plan) == []
    page = browser.post(path, {"reason": "Salah kejadian"}, follow=True).content.decode()
    assert "Salah kejadian" in page
    assert statements.held_facilities(plan) == [near]
    with pytest.raises(DomainError, match="^plan_statement_missing$"):
        shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW)
    with pytest.raises(DomainError, match="^plan_statement_withdrawn$"):
        statements.withdraw_statement(plan=plan, statement=own, reason="lagi", by=operator, now=NOW)
    assert Entry.objects.filter(details__step="statement_withdrawn").count() == 1
    # the number was right, its file was not
    stated(plan, operator, OWN)
    assert shipments.dispatch(plan=plan, facility=near, by=operator, now=NOW).gone == 1


def test_a_statement_is_prolonged_under_a_further_number(operator, near):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    stated(plan, operator, OWN)
    with pytest.raises(DomainError, match="^plan_statement_known$"):
        stated(plan, operator, OWN)
    stated(plan, operator, OWN, "361/40/2026")
    first, second = EmergencyStatement.objects.order_by("pk")
    withdrawn = statements.withdraw_statement(
        plan=plan, statement=first, reason="Berakhir", by=operator, now=NOW
    )
    assert withdrawn, "the prolongation still counts"
    assert statements.held_facilities(plan) == []
    assert second.number == "361/40/2026"


def test_no_other_column_of_a_statement_is_ever_changed(operator, near):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    stated(plan, operator, OWN)
    with as_role("web"), pytest.raises(DatabaseError), transaction.atomic():
        EmergencyStatement.objects.update(number="1")


def test_a_statement_of_a_regency_whose_lumbung_sends_nothing_is_refused(operator, near):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    with pytest.raises(DomainError) as refused:
        stated(plan, operator, CODES["P"][:5])
    assert code_of(refused) == "plan_statement_not_needed"
    assert not EmergencyStatement.objects.exists()


def test_a_lumbung_whose_village_is_unknown_says_what_to_mend(operator):
    with as_role("owner"):
        at_sea = facility("Lumbung Laut", village_id=None)
    stocked(at_sea, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    with pytest.raises(DomainError) as refused:
        shipments.dispatch(plan=plan, facility=at_sea, by=operator, now=NOW)
    assert code_of(refused) == "plan_regency_unknown"


def test_more_than_was_sent_cannot_arrive_and_nothing_arrives_twice(operator, far):
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    own = Shipment.objects.get(plan=plan)
    with pytest.raises(DomainError) as refused:
        shipments.receive(shipment=own, quantity=1, remark="", by=operator, now=NOW)
    assert code_of(refused) == "plan_not_under_way"
    shipments.dispatch(plan=plan, facility=far, by=operator, now=NOW)
    with pytest.raises(DomainError) as refused:
        shipments.receive(shipment=own, quantity=25, remark="", by=operator, now=NOW)
    assert code_of(refused) == "plan_received_more"
    shipments.receive(shipment=own, quantity=24, remark="", by=operator, now=NOW)
    with pytest.raises(DomainError):
        shipments.receive(shipment=own, quantity=24, remark="", by=operator, now=NOW)


def test_a_cancelled_plan_gives_back_what_has_not_left(operator, far):
    item = stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    shipments.cancel(plan=plan, by=operator, now=NOW)
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (1_000, 0)
    assert set(Shipment.objects.filter(plan=plan).values_list("status", flat=True)) == {"cancelled"}
    with pytest.raises(DomainError):
        shipments.cancel(plan=plan, by=operator, now=NOW)


def test_what_is_under_way_is_received_after_the_plan_was_cancelled(operator, far, signed_in):
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    shipments.dispatch(plan=plan, facility=far, by=operator, now=NOW)
    shipments.cancel(plan=plan, by=operator, now=NOW)
    own = Shipment.objects.get(plan=plan)
    browser = signed_in("operator")
    receive = reverse("commandcentre:plan-receive", args=[plan.pk, own.pk])
    assert receive in browser.get(reverse("commandcentre:plan", args=[plan.pk])).content.decode()
    browser.post(receive, {"quantity": 24, "remark": ""})
    own.refresh_from_db()
    assert (own.status, own.received_quantity) == ("received", 24)


@pytest.mark.django_db(transaction=True)
def test_two_plans_never_promise_the_same_box(operator, far):
    stocked(far, 24, "rice")
    own = [solved(assessed({"A": 20}), operator) for _ in range(2)]

    def reserve(number: int) -> str:
        try:
            shipments.reserve(plan=own[number], by=operator, now=NOW)
        except DomainError as refused:
            return refused.code
        return "reserved"

    assert sorted(race([lambda: reserve(0), lambda: reserve(1)])) == [
        "plan_stock_gone",
        "reserved",
    ]
    assert StockItem.objects.get(facility=far).reserved == 24
    assert sorted(Plan.objects.values_list("status", flat=True)) == ["proposed", "reserved"]


@pytest.mark.django_db(transaction=True)
def test_two_operators_reserve_one_plan_once(operator, far):
    stocked(far, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)

    def reserve() -> str:
        try:
            shipments.reserve(plan=Plan(pk=plan.pk), by=operator, now=NOW)
        except DomainError as refused:
            return refused.code
        return "reserved"

    assert sorted(race([reserve, reserve])) == ["plan_changed", "reserved"]
    assert StockItem.objects.get(facility=far).reserved == 24


def test_every_good_that_is_needed_is_in_the_catalogue(operator, near):
    plan = solved(assessed({"A": 20}), operator)
    codes = set(plan.needs.values_list("good__code", flat=True))
    assert {"rice", "water", "family_kit", "blanket"} <= codes
    assert codes <= set(Good.objects.values_list("code", flat=True))
    assert vehicles.ASSUMED_KG.keys() == set(Good.objects.values_list("code", flat=True))


def test_an_operator_goes_the_whole_way_on_the_page(operator, near, signed_in):
    """Plan, statement, reserve, has left, received: each by its button."""
    stocked(near, 1_000, "rice")
    assessment = assessed({"A": 20})
    browser = signed_in("operator")
    made = browser.post(reverse("commandcentre:plan-make", args=[assessment.pk]), {"days": 3})
    plan = Plan.objects.get()
    assert made["Location"] == reverse("commandcentre:plan", args=[plan.pk])
    worked(Job.objects.get(kind=plans.SOLVE_PLAN))

    def press(name: str, *more: int, **values: object) -> str:
        answer = browser.post(
            reverse(f"commandcentre:{name}", args=[plan.pk, *more]), values, follow=True
        )
        assert answer.status_code == 200
        return answer.content.decode()

    assert "Lumbung Ampel" in press("plan-reserve", solved_at=Plan.objects.get().solution)
    assert "tanggap darurat" in press("plan-dispatch", facility=near.pk)
    press(
        "plan-statement",
        number="361/12",
        day=timezone.localdate().strftime("%d-%m-%Y"),
        region=OWN,
        file=SimpleUploadedFile("tanggap-darurat.pdf", PDF),
    )
    press("plan-dispatch", facility=near.pk)
    own = Shipment.objects.get(good__code="rice")
    press("plan-receive", own.pk, quantity=23, remark="basah")
    own.refresh_from_db()
    assert (own.status, own.received_quantity, own.remark) == ("received", 23, "basah")
    kept = EmergencyStatement.objects.get()
    file = browser.get(reverse("commandcentre:plan-statement-file", args=[plan.pk, kept.pk]))
    assert b"".join(file.streaming_content) == PDF


def test_a_button_that_is_pressed_twice_makes_one_plan(signed_in):
    assessment = assessed({"A": 20})
    with as_role("worker"):
        Assessment.objects.update(persons=20)
    browser = signed_in("operator")
    hazard_page = reverse("commandcentre:hazard", args=[assessment.hazard_id])
    assert 'name="seen" value="0"' in browser.get(hazard_page).content.decode()
    path = reverse("commandcentre:plan-make", args=[assessment.pk])
    first = browser.post(path, {"days": 3, "seen": 0})
    assert browser.post(path, {"days": 3, "seen": 0})["Location"] == first["Location"]
    plan = Plan.objects.get()
    assert f'name="seen" value="{plan.pk}"' in browser.get(hazard_page).content.decode()
    # who has seen the first one may make another
    browser.post(path, {"days": 3, "seen": plan.pk})
    assert Plan.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_make_one_plan(operator):
    assessment = assessed({"A": 20})

    def press() -> str:
        made = plans.make_plan_once(assessment=assessment, days=3, seen=0, by=operator, now=NOW)
        return str(made.pk)

    first, second = race([press, press])
    assert first == second
    assert Job.objects.filter(kind=plans.SOLVE_PLAN).count() == 1


def test_who_did_not_see_the_plan_of_another_is_told_of_it(operator, person):
    assessment = assessed({"A": 20})
    made, _job = plans.make_plan(assessment=assessment, days=3, by=operator, now=NOW)
    with pytest.raises(DomainError, match="^plan_made_meanwhile$") as refused:
        plans.make_plan_once(assessment=assessment, days=7, seen=0, by=operator, now=NOW)
    assert str(made.pk) in refused.value.text
    shipments.cancel(plan=made, by=operator, now=NOW)
    again = plans.make_plan_once(assessment=assessment, days=7, seen=0, by=operator, now=NOW)
    assert again != made


@pytest.mark.parametrize("role", ["planner", "verifier", "administrator"])
def test_others_plan_and_move_nothing(operator, near, signed_in, role):
    stocked(near, 1_000, "rice")
    plan = solved(assessed({"A": 20}), operator)
    answer = signed_in(role).post(reverse("commandcentre:plan-reserve", args=[plan.pk]))
    assert answer.status_code in {403, 404}
    assert Plan.objects.get(pk=plan.pk).status == "proposed"
