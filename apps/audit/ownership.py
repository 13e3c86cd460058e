"""Which database MEDIA_ROOT belongs to: a file in it names the database that wrote it.

Files are moved away when no row names them. When the database is empty, older than the files, or a
copy of the real one, that is true of every file, and none may be moved. The row `Installation` is
written once. The file holds its identity, the server and timeline of the database (a copy or a
restore has others), and the position of the sealed trail at the last round (an older copy has a
lower one).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action, Installation, Seal
from apps.audit.subjects import Actor, Subject
from apps.common import sql

FILE_NAME: Final = ".database.json"


@dataclass(frozen=True)
class Stranger:
    """Why this database must not clear away files here; the texts are in `operations.messages`."""

    code: str
    since: str = ""


@dataclass(frozen=True)
class OwnerMark:
    """The content of the file: which database, on which server, and the position of its trail."""

    database: str
    place: str
    position: int
    digest: str
    at: str


def path() -> Path:
    return Path(settings.MEDIA_ROOT) / FILE_NAME


def identity() -> str:
    """The identity of this database; written on the first call. Runs as worker or owner."""
    Installation.objects.bulk_create(
        [Installation(number=1, identity=uuid4(), made_at=timezone.now())], ignore_conflicts=True
    )
    return Installation.objects.get(number=1).identity.hex


def read() -> OwnerMark | None:
    """The content of the file; None when there is none. Raises: ValueError (unreadable)."""
    try:
        return OwnerMark(**json.loads(path().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, TypeError, ValueError) as error:
        raise ValueError(f"{FILE_NAME} cannot be read") from error


def stranger() -> Stranger | None:
    """Why the folder belongs to another database; None when it is this one's or unclaimed.

    Queries: at most three. Writes nothing, so the web process may call it, too.
    """
    try:
        mark = read()
    except ValueError:
        return Stranger("mark_unreadable")
    if mark is None:
        return None
    ours = Installation.objects.filter(number=1).first()
    if ours is None or ours.identity.hex != mark.database:
        return Stranger("other_database", mark.at)
    if _cluster_identity() != mark.place:
        return Stranger("other_place", mark.at)
    if mark.position:
        seal = Seal.objects.filter(position=mark.position).first()
        if seal is None or bytes(seal.digest).hex() != mark.digest:
            return Stranger("older_database", mark.at)
    return None


def claim(*, now: datetime) -> None:
    """Write this database's identity and the position of its trail into the folder."""
    head = Seal.objects.order_by("-position").first()
    mark = OwnerMark(
        identity(),
        _cluster_identity(),
        head.position if head else 0,
        bytes(head.digest).hex() if head else "",
        now.isoformat(),
    )
    path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path().with_name(f"{FILE_NAME}.new")
    fresh.write_text(json.dumps(mark.__dict__) + "\n", encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path())


def confirm(*, now: datetime, by: str, reason: str) -> Stranger | None:
    """A person states that the folder belongs to this database. Returns the former objection.

    It is recorded with the person and the reason.
    """
    before = stranger()
    claim(now=now)
    record.entry(
        Action.CHANGE,
        about=Subject("audit.Installation:1"),
        reason=reason,
        by=Actor(name=by),
        found=before.code if before else "",
    )
    return before


def _cluster_identity() -> str:
    """Cluster, timeline and database: they differ for a dump loaded elsewhere, a copy and a
    restore.
    """
    return str(sql.scalar("audit/identify_cluster"))
