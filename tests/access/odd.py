"""Odd values for everything that a request may hold, and requests that hold them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import QueryDict

from tests.access.addresses import Address
from tests.access.visitors import Visitor

VALUES: dict[str, str] = {
    "nul": "a\0b",
    "surrogate": "\ud800",
    "superscript": "²",
    "arabic digits": "١٢",
    "5,000 digits": "9" * 5000,
    "10^30": "1" + "0" * 30,
    "beyond bigint": str(2**63),
    "beyond integer": str(2**31),
    "negative": "-1",
    "inf": "inf",
    "nan": "nan",
    "1e400": "1e400",
    "percent": "%",
    "underscore": "_00_2F",
    "direction": "\u202e\u2066abc",
    "astral": "\U0001f600" * 300,
    "quotes": "'\";--<b>\\",
    "folder": "../../etc/passwd",
    "lines": "a\r\nX: y",
    "last day": "31-12-9999",
    "first day": "01-01-0001",
    "address": "http://[",
    "box": "nan,inf,1e400,-1",
    "empty": "",
}
FILE_NAMES = (
    "a" * 300 + ".csv",
    "\U0001f600" * 250 + ".xlsx",
    "a." + "é" * 250,
    "a\nb\r.csv\n",
    "../../x.csv",
    ".",
    "\u202evsc.exe",
)
# What a form or address may hold that no view asks for by name.
ALWAYS = ("q", "p", "o", "e", "page", "next", "region", "_changelist_filters")


@contextmanager
def asked_for(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """The names of the fields and parameters that the views inside ask for."""
    names: set[str] = set()
    with monkeypatch.context() as patched:
        for method in ("get", "getlist", "__getitem__", "__contains__"):
            patched.setattr(QueryDict, method, _noting(getattr(QueryDict, method), names))
        yield names


def _noting(method: Any, names: set[str]) -> Any:
    def noting(self: QueryDict, name: Any, *rest: Any, **more: Any) -> Any:
        if isinstance(name, str):
            names.add(name)
        return method(self, name, *rest, **more)

    return noting


def encoded(values: dict[str, str]) -> str:
    return urlencode(values, errors="surrogatepass")


def paths(address: Address, known: dict[str, Any], value: str) -> Iterator[str]:
    """The address with one of its parameters made odd, in turn."""
    for name in address.parameters or []:
        odd = quote(value, safe="", errors="surrogatepass")
        yield address.at(**known | {name: odd})


def status_of(
    visitor: Visitor, method: str, path: str, *, form: Any = None, file: str = "", **headers: str
) -> str:
    """The status of an answer, or the fault that the request met. It is taken back again."""
    browser = visitor.browser
    sent: dict[str, Any] = {"headers": visitor.headers | headers}
    if file:
        upload = SimpleUploadedFile("x.csv", b"NIK,NAMA\n1,A\n")
        upload._name = file  # type: ignore[attr-defined]  # past Django's own cut, as a client's
        sent["data"] = dict(form or {}) | {"file": upload, "evidence": upload}
    elif form is not None:
        sent |= {"data": encoded(form), "content_type": "application/x-www-form-urlencoded"}
    with transaction.atomic():
        try:
            answer = getattr(browser, method.lower())(path, **sent)
            said = "" if answer.status_code < 500 else str(answer.status_code)
        except Exception as fault:
            said = f"{type(fault).__name__}: {str(fault)[:160]}"
        transaction.set_rollback(True)
    return said
