"""Messages about hazards, for the tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from apps.audit.subjects import Actor
from apps.commandcentre.hazards.intake import Message, Taken, take_message
from apps.commandcentre.states import HazardKind
from tests.base import NOW

BY = Actor("feed:tests", "Tests")
OCCURRED = NOW - timedelta(minutes=5)


def message(feed: str = "autogempa", **values: Any) -> Message:
    """An earthquake of M 5.8 at 10 km in the middle of the toy country; `received` is made of the
    values, so that other values are another message.
    """
    known: dict[str, Any] = {
        "source": "bmkg",
        "kind": HazardKind.EARTHQUAKE,
        "title": "Gempa M5.8, Nusa Barat",
        "occurred_at": OCCURRED,
        "magnitude": 5.8,
        "depth_km": 10.0,
        "latitude": -7.78,
        "longitude": 110.02,
    } | values
    received = values.get("received", {name: str(value) for name, value in known.items()})
    return Message(**known | {"feed": feed, "received": received})


def take(feed: str = "autogempa", *, at: datetime = NOW, **values: Any) -> Taken:
    """Store such a message."""
    return take_message(message(feed, **values), by=BY, now=at)
