"""The served API: bounds on what is read, no connection held by who waits, one effect of ten."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Any

import pytest
import requests

from apps.accounts.models import User
from apps.proposals.models import Batch
from tests.api.test_proposals import ROW, Caller
from tests.conftest import as_role
from tests.limits import within
from tests.stack import Stack, frozen

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATH = "/api/v1/proposals/"
WAITING = 30  # more than the pool has connections


@pytest.fixture
def token() -> str:
    return Caller("97.01").token


def send(stack: Stack, token: str, key: str = "", **changes: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
    return requests.post(f"{stack.address}{PATH}", json=ROW | changes, headers=headers, timeout=60)


def raw(stack: Stack, head: str, body: bytes = b"") -> bytes:
    """The answer to a request as it is written here, byte for byte."""
    with socket.create_connection(("127.0.0.1", stack.port), timeout=20) as line:
        line.sendall(head.replace("\n", "\r\n").encode("latin1") + b"\r\n\r\n")
        with suppress(OSError):  # answered and closed before the end
            line.sendall(body)
        answer = b""
        with suppress(OSError):
            while piece := line.recv(65_536):
                answer += piece
        return answer


@pytest.mark.long
def test_ten_posts_with_one_key_are_one_batch_and_ten_equal_answers(
    stack: Stack, token: str
) -> None:
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda _turn: send(stack, token, "satu"), range(10)))
    assert {one.status_code for one in answers} == {201}
    assert len({one.content for one in answers}) == 1
    other = send(stack, token, "satu", name="ORANG LAIN")
    assert other.status_code == 409
    with as_role("owner"):
        assert Batch.objects.count() == 1


@pytest.mark.scale
def test_a_stored_answer_survives_a_restart(stack: Stack, token: str) -> None:
    first = send(stack, token, "dua")
    stack.run("stop")
    stack.run("start")
    assert send(stack, token, "dua").content == first.content


@pytest.mark.timed
@pytest.mark.long
def test_who_waits_for_a_check_holds_no_connection(
    stack: Stack, token: str, person: Callable[..., User]
) -> None:
    officer = stack.visitor(person("regency_officer"))
    with ExitStack() as still, ThreadPoolExecutor(WAITING) as threads:
        for name in ("worker-interactive", "worker-batches"):
            still.enter_context(frozen(stack.pid(name)))
        waiting = [threads.submit(send, stack, token) for _turn in range(WAITING)]
        time.sleep(3)
        assert not any(one.done() for one in waiting)
        before = time.monotonic()
        assert officer.get("/proposals/batches/").status_code == 200
        assert time.monotonic() - before < within(4)
        assert {one.result().status_code for one in waiting} == {202}


@pytest.mark.long
def test_a_body_without_a_length_is_cut_at_64_kb(stack: Stack, token: str) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"nik": "'
        for _turn in range(400):
            yield b"9" * 10_000

    head = (
        f"POST {PATH} HTTP/1.1\nHost: 127.0.0.1\nAuthorization: Bearer {token}\n"
        "Content-Type: application/json\nTransfer-Encoding: chunked"
    )
    body = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces()) + b"0\r\n\r\n"
    answer = raw(stack, head, body)
    assert answer.startswith(b"HTTP/1.1 413"), answer[:200]
    assert b"application/problem+json" in answer


ODD = {
    "type with an unknown set": ("POST /accounts/login/", "text/plain; charset*=foo'x'a", b""),
    "part with an unknown set": (
        "POST /accounts/login/",
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name*=foo'x'a\r\n\r\n1\r\n--x--\r\n",
    ),
    "part with an unknown set in the name of a file": (
        "POST /accounts/login/",
        "multipart/form-data; boundary=x",
        b"--x\r\nContent-Disposition: form-data; name=a; filename*=foo'x'a\r\n\r\n1\r\n--x--\r\n",
    ),
    "utf-7": ("POST /accounts/login/?next=%2B2AA-", "text/plain; charset=utf-7", b""),
    "no text": ("POST /accounts/login/?a=b", "text/plain; charset=zip", b""),
    "no text, one parameter": ("GET /?a=%ff", "text/plain; charset=idna", b""),
    "bytes in the path": ("GET /\xff\xfe/", "text/plain", b""),
    "bytes in the query": ("GET /?a=\xff", "text/plain", b""),
    "broken percents": ("GET /%zz/%/?%&%zz=%", "text/plain", b""),
    "surrogates in the path": ("GET /%ed%a0%80/", "text/plain", b""),
    "a NUL in the path": ("GET /proposals/%00/", "text/plain", b""),
    "a boundary of bytes": ("POST /accounts/login/", "multipart/form-data; boundary=\xff", b"x"),
    "a form of bytes": (
        "POST /accounts/login/",
        "application/x-www-form-urlencoded",
        b"a=\xff&%ff=%00",
    ),
    "deep JSON": ("POST /api/v1/proposals/", "application/json", b"[" * 60_000),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.long
def test_no_odd_request_is_a_fault(stack: Stack, token: str, name: str) -> None:
    line, content_type, body = ODD[name]
    head = (
        f"{line} HTTP/1.1\nHost: 127.0.0.1:{stack.port}\nContent-Type: {content_type}\n"
        f"Authorization: Bearer {token}\nConnection: close\nContent-Length: {len(body)}"
    )
    status = int(raw(stack, head, body).split(b" ", 2)[1])
    assert 200 <= status < 500, status


HEADERS: list[dict[str, str]] = [
    {"HX-Request": "true", "HX-Current-URL": "http://["},
    {"HX-Request": "true", "HX-Current-URL": "http://x/?a=%00"},
    {"Referer": "http://["},
    {"Cookie": 'sessionid="\\000"'},
    {"Cookie": 'csrftoken="\\000\\377"; django_language="\\000"'},
    {"Accept-Language": "x" * 9000},
    {"If-Modified-Since": "never"},
    {"Range": "bytes=²-"},
    {"X-Forwarded-For": "a, b, ²"},
    {"Authorization": "Basic ////"},
    {"Authorization": "Bearer \xff\xfe"},
    {"Upload-Offset": "9" * 5000},
]


@pytest.mark.parametrize("given", HEADERS, ids=lambda one: json.dumps(one)[:40])
@pytest.mark.long
def test_no_odd_header_is_a_fault(stack: Stack, given: dict[str, str]) -> None:
    lines = "\n".join(f"{name}: {value}" for name, value in given.items())
    for path in ("/", "/proposals/batches/", "/admin/", "/api/v1/proposals/1/", "/static/x.css"):
        for method in ("GET", "POST"):
            head = (
                f"{method} {path} HTTP/1.1\nHost: 127.0.0.1:{stack.port}\n{lines}\n"
                "Connection: close\nContent-Length: 0"
            )
            encoded: Any = head.encode("utf-8").decode("latin1")
            status = int(raw(stack, encoded).split(b" ", 2)[1])
            assert 200 <= status < 500, (path, method, status)
