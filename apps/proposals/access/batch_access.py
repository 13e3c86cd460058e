"""Which batch a page of the officers is about, and whether whoever asks may change it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.proposals.models import Batch
from apps.proposals.steps import acts_for


def batch_of(request: HttpRequest, batch_id: int) -> Batch:
    """The batch, if it lies in the region of whoever asks; else it is not there."""
    seen = Batch.objects.within(scope_of(request.user, Permission.VIEW_BATCH))
    return get_object_or_404(
        seen.select_related("region", "user", "agency", "went_on_by", "cycle"), pk=batch_id
    )


def batch_to_change(request: HttpRequest, batch_id: int) -> Batch:
    """The batch, for somebody who acts for its sender."""
    batch = batch_of(request, batch_id)
    if not may_change(request, batch):
        raise PermissionDenied
    return batch


def may_change(request: HttpRequest, batch: Batch) -> bool:
    """Whether this person acts for the batch's sender."""
    return acts_for(request.user, batch)
