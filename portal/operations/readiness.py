"""Whether the portal can work and what needs attention: one check, for machines and for the status
page.

A machine's check has its own connection and threads, so that an exhausted pool or a frozen database
is reported within two seconds.
"""

from __future__ import annotations

import shutil
import threading
import time
import tomllib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from apps.accounts.limits import attempts
from apps.audit import anchors, record
from apps.common import deadline
from apps.common.deadline import BoundedConnection
from apps.jobs import alarms, heartbeats
from apps.jobs.alarms import Waits
from apps.jobs.heartbeats import Silence
from apps.registry import canaries
from portal.backup import backup_status
from portal.queues import QUEUES

WITHIN_S: Final = 1.5
# A check within this time gets the last answer.
KEPT_S: Final = 1.0
# Below this share of free space an operator has to make room.
FREE_SHARE: Final = 0.1
# A touched canary stays an alarm for so long; the notice says who it was.
TOUCH_SHOWN: Final = timedelta(hours=1)
# Between our clock and the database's.
SKEW_S: Final = 5.0
MEASURES: Final = (
    heartbeats.BEAT,
    *map(heartbeats.of_queue, QUEUES),
    heartbeats.SEAL,
    heartbeats.ANCHOR,
)
Found = TypeVar("Found")
# Runs a statement and returns its rows.
Ask = Callable[[str, dict[str, Any]], list[tuple[Any, ...]]]
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Room:
    """Free space of the stored files."""

    name: str
    free_bytes: int
    free_share: float

    @property
    def is_alarm(self) -> bool:
        return self.free_share < FREE_SHARE

    @property
    def percent(self) -> int:
        return int(100 * self.free_share)


@dataclass(frozen=True)
class State:
    """The result of a check. Without the database the fields below it are unknown."""

    database: bool = False
    missing: tuple[str, ...] = ()
    audit: bool = False
    broker: bool = False
    counters: bool = False
    waits: Waits | None = None
    silences: tuple[Silence, ...] = ()
    skew_s: float | None = None
    is_canary_touched: bool = False
    is_media_root_other: bool = False
    is_chain_cut: bool = False
    rooms: tuple[Room, ...] = ()
    backup: tuple[str, ...] = ()

    @property
    def can_work(self) -> bool:
        """Whether users are served. Without Redis they are: only signing in has to wait."""
        return self.database and self.audit and not self.missing

    @property
    def alarms(self) -> list[str]:
        """The names of what needs attention."""
        found = [
            ("database", not self.database),
            ("migrations", bool(self.missing)),
            ("audit", self.database and not self.audit),
            ("broker", not self.broker),
            ("counters", not self.counters),
            ("jobs", self.waits is not None and bool(self.waits.overdue)),
            ("clock", self.skew_s is not None and abs(self.skew_s) > SKEW_S),
            ("canary", self.is_canary_touched),
            ("chain", self.is_chain_cut),
            ("media_root", self.is_media_root_other),
            *((silence.name, silence.is_alarm) for silence in self.silences),
            *((f"disk:{room.name}", room.is_alarm) for room in self.rooms),
            *((code, True) for code in self.backup),
        ]
        return [name for name, is_alarm in found if is_alarm]

    def as_json(self) -> dict[str, Any]:
        """Numbers, without names of people or regions."""
        return {
            "database": self.database,
            "audit": self.audit,
            "broker": self.broker,
            "counters": self.counters,
            "version": version(),
            "migrations": {"missing": list(self.missing)},
            "jobs": self.waits.brief() if self.waits else None,
            "signs": {silence.name: silence.as_json() for silence in self.silences},
            "clock": {"skew_s": self.skew_s},
            "disk": {
                room.name: {"free_bytes": room.free_bytes, "alarm": room.is_alarm}
                for room in self.rooms
            },
            "alarms": self.alarms,
        }


# --- checking ---


def for_machines() -> State:
    """Check on a separate connection; returns within WITHIN_S, even if all services hang."""
    until = time.monotonic() + WITHIN_S
    for part in (_database, _broker, _counters):
        part.begin()
    return _with_the_rest(_database.read(until), until)


