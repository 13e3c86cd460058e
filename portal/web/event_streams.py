"""Server-sent events: open pages are told at once, without a thread or a connection for each.

A request for a stream is first answered by its view, with all middleware: sign-in, permission,
events that were missed. If the answer names a topic (`outbox.TOPIC_HEADER`) it is continued as a
stream. From time to time (STREAM_CHECK_S) the view is asked again, so that a stream ends with its
session or permission.
One connection of each process listens for PostgreSQL's notifications and passes them on. What the
view names as a part of its page comes with the stream (`stream_parts`).

Source of the format: WHATWG HTML, Server-sent events.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

import psycopg
import structlog
from django.conf import settings

from apps.jobs.outbox import TOPIC_HEADER
from portal.web.inner_requests import Answer, ask
from portal.web.partial_uploads import App, Message, Receive, Send
from portal.web.stream_parts import Parts, Wanted

CHANNEL: Final = "portal_events"
ACCEPT: Final = b"text/event-stream"
# A sign of life is sent so often, so that proxies and the page see that the line is alive.
ALIVE_S: Final = 15.0
# A browser comes back after a lost line within this time.
RETRY_MS: Final = 2_000
# Events that wait for one slow line; a page that is further behind reloads itself.
MOST_WAITING: Final = 100
# Streams whose view is asked at once; others wait their turn, as boards do that all come back in
# one moment after a restart. More would take the requests of pages.
ASKED_AT_ONCE: Final = 8
# A portal that is busy with other requests is asked again: a stream that is refused comes back only
# after a minute.
TRIES: Final = 5
BUSY_S: Final = 1.0
# Until the listening connection is opened again.
PAUSE_S: Final = 1.0
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
RELOAD: Final[dict[str, Any]] = {"kind": "reload"}
ALIVE: Final[dict[str, Any]] = {"kind": "alive"}

log = structlog.get_logger(__name__)
Events = asyncio.Queue[dict[str, Any]]


class Hub:
    """The events of this process: one listening connection, a queue for each open stream."""

    def __init__(self, follow: Callable[[dict[str, Any]], None]) -> None:
        self._follow = follow
        self._streams: dict[str, set[Events]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    @property
    def open(self) -> int:
        return sum(map(len, self._streams.values()))

    @asynccontextmanager
    async def subscribed(self, topic: str) -> AsyncIterator[Events]:
        """A queue that gets the events of a topic; the first one opens the connection."""
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._listen())
        queue: Events = asyncio.Queue(MOST_WAITING)
        self._streams[topic].add(queue)
        try:
            yield queue
        finally:
            self._streams[topic].discard(queue)

    async def _listen(self) -> None:
        """Pass notifications on, for as long as the process lives."""
        is_first = True
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(**_parameters(), autocommit=True)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    if not is_first:
                        # what was told meanwhile is not known here
                        self._tell_all(RELOAD)
                    is_first = False
                    while True:
                        async for told in connection.notifies(timeout=ALIVE_S):
                            self._pass_on(told.payload)
                        await connection.execute("SELECT 1")
            except (psycopg.Error, OSError) as lost:
                log.warning("events_not_heard", error=type(lost).__name__)
                is_first = False
            await asyncio.sleep(PAUSE_S)

    def _pass_on(self, payload: str) -> None:
        event = json.loads(payload)
        for queue in self._streams[event["topic"]]:
            _put(queue, event)
        self._follow(event)

    def _tell_all(self, event: dict[str, Any]) -> None:
        for queues in self._streams.values():
            for queue in queues:
                _put(queue, event)


def _put(queue: Events, event: dict[str, Any]) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        event = RELOAD
    queue.put_nowait(event)


def _parameters() -> dict[str, Any]:
    """How to reach the database, from Django's settings."""
    known = settings.DATABASES["default"]
    options = {
        name: value
        for name, value in known["OPTIONS"].items()
        if isinstance(value, str | int) and name != "pool"
    }
    return {
        "dbname": known["NAME"],
        **{
            name: known[setting]
            for name, setting in (
                ("user", "USER"),
                ("password", "PASSWORD"),
                ("host", "HOST"),
                ("port", "PORT"),
            )
            if known[setting]
        },
        **options,
        "application_name": "portal events",
    }


