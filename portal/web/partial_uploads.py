"""Parts of uploads whose line is cut: what came of them is a part, too, only a shorter one.

Django gives up a request whose body ends early, and with it what had arrived. Here the body simply
ends, and the view stores its beginning. Who asks for the offset meanwhile waits until that is done.
So nothing that arrived is sent twice.
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
ARRIVING_S: Final = 1.0  # a line that was cut is noticed sooner than a new one is made
LOOK_S: Final = 0.02


class KeptParts:
    """Around the application: only for requests below `PREFIX`.

    `arriving` and `storing` count, by address, the parts that this process has in hand.
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
        """Wait until no part is on its way from the line to the disk, but not for ever."""
        for parts, left in ((self.arriving, ARRIVING_S), (self.storing, STORING_S)):
            while path in parts and left > 0:
                await asyncio.sleep(LOOK_S)
                left -= LOOK_S

    async def _part(self, scope: Message, receive: Receive, send: Send) -> None:
        path, has_ended = scope["path"], False

        async def whole() -> Message:
            nonlocal has_ended
            if has_ended:
                # That nobody waits for the answer any more must not stop the storing.
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
    """A browser sends a request again by itself when a connection that it used before breaks.

    So that no part crosses the line twice, no connection of an upload is used twice.
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
