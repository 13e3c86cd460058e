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
# How long a part is given to streams that begin again, as after a restart of the server.
KEPT_S: Final = 10.0
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
    `is_stale` is whether it is to be made anew, `behind` the streams that missed something before
    they began, `made` the last part, at `made_at` (of the loop's clock).
    """

    part: Wanted
    streams: dict[Tell, Message] = field(default_factory=dict)
    last: int = 0
    is_stale: bool = False
    behind: set[Tell] = field(default_factory=set)
    made: dict[str, Any] | None = None
    made_at: float = 0.0
    task: asyncio.Task[None] | None = None


class Parts:
    """The parts of all open streams of this process."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._readers: dict[tuple[str, str], Readers] = {}

    @contextmanager
    def sent_to(
        self, tell: Tell, topic: str, answer: dict[str, Any], scope: Message
    ) -> Iterator[None]:
        """Send the part to a stream (by `tell`) whenever it changes, and at once where the stream
        missed a change; `answer` is that of its view, `scope` its request.
        """
        part = Wanted.of(answer)
        if part is None:
            yield
            return
        key = (topic, part.readers)
        readers = self._readers.setdefault(key, Readers(part))
        readers.streams[tell] = scope
        missed = [one["id"] for one in answer["events"] if one["kind"] in part.kinds]
        if missed:
            self._bring(readers, tell, max(missed))
        try:
            yield
        finally:
            del readers.streams[tell]
            readers.behind.discard(tell)
            if not readers.streams:
                self._readers.pop(key, None)

    def follow(self, event: dict[str, Any]) -> None:
        """Make the parts that an event changes."""
        for (topic, _readers), readers in self._readers.items():
            if topic != event["topic"] or event["kind"] not in readers.part.kinds:
                continue
            # a lower number can become visible later
            readers.last, readers.is_stale = max(readers.last, event["id"]), True
            self._begin(readers)

    def _bring(self, readers: Readers, tell: Tell, missed: int) -> None:
        is_new = asyncio.get_running_loop().time() - readers.made_at < KEPT_S
        if readers.made is not None and is_new and readers.made["upto"] >= missed:
            tell(readers.made)
            return
        readers.last = max(readers.last, missed)
        readers.behind.add(tell)
        self._begin(readers)

    def _begin(self, readers: Readers) -> None:
        if readers.task is None or readers.task.done():
            readers.task = asyncio.create_task(self._make(readers))

    async def _make(self, readers: Readers) -> None:
        while (readers.is_stale or readers.behind) and readers.streams:
            await asyncio.sleep(GATHERED_S)
            upto, tells = readers.last, set(readers.streams if readers.is_stale else readers.behind)
            readers.is_stale, readers.behind = False, set()
            made = {"kind": "part", "upto": upto, "html": await self._read(readers)}
            if made["html"] is not None:
                readers.made, readers.made_at = made, asyncio.get_running_loop().time()
            for tell in tells & readers.streams.keys():
                tell(made)

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
