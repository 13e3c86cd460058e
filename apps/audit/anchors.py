"""The head of the chain, written down outside the database every ten minutes.

Whoever owns the database can recompute the whole chain; not these lines, which carry a code made
with the portal's key and name the line before them. Copy the file to another machine: what is not
in reach cannot be changed.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

FILE_NAME = "anchors.jsonl"


@dataclass(frozen=True)
class Anchor:
    """One line: `digest` stood at `position` at this time, when `entries` entries existed."""

    at: str
    position: int
    digest: str
    entries: int
    previous: str
    code: str = ""

    def signed_text(self) -> bytes:
        fields = [self.at, self.position, self.digest, self.entries, self.previous]
        return json.dumps(fields, separators=(",", ":")).encode()


def path() -> Path:
    return Path(settings.ANCHOR_DIR) / FILE_NAME


def write(*, now: datetime) -> Anchor | None:
    """Add the present head, unless the last line already says it: then there is nothing new."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # two beats at once write one line
        lines = read()
        last = lines[-1] if lines else None
        head = _head()
        if head is None or (last is not None and last.position == head[0]):
            return None
        anchor = _signed(Anchor(now.isoformat(), *head, previous=last.code if last else ""))
        os.write(descriptor, (json.dumps(anchor.__dict__) + "\n").encode())
        os.fsync(descriptor)
        return anchor
    finally:
        os.close(descriptor)


def read() -> list[Anchor]:
    """All lines, oldest first. Raises: ValueError when one cannot be read."""
    if not path().exists():
        return []
    lines = path().read_text(encoding="utf-8").splitlines()
    try:
        return [Anchor(**json.loads(line)) for line in lines]
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError("a line of the anchors cannot be read") from error


def first_false(anchors: list[Anchor]) -> int | None:
    """The number (from 0) of the first line whose code or predecessor is not right."""
    previous = ""
    for number, anchor in enumerate(anchors):
        genuine = any(
            hmac.compare_digest(_code(anchor, key), anchor.code) for key in _verification_keys()
        )
        if not genuine or anchor.previous != previous:
            return number
        previous = anchor.code
    return None


def _head() -> tuple[int, str, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT position, encode(digest, 'hex'), (SELECT count(*) FROM audit_entry)"
            " FROM audit_seal ORDER BY position DESC LIMIT 1"
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2]) if row else None


def _signed(anchor: Anchor) -> Anchor:
    fields = anchor.__dict__ | {"code": _code(anchor, settings.SECRET_KEY)}
    return Anchor(**fields)


def _code(anchor: Anchor, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"audit anchors", hashlib.sha256)
    return hmac.new(key, anchor.signed_text(), hashlib.sha256).hexdigest()


def _verification_keys() -> list[str]:
    """The present key and the former ones, so that a changed key makes no old line false."""
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
