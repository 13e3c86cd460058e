"""What the page of an edition shows: numbers by kind, one page of remarks, shapes for the map."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import sql
from apps.regions.editions import activation
from apps.regions.models import BoundaryEdition, QualityIssue, Region
from apps.regions.placing import Verdict
from apps.ui import filters
from apps.ui.paging import Order, Page, read_page

Kind = QualityIssue.Kind
LARGEST_FIRST: Final = Order.by("-area_m2", "pk", nullable=["area_m2"])
# The map shows the largest remarks; the table has all of them.
MOST_ON_MAP: Final = 2_000
MOST_OUTLINES: Final = 600
REASONS = {
    "missing": lambda: _("without a shape"),
    "not_polygon": lambda: _("a line or point, no area"),
    "unreadable": lambda: _("coordinates that are no numbers"),
    "beyond_world": lambda: _("coordinates that are no degrees"),
    "nothing_left": lambda: _("no area is left after repair"),
    "empty": lambda: _("no code"),
    "unknown": lambda: _("not in the region tree"),
    "ended": lambda: _("ended, without a successor"),
}


@dataclass(frozen=True)
class KindCount:
    """One kind of remark and its number; `counted` may be larger than the list."""

    kind: str
    label: str
    listed: int
    counted: int


def kinds_of(edition: BoundaryEdition) -> list[KindCount]:
    """The kinds that occur, in the order of the model. Queries: one."""
    listed = dict(edition.issues.values_list("kind").annotate(count=Count("pk")).order_by())
    counted = {Kind.OVERLAP: "overlaps", Kind.GAP: "gaps"}
    rows = []
    for kind in Kind:
        many = edition.summary.get(counted.get(kind, ""), listed.get(kind, 0))
        if many or listed.get(kind):
            rows.append(KindCount(kind.value, str(kind.label), listed.get(kind, 0), many))
    return rows


@dataclass(frozen=True)
class CheckedAgain:
    """What an activation changed in open rows: proposals with a point, how many of them have
    another verdict, from which to which; and the rows that must be fixed.

    `held_done` are those that the job behind the activation has checked so far.
    """

    rows: int
    changed: int
    moves: list[tuple[str, str, int]]
    held: int
    held_done: int
    held_changed: int
    held_ready: int


def checked_again(edition: BoundaryEdition) -> CheckedAgain | None:
    """The rows checked again when the edition last came into force; None if that was not noted."""
    known = edition.summary.get(activation.CHECKED_AGAIN)
    if known is None or "rechecked" not in known:
        return None
    moves = [
        (str(Verdict(before).label), str(Verdict(after).label), count)
        for before, counts in known.get("verdict_moves", {}).items()
        for after, count in counts.items()
    ]
    done = known.get("held_done", {})
    return CheckedAgain(
        rows=known["rechecked"],
        changed=known.get("verdicts_changed", 0),
        moves=sorted(moves, key=lambda move: -move[2]),
        held=known.get("held", 0),
        held_done=done.get("rows", 0),
        held_changed=done.get("verdicts_changed", 0),
        held_ready=done.get("became_ready", 0),
    )


@dataclass(frozen=True)
class IssueFilter(filters.Filter):
    """A filter of remarks: those of one kind, or all."""

    kind: str = filters.choice(Kind, label=gettext_lazy("kind"), column="kind")


def page_of(
    edition: BoundaryEdition, wanted: IssueFilter, params: Mapping[str, Any]
) -> Page[QualityIssue]:
    """One page of remarks, the largest first, with the names of their regions.

    Queries: two; another for the area at its edge.
    """
    query = wanted.params() | {"view": "table"}
    known: QuerySet[QualityIssue] = edition.issues.all()
    page = read_page(wanted.apply(known), LARGEST_FIRST, params, query=query, known=known)
    issues = page.rows
    codes = {code for each in issues for code in (each.region_code, each.other_code) if code}
    names = dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
    for each in issues:
        each.region_name = names.get(each.region_code, "")
        each.other_name = names.get(each.other_code, "")
        each.remark = remark(each)
    return page


def remark(issue: QualityIssue) -> str:
    """More details of a remark, in words."""
    details = issue.details
    if reason := details.get("reason"):
        return REASONS[reason]() if reason in REASONS else str(reason)
    if "features" in details:
        return _("{n} features of the file").format(n=details["features"])
    if details.get("left_out"):
        return _("left out: the file has the code in force, too")
    if "share_inside" in details:
        return _("{percent} % of it inside").format(percent=round(details["share_inside"] * 100))
    if "neighbour" in details:
        return _("among villages of other regencies")
    return ""


def issue_shapes(edition: BoundaryEdition, kind: str) -> str:
    """GeoJSON of the largest remarks with a position, and the number of all with a position."""
    params = {"edition": edition.pk, "kind": kind, "most": MOST_ON_MAP}
    return str(sql.scalar("regions/draw_issues", params))


def outlines(edition: BoundaryEdition, box: tuple[float, float, float, float]) -> str:
    """GeoJSON of the edition's own outlines in a box of degrees, simplified to about a pixel.

    Only their number where there are more than MOST_OUTLINES.
    """
    west, south, east, north = box
    params = {
        "edition": edition.pk,
        "most": MOST_OUTLINES,
        "tolerance": max(east - west, 1e-6) / 2_000,
        **{"west": west, "south": south, "east": east, "north": north},
    }
    count = sql.scalar("regions/count_outlines", params)
    if count > MOST_OUTLINES:
        return json.dumps({"type": "FeatureCollection", "features": [], "omitted": count})
    return str(sql.scalar("regions/draw_outlines", params))


def extent_of(edition: BoundaryEdition) -> list[Any]:
    """West, south, east, north of the edition in degrees; empty without boundaries."""
    row = sql.run("regions/measure_extent", {"edition": edition.pk})[0]
    return list(row) if row[0] is not None else []
