"""Files of stock: what was counted in each facility, one line for a good (and its batch).

A file is a count: the ledger gets one line for the difference to what is on hand, so that the same
file changes nothing a second time. Goods that the file does not name stay as they are.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from rapidfuzz import process

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, HasActor, Subject, describe_actor
from apps.commandcentre.models import Facility, Good
from apps.common import column_likeness as likeness
from apps.common import sql
from apps.common.column_likeness import Holds
from apps.common.errors import DomainError
from apps.common.headings import PLACES, Vocabulary, plain
from apps.common.staging import Staging
from apps.imports import cells, layouts, villages
from apps.imports.cells import Unreadable
from apps.imports.copy_rows import copy_block
from apps.imports.findings import Findings
from apps.imports.layouts import Layout, Mapping_
from apps.imports.office_command import Imported

Unit = Good.Unit
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "reference": (
        "KODE FASILITAS", "ID Fasilitas", "Kode Lumbung", "ID Lumbung", "Kode Gudang",
        "Facility code",
    ),
    "facility": (
        "NAMA FASILITAS", "Fasilitas", "Nama Lumbung", "Lumbung", "Lumbung Sosial", "Nama Gudang",
        "Gudang", "Nama Sentra", "Lokasi Penyimpanan", "Facility", "Facility name",
    ),
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Wilayah", "Kode Kemendagri",
        "Village code",
    ),
    **PLACES,
    "good": (
        "BARANG", "Nama Barang", "Jenis Barang", "Jenis Bantuan", "Logistik", "Jenis Logistik",
        "Uraian", "Uraian Barang", "Item", "Good", "Goods",
    ),
    "quantity": (
        "JUMLAH", "Stok", "Jumlah Stok", "Jumlah Barang", "Stok Akhir", "Sisa", "Sisa Stok",
        "Saldo", "Volume", "Qty", "Banyaknya", "Quantity", "Stock",
    ),
    "unit": ("SATUAN", "Unit"),
    "batch_label": ("BATCH", "No Batch", "Nomor Batch", "Lot", "No Lot"),
    "expiry_date": (
        "KEDALUWARSA", "Kadaluarsa", "Kadaluwarsa", "Tanggal Kedaluwarsa", "Tgl Kedaluwarsa",
        "Tanggal Kadaluarsa", "Tgl Kadaluarsa", "Masa Berlaku", "Expired", "Expired date",
        "Exp Date", "ED", "Expiry date",
    ),
}  # fmt: skip
LAYOUT: Final = Layout(
    words=Vocabulary(_HEADINGS),
    holds={
        "facility": Holds(likeness.is_name, is_loose=True),
        "good": Holds(likeness.is_name, is_loose=True),
        "expiry_date": Holds(likeness.is_date),
        "village_code": Holds(likeness.is_village_code, is_loose=True),
    },
    needed=(("reference", "facility"), ("good",), ("quantity",)),
    joined={},
)
# Words for units, and how many of the catalogue's units one of them is. Goods that are counted are
# counted in any of the first ones.
_COUNTED: Final = frozenset((Unit.PACKAGE, Unit.SHEET, Unit.PIECE))
_COUNTING: Final = frozenset(
    ("paket", "pkt", "pak", "lembar", "lbr", "buah", "bh", "unit", "pcs", "pc", "set", "potong",
     "stel", "bungkus", "bks", "package", "packages", "sheet", "sheets", "piece", "pieces")
)  # fmt: skip
_MEASURES: Final[dict[str, tuple[Good.Unit, Decimal]]] = {
    **dict.fromkeys(("kg", "kilo", "kilogram"), (Unit.KILOGRAM, Decimal(1))),
    **dict.fromkeys(("t", "ton"), (Unit.KILOGRAM, Decimal(1_000))),
    **dict.fromkeys(("kuintal", "kw", "kwintal"), (Unit.KILOGRAM, Decimal(100))),
    **dict.fromkeys(("l", "lt", "ltr", "liter", "litre", "litres"), (Unit.LITRE, Decimal(1))),
}
CELL_FAULTS: Final = {
    "number": "cell_number",
    "negative": "cell_negative",
    "ambiguous": "cell_ambiguous",
}
# The findings of the statement, and whether a row with one is refused.
REFUSES: Final = {"stock_twice": True, "stock_below_reserved": True, "stock_expired": False}
LABEL_MOST: Final = 60
GIVEN: Final = {
    "row_number": "bigint", "facility_id": "bigint", "good_id": "bigint",
    "batch_label": "varchar(60)", "expiry_date": "date", "quantity": "bigint",
}  # fmt: skip


def import_stock(
    *,
    path: Path,
    by: HasActor | Actor,
    now: datetime,
    mapping: Mapping_ | None = None,
    code_system: str = "kemendagri",
    scratch: Path | None = None,
) -> Imported:
    """Apply a file of counted stock.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`, `stock_changed` where somebody reserved meanwhile.
    """
    file = layouts.open_file(path, LAYOUT, mapping=mapping, scratch=scratch)
    findings = Findings(file)
    rows = list(layouts.rows(file, scratch=scratch))
    given = list(_given(rows, findings, code_system, timezone.localdate(now)))
    try:
        with transaction.atomic(), _staged() as staging:
            counts = _apply(staging, given, findings, len(rows), by, now)
            record.entry(
                Action.RUN,
                about=Subject("commandcentre.StockItem", path.name),
                by=by,
                rows=len(rows),
                refused=len(findings.refused_rows),
                counts=counts,
            )
    except IntegrityError as changed:
        raise DomainError("stock_changed") from changed
    return Imported(file, len(rows), counts, findings, findings.write())


def _staged() -> Staging:
    return Staging(f"stock_{sql.call('pg_backend_pid')}", ["given"], bare="given")


def _apply(
    staging: Staging,
    given: list[list[Any]],
    findings: Findings,
    rows: int,
    by: HasActor | Actor,
    now: datetime,
) -> dict[str, int]:
    staging.create("given", GIVEN)
    sql.copy_in(staging["given"], GIVEN, [copy_block(given)])
    staging.analyze("given")
    doubts = staging.run("commandcentre/resources/check_stock", {"today": timezone.localdate(now)})
    for number, code, text in doubts:
        params = json.loads(text)
        if other := params.pop("other_row", None):
            params["other_line"] = findings.line_of(other)
        note = findings.refuse if REFUSES[code] else findings.warn
        note(number, code, "quantity", **params)
    findings.refuse_implausible(rows)
    refused = sorted(findings.refused_rows)
    staging.run("commandcentre/resources/drop_refused_stock", {"rows": refused})
    staging.run("commandcentre/resources/insert_stock_items", rows=rows)
    actor = describe_actor(by)
    known = {"now": now, "actor": actor.key, "actor_name": actor.name}
    received, lost = staging.run("commandcentre/resources/insert_counts", known, rows=rows)[0]
    taken = rows - len(findings.refused_rows)
    return {"more": received, "less": lost, "unchanged": taken - received - lost}


def _given(
    rows: list[tuple[int, dict[str, str]]], findings: Findings, code_system: str, today: date
) -> Iterator[list[Any]]:
    """The rows whose facility, good and quantity are known, in the columns of GIVEN."""
    facilities, goods = _Facilities(), _Goods()
    places = villages.resolve([row for _number, row in rows], system=code_system, today=today)
    for (number, row), (village, _doubt) in zip(rows, places, strict=True):
        facility = _facility(number, row, village, facilities, findings)
        good = goods.named(row["good"])
        if good is None:
            near = goods.near(row["good"])
            code = "stock_good" if row["good"] else "cell_missing"
            findings.refuse(number, code, "good", row["good"], near=near)
        quantity = _quantity(number, row, good, findings)
        expiry = _expiry(number, row["expiry_date"], findings)
        if facility and good and quantity is not None and number not in findings.refused_rows:
            label = row["batch_label"][:LABEL_MOST]
            yield [number, facility, good.pk, label, expiry, quantity]


def _facility(
    number: int, row: dict[str, str], village: str, known: _Facilities, findings: Findings
) -> int:
    """The key of the row's facility; 0 with a finding where it is not known."""
    found = known.find(row["reference"], row["facility"], village)
    if len(found) == 1:
        return found[0]
    column = "reference" if row["reference"] else "facility"
    if not row[column]:
        findings.refuse(number, "cell_missing", column)
    elif found:
        findings.refuse(number, "stock_facility_several", column, row[column], several=len(found))
    else:
        findings.refuse(number, "stock_facility", column, row[column])
    return 0


def _quantity(
    number: int, row: dict[str, str], good: Good | None, findings: Findings
) -> int | None:
    """Whole units of the good; None with a finding where the cell holds something else."""
    text = row["quantity"]
    if not text:
        findings.refuse(number, "cell_missing", "quantity")
        return None
    try:
        amount, unit = cells.quantity(text)
    except Unreadable as why:
        findings.refuse(number, CELL_FAULTS[str(why)], "quantity", text)
        return None
    if good is None:
        return None
    words = {"good": good.name, "unit": str(good.get_unit_display())}
    factor = factor_of(unit or row["unit"], good)
    if factor is None:
        findings.refuse(number, "stock_unit", "quantity", unit or row["unit"], **words)
        return None
    whole = amount * factor
    if whole != whole.to_integral_value():
        findings.refuse(number, "stock_fraction", "quantity", text, **words)
        return None
    return int(whole)


def factor_of(unit: str, good: Good) -> Decimal | None:
    """How many units of a good one of these is; None for a unit of something else."""
    word = plain(unit)
    if not word:
        return Decimal(1)
    if word in _COUNTING:
        return Decimal(1) if good.unit in _COUNTED else None
    measure, factor = _MEASURES.get(word, (None, Decimal(0)))
    return factor if measure == good.unit else None


def _expiry(number: int, text: str, findings: Findings) -> str:
    try:
        return cells.day(text) if text.strip("-– ") else ""
    except Unreadable:
        findings.refuse(number, "cell_date", "expiry_date", text)
        return ""


class _Facilities:
    """Facilities by reference and by name. Queries: one."""

    def __init__(self) -> None:
        self._by_reference: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
        rows = Facility.objects.active().values_list("pk", "reference", "name", "village_id")
        for key, reference, name, village in rows:
            if reference:
                self._by_reference[reference] = key
            self._by_name[plain(name)].append((key, village or ""))

    def find(self, reference: str, name: str, village: str) -> list[int]:
        """The keys of the facilities that are meant; one village decides between several."""
        if reference:
            known = self._by_reference.get(reference)
            return [] if known is None else [known]
        found = self._by_name.get(plain(name), [])
        here = [key for key, home in found if village and home == village]
        return here or [key for key, _home in found]


class _Goods:
    """The catalogue by code, name and synonym. Queries: one."""

    def __init__(self) -> None:
        goods = list(Good.objects.all())
        self._names = [good.name for good in goods]
        self._known = {
            plain(name): good for good in goods for name in (*good.synonyms, good.code, good.name)
        }

    def named(self, text: str) -> Good | None:
        return self._known.get(plain(text))

    def near(self, text: str) -> str:
        """The most similar names, for a message."""
        return ", ".join(one[0] for one in process.extract(text, self._names, limit=3))
