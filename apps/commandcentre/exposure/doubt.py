"""Whether a feed tells of a hazard that can hardly be as it is told: it is no alarm before an
operator has looked at it.

One wrong message must not alarm the whole country. What operators enter or upload is theirs, and an
earthquake whose source warns of a tsunami is believed.
"""

from __future__ import annotations

from typing import Final

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.commandcentre.exposure import alarm
from apps.commandcentre.hazards import event_files, layer_import, scenarios, tsunami
from apps.commandcentre.models import Assessment, Hazard, HazardRevision
from apps.commandcentre.states import AlertLevel

# Sources through which operators enter hazards.
ENTERED: Final = frozenset((scenarios.SOURCE, layer_import.SOURCE, event_files.SOURCE))
# Source: USGS, earthquake of Valdivia in 1960, the greatest that was ever measured.
GREATEST_MAGNITUDE: Final = 9.5
# More than Java has (25,271), and more than a third of the country.
MOST_VILLAGES: Final = 30_000
# Not urgent, and not nothing.
HELD_AT: Final = AlertLevel.WASPADA


def describe_doubt(
    hazard: Hazard, version: HazardRevision | None, assessment: Assessment | None
) -> str:
    """What an operator has to look at before a hazard is an alarm; "" if nothing is odd, if
    somebody took it on or answers for it, or if it is closed. Queries: none.
    """
    is_open = hazard.closed_at is None
    return what_is_odd(hazard, version, assessment) if is_open and _waits(hazard) else ""


def held_level(hazard: Hazard, level: AlertLevel) -> AlertLevel:
    """The level of an odd hazard: no alarm before somebody took it on or answers for it."""
    return HELD_AT if _waits(hazard) and level in alarm.ALARMING else level


def is_held(hazard: Hazard) -> bool:
    """Whether a hazard is no alarm only because it is odd. Queries: two at most."""
    if hazard.level != HELD_AT or not _waits(hazard):
        return False
    version = hazard.revisions.filter(number=hazard.revision).first()
    last = hazard.assessments.order_by("-revision", "-assessed_at", "-pk").first()
    return bool(what_is_odd(hazard, version, last))


def _waits(hazard: Hazard) -> bool:
    return hazard.acknowledged_at is None and hazard.assigned_to_id is None


def what_is_odd(
    hazard: Hazard, version: HazardRevision | None, assessment: Assessment | None
) -> str:
    """What can hardly be as it is told; "" if nothing is. Queries: none."""
    if hazard.source in ENTERED or not alarm.is_news(hazard) or version is None:
        return ""
    if tsunami.is_expected(version.warning):
        return ""
    if hazard.magnitude is not None and hazard.magnitude > GREATEST_MAGNITUDE:
        return _("no earthquake above magnitude %(most)s was ever measured") % {
            "most": number_format(GREATEST_MAGNITUDE, 1)
        }
    if assessment is None or assessment.revision != hazard.revision:
        return ""
    if assessment.villages > MOST_VILLAGES:
        return _("its area meets %(villages)s villages") % {
            "villages": number_format(assessment.villages, force_grouping=True)
        }
    if not assessment.villages and version.received.get("too_wide"):
        return _("its source gave an area as wide as a part of the world")
    return ""
