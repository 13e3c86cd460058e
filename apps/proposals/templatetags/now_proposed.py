"""The tag that shows what a removal or a correction asks of the register."""

from __future__ import annotations

from typing import Any

from django import template

from apps.proposals import now_and_proposed
from apps.proposals.models import Proposal
from apps.ui.requests import user_of

register = template.Library()


@register.inclusion_tag("proposals/_now_and_proposed.html", takes_context=True)
def now_and_proposed_of(context: Any, proposal: Proposal) -> dict[str, Any]:
    """`{% now_and_proposed_of proposal %}`: nothing for a new proposal."""
    request = now_and_proposed.request_of(proposal, user_of(context["request"]))
    return {
        "asked": request,
        "warnings": now_and_proposed.warnings(request) if request else [],
    }
