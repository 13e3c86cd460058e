"""The lists of facilities and of their stock: filter, orders, what the page of one shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import BigIntegerField, ExpressionWrapper, F
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope
from apps.commandcentre.models import Facility, Good, StockItem, StockMovement
from apps.commandcentre.resources import minimum_levels
from apps.regions.region_filter import region
from apps.ui import filters
from apps.ui.paging import NEWEST_FIRST, Order, read_page

BY_NAME: Final = Order.by("name", "pk")
EMPTIEST_FIRST: Final = Order.by("percent", "pk")
SOONEST_FIRST: Final = Order.by("expiry_date", "pk")
LINES_AT_ONCE: Final = 25
# As the ledger names a count by file (`resources/insert_counts.sql`) and a shipment of a plan.
COUNT: Final = "count"
_SHIPMENT: Final = re.compile(r"commandcentre\.Shipment:(\d+)")


@dataclass(frozen=True)
class FacilityFilter(filters.Filter):
    """Which facilities."""

    kind: str = filters.choice(Facility.Kind, label=_("kind"), column="kind")
    region: str = region(label=_("region"), column="village__code")


@dataclass(frozen=True)
class StockFilter(filters.Filter):
    """Of which facilities, and of which good: minimum levels or batches."""

    kind: str = filters.choice(Facility.Kind, label=_("kind"), column="facility__kind")
    region: str = region(label=_("region"), column="facility__village__code")
    good: int | None = filters.number(label=_("good"), column="good_id")


def below_minimum(scope: Scope, today: date) -> Any:
    """Levels that are not reached, with `percent`: whole per cent of the level that is there."""
    share = ExpressionWrapper(F("usable") * 100 / F("quantity"), output_field=BigIntegerField())
    rows: Any = minimum_levels.below_minimum(scope, today).annotate(percent=share)
    return rows.select_related("facility", "good", "facility__village")


def shown(facility: Facility, params: QueryDict, today: date) -> dict[str, Any]:
    """The context of the page of one facility. Queries: six."""
    movements: Any = StockMovement.objects.filter(item__facility=facility)
    batches: Any = StockItem.objects.filter(facility=facility, on_hand__gt=0)
    levels: Any = minimum_levels.levels_with_stock(today).filter(facility=facility)
    page = read_page(
        movements.select_related("item__good"),
        NEWEST_FIRST,
        params,
        known=movements,
        size=LINES_AT_ONCE,
    )
    return {
        "facility": facility,
        "batches": list(
            batches.select_related("good").order_by(
                "good__name", F("expiry_date").asc(nulls_last=True), "pk"
            )
        ),
        "levels": list(levels.select_related("good").order_by("good__name")),
        "goods": list(Good.objects.order_by("name")),
        "page": page,
        "lines": [(line, purpose_words(line.purpose)) for line in page.rows],
        "today": today,
    }


def purpose_words(purpose: str) -> str:
    """What a movement was for: a count, a plan's shipment, or words."""
    if purpose == COUNT:
        return gettext("stock count")
    if found := _SHIPMENT.fullmatch(purpose):
        return gettext("shipment %(number)s of a plan") % {"number": found[1]}
    return purpose or "–"
