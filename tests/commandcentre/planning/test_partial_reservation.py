"""Reserving a plan whose stock has partly gone: the rest is reserved, and what is not is named."""

from __future__ import annotations

import pytest
from django.db.models import Sum
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.models import Plan, Shipment, StockItem, StockMovement
from apps.commandcentre.planning import shipments
from apps.commandcentre.resources import stock_ledger
from apps.common.errors import DomainError
from apps.demo.country import CODES
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed, solved
from tests.commandcentre.resources.places import BY, facility, good, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
# Units of rice for three days, by the letter of a village: 0.4 kg a person and day.
RICE = {"A": 48, "B": 24, "C": 12}
PERSONS = {"A": 40, "B": 20, "C": 10}


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def store():
    with as_role("owner"):
        return facility("Gudang Utama", "A", kind="warehouse")


def planned(operator, store, units: int = 84) -> Plan:
    """A plan of three villages that need all the rice of one store."""
    stocked(store, units, "rice")
    return solved(assessed(PERSONS, severe="B"), operator)


def gone(store, units: int) -> None:
    """Somebody else promises so many of the store's units."""
    with as_role("owner"):
        stock_ledger.reserve(
            facility=store, good=good("rice"), quantity=units, purpose="x", by=BY, now=NOW
        )


def by_status(plan: Plan) -> dict[str, set[str]]:
    letters = {code: letter for letter, code in CODES.items()}
    found: dict[str, set[str]] = {}
    for village, status in plan.shipments.values_list("village", "status"):
        found.setdefault(status, set()).add(letters[village])
    return found


def test_all_that_is_there_is_reserved_and_nothing_is_left_out(operator, store):
    plan = planned(operator, store)
    assert shipments.reserve(plan=plan, by=operator, now=NOW) == shipments.Reservation(3, 0)
    assert by_status(plan) == {"reserved": {"A", "B", "C"}}
    assert not shipments.left_out_of(plan).exists()


def test_what_has_gone_is_left_out_and_the_most_urgent_gets_what_is_left(operator, store):
    plan = planned(operator, store)
    gone(store, 40)  # 44 are left: B (24, the most urgent), then the nearest that fits: C (12)
    assert shipments.reserve(plan=plan, by=operator, now=NOW) == shipments.Reservation(2, 1)
    assert by_status(plan) == {"reserved": {"B", "C"}, "cancelled": {"A"}}
    [left] = shipments.left_out_of(plan)
    assert (left.village_id, left.quantity, left.usable_quantity) == (CODES["A"], 48, 8)
    plan.refresh_from_db()
    assert plan.status == "reserved"
    item = StockItem.objects.get(facility=store)
    assert (item.on_hand, item.reserved) == (84, 76)
    promised = StockMovement.objects.filter(purpose__startswith="commandcentre.Shipment:")
    assert promised.aggregate(units=Sum("quantity"))["units"] == 36
    entry = Entry.objects.get(action=Action.CHANGE, subject=f"commandcentre.Plan:{plan.pk}")
    assert (entry.details["shipments"], entry.details["left_out"]) == (2, 1)


def test_what_was_left_out_is_missing_in_the_plan_from_then_on(operator, store):
    plan = planned(operator, store)
    gone(store, 40)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    need = {one.village_id: one for one in plan.needs.filter(good__code="rice")}
    assert {CODES[letter]: RICE[letter] for letter in RICE} == {
        code: one.quantity for code, one in need.items()
    }
    assert {code: one.sent for code, one in need.items()} == {
        CODES["A"]: 0,
        CODES["B"]: 24,
        CODES["C"]: 12,
    }


def test_a_plan_of_which_nothing_is_left_stays_as_it_is(operator, store):
    plan = planned(operator, store)
    gone(store, 84)
    with pytest.raises(DomainError, match="^plan_stock_gone$"):
        shipments.reserve(plan=plan, by=operator, now=NOW)
    assert Plan.objects.get(pk=plan.pk).status == "proposed"
    assert by_status(plan) == {"planned": {"A", "B", "C"}}


def test_the_page_names_what_could_not_be_reserved_and_offers_a_plan_for_it(
    operator, store, signed_in
):
    plan = planned(operator, store)
    gone(store, 40)
    browser = signed_in("operator")
    reserve = reverse("commandcentre:plan-reserve", args=[plan.pk])
    page = " ".join(
        browser.post(reserve, {"solved_at": plan.solution}, follow=True).content.decode().split()
    )
    assert "Stok untuk 2 pengiriman sudah dipesan" in page
    assert "1 pengiriman tidak dapat dipesan" in page
    assert "Gudang Utama → Ampel: 48" in page
    assert "masih punya 8" in page
    assert reverse("commandcentre:plan-make", args=[plan.assessment_id]) in page
    assert "Buat rencana untuk yang kurang" in page


def test_a_cancelled_plan_gives_back_only_what_it_had_reserved(operator, store):
    plan = planned(operator, store)
    gone(store, 40)
    shipments.reserve(plan=plan, by=operator, now=NOW)
    shipments.cancel(plan=plan, by=operator, now=NOW)
    assert StockItem.objects.get(facility=store).reserved == 40


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_reserve_plans_of_one_store_promise_no_box_twice(operator, store):
    """Each plan wants more than half: one gets all, the other what is left for it, whole lines."""
    stocked(store, 84, "rice")
    own = [solved(assessed(PERSONS, severe="B"), operator) for _ in range(2)]
    with as_role("owner"):
        stocked(store, 30, "rice")

    def reserve(number: int) -> tuple[int, int]:
        found = shipments.reserve(plan=own[number], by=operator, now=NOW)
        return found.reserved, found.left_out

    done = sorted(race([lambda: reserve(0), lambda: reserve(1)]))
    # 114 units: 84 for who was faster; of the other 30 the urgent B (24), and 6 are for nobody
    assert done == [(1, 2), (3, 0)]
    promised = Shipment.objects.filter(status="reserved").aggregate(units=Sum("quantity"))
    item_units = StockItem.objects.filter(facility=store).aggregate(units=Sum("reserved"))
    assert promised["units"] == item_units["units"] == 108
