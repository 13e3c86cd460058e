"""Finds what an operator names for a line of a plan: a source and a village, by name or number."""

from __future__ import annotations

from django.db.models import Q

from apps.commandcentre.models import Facility, Plan
from apps.common.errors import DomainError
from apps.regions.models import Region


def find_source(text: str) -> Facility:
    """The active facility of this reference, or of this name.

    Raises: `plan_source_unknown`, `plan_source_several`. Queries: at most two.
    """
    wanted = text.strip()
    active = Facility.objects.filter(is_active=True)
    own = active.filter(reference=wanted).exclude(reference="").first()
    if own is not None:
        return own
    named = list(active.filter(name__iexact=wanted).order_by("pk")[:2])
    if not named:
        raise DomainError("plan_source_unknown", text=wanted[:80])
    if len(named) > 1:
        raise DomainError("plan_source_several", text=wanted[:80])
    return named[0]


def find_village(plan: Plan, text: str) -> str:
    """The code of a village that needs something in a plan, of this code or this name.

    Raises: `plan_village_unknown`, `plan_village_several`. Queries: one.
    """
    wanted = text.strip()
    needing = Region.objects.filter(pk__in=plan.needs.values("village"))
    found = needing.filter(Q(pk=wanted) | Q(name__iexact=wanted)).order_by("pk")
    codes = list(found.values_list("pk", flat=True)[:2])
    if not codes:
        raise DomainError("plan_village_unknown", text=wanted[:80])
    if len(codes) > 1:
        raise DomainError("plan_village_several", text=wanted[:80])
    return str(codes[0])
