"""Hazards with an assessment, for the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.utils import timezone

from apps.commandcentre.models import (
    AffectedVillage,
    Assessment,
    Footprint,
    Hazard,
    HazardRevision,
)
from apps.commandcentre.states import FootprintMethod, HazardKind, Measure
from apps.demo.country import CODES, at
from tests.base import EDITION

AREA = Polygon.from_bbox((*at("C", 0, 0), *at("B", 1, 1)))


def an_assessed_hazard(village: str = "", **values: Any) -> Hazard:
    """An earthquake of four minutes ago over villages A to D, as the worker has assessed it; five
    families with eleven persons live in `village` (A by default).
    """
    now = timezone.now()
    village = village or CODES["A"]
    number = Hazard.objects.count() + 1
    known = {
        "kind": HazardKind.EARTHQUAKE,
        "source": "bmkg",
        "source_id": f"uji-{number}",
        "title": f"Gempa M5.8, uji {number}",
        "occurred_at": now - timedelta(minutes=4),
        "magnitude": 5.8,
        "depth_km": 10.0,
        "epicentre": Point(*at("A"), srid=4326),
        "level": "siaga",
        "first_received_at": now,
        "received_at": now,
    }
    hazard = Hazard.objects.create(**known | values)
    _version(hazard)
    return add_assessment(hazard, village).hazard


def _version(hazard: Hazard) -> None:
    values = {"magnitude": hazard.magnitude, "depth_km": hazard.depth_km, "feed": "tests"}
    HazardRevision.objects.create(
        hazard=hazard, number=hazard.revision, values=values, received_at=hazard.received_at
    )


def add_assessment(hazard: Hazard, village: str) -> Assessment:
    """The band and the assessment of the hazard's present version."""
    band = Footprint.objects.create(
        hazard=hazard,
        revision=hazard.revision,
        measure=Measure.MMI,
        lower=4.5,
        upper=5.5,
        label="MMI V",
        method=FootprintMethod.RELATION,
        relation={"source": "Allen 2012", "spread": [1.1, 0.8], "outside_range": []},
        area=MultiPolygon(AREA, srid=4326),
    )
    totals = {"families_without_point": 1, "under_five": 2, "elderly": 1, "disability": 1}
    assessment = Assessment.objects.create(
        hazard=hazard,
        revision=hazard.revision,
        editions=[EDITION],
        assessed_at=hazard.received_at,
        villages=4,
        families=5,
        persons=11,
        totals=totals | {"birth_unknown": 1},
    )
    for code in sorted({*(CODES[letter] for letter in "ABCD"), village}):
        is_peopled = code == village
        AffectedVillage.objects.create(
            assessment=assessment,
            village_id=code,
            footprint=band,
            severity=4.5,
            share_area=1.0,
            share_families=1.0 if is_peopled else None,
            families=5 * is_peopled,
            families_without_point=1 * is_peopled,
            persons=11 * is_peopled,
            under_five=2 * is_peopled,
            elderly=1 * is_peopled,
            disability=1 * is_peopled,
            birth_unknown=1 * is_peopled,
        )
    return assessment


def revise(hazard: Hazard, magnitude: float) -> None:
    """The next version of an event, not assessed yet."""
    hazard.revision, hazard.magnitude = hazard.revision + 1, magnitude
    hazard.save(update_fields=["revision", "magnitude"])
    _version(hazard)
