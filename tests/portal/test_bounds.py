"""Bodies of the API end at 64 kB and after ten seconds; headers that Django cannot read are 400."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from portal.web import request_bounds
from portal.web.request_bounds import API_BYTES, Bounds

PATH = "/api/v1/proposals/"


class Line:
    """What a client sends, piece by piece, and what it is answered."""

    def __init__(self, *pieces: bytes, ends: bool = True) -> None:
        self.pieces, self.ends = list(pieces), ends
        self.answered: list[Any] = []
        self.seen: bytes | None = None

    async def receive(self) -> dict[str, Any]:
        if not self.pieces:
            await asyncio.sleep(60)
        body = self.pieces.pop(0)
        more = bool(self.pieces) or not self.ends
        return {"type": "http.request", "body": body, "more_body": more}

    async def send(self, message: Any) -> None:
        self.answered.append(message)

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        self.seen = body

    def ask(self, path: str = PATH, **headers: str) -> int | None:
        """The status of a refusal; None when the application was asked."""
        pairs = [(n.replace("_", "-").encode(), v.encode("latin1")) for n, v in headers.items()]
        scope = {"type": "http", "path": path, "headers": pairs, "method": "POST"}
        asyncio.run(Bounds(self.app)(scope, self.receive, self.send))
        return self.answered[0]["status"] if self.answered else None

    @property
    def told(self) -> Any:
        return json.loads(self.answered[1]["body"])


def test_a_small_body_comes_whole() -> None:
    line = Line(b"a" * 10, b"b" * 10)
    assert line.ask() is None
    assert line.seen == b"a" * 10 + b"b" * 10


def test_64_kb_are_the_most() -> None:
    assert Line(b"a" * API_BYTES).ask() is None
    assert Line(b"a" * API_BYTES, b"b").ask() == 413


def test_an_announced_body_is_refused_before_it_is_read() -> None:
    line = Line(b"a")
    assert line.ask(content_length=str(API_BYTES + 1)) == 413
    assert line.pieces == [b"a"]
    assert line.told["errors"][0]["code"] == "too_large"
    headers = dict(line.answered[0]["headers"])
    assert headers[b"content-type"] == b"application/problem+json"


def test_a_body_without_a_length_is_read_no_further_than_the_limit() -> None:
    line = Line(*[b"a" * 10_000] * 100)
    assert line.ask(transfer_encoding="chunked") == 413
    assert len(line.pieces) >= 93


def test_a_body_that_arrives_too_slowly_is_refused_with_a_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_bounds, "API_WITHIN_S", 0.05)
    line = Line(b"{", ends=False)
    assert line.ask() == 408
    assert line.told["status"] == 408


def test_pages_are_not_bounded_here() -> None:
    line = Line(b"a" * 200_000)
    assert line.ask("/proposals/batches/upload/", content_length="200000") is None
    assert len(line.seen or b"") == 200_000


@pytest.mark.parametrize("given", ["text/plain; charset*=foo'x'a", "text/plain; a*=b", "té/xt"])
@pytest.mark.parametrize("path", [PATH, "/accounts/login/"])
def test_a_type_that_cannot_be_read_is_refused(given: str, path: str) -> None:
    assert Line(b"").ask(path, content_type=given) == 400


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "latin-1", "zip", "idna", "rot13", "x"])
def test_another_character_set_than_utf_8_is_refused(charset: str) -> None:
    for kind in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        for quoted in (f"charset={charset}", f'Charset = "{charset}"; a=b'):
            line = Line(b"")
            assert line.ask("/", content_type=f"{kind}; {quoted}") == 400, (kind, quoted)
            assert line.told["errors"][0]["code"] == "unreadable"


@pytest.mark.parametrize(
    "given",
    ["", "application/json", "text/plain; charset=UTF-8", 'text/html; charset="utf-8"', "a/b; c=d"],
)
def test_utf_8_is_read(given: str) -> None:
    assert Line(b"").ask("/", content_type=given) is None
