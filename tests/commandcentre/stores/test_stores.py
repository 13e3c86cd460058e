"""Facilities and stock: what is below its minimum, what expires, the ledger of each."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.models import MinimumLevel
from apps.commandcentre.resources import minimum_levels, stock_ledger
from apps.commandcentre.resources.minimum_levels import import_minimums
from apps.commandcentre.states import TOPIC
from apps.jobs.models import Event
from tests.base import NOW
from tests.commandcentre.resources.office_files import codes, run, write
from tests.commandcentre.resources.places import BY, facility, good, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
STORES = "/command-centre/stores/"


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


@pytest.fixture
def store():
    with as_role("owner"):
        return facility()


def text_of(browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def set_minimum(browser, store, units: str, code: str = "blanket"):
    form = {"good": str(good(code).pk), "quantity": units}
    return browser.post(f"{STORES}{store.pk}/minimum/", form, follow=True).content.decode()


def test_a_minimum_is_set_changed_and_removed_on_the_page_of_a_facility(operator, store):
    assert "Batas minimum disimpan." in set_minimum(operator, store, "50")
    set_minimum(operator, store, "80")
    with as_role("owner"):
        assert MinimumLevel.objects.get().quantity == 80
    set_minimum(operator, store, "0")
    with as_role("owner"):
        assert not MinimumLevel.objects.exists()
    told = Entry.objects.filter(action=Action.CHANGE, subject=f"commandcentre.Facility:{store.pk}")
    assert [one.details["minimum"] for one in told.order_by("pk")] == [50, 80, 0]


def test_what_is_no_whole_number_is_not_stored(operator, store):
    assert "Tidak ada yang disimpan" in set_minimum(operator, store, "banyak")
    with as_role("owner"):
        assert not MinimumLevel.objects.exists()


def test_what_is_reserved_or_expired_does_not_count_towards_the_minimum(operator, store):
    today = timezone.localdate()
    with as_role("owner"):
        stocked(store, 60)
        stocked(store, 40, expires=today - timedelta(days=1))
        stock_ledger.reserve(
            facility=store, good=good(), quantity=20, purpose="uji", by=BY, now=timezone.now()
        )
        minimum_levels.set_minimum(facility=store, good=good(), quantity=50, by=BY, now=NOW)
        minimum_levels.set_minimum(facility=store, good=good("rice"), quantity=9, by=BY, now=NOW)
    answer = operator.get(f"{STORES}below/")
    rows = [(one.good.code, one.usable, one.missing) for one in answer.context["page"].rows]
    # rice is not there at all: emptiest first
    assert rows == [("rice", 0, 9), ("blanket", 40, 10)]
    with as_role("owner"):
        stocked(store, 10)
        stocked(store, 9, "rice")
    assert "Setiap fasilitas memiliki" in text_of(operator, f"{STORES}below/")


def test_batches_that_expire_soon_or_have_expired_are_listed_soonest_first(
    operator, store, settings
):
    settings.EXPIRING_WITHIN_DAYS = 30
    today = timezone.localdate()
    with as_role("owner"):
        for days in (-2, 10, 31, 200):
            stocked(store, 5, expires=today + timedelta(days=days))
        stocked(store, 5, "rice")
    answer = operator.get(f"{STORES}expiring/")
    days = [(one.expiry_date - today).days for one in answer.context["page"].rows]
    assert days == [-2, 10]
    answer = operator.get(f"{STORES}expiring/?days=60")
    assert len(answer.context["page"].rows) == 3
    assert "kedaluwarsa" in text_of(operator, f"{STORES}expiring/")


def test_what_expires_is_of_facilities_in_use_and_found_by_region_kind_and_good(operator, store):
    today = timezone.localdate()
    with as_role("owner"):
        others = [
            facility("Gudang Padi", "P", kind="warehouse"),
            facility("Lumbung Tutup", is_active=False),
        ]
        for one in (store, *others):
            stocked(one, 5, expires=today + timedelta(days=10))
        stocked(store, 5, "rice", expires=today + timedelta(days=10))

    def listed(query: str = "") -> list[tuple[str, str]]:
        rows = operator.get(f"{STORES}expiring/?days=60{query}").context["page"].rows
        return sorted((one.facility.name, one.good.code) for one in rows)

    own = [("Lumbung Ampel", "blanket"), ("Lumbung Ampel", "rice")]
    assert listed() == [("Gudang Padi", "blanket"), *own]
    assert listed("&region=97") == own
    assert listed("&kind=warehouse") == [("Gudang Padi", "blanket")]
    assert listed(f"&good={good('rice').pk}") == own[1:]
    assert listed("&region=rumah") == []
    assert 'value="60"' in text_of(operator, f"{STORES}expiring/?days=60&region=97")


def test_what_is_below_its_minimum_is_found_by_region_and_good(operator, store):
    with as_role("owner"):
        for where, code in ((store, "rice"), (facility("Gudang Padi", "P"), "blanket")):
            minimum_levels.set_minimum(facility=where, good=good(code), quantity=9, by=BY, now=NOW)

    def listed(query: str = "") -> list[str]:
        rows = operator.get(f"{STORES}below/{query}").context["page"].rows
        return sorted(one.facility.name for one in rows)

    assert listed() == ["Gudang Padi", "Lumbung Ampel"]
    assert listed("?region=97") == ["Lumbung Ampel"]
    assert listed(f"?good={good().pk}") == ["Gudang Padi"]


def test_the_page_of_a_facility_shows_its_ledger_newest_first(operator, store):
    with as_role("owner"):
        stocked(store, 60)
        stock_ledger.reserve(
            facility=store, good=good(), quantity=20, purpose="uji banjir", by=BY, now=NOW
        )
        stocked(facility("Lumbung Lain", "B"), 7)
    answer = operator.get(f"{STORES}{store.pk}/")
    kinds = [(one.kind, one.quantity) for one in answer.context["page"].rows]
    assert kinds == [("reservation", 20), ("receipt", 60)]
    assert "uji banjir" in answer.content.decode()


def receipt(browser, store, **values: str):
    seen = browser.get(f"{STORES}{store.pk}/").context["receipt"]["seen"].value()
    known = {
        "good": str(good("rice").pk),
        "quantity": "40",
        "batch_label": "A1",
        "expiry_date": "31-12-2027",
        "source": "PMI",
        "seen": str(seen),
    }
    return {f"receipt-{name}": value for name, value in (known | values).items()}


def test_goods_that_came_are_noted_by_hand_once(operator, store):
    form = receipt(operator, store)
    path = f"{STORES}{store.pk}/receive/"
    assert "Barang masuk dicatat" in operator.post(path, form, follow=True).content.decode()
    # a double click
    assert "Barang masuk dicatat" in operator.post(path, form, follow=True).content.decode()
    with as_role("owner"):
        item = store.stock.get()
    assert (item.good.code, item.on_hand, item.batch_label) == ("rice", 40, "A1")
    assert item.expiry_date == date(2027, 12, 31)
    assert "PMI" in text_of(operator, f"{STORES}{store.pk}/")
    told = Entry.objects.filter(subject=f"commandcentre.Facility:{store.pk}", action=Action.CHANGE)
    assert [one.details["stock"] for one in told] == ["receipt"]
    # boards, whose nearest sources rest on it, are told once
    assert Event.objects.filter(topic=TOPIC, kind="stock").count() == 1
    operator.post(path, receipt(operator, store, batch_label="", expiry_date=""))
    with as_role("owner"):
        assert sorted(store.stock.values_list("on_hand", flat=True)) == [40, 40]


def test_who_did_not_see_the_last_movement_looks_again(operator, store):
    form = receipt(operator, store)
    with as_role("owner"):
        stocked(store, 60)
    page = operator.post(f"{STORES}{store.pk}/receive/", form).content.decode()
    assert "Tidak ada yang dicatat" in page and 'value="A1"' in page
    with as_role("owner"):
        assert store.stock.get().on_hand == 60


def test_what_is_spoilt_is_taken_off_and_what_is_reserved_stays(operator, store):
    with as_role("owner"):
        item = stocked(store, 60)
        stock_ledger.reserve(
            facility=store, good=good(), quantity=20, purpose="uji", by=BY, now=NOW
        )
    path = f"{STORES}{store.pk}/loss/"

    def lose(quantity: str) -> str:
        seen = operator.get(f"{STORES}{store.pk}/").context["loss"]["seen"].value()
        known = {"item": str(item.pk), "quantity": quantity, "reason": "basah", "seen": str(seen)}
        form = {f"loss-{name}": value for name, value in known.items()}
        return operator.post(path, form, follow=True).content.decode()

    assert "dapat memberikan 40" in lose("41")
    assert "Kehilangan dicatat" in lose("40")
    with as_role("owner"):
        item.refresh_from_db()
    assert (item.on_hand, item.reserved) == (20, 20)
    assert "basah" in text_of(operator, f"{STORES}{store.pk}/")


def test_a_batch_of_another_facility_is_no_choice(operator, store):
    with as_role("owner"):
        other = stocked(facility("Lumbung Lain", "B"), 7)
    known = {"item": str(other.pk), "quantity": "7", "reason": "hilang", "seen": "0"}
    form = {f"loss-{name}": value for name, value in known.items()}
    assert operator.post(f"{STORES}{store.pk}/loss/", form).status_code == 200
    with as_role("owner"):
        other.refresh_from_db()
    assert other.on_hand == 7


def test_facilities_are_found_by_kind_and_region(operator, store):
    with as_role("owner"):
        facility("Gudang Padi", "P", kind="warehouse")
    names = [one.name for one in operator.get(STORES).context["page"].rows]
    assert names == ["Gudang Padi", "Lumbung Ampel"]
    assert "Gudang Padi" not in text_of(operator, f"{STORES}?region=97")
    assert "Lumbung Ampel" not in text_of(operator, f"{STORES}?kind=warehouse")
    assert "bukan kode wilayah" in text_of(operator, f"{STORES}?region=rumah")


def test_who_sees_no_facilities_sees_no_stock(signed_in, store):
    for end in ("", "below/", "expiring/", f"{store.pk}/"):
        assert signed_in("planner").get(STORES + end).status_code == 403


# --- minimum levels by file ---

ROW = {"Nama Lumbung": "Lumbung Ampel", "Nama Barang": "Selimut", "Stok Minimum": "100"}


def test_a_file_of_minimum_levels_sets_and_removes(store, tmp_path):
    rows = [{}, {"Nama Barang": "Beras", "Stok Minimum": "1,5 t"}]
    done = run(import_minimums, write(tmp_path, rows, ROW))
    assert done.counts == {"changed": 2, "removed": 0, "unchanged": 0}
    rows = [{}, {"Nama Barang": "Beras", "Stok Minimum": "0"}]
    again = run(import_minimums, write(tmp_path, rows, ROW))
    assert again.counts == {"changed": 0, "removed": 1, "unchanged": 1}
    with as_role("owner"):
        assert MinimumLevel.objects.get().quantity == 100


def test_odd_rows_of_minimum_levels_are_said(store, tmp_path):
    rows = [
        {},
        {},
        {"Nama Lumbung": "Lumbung Antah"},
        {"Nama Barang": "Emas"},
        {"Nama Barang": "Beras", "Stok Minimum": "-5"},
    ]
    done = run(import_minimums, write(tmp_path, rows, ROW))
    assert codes(done) == {
        3: {"minimum_twice"},
        4: {"stock_facility"},
        5: {"stock_good"},
        6: {"cell_negative"},
    }
    assert done.counts["changed"] == 1
