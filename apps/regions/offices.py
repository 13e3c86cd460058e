"""Positions of the village offices. A point on an office is rarely a family's house."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib.gis.geos import Point
from django.db import transaction

from apps.common.geo import SRID
from apps.regions.models import Region


@transaction.atomic
def set_offices(offices: Mapping[str, tuple[float, float]]) -> int:
    """Set the office of each region code from (longitude, latitude); returns how many are known."""
    known = list(Region.objects.filter(code__in=list(offices)))
    for region in known:
        region.office = Point(*offices[region.code], srid=SRID)
    Region.objects.bulk_update(known, ["office"], batch_size=1000)
    return len(known)
