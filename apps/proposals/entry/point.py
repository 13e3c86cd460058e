"""One point while it is typed: the degrees that were read, where it lies, and the findings.

Verdict and findings come from the SQL of the checks (`checks.location.examine_point`). No finding
blocks the point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.common import http, sql
from apps.common.geo import SRID
from apps.imports import typed_point
from apps.proposals import chips, point_sentence
from apps.proposals.checks import finding_texts, location
from apps.proposals.models import Proposal, Verdict
from apps.regions.lookup import villages_at
from apps.regions.models import Region

# In a wider circle two neighbouring villages cannot be distinguished. It warns and never blocks.
COARSE_ACCURACY_M: Final = 50.0
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
        "Longitude comes first here: {text}. Write latitude first, then longitude."
    ),
}


@dataclass(frozen=True)
class TypedPoint:
    """The degrees (WGS 84) of a typed point, or the `problem` why it has none."""

    problem: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class PointRemark:
    """A finding about the point, with its text."""

    code: str
    severity: int
    title: str
    remedy: str


@dataclass(frozen=True)
class LocatedPoint(TypedPoint):
    """What is known of a point. `problem` is the reason why it names no place.

    `remarks` are the findings that the checks will report about it, the worst first. The remark of
    the verdict has no title, because `sentence` is its title.
    """

    verdict: str = ""
    sentence: str = ""
    edition: str = ""
    remarks: tuple[PointRemark, ...] = ()

    @property
    def understood(self) -> str:
        """The degrees as they were read, `-7.25042, 112.76881`: latitude first, five decimals, in
        every language.
        """
        if self.latitude is None or self.longitude is None:
            return ""
        return f"{self.latitude:.5f}, {self.longitude:.5f}"

    @property
    def is_outside(self) -> bool:
        return self.verdict in OUTSIDE


def read_typed(text: str) -> TypedPoint:
    """The degrees of a typed point. Queries: at most one."""
    try:
        halves = typed_point.split(text)
    except typed_point.NotAPoint as problem:
        return _not_understood(problem.reason, text)
    values = dict(zip(("latitude", "longitude"), halves, strict=True))
    latitude, longitude = sql.run("proposals/entry/read_degrees", values)[0]
    if latitude is None or longitude is None:
        return _not_understood("unreadable", text)
    return TypedPoint(latitude=latitude, longitude=longitude)


def locate_typed(text: str, village: Region | None) -> LocatedPoint:
    """Read a typed point and find where it lies, as the checks do. Queries: up to 5."""
    typed = read_typed(text)
    if typed.latitude is None or typed.longitude is None:
        return LocatedPoint(problem=typed.problem)
    code = village.code if village is not None else ""
    examined = location.examine_point(typed.longitude, typed.latitude, code)
    remarks = tuple(_remark(one, examined.verdict) for one in examined.findings)
    located = LocatedPoint(latitude=typed.latitude, longitude=typed.longitude, remarks=remarks)
    if examined.is_beyond:
        return replace(located, problem=_beyond(text, examined.findings))
    if examined.verdict == Verdict.NO_POINT:
        return replace(located, problem=str(NOT_UNDERSTOOD["empty"]), remarks=())
    spot = Point(typed.longitude, typed.latitude, srid=SRID)
    if village is None:
        return replace(located, sentence=_unclaimed(spot))
    proposal = Proposal(
        village=village,
        actual_village=Region.objects.filter(code=examined.actual_village_code).first(),
        edition_id=examined.edition_id,
        verdict=examined.verdict,
        distance_m=examined.distance_m,
        location=spot,
    )
    return replace(
        located,
        verdict=examined.verdict,
        sentence=point_sentence.sentence(proposal),
        edition=proposal.edition.name if proposal.edition else "",
    )


def _remark(finding: location.PointFinding, verdict: str) -> PointRemark:
    title, remedy = words(finding.code, finding.params)
    return PointRemark(
        finding.code, finding.severity, "" if finding.code == verdict else title, remedy
    )


def words(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Title and remedy of a finding about a point. The form has one field, not two columns."""
    said = finding_texts.text(code, params=params)
    if code == "axes_swapped":
        return said.title, _("Write latitude first, then longitude.")
    return said.title, said.remedy


def _beyond(text: str, findings: tuple[location.PointFinding, ...]) -> str:
    """The problem of numbers that name no place on earth, in words."""
    is_swapped = any(one.code == "axes_swapped" for one in findings)
    return _in_words("swapped" if is_swapped else "nowhere", text)


def _unclaimed(spot: Point) -> str:
    codes = villages_at(spot)
    if not codes:
        return _("The point lies in no village. Choose the village of the family first.")
    return _("The point lies in {village}. Choose the village of the family first.").format(
        village=Region.objects.get(code=codes[0])
    )


def _not_understood(reason: str, text: str) -> TypedPoint:
    return TypedPoint(problem=_in_words(reason, text))


def _in_words(reason: str, text: str) -> str:
    return str(NOT_UNDERSTOOD[reason]).format(text=" ".join(text.split())[:80])


def as_answer(looked: LocatedPoint, accuracy_m: str) -> dict[str, Any]:
    """The JSON object for the script of the field."""
    edition = _("Boundaries: edition {name}").format(name=looked.edition) if looked.edition else ""
    return {
        "problem": looked.problem,
        "understood": looked.understood,
        "latitude": looked.latitude,
        "longitude": looked.longitude,
        "verdict": looked.verdict,
        "chip": str(chips.verdict(looked.verdict)),
        "sentence": looked.sentence,
        "edition": edition,
        "outside": looked.is_outside,
        "remarks": [
            {**asdict(one), "chip": str(chips.severity(one.severity))} for one in looked.remarks
        ],
        "accuracy": accuracy_words(accuracy_m),
    }


def accuracy_words(typed: Any) -> str:
    """`± 8 m – good`: the accuracy in metres and how good it is; "" without a number."""
    metres = http.decimal(str(typed))
    if metres is None:
        return ""
    if metres > COARSE_ACCURACY_M:
        return _("Accuracy ± {metres} m – wait a moment, or go outside").format(
            metres=round(metres)
        )
    return _("Accuracy ± {metres} m – good").format(metres=round(metres))
