"""How long the work for one request may last, and connections that end with it.

A thread cannot be killed, and a database that is frozen answers nothing, not even a cancelling. So
each wait for the database ends when the time of its request is over: the connection is closed, its
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
# For a page that makes a file while somebody waits for it, and at a stretch for the database then.
FILE_WITHIN_S: Final = 60.0
# For one that waits for a place (5 s), looks at a foreign file (10 s) and keeps what it saw.
LOOK_WITHIN_S: Final = 20.0
LONGEST_WAIT_S: Final = 8.0
# For storing what a look at a foreign file has seen: a database that is away now is told soon.
AFTER_LOOK_S: Final = 5.0


@dataclass
class Time:
    """When the work must be over, and the longest that it may wait at a stretch."""

    until: float
    wait_s: float = inf

    @property
    def left_s(self) -> float:
        return max(0.0, self.until - monotonic())


# Of the request (or probe) that this is the work for. Threads that Django starts inherit it.
_time: ContextVar[Time | None] = ContextVar("time", default=None)


class TimeIsOver(errors.OperationalError):
    """The database did not answer within the time that its request has."""


def begin(seconds: float) -> Time:
    """From now on, in this context and in those that come of it."""
    time = Time(monotonic() + seconds)
    _time.set(time)
    return time


def extend(seconds: float) -> None:
    """For the few pages that make a file while somebody watches it come: more time for the work,
    and still no more than LONGEST_WAIT_S for one answer of the database."""
    if (time := _time.get()) is not None:
        time.until, time.wait_s = monotonic() + seconds, LONGEST_WAIT_S


def shorten(seconds: float) -> None:
    """From now on no more than so much for the work; what has less time keeps the less."""
    if (time := _time.get()) is not None:
        time.until = min(time.until, monotonic() + seconds)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """So much for a block; what has less time keeps the less."""
    before, until = _time.get(), monotonic() + seconds
    token = _time.set(Time(until if before is None else min(until, before.until)))
    try:
        yield
    finally:
        _time.reset(token)


def left_s() -> float | None:
    """Seconds that are left, never below 0; None where nothing limits them."""
    time = _time.get()
    return None if time is None else time.left_s


def is_over() -> bool:
    return left_s() == 0.0


class BoundedConnection(psycopg.Connection[Any]):
    """A connection of which every wait ends with the time of whoever waits."""

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
            # half an answer may be on its way: this connection is of no use any more
            self.close()
            raise TimeIsOver("the time of this request is over") from None
