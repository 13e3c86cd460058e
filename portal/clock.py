"""Beat with a heartbeat of its own: its tasks do not show that beat runs."""

from __future__ import annotations

import time
from typing import Any, Final

import structlog
from celery.beat import PersistentScheduler
from django.db import Error, connection

from apps.jobs import heartbeats

EVERY_S: Final = 10.0
# Beat sleeps at most this long between two turns.
LONGEST_SLEEP_S: Final = 10
log = structlog.get_logger(__name__)


class Clock(PersistentScheduler):
    """Celery's scheduler; a database outage does not stop it."""

    max_interval: float
    _told_at = -EVERY_S

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Celery's default is five minutes
        self.max_interval = LONGEST_SLEEP_S

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        now = time.monotonic()
        if now - self._told_at >= EVERY_S:
            self._told_at = now
            try:
                heartbeats.record_heartbeat(heartbeats.BEAT)
            except Error as error:
                log.warning("sign_not_given", error=type(error).__name__)
                connection.close()
        return super().tick(*args, **kwargs)
