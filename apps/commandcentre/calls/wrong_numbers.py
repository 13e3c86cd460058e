"""Responders whose number was wrong when they were called, until their file says another."""

from __future__ import annotations

from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from apps.commandcentre.models import Call, Responder
from apps.commandcentre.models.call import CallOutcome


def wrong_numbers() -> QuerySet[Any, Any]:
    """Those whose last call, about whatever hazard, met a wrong number, and whom no file has
    changed since.
    """
    met = Call.objects.filter(outcome=CallOutcome.WRONG_NUMBER).values("responder")
    last = Call.objects.filter(responder=OuterRef("pk")).order_by("-at", "-pk")
    rows: QuerySet[Any, Any] = Responder.objects.filter(pk__in=met).annotate(
        last_outcome=Subquery(last.values("outcome")[:1]), called_at=Subquery(last.values("at")[:1])
    )
    return rows.filter(last_outcome=CallOutcome.WRONG_NUMBER, called_at__gt=F("updated_at"))
