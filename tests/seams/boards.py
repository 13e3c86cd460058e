"""Open boards as a program: streams, with the habits of live.js when they are lost, and what their
screens show.
"""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

ADDRESS = "/command-centre/events/"
# Of live.js: how long it waits to ask, and to try a stream again that was refused; of the stream:
# how long a browser waits after a lost line.
POLL_S, AGAIN_S, RETRY_S, SPREAD_S = 5.0, 60.0, 2.0, 2.0
# Of the board: how long it waits for its part, before it reads itself anew, and again (one to three
# times) after it was refused because the portal is busy.
BOARD, PART_S, BUSY_S = "/command-centre/", 4.0, 0.3
# What is told to the page, unlike `hello` and `alive`.
TOLD = {"hazard", "plan", "call", "stock", "feed", "shift", "report"}


@dataclass(frozen=True)
class Line:
    """Where boards connect to."""

    host: str
    port: int
    cookie: str
    tls: ssl.SSLContext | None = None


@dataclass
class Board:
    """One board; `seen` are the numbers of all events it was told of.
    `is_streaming` is whether its stream is open now. `page` is what its screen shows; it comes with
    the stream, or is read where it does not come in time: `readings`, `unread` were refused.
    """

    line: Line
    seen: set[int] = field(default_factory=set)
    refused: int = 0
    polls: int = 0
    last: int = 0
    is_streaming: bool = False
    page: str = ""
    readings: int = 0
    unread: int = 0
    _parts: frozenset[str] = frozenset()
    _awaited: int = 0
    _reading: asyncio.Task[None] | None = None

    async def watch(self) -> None:
        """For ever: a stream, again after a lost line, questions while it is refused."""
        while True:
            try:
                is_open = await self._stream()
            except (OSError, EOFError):
                is_open = True  # as a browser: no answer at all is tried again
            finally:
                self.is_streaming = False
            if is_open:
                await asyncio.sleep(RETRY_S)
            else:
                self.refused += 1
                await self._ask_until_back()

    async def _stream(self) -> bool:
        """Read a stream to its end; False where it was refused."""
        reader, writer = await self._send("text/event-stream")
        try:
            if b" 200 " not in await reader.readline():
                return False
            async for line in _lines(reader):
                if line.startswith(b"data: "):
                    self.is_streaming = True
                    self._take(json.loads(line.removeprefix(b"data: ")))
            return True
        finally:
            writer.close()

    async def _ask_until_back(self) -> None:
        """Ask every few seconds; a stream again when the portal is back, or after a minute."""
        loop = asyncio.get_running_loop()
        began, was_away = loop.time(), False
        while loop.time() - began < AGAIN_S:
            self.polls += 1
            answer = await self._poll()
            if answer is None:
                was_away = True
            else:
                for event in answer["events"]:
                    self._take(event)
                self.last = max(self.last, answer["last"])
                if was_away:
                    await asyncio.sleep(SPREAD_S * random.random())  # noqa: S311 (no secret)
                    return
            await asyncio.sleep(POLL_S * (0.8 + 0.4 * random.random()))  # noqa: S311

    async def _poll(self) -> dict[str, Any] | None:
        try:
            reader, writer = await self._send("*/*", "X-Poll: 1\r\nConnection: close\r\n")
            whole = await asyncio.wait_for(reader.read(), 20)
            writer.close()
        except (OSError, TimeoutError):
            return None
        head, _end, body = whole.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            return None
        found: dict[str, Any] = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])
        return found

    async def _send(
        self, accept: str, more: str = "", address: str = ADDRESS
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        line = self.line
        reader, writer = await asyncio.open_connection(line.host, line.port, ssl=line.tls)
        asked = (
            f"GET {address}?after={self.last} HTTP/1.1\r\nHost: {line.host}:{line.port}\r\n"
            f"Accept: {accept}\r\nCookie: {line.cookie}\r\n{more}\r\n"
        )
        writer.write(asked.encode())
        return reader, writer

    def _take(self, event: dict[str, Any]) -> None:
        if event["kind"] == "hello":
            self._parts = frozenset(event["parts"])
        elif event["kind"] == "part":
            if event["html"] is not None and event["upto"] >= self._awaited:
                self.page, self._awaited = event["html"], 0
                if self._reading is not None:
                    self._reading.cancel()
        elif event["kind"] in TOLD:
            self.seen.add(event["id"])
            self.last = max(self.last, event["id"])
            if event["kind"] in self._parts:
                self._awaited = event["id"]
                if self._reading is None or self._reading.done():
                    self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Read the board where it does not come."""
        await asyncio.sleep(PART_S * (1 + random.random()))  # noqa: S311 (no secret)
        while self._awaited:
            page = await self._board()
            self.readings += 1
            if page is None:
                self.unread += 1
                await asyncio.sleep(BUSY_S * (1 + 2 * random.random()))  # noqa: S311
                continue
            self.page, self._awaited = page, 0

    async def _board(self) -> str | None:
        more = f"HX-Request: true\r\nX-Told: {self.last}\r\nConnection: close\r\n"
        try:
            reader, writer = await self._send("text/html", more, BOARD)
            whole = await asyncio.wait_for(reader.read(), 20)
            writer.close()
        except (OSError, TimeoutError):
            return None
        head, _end, body = whole.partition(b"\r\n\r\n")
        return body.decode(errors="replace") if b" 200 " in head.split(b"\r\n", 1)[0] else None


async def _lines(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The lines of an answer that comes in chunks; a chunk may end within a line."""
    await reader.readuntil(b"\r\n\r\n")
    begun = b""
    while length := int((await reader.readline()).strip() or b"0", 16):
        begun += await reader.readexactly(length)
        await reader.readexactly(2)
        *whole, begun = begun.split(b"\n")
        for line in whole:
            yield line


async def until(condition: Callable[[], bool], seconds: float) -> float:
    """Seconds until it is so; infinite where it is not so in time."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        if loop.time() - began > seconds:
            return float("inf")
        await asyncio.sleep(0.01)
    return loop.time() - began
