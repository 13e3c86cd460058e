"""Accepted proposals that wait for a decree, by regency."""

from __future__ import annotations

from django.db.models import Count
from django.db.models.functions import Left

from apps.accounts.access import Scope
from apps.proposals.models import Proposal
from apps.proposals.states import ProposalStatus
from apps.regions.models import Region, prefix_of

REGENCY_LENGTH = 5


def accepted_by_regency(region_code: str, scope: Scope) -> list[tuple[str, str, int]]:
    """(code, name, accepted rows) of each regency in a region that has accepted rows.

    Queries: two.
    """
    rows = Proposal.objects.within(scope).filter(status=ProposalStatus.ACCEPTED)
    if region_code:
        rows = rows.filter(village__code__startswith=prefix_of(region_code))
    counts = dict(
        rows.order_by()
        .values_list(Left("village_id", REGENCY_LENGTH))
        .annotate(count=Count("pk"))
        .order_by("-count")
    )
    names = dict(Region.objects.filter(code__in=counts).values_list("code", "name"))
    return [(code, str(names.get(code, code)), count) for code, count in counts.items()]
