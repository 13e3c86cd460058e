"""Facilities, goods and stock of the tests, in the toy country."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.gis.geos import Point

from apps.audit.subjects import command
from apps.commandcentre.models import Facility, Good, Responder, StockItem
from apps.commandcentre.resources import stock_ledger
from apps.commandcentre.resources.stock_ledger import StockBatch
from apps.demo.country import CODES
from tests.base import NOW

BY = command("tests")


def facility(name: str = "Lumbung Ampel", home: str = "A", **values: Any) -> Facility:
    known = {
        "kind": Facility.Kind.LUMBUNG,
        "location": Point(110.005, -7.765, srid=4326),
        "village_id": CODES[home],
        "updated_at": NOW,
    }
    return Facility.objects.create(name=name, **known | values)


def good(code: str = "blanket") -> Good:
    return Good.objects.get(code=code)


def stocked(
    where: Facility, quantity: int, code: str = "blanket", *, expires: date | None = None
) -> StockItem:
    """A batch with so many units."""
    batch = StockBatch(good(code), f"until {expires}", expires)
    return stock_ledger.receive(facility=where, batch=batch, quantity=quantity, by=BY, now=NOW).item


def responder(name: str = "Relawan Satu", home: str = "A", **values: Any) -> Responder:
    known = {"kind": Responder.Kind.TAGANA, "phone": "081200000001", "updated_at": NOW}
    return Responder.objects.create(name=name, village_id=CODES[home], **known | values)
