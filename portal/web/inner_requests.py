"""Requests that the server makes to its own application, for what a stream tells."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from portal.web.partial_uploads import App, Message, Receive, Send


class Answer:
    """The answer of the application to one request, kept in memory: its views answer briefly."""

    def __init__(self) -> None:
        self.start: Message = {"status": 500, "headers": []}
        self.body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = message
        else:
            self.body += message.get("body", b"")

    @property
    def status(self) -> int:
        return int(self.start["status"])

    @property
    def content(self) -> dict[str, Any]:
        """The JSON of the answer."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    def header(self, name: str) -> str:
        """The value of a header; "" where there is none."""
        wanted = name.lower().encode()
        found = (value for key, value in self.start["headers"] if key.lower() == wanted)
        return next(found, b"").decode()

    async def forward(self, send: Send) -> None:
        await send(self.start)
        await send({"type": "http.response.body", "body": self.body})


async def ask(app: App, scope: Message) -> Answer:
    """The application's answer to a request without a body."""
    found = Answer()
    await app(scope, _no_body(), found.take)
    return found


def _no_body() -> Receive:
    has_sent = False

    async def receive() -> Message:
        nonlocal has_sent
        if has_sent:
            await asyncio.Event().wait()
        has_sent = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive
