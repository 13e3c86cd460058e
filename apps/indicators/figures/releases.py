"""Which release of an indicator and a period is in force, and the history of those that were."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.indicators.models import Release


def current_of(release: Release) -> Release | None:
    """The release in force of the same indicator and period."""
    same = Release.objects.filter(
        indicator=release.indicator_id,
        period=release.period,
        period_start=release.period_start,
        is_current=True,
    )
    return same.first()


def former_of(release: Release) -> Release | None:
    """The release with which a new one is compared: in force for its period, else the latest."""
    others = Release.objects.filter(
        indicator=release.indicator_id, is_current=True, level=release.level
    )
    same = others.filter(period=release.period, period_start=release.period_start).first()
    return same or others.exclude(pk=release.pk).order_by("-period_start", "-pk").first()


def is_in_force(release: Release) -> bool:
    """Whether the same figures, of the same source, are in force already.

    A day of publication or a date of codes that is not named says nothing against those in force.
    """
    current = current_of(release)
    return (
        current is not None
        and current.sha256 == release.sha256
        and current.source == release.source
        and release.published_date in (None, current.published_date)
        and release.vintage in ("", current.vintage)
    )


@transaction.atomic
def put_in_force(release: Release, *, by: By, now: datetime) -> Release:
    """Put a release in force, in the place of the one of its period; that one stays as history.

    A former release may be put back. Raises: `figures_released_already`.
    """
    locks.hold_text(Lock.RELEASE, release.indicator_id)
    release.refresh_from_db()
    if release.is_current:
        raise DomainError("figures_released_already")
    former = current_of(release)
    if former is not None:
        Release.objects.filter(pk=former.pk).update(is_current=False)
    release.is_current, release.current_since = True, now
    actor = describe_actor(by)
    release.current_by = (actor.name or actor.key or record.origin().actor_name)[:200]
    release.save(update_fields=["is_current", "current_since", "current_by"])
    record.entry(
        Action.CHANGE,
        about=release,
        by=by,
        step="in_force",
        former=former.pk if former is not None else None,
    )
    return release
