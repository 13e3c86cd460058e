"""Counts whom the present version of a hazard affects, and says how urgent that is."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.exposure import alarm, doubt, needs, worsening
from apps.commandcentre.hazards import notices, tsunami
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.models import (
    AffectedVillage,
    Assessment,
    Footprint,
    Hazard,
    HazardRevision,
)
from apps.commandcentre.states import AlertLevel, HazardKind
from apps.common import sql
from apps.jobs import kinds, work
from apps.registry.models import rules

# The sums of an assessment beside villages, families and persons.
TOTALS: Final = ("families_without_point", "under_five", "elderly", "disability", "birth_unknown")


@kinds.job(ASSESS_HAZARD, label=_("Assessment of a hazard"), queue="hazards")
def run_assessment(lease: work.Lease) -> None:
    """Assess the hazard of a job. A second run makes another assessment of the same numbers."""
    hazard = Hazard.objects.get(pk=lease.job.subject_pk)
    with transaction.atomic():
        assessment = assess(hazard, now=timezone.now())
        lease.timed("assess")
        # no counts of people: pages of work are open to others than those of hazards
        lease.finish(assessment=assessment.pk, village_count=assessment.villages)


def assess(hazard: Hazard, *, now: datetime) -> Assessment:
    """Count whom a hazard affects, and set its level if no newer version came meanwhile.

    Cost: 2,032 villages with 115,824 persons, of a register of 4.8 million, in 0.7 s; 10,076
    villages in 3.9 s (two cores, bench/exposure.py).
    """
    started = time.perf_counter()
    with transaction.atomic():
        assessment = Assessment.objects.create(
            hazard=hazard, revision=hazard.revision, assessed_at=now
        )
        [(editions, villages, families, persons, *rest)] = sql.run(
            "commandcentre/exposure/count_affected",
            {
                "assessment": assessment.pk,
                "hazard": hazard.pk,
                "revision": hazard.revision,
                "day": timezone.localdate(now),
                **rules.group_bounds(),
            },
        )
        *sums, severity, least = rest
        assessment.editions, assessment.villages = editions, villages
        assessment.families, assessment.persons = int(families), int(persons)
        assessment.totals = dict(zip(TOTALS, map(int, sums), strict=True))
        assessment.seconds = round(time.perf_counter() - started, 3)
        assessment.save()
        footprint = Footprint.objects.filter(hazard=hazard, revision=hazard.revision).first()
        measure = footprint.measure if footprint is not None else None
        # what operators did meanwhile is kept
        hazard.refresh_from_db(from_queryset=Hazard.objects.select_for_update())
        if hazard.revision != assessment.revision:
            return assessment  # a newer version came meanwhile: its own assessment sets the level
        version = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision).first()
        level = _level(hazard, version, measure, (severity, least))
        is_odd = bool(doubt.what_is_odd(hazard, version, assessment))
        # what was held back and is let go is not worse than it was
        was_held = is_odd and hazard.level == doubt.HELD_AT
        before = level if was_held else hazard.level
        hazard.level = doubt.held_level(hazard, level) if is_odd else level
        worsening.note_worsening(hazard, assessment, before, now=now)
        if hazard.level not in alarm.ALARMING:
            # one that rises again waits for a person from then on
            hazard.alarmed_at = hazard.escalated_at = None
        if hazard.alarmed_at is None and alarm.is_alarm(hazard):
            hazard.alarmed_at = now
        hazard.save(update_fields=["level", *worsening.FIELDS])
        notices.tell_changed(hazard)
    return assessment


def _level(
    hazard: Hazard,
    version: HazardRevision | None,
    measure: str | None,
    severities: tuple[float | None, ...],
) -> AlertLevel:
    """The level by severity of the area, which counts the weakest band, too: it says nothing of
    villages whose severity is not known. Without an area by the word of the source. A tsunami that
    may follow is an alarm, whoever lives near the epicentre.
    """
    if is_without_area(hazard):
        word = str(version.received.get("severity", "")) if version is not None else ""
        level = alarm.level_without_area(word)
    else:
        level = alarm.most_urgent(
            alarm.level_of(measure, one, from_mmi=settings.ALARM_FROM_MMI) for one in severities
        )
    warns = version is not None and tsunami.is_expected(version.warning)
    return AlertLevel.SIAGA if warns and level not in alarm.ALARMING else level


def is_without_area(hazard: Hazard) -> bool:
    """Whether it is not known where the present version of a hazard is: its source gave no area
    that can be used. An earthquake without an area is too weak for one. Queries: at most one.
    """
    if hazard.kind == HazardKind.EARTHQUAKE and hazard.epicentre is not None:
        return False
    return not Footprint.objects.filter(hazard=hazard, revision=hazard.revision).exists()


def last_assessment(hazard: Hazard) -> Assessment | None:
    """The last assessment of a hazard's present version, else of an earlier one. Queries: one."""
    return hazard.assessments.order_by("-revision", "-assessed_at", "-pk").first()


def in_brief(assessment: Assessment) -> dict[str, Any]:
    """What a command says of an assessment."""
    return {
        "hazard": assessment.hazard_id,
        "revision": assessment.revision,
        "assessment": assessment.pk,
        "village_count": assessment.villages,
        "families": assessment.families,
        "persons": assessment.persons,
        **assessment.totals,
        "editions": assessment.editions,
        "seconds": assessment.seconds,
    }


def village_codes(assessment: Assessment) -> list[str]:
    """The codes of the affected villages, sorted."""
    return list(
        AffectedVillage.objects.filter(assessment=assessment)
        .order_by("village_id")
        .values_list("village_id", flat=True)
    )


def needs_of_villages(assessment_id: int, days: int) -> dict[str, dict[str, int]]:
    """Whole units of each good (by its code) that each village needs for so many days.

    Villages without registered people are left out. Counts all registered people of the village,
    whatever part of it is met.
    """
    rows: QuerySet[Any, Any] = AffectedVillage.objects.filter(
        assessment_id=assessment_id, persons__gt=0
    ).values_list("village_id", *needs.Per)
    found = {}
    for village, *counts in rows:
        found[village] = needs.goods_for(dict(zip(needs.Per, counts, strict=True)), days)
    return found
