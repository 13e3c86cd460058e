"""The ledger of stock: balances follow its lines, and nothing is promised twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.models import Facility, StockItem, StockMovement
from apps.commandcentre.resources import stock_ledger
from apps.common.errors import DomainError
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.resources.places import BY, facility, good, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
Kind = StockMovement.Kind


def usable(where: Facility) -> dict[str, int]:
    """Good → quantity, as the view says it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT g.code, u.quantity FROM commandcentre_usable_stock u"
            " JOIN commandcentre_good g ON g.id = u.good_id WHERE u.facility_id = %s",
            [where.pk],
        )
        return dict(cursor.fetchall())


def reserve(where: Facility, quantity: int, code: str = "blanket", now=NOW):
    return stock_ledger.reserve(
        facility=where, good=good(code), quantity=quantity, purpose="banjir", by=BY, now=now
    )


@pytest.fixture
def place():
    with as_role("owner"):
        return facility()


def test_the_standard_goods_are_there_with_their_units(place):
    assert (good("rice").unit, good("ready_meal").unit) == ("kg", "package")
    assert good("family_tent").name == "Tenda keluarga"


def test_what_was_received_is_usable_and_recorded(place):
    stocked(place, 100)
    stocked(place, 50)
    assert usable(place) == {"blanket": 150}
    assert StockItem.objects.count() == 1
    entry = Entry.objects.filter(action=Action.CHANGE).latest("pk")
    assert entry.details == {"stock": "receipt", "good": "blanket", "quantity": 50}
    assert (entry.subject, entry.actor) == (f"commandcentre.Facility:{place.pk}", "command:tests")


def test_expired_batches_are_on_hand_and_not_usable(place):
    stocked(place, 10, "ready_meal", expires=TODAY - timedelta(days=1))
    stocked(place, 20, "ready_meal", expires=TODAY + timedelta(days=1))
    assert usable(place) == {"ready_meal": 20}
    with pytest.raises(DomainError) as refused:
        reserve(place, 21, "ready_meal", now=timezone.now())
    assert (refused.value.code, refused.value.params["usable"]) == ("stock_not_enough", 20)


def test_what_expires_first_is_reserved_first(place):
    late = stocked(place, 10, "ready_meal", expires=TODAY + timedelta(days=90))
    keeps = stocked(place, 10, "ready_meal")
    soon = stocked(place, 10, "ready_meal", expires=TODAY + timedelta(days=9))
    lines = reserve(place, 25, "ready_meal", now=timezone.now())
    assert [(one.item_id, one.quantity) for one in lines] == [
        (soon.pk, 10),
        (late.pk, 10),
        (keeps.pk, 5),
    ]
    assert usable(place) == {"ready_meal": 5}


def test_a_dispatch_takes_what_was_reserved_and_a_release_gives_it_back(place):
    stocked(place, 100)
    first, second = reserve(place, 30), reserve(place, 20)
    stock_ledger.dispatch(reservations=first, by=BY, now=NOW)
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (70, 20)
    stock_ledger.release(reservations=second, by=BY, now=NOW)
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (70, 0)
    with pytest.raises(DomainError, match="^stock_nothing_reserved$"):
        stock_ledger.dispatch(reservations=[*first, *second], by=BY, now=NOW)


def test_more_than_there_is_cannot_be_reserved_and_nothing_of_it_is(place):
    stocked(place, 5)
    reserve(place, 3)
    with pytest.raises(DomainError) as refused:
        reserve(place, 3)
    assert refused.value.params == {
        "facility": "Lumbung Ampel", "good": "Selimut", "asked": 3, "usable": 2,
    }  # fmt: skip
    assert usable(place) == {"blanket": 2}


def test_what_is_reserved_cannot_be_written_off(place):
    item = stocked(place, 5)
    reserve(place, 3)
    with pytest.raises(DomainError, match="^stock_not_enough$"):
        stock_ledger.write_off(item=item, quantity=3, reason="basah", by=BY, now=NOW)
    stock_ledger.write_off(item=item, quantity=2, reason="basah", by=BY, now=NOW)
    assert usable(place) == {}


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_above_zero(place, quantity):
    with pytest.raises(DomainError, match="^stock_quantity$"):
        reserve(place, quantity)


def add(item: StockItem, kind: str, quantity: int, **more: object) -> None:
    """A line past the module that writes them."""
    StockMovement.objects.create(item=item, kind=kind, quantity=quantity, at=NOW, actor="x", **more)


def test_the_database_refuses_what_a_batch_does_not_have(place):
    item = stocked(place, 5)
    lines = reserve(place, 4)
    for kind, quantity, more in (
        (Kind.LOSS, 2, {}),
        (Kind.RESERVATION, 2, {}),
        (Kind.DISPATCH, 1, {}),  # names no reservation
        (Kind.DISPATCH, 5, {"reservation": lines[0]}),  # more than its reservation
        (Kind.RECEIPT, 0, {}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            add(item, kind, quantity, **more)
    item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (5, 4)


def test_one_reservation_cannot_be_dispatched_from_anothers_units(place):
    item = stocked(place, 10)
    first, _second = reserve(place, 4)[0], reserve(place, 4)[0]
    add(item, Kind.DISPATCH, 3, reservation=first)
    with pytest.raises(IntegrityError, match="holds 1 and not 2"), transaction.atomic():
        add(item, Kind.DISPATCH, 2, reservation=first)


def update_line(item: StockItem) -> None:
    StockMovement.objects.filter(item=item).update(quantity=500)


def delete_line(item: StockItem) -> None:
    StockMovement.objects.filter(item=item).delete()


def begin_with_stock(item: StockItem) -> None:
    StockItem.objects.create(
        facility=item.facility, good=item.good, batch_label="another", on_hand=9
    )


@pytest.mark.parametrize("database_role", ["web", "worker", "owner"])
@pytest.mark.parametrize("change", [update_line, delete_line, begin_with_stock])
def test_lines_and_opening_balances_are_written_by_no_role(place, database_role, change):
    item = stocked(place, 5)
    refusals = pytest.raises(DatabaseError, match="permission denied|further movement")
    with as_role(database_role), refusals, transaction.atomic():
        change(item)


@pytest.mark.parametrize("database_role", ["web", "worker"])
def test_balances_are_written_by_the_ledger_only(place, database_role):
    item = stocked(place, 5)
    refusals = pytest.raises(DatabaseError, match="permission denied")
    with as_role(database_role), refusals, transaction.atomic():
        StockItem.objects.filter(pk=item.pk).update(on_hand=500)


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_two_operators_never_promise_the_same_box():
    with as_role("owner"):
        where = facility()
    stocked(where, 1)
    results = race([lambda: reserve(where, 1)] * 2)
    refused = [one for one in results if isinstance(one, DomainError)]
    assert [one.code for one in refused] == ["stock_not_enough"]
    item = StockItem.objects.get()
    assert (item.on_hand, item.reserved) == (1, 1)
