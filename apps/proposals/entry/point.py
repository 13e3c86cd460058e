"""One point while it is being chosen: what was understood, and where it lies, at once.

The verdict is that of the checks, asked of the same functions; it refuses nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import http, sql
from apps.common.geo import SRID
from apps.proposals import point_sentence, typed_point
from apps.proposals.chips import verdict
from apps.proposals.models import Proposal, Verdict
from apps.regions.models import Region

# A wider circle does not tell one village's edge from the next; it warns and never blocks.
COARSE_ACCURACY_M: Final = 50.0
# The light map's outlines, uncompressed.
OUTLINE_BYTES: Final = 60_000
TOLERANCES: Final = (0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.002, 0.01)
OUTSIDE: Final = frozenset({Verdict.NEIGHBOUR, Verdict.ELSEWHERE, Verdict.UNMAPPED})

NOT_UNDERSTOOD: dict[str, Promise] = {
    "empty": gettext_lazy("There is no point yet."),
    "short_link": gettext_lazy(
        "This short link hides the coordinates. Open it, then copy the long address, or press on"
        " the place and copy its two numbers."
    ),
    "link": gettext_lazy(
        "This link names no point. Press on the house in the map, copy its two numbers, and paste"
        " them here."
    ),
    "unreadable": gettext_lazy(
        "“{text}” was not understood. Write latitude, then longitude: -7.25042, 112.76881, or"
        " 7°15'01\" LS 112°46'08\" BT."
    ),
    "nowhere": gettext_lazy(
        "There is no place at {text}. Latitude in Indonesia lies between -11 and 6, longitude"
        " between 95 and 141."
    ),
    "swapped": gettext_lazy(
        "Longitude stands first here: {text}. Write latitude first, then longitude."
    ),
}


@dataclass(frozen=True)
class LocatedPoint:
    """What is known of a point. `problem` says why nothing was understood.

    Units: `latitude`, `longitude` degrees WGS 84.
    """

    problem: str = ""
    latitude: float | None = None
    longitude: float | None = None
    verdict: str = ""
    sentence: str = ""
    edition: str = ""

    @property
    def understood(self) -> str:
        """`-7.25042, 112.76881`: latitude first, five decimals, in every language."""
        if self.latitude is None or self.longitude is None:
            return ""
        return f"{self.latitude:.5f}, {self.longitude:.5f}"

    @property
    def is_outside(self) -> bool:
        return self.verdict in OUTSIDE


def locate_typed(text: str, village: Region | None) -> LocatedPoint:
    """Read a point as it was written and say where it lies. Queries: one to four."""
    try:
        latitude, longitude = typed_point.split(text)
    except typed_point.NotAPoint as problem:
        return _not_understood(problem.reason, text)
    found = sql.run(
        "proposals/entry/place_point",
        {"latitude": latitude, "longitude": longitude, "village": village.code if village else ""},
    )[0]
    return _located(_Found(*found), text, village)


@dataclass(frozen=True)
class _Found:
    latitude: float | None
    longitude: float | None
    is_on_earth: bool
    has_boundary: bool
    is_inside: bool
    border_m: float | None
    tolerance_m: float | None
    actual_code: str | None
    edition: str | None
    is_swapped: bool


def _located(found: _Found, text: str, village: Region | None) -> LocatedPoint:
    if found.latitude is None or found.longitude is None:
        return _not_understood("unreadable", text)
    if not found.is_on_earth or (not found.actual_code and _is_turned(found)):
        return _not_understood("swapped" if _is_turned(found) else "nowhere", text)
    actual = Region.objects.filter(code=found.actual_code).first() if found.actual_code else None
    known: dict[str, Any] = {
        "latitude": found.latitude,
        "longitude": found.longitude,
        "edition": found.edition or "",
    }
    if village is None:
        return LocatedPoint(sentence=_unclaimed(actual), **known)
    verdict = _verdict(found, village)
    proposal = Proposal(
        village=village,
        actual_village=actual,
        verdict=verdict,
        distance_m=found.border_m,
        location=Point(found.longitude, found.latitude, srid=SRID),
    )
    said = point_sentence.sentence(proposal, tolerance=found.tolerance_m)
    return LocatedPoint(verdict=verdict, sentence=said, **known)


def _verdict(found: _Found, village: Region) -> str:
    """As `place_points` grades it; a test holds the two together."""
    if not found.has_boundary:
        return Verdict.NO_POLYGON
    if found.is_inside:
        return Verdict.INSIDE
    if (found.border_m or 0.0) <= (found.tolerance_m or 0.0):
        return Verdict.NEAR_BORDER
    if found.actual_code is None:
        return Verdict.UNMAPPED
    is_near = found.actual_code[:8] == village.code[:8]
    return Verdict.NEIGHBOUR if is_near else Verdict.ELSEWHERE


def _is_turned(found: _Found) -> bool:
    """Longitude first: the two numbers fit Indonesia the other way round only."""
    latitude, longitude = found.latitude or 0.0, found.longitude or 0.0
    return found.is_swapped or (94 <= latitude <= 142 and -12 <= longitude <= 7)


def _unclaimed(actual: Region | None) -> str:
    if actual is None:
        return _("The point lies in no village. Choose the village of the family first.")
    return _("The point lies in {village}. Choose the village of the family first.").format(
        village=actual
    )


def _not_understood(reason: str, text: str) -> LocatedPoint:
    return LocatedPoint(
        problem=str(NOT_UNDERSTOOD[reason]).format(text=" ".join(text.split())[:80])
    )


def as_answer(looked: LocatedPoint, accuracy_m: str) -> dict[str, Any]:
    """A look as the script under the field takes it."""
    edition = _("Boundaries: edition {name}").format(name=looked.edition) if looked.edition else ""
    return {
        "problem": looked.problem,
        "understood": looked.understood,
        "latitude": looked.latitude,
        "longitude": looked.longitude,
        "verdict": looked.verdict,
        "chip": str(verdict(looked.verdict)),
        "sentence": looked.sentence,
        "edition": edition,
        "outside": looked.is_outside,
        "accuracy": accuracy_words(accuracy_m),
    }


def accuracy_words(typed: Any) -> str:
    """`± 8 m – good`: what a person should do with a circle of this size; "" for no number."""
    metres = http.decimal(str(typed))
    if metres is None:
        return ""
    if metres > COARSE_ACCURACY_M:
        return _("Accuracy ± {metres} m – wait a moment, or go outside").format(
            metres=round(metres)
        )
    return _("Accuracy ± {metres} m – good").format(metres=round(metres))


def surroundings(code: str) -> dict[str, Any]:
    """The village and its neighbours for the light map, simplified until they are small enough.

    Returns `{"type": "FeatureCollection", …}`, at most OUTLINE_BYTES. Queries: one to seven.
    """
    features: list[Any] = []
    for tolerance in TOLERANCES:
        values = {"code": code, "tolerance": tolerance}
        features = sql.scalar("proposals/entry/draw_surroundings", values) or []
        if isinstance(features, str):
            features = json.loads(features)
        if len(json.dumps(features, separators=(",", ":"))) <= OUTLINE_BYTES:
            break
    return {"type": "FeatureCollection", "features": features}
