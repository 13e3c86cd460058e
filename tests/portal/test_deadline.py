"""Every request is answered in time, in words, with the headers of every other answer."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from apps.common import deadline
from portal.web.deadline import ANSWER_EARLIER_S, THREAD_EARLIER_S, Deadline

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/proposals/batches/",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1"), (b"accept-language", b"id")],
    "scheme": "http",
    "server": ("127.0.0.1", 80),
}


class Line:
    """A client: its body comes in pieces, each after a pause; what it is told is kept."""

    def __init__(self, *pieces: tuple[float, bytes]) -> None:
        self.pieces = list(pieces) or [(0.0, b"")]
        self.told: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if not self.pieces:
            await self.gone.wait()
            return {"type": "http.disconnect"}
        pause, body = self.pieces.pop(0)
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": body, "more_body": bool(self.pieces)}

    async def send(self, message: dict[str, Any]) -> None:
        self.told.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.gone.set()  # as uvicorn does once the answer is through

    @property
    def status(self) -> int:
        return int(self.told[0]["status"])

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.told[0]["headers"]}

    @property
    def text(self) -> str:
        return b"".join(message.get("body", b"") for message in self.told).decode()


def answering(after: float, ends: list[float] | None = None) -> Any:
    """An application that reads the whole body, works so long, and answers."""

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await asyncio.sleep(after)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"done"})
        if ends is not None:
            ends.append(time.monotonic())

    return app


def run(app: Any, *lines: Line, path: str = "", after: float = 0.4) -> float:
    """Ask once for each line, all at the same time; the seconds until the last is answered.

    `after`: how long what goes on in the background is watched.
    """

    async def ask() -> float:
        began = time.monotonic()
        scope = SCOPE | ({"path": path} if path else {})
        await asyncio.gather(*(app(scope, line.receive, line.send) for line in lines))
        took = time.monotonic() - began
        await asyncio.sleep(after)
        return took

    return asyncio.run(ask())


def test_an_answer_in_time_is_passed_on_unchanged():
    line = Line()
    run(Deadline(answering(0.05), seconds=5, most=9), line)
    assert (line.status, line.text) == (200, "done")


@pytest.mark.long
def test_a_request_whose_thread_hangs_is_answered_with_a_message():
    ends: list[float] = []
    around, line = Deadline(answering(2.0, ends), seconds=ANSWER_EARLIER_S + 0.4, most=9), Line()
    took = run(around, line, after=2.0)
    assert 0.35 <= took < 1.9
    assert line.status == 503
    assert "tidak dapat menyelesaikan" in line.text
    assert line.headers["retry-after"] == "10"
    for name in ("content-security-policy", "x-frame-options", "x-content-type-options"):
        assert line.headers[name]
    # it went on to its end, and nothing of its answer came after ours
    assert ends
    assert len(line.told) == 2
    assert around.in_hand == 0


@pytest.mark.long
def test_the_api_is_answered_in_json():
    line = Line()
    run(
        Deadline(answering(0.8), seconds=ANSWER_EARLIER_S + 0.3, most=9),
        line,
        path="/api/v1/proposals/",
        after=0.8,
    )
    assert line.status == 503
    assert line.headers["content-type"] == "application/problem+json"
    assert '"code": "unavailable"' in line.text


@pytest.mark.long
def test_a_body_that_comes_slowly_is_not_the_portals_time():
    line = Line((0.3, b"a"), (0.3, b"b"), (0.3, b"c"))
    run(Deadline(answering(0.1), seconds=ANSWER_EARLIER_S + 0.5, most=9), line)
    assert line.status == 200


@pytest.mark.long
def test_an_answer_that_goes_out_slowly_is_not_cut():
    async def slow(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(5):
            await asyncio.sleep(0.2)
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    line = Line()
    run(Deadline(slow, seconds=ANSWER_EARLIER_S + 0.3, most=9), line)
    assert line.text == "xxxxx"


@pytest.mark.long
def test_beyond_the_most_requests_are_refused_at_once_and_probes_are_not():
    around = Deadline(answering(0.5), seconds=5, most=2)
    lines = [Line() for _ in range(6)]
    run(around, *lines)
    refused = [line for line in lines if line.status == 503]
    assert len(refused) == 4
    assert "Terlalu banyak orang" in refused[0].text
    assert around.in_hand == 0
    probes = [Line() for _ in range(6)]
    run(around, *probes, path="/livez")
    assert {line.status for line in probes} == {200}


def test_the_work_inside_has_a_little_less_time():
    left: list[float | None] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        left.append(await asyncio.to_thread(deadline.left_s))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    run(Deadline(app, seconds=10, most=9), Line())
    assert left[0] == pytest.approx(10 - THREAD_EARLIER_S, abs=0.2)
    assert THREAD_EARLIER_S > ANSWER_EARLIER_S


def test_an_error_inside_is_reported_by_the_server():
    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(Deadline(app, seconds=5, most=9), Line())


@pytest.mark.long
def test_a_view_that_makes_a_file_asks_for_more_time():
    async def app(_scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await asyncio.to_thread(deadline.extend, 3)
        await asyncio.sleep(1)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"file"})

    line = Line()
    run(Deadline(app, seconds=ANSWER_EARLIER_S + 0.4, most=9), line)
    assert (line.status, line.text) == (200, "file")
