"""Writing entries: a plain insert, in the transaction of what it speaks of.

If the entry cannot be written the transaction fails with it, and nothing is shown or changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models.sql import InsertQuery
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.common import sql


@dataclass(frozen=True)
class Origin:
    """Who acts and from where, as far as the request or the command knows."""

    actor: str = "system"
    actor_name: str = ""
    address: str | None = None
    request_id: str = ""


NOBODY = Origin()
AT_ONCE = 2_000  # entries of one statement
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
    action: Action,
    *,
    subject: str = "",
    subject_name: str = "",
    region_code: str = "",
    reason: str = "",
    by: str = "",
    by_name: str = "",
    **details: Any,
) -> Entry:
    """Record one act of the current origin, or of `by` when it is named."""
    where = _origin.get()
    written = Entry(
        at=timezone.now(),
        action=action,
        actor=by or where.actor,
        actor_name=(by_name or ("" if by else where.actor_name))[:200],
        subject=subject,
        subject_name=subject_name[:200],
        region_code=region_code,
        reason=reason[:500],
        address=where.address,
        request_id=where.request_id,
        details=details,
    )
    values = {field.attname: getattr(written, field.attname) for field in _FIELDS}
    [(written.pk,)] = sql.run("audit/write_entry", values | {"details": sql.json(details)})
    written._state.adding = False
    return written


def entries(
    action: Action, about: Iterable[tuple[str, str, dict[str, Any]]], *, reason: str = "",
    by: str = "", by_name: str = "",
) -> None:  # fmt: skip
    """Record one act that many subjects share: (subject, region, details) of each."""
    where, now = _origin.get(), timezone.now()
    written = (
        Entry(
            at=now,
            action=action,
            actor=by or where.actor,
            actor_name=(by_name or ("" if by else where.actor_name))[:200],
            subject=subject,
            region_code=region,
            reason=reason[:500],
            address=where.address,
            request_id=where.request_id,
            details=details,
        )
        for subject, region, details in about
    )
    while lot := list(islice(written, AT_ONCE)):
        _insert(lot)


def _insert(rows: list[Any]) -> None:
    """Without asking for the new keys: who writes an entry may not be who reads it."""
    query = InsertQuery(Entry)
    query.insert_values([field for field in _FIELDS if not field.primary_key], rows)
    query.get_compiler(DEFAULT_DB_ALIAS).execute_sql()


def subject_of(instance: Any) -> str:
    """`registry.Person:81`, the name by which entries speak of a row."""
    return f"{instance._meta.label}:{instance.pk}"
