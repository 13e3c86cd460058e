"""What is sent to the portal is cut before it is stored, unless somebody may send as much."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from apps.accounts.models import User
from tests.stack import Stack, Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
MEGABYTE = 1_000_000


def gathered(stack: Stack) -> int:
    """How many bytes of bodies lie in files without a name that the web server holds."""
    sizes = 0
    for handle in Path(f"/proc/{stack.pid('web')}/fd").iterdir():
        try:
            target = str(handle.readlink())
            if target.endswith("(deleted)") and not target.startswith("/dev/"):
                sizes += handle.stat().st_size
        except OSError:
            continue
    return sizes


def pieces(count: int) -> Iterator[bytes]:
    yield from (b"x" * MEGABYTE for _ in range(count))


@pytest.mark.parametrize("address", ["/accounts/login/", "/api/v1/proposals/", "/api/oauth/token/"])
@pytest.mark.parametrize("is_announced", [True, False])
@pytest.mark.long
def test_nothing_large_is_taken_from_visitors_who_are_not_signed_in(
    stack: Stack, address: str, is_announced: bool
) -> None:
    body = b"x" * (3 * MEGABYTE) if is_announced else pieces(3)
    answer = stack.visitor().post(address, data=body, headers={"Accept-Language": "id"})
    assert answer.status_code == 413
    assert "lebih" in answer.text


def test_a_cookie_that_is_no_session_opens_nothing(stack: Stack) -> None:
    visitor = stack.visitor()
    visitor.cookies.set("sessionid", "a" * 32)
    answer = visitor.post("/proposals/batches/upload/", data=b"x" * (3 * MEGABYTE))
    assert answer.status_code == 413


@pytest.mark.parametrize("name", ["Content-Length: 90000000", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.long
def test_a_body_on_its_way_is_not_gathered_on_the_disk(
    stack: Stack, name: str, method: str
) -> None:
    host, port = str(urlsplit(stack.address).hostname), int(urlsplit(stack.address).port or 0)
    size = 8 * MEGABYTE
    body = b"x" * size if "Length" in name else f"{size:x}\r\n".encode() + b"x" * size + b"\r\n"
    with socket.create_connection((host, port), timeout=10) as line:
        head = f"{method} /accounts/login/ HTTP/1.1\r\nHost: {host}:{port}\r\n{name}\r\n\r\n"
        line.sendall(head.encode() + body)
        time.sleep(0.5)
        assert gathered(stack) < MEGABYTE


@pytest.mark.long
def test_a_page_takes_what_it_is_made_for(stack: Stack, person: Callable[..., User]) -> None:
    visitor = stack.visitor(person("regency_officer"))
    table = b"NIK,NAMA\n" + b"1,SITI\n" * 600_000
    answer = _form(visitor, "/proposals/batches/upload/", table)
    assert answer.status_code in (200, 302)
    assert _form(visitor, "/proposals/batches/", table).status_code == 413


@pytest.mark.parametrize(
    ("role", "address", "name"),
    [
        ("operator", "/command-centre/uploads/new/facilities/", "gudang.csv"),
        ("operator", "/command-centre/uploads/new/hazard/", "banjir.geojson"),
        ("planner", "/indicators/upload/", "angka.csv"),
        ("planner", "/indicators/pockets/editions/upload/", "kantong.csv"),
    ],
)
def test_each_page_for_files_takes_more_than_a_form(
    stack: Stack, person: Callable[..., User], role: str, address: str, name: str
) -> None:
    """What is wrong with the file is said by the page: the body came whole."""
    table = b"KODE,NAMA\n" + b"1,SITI\n" * 900_000
    answer = stack.visitor(person(role)).post(
        address, data={}, files={"file": (name, table, "text/csv")}
    )
    assert answer.status_code in (200, 302)


@pytest.mark.long
def test_a_part_whose_session_has_ended_is_told_so(stack: Stack) -> None:
    address = "/proposals/uploads/00000000-0000-4000-8000-000000000000/"
    answer = stack.visitor().post(
        address, data=b"x" * 900_000, headers={"Upload-Offset": "0", "Accept": "application/json"}
    )
    assert answer.status_code == 401
    assert "sign_in" in answer.json()


def _form(visitor: Visitor, address: str, table: bytes) -> requests.Response:
    return visitor.post(
        address, data={"region": "97.01"}, files={"file": ("usulan.csv", table, "text/csv")}
    )