class EventStreams:
    """Wraps the whole application: answers that name a topic go on as streams."""

    def __init__(self, app: App, *, most: int) -> None:
        self.app, self.most = app, most
        self.parts = Parts(app)
        self.hub = Hub(self.parts.follow)
        self._asked = asyncio.Semaphore(ASKED_AT_ONCE)
        self._beginning = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _wants_stream(scope):
            await self.app(scope, receive, send)
            return
        if self._beginning >= self.most:
            await self._turn_away(send)
            return
        self._beginning += 1
        try:
            first = await self._ask(scope)
        finally:
            self._beginning -= 1
        if not (topic := _topic(first)):
            await first.forward(send)
            return
        if self.hub.open >= self.most:
            await self._turn_away(send)
            return
        async with self.hub.subscribed(topic) as queue:
            # again, so that nothing is missed between the view's answer and the subscription
            known = await self._ask(scope)
            if _topic(known) == topic:
                await self._stream(scope, receive, send, queue, known)
            else:
                await known.forward(send)

    async def _ask(self, scope: Message) -> Answer:
        """The view's answer to this request, as a poll: it does not prolong the session."""
        asked = {**scope, "headers": [*scope["headers"], (b"x-poll", b"1")]}
        for _try in range(TRIES):
            async with self._asked:
                found = await ask(self.app, asked)
            if found.status != HTTPStatus.SERVICE_UNAVAILABLE:
                break
            await asyncio.sleep(BUSY_S)
        return found

    async def _turn_away(self, send: Send) -> None:
        log.warning("stream_refused", open=self.hub.open, beginning=self._beginning)
        await _refuse(send)

    async def _stream(
        self, scope: Message, receive: Receive, send: Send, queue: Events, known: Answer
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        missed, part = known.content, Wanted.of(known.content)
        parts = sorted(part.kinds) if part is not None else []
        text = f"retry: {RETRY_MS}\n\n"
        text += _line({"kind": "hello", "id": missed["last"], "parts": parts})
        if missed["reload"]:
            text += _line(RELOAD)
        await _send(send, text + "".join(map(_line, missed["events"])))
        gone = asyncio.create_task(_disconnected(receive))
        try:
            with self.parts.sent_to(partial(_put, queue), _topic(known), missed, scope):
                await self._pass_on(scope, send, queue, gone, known)
        except OSError:
            pass  # the line is gone
        finally:
            gone.cancel()
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _pass_on(
        self, scope: Message, send: Send, queue: Events, gone: asyncio.Task[None], known: Answer
    ) -> None:
        """Send what comes until the line is gone, or the one who reads may not see it any more."""
        sent, part = {event["id"] for event in known.content["events"]}, Wanted.of(known.content)
        loop = asyncio.get_running_loop()
        check_at = loop.time() + settings.STREAM_CHECK_S
        while not gone.done():
            event = await _next(queue, gone, min(ALIVE_S, settings.STREAM_CHECK_S))
            is_due = loop.time() >= check_at
            if is_due or (part is not None and event is not None and event["kind"] in part.checks):
                now = await self._ask(scope)
                if _is_refusal(now):
                    await _send(send, _line({"kind": "ended"}))
                    break
                if part is not None and _topic(now) and Wanted.of(now.content) != part:
                    # what this reader may see has changed: the page opens another stream
                    await _send(send, _line(RELOAD))
                    break
                check_at = loop.time() + settings.STREAM_CHECK_S
            if event is None:
                await _send(send, _line(ALIVE))
            elif event.get("id") not in sent:
                await _send(send, _line(event))


def _topic(answer: Answer) -> str:
    """The topic of an answer that is continued as a stream; "" of any other."""
    return answer.header(TOPIC_HEADER) if answer.status == 200 else ""


def _is_refusal(answer: Answer) -> bool:
    """Whether the session or the permission has ended. A portal whose database is away says nothing
    about them.
    """
    return not _topic(answer) and answer.status < 500


def _wants_stream(scope: Message) -> bool:
    return scope["method"] == "GET" and any(
        name == b"accept" and value.startswith(ACCEPT) for name, value in scope["headers"]
    )


async def _next(queue: Events, gone: asyncio.Task[None], within_s: float) -> dict[str, Any] | None:
    """The next event; None where there was none in time, or the line is gone."""
    waiting = asyncio.create_task(queue.get())
    try:
        await asyncio.wait({waiting, gone}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
        return waiting.result() if waiting.done() else None
    finally:
        waiting.cancel()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


def _line(event: dict[str, Any]) -> str:
    number = f"id: {event['id']}\n" if "id" in event else ""
    return f"{number}event: {event['kind']}\ndata: {json.dumps(event)}\n\n"


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"30")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    body = b"Terlalu banyak layar terbuka. / Too many boards are open. Try again later."
    await send({"type": "http.response.body", "body": body})
