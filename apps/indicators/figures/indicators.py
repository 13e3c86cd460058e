"""Adds published indicators and changes what is said of them."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By
from apps.common.errors import DomainError
from apps.indicators.models import Indicator, Release

# What the figures of releases are in.
LOCKED: Final = ("kind", "unit")


@transaction.atomic
def add_indicator(*, by: By, code: str, **values: Any) -> Indicator:
    """Add a published indicator. Raises: `figures_indicator_exists`."""
    if Indicator.objects.filter(pk=code).exists():
        raise DomainError("figures_indicator_exists", indicator=code)
    made = Indicator.objects.create(code=code, origin=Indicator.Origin.PUBLISHED, **values)
    record.entry(Action.CREATE, about=made, by=by)
    return made


@transaction.atomic
def change_indicator(indicator: Indicator, *, by: By, **values: Any) -> Indicator:
    """Change what is said of a published indicator; figures that are stored stay as they are.

    Raises: `figures_indicator_in_use` for another kind or unit once there are releases.
    """
    indicator = Indicator.objects.select_for_update().get(pk=indicator.pk)
    changed = {
        name: [getattr(indicator, name), value]
        for name, value in values.items()
        if getattr(indicator, name) != value
    }
    if has_releases(indicator) and any(name in changed for name in LOCKED):
        raise DomainError("figures_indicator_in_use", indicator=indicator.name)
    for name, (_before, value) in changed.items():
        setattr(indicator, name, value)
    if changed:
        indicator.save(update_fields=list(changed))
        record.entry(Action.CHANGE, about=indicator, by=by, changed=changed)
    return indicator


def has_releases(indicator: Indicator) -> bool:
    """Whether figures of it were ever stored. Queries: one."""
    return Release.objects.filter(indicator=indicator).exists()
