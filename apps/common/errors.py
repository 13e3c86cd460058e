"""The base of every refusal that a user is told about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

_lost: ContextVar[list[DomainError] | None] = ContextVar("lost_races", default=None)


class DomainError(Exception):
    """Something the caller may not do, said by a code and its parameters.

    The words in both languages stand in the catalogue of the app that raises it, under `code`.
    `races` are the codes that say: somebody was faster, look at it as it is now.
    """

    code = "refused"
    races: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, code: str = "", **params: Any) -> None:
        self.code = code or self.code
        self.params = params
        super().__init__(self.code)
        lost = _lost.get()
        if lost is not None and self.code in self.races:
            lost.append(self)


@contextmanager
def watching_races() -> Iterator[list[DomainError]]:
    """The races that were lost inside, so that the answer of a request says so by its status."""
    lost: list[DomainError] = []
    token = _lost.set(lost)
    try:
        yield lost
    finally:
        _lost.reset(token)
