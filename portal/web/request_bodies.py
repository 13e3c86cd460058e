"""How long a request's body may be, by sender and address: it is cut before it is stored.

Django reads a whole body, on the disk if it is large, before the sender is checked. Here a user who
is not signed in may send at most a form without files, and a signed-in user at most what the page
accepts. No body may fill the disk on which bodies are collected.
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from importlib import import_module
from io import BytesIO
from typing import Any, Final

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import translation
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from apps.casework import documents, photos
from apps.commandcentre.hazards import area_files
from apps.common import problem
from apps.common.files import photo_archives
from apps.common.files.limits import BOUNDARY_FILE, FULL, ROW_FILE
from apps.common.http import integer
from apps.indicators.figures import figure_columns
from apps.indicators.pockets import reception as pocket_editions
from apps.proposals.upload import upload_parts
from apps.reconciliation.deliveries.source_forms import UPLOAD_BYTES
from portal.web.partial_uploads import PREFIX
from portal.web.request_bounds import API_BYTES

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

UNKNOWN_BYTES: Final = API_BYTES  # of users who are not signed in, and of agencies
PART_BYTES: Final = upload_parts.PART_BYTES + 1_000  # the session may have ended meanwhile
FORM_BYTES: Final = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
FIELDS_BYTES: Final = 200_000  # of a form beside its file
# The pages that accept a file, and its largest size.
LONGEST: Final = {
    "proposals:upload-page": ROW_FILE.file_bytes,
    "proposals:batch-corrections": ROW_FILE.file_bytes,
    "proposals:batch-evidence": 4 * documents.MOST_BYTES,
    "proposals:change-propose": documents.MOST_BYTES,
    "proposals:row-evidence": documents.MOST_BYTES,
    "proposals:row-paper-add": documents.MOST_BYTES,
    "proposals:batch-photos": photo_archives.FILE_BYTES,
    "proposals:form-photos": 4 * photos.MOST_BYTES,
    "reconciliation:conflict": documents.MOST_BYTES,
    "reconciliation:dataset-upload": UPLOAD_BYTES,
    "commandcentre:upload-new": area_files.LIMITS.file_bytes,
    "commandcentre:plan-statement": documents.MOST_BYTES,
    "indicators:upload": figure_columns.LIMITS.file_bytes,
    "pockets:edition-upload": pocket_editions.LIMITS.file_bytes,
    "admin:regions_boundaryedition_upload": BOUNDARY_FILE.file_bytes,
}
DRAINED_BYTES: Final = 60_000_000
DRAINED_S: Final = 30.0
RETRY_AFTER_S: Final = 30


class _TooLong(Exception):
    pass


class BoundedBodies:
    """Wraps Django; checks every request with a body."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        announced = _announced(scope) if scope["type"] == "http" else 0
        if announced == 0:
            await self.app(scope, receive, send)
            return
        most = PART_BYTES if scope["path"].startswith(PREFIX) else UNKNOWN_BYTES
        if announced is None or announced > most:
            try:
                if await sync_to_async(_is_signed_in, thread_sensitive=False)(scope):
                    most = longest(scope["path"])
            except (DatabaseError, RedisError, OSError):
                await _say(scope, receive, send, 503)
                return
        if announced is not None and announced > most:
            await _say(scope, receive, send, 413)
        elif not _has_room(most if announced is None else announced):
            await _say(scope, receive, send, 507)
        else:
            await self._bounded(scope, receive, send, most)

    async def _bounded(self, scope: Message, receive: Receive, send: Send, most: int) -> None:
        left, has_begun = most, False

        async def counted() -> Message:
            nonlocal left
            message = await receive()
            left -= len(message.get("body", b""))
            if left < 0:
                raise _TooLong
            return message

        async def noted(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            await self.app(scope, counted, noted)
        except (_TooLong, OSError) as error:
            is_full = isinstance(error, OSError) and error.errno in FULL
            if has_begun or not (is_full or isinstance(error, _TooLong)):
                raise
            await _say(scope, receive, send, 507 if is_full else 413)


def longest(path: str) -> int:
    """The longest body that a page accepts from a signed-in user."""
    if path.startswith("/api/"):
        return UNKNOWN_BYTES
    try:
        name = resolve(path).view_name
    except (Resolver404, ValueError):
        return UNKNOWN_BYTES
    return LONGEST[name] + FIELDS_BYTES if name in LONGEST else FORM_BYTES


def _announced(scope: Message) -> int | None:
    """The length that the request states; None without one."""
    for name, value in scope["headers"]:
        if name.lower() == b"content-length":
            return integer(value.decode("latin-1"))
    is_open = any(name.lower() == b"transfer-encoding" for name, _value in scope["headers"])
    return None if is_open else 0


def _is_signed_in(scope: Message) -> bool:
    """Whether the session of the request's cookie belongs to a user."""
    try:
        key = ASGIRequest(scope, BytesIO()).COOKIES.get(settings.SESSION_COOKIE_NAME, "")
        if not key:
            return False
        return SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(key)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _has_room(size: int) -> bool:
    """Whether collecting this body leaves enough room on the disk."""
    if size <= settings.FILE_UPLOAD_MAX_MEMORY_SIZE:
        return True
    free = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()).free
    return free >= 2 * size + settings.DISK_SPARE_BYTES


async def _drain(receive: Receive) -> None:
    """Read a body and discard it: a browser reads no answer before it has sent its file.

    It is limited in bytes and time; after that the answer is sent anyway.
    """
    left = DRAINED_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAINED_S):
            while left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                if not message.get("more_body", False):
                    return


async def _say(scope: Message, receive: Receive, send: Send, status: int) -> None:
    """What is wrong and what to do, as a page or as JSON."""
    await _drain(receive)
    request = ASGIRequest(scope, BytesIO())
    with translation.override(translation.get_language_from_request(request)):
        text = _words(status)
        if scope["path"].startswith("/api/"):
            answer = problem.answer(status, "too_large" if status == 413 else "unavailable", text)
        elif request.headers.get("Accept") == "application/json":
            answer = JsonResponse({"wrong": {"file": text}})
        else:
            answer = HttpResponse(render_to_string("body.html", {"text": text}))
    headers = [
        (b"content-type", answer["Content-Type"].encode()),
        (b"content-length", str(len(answer.content)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
    ]
    if status != 413:
        headers.append((b"retry-after", str(RETRY_AFTER_S).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})


def _words(status: int) -> str:
    if status == 413:
        return _(
            "What was sent is larger than this page takes. Nothing of it was stored. Sign in first,"
            " or send a smaller file."
        )
    if status == 507:
        return _(
            "The portal's disk is nearly full. Nothing of this was stored; what was stored before"
            " is safe. Tell the administrator, and send it again when there is room."
        )
    return _("The portal cannot reach its database. Nothing was lost; try again in a moment.")
