"""Every request is answered in time, even if its thread waits.

This layer is around the whole application, on the event loop. The clock starts when the body has
arrived (a slow line is not the portal's work) and stops when the answer begins. The thread's own
waiting ends a little earlier (`apps.common.deadline`), so the thread usually answers, with all
middleware. For a thread that hangs elsewhere the answer is given here, and the thread continues
until it ends. Beyond a number of open requests, further ones are refused at once: they would wait
for one another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from io import BytesIO
from time import monotonic
from typing import Any, Final

import structlog
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.module_loading import import_string

from apps.common import deadline
from portal.web.middleware import busy, late
from portal.web.partial_uploads import App, Message, Receive, Send

# How much before the time limit the answer is given here, and a thread's waiting ends.
ANSWER_EARLIER_S: Final = 1.0
THREAD_EARLIER_S: Final = 2.0
# Monitoring is answered under any load.
PROBES: Final = ("/livez", "/readyz")
# Adds the headers of an answer that no middleware of its request saw.
HEADERS: Final = (
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
)
Answer = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)


class Deadline:
    """Wraps an application. `in_hand` counts the requests whose work has begun and not ended."""

    def __init__(self, app: App, *, seconds: float, most: int) -> None:
        self.app, self.seconds, self.most = app, seconds, most
        self.in_hand = 0
        self._overdue: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        work = _Work(receive, send, self.seconds - THREAD_EARLIER_S)
        task = asyncio.create_task(_run(self.app, scope, work))
        arrival = asyncio.create_task(work.has_arrived.wait())
        try:
            await asyncio.wait({task, arrival}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                await self._in_time(task, work, scope)
        except asyncio.CancelledError:
            task.cancel()
            raise
        finally:
            arrival.cancel()
        if task.done() and not task.cancelled():
            task.result()

    async def _in_time(self, task: asyncio.Task[None], work: _Work, scope: Message) -> None:
        if self.in_hand >= self.most and scope["path"] not in PROBES:
            log.warning("request_refused", in_hand=self.in_hand)
            task.cancel()
            await work.answer_instead(scope, busy)
            return
        self.in_hand += 1
        task.add_done_callback(self._ended)
        work.may_begin.set()
        await asyncio.wait({task}, timeout=self.seconds - ANSWER_EARLIER_S)
        while not task.done() and (more := work.left_s) > 0:
            # the view asked for more time
            await asyncio.wait({task}, timeout=more)
        if not task.done() and not work.has_answered:
            self._overdue.add(task)
            log.error("request_out_of_time", path=scope["path"])
            await work.answer_instead(scope, late)
        elif not task.done():
            # the answer has begun; its duration depends on the line
            await asyncio.wait({task})

    def _ended(self, task: asyncio.Task[None]) -> None:
        self.in_hand -= 1
        if task in self._overdue:
            self._overdue.discard(task)
            if not task.cancelled() and (error := task.exception()) is not None:
                log.error("overdue_request_failed", error=type(error).__name__)


async def _run(app: App, scope: Message, work: _Work) -> None:
    await app(scope, work.receive, work.send)


class _Work:
    """One request: when its body arrived, whether it was answered, and later messages of its
    thread.
    """

    def __init__(self, receive: Receive, send: Send, thread_s: float) -> None:
        self._receive, self._send, self._thread_s = receive, send, thread_s
        self.has_arrived, self.may_begin = asyncio.Event(), asyncio.Event()
        self.has_answered = self._is_answered_for = False
        self._time: deadline.Time | None = None

    @property
    def left_s(self) -> float:
        """Seconds until the answer here is due: the thread's time and a little more."""
        if self._time is None:
            return 0.0
        return self._time.until + THREAD_EARLIER_S - ANSWER_EARLIER_S - monotonic()

    async def receive(self) -> Message:
        message = await self._receive()
        if self._is_answered_for:
            # the server needs the connection no more; the thread ends by itself
            await asyncio.Event().wait()
        if not self.has_arrived.is_set() and not message.get("more_body", False):
            self.has_arrived.set()
            await self.may_begin.wait()
            # this is the context of the application, and of every thread that it starts
            self._time = deadline.begin(self._thread_s)
        return message

    async def send(self, message: Message) -> None:
        if not self._is_answered_for:
            self.has_answered = True
            await self._send(message)

    async def answer_instead(self, scope: Message, answer: Answer) -> None:
        self._is_answered_for = True
        response = _answer(scope, answer)
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in response.items()
        ]
        await self._send(
            {"type": "http.response.start", "status": response.status_code, "headers": headers}
        )
        await self._send({"type": "http.response.body", "body": response.content})


def _answer(scope: Message, answer: Answer) -> HttpResponse:
    """The answer in the language of the user, with the usual headers."""
    request = ASGIRequest(scope, BytesIO())
    with translation.override(translation.get_language_from_request(request)):
        return _with_headers(answer)(request)


@cache
def _with_headers(answer: Answer) -> Any:
    wrapped: Any = answer
    for name in HEADERS:
        wrapped = import_string(name)(wrapped)
    return wrapped
