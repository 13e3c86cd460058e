"""How long each stage of an import took."""

from __future__ import annotations

from time import perf_counter


class StageClock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def stop(self, stage: str) -> None:
        now = perf_counter()
        self.seconds[stage] = round(now - self._last, 2)
        self._last = now
