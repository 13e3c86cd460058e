"""The funnel: how many proposals of each region are at each status, for who may view them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import number_format

from apps.accounts.access import Scope
from apps.common import sql
from apps.proposals.states import ProposalStatus
from portal.progress.areas import COLUMNS, EVERY_STATUS, VILLAGE_LENGTH, Area, link

# The bar of a region, in units of its drawing.
BAR_WIDTH = 100


@dataclass
class Line:
    """One region. `counts` go with COLUMNS."""

    code: str
    name: str
    counts: list[int] = field(default_factory=lambda: [0] * len(COLUMNS))
    last_at: datetime | None = None

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def lag(self) -> int:
        """How many the region itself still has to verify and endorse."""
        return self.counts[0] + self.counts[1]

    def count_at(self, status: str) -> int:
        """How many are at a status, "" for all."""
        if not status:
            return self.total
        return self.counts[COLUMNS.index(ProposalStatus(status))]

    @property
    def opens(self) -> bool:
        """Whether there is a level below."""
        return len(self.code) < VILLAGE_LENGTH


@dataclass(frozen=True)
class Cell:
    """A count in words, and the list of exactly these rows ("" where there is none)."""

    label: Any
    text: str
    url: str


@dataclass(frozen=True)
class Part:
    """One part of a bar; `x` and `width` in units of BAR_WIDTH, written with a decimal point."""

    status: str
    label: Any
    x: str
    width: str


def progress(area: Area) -> dict[str, Any]:
    """The lines of the area's regions, the most behind first, and those that sent nothing yet.

    Queries: two, or none while the counts are young.
    """
    lines, at = area.counted("funnel", lambda: _lines(area))
    busy = [line for line in lines if line.total]
    most = max((line.total for line in busy), default=1)
    return {
        "at": at,
        "lines": [
            {"line": line, "cells": _cells(line, area), "parts": _parts(line, most)}
            for line in busy
        ],
        "untouched": [line for line in lines if not line.total],
    }


def still_open(area: Area) -> tuple[int, int]:
    """How many proposals of an area are still to be verified, and how many to be endorsed, those
    not verified yet included. Queries: two, or none while the counts are young.
    """
    lines, _at = area.counted("funnel", lambda: _lines(area))
    submitted = sum(line.count_at(ProposalStatus.SUBMITTED) for line in lines)
    return submitted, submitted + sum(line.count_at(ProposalStatus.VERIFIED) for line in lines)


def _cells(line: Line, area: Area) -> list[Cell]:
    """The total, then each status."""
    each: list[tuple[str, range, Any]] = [(EVERY_STATUS, range(len(COLUMNS)), "")]
    each += [(one.value, range(i, i + 1), one.label) for i, one in enumerate(COLUMNS)]
    return [Cell(label, *_cell(line, area, statuses, at)) for statuses, at, label in each]


def _cell(line: Line, area: Area, statuses: str, at: range) -> tuple[str, str]:
    count = sum(line.counts[i] for i in at)
    url = link(area, region=line.code, status=statuses) if count else ""
    return str(number_format(count)), url


def _parts(line: Line, most: int) -> list[Part]:
    """The bar of a region: its length is the total, its parts are the statuses."""
    parts, x = [], 0.0
    for status, count in zip(COLUMNS, line.counts, strict=True):
        width = count * BAR_WIDTH / most
        if count:
            parts.append(Part(status.value, status.label, f"{x:.2f}", f"{width:.2f}"))
        x += width
    return parts


@dataclass(frozen=True)
class StatusCount:
    """How many proposals of a region are at a status, and their oldest and newest last step."""

    region: str
    status: ProposalStatus
    count: int
    oldest_at: datetime
    last_at: datetime


def count_by_status(
    scope: Scope, code_length: int, statuses: Iterable[ProposalStatus]
) -> list[StatusCount]:
    """Counts by region (`code_length` digits and dots of its code; 0: the scope as one) and status.

    Not limited by the rows that the user may view. Queries: one, of an index alone.
    """
    asked = {
        "scope": scope.setting().split(","),
        "code_length": code_length,
        "statuses": [status.value for status in statuses],
    }
    return [
        StatusCount(region, ProposalStatus(status), count, oldest_at, last_at)
        for region, status, count, oldest_at, last_at in sql.run("proposals/count_progress", asked)
    ]


def _lines(area: Area) -> list[Line]:
    lines = {code: Line(code, name) for code, name in area.regions().items()}
    for one in count_by_status(area.within, area.code_length, COLUMNS):
        line = lines.setdefault(one.region, Line(one.region, one.region))
        line.counts[COLUMNS.index(one.status)] += one.count
        line.last_at = max(filter(None, (line.last_at, one.last_at)))
    return sorted(lines.values(), key=lambda line: (-line.lag, -line.total, line.code))
