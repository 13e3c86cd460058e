"""All measures in one list: counts of the register, and figures that agencies publish."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from apps.indicators.measures import definitions
from apps.indicators.measures.definitions import Definition
from apps.indicators.models import Indicator, RegionCount, Release
from apps.indicators.models.figures import PERCENT
from apps.indicators.states import PROGRAMME
from apps.regions.models import CodeSystem, Level
from apps.registry.models import Programme

# From the highest level to the lowest.
LEVELS: Final = (Level.PROVINCE, Level.REGENCY, Level.DISTRICT, Level.VILLAGE)
DEFAULT: Final = "enrolled_share"
# What the key of a replaced edition begins with.
RELEASE: Final = "release-"
KEY: Final = re.compile(rf"{RELEASE}([0-9]{{1,12}})")


@dataclass(frozen=True)
class Period:
    """A month, quarter or year: its label, its first day, and the release of a published figure,
    with the day on which it was published, if it is known, else stored, and the codes it used. Of
    an edition that was replaced `in_force_since` is the day from which it was in force.
    """

    label: str
    start: date
    release: int | None = None
    source: str = ""
    published: date | None = None
    stored: date | None = None
    codes: str = ""
    in_force_since: date | None = None

    @property
    def key(self) -> str:
        """How addresses name it: by its label, a replaced edition by its release."""
        return self.label if self.in_force_since is None else f"{RELEASE}{self.release}"

    @property
    def name(self) -> str:
        """The label; of a replaced edition with its day."""
        if self.in_force_since is None:
            return self.label
        day = date_format(self.in_force_since, "j M Y")
        return _("%(period)s, replaced edition of %(day)s") % {"period": self.label, "day": day}


@dataclass(frozen=True)
class Measure:
    """One measure as maps, tables and files show it.

    `is_rate`: a share, a mean or an amount, shown as fill; counts are shown as circles.
    `definition` is None for a published figure. `levels` are those that a map offers, `valued`
    those of them that have values: all but some that lead to a published figure of small regions.
    """

    code: str
    name: str
    unit: str
    is_rate: bool
    decimals: int
    denominator: str
    method: str
    source: str
    levels: tuple[Level, ...]
    valued: tuple[Level, ...]
    definition: Definition | None = None

    @property
    def is_published(self) -> bool:
        return self.definition is None

    @property
    def is_percentage(self) -> bool:
        """Whether values are per cent: rates of the register are, published ones by their unit."""
        return self.is_rate and (not self.is_published or self.unit.lower() in PERCENT)


def catalogue() -> list[Measure]:
    """The measures of the register, then the published ones by name. Queries: two."""
    own = (*definitions.DEFINITIONS, *_programmes())
    return [_of_register(one) for one in own] + _published()


def find(code: str) -> Measure | None:
    """The measure of a code. Queries: at most two."""
    of_programmes = _programmes() if code.startswith(PROGRAMME) else []
    for one in (*definitions.DEFINITIONS, *of_programmes):
        if one.code == code:
            return _of_register(one)
    return next(iter(_published(code)), None) if code else None


def default() -> Measure:
    """The measure that a map shows when none is asked for."""
    return next(_of_register(one) for one in definitions.DEFINITIONS if one.code == DEFAULT)


def periods_of(measure: Measure) -> list[Period]:
    """The periods that have values, the newest first. Queries: one."""
    if measure.is_published:
        releases = Release.objects.filter(indicator=measure.code, is_current=True)
        return [_period_of(one) for one in releases.order_by("-period_start", "-pk")]
    starts = RegionCount.objects.filter(level=Level.COUNTRY).order_by("-period_start")
    return [
        Period(f"{start:%Y-%m}", start) for start in starts.values_list("period_start", flat=True)
    ]


def replaced_periods(measure: Measure, period: Period) -> list[Period]:
    """The editions of a period's figures that were in force before, the newest first.

    Queries: one, none for a measure of the register.
    """
    if not measure.is_published:
        return []
    former = _in_force_once(measure).filter(
        is_current=False, period=period.label, period_start=period.start
    )
    return [_period_of(one) for one in former.order_by("-current_since", "-pk")]


def released_period(measure: Measure, key: str) -> Period | None:
    """The edition of a key, which was replaced once: where it was put back in force, it is the
    period itself. None for any other text. Queries: at most one.
    """
    named = KEY.fullmatch(key)
    if named is None or not measure.is_published:
        return None
    found = _in_force_once(measure).filter(pk=named[1]).first()
    return None if found is None else _period_of(found)


def _in_force_once(measure: Measure) -> QuerySet[Release, Release]:
    return Release.objects.filter(indicator=measure.code, current_since__isnull=False)


def _period_of(release: Release) -> Period:
    system = dict(CodeSystem.choices).get(release.code_system, release.code_system)
    return Period(
        label=release.period,
        start=release.period_start,
        release=release.pk,
        source=release.source,
        published=release.published_date,
        stored=localdate(release.stored_at),
        codes=f"{system}, {release.vintage or _('date not named')}",
        in_force_since=None
        if release.is_current or release.current_since is None
        else localdate(release.current_since),
    )


def _programmes() -> list[Definition]:
    programmes = Programme.objects.order_by("code").values_list("code", "name")
    return [definitions.programme_definition(code, name) for code, name in programmes]


def _of_register(one: Definition) -> Measure:
    percent = _("%% of %(whole)s") % {"whole": one.denominator_name}
    return Measure(
        code=one.code,
        name=str(one.name),
        unit=percent if one.is_rate else pgettext("unit of a count", "number"),
        is_rate=one.is_rate,
        decimals=1 if one.is_rate else 0,
        denominator=str(one.denominator_name),
        method=str(one.method),
        source=_("DTKS register, Pusdatin Kesos"),
        levels=LEVELS,
        valued=LEVELS,
        definition=one,
    )


def _published(code: str = "") -> list[Measure]:
    """Published figures with a release in force, or the one of a code, at the levels that have
    values; no villages where the indicator is sensitive.
    """
    rows = (
        Release.objects.filter(is_current=True, indicator__origin=Indicator.Origin.PUBLISHED)
        .select_related("indicator")
        .order_by("indicator__name", "indicator_id", "-period_start")
    )
    if code:
        rows = rows.filter(indicator=code)
    found: dict[str, Measure] = {}
    for release in rows:
        one = release.indicator
        former = found[one.code].valued if one.code in found else ()
        valued = _valued_levels(release, former)
        levels = _offered_levels(valued)
        if one.code in found:
            found[one.code] = replace(found[one.code], levels=levels, valued=valued)
            continue
        is_english = (get_language() or "").startswith("en") and one.name_en
        found[one.code] = Measure(
            code=one.code,
            name=one.name_en if is_english else one.name,
            unit=one.unit,
            is_rate=one.kind != Indicator.Kind.COUNT,
            decimals=one.decimals,
            denominator=one.denominator,
            method=one.method,
            source=one.publisher or release.source,
            levels=levels,
            valued=valued,
        )
    return list(found.values())


def _valued_levels(release: Release, former: tuple[Level, ...]) -> tuple[Level, ...]:
    """The levels at which a published figure has values, with those of a further release."""
    wanted = {Level(level) for level in (*release.levels, release.level)} | set(former)
    if release.indicator.is_sensitive:
        wanted.discard(Level.VILLAGE)
    return tuple(level for level in LEVELS if level in wanted)


def _offered_levels(valued: tuple[Level, ...]) -> tuple[Level, ...]:
    """What has values, and what leads there from the map of the country, whose parts are provinces
    and regencies.
    """
    wanted = set(valued)
    if not wanted & {Level.PROVINCE, Level.REGENCY}:
        wanted |= {Level.PROVINCE, Level.REGENCY, Level.DISTRICT}
    return tuple(level for level in LEVELS if level in wanted)
