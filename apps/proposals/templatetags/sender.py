"""What a page offers to those who act for the sender of a batch."""

from __future__ import annotations

from django import template

from apps.accounts.models import User
from apps.proposals.export.release import may_take_whole
from apps.proposals.models import Batch

register = template.Library()


@register.filter
def whole_for(batch: Batch, user: User) -> bool:
    """Whether this person may download the batch's file with whole numbers."""
    return may_take_whole(batch, user)
