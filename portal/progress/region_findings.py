"""Findings: which proposals of which region have what the checks found."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.formats import number_format

from apps.common import sql
from apps.proposals import rules
from apps.proposals.checks import findings
from portal.progress.areas import COLUMNS, EVERY_STATUS, VILLAGE_LENGTH, Area, link
from portal.progress.region_progress import Cell

# The kinds with the most proposals get a column each; the others are a list.
MOST_KINDS = 6


def by_region(area: Area) -> dict[str, Any]:
    """A line for each region with findings, a column for each of the most frequent kinds, and the
    others, each with its number in the whole area, the gravest first.

    Queries: two, or one while the counts are young.
    """
    rows, at = area.counted("findings", lambda: _rows(area))
    totals: Counter[str] = Counter()
    lines: dict[str, Counter[str]] = {}
    for region, code, count in rows:
        totals[code] += count
        lines.setdefault(region, Counter())[code] += count
    names = area.regions() if lines else {}
    kinds = [code for code, _count in totals.most_common(MOST_KINDS)]
    by_most = sorted(lines, key=lambda code: (-sum(lines[code].values()), code))
    return {
        "at": at,
        "kinds": [
            {
                "text": findings.kind(code).title,
                "severity": _severity(code),
            }
            for code in kinds
        ],
        "others": [
            {"severity": _severity(code), "cell": _cell(area, area.code, code, totals[code])}
            for code in sorted(
                set(totals) - set(kinds), key=lambda code: (-_severity(code), -totals[code], code)
            )
        ],
        "lines": [
            {
                "code": region,
                "name": names.get(region, region),
                "opens": len(region) < VILLAGE_LENGTH,
                "cells": [_cell(area, region, code, lines[region][code]) for code in kinds],
            }
            for region in by_most
        ],
    }


def _severity(code: str) -> int:
    return int(rules.RULES[code].severity) if code in rules.RULES else 0


def _cell(area: Area, region: str, code: str, count: int) -> Cell:
    url = link(area, region=region, finding=code, status=EVERY_STATUS) if count else ""
    return Cell(findings.kind(code).title, str(number_format(count)), url)


def _rows(area: Area) -> list[tuple[str, str, int]]:
    return [
        (str(region), str(code), int(count))
        for region, code, count in sql.run(
            "proposals/count_findings",
            {
                "scope": area.prefixes,
                "code_length": area.code_length,
                "statuses": [status.value for status in COLUMNS],
            },
        )
    ]
