"""The part of the board that is read again, made once for all boards that are told of one change.

200 boards ask for it in the same second. What it shows depends on the reader's scopes and
permissions, the language, the chosen hazard and what has happened until now; only the token of its
forms is each reader's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from apps.accounts.access import may
from apps.accounts.roles import Permission
from apps.commandcentre.readers import Reader
from apps.commandcentre.states import TOPIC
from apps.common.soft_cache import one_at_a_time
from apps.jobs import outbox
from apps.ui.requests import user_of

SHARED_S: Final = 10
# Stands where the token of the reader's own forms comes; a made-up one that protects nothing.
TOKEN: Final = "0" * 64
# A board that was told of a change says so; other readings are made anew.
HEADER: Final = "X-Told"


def is_told(request: HttpRequest) -> bool:
    """Whether a board reads itself again because it was told of a change."""
    return bool(request.headers.get(HEADER))


def answer(
    request: HttpRequest, reader: Reader, wanted: int | None, write: Callable[[], str]
) -> HttpResponse:
    """The part as an answer. `write` makes its HTML, with TOKEN as the token of forms; it holds
    all that was told before it was asked for.
    """
    key = _key(request, reader, wanted)
    text: str | None = cache.get(key)
    if text is None:
        with one_at_a_time(key):
            text = cache.get(key)
            if text is None:
                text = write()
                cache.set(key, text, SHARED_S)
    return HttpResponse(text.replace(TOKEN, get_token(request)))


def _key(request: HttpRequest, reader: Reader, wanted: int | None) -> str:
    user = user_of(request)
    scopes = (reader.scope, reader.true_counts, reader.facilities)
    held = [one.value for one in Permission if may(user, one)]
    seen = [wanted, get_language(), held, *(one.setting() for one in scopes)]
    digest = hashlib.sha256(repr(seen).encode()).hexdigest()[:32]
    return f"commandcentre:board:{outbox.last(TOPIC)}:{digest}"
