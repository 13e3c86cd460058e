"""The part of the board that changes, made once for all boards that are told of one change.

200 boards show it in the same second. It comes with their streams (adr/0032); boards without one
ask for it. What it shows depends on the reader's scopes and permissions, the language, the chosen
hazard and what has happened until now; only the token of its forms is each reader's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import get_language

from apps.accounts.access import may
from apps.accounts.roles import Permission
from apps.commandcentre.readers import Reader
from apps.commandcentre.states import TOPIC
from apps.common.soft_cache import one_at_a_time
from apps.jobs import outbox
from apps.ui.requests import user_of

SHARED_S: Final = 10
# Stands where the token of the reader's own forms comes (also in live.js); it protects nothing.
TOKEN: Final = "0" * 64
# A board that was told of a change says so; other readings are made anew.
HEADER: Final = "X-Told"
# What changes the board. A shift changes the session of the one on duty too, so that each board
# reads itself again.
KINDS: Final = ("hazard", "plan", "call", "stock", "report")


def is_told(request: HttpRequest) -> bool:
    """Whether a board reads itself again because it was told of a change."""
    return bool(request.headers.get(HEADER))


def streamed(request: HttpRequest, reader: Reader, wanted: int | None) -> outbox.Part:
    """The board of this reader and hazard as a part of its stream."""
    chosen = f"?hazard={wanted}" if wanted is not None else ""
    readers = _readers(request, reader, wanted)
    return outbox.Part(f"{reverse('commandcentre:board')}{chosen}", readers, KINDS)


def answer(
    request: HttpRequest, reader: Reader, wanted: int | None, write: Callable[[], str]
) -> HttpResponse:
    """The part as an answer. `write` makes its HTML, with TOKEN as the token of forms, which stays
    in what a stream sends to many; it holds all that was told before it was asked for.
    """
    if outbox.is_for_all(request):
        return HttpResponse(write())
    told = hashlib.sha256(repr(outbox.state(TOPIC)).encode()).hexdigest()[:32]
    key = f"commandcentre:board:{told}:{_readers(request, reader, wanted)}"
    text: str | None = cache.get(key)
    if text is None:
        with one_at_a_time(key):
            text = cache.get(key)
            if text is None:
                text = write()
                cache.set(key, text, SHARED_S)
    return HttpResponse(text.replace(TOKEN, get_token(request)))


def _readers(request: HttpRequest, reader: Reader, wanted: int | None) -> str:
    """Boards with the same show the same."""
    user = user_of(request)
    scopes = (reader.scope, reader.true_counts, reader.facilities)
    held = [one.value for one in Permission if may(user, one)]
    seen = [wanted, get_language(), held, *(one.setting() for one in scopes)]
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
