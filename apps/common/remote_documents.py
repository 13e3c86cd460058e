"""One conditional request to an outside service: a new document, nothing new, or a fault.

The address is resolved once and pinned, redirects are not followed, and time and size of the whole
answer are limited (`common.outgoing`).
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from apps.common.http import integer
from apps.common.outgoing import Connection, NotAllowed, Rule, Target

AGENT: Final = "dtks-portal"
MOST_VALIDATOR: Final = 200


class NoDocument(Exception):
    """No usable answer.

    `reason` is address, timeout, connection, status, too_large, encoding or cut.
    """

    def __init__(self, reason: str, **params: Any) -> None:
        super().__init__(reason)
        self.reason, self.params = reason, params


class SourceFault(Exception):
    """An outside source gave nothing that can be used; `code` is one of its app's messages.

    `is_over`: what was read of it so far is of no use either.
    """

    def __init__(self, code: str, *, is_over: bool = False, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params, self.is_over = code, params, is_over


@dataclass(frozen=True)
class Validators:
    """What the server named its last answer; sent back, so that it can say "nothing new"."""

    etag: str = ""
    last_modified: str = ""

    def up_to(self, latest: datetime) -> Validators:
        """These without a Last-Modified after `latest`, which a server whose clock is wrong names:
        every answer that follows would count as older, or as nothing new.
        """
        told = moment_of(self.last_modified)
        return self if told is None or told <= latest else replace(self, last_modified="")


def moment_of(last_modified: str) -> datetime | None:
    """The time that a Last-Modified names; None where it names none."""
    try:
        told = parsedate_to_datetime(last_modified)
    except (TypeError, ValueError, OverflowError):
        return None
    return told if told.tzinfo is not None else told.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Document:
    """An answer; `content` is None where nothing is new."""

    content: bytes | None
    validators: Validators


def fetch_document(
    url: str,
    known: Validators,
    *,
    accept: str,
    allowed: Rule,
    timeout_s: float,
    most_bytes: int,
) -> Document:
    """Ask once. Raises: NoDocument.

    The time limit is for the whole answer; a longer answer than `most_bytes` is not read.
    """
    try:
        target = Target.of(url, allowed)
    except NotAllowed:
        raise NoDocument("address") from None
    headers = {
        "User-Agent": AGENT,
        "Accept": accept,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    response, content = _send_request(target, headers, timeout_s, most_bytes)
    return _read(response, content, known, most_bytes)


def _send_request(
    target: Target, headers: Mapping[str, str], timeout_s: float, most_bytes: int
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = Connection(target, timeout_s)
    try:
        connection.clock.start()
        connection.request("GET", (target.path or "/") + target.query, headers=dict(headers))
        response = connection.getresponse()
        content = response.read(most_bytes + 1)
    except TimeoutError:
        raise NoDocument("timeout", seconds=timeout_s) from None
    except (OSError, http.client.HTTPException, ValueError):
        if connection.is_cut:
            raise NoDocument("timeout", seconds=timeout_s) from None
        raise NoDocument("connection") from None
    finally:
        connection.finish()
    if connection.is_cut:
        raise NoDocument("timeout", seconds=timeout_s)
    return response, content


def _read(
    response: http.client.HTTPResponse, content: bytes, known: Validators, most_bytes: int
) -> Document:
    if response.status == 304:
        return Document(None, known)
    if response.status != 200:  # redirects, too: they could lead to an inner address
        raise NoDocument("status", number=response.status)
    if len(content) > most_bytes:
        raise NoDocument("too_large", limit=most_bytes)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoDocument("encoding", found=response.headers["Content-Encoding"][:40])
    if len(content) < integer(response.headers.get("Content-Length"), default=0):
        raise NoDocument("cut")
    return Document(
        content,
        Validators(
            response.headers.get("ETag", "")[:MOST_VALIDATOR],
            response.headers.get("Last-Modified", "")[:100],
        ),
    )
