"""Saving the filter of the list, and removing a saved one."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.proposals.review import presentation, saved_filters
from apps.proposals.review.forms import SaveForm
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def save(request: HttpRequest) -> HttpResponse:
    """Save the filter of the address under a name."""
    given = SaveForm(request.POST).sent
    try:
        saved = saved_filters.save(
            name=given["name"],
            query=request.GET.urlencode(),
            is_shared=given["is_shared"],
            by=user_of(request),
            now=timezone.now(),
        )
    except DomainError as refused:
        messages.warning(request, refused.text)
    else:
        messages.success(request, _("The filter “{name}” is saved.").format(name=saved))
    return presentation.to_list(request)


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove one's own saved filter."""
    if not saved_filters.remove(pk=pk, by=user_of(request)):
        raise Http404
    messages.info(request, _("The saved filter is removed."))
    return presentation.to_list(request)
