"""Writes entries: a plain insert, in the transaction of the act.

If the entry cannot be written, the transaction fails and nothing is shown or changed. The answer is
a 503 with a message, and the log has a line at its highest level (`NotRecorded`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog
from django.db import DEFAULT_DB_ALIAS, DatabaseError, OperationalError, connection, transaction
from django.db.models import Model
from django.db.models.sql import InsertQuery
from django.utils import timezone

from apps.audit.models import AT_ONCE, Action, Entry
from apps.audit.subjects import (
    About,
    Actor,
    By,
    Subject,
    describe_actor,
    describe_subject,
)
from apps.common import sql

# Classes of SQLSTATE that mean the whole database is unavailable, not only the trail.
AWAY = ("08", "57")
# Whether the trail accepts entries of the current role.
WRITABLE: Final = (
    "SELECT has_table_privilege('audit_entry', 'INSERT')"
    " AND current_setting('transaction_read_only') = 'off'"
)
log = structlog.get_logger(__name__)


class NotRecorded(OperationalError):
    """The trail accepts no entry. The act that it would have recorded is not done."""


@dataclass(frozen=True)
class Origin:
    """Who acts and from where, as far as the request or the command knows it."""

    actor: str = "system"
    actor_name: str = ""
    address: str | None = None
    request_id: str = ""


# Called after the commit of an entry that is anchored at once; the project wakes the sealer here.
at_once: list[Callable[[], None]] = []
NOBODY = Origin()
STATEMENT_ENTRIES = 2_000  # of one statement
_FIELDS = Entry._meta.concrete_fields
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=NOBODY)


@contextmanager
def acting(**known: Any) -> Iterator[None]:
    """Entries written inside carry these fields of `Origin`."""
    token = _origin.set(replace(_origin.get(), **known))
    try:
        yield
    finally:
        _origin.reset(token)


def origin() -> Origin:
    return _origin.get()


def entry(
    action: Action, *, about: About = None, by: By = None, reason: str = "", **details: Any
) -> Entry:
    """Record one act about an object. Without `by` the actor is that of the origin.

    Subject, its name, its region and the persons concerned come from `about`; key and name of the
    actor come from `by` (`audit.subjects`).
    """
    _anchored_at_once(action)
    subject, actor = describe_subject(about), describe_actor(by)
    written = _entry(action, subject, actor, reason, details, timezone.now())
    values = {field.attname: getattr(written, field.attname) for field in _FIELDS}
    with _kept(action):
        details_json = sql.json(written.details)
        [(written.pk,)] = sql.run("audit/write_entry", values | {"details": details_json})
    written._state.adding = False
    return written


def _entry(
    action: Action,
    subject: Subject,
    actor: Actor,
    reason: str,
    details: dict[str, Any],
    now: datetime,
) -> Entry:
    where = _origin.get()
    if subject.persons:
        details["persons"] = sorted({*details.get("persons", ()), *subject.persons})
    return Entry(
        at=now,
        action=action,
        actor=actor.key or where.actor,
        actor_name=(actor.name or ("" if actor.key else where.actor_name))[:200],
        subject=subject.key,
        subject_name=subject.name[:200],
        region_code=subject.region,
        reason=reason[:500],
        address=where.address,
        request_id=where.request_id,
        details=details,
    )


@contextmanager
def _kept(action: Action) -> Iterator[None]:
    """Raises: NotRecorded when the database answers but the trail accepts no entry."""
    try:
        with transaction.mark_for_rollback_on_error():
            yield
    except DatabaseError as error:
        state = getattr(error.__cause__, "sqlstate", None)
        if not state or state.startswith(AWAY):
            raise
        log.critical("audit_not_writable", action=str(action), state=state)
        raise NotRecorded(str(state)) from error


def entries(
    action: Action,
    about: Iterable[tuple[About, dict[str, Any]]],
    *,
    by: By = None,
    reason: str = "",
) -> None:
    """Record one act on many objects: (object, details) for each."""
    actor, now = describe_actor(by), timezone.now()
    _anchored_at_once(action)
    written = (
        _entry(action, describe_subject(one), actor, reason, details, now) for one, details in about
    )
    with _kept(action):
        while chunk := list(islice(written, STATEMENT_ENTRIES)):
            _insert(chunk)


def _insert(rows: Sequence[Model]) -> None:
    """Inserts without reading the new keys: the writer of an entry may have no right to read it."""
    query = InsertQuery(Entry)
    query.insert_values([field for field in _FIELDS if not field.primary_key], list(rows))
    query.get_compiler(DEFAULT_DB_ALIAS).execute_sql()


def _anchored_at_once(action: Action) -> None:
    """Runs once for a transaction, for any number of entries."""
    if action in AT_ONCE and not any(
        waiting[1] is _wake_sealer for waiting in connection.run_on_commit
    ):
        transaction.on_commit(_wake_sealer, robust=True)


def _wake_sealer() -> None:
    for wake in at_once:
        wake()
