"""Parts of uploads whose line is cut: the bytes that arrived are stored as a shorter part.

Django discards a request whose body ends early, with the bytes that had arrived. Here the body
simply ends, and the view stores its beginning. A request for the offset waits until that is done.
So no bytes that arrived are sent twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

PREFIX: Final = "/proposals/uploads/"
STORING_S: Final = 10.0
ARRIVING_S: Final = 1.0  # a cut line is noticed sooner than a new one is made
LOOK_S: Final = 0.02


class KeptParts:
    """Wraps the application, only for requests below `PREFIX`.

    `arriving` and `storing` count, by address, the parts that this process handles.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.arriving: Counter[str] = Counter()
        self.storing: Counter[str] = Counter()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
        elif _is_part(scope):
            await self._part(scope, receive, _closing(send))
        else:
            await self._stored(scope["path"])
            await self.app(scope, receive, _closing(send))

    async def _stored(self, path: str) -> None:
        """Wait for a limited time until no part is between the line and the disk."""
        for parts, left in ((self.arriving, ARRIVING_S), (self.storing, STORING_S)):
            while path in parts and left > 0:
                await asyncio.sleep(LOOK_S)
                left -= LOOK_S

    async def _part(self, scope: Message, receive: Receive, send: Send) -> None:
        path, has_ended = scope["path"], False

        async def whole() -> Message:
            nonlocal has_ended
            if has_ended:
                # The storing must go on, also when the sender no longer waits for the answer.
                await asyncio.Event().wait()
            message = await receive()
            if message["type"] == "http.disconnect":
                message = {"type": "http.request", "body": b"", "more_body": False}
            if not message.get("more_body", False):
                has_ended = True
                _move(path, self.arriving, self.storing)
            return message

        self.arriving[path] += 1
        try:
            await self.app(scope, whole, send)
        finally:
            _move(path, self.storing if has_ended else self.arriving)


def _is_part(scope: Message) -> bool:
    names = {name.lower() for name, _value in scope["headers"]}
    return scope["method"] == "POST" and b"upload-offset" in names


def _closing(send: Send) -> Send:
    """Close the connection of an upload after its answer.

    A browser repeats a request by itself when a connection that it used before breaks. So that no
    part is sent twice, no connection of an upload is used twice.
    """

    async def closing(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"connection", b"close")]}
        await send(message)

    return closing


def _move(path: str, gone: Counter[str], come: Counter[str] | None = None) -> None:
    gone[path] -= 1
    if not gone[path]:
        del gone[path]
    if come is not None:
        come[path] += 1
