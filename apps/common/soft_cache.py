"""A cache that acts as empty while Redis is away. For values that can be computed again, not
counts.

Counters, limits and pauses use the alias `counters`, which raises. Fail closed: what cannot be
counted is not allowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import structlog
from django.core.cache import cache
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

# After a failure Redis is not asked for this time, so that a page does not wait for each value.
PAUSE_S: Final = 5.0
LOOK_AGAIN_S: Final = 0.02
log = structlog.get_logger(__name__)


class SoftRedisCache(RedisCache):
    """Django's Redis cache; a Redis that does not answer counts as empty."""

    # per process: every request has a thread, and every thread a cache object of its own
    asks_from: ClassVar[float] = 0.0

    def _soft(self, verb: Callable[..., Any], nothing: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < SoftRedisCache.asks_from:
            return nothing
        try:
            return verb(*args, **kwargs)
        except (RedisError, OSError) as error:
            SoftRedisCache.asks_from = time.monotonic() + PAUSE_S
            log.warning("cache_away", error=type(error).__name__)
            return nothing

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._soft(super().add, False, key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._soft(super().get, default, key, default, version)

    def set(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._soft(super().set, None, key, value, timeout, version)

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._soft(super().touch, False, key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._soft(super().delete, False, key, version))

    def get_many(self, keys: Any, version: int | None = None) -> dict[Any, Any]:
        found: dict[Any, Any] = self._soft(super().get_many, {}, keys, version)
        return found

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._soft(super().has_key, False, key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """As for a missing key. Raises: ValueError."""
        number = self._soft(super().incr, None, key, delta, version)
        if number is None:
            raise ValueError(f"Key {key!r} not found")
        return int(number)

    def set_many(
        self, data: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        failed: list[Any] = self._soft(super().set_many, list(data), data, timeout, version)
        return failed

    def delete_many(self, keys: Any, version: int | None = None) -> None:
        self._soft(super().delete_many, None, keys, version)

    def clear(self) -> bool:  # type: ignore[override]
        return bool(self._soft(super().clear, False))


@contextmanager
def one_at_a_time(key: str, *, wait_s: float = 3.0) -> Iterator[None]:
    """For a value that many ask for at the same moment: one computes it, the others wait.

    Inside the block the cache is asked once more. Who has waited for `wait_s`, or whose Redis is
    away, goes on without the others.
    """
    busy, until = f"busy:{key}", time.monotonic() + wait_s
    while not (is_mine := cache.add(busy, 1, wait_s + 1)):
        if time.monotonic() > until or not cache.has_key(busy):
            break
        time.sleep(LOOK_AGAIN_S)
    try:
        yield
    finally:
        if is_mine:
            cache.delete(busy)
