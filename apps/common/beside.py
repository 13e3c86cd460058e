"""Two pieces of database work at the same time, on two connections, ending together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from django.db import connection


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Run `work` on a connection of its own while the body runs; leave when both have ended.

    Gives a function that waits for `work` within the body. What one connection writes, the other
    sees once it is committed; inside a transaction, whose rows nobody else sees, `work` runs before
    the body, on the same connection. When the body fails, the statement of `work` is cancelled;
    what fails in `work` is raised where it is waited for, at the latest at the end of the body.
    """
    if connection.in_atomic_block:
        work()
        yield lambda: None
        return
    other = _Other(work)
    other.start()
    try:
        yield other.wait
        other.wait()
    except BaseException:
        other.stop()
        raise


class _Other(Thread):
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

    def wait(self) -> None:
        self.join()
        if self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        """Cancel again and again: a statement may end and the next begin meanwhile."""
        while self.is_alive():
            if self._session is not None and not self._session.closed:
                self._session.cancel_safe(timeout=5)
            self.join(timeout=0.1)
