"""Which regions a thematic map shows: by value, by pockets of poverty, by hazard-prone zones.

Regions are left out as a whole, never persons: every figure that is shown with a filter is shown
without it, too, and a hidden value lies in no range, so that no range finds it.

No `ui.filters.Filter`: that one narrows the rows of a queryset, and a value that it cannot read
selects nothing. Here codes of regions are kept, by what figures, pockets and zones say of them; and
an address of a map that names a value no longer offered still draws the map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Final

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.formats import date_format, number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.commandcentre.models.zone import VillageZone, ZoneClass, ZoneEdition
from apps.commandcentre.states import HazardKind
from apps.common.http import plain_number, unambiguous_decimal
from apps.indicators.measures.region_figures import Figure
from apps.indicators.models import PocketEdition, PocketVillage
from apps.indicators.pockets.activation import editions_in_force
from apps.regions.models import prefix_of

PUBLISHED, COMPUTED, AGREE = "published", "computed", "agree"
OFFERED: Final = (PUBLISHED, COMPUTED, AGREE)
# The beginning of a former edition of BIG's pockets, before its number.
EDITION: Final = "edition-"
FORMER: Final = re.compile(rf"{EDITION}([0-9]{{1,9}})")
# Ending of a hazard of which only the highest class is meant.
HIGH: Final = "-high"
# No limit of a range is read beyond so many letters.
LONGEST: Final = 40


@dataclass(frozen=True)
class RegionFilter:
    """A filter of regions; what is empty does not narrow.

    `least` and `most` are in the unit of the measure, both included. `ranged` is the code of the
    measure whose value is meant, empty for the one that is shown. `pocket` and `hazard` keep a
    region where at least one village in it is such a village. `unread` are limits that are no
    numbers, or may be others than they look (1.000).
    """

    least: float | None = None
    most: float | None = None
    ranged: str = ""
    pocket: str = ""
    hazard: str = ""
    unread: tuple[str, ...] = ()

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> RegionFilter:
        """The filter of an address; what cannot be read does not narrow."""
        pocket, hazard = str(params.get("pocket", "")), str(params.get("hazard", ""))
        given = {name: str(params.get(name, ""))[:LONGEST] for name in ("least", "most")}
        limits = {name: unambiguous_decimal(text) for name, text in given.items()}
        return cls(
            **limits,
            unread=tuple(
                text for name, text in given.items() if text.strip() and limits[name] is None
            ),
            ranged=str(params.get("by", ""))[:60],
            pocket=pocket if pocket in OFFERED or FORMER.fullmatch(pocket) else "",
            hazard=hazard if hazard.removesuffix(HIGH) in set(HazardKind) else "",
        )

    @property
    def has_range(self) -> bool:
        return self.least is not None or self.most is not None

    @property
    def is_set(self) -> bool:
        return self.has_range or bool(self.pocket or self.hazard)

    def params(self) -> dict[str, str]:
        """The filter as parameters of an address; empty ones do not narrow."""
        return {
            "least": "" if self.least is None else plain_number(self.least),
            "most": "" if self.most is None else plain_number(self.most),
            "by": self.ranged if self.has_range else "",
            "pocket": self.pocket,
            "hazard": self.hazard,
        }

    def for_other(self, measure: str) -> RegionFilter:
        """The same filter on the map of another measure: the range is that of the first one."""
        return replace(self, ranged=measure if self.has_range else "", unread=())

    def without_range(self) -> RegionFilter:
        return replace(self, least=None, most=None, ranged="")

    def holds(self, row: Figure) -> bool:
        """Whether the value of a row lies in the range; a hidden one does not."""
        if not self.has_range:
            return True
        return (
            row.value is not None
            and (self.least is None or row.value >= self.least)
            and (self.most is None or row.value <= self.most)
        )


def kept_codes(chosen: RegionFilter, within: str, size: int, scope: Scope) -> set[str] | None:
    """The regions that pockets and zones keep, by codes of this length; None: all are kept.

    Queries: at most four.
    """
    found: list[set[str]] = []
    prefix = prefix_of(within)
    if chosen.pocket:
        sides = [pocket_villages(origin, prefix, scope) for origin in _origins(chosen.pocket)]
        found.append(_regions(set.intersection(*sides), size))
    if chosen.hazard:
        zones = VillageZone.objects.filter(
            edition__is_current=True,
            edition__kind=chosen.hazard.removesuffix(HIGH),
            village__code__startswith=prefix,
        )
        if chosen.hazard.endswith(HIGH):
            zones = zones.filter(hazard_class=ZoneClass.HIGH)
        found.append(_regions(set(zones.values_list("village_id", flat=True)), size))
    return set.intersection(*found) if found else None


def hazard_choices() -> dict[str, str]:
    """The kinds of hazard that have zones, each with all classes and the highest. Queries: one."""
    kinds = set(ZoneEdition.objects.filter(is_current=True).values_list("kind", flat=True))
    found: dict[str, str] = {}
    for kind in HazardKind:
        if kind in kinds:
            found[kind.value] = str(kind.label)
            found[f"{kind.value}{HIGH}"] = _("%(hazard)s, high") % {"hazard": kind.label}
    return found


def pocket_choices() -> dict[str, str]:
    return {
        PUBLISHED: _("BIG's pockets"),
        COMPUTED: _("the register's pockets"),
        AGREE: _("pockets of both"),
    }


def sentences(chosen: RegionFilter, unit: str) -> list[str]:
    """The filter in words, one part each. Queries: one with pockets."""
    told = []
    if chosen.has_range:
        told.append(_range_words(chosen, unit))
    if chosen.pocket:
        told.append(
            _("with a village in: %(pockets)s (%(editions)s)")
            % {"pockets": pocket_label(chosen.pocket), "editions": _dated(chosen.pocket)}
        )
    if chosen.hazard:
        kind = HazardKind(chosen.hazard.removesuffix(HIGH)).label
        words = (
            _("with a village in a hazard-prone zone of the highest class: %(hazard)s")
            if chosen.hazard.endswith(HIGH)
            else _("with a village in a hazard-prone zone: %(hazard)s")
        )
        told.append(words % {"hazard": kind})
    return told


def _range_words(chosen: RegionFilter, unit: str) -> str:
    params = chosen.params()
    low, high = (number_format(params[name]) for name in ("least", "most"))
    words = {"low": low, "high": high, "unit": unit}
    if not low:
        return _("value up to %(high)s (%(unit)s)") % words
    if not high:
        return _("value from %(low)s on (%(unit)s)") % words
    return _("value from %(low)s to %(high)s (%(unit)s)") % words


def pocket_villages(origin: str, prefix: str, scope: Scope) -> set[str]:
    """The villages of a scope that are pockets in the edition in force of an origin, or in a former
    one of BIG's. What was hidden of the register's followed the maps while it was in force alone.

    Queries: two.
    """
    editions = _editions_of(origin)
    if not editions:
        return set()
    rows = PocketVillage.objects.within(scope).filter(
        edition=editions[0], is_pocket=True, village__code__startswith=prefix
    )
    return set(rows.values_list("village_id", flat=True))


def former_editions() -> QuerySet[PocketEdition, PocketEdition]:
    """Editions of BIG's pockets that were in force before, the newest first."""
    former = PocketEdition.objects.filter(
        origin=PocketEdition.Origin.PUBLISHED, status=PocketEdition.Status.SUPERSEDED
    )
    return former.order_by("-activated_at", "-pk")


