"""The head of the chain, written to files outside the database.

The owner of the database can recompute the whole chain, but not these lines: each carries a code
made with the portal's key and names the line before it. A line is added every ten minutes, and at
once for decisions, grants and exports. After every sealing `head.json` holds the position of the
chain, so that removing entries sealed a moment ago is detected. Copy the folder to another machine,
out of reach of the database's owner.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings

from apps.audit.models import AT_ONCE
from apps.common import sql

FILE_NAME: Final = "anchors.jsonl"
HEAD_NAME: Final = "head.json"
# Exists while the chain does not hold what `head.json` records.
CUT_NAME: Final = "cut.json"
# Longer than any line.
LAST_BYTES: Final = 16_384
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Anchor:
    """One line: the chain had `digest` at `position` at this time, when `entries` entries existed.

    `restored`: a person acknowledges that an older copy was put back (JSON: by, reason, backup,
    after). Lines above this one that name a position beyond `after` no longer count.
    """

    at: str
    position: int
    digest: str
    entries: int
    previous: str
    code: str = ""
    restored: str = ""

    def signed_text(self) -> bytes:
        fields: list[Any] = [self.at, self.position, self.digest, self.entries, self.previous]
        if self.restored:
            fields.append(self.restored)
        return json.dumps(fields, separators=(",", ":")).encode()

    def as_line(self) -> str:
        named = {name: value for name, value in self.__dict__.items() if name != "restored"}
        return json.dumps(named | ({"restored": self.restored} if self.restored else {})) + "\n"

    @property
    def restore(self) -> dict[str, Any] | None:
        return json.loads(self.restored) if self.restored else None


def path() -> Path:
    return Path(settings.ANCHOR_DIR) / FILE_NAME


def head_path() -> Path:
    return Path(settings.ANCHOR_DIR) / HEAD_NAME


def is_cut() -> bool:
    """Whether the last round found the chain cut or replaced. Reads no database."""
    return _cut_path().exists()


def _cut_path() -> Path:
    return Path(settings.ANCHOR_DIR) / CUT_NAME


def write(*, now: datetime, restored: str = "") -> Anchor | None:
    """Add the present head. Returns None if the last line already holds it."""
    with _locked() as descriptor:
        last = _last()
        head = _head()
        if head is None or (last is not None and last.position == head[0] and not restored):
            return None
        previous = last.code if last else ""
        anchor = _signed(Anchor(now.isoformat(), *head, previous=previous, restored=restored))
        os.write(descriptor, anchor.as_line().encode())
        os.fsync(descriptor)
        _write_head(head, now, is_restored=bool(restored))
        return anchor


def note_head(*, now: datetime) -> None:
    """Write the position of the chain to `head.json`. Add a line when an entry that is anchored at
    once was sealed since the last line.

    If the chain does not hold what `head.json` records, it was cut or replaced. The file is then
    left unchanged, as proof, and `is_cut` until the chain holds it again or a person acknowledges
    a restore.
    """
    with _locked():
        last = _last()
        if head := _head():
            _write_head(head, now)
        elif known := _known_head():
            _note_cut(0, known, now)
    if head and _has_urgent(after=last.position if last else 0):
        write(now=now)


def _has_urgent(*, after: int) -> bool:
    return bool(sql.scalar("audit/find_urgent", {"after": after, "actions": list(AT_ONCE)}))


@contextmanager
def _locked() -> Iterator[int]:
    """The file of lines, opened for adding, under a lock: two rounds at once write one line."""
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path(), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _write_head(head: tuple[int, str, int], now: datetime, *, is_restored: bool = False) -> None:
    known = _known_head()
    is_same = known is not None and (known.position, known.digest) == head[:2]
    if known is not None and not is_restored and not is_same and not _holds(known):
        _note_cut(head[0], known, now)
        return
    _cut_path().unlink(missing_ok=True)
    if is_same and not is_restored:
        return
    fresh = head_path().with_name(f"{HEAD_NAME}.new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(
            descriptor, _signed(Anchor(now.isoformat(), *head, previous="")).as_line().encode()
        )
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    fresh.replace(head_path())


def _known_head() -> Anchor | None:
    try:
        return read_head()
    except ValueError:
        return None  # replaced by a genuine one; the lines are the older proof


def _note_cut(position: int, known: Anchor, now: datetime) -> None:
    log.error("chain_behind_head", position=position, head=known.position)
    if not is_cut():
        told = {"at": now.isoformat(), "position": position, "head": known.position}
        _cut_path().write_text(json.dumps(told) + "\n", encoding="utf-8")


def _holds(anchor: Anchor) -> bool:
    """Whether the chain has this digest at this position."""
    values = {"position": anchor.position, "digest": anchor.digest}
    return bool(sql.scalar("audit/find_seal", values))


def read() -> list[Anchor]:
    """All lines, oldest first. Raises: ValueError when a line is unreadable."""
    if not path().exists():
        return []
    return [_parsed(line) for line in path().read_text(encoding="utf-8").splitlines()]


def read_head() -> Anchor | None:
    """The chain's head after the last sealing. Raises: ValueError when it is unreadable."""
    try:
        return _parsed(head_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def _parsed(line: str) -> Anchor:
    try:
        return Anchor(**json.loads(line))
    except (json.JSONDecodeError, TypeError) as error:
        raise ValueError("a line of the anchors cannot be read") from error


def _last() -> Anchor | None:
    """The last line; the others are not read. Raises: ValueError when it is unreadable."""
    with path().open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - LAST_BYTES))
        lines = file.read().splitlines()
    return _parsed(lines[-1].decode()) if lines else None


def is_genuine(anchor: Anchor) -> bool:
    """Whether the portal wrote this line, with its present key or a former one."""
    return any(hmac.compare_digest(_code(anchor, key), anchor.code) for key in _verification_keys())


def first_false(anchors: list[Anchor]) -> int | None:
    """The number (from 0) of the first line with a wrong code or a wrong predecessor."""
    previous = ""
    for number, anchor in enumerate(anchors):
        if not is_genuine(anchor) or anchor.previous != previous:
            return number
        previous = anchor.code
    return None


def _head() -> tuple[int, str, int] | None:
    return next(((row[0], row[1], row[2]) for row in sql.run("audit/read_head")), None)


def _signed(anchor: Anchor) -> Anchor:
    fields = anchor.__dict__ | {"code": _code(anchor, settings.SECRET_KEY)}
    return Anchor(**fields)


def _code(anchor: Anchor, secret: str) -> str:
    key = hmac.digest(secret.encode(), b"audit anchors", hashlib.sha256)
    return hmac.new(key, anchor.signed_text(), hashlib.sha256).hexdigest()


def _verification_keys() -> list[str]:
    """The present key and the former ones, so that old lines stay valid after a change of key."""
    return [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
