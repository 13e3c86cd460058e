"""Removes the villages of former assessments: a warning that is updated all day long has thousands
of rows at each update. The sums of an assessment stay.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from apps.commandcentre.models import AffectedVillage, Assessment, Plan, SituationReport

# So long the villages of every assessment stay.
KEPT: Final = timedelta(days=7)
# Assessments at once: each may have ten thousand villages.
AT_ONCE: Final = 50


def sweep(*, now: datetime) -> int:
    """Remove the villages of assessments that are older than KEPT, are not the last one of their
    hazard, and that no plan and no issued report rests on. Returns how many rows.

    For workers. Queries: one where there is nothing to remove, else two for AT_ONCE assessments.
    """
    removed = 0
    while numbers := list(_former(now).values_list("pk", flat=True)[:AT_ONCE]):
        removed += AffectedVillage.objects.filter(assessment__in=numbers).delete()[0]
    return removed


def _former(now: datetime) -> QuerySet[Assessment, Assessment]:
    own = Assessment.objects.filter(hazard=OuterRef("hazard"))
    last = own.order_by("-revision", "-assessed_at", "-pk").values("pk")[:1]
    return (
        Assessment.objects.filter(assessed_at__lt=now - KEPT)
        .filter(Exists(AffectedVillage.objects.filter(assessment=OuterRef("pk"))))
        .exclude(pk=Subquery(last))
        .exclude(Exists(Plan.objects.filter(assessment=OuterRef("pk"))))
        .exclude(Exists(SituationReport.objects.filter(assessment=OuterRef("pk"))))
        .order_by("pk")
    )
