"""Writing entries: a plain insert, in the transaction of what it speaks of.

If the entry cannot be written the transaction fails with it, and nothing is shown or changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from apps.audit.models import AT_ONCE, Action, Entry


@dataclass(frozen=True)
class Origin:
    """Who acts and from where, as far as the request or the command knows."""

    actor: str = "system"
    actor_name: str = ""
    address: str | None = None
    request_id: str = ""


# Called after the commit of an entry that is anchored at once; the project rings the sealer here.
at_once: list[Callable[[], None]] = []
NOBODY = Origin()
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
    _anchored_at_once(action)
    return Entry.objects.create(
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


def entries(
    action: Action, about: Iterable[tuple[str, str, dict[str, Any]]], *, reason: str = "",
    by: str = "", by_name: str = "",
) -> None:  # fmt: skip
    """Record one act that many subjects share: (subject, region, details) of each."""
    where, now = _origin.get(), timezone.now()
    _anchored_at_once(action)
    Entry.objects.bulk_create(
        (
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
        ),
        batch_size=2_000,
    )


def _anchored_at_once(action: Action) -> None:
    """Once for a transaction, however many entries it writes."""
    if action in AT_ONCE and not any(waiting[1] is _ring for waiting in connection.run_on_commit):
        transaction.on_commit(_ring, robust=True)


def _ring() -> None:
    for ring in at_once:
        ring()


def subject_of(instance: Any) -> str:
    """`registry.Person:81`, the name by which entries speak of a row."""
    return f"{instance._meta.label}:{instance.pk}"
