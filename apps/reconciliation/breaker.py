"""A circuit breaker and a pace for an outside service, shared by all workers through the cache.

After some failures in a row it opens: nobody asks for a while. Then one request may try; its
success closes the breaker, its failure opens it again. A cache that was emptied is a closed one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.core.cache import cache

# How long failures are remembered while nobody asks.
REMEMBERED_S: Final = 86_400


@dataclass(frozen=True)
class Breaker:
    """One for each service, by its name. `probe_s` is how long one try may take, at most."""

    name: str
    opens_after: int
    open_s: float
    probe_s: float

    def may_ask(self) -> bool:
        """Whether to ask now. Half open, it says yes to one of all who ask."""
        if cache.get(self._key("open")):
            return False
        if self.failures() >= self.opens_after:
            return bool(cache.add(self._key("probe"), 1, timeout=self.probe_s))
        return True

    def failed(self) -> None:
        cache.add(self._key("failures"), 0, timeout=REMEMBERED_S)
        if cache.incr(self._key("failures")) >= self.opens_after:
            self.pause(self.open_s)
            cache.delete(self._key("probe"))

    def succeeded(self) -> None:
        cache.delete_many([self._key(part) for part in ("failures", "open", "probe")])

    def pause(self, seconds: float) -> None:
        """Nobody asks for so long; also where the service itself wants it."""
        cache.set(self._key("open"), 1, timeout=seconds)

    def failures(self) -> int:
        return int(cache.get(self._key("failures"), 0))

    def is_open(self) -> bool:
        """Whether nobody asks now, or only one tries."""
        return bool(cache.get(self._key("open"))) or self.failures() >= self.opens_after

    def _key(self, part: str) -> str:
        return f"breaker:{self.name}:{part}"


def take_turn(name: str, per_second: int, *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Wait until this second, or a later one, has a request left for us."""
    while True:
        now = time.time()
        key = f"pace:{name}:{int(now)}"
        cache.add(key, 0, timeout=5)
        if cache.incr(key) <= per_second:
            return
        sleep(int(now) + 1 - now)
