"""Inspecting a foreign file inside a request: few at once, one for each user, and without holding a
database connection meanwhile.

    with inspection.slot("user:12"):
        seen = tabular.inspect_file(path)

A file with findings is read again for its download beside rows of the database, so `download_slot`
keeps the connection: as many places as connections that downloads may hold.

A user without a place gets a message with the time to come again (`answer`, called by the
middleware that opens the transactions). Busy is not a DomainError: the file itself was not refused.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.common import deadline

RETRY_AFTER_S: Final = 5


class Busy(Exception):
    """No place is free: for this user (429), or for anyone (503)."""

    def __init__(self, status: int, *, is_download: bool = False) -> None:
        super().__init__(status)
        self.status, self.is_download = status, is_download

    @property
    def text(self) -> str:
        if self.is_download:
            return self._download_text
        if self.status == 429:
            return _(
                "Another file of yours is being looked at. Nothing was lost. In a few seconds, send"
                " this one again."
            )
        return _(
            "The portal is looking at the files of others just now. Nothing was lost. Send yours"
            " again in a few seconds."
        )

    @property
    def _download_text(self) -> str:
        if self.status == 429:
            return _(
                "Another file of yours is being made just now. Nothing was fetched and nothing"
                " counted. In a few seconds, fetch this one again."
            )
        return _(
            "The portal is making the files of others just now. Nothing was fetched and nothing"
            " counted. Fetch yours again in a few seconds."
        )

    @property
    def script_text(self) -> str:
        """The text on a page whose script sends the file again by itself."""
        if self.status == 429:
            return _("Another file of yours is being looked at; this one follows by itself.")
        return _(
            "The portal is looking at the files of others just now. Yours has arrived whole; it"
            " goes on by itself in a few seconds."
        )


class Slots:
    """Limits the files at once in this process, and one for each user; waits a short time for a
    place.

    `is_download`: the connection is kept, for the transaction that reads rows beside the file.
    """

    def __init__(self, at_once: int, wait_s: float, *, is_download: bool = False) -> None:
        self.at_once, self.wait_s, self.is_download = at_once, wait_s, is_download
        self._taken: set[str] = set()
        self._changed = threading.Condition()

    @contextmanager
    def __call__(self, who: str) -> Iterator[None]:
        """A place for `who`. The connection to the database is given back first, but for a
        download. Raises: Busy.

        Raises: RuntimeError inside a request's transaction, which would hold the connection.
        """
        if not self.is_download:
            _let_go()
        deadline.extend(deadline.FILE_WITHIN_S if self.is_download else deadline.LOOK_WITHIN_S)
        with self._changed:
            self._changed.wait_for(lambda: self._is_free(who), self.wait_s)
            if who in self._taken:
                raise Busy(429, is_download=self.is_download)
            if not self._is_free(who):
                raise Busy(503, is_download=self.is_download)
            self._taken.add(who)
        try:
            yield
        finally:
            deadline.shorten(deadline.AFTER_LOOK_S)
            with self._changed:
                self._taken.discard(who)
                self._changed.notify_all()

    def _is_free(self, who: str) -> bool:
        return who not in self._taken and len(self._taken) < self.at_once


# Files of rows and maps. An inspection lasts a third of a second, at most ten (limits.LOOK_S).
slot = Slots(at_once=4, wait_s=0.8)
# Pictures, which briefly need much more memory.
picture_slot = Slots(at_once=1, wait_s=5.0)
# Files with findings. Who waits holds a connection, too, so the wait is short.
download_slot = Slots(at_once=2, wait_s=0.2, is_download=True)


_is_forbidden: ContextVar[bool] = ContextVar("looking_forbidden", default=False)


@contextmanager
def forbidden() -> Iterator[None]:
    """Forbids inspections inside a request's transaction: they would hold its connection."""
    token = _is_forbidden.set(True)
    try:
        yield
    finally:
        _is_forbidden.reset(token)


def _let_go() -> None:
    """Return the connection to its pool, except inside a transaction of a command or a test."""
    if _is_forbidden.get():
        raise RuntimeError("a foreign file is looked at inside a request's transaction")
    if not connection.in_atomic_block:
        connection.close()


def answer(request: HttpRequest, busy: Busy) -> HttpResponse:
    """What happened and what to do, as a page, or as JSON for a script that waits by itself."""
    if request.headers.get("Accept") == "application/json":
        told = {"busy": busy.script_text, "seconds": RETRY_AFTER_S}
        response: HttpResponse = JsonResponse(told, status=busy.status)
    else:
        page = render_to_string("busy.html", {"text": busy.text, "back": request.get_full_path()})
        response = HttpResponse(page, status=busy.status)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response
