"""Minimum levels of goods in facilities, by form and by file; what is below them, what expires."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.accounts.access import Scope
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, HasActor, Subject, describe_actor
from apps.commandcentre.models import Facility, Good, MinimumLevel, StockItem
from apps.commandcentre.resources.stock_cells import (
    FACILITY_HEADINGS,
    GOOD_HEADINGS,
    KnownFacilities,
    KnownGoods,
    read_facility,
    read_good,
    read_quantity,
)
from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds
from apps.common.text.headings import PLACES, Vocabulary
from apps.imports import villages
from apps.imports.findings import Findings
from apps.imports.layouts import Layout
from apps.imports.office_imports import Import, Imported, Row

LAYOUT: Final = Layout(
    words=Vocabulary(
        {
            **FACILITY_HEADINGS,
            **PLACES,
            "good": GOOD_HEADINGS,
            "quantity": (
                "MINIMUM", "Stok Minimum", "Stok Minimal", "Jumlah Minimum", "Batas Minimum",
                "Minimal", "Minimum level", "Minimum stock",
            ),
            "unit": ("SATUAN", "Unit"),
        }
    ),
    holds={
        "facility": Holds(likeness.is_name, is_loose=True),
        "good": Holds(likeness.is_name, is_loose=True),
        "village_code": Holds(likeness.is_village_code, is_loose=True),
    },
    needed=(("reference", "facility"), ("good",), ("quantity",)),
    joined={},
)  # fmt: skip


@dataclass(frozen=True)
class _Level:
    facility_id: int
    good_id: int
    quantity: int


@transaction.atomic
def set_minimum(
    *, facility: Facility, good: Good, quantity: int, by: HasActor | Actor, now: datetime
) -> None:
    """Set the minimum of one good; zero removes it. Nothing is recorded where nothing changes."""
    changed = _store([_Level(facility.pk, good.pk, quantity)], by=by, now=now)
    if changed["changed"] or changed["removed"]:
        record.entry(Action.CHANGE, about=facility, by=by, good=good.code, minimum=quantity)


def import_minimums(asked: Import) -> Imported:
    """Apply a file of minimum levels; goods that it does not name stay as they are.

    Raises: FileRefused, `import_columns_missing`, `import_column_unknown`, `import_empty`,
    `import_mostly_refused`.
    """
    file, rows = asked.read(LAYOUT)
    findings = Findings(file)
    levels = list(_levels(rows, findings, asked))
    findings.refuse_implausible(len(rows))
    with transaction.atomic():
        counts = _store(levels, by=asked.by, now=asked.now)
        record.entry(
            Action.RUN,
            about=Subject("commandcentre.MinimumLevel", file.name),
            by=asked.by,
            rows=len(rows),
            refused=len(findings.refused_rows),
            counts=counts,
        )
        return asked.end(file, len(rows), counts, findings)


def _levels(rows: Sequence[Row], findings: Findings, asked: Import) -> Iterator[_Level]:
    facilities, goods = KnownFacilities(), KnownGoods()
    places = villages.resolve(
        [row for _number, row in rows],
        system=asked.code_system,
        today=timezone.localdate(asked.now),
    )
    first: dict[tuple[int, int], int] = {}
    for (number, row), (village, _warning) in zip(rows, places, strict=True):
        facility = read_facility(number, row, village, facilities, findings)
        good = read_good(number, row, goods, findings)
        quantity = read_quantity(number, row, good, findings)
        if number in findings.refused_rows or good is None or quantity is None:
            continue
        if (other := first.setdefault((facility, good.pk), number)) != number:
            findings.refuse(number, "minimum_twice", "good", other_line=findings.line_of(other))
            continue
        yield _Level(facility, good.pk, quantity)


def _store(levels: Sequence[_Level], *, by: HasActor | Actor, now: datetime) -> dict[str, int]:
    """Store levels; returns how many changed, were removed, and stayed."""
    facilities = {one.facility_id for one in levels}
    known = {
        (facility, good): quantity
        for facility, good, quantity in MinimumLevel.objects.filter(
            facility__in=facilities
        ).values_list("facility", "good", "quantity")
    }
    new = [one for one in levels if one.quantity != known.get((one.facility_id, one.good_id), 0)]
    kept = [one for one in new if one.quantity]
    MinimumLevel.objects.bulk_create(
        [
            MinimumLevel(
                facility_id=one.facility_id,
                good_id=one.good_id,
                quantity=one.quantity,
                updated_at=now,
                updated_by=describe_actor(by).name[:200],
            )
            for one in kept
        ],
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["facility", "good"],
        update_fields=["quantity", "updated_at", "updated_by"],
    )
    for one in new:
        if not one.quantity:
            MinimumLevel.objects.filter(facility=one.facility_id, good=one.good_id).delete()
    return {
        "changed": len(kept),
        "removed": len(new) - len(kept),
        "unchanged": len(levels) - len(new),
    }


# --- lists ---


def levels_with_stock(today: date) -> QuerySet[Any, Any]:
    """Minimum levels with `usable`: what the facility can give of the good on that day, and
    `missing`: how much less than the level that is (below zero: more).
    """
    usable = (
        StockItem.objects.filter(facility=OuterRef("facility"), good=OuterRef("good"))
        .filter(on_hand__gt=F("reserved"))
        .filter(Q(expiry_date__isnull=True) | Q(expiry_date__gte=today))
        .order_by()
        .values("good")
        .annotate(units=Sum(F("on_hand") - F("reserved")))
        .values("units")
    )
    found: QuerySet[Any, Any] = MinimumLevel.objects.annotate(
        usable=Coalesce(Subquery(usable), 0), missing=F("quantity") - F("usable")
    )
    return found


def below_minimum(scope: Scope, today: date) -> QuerySet[Any, Any]:
    """The levels of active facilities in a scope that are not reached."""
    if not scope:
        return levels_with_stock(today).none()
    rows = levels_with_stock(today).filter(scope.query("facility__village__code"))
    return rows.filter(missing__gt=0, facility__is_active=True)


def expiring(scope: Scope, today: date, days: int) -> QuerySet[Any, Any]:
    """Batches on hand in active facilities of a scope whose last usable day is within so many days,
    or past.
    """
    rows: QuerySet[Any, Any] = StockItem.objects.filter(
        on_hand__gt=0, expiry_date__lte=today + timedelta(days=days), facility__is_active=True
    )
    return rows.filter(scope.query("facility__village__code")) if scope else rows.none()
