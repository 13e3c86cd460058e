"""Pusdatin's view of the system: active boundaries; jobs that run, wait or stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import may, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.jobs.models import Job, JobStatus
from apps.regions.models import BoundaryEdition, EditionStatus
from portal.page_addresses import list_address


@dataclass(frozen=True)
class Fact:
    """A number, or a name, with the page that lists what it counts."""

    label: Any
    value: Any
    url: str
    note: str = ""


def system_status(user: User) -> list[Fact]:
    """Queries: two; none for the regional chain."""
    if not scope_of(user, Permission.VIEW_JOB, Permission.VIEW_EDITION).is_national:
        return []
    return [*_editions(user), *_jobs(user)]


def _editions(user: User) -> list[Fact]:
    if not (may(user, Permission.VIEW_EDITION) or may(user, Permission.MANAGE_EDITION)):
        return []
    counts = dict(BoundaryEdition.objects.values_list("status").annotate(Count("pk")).order_by())
    address = list_address("regions.BoundaryEdition")
    labels = {
        EditionStatus.ACTIVE: _("Boundary editions in force"),
        EditionStatus.READY: _("Boundary editions ready to activate"),
    }
    return [
        Fact(label, counts.get(status.value, 0), f"{address}?status__exact={status.value}")
        for status, label in labels.items()
    ]


def _jobs(user: User) -> list[Fact]:
    if not (may(user, Permission.VIEW_JOB) or may(user, Permission.MANAGE_JOB)):
        return []
    counts = dict(Job.objects.values_list("status").annotate(Count("pk")).order_by())
    address = list_address("jobs.Job")
    labels = {
        JobStatus.RUNNING: _("Jobs running"),
        JobStatus.WAITING: _("Jobs waiting"),
        JobStatus.FAILED: _("Jobs that stopped"),
    }
    return [
        Fact(label, counts.get(status.value, 0), f"{address}?status__exact={status.value}")
        for status, label in labels.items()
    ]
