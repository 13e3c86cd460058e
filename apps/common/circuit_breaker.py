"""A circuit breaker and a rate limit for an outside service; workers share them through the cache.

After some failures in a row it opens: no request is sent for a while. Then one request may try; its
success closes the breaker, its failure opens it again. With an empty cache the breaker is closed.
Without Redis no request is sent, because an uncounted rate could flood the service.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
from django.core.cache import caches
from redis.exceptions import RedisError

# How long failures are remembered.
REMEMBERED_S: Final = 86_400
log = structlog.get_logger(__name__)


class NotCounted(Exception):
    """Redis is not available, so it is not known whether the service may be asked."""


@dataclass(frozen=True)
class Breaker:
    """The breaker of one service, by its name. `probe_s` is the longest duration of one try."""

    name: str
    opens_after: int
    open_s: float
    probe_s: float

    def may_ask(self) -> bool:
        """Whether a request may be sent now. When half open, true for one caller only."""
        try:
            if _counters().get(self._key("open")):
                return False
            if self.failures() >= self.opens_after:
                return bool(_counters().add(self._key("probe"), 1, timeout=self.probe_s))
        except (RedisError, OSError):
            return False
        return True

    def failed(self) -> None:
        with _if_there():
            _counters().add(self._key("failures"), 0, timeout=REMEMBERED_S)
            if _counters().incr(self._key("failures")) >= self.opens_after:
                self.pause(self.open_s)
                _counters().delete(self._key("probe"))

    def succeeded(self) -> None:
        with _if_there():
            keys = [self._key(part) for part in ("failures", "open", "probe")]
            _counters().delete_many(keys)

    def pause(self, seconds: float) -> None:
        """Open the breaker for so many seconds; also when the service asks for a pause."""
        with _if_there():
            _counters().set(self._key("open"), 1, timeout=seconds)

    def failures(self) -> int:
        return int(_counters().get(self._key("failures"), 0))

    def is_open(self) -> bool:
        """Whether no request is sent now, or only one that tries."""
        try:
            is_open = bool(_counters().get(self._key("open")))
            return is_open or self.failures() >= self.opens_after
        except (RedisError, OSError):
            return True

    def _key(self, part: str) -> str:
        return f"breaker:{self.name}:{part}"


def take_turn(name: str, per_second: int, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Wait for a second in which the rate limit has a request left. Raises: NotCounted."""
    while True:
        now = time.time()
        key = f"pace:{name}:{int(now)}"
        try:
            _counters().add(key, 0, timeout=5)
            mine = _counters().incr(key)
        except (RedisError, OSError, ValueError) as error:
            raise NotCounted from error
        if mine <= per_second:
            return
        sleep(int(now) + 1 - now)


def _counters() -> Any:
    return caches["counters"]


@contextmanager
def _if_there() -> Iterator[None]:
    """Ignore errors of Redis when writing: without Redis no request is sent anyway."""
    try:
        yield
    except (RedisError, OSError, ValueError) as error:
        log.warning("breaker_not_noted", error=type(error).__name__)
