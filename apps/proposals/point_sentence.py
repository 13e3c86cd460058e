"""The check's result for one point, as one sentence for the officer."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.proposals.chips import metres
from apps.proposals.models import Proposal, Verdict
from apps.regions.lookup import border_distance_m
from apps.regions.models import Boundary, Region


def tolerance_m(proposal: Proposal) -> float | None:
    """The distance in metres outside the claimed village up to which a point is accepted."""
    found = Boundary.objects.filter(region=proposal.village_id, edition=proposal.edition_id)
    return found.values_list("tolerance_m", flat=True).first()


def sentence(proposal: Proposal) -> str:
    """A sentence about the point's place relative to the claimed village. Queries: at most one."""
    known = {
        "claimed": proposal.village.name,
        "metres": metres(proposal.distance_m),
        "actual": str(proposal.actual_village or ""),
    }
    match proposal.verdict:
        case Verdict.INSIDE:
            # only the distance outside is stored; the distance inside is computed for this row
            if proposal.location is not None:
                known["metres"] = metres(border_distance_m(proposal.village_id, proposal.location))
            text = _("The point lies in {claimed}, {metres} from its nearest border.")
        case Verdict.NEAR_BORDER:
            known["tolerance"] = metres(tolerance_m(proposal))
            text = _(
                "The point lies {metres} outside {claimed}, within the {tolerance} that this line"
                " leaves open."
            )
        case Verdict.NEIGHBOUR:
            text = _(
                "The point lies in {actual}, {metres} from the border of {claimed}, in the same"
                " district."
            )
        case Verdict.ELSEWHERE:
            known["level"] = _level(proposal.village, proposal.actual_village)
            text = _(
                "The point lies in {actual}, {metres} from the border of {claimed}: another"
                " {level}."
            )
        case Verdict.UNMAPPED if proposal.location is None:
            text = _(
                "The coordinates name no place on earth, so that nothing can be compared with"
                " {claimed}; latitude and longitude are perhaps swapped."
            )
        case Verdict.UNMAPPED:
            text = _("The point lies in no village, {metres} from the border of {claimed}.")
        case Verdict.NO_POLYGON:
            text = _("{claimed} has no boundary in the edition in force; the point is not checked.")
        case _other:
            text = _("This proposal has no point; the list shows it, the map cannot.")
    return text.format(**known)


def _level(claimed: Region, actual: Region | None) -> str:
    """The highest level at which two villages differ."""
    other = actual.code if actual is not None else ""
    names = {2: _("province"), 5: _("regency"), 8: _("district")}
    for length, name in names.items():
        if claimed.code[:length] != other[:length]:
            return name
    return _("village")
