"""One conditional request to a feed: the new content, nothing new, or a fault with its code."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import Any, Final

from apps.common.http import integer
from apps.common.outgoing import (
    Connection,
    NotAllowed,
    Rule,
    Target,
    only_public,
    public_or_this_machine,
)

MOST_BYTES: Final = 2_000_000
AGENT: Final = "dtks-portal"
MOST_VALIDATOR: Final = 200


class Fault(Exception):
    """No usable answer; `code` is one of `feeds.messages`."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Validators:
    """What the server named its last answer; sent back, so that it can say "nothing new"."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """An answer; `content` is None where nothing is new. `documents` are those that it names."""

    content: bytes | None
    validators: Validators
    documents: tuple[Any, ...] = ()


def rule(*, is_stand_in_allowed: bool) -> Rule:
    """Public addresses with TLS; where a stand-in is allowed, this machine, too."""
    return public_or_this_machine if is_stand_in_allowed else only_public


def fetch(url: str, known: Validators, *, allowed: Rule, timeout_s: float) -> Fetched:
    """Ask once. Raises: Fault.

    The time limit is for the whole answer; a longer answer than MOST_BYTES is not read.
    """
    try:
        target = Target.of(url, allowed)
    except NotAllowed:
        raise Fault("feed_address") from None
    headers = {
        "User-Agent": AGENT,
        "Accept": "application/json, application/xml;q=0.9, */*;q=0.1",
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    connection = Connection(target, timeout_s)
    try:
        connection.clock.start()
        connection.request("GET", (target.path or "/") + target.query, headers=headers)
        response = connection.getresponse()
        content = response.read(MOST_BYTES + 1)
    except TimeoutError:
        raise Fault("feed_timeout", seconds=timeout_s) from None
    except (OSError, http.client.HTTPException, ValueError):
        if connection.is_cut:
            raise Fault("feed_timeout", seconds=timeout_s) from None
        raise Fault("feed_connection") from None
    finally:
        connection.finish()
    if connection.is_cut:
        raise Fault("feed_timeout", seconds=timeout_s)
    return _read(response, content, known)


def _read(response: http.client.HTTPResponse, content: bytes, known: Validators) -> Fetched:
    if response.status == 304:
        return Fetched(None, known)
    if response.status != 200:  # redirects, too: they could lead to an inner address
        raise Fault("feed_status", number=response.status)
    if len(content) > MOST_BYTES:
        raise Fault("feed_too_large", limit=MOST_BYTES)
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Fault("feed_encoding", found=response.headers["Content-Encoding"][:40])
    if len(content) < integer(response.headers.get("Content-Length"), default=0):
        raise Fault("feed_cut")
    return Fetched(
        content,
        Validators(
            response.headers.get("ETag", "")[:MOST_VALIDATOR],
            response.headers.get("Last-Modified", "")[:100],
        ),
    )