def for_people() -> State:
    """Check on the page's own connection."""
    for part in (_broker, _counters):
        part.begin()
    with connection.cursor() as cursor:

        def ask(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
            cursor.execute(statement, params)
            return list(cursor.fetchall())

        state = _read(ask)
    return _with_the_rest(state, time.monotonic() + WITHIN_S)


def _with_the_rest(state: State, until: float) -> State:
    """Add the parts that need no database. Services are waited for until a moment of
    `time.monotonic`.
    """
    saved = backup_status.read()
    return replace(
        state,
        broker=_broker.read(until),
        counters=_counters.read(until),
        is_chain_cut=anchors.is_cut(),
        rooms=rooms(),
        backup=tuple(saved.alarms(now=timezone.now())) if saved else (),
    )


def _read(ask: Ask) -> State:
    """Read the parts that come from the database."""
    applied = set(ask("SELECT app, name FROM django_migrations", {}))
    now = timezone.now()
    ((audit,),) = ask(record.WRITABLE, {})
    ((database_now,),) = ask("SELECT statement_timestamp()", {})
    touched = ask(canaries.LAST_TOUCH, {})
    signs = ask(heartbeats.statement(), heartbeats.PARAMS)
    return State(
        database=True,
        missing=tuple(sorted(".".join(one) for one in _migrations() - applied)),
        audit=audit,
        waits=alarms.waits(now=now, ask=ask),
        silences=tuple(heartbeats.silences(MEASURES, signs)),
        is_media_root_other=heartbeats.is_recent(heartbeats.OTHER_MEDIA_ROOT, signs),
        is_canary_touched=any(at and at > now - TOUCH_SHOWN for (at,) in touched),
        skew_s=round((now - database_now).total_seconds(), 1),
    )


def _ask_apart() -> State:
    with deadline.within(WITHIN_S):
        params = connection.get_connection_params() | {"connect_timeout": 2}
        with BoundedConnection.connect(**params, autocommit=True) as own:
            return _read(lambda statement, given: own.execute(statement, given).fetchall())


def _ask_broker() -> bool:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=0, timeout=1)
    return True


def _ask_counters() -> bool:
    return bool(attempts.redis().ping())


class _Part(Generic[Found]):
    """One part of the check in its own thread: runs once at a time, for any number of callers."""

    def __init__(self, look: Callable[[], Found], nothing: Found) -> None:
        self._look, self._nothing = look, nothing
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="readiness")
        self._last: Future[Found] | None = None
        self._asked_at = 0.0

    def begin(self) -> Future[Found]:
        """Ask, unless that is under way or was done a moment ago."""
        with self._lock:
            now = time.monotonic()
            is_old = self._last is None or (self._last.done() and now - self._asked_at > KEPT_S)
            if self._last is None or is_old:
                self._last, self._asked_at = self._thread.submit(self._run), now
            return self._last

    def read(self, until: float) -> Found:
        """The answer, or `nothing` when it has not come at that moment of `time.monotonic`."""
        asked = self.begin()
        try:
            return asked.result(timeout=max(0.0, until - time.monotonic()))
        except NotYet:
            return self._nothing

    def _run(self) -> Found:
        try:
            return self._look()
        except Exception as error:  # noqa: BLE001 (each client has faults of its own: it is away)
            log.warning("not_ready", part=self._look.__name__, error=type(error).__name__)
            return self._nothing


_database = _Part(_ask_apart, State())
_broker = _Part(_ask_broker, False)
_counters = _Part(_ask_counters, False)


def rooms() -> tuple[Room, ...]:
    """Free space of the files, and of the anchors if they are on another disk."""
    found: dict[int, Room] = {}
    for name, folder in (("files", settings.MEDIA_ROOT), ("anchors", settings.ANCHOR_DIR)):
        place = _existing(Path(folder))
        usage = shutil.disk_usage(place)
        share = usage.free / usage.total if usage.total else 0.0
        found.setdefault(place.stat().st_dev, Room(name, usage.free, share))
    return tuple(found.values())


def _existing(folder: Path) -> Path:
    """The folder, or its nearest existing parent: it is made with the first file."""
    return next(place for place in (folder, *folder.parents) if place.is_dir())


@cache
def _migrations() -> set[tuple[str, str]]:
    """Every migration of this version of the code."""
    return set(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


@cache
def version() -> str:
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())
    return str(project["project"]["version"])
