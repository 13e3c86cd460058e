"""What changed since a page was drawn: as a stream, or for a page that asks every few seconds."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.commandcentre.board import shared_board
from apps.commandcentre.readers import reader_of
from apps.commandcentre.states import TOPIC
from apps.common.http import integer
from apps.jobs import outbox
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_HAZARD)
def since(request: HttpRequest) -> HttpResponse:
    """The events of the command centre; `Accept: text/event-stream` makes it a stream, which also
    brings the board of the chosen hazard (`?hazard=`) whenever it changes.
    """
    reader, wanted = reader_of(user_of(request)), integer(request.GET.get("hazard"))
    return outbox.answer(request, TOPIC, shared_board.streamed(request, reader, wanted))
