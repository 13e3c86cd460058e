"""Display of verdicts, statuses and distances: a shape or a colour, always with a word.

Templates use these functions as filters (`templatetags.look`).
"""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.proposals.models import Decree, Flag, Proposal, Severity, Verdict
from apps.proposals.states import BatchStatus, IdentityDifference, Likely, ProposalStatus
from apps.proposals.steps import RejectReason, ReturnReason

# The same shapes as on the map (static/proposals/proposals_map.js).
MARKS = {
    Verdict.INSIDE: "●",
    Verdict.NEAR_BORDER: "◎",
    Verdict.NEIGHBOUR: "▲",
    Verdict.ELSEWHERE: "◆",
    Verdict.UNMAPPED: "✕",
    Verdict.NO_POLYGON: "□",
    Verdict.NO_POINT: "",
}
SEVERITY_MARKS = {Severity.NOTE: "i", Severity.WARNING: "⚠", Severity.ERROR: "✖"}
KILOMETRE = 1000
MEGABYTE = 1_000_000


def verdict(code: str) -> SafeString | str:
    """The chip of a verdict."""
    if code not in Verdict.values:
        return ""
    mark = MARKS[Verdict(code)]
    shape = format_html('<span class="mark" aria-hidden="true">{}</span>', mark) if mark else ""
    return format_html(
        '<span class="chip verdict-{}">{}{}</span>', code, shape, Verdict(code).label
    )


def proposal_status(code: str) -> SafeString:
    """The chip of a proposal's status."""
    return format_html('<span class="chip status-{}">{}</span>', code, ProposalStatus(code).label)


def batch_status(code: str) -> SafeString:
    """The chip of a batch's status."""
    return format_html('<span class="chip status-{}">{}</span>', code, BatchStatus(code).label)


def severity(value: int) -> SafeString | str:
    """The chip of a severity; "" for a row without findings."""
    if value not in Severity.values:
        return ""
    return format_html(
        '<span class="chip severity-{}"><span class="mark" aria-hidden="true">{}</span>{}</span>',
        value,
        SEVERITY_MARKS[Severity(value)],
        Severity(value).label,
    )


def flags(codes: list[str]) -> SafeString:
    """The flags as small tags without colour."""
    known = [Flag(code).label for code in codes or [] if code in Flag.values]
    return format_html_join(" ", '<span class="tag">{}</span>', ((label,) for label in known))


def metres(value: float | None) -> str:
    """A distance as text: `41 m`; from one kilometre on, `2.4 km`."""
    if value is None:
        return ""
    if value < KILOMETRE:
        return _("{metres} m").format(metres=number_format(value, decimal_pos=0))
    return _("{kilometres} km").format(kilometres=number_format(value / KILOMETRE, decimal_pos=1))


def coordinates(point: object) -> str:
    """A point as text: latitude first, decimal points, five decimals, in every language."""
    return f"{point.y:.5f}, {point.x:.5f}" if point is not None else ""  # type: ignore[attr-defined]


def reason(code: str) -> str:
    """The text of a reason that was chosen from a list."""
    known = dict(ReturnReason.choices) | dict(RejectReason.choices)
    return str(known.get(code, code))


def decree_status(code: str) -> SafeString:
    """The chip of a decree's status."""
    return format_html('<span class="chip status-{}">{}</span>', code, Decree.Status(code).label)


def registered(proposal: Proposal) -> str:
    """The comparison with the register in a few words; "" without one."""
    match = getattr(proposal, "registered_match", None)
    if match is None:
        return ""
    if match.likely == Likely.OTHER:
        return str(Likely.OTHER.label)
    known = IdentityDifference.values
    return ", ".join(str(IdentityDifference(code).label) for code in match.differs if code in known)


def file_size(value: int) -> str:
    """A size in bytes as text: `903 kB`; from a million bytes on, `3.2 MB`.

    The uploading script uses the same rule.
    """
    if value < MEGABYTE:
        return f"{number_format(round(value / 1000))} kB"
    return f"{number_format(value / MEGABYTE, decimal_pos=1)} MB"
