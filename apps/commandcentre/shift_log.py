"""The log of shifts: lines that are only added."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, Subject
from apps.commandcentre.models import Hazard, ShiftEntry
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.states import TOPIC
from apps.jobs import outbox

MOST: Final = 200
# On the page of a hazard; the log has all.
MOST_ABOUT: Final = 20


def entries() -> list[ShiftEntry]:
    """The last lines of the log, newest first. Queries: one."""
    rows = ShiftEntry.objects.select_related("by", "person", "hazard").order_by("-pk")
    return list(rows[:MOST])


def entries_about(hazard: Hazard) -> list[ShiftEntry]:
    """The last lines about a hazard, newest first. Queries: one."""
    rows = ShiftEntry.objects.filter(hazard=hazard).select_related("by", "person").order_by("-pk")
    return list(rows[:MOST_ABOUT])


def reasons_of_closing(hazard: Hazard) -> list[str]:
    """Why a hazard was closed that is closed now, as far as the log says it. Queries: one."""
    if hazard.closed_at is None:
        return []
    rows = ShiftEntry.objects.filter(
        hazard=hazard, kind=ShiftEntryKind.CLOSE, at=hazard.closed_at
    ).exclude(text="")
    return list(rows.order_by("pk").values_list("text", flat=True))


def worsened_lately() -> list[ShiftEntry]:
    """What became worse in the present shift and the one before it, newest first: what one who
    takes the duty must know. Queries: two.
    """
    begins = ShiftEntry.objects.filter(kind=ShiftEntryKind.TAKE).order_by("-pk")
    known = list(begins.values_list("pk", flat=True)[:2])
    rows = ShiftEntry.objects.filter(kind=ShiftEntryKind.WORSENED, pk__gt=min(known, default=0))
    return list(rows.select_related("hazard").order_by("-pk")[:MOST])


def add_entry(
    kind: ShiftEntryKind,
    *,
    by: User | None,
    now: datetime,
    text: str = "",
    hazard: Hazard | None = None,
    person: User | None = None,
    ends_at: datetime | None = None,
    worsening: Mapping[str, Any] | None = None,
    actor: By = None,
) -> ShiftEntry:
    """Write one line, and its entry in the trail. `actor` acts where `by` is None."""
    entry = ShiftEntry.objects.create(
        kind=kind,
        text=text.strip()[:1000],
        hazard=hazard,
        person=person,
        by=by,
        at=now,
        ends_at=ends_at,
        worsening=dict(worsening or {}),
    )
    record.entry(
        Action.CHANGE,
        about=Subject(f"commandcentre.ShiftEntry:{entry.pk}"),
        by=by or actor,
        shift=kind.value,
    )
    outbox.publish(TOPIC, "shift")
    return entry
