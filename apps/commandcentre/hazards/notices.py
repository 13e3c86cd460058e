"""Tells open boards that a hazard changed, when the transaction has committed."""

from __future__ import annotations

from apps.audit.subjects import subject_of
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import TOPIC
from apps.jobs import outbox


def tell_changed(hazard: Hazard) -> None:
    """One event for the boards; they ask for the rest themselves."""
    outbox.publish(TOPIC, "hazard", subject_of(hazard), revision=hazard.revision)
