"""Whether a hazard that was taken on, or closed, became worse: then it waits for a person again.

It became worse where its level rose, or where registered people live in villages that the former
version did not meet so strongly. What changed is kept with the hazard, for the board to say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor
from apps.commandcentre import shift_log
from apps.commandcentre.exposure import alarm
from apps.commandcentre.models import AffectedVillage, Assessment, Footprint, Hazard
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.states import AlertLevel

ACTOR: Final = Actor("system", "assessment")
FIELDS: Final = (
    *("worsened_at", "worsening", "closed_at", "closed_by"),
    *("acknowledged_at", "acknowledged_by", "alarmed_at", "escalated_at"),
)


def note_worsening(
    hazard: Hazard, assessment: Assessment, level_before: str, *, now: datetime
) -> bool:
    """Bring a hazard back to the board, and make it an alarm again, if it became worse since its
    former assessment. The caller holds its row and stores FIELDS. Queries: none for a hazard that
    is open and waits for a person, else seven. The log of the shift has a line about it.
    """
    is_quiet = hazard.acknowledged_at is not None or hazard.closed_at is not None
    former = hazard.assessments.exclude(pk=assessment.pk).order_by("-revision", "-pk").first()
    if not is_quiet or former is None or not alarm.is_news(hazard):
        return False
    has_risen = _rank(hazard.level) < _rank(level_before)
    villages = _newly_met(former, assessment) if hazard.level in alarm.ALARMING else 0
    if not has_risen and not villages:
        return False
    if hazard.closed_at is None and hazard.level not in alarm.ALARMING:
        return False
    hazard.worsened_at = now
    hazard.worsening = {
        "before": level_before,
        "now": hazard.level,
        "villages": villages,
        "was_closed": hazard.closed_at is not None,
    }
    hazard.closed_at = hazard.closed_by = None
    hazard.acknowledged_at = hazard.acknowledged_by = None
    hazard.alarmed_at, hazard.escalated_at = None, None
    record.entry(Action.DECIDE, about=hazard, by=ACTOR, step="worsened", **hazard.worsening)
    shift_log.add_entry(
        ShiftEntryKind.WORSENED,
        by=None,
        now=now,
        hazard=hazard,
        worsening=hazard.worsening,
        actor=ACTOR,
    )
    return True


def describe_worsening(hazard: Hazard) -> str:
    """What became worse, and when; "" if nothing did."""
    if hazard.worsened_at is None:
        return ""
    return describe_change(hazard.worsening, hazard.worsened_at)


def describe_change(told: Mapping[str, Any], at: datetime) -> str:
    """The same of one line in the log of the shift."""
    parts = []
    if _rank(told["now"]) < _rank(told["before"]):
        levels = dict(AlertLevel.choices)
        words = {"before": levels.get(told["before"], "–"), "now": levels.get(told["now"], "–")}
        parts.append(_("%(before)s → %(now)s") % words)
    if villages := told["villages"]:
        said = ngettext(
            "%(n)s more village with registered people",
            "%(n)s more villages with registered people",
            villages,
        )
        parts.append(said % {"n": villages})
    begin = (
        _("Back on the board at %(at)s: worse than when it was closed")
        if told["was_closed"]
        else _("Worse since %(at)s")
    )
    clock = date_format(localtime(at), "H.i")
    return f"{begin % {'at': clock}}: {', '.join(parts)}"


def _rank(level: str) -> int:
    """0 is the most urgent level; a hazard that was not assessed is below all."""
    known = list(AlertLevel)
    return known.index(AlertLevel(level)) if level else len(known)


def _newly_met(former: Assessment, assessment: Assessment) -> int:
    """In how many villages with registered people the hazard is strong enough for an alarm that
    were not so in the former assessment.
    """
    before = _alarmed(former).values("village")
    return _alarmed(assessment).exclude(village__in=before).count()


def _alarmed(assessment: Assessment) -> Any:
    bands = Footprint.objects.filter(hazard=assessment.hazard, revision=assessment.revision)
    strong = [
        lower
        for measure, lower in bands.values_list("measure", "lower")
        if alarm.level_of(measure, lower, from_mmi=settings.ALARM_FROM_MMI) in alarm.ALARMING
    ]
    return AffectedVillage.objects.filter(assessment=assessment, persons__gt=0, severity__in=strong)
