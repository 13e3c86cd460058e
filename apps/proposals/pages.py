"""What the pages of batches, proposals and decrees show, the admin's and the officers'."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Left, Length
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.access import Scope, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common import numbers
from apps.proposals import cycles
from apps.proposals.models import Batch, BatchQuerySet, Proposal
from apps.proposals.states import BatchStatus, ProposalStatus
from apps.proposals.steps import sender_scope
from apps.regions.models import COUNTRY, Region, RegionQuerySet, prefix_of

CODE = re.compile(r"^[0-9][0-9.]{1,12}$")
MOST_PLACES = 20
PAGE = 50
REGENCY_LENGTH = 5
ANCESTORS = "parent__parent__parent"


@dataclass(frozen=True)
class Place:
    """A region with its whole path, for a choice."""

    code: str
    path: str

    @classmethod
    def of(cls, region: Region) -> Place:
        """Named with its ancestors ("Sidomulyo — Godean, Sleman, DI Yogyakarta").

        Queries: none when the ancestors were selected with it.
        """
        above = []
        parent = region.parent
        while parent is not None and parent.code != COUNTRY:
            above.append(parent.name)
            parent = parent.parent
        return cls(region.code, f"{region.name} — {', '.join(above)}" if above else region.name)


def decimal(text: Any) -> float | None:
    """A number as it was typed, with a point or a comma."""
    return numbers.decimal(str(text))


def regions_of(scope: Scope) -> RegionQuerySet:
    """The regions in force inside a scope, with their ancestors."""
    if not scope:
        return Region.objects.none()
    today = timezone.localdate()
    return Region.objects.at(today).filter(scope.query("code")).select_related(ANCESTORS)


def places(asked: str, scope: Scope, *, level: str | None = None) -> list[Place]:
    """Regions of a scope whose name contains, or whose code starts with, what was typed.

    At most 20, of one level where it is named. Queries: one. The widest regions come first.
    """
    asked = asked.strip()
    if CODE.match(asked):
        wanted = Q(code__startswith=asked)
    elif len(asked) > 2:
        wanted = Q(name__icontains=asked)
    else:
        return []
    if level is not None:
        wanted &= Q(level=level)
    found = regions_of(scope).filter(wanted).order_by(Length("code"), "name", "code")
    return [Place.of(region) for region in found[:MOST_PLACES]]


def place(chosen: str, typed: str, scope: Scope) -> Place | None:
    """The region that a form named: by a chosen code, or by typed text that fits only one."""
    regions = regions_of(scope)
    region = regions.filter(code=chosen or typed.strip()).first()
    if region is not None:
        return Place.of(region)
    found = places(typed, scope) if not chosen else []
    return found[0] if len(found) == 1 else None


def only_place(scope: Scope) -> Place | None:
    """The one region of a scope that is one region: nobody searches for their own office."""
    codes = [prefix or COUNTRY for prefix in scope.prefixes]
    region = regions_of(scope).filter(code__in=codes).first() if len(codes) == 1 else None
    return Place.of(region) if region is not None else None


def own_places(scope: Scope) -> list[Place]:
    """The regions of a scope, where they are so few that they are chosen, not searched."""
    if scope.is_national or not 1 < len(scope.prefixes) <= MOST_PLACES:
        return []
    return [Place.of(one) for one in regions_of(scope).filter(code__in=scope.prefixes)]


def accepted_by_regency(region_code: str, scope: Scope) -> list[tuple[str, str, int]]:
    """(code, name, accepted rows) of each regency under a region where some wait.

    Queries: two.
    """
    rows = Proposal.objects.within(scope).filter(status=ProposalStatus.ACCEPTED)
    if region_code:
        rows = rows.filter(village__code__startswith=prefix_of(region_code))
    counts = dict(
        rows.order_by()
        .values_list(Left("village_id", REGENCY_LENGTH))
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
    return [(code, str(names.get(code, code)), count) for code, count in counts.items()]


def in_hand(user: User) -> BatchQuerySet:
    """The batches that a person looks after: one's own, and those of one's office's region."""
    office = sender_scope(user)
    query = Q(user=user)
    if office:
        query |= office.query("region__code")
    return Batch.objects.within(scope_of(user, Permission.UPLOAD_BATCH)).filter(query)


# What a batch waits for, as lists filter by it and the home page counts it.
WAITS: dict[str, Any] = {
    "asking": gettext_lazy("waits for an answer"),
    "held": gettext_lazy("rows to fix"),
    "ready": gettext_lazy("ready to submit"),
    "failed": gettext_lazy("stopped"),
}


def waits(name: str) -> Q:
    """The batches that wait for this today."""
    if name == "held":
        return cycles.mendable(timezone.localdate()) & Q(counts__held__gt=0)
    if name == "ready":
        return Q(status=BatchStatus.READY, counts__ready__gt=0)
    return Q(status=BatchStatus.ASKING if name == "asking" else BatchStatus.FAILED)


# A batch whose check has ended well shows its findings; before that, its progress.
CHECKED = (BatchStatus.READY, BatchStatus.SUBMITTED, BatchStatus.CLOSED)


@dataclass(frozen=True)
class Page:
    """One page of a list, newest first: keys to go on from, where there is more."""

    rows: list[Batch]
    newer: int | None
    older: int | None


def page_of(batches: BatchQuerySet, *, older_than: int = 0, newer_than: int = 0) -> Page:
    """At most 50 batches, from a key on. Queries: at most two."""
    batches = batches.select_related("region", "user", "agency", "cycle").order_by("-pk")
    if newer_than:
        rows = list(batches.filter(pk__gt=newer_than).order_by("pk")[: PAGE + 1])
        has_newer, has_older, rows = len(rows) > PAGE, True, rows[:PAGE][::-1]
    else:
        wanted = batches.filter(pk__lt=older_than) if older_than else batches
        rows = list(wanted[: PAGE + 1])
        has_newer, has_older, rows = bool(older_than), len(rows) > PAGE, rows[:PAGE]
    return Page(
        rows,
        rows[0].pk if rows and has_newer else None,
        rows[-1].pk if rows and has_older else None,
    )


def submitted_of(batches: Sequence[Batch]) -> dict[int, tuple[int, int]]:
    """By batch: rows that are still ready, rows that are submitted. Queries: one."""
    open_ones = [batch.pk for batch in batches if batch.status == BatchStatus.READY]
    drafts = Proposal.objects.filter(batch__in=open_ones, status=ProposalStatus.DRAFT)
    left = dict(drafts.order_by().values_list("batch").annotate(Count("pk")))
    ready = {batch.pk: batch.counts.get("ready", 0) for batch in batches if batch.counts}
    return {pk: (left.get(pk, 0), max(count - left.get(pk, 0), 0)) for pk, count in ready.items()}


def uploaded_already(batch: Batch, by: User) -> str:
    """The words for a file that is here already."""
    when = date_format(timezone.localtime(batch.received_at), "DATETIME_FORMAT")
    if batch.user_id == by.pk:
        return _("You uploaded this file on {when} already; this is its page.").format(when=when)
    return _("This file was uploaded on {when} by {who} already; this is its page.").format(
        when=when, who=batch.sender
    )
