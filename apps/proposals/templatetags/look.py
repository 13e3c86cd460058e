"""Filters for the chips and distances of `proposals.chips` and the civil register's answers."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.civilregister.states import CivilDifference, CivilStatus
from apps.proposals import chips, maps
from apps.proposals.civil.civil_check import FAULTS
from apps.proposals.models import CivilMatch, Proposal

register = template.Library()

CIVIL_MARKS = {
    CivilStatus.NOT_CHECKED: "○",
    CivilStatus.MATCHED: "✓",
    CivilStatus.NOT_MATCHED: "≠",
    CivilStatus.FAILED: "↻",
}

for each in (
    chips.verdict,
    chips.proposal_status,
    chips.batch_status,
    chips.severity,
    chips.flags,
    chips.metres,
    chips.coordinates,
    chips.reason,
    chips.decree_status,
    chips.file_size,
    chips.registered,
):
    register.filter(each)


@register.filter
def civil_status(code: str) -> SafeString:
    """The chip of a status of the civil register."""
    return format_html(
        '<span class="chip civil-{}"><span class="mark" aria-hidden="true">{}</span>{}</span>',
        code,
        CIVIL_MARKS[CivilStatus(code)],
        CivilStatus(code).label,
    )


@register.filter
def civil(proposal: Proposal) -> SafeString:
    """The chip of a proposal's status in the civil register."""
    match = civil_match(proposal)
    return civil_status(match.status if match else CivilStatus.NOT_CHECKED.value)


@register.filter
def civil_match(proposal: Proposal) -> CivilMatch | None:
    """The answer of the civil register about a proposal; None if it was not asked."""
    return getattr(proposal, "civil_match", None)


@register.filter
def civil_why(match: CivilMatch | None) -> str:
    """The differences between the two, or why there was no answer."""
    if match is None:
        return ""
    if match.status == CivilStatus.FAILED:
        return str(FAULTS.get(match.fault, ""))
    return ", ".join(
        str(CivilDifference(code).label) for code in match.differs if code in CivilDifference.values
    )


@register.filter
def map_place(proposal: Proposal) -> str:
    """`longitude,latitude` where the point may be drawn among others; else ""."""
    return maps.place_of(proposal)
