"""A stand-in for a source of feeds: a server on this machine that answers what a test lays out."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """One answer. `drip_s` is the pause after each byte, `silent_s` before the first one."""

    content: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    silent_s: float = 0.0


class Standin:
    """The pages by path, and what was asked: (path, headers)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def lay_out(self, path: str, content: bytes = b"", **values: Any) -> None:
        self.pages[path] = Page(content, **values)

    def headers_of_last(self) -> dict[str, str]:
        return self.asked[-1][1]


@contextmanager
def standin() -> Iterator[Standin]:
    """A running stand-in; its ETag and Last-Modified are honoured as a web server does."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = Standin(f"http://127.0.0.1:{server.server_address[1]}")
    server.standin = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: N802 (the library's name)
        found: Standin = self.server.standin  # type: ignore[attr-defined]
        found.asked.append((self.path, dict(self.headers)))
        page = found.pages.get(self.path.partition("?")[0], Page(status=404))
        time.sleep(page.silent_s)
        etag = page.headers.get("ETag")
        if etag and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.end_headers()
            return
        self.send_response(page.status)
        for name, value in ({"Content-Length": str(len(page.content))} | page.headers).items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(page)
        except OSError:
            return  # who asked has gone

    def _send(self, page: Page) -> None:
        if not page.drip_s:
            self.wfile.write(page.content)
            return
        for byte in page.content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(page.drip_s)

    def log_message(self, *_args: Any) -> None:
        """Nothing is logged."""
