"""What nobody needs any more: files without a row, staging tables without work, ended sign-ins,
drafts of families that nobody has saved for three months, keys of the API older than a day.

Run twice it changes nothing. Whatever is younger than a day stays, so that a file whose row is just
being written, and a job that rests, are safe.
"""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import structlog
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.models import FileField
from oauth2_provider.models import clear_expired
from psycopg import sql

from apps.api import idempotency
from apps.jobs.models import Job
from apps.proposals import drafts
from apps.proposals.models import Batch

KEPT: Final = timedelta(hours=24)
# Folders of the protected storage in which a file belongs to a row, or to work of some minutes.
# Folders that are not named here are nobody's business but their owners'.
FOLDERS: Final = (
    *("batches", "boundaries", "datasets", "decrees", "documents", "parked", "returned", "runs"),
    "scratch",
)
MARK: Final = "left over since "
log = structlog.get_logger(__name__)


def sweep(*, now: datetime) -> dict[str, int]:
    """Remove all of it; returns how many of each kind went."""
    gone = {"files": files(now=now), "tables": tables(now=now), "shelves": shelves(now=now)}
    gone["drafts"] = drafts.sweep(now=now)
    gone["keys"] = idempotency.sweep(now=now)
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    clear_expired()
    if any(gone.values()):
        log.info("leftovers_removed", **gone)
    return gone


def files(*, now: datetime) -> int:
    """Files and folders older than a day that no row names: uploads cut off, what was unpacked."""
    root, before = Path(settings.MEDIA_ROOT), (now - KEPT).timestamp()
    old = [path for path in _entries(root) if _written(path) < before]
    if not old:
        return 0
    named = _named()
    left = [path for path in old if path.relative_to(root).as_posix() not in named]
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(left)


def _entries(root: Path) -> Iterator[Path]:
    for name in FOLDERS:
        if (root / name).is_dir():
            yield from (Path(entry.path) for entry in os.scandir(root / name))


def _written(path: Path) -> float:
    """When; a file that went meanwhile counts as new."""
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
    """Staging tables that stood a day ago already and belong to no work that is still to be done.

    PostgreSQL does not say how old a table is: the first round writes the time beside it, a round
    of the next day drops it. Work that was asked for before that time may be its owner.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        cursor.execute(
            "SELECT c.relname, obj_description(c.oid, 'pg_class') FROM pg_class c"
            " WHERE c.relnamespace = 'staging'::regnamespace AND c.relkind = 'r'"
            "   AND c.relowner = current_user::regrole"
        )
        found = cursor.fetchall()
        oldest = Job.objects.unfinished().order_by("created_at").first()
        limit = min(now - KEPT, oldest.created_at) if oldest else now - KEPT
        known = {name: _marked(text) for name, text in found}
        for name in sorted(name for name, since in known.items() if since is None):
            _mark(cursor, name, now)
        old = sorted(name for name, since in known.items() if since is not None and since < limit)
        for name in old:
            table = sql.Identifier("staging", name)
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {} CASCADE").format(table))
    return len(old)


def _marked(text: str | None) -> datetime | None:
    if text is None or not text.startswith(MARK):
        return None
    return datetime.fromisoformat(text.removeprefix(MARK))


def _mark(cursor: Any, name: str, now: datetime) -> None:
    cursor.execute(
        sql.SQL("COMMENT ON TABLE {} IS {}").format(
            sql.Identifier("staging", name), sql.Literal(f"{MARK}{now.isoformat()}")
        )
    )


@transaction.atomic
def shelves(*, now: datetime) -> int:
    """Shelves that a failed batch left in staging are emptied; a resumed check fills them again."""
    failed = Batch.objects.filter(
        status=Batch.Status.FAILED, shelf__gt=0, received_at__lt=now - KEPT
    )
    numbers = list(failed.values_list("shelf", flat=True))
    emptied = 0
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        for number in numbers:
            cursor.execute(
                "SELECT pg_relation_size(to_regclass(%s)) > 0", [f"staging.shelf_{number}"]
            )
            if cursor.fetchone()[0]:
                cursor.execute("SELECT proposals_open_shelf(%s)", [number])
                emptied += 1
    return emptied
