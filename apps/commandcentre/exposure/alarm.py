"""How urgent a hazard is, by its severity on villages with registered people.

The levels are the official words (Awas, Siaga, Waspada, Normal); the bounds are ours, except the
first intensity that raises an alarm, which is a setting.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.db.models import F, Q

from apps.commandcentre.models import Hazard
from apps.commandcentre.states import AlertLevel, HazardStatus, Measure

# From VII on buildings are damaged; below, things fall and people are afraid.
AWAS_MMI: Final = 7
# PetaBencana's states: 10–70 cm, 71–150 cm, above.
AWAS_DEPTH_M: Final = 1.5
SIAGA_DEPTH_M: Final = 0.7
# InaRISK's classes of its index: low, medium, high.
AWAS_INDEX: Final = 0.666
SIAGA_INDEX: Final = 0.333
# CAP's severities: 1 minor, 2 moderate, 3 severe, 4 extreme.
AWAS_CLASS: Final = 4
SIAGA_CLASS: Final = 3
# The number of a band whose severity is not known, whatever is measured; no other band has it.
UNKNOWN: Final = 0
HALF: Final = 0.5
# Levels that wait for a person. An event that is told later than this is no news: no alarm.
ALARMING: Final = (AlertLevel.AWAS, AlertLevel.SIAGA)
OF_SEVERITY: Final = {"Extreme": AlertLevel.AWAS, "Severe": AlertLevel.SIAGA}
NEWS_WITHIN: Final = timedelta(hours=24)


def is_alarm(hazard: Hazard) -> bool:
    """Whether a hazard waits for a person: actual, urgent, told in time, not taken on."""
    return (
        is_news(hazard)
        and hazard.level in ALARMING
        and hazard.acknowledged_at is None
        and hazard.closed_at is None
    )


def waiting() -> Q:
    """The hazards of which `is_alarm` is true."""
    return Q(
        status=HazardStatus.ACTUAL,
        first_received_at__lte=F("occurred_at") + NEWS_WITHIN,
        level__in=ALARMING,
        acknowledged_at__isnull=True,
        closed_at__isnull=True,
    )


def is_news(hazard: Hazard) -> bool:
    """Whether a hazard is actual and was told in time."""
    return (
        hazard.status == HazardStatus.ACTUAL
        and hazard.first_received_at - hazard.occurred_at <= NEWS_WITHIN
    )


def level_of(measure: str | None, severity: float | None, *, from_mmi: int) -> AlertLevel:
    """The level of a hazard whose strongest band on a village with registered people is this.

    `severity` is None where no such village is met. `from_mmi` is the first intensity that raises
    an alarm; a band begins half a degree below its number.
    """
    if severity is None or measure is None:
        return AlertLevel.NORMAL
    if severity == UNKNOWN:
        return AlertLevel.SIAGA  # nothing is known but the place
    if measure == Measure.MMI:
        return _graded(severity + HALF, float(max(AWAS_MMI, from_mmi)), float(from_mmi))
    if measure == Measure.DEPTH_M:
        return _graded(severity, AWAS_DEPTH_M, SIAGA_DEPTH_M)
    if measure == Measure.INDEX:
        return _graded(severity, AWAS_INDEX, SIAGA_INDEX)
    return _graded(severity, AWAS_CLASS, SIAGA_CLASS)


def most_urgent(levels: Iterable[AlertLevel]) -> AlertLevel:
    """The first of some levels in their order."""
    return min(levels, key=list(AlertLevel).index)


def level_without_area(severity_name: str) -> AlertLevel:
    """The level of a hazard of which no area is known, by the word of its source (CAP 1.2): it is
    not known whom it affects, so that it is never `NORMAL`.
    """
    return OF_SEVERITY.get(severity_name, AlertLevel.WASPADA)


def _graded(value: float, awas: float, siaga: float) -> AlertLevel:
    if value >= awas:
        return AlertLevel.AWAS
    return AlertLevel.SIAGA if value >= siaga else AlertLevel.WASPADA
