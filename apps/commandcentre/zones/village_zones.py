"""Each village's class by the current editions of zones."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Max, Q

from apps.commandcentre.models import VillageZone, ZoneClass, ZoneEdition
from apps.common import locks, sql
from apps.common.locks import Lock
from apps.regions.models import BoundaryEdition

# Of a village's area. Borders of villages and of zones are drawn by different sources.
LEAST_SHARE: Final = 1e-6


@dataclass(frozen=True)
class Proneness:
    """The class of a village, and the share of its area in any class."""

    hazard_class: ZoneClass
    share: float
    edition: str


def classify(edition: ZoneEdition) -> int:
    """Compute the classes of villages by an edition; returns how many villages it meets."""
    VillageZone.objects.filter(edition=edition).delete()
    villages = sql.scalar(
        "commandcentre/zones/classify_villages",
        {"edition": edition.pk, "least_share": LEAST_SHARE},
    )
    edition.boundaries_at = _boundaries_at()
    edition.save(update_fields=["boundaries_at"])
    return int(villages)


def refresh() -> int:
    """Compute the classes again where the boundaries changed; returns how many editions had to be.

    For workers. Queries: two where nothing changed.
    """
    at = _boundaries_at()
    stale = ZoneEdition.objects.filter(is_current=True).exclude(Q(boundaries_at=at))
    if not stale.exists():
        return 0
    with transaction.atomic():
        locks.hold(Lock.ZONES)
        editions = list(stale)
        for edition in editions:
            classify(edition)
    return len(editions)


def _boundaries_at() -> datetime | None:
    """When the boundaries in force came into force."""
    at: datetime | None = BoundaryEdition.objects.aggregate(at=Max("activated_at"))["at"]
    return at


def proneness_of(kind: str, codes: Collection[str]) -> dict[str, Proneness]:
    """The highest class of each of these villages for a kind of hazard. Queries: one."""
    rows = (
        VillageZone.objects.filter(
            edition__is_current=True, edition__kind=kind, village__in=list(codes)
        )
        .select_related("edition")
        .order_by("hazard_class", "share_any")
    )
    return {
        row.village_id: Proneness(ZoneClass(row.hazard_class), row.share_any, str(row.edition))
        for row in rows
    }
