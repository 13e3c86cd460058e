"""What changed since a page was drawn: as a stream, or for a page that asks every few seconds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.commandcentre.states import TOPIC
from apps.jobs import outbox
from apps.ui.permissions import requires


@require_safe
@requires(Permission.VIEW_HAZARD)
def since(request: HttpRequest) -> HttpResponse:
    """The events of the command centre; `Accept: text/event-stream` makes it a stream."""
    return outbox.answer(request, TOPIC)
