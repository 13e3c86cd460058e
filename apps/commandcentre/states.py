"""Kinds and states of hazards, levels of urgency, and how a footprint was made."""

from __future__ import annotations

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.states import Moves

# The events of the command centre (`apps.jobs.outbox`).
TOPIC: Final = "commandcentre"


class HazardKind(models.TextChoices):
    """Source: BNPB's kinds of disaster (Perka BNPB 8/2011), and BMKG's weather warnings."""

    EARTHQUAKE = "earthquake", _("Earthquake")
    TSUNAMI = "tsunami", _("Tsunami")
    VOLCANO = "volcano", _("Volcanic eruption")
    FLOOD = "flood", _("Flood")
    LANDSLIDE = "landslide", _("Landslide")
    WEATHER = "weather", _("Extreme weather")
    TIDAL_WAVE = "tidal_wave", _("Tidal wave and abrasion")
    DROUGHT = "drought", _("Drought")
    WILDFIRE = "wildfire", _("Forest and land fire")


class HazardStatus(models.TextChoices):
    """What the source says a message is. Only an actual hazard raises an alarm."""

    ACTUAL = "actual", pgettext_lazy("hazard", "Actual")
    EXERCISE = "exercise", pgettext_lazy("hazard", "Exercise")
    SCENARIO = "scenario", pgettext_lazy("hazard", "Scenario")
    CANCELLED = "cancelled", pgettext_lazy("hazard", "Cancelled by its source")


# A source may correct what it said; a cancelled hazard stays cancelled.
HAZARD_TRANSITIONS: Moves = {
    HazardStatus.ACTUAL: {HazardStatus.EXERCISE, HazardStatus.CANCELLED},
    HazardStatus.EXERCISE: {HazardStatus.ACTUAL, HazardStatus.CANCELLED},
    HazardStatus.SCENARIO: {HazardStatus.CANCELLED},
    HazardStatus.CANCELLED: set(),
}


class AlertLevel(models.TextChoices):
    """The official levels, from the most urgent one."""

    AWAS = "awas", pgettext_lazy("alert level", "Awas")
    SIAGA = "siaga", pgettext_lazy("alert level", "Siaga")
    WASPADA = "waspada", pgettext_lazy("alert level", "Waspada")
    NORMAL = "normal", pgettext_lazy("alert level", "Normal")


class FootprintMethod(models.TextChoices):
    """How the area of a footprint was made."""

    PUBLISHED = "published", _("Area as published by the source")
    GRID = "grid", _("Bands of a published grid of intensities")
    RELATION = "relation", _("Estimated by an intensity relation")
    CIRCLE = "circle", _("Circle, because magnitude or depth is missing")
    DRAWN = "drawn", _("Drawn by an operator")
    NAMED = "named", _("Villages that the source names")


class Measure(models.TextChoices):
    """What the numbers of a band mean."""

    MMI = "mmi", _("Intensity (MMI)")
    DEPTH_M = "depth_m", _("Depth of water (m)")
    INDEX = "index", _("Hazard index (0 to 1)")
    CLASS = "class", _("Class of the source")
