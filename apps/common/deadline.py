"""The time limit of the work for one request, and connections that end with it.

A thread cannot be killed, and a frozen database answers nothing, not even a cancel request. So each
wait for the database ends when the time of its request is over: the connection is closed, its
statement with it (`client_connection_check_interval`), and the pool replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any, Final, TypeVar

import psycopg
from psycopg import errors
from psycopg.abc import PQGen

Result = TypeVar("Result")
# For a page that makes a file while the user waits, and for one wait for the database in it.
FILE_WITHIN_S: Final = 60.0
# For a page that waits for a place (5 s), inspects a foreign file (10 s) and stores the result.
LOOK_WITHIN_S: Final = 20.0
LONGEST_WAIT_S: Final = 8.0
# For storing the result of an inspection: a database outage is reported soon.
AFTER_LOOK_S: Final = 5.0


@dataclass
class Time:
    """When the work must be over, and the longest single wait."""

    until: float
    wait_s: float = inf

    @property
    def left_s(self) -> float:
        return max(0.0, self.until - monotonic())


# Of the request (or probe) that the work belongs to. Threads that Django starts inherit it.
_time: ContextVar[Time | None] = ContextVar("time", default=None)


class TimeIsOver(errors.OperationalError):
    """The database did not answer within the time limit of the request."""


def begin(seconds: float) -> Time:
    """Start the time limit in this context and its child contexts."""
    time = Time(monotonic() + seconds)
    _time.set(time)
    return time


def extend(seconds: float) -> None:
    """More time for the work, for the few pages that make a file while the user waits. One answer
    of the database may still take at most LONGEST_WAIT_S.
    """
    if (time := _time.get()) is not None:
        time.until, time.wait_s = monotonic() + seconds, LONGEST_WAIT_S


def shorten(seconds: float) -> None:
    """Limit the remaining work to `seconds`; a shorter limit stays."""
    if (time := _time.get()) is not None:
        time.until = min(time.until, monotonic() + seconds)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Limit a block to `seconds`; a shorter limit stays."""
    before, until = _time.get(), monotonic() + seconds
    token = _time.set(Time(until if before is None else min(until, before.until)))
    try:
        yield
    finally:
        _time.reset(token)


def left_s() -> float | None:
    """The seconds left, never below 0; None without a limit."""
    time = _time.get()
    return None if time is None else time.left_s


def is_over() -> bool:
    return left_s() == 0.0


class BoundedConnection(psycopg.Connection[Any]):
    """A connection on which every wait ends with the time limit of the work."""

    def wait(
        self, gen: PQGen[Result], interval: float = 0.1, timeout: float | None = None
    ) -> Result:
        time = _time.get()
        if time is None:
            return super().wait(gen, interval=interval, timeout=timeout)
        left = min(time.left_s, time.wait_s)
        if timeout is not None and timeout <= left:
            return super().wait(gen, interval=interval, timeout=timeout)
        try:
            return super().wait(gen, interval=interval, timeout=left)
        except errors._WaitTimeout:
            # half an answer may be in transit: this connection cannot be used again
            self.close()
            raise TimeIsOver("the time of this request is over") from None
