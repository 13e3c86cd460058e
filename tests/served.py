"""The portal as it is served: uvicorn on the loopback address, styles and scripts compressed.

Django's own test server speaks WSGI and compresses nothing, so that neither a cut part nor the
bytes of a page are what they are in use.
"""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import uvicorn
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application
from django.db import connection
from django.db.backends.signals import connection_created

from portal.web.serving import guarded

START_WITHIN_S = 30


@cache
def _packed(body: bytes) -> bytes:
    return gzip.compress(body, 9)


class _Compressed:
    """Static files as WhiteNoise sends them; the pages themselves as they are."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        start: dict[str, Any] = {}
        body = bytearray()

        async def gather(message: Any) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                packed = _packed(bytes(body))
                kept = [
                    (name, value)
                    for name, value in start["headers"]
                    if name.lower() not in (b"content-length", b"cache-control")
                ]
                start["headers"] = [
                    *kept,
                    (b"content-encoding", b"gzip"),
                    (b"content-length", str(len(packed)).encode()),
                    (b"cache-control", b"max-age=315360000, public, immutable"),
                ]
                await send(start)
                await send({"type": "http.response.body", "body": packed})

        await self.app(scope, receive, gather)


def _as_web(connection: Any, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")


@contextmanager
def served(kept_s: int = 5) -> Iterator[str]:
    """The address of a running portal, on the database of this test, as the web role.

    `kept_s`: how long a connection may be idle.
    """
    # not portal.asgi's, which refuses to serve as the owner
    handler: Any = guarded(_Compressed(ASGIStaticFilesHandler(get_asgi_application())))
    config = uvicorn.Config(
        handler,
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_keep_alive=kept_s,
    )
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.run, daemon=True)
    connection_created.connect(_as_web)
    thread.start()
    try:
        until = time.monotonic() + START_WITHIN_S
        while not server.started:
            assert thread.is_alive(), "the server ended while starting"
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        connection_created.disconnect(_as_web)
        connection.ensure_connection()
