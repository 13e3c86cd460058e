"""Counted stock from files: what is a number becomes a line of the ledger, the rest a sentence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.commandcentre.models import StockItem, StockMovement
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_files import import_stock
from tests.base import NOW
from tests.commandcentre.resources.office_files import codes, listed, run, write
from tests.commandcentre.resources.places import BY, facility, good
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
GOOD = {
    "Kode Lumbung": "", "Nama Lumbung": "Lumbung Ampel", "Kode Desa": "", "Nama Barang": "Selimut",
    "Jumlah": "100", "Satuan": "", "No Batch": "", "Tgl Kedaluwarsa": "",
}  # fmt: skip


@pytest.fixture(autouse=True)
def places(db):
    with as_role("owner"):
        return facility(reference="LS-1"), facility("Lumbung Beji", "B", reference="LS-2")


@pytest.fixture
def load(tmp_path):
    def imported(*rows):
        return run(import_stock, write(tmp_path, rows, GOOD))

    return imported


def test_a_count_that_is_older_than_a_movement_brings_nothing_back(tmp_path, load, places):
    load({})
    count = write(tmp_path, [{}, {"Nama Barang": "Beras", "Jumlah": "7 kg"}], GOOD)
    batch = StockItem.objects.get()
    gone = NOW + timedelta(hours=3)
    with as_role("worker"):
        stock_ledger.write_off(item=batch, quantity=30, reason="basah", by=BY, now=gone)
    done = run(import_stock, count, counted_at=NOW + timedelta(hours=2))
    assert codes(done) == {2: {"stock_moved_since"}}
    assert balances() == {"blanket": 70, "rice": 7}
    # counted after it left
    done = run(import_stock, count, counted_at=NOW + timedelta(hours=4))
    assert codes(done) == {}
    assert balances()["blanket"] == 100


def balances() -> dict[str, int]:
    """Good → units on hand, over all facilities."""
    found: dict[str, int] = {}
    for code, count in StockItem.objects.values_list("good__code", "on_hand"):
        found[code] = found.get(code, 0) + count
    return found


def test_a_count_becomes_the_stock_of_the_facility(load, places):
    done = load(
        {},
        {"Nama Barang": "Beras", "Jumlah": "1 t"},
        {"Nama Barang": "MINYAK GORENG", "Jumlah": "504", "Satuan": "liter"},
        {"Nama Barang": "mss", "Jumlah": "1.700 paket", "Tgl Kedaluwarsa": "31/12/2027"},
        {"Kode Lumbung": "LS-2", "Nama Lumbung": "", "Jumlah": "5 lembar"},
    )
    assert done.counts == {"more": 5, "less": 0, "unchanged": 0}
    assert balances() == {"blanket": 105, "rice": 1_000, "cooking_oil": 504, "ready_meal": 1_700}
    meal = StockItem.objects.get(good__code="ready_meal")
    assert (meal.expiry_date, meal.facility) == (date(2027, 12, 31), places[0])
    line = StockMovement.objects.filter(item=meal).get()
    assert (line.kind, line.quantity, line.actor) == ("receipt", 1_700, "command:tests")


def test_the_same_file_adds_nothing_and_a_later_count_writes_the_difference(load):
    load({})
    assert load({}).counts == {"more": 0, "less": 0, "unchanged": 1}
    assert load({"Jumlah": "70"}).counts == {"more": 0, "less": 1, "unchanged": 0}
    assert balances() == {"blanket": 70}
    assert list(StockMovement.objects.order_by("pk").values_list("kind", "quantity")) == [
        ("receipt", 100),
        ("loss", 30),
    ]


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("cell_number", {"Jumlah": "seratus"}),
        ("cell_number", {"Jumlah": "-"}),
        ("cell_negative", {"Jumlah": "-5"}),
        ("cell_ambiguous", {"Jumlah": "1,000"}),
        ("cell_missing", {"Jumlah": ""}),
        ("stock_fraction", {"Jumlah": "1,5"}),
        ("stock_unit", {"Jumlah": "5 kg"}),
        ("stock_unit", {"Nama Barang": "Beras", "Satuan": "paket"}),
        ("stock_good", {"Nama Barang": "Selimutt tebal"}),
        ("cell_missing", {"Nama Barang": ""}),
        ("stock_facility", {"Nama Lumbung": "Lumbung Hilang"}),
        ("stock_facility", {"Kode Lumbung": "LS-9"}),
        ("cell_missing", {"Nama Lumbung": ""}),
        ("cell_date", {"Tgl Kedaluwarsa": "bulan depan"}),
        ("stock_twice", {"Jumlah": "3"}),
    ],
)
@pytest.mark.long
def test_a_row_that_cannot_be_taken_is_said_and_changes_nothing(load, code, fields):
    done = load({}, fields)
    assert codes(done) == {3: {code}}
    assert listed(done)[0]["baris"] == "3"
    assert balances() == {"blanket": 100}


def test_the_nearest_goods_are_named(load):
    done = load({}, {"Nama Barang": "Tenda keluargaa"})
    assert "Tenda keluarga" in listed(done)[0]["temuan"]


def test_an_expired_batch_is_counted_and_said(load):
    done = load({"Nama Barang": "Makanan siap saji", "Tgl Kedaluwarsa": "01-01-2020"})
    assert codes(done) == {2: {"stock_expired"}}
    assert done.counts["more"] == 1


def test_a_count_below_what_is_reserved_is_refused(load, places):
    load({})
    stock_ledger.reserve(
        facility=places[0], good=good(), quantity=60, purpose="banjir", by=BY, now=NOW
    )
    done = load({"Jumlah": "59"}, {"Kode Lumbung": "LS-2"})
    assert codes(done) == {2: {"stock_below_reserved"}}
    assert balances() == {"blanket": 200}


def test_two_facilities_of_one_name_need_a_code_or_a_village(load):
    with as_role("owner"):
        facility("Lumbung Ampel", "C")
    assert codes(load({}, {"Kode Lumbung": "LS-2"})) == {2: {"stock_facility_several"}}