def pocket_label(pocket: str) -> str:
    """Whose pockets a filter means."""
    return pocket_choices()[pocket] if pocket in OFFERED else _("a former edition of BIG's pockets")


def pocket_words(pocket: str) -> str:
    """Whose pockets a filter means, with the name of the edition. Queries: one."""
    names = ", ".join(one.name for one in _editions_of(pocket)) or "–"
    if pocket not in OFFERED:
        return _("former edition %(edition)s") % {"edition": names}
    return f"{pocket_label(pocket)} ({names})"


def pocket_methods(pocket: str) -> list[str]:
    """How the register's pockets that a filter means were computed. Queries: one with pockets."""
    found = []
    for edition in _editions_of(pocket) if pocket else ():
        if edition.origin == PocketEdition.Origin.COMPUTED:
            told = render_to_string("indicators/pockets/_method.html", {"edition": edition})
            found.append(" ".join(unescape(told).split()))
    return found


def _editions_of(pocket: str) -> list[PocketEdition]:
    """The editions whose villages a filter keeps. Queries: one."""
    if number := FORMER.fullmatch(pocket):
        return list(former_editions().filter(pk=number[1]))
    in_force = editions_in_force()
    found = [getattr(in_force, origin) for origin in _origins(pocket)]
    return [one for one in found if one is not None]


def _origins(pocket: str) -> tuple[str, ...]:
    return (PUBLISHED, COMPUTED) if pocket == AGREE else (pocket,)


def _dated(pocket: str) -> str:
    """The editions that a filter means, each with its day. Queries: one."""
    told = []
    for one in _editions_of(pocket):
        if one.origin == PocketEdition.Origin.COMPUTED:
            words, day = _("%(name)s, computed %(day)s"), localdate(one.stored_at)
        else:
            words, day = _("%(name)s, published %(day)s"), one.published_date
        told.append(words % {"name": one.name, "day": date_format(day, "j M Y")})
    return "; ".join(told) or _("no edition in force")


def _regions(villages: set[str], size: int) -> set[str]:
    """The codes of the regions of a length that hold the villages."""
    return {code[:size] for code in villages}
