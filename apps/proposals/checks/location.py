"""Where the points of proposals lie, and the findings about it: for a set, and for one point.

`apps.regions.placing` computes the places. This module adds the property that only a set has: a
point that many families use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from apps.common import sql
from apps.common.sql import Tables
from apps.proposals import rules
from apps.regions import placing

PLACED: Final = "proposals/checks/place_points"
MISPLACED: Final = "proposals/checks/find_misplaced"
# The findings of a single point. Whether a point is shared can only be found in a set.
OF_ONE_POINT: Final = frozenset(
    (
        *("near_border", "neighbour", "elsewhere", "unmapped", "no_polygon"),
        *("axes_swapped", "sign_flipped", "office_point", "coarse", "coordinate_range"),
    )
)


@dataclass(frozen=True)
class PointFinding:
    """A finding about a point: a code of the catalogue and the values of its text."""

    code: str
    params: dict[str, Any]

    @property
    def severity(self) -> int:
        return rules.RULES[self.code].severity


@dataclass(frozen=True)
class ExaminedPoint:
    """The result of the checks for one point.

    Units: `distance_m` is the distance outside the claimed village in metres, 0 inside, None if
    there is no border to measure to. `is_beyond`: the numbers are not a place on earth.
    """

    verdict: str
    distance_m: float | None
    actual_village_code: str | None
    edition_id: int | None
    is_beyond: bool
    findings: tuple[PointFinding, ...]


def place_rows(tables: Tables) -> None:
    """Place the rows of `points`; makes `located`, `strays` and `placed` (with the verdicts)."""
    placing.locate_points(tables)
    steps = {"graded": placing.GRADED, "placed": PLACED}
    sql.create_as(tables["placed"], steps, {"shared_by": rules.SHARED_BY_FAMILIES}, tables=tables)


def find_misplaced(tables: Tables, *, has_points: bool) -> None:
    """Add the findings about the places of `placed` to `findings`.

    If the file has no coordinates at all (`has_points`), a row without a point gets no finding.
    """
    columns = ("row_number", "code", "field", "params")
    steps = {"misplaced": MISPLACED}
    sql.insert_from(tables["findings"], columns, steps, {"has_points": has_points}, tables=tables)


def examine_point(longitude: float, latitude: float, village_code: str) -> ExaminedPoint:
    """Check one point with the statements of the check; nothing is stored. Degrees WGS 84.

    The village is the claimed one, "" for none. Findings: the most severe first. Queries: one.
    """
    steps = {
        **placing.ONE_POINT,
        "placed": PLACED,
        "misplaced": MISPLACED,
        "told": "proposals/checks/tell_point",
    }
    values = placing.one_point(longitude, latitude, village_code)
    known = {**values, "shared_by": rules.SHARED_BY_FAMILIES, "has_points": True}
    verdict, distance_m, actual, edition, is_beyond, told = sql.run_chain(steps, known)[0]
    found = [PointFinding(**one) for one in (json.loads(told) if isinstance(told, str) else told)]
    return ExaminedPoint(
        verdict=verdict,
        distance_m=distance_m,
        actual_village_code=actual,
        edition_id=edition,
        is_beyond=is_beyond,
        findings=tuple(sorted(found, key=lambda one: (-one.severity, one.code))),
    )
