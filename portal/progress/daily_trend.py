"""The trend: the steps of a cycle day by day, against its cut-off and its freeze."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.http import urlencode

from apps.casework.calendar import CycleCalendar, calendar_on
from apps.casework.models import Cycle
from apps.common import sql
from apps.proposals.states import ProposalStatus
from portal.progress.areas import Area
from portal.progress.region_progress import Cell, still_open

# The steps of the table; the chart draws the first four as lines.
REACHED = [
    ProposalStatus.SUBMITTED,
    ProposalStatus.VERIFIED,
    ProposalStatus.ENDORSED,
    ProposalStatus.ACCEPTED,
    ProposalStatus.DETERMINED,
    ProposalStatus.RETURNED,
    ProposalStatus.REJECTED,
]
DRAWN = REACHED[:4]
# Without a cycle: so many days, today included.
DAYS_WITHOUT_CYCLE = 30
# The chart, in units of its drawing; a margin holds the numbers of the axis and the days.
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 220, 72, 28, 24

Steps = Mapping[date, Mapping[str, int]]


@dataclass(frozen=True)
class Curve:
    """How many had reached a status by each day: the points of a line, written for SVG."""

    status: str
    label: Any
    points: str
    total: str


@dataclass(frozen=True)
class Mark:
    """A day on the axis."""

    day: date
    x: str
    kind: str


@dataclass(frozen=True)
class Chart:
    """The drawing. `top` is the number at its upper edge."""

    curves: list[Curve]
    marks: list[Mark]
    top: str
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = HEIGHT - BOTTOM
    upper: int = TOP


def trend(area: Area) -> dict[str, Any]:
    """The days since the cycle opened, with the steps of each, the chart of their sums, and what is
    needed a day until the freeze.

    Queries: four, or one while the counts are young.
    """
    today = timezone.localdate()
    calendar = calendar_on(today)
    cycle = _cycle(calendar)
    first = cycle.opens_date if cycle else today - timedelta(days=DAYS_WITHOUT_CYCLE - 1)
    last = max(cycle.draw_date, first) if cycle else today
    steps, at = area.counted(f"trend:{first}", lambda: _steps(area, first))
    days = [first + timedelta(days=n) for n in range((min(last, today) - first).days + 1)]
    return {
        "at": at,
        "cycle": cycle,
        "chart": _chart(steps, days, cycle, last),
        "pace": _pace(area, steps, calendar.in_review, today),
        "days": [
            {"day": day, "cells": [_cell(steps, area, day, one) for one in REACHED]}
            for day in reversed(days)
            if steps.get(day)
        ],
    }


@dataclass(frozen=True)
class Pace:
    """What the regions still have to do before the freeze: of verifying and endorsing, how many,
    how many a day from today on, and how many there were yesterday. `days` includes today.
    """

    to_verify: int
    verify_a_day: int
    verified: int
    to_endorse: int
    endorse_a_day: int
    endorsed: int
    days: int
    frozen: date


def _pace(area: Area, steps: Steps, cycle: Cycle | None, today: date) -> Pace | None:
    """None where no review ends: without a cycle under review."""
    if cycle is None:
        return None
    days = (cycle.draw_date - today).days
    verify, endorse = still_open(area)
    before = steps.get(today - timedelta(days=1), {})
    return Pace(
        verify,
        ceil(verify / days),
        before.get(ProposalStatus.VERIFIED.value, 0),
        endorse,
        ceil(endorse / days),
        before.get(ProposalStatus.ENDORSED.value, 0),
        days,
        cycle.draw_date,
    )


def _cycle(calendar: CycleCalendar) -> Cycle | None:
    """The cycle that takes proposals, else the one under review, else the last one."""
    return calendar.open or calendar.in_review or calendar.last


def _steps(area: Area, first: date) -> dict[date, dict[str, int]]:
    zone = timezone.get_current_timezone()
    rows = sql.run(
        "proposals/count_daily_steps",
        {
            "scope": area.prefixes,
            "since": datetime.combine(first, time.min, zone),
            "zone": settings.TIME_ZONE,
        },
    )
    steps: dict[date, dict[str, int]] = {}
    for day, status, count in rows:
        steps.setdefault(day, {})[status] = count
    return steps


def _cell(steps: Steps, area: Area, day: date, status: ProposalStatus) -> Cell:
    count = steps[day].get(status.value, 0)
    url = ""
    if count and area.list_address:
        asked = {"region": area.code, "day": day.isoformat(), "status": status.value}
        url = f"{reverse('progress-steps')}?{urlencode(asked)}"
    return Cell(status.label, str(number_format(count)), url)


def _chart(steps: Steps, days: list[date], cycle: Cycle | None, last: date) -> Chart | None:
    """The sums by day; None for a cycle that has not begun or without any step."""
    sums = {status: _sums(steps, days, status) for status in DRAWN}
    most = max((values[-1] for values in sums.values() if values), default=0)
    if not most:
        return None
    span = max((last - days[0]).days, 1)

    def x_of(day: date) -> str:
        return f"{LEFT + (day - days[0]).days * (WIDTH - LEFT - 8) / span:.1f}"

    def y_of(count: int) -> str:
        return f"{HEIGHT - BOTTOM - count * (HEIGHT - BOTTOM - TOP) / most:.1f}"

    curves = [
        Curve(
            status.value,
            status.label,
            " ".join(f"{x_of(day)},{y_of(count)}" for day, count in zip(days, values, strict=True)),
            str(number_format(values[-1])),
        )
        for status, values in sums.items()
    ]
    marks = [Mark(days[0], x_of(days[0]), "opens"), Mark(days[-1], x_of(days[-1]), "today")]
    if cycle:
        marks.append(Mark(cycle.cutoff_date, x_of(cycle.cutoff_date), "closes"))
    return Chart(curves, marks, str(number_format(most)))


def _sums(steps: Steps, days: list[date], status: ProposalStatus) -> list[int]:
    total, sums = 0, []
    for day in days:
        total += steps.get(day, {}).get(status.value, 0)
        sums.append(total)
    return sums
