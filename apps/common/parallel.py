"""Two pieces of database work at the same time, on two connections, ending together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, Protocol

from django.db import connection


class Wait(Protocol):
    """Waits until the other work has ended or has reached `until`; raises its failure."""

    def __call__(self, until: Event | None = None) -> None: ...


def nothing(until: Event | None = None) -> None:
    """Waits for work that is already done."""


@contextmanager
def run_concurrently(work: Callable[[], object]) -> Iterator[Wait]:
    """Run `work` on a connection of its own while the body runs; leave when both have ended.

    Yields a function that waits for `work` within the body. Each connection sees what the other one
    has committed. Inside a transaction, whose rows no other connection sees, `work` runs before the
    body, on the same connection. When the body fails, the statement of `work` is cancelled. A
    failure of `work` is raised where it is waited for, at the latest at the end of the body.
    """
    if connection.in_atomic_block:
        work()
        yield nothing
        return
    other = _Worker(work)
    other.start()
    try:
        yield other.wait
        other.wait()
    except BaseException:
        other.stop()
        raise


class _Worker(Thread):
    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(name="beside", daemon=True)
        self.failure: BaseException | None = None
        self._work = work
        self._session: Any = None

    def run(self) -> None:
        # `connection` is this thread's own here
        try:
            connection.ensure_connection()
            self._session = connection.connection
            self._work()
        except BaseException as failure:  # noqa: BLE001 (raised again where it is waited for)
            self.failure = failure
        finally:
            connection.close()

    def wait(self, until: Event | None = None) -> None:
        while until is not None and self.is_alive() and not until.wait(0.02):
            pass
        if until is None or not until.is_set():
            self.join()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Cancel repeatedly: one statement may end and the next one begin meanwhile."""
        while self.is_alive():
            if self._session is not None and not self._session.closed:
                self._session.cancel_safe(timeout=5)
            self.join(timeout=0.1)
