"""Tables of one piece of work, in the schema `staging`: named once, dropped at start and end.

They are UNLOGGED: a crash of the database empties them, and work begins again from what is stored.
Tables of a killed worker are dropped when the work begins again under the same label, or a day
later by the hourly round (`portal.operations.leftovers`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from django.db import Error, connection

from apps.common import sql
from apps.common.sql import Table, Tables

SCHEMA: Final = "staging"


class Staging(Mapping[str, Table]):
    """The tables of one piece of work, by the names that the statements use.

        with Staging(f"recheck_{edition.pk}", PARTS) as staging:
            staging.run(DRAW_POINTS, values)

    A part's table is `<label>_<part>`. At the start and the end of the block all of them are
    dropped. After an error the rollback of their transaction removes them; without a transaction
    they are dropped.
    """

    def __init__(
        self,
        label: str,
        parts: Iterable[str],
        *,
        bare: str = "",
        same: Mapping[str, str] | None = None,
        others: Tables | None = None,
        resumes: bool = False,
    ) -> None:
        """`bare` is the part whose table has only the label as its name. `same` gives parts a
        second name. `others` are tables of other work, which are only named here. With `resumes`
        (an interrupted attempt is continued) only the end of the block drops tables.
        """
        self._own: dict[str, Table] = {
            part: (SCHEMA, label if part == bare else f"{label}_{part}") for part in parts
        }
        second = {name: self._own[part] for name, part in (same or {}).items()}
        self._all: dict[str, Table] = {**self._own, **second, **(others or {})}
        self._resumes = resumes

    def __getitem__(self, part: str) -> Table:
        return self._all[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __enter__(self) -> Self:
        if not self._resumes:
            self.drop()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.drop()
        elif not self._resumes and not connection.in_atomic_block:
            with suppress(Error):
                self.drop()

    def drop(self, *parts: str) -> None:
        """Drop some of the tables, or all of them, if they exist."""
        sql.drop(*(self._own[part] for part in parts or self._own))

    def run(
        self, name: str, params: Mapping[str, Any] | None = None, *, rows: int | None = None
    ) -> list[tuple[Any, ...]]:
        """`sql.run` with these tables."""
        return sql.run(name, params, tables=self, rows=rows)

    def scalar(
        self, name: str, params: Mapping[str, Any] | None = None, *, rows: int | None = None
    ) -> Any:
        """`sql.scalar` with these tables."""
        return sql.scalar(name, params, tables=self, rows=rows)

    def create(self, part: str, columns: Mapping[str, str]) -> None:
        """`sql.create` for one part."""
        sql.create(self[part], columns)

    def analyze(self, part: str, *columns: str) -> None:
        """`sql.analyze` for one part."""
        sql.analyze(self[part], *columns)

    def count(self, part: str) -> int:
        """How many rows one part holds."""
        return sql.count(self[part])
