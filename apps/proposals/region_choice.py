"""Choosing a region of the user's scope: by typing, from a short list, or the only region."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Length
from django.utils import timezone

from apps.accounts.access import Scope
from apps.regions.models import COUNTRY, Region, RegionQuerySet
from apps.ui.forms import SentForm, Text

CODE = re.compile(r"^[0-9][0-9.]{1,12}$")
MOST_PLACES = 20
ANCESTORS = "parent__parent__parent"


@dataclass(frozen=True)
class RegionChoice:
    """A region with its full path, as a choice."""

    code: str
    path: str

    @classmethod
    def of(cls, region: Region) -> RegionChoice:
        """The choice, named with its ancestors ("Sidomulyo — Godean, Sleman, DI Yogyakarta").

        Queries: none if the ancestors were selected with the region.
        """
        above = []
        parent = region.parent
        while parent is not None and parent.code != COUNTRY:
            above.append(parent.name)
            parent = parent.parent
        return cls(region.code, f"{region.name} — {', '.join(above)}" if above else region.name)


def regions_of(scope: Scope) -> RegionQuerySet:
    """The regions in force inside a scope, with their ancestors."""
    if not scope:
        return Region.objects.none()
    today = timezone.localdate()
    return Region.objects.at(today).filter(scope.query("code")).select_related(ANCESTORS)


def regions_matching(asked: str, scope: Scope, *, level: str | None = None) -> list[RegionChoice]:
    """Regions of a scope whose name contains, or whose code starts with, the typed text.

    At most 20, of one level if `level` is given; the highest level first. Queries: one.
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
    return [RegionChoice.of(region) for region in found[:MOST_PLACES]]


def region_named(chosen: str, typed: str, scope: Scope) -> RegionChoice | None:
    """The region of a form: by a chosen code, or by typed text that fits exactly one; else None."""
    regions = regions_of(scope)
    region = regions.filter(code=chosen or typed.strip()).first()
    if region is not None:
        return RegionChoice.of(region)
    found = regions_matching(typed, scope) if not chosen else []
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class AskedRegion:
    """The region that a filter asks for. `code` is never wider than what was typed: where `text`
    fits no single region it is that text, which is no code, and `choices` are the regions it fits.
    """

    code: str = ""
    chosen: RegionChoice | None = None
    text: str = ""
    choices: tuple[RegionChoice, ...] = ()


def asked_region(chosen: str, typed: str, scope: Scope) -> AskedRegion:
    """The region of a filter, by a chosen code and by typed text, of which the text counts where
    they contradict each other. Queries: at most three.
    """
    typed = typed.strip()
    if not (chosen or typed):
        return AskedRegion()
    known = region_named(chosen, "", scope) if chosen else None
    if not typed or (known is not None and _is_called(known, typed)):
        return AskedRegion(known.code if known is not None else chosen, known)
    known = region_named("", typed, scope)
    if known is not None:
        return AskedRegion(known.code, known)
    return AskedRegion(typed, None, typed, tuple(regions_matching(typed, scope)))


def _is_called(known: RegionChoice, typed: str) -> bool:
    """Whether a region is among those that the typed text finds."""
    if CODE.match(typed):
        return known.code.startswith(typed)
    return typed.casefold() in known.path.partition(" — ")[0].casefold()


class RegionForm(SentForm):
    """The field in which a region is chosen or typed."""

    region = Text()
    region_text = Text()

    def place(self, scope: Scope) -> RegionChoice | None:
        return region_named(self.sent["region"], self.sent["region_text"], scope)


def only_region(scope: Scope) -> RegionChoice | None:
    """The region of a scope that consists of one region, which need not be searched; or None."""
    codes = [prefix or COUNTRY for prefix in scope.prefixes]
    region = regions_of(scope).filter(code__in=codes).first() if len(codes) == 1 else None
    return RegionChoice.of(region) if region is not None else None


def own_regions(scope: Scope) -> list[RegionChoice]:
    """The regions of a scope if they are few enough for a list; else none."""
    if scope.is_national or not 1 < len(scope.prefixes) <= MOST_PLACES:
        return []
    return [RegionChoice.of(one) for one in regions_of(scope).filter(code__in=scope.prefixes)]
