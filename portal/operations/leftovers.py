"""Removes what is no longer needed: files without a row, staging tables without work, ended
sign-ins, drafts of families not saved for three months, keys of the API older than a day, villages
of former assessments of hazards.

A second run changes nothing. Everything younger than a day stays, which protects a file whose row
is just being written and a job that pauses. A file is deleted only after 30 days in the quarantine.
No file is moved by a database that does not own the folder, or when suspiciously many files would
go: then the round stops with an alarm.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import structlog
from django.apps import apps
from django.conf import settings
from django.db import ProgrammingError, transaction
from django.db.models import FileField
from oauth2_provider.models import clear_expired
from psycopg.errors import UndefinedTable

from apps.api import idempotency
from apps.audit import ownership
from apps.commandcentre.exposure import pruning
from apps.commandcentre.uploads import reception
from apps.common import sql, staging
from apps.common.files import quarantine
from apps.jobs import outbox
from apps.jobs.models import Job
from apps.proposals.entry import drafts
from apps.proposals.models import Batch

KEPT: Final = timedelta(hours=24)
# Folders of the protected storage in which a file belongs to a row, or to work of some minutes.
# Other folders are left to their owners.
FOLDERS: Final = (
    *("batches", "boundaries", "datasets", "decrees", "documents", "figures"),
    *("office_uploads", "parked", "photo_parts", "photo_archives", "photos", "pockets"),
    *("returned", "runs", "scratch"),
)
# Files here are always temporary; they do not count in the share.
PASSING: Final = ("parked", "photo_parts", "runs", "scratch")
# A round that would move more than this share of the files, and more than a few, stops.
MOST: Final = 0.2
FEW: Final = 10
STOPPED: Final = ".tidy-stopped.json"
MARK: Final = "left over since "
# A table locked by work is skipped; the next round finds it again.
LOCK_WAIT: Final = {"lock_timeout": "2s"}
log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> dict[str, int]:
    """Remove all of it; returns the number of each kind."""
    uploads = reception.sweep(now=now)
    gone = {
        "uploads": uploads,
        "files": files(now=now),
        "tables": tables(now=now),
        "partitions": empty_partitions(now=now),
    }
    gone["drafts"] = drafts.sweep(now=now)
    gone["keys"] = idempotency.sweep(now=now)
    gone["events"] = outbox.sweep(now=now)
    gone["villages"] = pruning.sweep(now=now)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    clear_expired()
    if any(gone.values()):
        log.info("leftovers_removed", **gone)
    return gone


@dataclass(frozen=True)
class Stop:
    """Why the round moves no file; the texts are in `portal.operations.messages`."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Files:
    """The files of the folders above: all of them, and the old ones that no row names."""

    kept: list[Path]
    left: list[Path]
    named: set[str]

    def stop(self) -> Stop | None:
        """A stop if so many files would go that the database is more likely wrong than
        the files.
        """
        going, whole = len(_lasting(self.left)), len(_lasting(self.kept))
        if whole and ownership.read() is None and going * 2 > whole:
            return Stop("unclaimed", {"going": going, "whole": whole})
        if going > FEW and going > MOST * whole:
            return Stop("too_many", {"going": going, "whole": whole})
        return None


def files(*, now: datetime, confirmed: bool = False) -> int:
    """Put files and folders aside that no row names and that are older than a day: incomplete
    uploads and unpacked files. Returns the number.

    `confirmed`: a person has checked the files (`manage.py tidy`), so any number is moved.
    """
    if stranger := ownership.stranger():
        return _stopped(Stop(stranger.code, {"since": stranger.since}), now)
    found = survey(now=now)
    if not confirmed and (stop := found.stop()):
        return _stopped(stop, now)
    ownership.claim(now=now)
    _stop_file().unlink(missing_ok=True)
    brought = quarantine.bring_back(found.named)
    purged = quarantine.purge(now=now)
    if brought or purged:
        log.info("quarantine_changed", brought_back=brought, days_deleted=purged)
    return sum(quarantine.put_aside(path, now=now) is not None for path in found.left)


def survey(*, now: datetime) -> Files:
    """The files in the folders, and those that would go."""
    root, before = Path(settings.MEDIA_ROOT), (now - KEPT).timestamp()
    kept = list(_entries(root))
    old = [path for path in kept if _written(path) < before]
    named = _named() if old or not quarantine.is_empty() else set()
    left = [path for path in old if path.relative_to(root).as_posix() not in named]
    return Files(kept, left, named)


def stop() -> Stop | None:
    """The alarm: why files are not cleared away, now or since the last round."""
    if stranger := ownership.stranger():
        return Stop(stranger.code, {"since": stranger.since})
    try:
        return Stop(**json.loads(_stop_file().read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return None


def _stopped(stop: Stop, now: datetime) -> int:
    log.error("tidy_stopped", reason=stop.code, **stop.params)
    if stop.code in {"unclaimed", "too_many"}:  # other objections have their own pages
        _stop_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _stop_file().write_text(json.dumps(stop.__dict__), encoding="utf-8")
    return 0


def _stop_file() -> Path:
    return Path(settings.MEDIA_ROOT) / STOPPED


def _lasting(paths: list[Path]) -> list[Path]:
    return [path for path in paths if path.parent.name not in PASSING]


def _entries(root: Path) -> Iterator[Path]:
    for name in FOLDERS:
        if (root / name).is_dir():
            yield from (Path(entry.path) for entry in os.scandir(root / name))


def _written(path: Path) -> float:
    """The time of the last write; a file that vanished meanwhile counts as new."""
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return math.inf


def _named() -> set[str]:
    """The files that any row of any model names."""
    return {
        name
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, FileField)
        for name in model._default_manager.exclude(**{field.name: ""}).values_list(
            field.name, flat=True
        )
    }


@transaction.atomic
def tables(*, now: datetime) -> int:
    """Drop staging tables that existed a day ago and belong to no unfinished work.

    PostgreSQL does not store the age of a table: the first round writes the time as its comment,
    and a round of the next day drops it. Work enqueued before that time may be its owner.
    """
    sql.set_local(LOCK_WAIT)
    oldest = Job.objects.unfinished().order_by("created_at").first()
    limit = min(now - KEPT, oldest.created_at) if oldest else now - KEPT
    known = {name: _marked(text) for name, text in sql.run("portal/operations/list_staging")}
    for name in sorted(name for name, since in known.items() if since is None):
        _mark(name, now)
    old = sorted(name for name, since in known.items() if since is not None and since < limit)
    for name in old:
        sql.drop((staging.SCHEMA, name))
    return len(old)


def _marked(text: str | None) -> datetime | None:
    if text is None or not text.startswith(MARK):
        return None
    return datetime.fromisoformat(text.removeprefix(MARK))


def _mark(name: str, now: datetime) -> None:
    """Write the time as a table's comment, unless its work has dropped it since it was listed."""
    try:
        with transaction.atomic():
            sql.comment((staging.SCHEMA, name), f"{MARK}{now.isoformat()}")
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable):
            raise


@transaction.atomic
def empty_partitions(*, now: datetime) -> int:
    """Empty the partitions of failed batches in staging; a resumed check fills them again."""
    failed = Batch.objects.filter(
        status=Batch.Status.FAILED, partition__gt=0, received_at__lt=now - KEPT
    )
    numbers = list(failed.values_list("partition", flat=True))
    sql.set_local(LOCK_WAIT)
    full = sql.column("portal/operations/list_full_partitions", {"numbers": numbers})
    for number in full:
        sql.call("proposals_create_partition", number)
    return len(full)
