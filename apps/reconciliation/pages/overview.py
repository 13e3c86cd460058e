"""A steward's overview: each source with its last and next delivery, runs, and open work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope, may, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.reconciliation.clerical import queue
from apps.reconciliation.linkage.summary import named
from apps.reconciliation.models import (
    IS_BLIND,
    OWN_SOURCES,
    Conflict,
    Dataset,
    Pairing,
    RecordPair,
    Run,
    Source,
)
from apps.reconciliation.states import ConflictStatus, DatasetStatus, PairStatus, RunStatus

RECENT: Final = 20


@dataclass(frozen=True)
class Delivery:
    """A source, its last loaded delivery and the day on which the next one is due."""

    source: Source
    last: Dataset | None
    due: date | None
    is_late: bool


@dataclass(frozen=True)
class Wait:
    """A count and the page that shows the counted items; without a page it is not a link."""

    label: Any
    count: int
    url: str
    about: str = ""


def sources(today: date) -> list[Delivery]:
    """Every source with deliveries, by name. Queries: two."""
    last = Dataset.objects.filter(source=OuterRef("pk"), status=DatasetStatus.LOADED)
    listed = Source.objects.exclude(pk__in=OWN_SOURCES).order_by("name")
    found = list(listed.annotate(last_id=Subquery(last.order_by("-number").values("pk")[:1])))
    datasets = Dataset.objects.in_bulk([one.last_id for one in found if one.last_id])
    return [_delivery(one, datasets.get(one.last_id), today) for one in found]


def _delivery(source: Source, last: Dataset | None, today: date) -> Delivery:
    due = last.as_of + timedelta(days=source.refresh_days) if last else None
    return Delivery(source, last, due, due is not None and due < today)


def recent_runs(scope: Scope) -> list[Run]:
    """The newest runs. Queries: one."""
    listed = Run.objects.within(scope).select_related(
        "pairing__left", "pairing__right", "left", "right"
    )
    return list(listed.order_by("-pk")[:RECENT])


def waits(user: User) -> list[Wait]:
    """The user's open work, each line with a link to it. Queries: three at most."""
    lines = [*reviews(user), *_stopped(user), *_conflicts(user)]
    return [line for line in lines if line.count]


def reviews(user: User) -> list[Wait]:
    """The number of pairs that wait for this user's answer, by pairing.

    It equals the length of the linked queue (`queue.queue_position`). Queries: two, none for a user
    who reviews nothing.
    """
    if not may(user, Permission.REVIEW_PAIR):
        return []
    waiting = (
        RecordPair.objects.within(scope_of(user, Permission.REVIEW_PAIR))
        .filter(Q(status=PairStatus.REVIEW) | IS_BLIND, until__isnull=True)
        .order_by()
        .values("pairing")
        .distinct()
    )
    pairings = Pairing.objects.filter(pk__in=waiting).select_related("left", "right")
    known = list(pairings.order_by("pk"))
    places = queue.queue_positions([one.pk for one in known], user) if known else {}
    return [
        Wait(
            _("Pairs to review"),
            places[one.pk].waiting,
            f"{reverse('reconciliation:review')}?pairing={one.pk}",
            named(one),
        )
        for one in known
        if places[one.pk].waiting
    ]


def _stopped(user: User) -> list[Wait]:
    if not may(user, Permission.RUN_LINKAGE):
        return []
    stopped = Run.objects.filter(status=RunStatus.STOPPED).select_related(
        "pairing__left", "pairing__right"
    )
    return [
        Wait(
            _("Run stopped by a circuit breaker"),
            1,
            reverse("reconciliation:run", args=[run.pk]),
            named(run.pairing),
        )
        for run in stopped.order_by("-pk")[:RECENT]
    ]


def _conflicts(user: User) -> list[Wait]:
    scope = scope_of(user, Permission.VIEW_CONFLICT)
    if not scope:
        return []
    counts = dict(
        Conflict.objects.within(scope)
        .filter(status__in=[ConflictStatus.OPEN, ConflictStatus.ANSWERED])
        .order_by()
        .values_list("status")
        .annotate(Count("pk"))
    )
    address = reverse("reconciliation:questions")
    return [
        Wait(label, counts.get(status.value, 0), f"{address}?status={status.value}")
        for status, label in (
            (ConflictStatus.ANSWERED, _("Answers to take over")),
            (ConflictStatus.OPEN, _("Questions that wait for the regencies")),
        )
    ]
