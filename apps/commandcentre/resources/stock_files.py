"""Files of stock: what was counted in each facility, one line for a good (and its batch).

A file is a count: the ledger gets one line for the difference to what is on hand. A batch of which
goods came or left after the count is refused: the difference would bring back what was sent. Goods
that the file does not name stay as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject, describe_actor
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_cells import (
    FACILITY_HEADINGS,
    GOOD_HEADINGS,
    KnownFacilities,
    KnownGoods,
    read_facility,
    read_good,
    read_quantity,
)
from apps.commandcentre.states import TOPIC
from apps.common import sql
from apps.common.errors import DomainError
from apps.common.staging import Staging
from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds
from apps.common.text.headings import PLACES, Vocabulary
from apps.imports import cells, villages
from apps.imports.cells import Unreadable
from apps.imports.copy_rows import copy_block
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported, Row
from apps.jobs import outbox

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    **FACILITY_HEADINGS,
    **PLACES,
    "good": GOOD_HEADINGS,
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
# The findings of the statement, and whether a row with one is refused.
REFUSES: Final = {
    "stock_twice": True,
    "stock_moved_since": True,
    "stock_below_reserved": True,
    "stock_expired": False,
}
LABEL_MOST: Final = 60
GIVEN: Final = {
    "row_number": "bigint", "facility_id": "bigint", "good_id": "bigint",
    "batch_label": "varchar(60)", "expiry_date": "date", "quantity": "bigint",
}  # fmt: skip


def import_stock(asked: Import) -> Imported:
    """Apply a file of counted stock.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`, `stock_changed` where somebody reserved meanwhile.
    """
    file, rows = asked.read(LAYOUT)
    findings = Findings(file)
    given = list(_given(rows, findings, asked))
    try:
        with transaction.atomic(), _staged() as staging:
            counts = _apply(staging, given, findings, len(rows), asked)
            record.entry(
                Action.RUN,
                about=Subject("commandcentre.StockItem", file.name),
                by=asked.by,
                rows=len(rows),
                refused=len(findings.refused_rows),
                counts=counts,
            )
            return asked.end(file, len(rows), counts, findings)
    except IntegrityError as changed:
        raise DomainError("stock_changed") from changed


def _staged() -> Staging:
    return Staging(f"stock_{sql.call('pg_backend_pid')}", ["given"], bare="given")


def _apply(
    staging: Staging,
    given: list[list[Any]],
    findings: Findings,
    rows: int,
    asked: Import,
) -> dict[str, int]:
    staging.create("given", GIVEN)
    sql.copy_in(staging["given"], GIVEN, [copy_block(given)])
    staging.analyze("given")
    # nothing leaves between what is checked here and the lines that are written
    stock_ledger.hold_facilities(row[1] for row in given)
    when = {"today": timezone.localdate(asked.now), "counted_at": asked.counted_at or asked.now}
    noted = staging.run("commandcentre/resources/check_stock", when)
    for number, code, text in noted:
        params = json.loads(text)
        if other := params.pop("other_row", None):
            params["other_line"] = findings.line_of(other)
        note = findings.refuse if REFUSES[code] else findings.warn
        note(number, code, "quantity", **params)
    findings.refuse_implausible(rows)
    refused = sorted(findings.refused_rows)
    staging.run("commandcentre/resources/drop_refused_stock", {"rows": refused})
    staging.run("commandcentre/resources/insert_stock_items", rows=rows)
    actor = describe_actor(asked.by)
    known = {"now": asked.now, "actor": actor.key, "actor_name": actor.name}
    received, lost = staging.run("commandcentre/resources/insert_counts", known, rows=rows)[0]
    taken = rows - len(findings.refused_rows)
    outbox.publish(TOPIC, "stock")
    return {"more": received, "less": lost, "unchanged": taken - received - lost}


def _given(rows: Sequence[Row], findings: Findings, asked: Import) -> Iterator[list[Any]]:
    """The rows whose facility, good and quantity are known, in the columns of GIVEN."""
    facilities, goods = KnownFacilities(), KnownGoods()
    places = villages.resolve(
        [row for _number, row in rows],
        system=asked.code_system,
        today=timezone.localdate(asked.now),
    )
    for (number, row), (village, _warning) in zip(rows, places, strict=True):
        facility = read_facility(number, row, village, facilities, findings)
        good = read_good(number, row, goods, findings)
        quantity = read_quantity(number, row, good, findings)
        expiry = _expiry(number, row["expiry_date"], findings)
        if facility and good and quantity is not None and number not in findings.refused_rows:
            label = row["batch_label"][:LABEL_MOST]
            yield [number, facility, good.pk, label, expiry, quantity]


def _expiry(number: int, text: str, findings: Findings) -> str:
    try:
        return cells.day(text) if text.strip("-– ") else ""
    except Unreadable:
        findings.refuse(number, "cell_date", "expiry_date", text)
        return ""
