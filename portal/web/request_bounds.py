"""Checks before Django reads a request: small bodies for the API, headers that it can decode.

Django spools a body of any length before a view is called. The API's bodies are small: they are
read here, chunked ones too, within a limit of bytes and of time, before a thread or a connection is
used.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.common import problem
from apps.common.http import integer

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

API_BYTES: Final = 64_000
API_WITHIN_S: Final = 10.0
CHARSET: Final = re.compile(rb"""charset\s*=\s*["']?([^;"'\s]*)""", re.IGNORECASE)
CHARSETS: Final = (b"utf-8", b"utf8", b"us-ascii", b"ascii")
DETAILS: Final = {
    HTTPStatus.BAD_REQUEST: ("unreadable", _("The header Content-Type cannot be read.")),
    HTTPStatus.REQUEST_TIMEOUT: ("too_slow", _("The body did not arrive in time. Send it again.")),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (
        "too_large",
        _("The body has more than 64 kB. Send one row in each request."),
    ),
}


class RequestRefused(Exception):
    """The request is answered here."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status)
        self.status = status


class Gone(Exception):
    """The sender closed the connection."""


class Bounds:
    """Wraps the application."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        try:
            _check_type(headers.get(b"content-type", b""))
            if scope["path"].startswith(problem.PREFIX):
                receive = _again(await _body(headers, receive), receive)
        except RequestRefused as refused:
            await _refuse(refused.status, send)
            return
        except Gone:
            return
        await self.app(scope, receive, send)


def _check_type(content_type: bytes) -> None:
    """Require UTF-8, and a header that Django can parse.

    Django decodes query and form by any Python codec that the header names, before a middleware is
    called. Some codecs fail; others turn harmless letters into NUL and lone surrogates.
    """
    parameters = content_type.partition(b";")[2]
    named = CHARSET.search(parameters)
    if b"*" in parameters or not content_type.isascii():
        raise RequestRefused(HTTPStatus.BAD_REQUEST)
    if named and named[1].lower() not in CHARSETS:
        raise RequestRefused(HTTPStatus.BAD_REQUEST)


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    announced = headers.get(b"content-length", b"0").decode("latin-1")
    if integer(announced, most=API_BYTES) is None:
        raise RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        async with asyncio.timeout(API_WITHIN_S):
            return await _read(receive)
    except TimeoutError:
        raise RequestRefused(HTTPStatus.REQUEST_TIMEOUT) from None


async def _read(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        body += message.get("body", b"")
        if len(body) > API_BYTES:
            raise RequestRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The bytes that were read, for the application; afterwards the connection itself."""
    is_given = False

    async def given() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return given


async def _refuse(status: HTTPStatus, send: Send) -> None:
    """Send a refusal. The rest of the body is not read: the connection ends with the answer."""
    code, detail = DETAILS[status]
    with translation.override(settings.LANGUAGE_CODE):
        told = {"code": code, "detail": str(detail), "attr": None}
    content = json.dumps(problem.body(status, [told])).encode()
    headers = [
        (b"content-type", problem.MEDIA_TYPE.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"private, no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})
