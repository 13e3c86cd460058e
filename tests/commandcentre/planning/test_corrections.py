"""What was noted of a shipment by mistake is corrected, and what was noted before stays."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.models import (
    Facility,
    Plan,
    Shipment,
    ShipmentCorrection,
    StockItem,
    StockMovement,
)
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import corrections, shipments
from apps.commandcentre.planning.standing import standing_of
from apps.common.errors import DomainError
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed, lines, missing, solved
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
RECEIVED, DISPATCHED, RESERVED = (
    ShipmentStatus.RECEIVED,
    ShipmentStatus.DISPATCHED,
    ShipmentStatus.RESERVED,
)


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def store() -> Facility:
    with as_role("owner"):
        made = facility("Gudang Uji", "A", kind="warehouse")
        for code in ("rice", "water", "family_kit", "blanket", "kidware"):
            stocked(made, 200, code)
    return made


@pytest.fixture
def plan(operator, store) -> Plan:
    """A plan whose shipments are under way: 24 kg of rice, and other goods."""
    made = solved(assessed({"A": 20}), operator)
    shipments.reserve(plan=made, by=operator, now=NOW)
    shipments.dispatch(plan=made, facility=store, by=operator, now=NOW)
    return Plan.objects.get(pk=made.pk)


def rice_of(plan: Plan) -> Shipment:
    return Shipment.objects.get(plan=plan, good__code="rice")


def rice_in_store() -> tuple[int, int]:
    item = StockItem.objects.get(good__code="rice")
    return item.on_hand, item.reserved


def receive(plan: Plan, quantity: int, by) -> None:
    shipments.receive(shipment=rice_of(plan), quantity=quantity, remark="", by=by, now=NOW)


def correct(plan: Plan, status: ShipmentStatus, by, quantity: int | None = None, **more) -> None:
    known = {"reason": "salah ketik", "by": by, "now": NOW}
    corrections.correct_shipment(
        shipment=rice_of(plan), status=status, quantity=quantity, **known | more
    )


def test_a_quantity_that_was_typed_wrong_is_corrected_everywhere(plan, operator, signed_in):
    receive(plan, 2, operator)
    assert (missing(plan), shipments.lost_on_the_way(plan)) == (22, 22)
    correct(plan, RECEIVED, operator, 20)
    assert (missing(plan), shipments.lost_on_the_way(plan)) == (4, 4)
    page = signed_in("operator").get(reverse("commandcentre:plan", args=[plan.pk]))
    shown = " ".join(page.content.decode().split())
    assert "salah ketik" in shown and "Tercatat sebelumnya: 2." in shown
    made = ShipmentCorrection.objects.get()
    assert (made.former_quantity, made.quantity, made.by) == (2, 20, operator)
    entry = Entry.objects.filter(action=Action.CHANGE, details__step="correct").get()
    assert entry.subject == f"commandcentre.Plan:{plan.pk}"
    # a new plan sends what is missing now, and not what was typed
    assert lines(solved(plan.assessment, operator)) == {("Gudang Uji", "A"): 4}


def test_what_was_noted_on_the_wrong_line_is_under_way_again(plan, operator):
    receive(plan, 24, operator)
    correct(plan, DISPATCHED, operator)
    now = rice_of(plan)
    assert (now.status, now.received_quantity, now.received_at) == ("dispatched", None, None)
    receive(plan, 23, operator)
    assert rice_of(plan).received_quantity == 23


def test_what_did_not_leave_is_in_the_store_again_and_stays_promised(plan, operator, store):
    assert rice_in_store() == (176, 0)
    for _time in range(2):
        correct(plan, RESERVED, operator)
        assert rice_in_store() == (200, 24)
        assert (rice_of(plan).status, rice_of(plan).dispatched_at) == ("reserved", None)
        shipments.dispatch(plan=plan, facility=store, by=operator, now=NOW)
        assert rice_in_store() == (176, 0)
    kinds = StockMovement.objects.filter(item__good__code="rice").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        *("receipt", "reservation", "dispatch"),
        *("receipt", "reservation", "dispatch") * 2,
    ]
    assert standing_of(Plan.objects.get(pk=plan.pk), plan.assessment).sends_all


def test_what_did_not_leave_for_a_cancelled_plan_is_free(plan, operator):
    shipments.cancel(plan=plan, by=operator, now=NOW)
    correct(plan, RESERVED, operator)
    assert (rice_of(plan).status, rice_in_store()) == ("cancelled", (200, 0))


@pytest.mark.parametrize(
    ("status", "quantity", "more", "code"),
    [
        (RECEIVED, 20, {"reason": " "}, "plan_correction_reason"),
        (RECEIVED, 24, {}, "plan_correction_none"),
        (RECEIVED, None, {}, "plan_correction_none"),
        (RESERVED, None, {}, "plan_correction_none"),
        (RECEIVED, 25, {}, "plan_received_more"),
        (RECEIVED, 20, {"seen": "received:2"}, "plan_corrected_meanwhile"),
    ],
)
def test_a_correction_of_nothing_or_without_a_reason_is_refused(
    plan, operator, status, quantity, more, code
):
    receive(plan, 24, operator)
    with pytest.raises(DomainError, match=f"^{code}$"):
        correct(plan, status, operator, quantity, **more)
    assert not ShipmentCorrection.objects.exists()
    assert rice_of(plan).received_quantity == 24


def test_a_whole_source_that_did_not_leave_is_corrected_on_the_page(plan, store, signed_in):
    desk, count = signed_in("operator"), Shipment.objects.filter(plan=plan).count()
    path = reverse("commandcentre:plan-step-back", args=[plan.pk])
    sent = {"facility": store.pk, "status": "dispatched", "reason": "gudang keliru"}
    desk.post(path, sent | {"count": count - 1})
    assert not ShipmentCorrection.objects.exists()
    page = desk.post(path, sent | {"count": count}, follow=True).content.decode()
    assert "gudang keliru" in page
    statuses = Shipment.objects.filter(plan=plan).values_list("status", flat=True)
    assert set(statuses) == {"reserved"}
    assert rice_in_store() == (200, 24)


def test_one_arrival_is_corrected_on_the_page(plan, operator, signed_in):
    receive(plan, 2, operator)
    desk, shipment = signed_in("operator"), rice_of(plan)
    path = reverse("commandcentre:plan-correct", args=[plan.pk, shipment.pk])
    assert path in desk.get(reverse("commandcentre:plan", args=[plan.pk])).content.decode()
    sent = {"status": "received", "quantity": "24", "reason": "kurang satu angka"}
    desk.post(path, sent | {"seen": shipment.noted})
    assert rice_of(plan).received_quantity == 24


def test_neither_role_of_the_database_can_change_a_correction(plan, operator):
    receive(plan, 2, operator)
    correct(plan, RECEIVED, operator, 20)
    for role in ("web", "worker"):
        with as_role(role), pytest.raises(DatabaseError), transaction.atomic():
            ShipmentCorrection.objects.update(reason="lain")
