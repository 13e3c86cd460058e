"""Wakes the sealer: decisions, grants and exports are sealed right after their commit."""

from __future__ import annotations

import structlog
from celery import current_app
from kombu.exceptions import OperationalError

TASK = "portal.tasks.seal_at_once"
log = structlog.get_logger(__name__)


def wake_sealer() -> None:
    """Enqueue a sealing now. A broker that is away is no error: the next round comes in 10 s."""
    try:
        current_app.send_task(TASK, queue="rounds", expires=10, retry=False)
    except (OperationalError, OSError):
        log.warning("broker_away", task=TASK)
