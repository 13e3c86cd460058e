"""The batch that an officers' page is about, and whether the user may change it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.proposals.models import Batch
from apps.proposals.steps import acts_for
from apps.ui.requests import user_of


def batch_of(request: HttpRequest, batch_id: int) -> Batch:
    """The batch, if it is in the user's scope. Raises: Http404."""
    seen = Batch.objects.within(scope_of(user_of(request), Permission.VIEW_BATCH))
    return get_object_or_404(
        seen.select_related("region", "user", "agency", "went_on_by", "cycle"), pk=batch_id
    )


def batch_to_change(request: HttpRequest, batch_id: int) -> Batch:
    """The batch, if the user acts for its sender. Raises: Http404, PermissionDenied."""
    batch = batch_of(request, batch_id)
    if not may_change(request, batch):
        raise PermissionDenied
    return batch


def may_change(request: HttpRequest, batch: Batch) -> bool:
    """Whether the user acts for the batch's sender."""
    return acts_for(user_of(request), batch)
