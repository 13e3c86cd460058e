"""Parts of pages that come with a stream: made once for all streams that show the same.

A view that is continued as a stream may name such a part (`outbox.Part`). After an event of one of
its kinds the part's view is asked once, as one of the streams of the same readers, and each of them
gets the answer: 200 boards show an update without 200 requests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import structlog

from apps.jobs.outbox import PART_HEADER
from portal.web.inner_requests import Answer, ask
from portal.web.partial_uploads import App, Message

# What happens in one moment is told by one part.
GATHERED_S: Final = 0.05
# Streams that are asked as before their readers read by themselves, and the pause between them: the
# session of one may have ended, and the portal may be busy.
TRIES: Final = 4
PAUSE_S: Final = 0.2
NOT_SENT: Final = {b"accept", b"accept-encoding", b"last-event-id", b"if-none-match"}

log = structlog.get_logger(__name__)
Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Wanted:
    """A part as its stream's view names it (`outbox.Part`)."""

    address: str
    readers: str
    kinds: frozenset[str]
    checks: frozenset[str]

    @classmethod
    def of(cls, answer: dict[str, Any]) -> Wanted | None:
        """The part that an answer names, if it does."""
        part = answer.get("part")
        if part is None:
            return None
        kinds, checks = frozenset(part["kinds"]), frozenset(part["checks"])
        return cls(part["address"], part["readers"], kinds, checks)


@dataclass
class Readers:
    """The open streams of the same readers. `last` is the last event that changes their part;
    `is_stale` is whether it is to be made anew.
    """

    part: Wanted
    streams: dict[Tell, Message] = field(default_factory=dict)
    last: int = 0
    is_stale: bool = False
    task: asyncio.Task[None] | None = None


class Parts:
    """The parts of all open streams of this process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._readers: dict[tuple[str, str], Readers] = {}

    @contextmanager
    def sent_to(
        self, tell: Tell, topic: str, part: Wanted | None, scope: Message
    ) -> Iterator[None]:
        """Send the part to a stream (by `tell`) whenever it changes; `scope` is its request."""
        if part is None:
            yield
            return
        key = (topic, part.readers)
        readers = self._readers.setdefault(key, Readers(part))
        readers.streams[tell] = scope
        try:
            yield
        finally:
            del readers.streams[tell]
            if not readers.streams:
                self._readers.pop(key, None)

    def follow(self, event: dict[str, Any]) -> None:
        """Make the parts that an event changes."""
        for (topic, _readers), readers in self._readers.items():
            if topic != event["topic"] or event["kind"] not in readers.part.kinds:
                continue
            # a lower number can become visible later
            readers.last, readers.is_stale = max(readers.last, event["id"]), True
            if readers.task is None or readers.task.done():
                readers.task = asyncio.create_task(self._make(readers))

    async def _make(self, readers: Readers) -> None:
        while readers.is_stale and readers.streams:
            await asyncio.sleep(GATHERED_S)
            upto, readers.is_stale = readers.last, False
            html = await self._read(readers)
            for tell in list(readers.streams):
                tell({"kind": "part", "upto": upto, "html": html})

    async def _read(self, readers: Readers) -> str | None:
        """The part as HTML; None where it cannot be made now."""
        found = Answer()
        for nth, scope in enumerate(list(readers.streams.values())[:TRIES]):
            if nth:
                await asyncio.sleep(PAUSE_S)
            try:
                found = await ask(self._app, _request_for(readers.part.address, scope))
            except Exception as error:  # noqa: BLE001 (its readers ask by themselves)
                log.warning("part_not_made", error=type(error).__name__)
                continue
            if found.status == 200:
                return found.body.decode()
        log.warning("part_not_made", status=found.status)
        return None


def _request_for(address: str, scope: Message) -> Message:
    """The request for a part, as the one who opened the stream of this request."""
    path, _mark, query = address.partition("?")
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in NOT_SENT]
    own = [
        (b"accept", b"text/html"),
        (b"hx-request", b"true"),
        (b"x-poll", b"1"),
        (b"x-told", b"1"),
    ]
    return {
        **scope,
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "headers": [*kept, *own, (PART_HEADER.lower().encode(), b"1")],
    }
