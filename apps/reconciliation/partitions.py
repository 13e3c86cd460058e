"""Partitions for large tables: filled without indexes, indexed once, then attached.

A partition of the records belongs to one delivery, one of the pairs to one run, and is named by its
number. Its rows are visible only after `attach`, which must be called in the transaction that ends
the work. Ids of its rows are `first_id` + row number, above all ids of the sequence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from apps.common import sql
from apps.common.staging import SCHEMA

FROM: Final = 4 * 10**15
EACH: Final = 10**9
# With fewer rows, inserting costs less than creating a table.
PARTITION_FROM_ROWS: Final = 50_000


@dataclass(frozen=True)
class Partition:
    """The partition of a delivery's records, or of a run's pairs. Only the worker may create one.

    `owner` is the source, or the pairing, of all its rows.
    """

    kind: Literal["record", "pair"]
    number: int
    owner: str

    @property
    def table(self) -> tuple[str, str]:
        """Schema and name until it is attached."""
        return SCHEMA, f"reconciliation_{self.kind}_{self.number}"

    @property
    def first_id(self) -> int:
        return FROM + self.number * EACH

    def create(self) -> None:
        """Create it, empty. Raises: RaiseException when this number is attached and filled."""
        self._call("create", self.owner)

    def drop(self) -> None:
        """Remove it, unless it is attached."""
        self._call("drop")

    def index(self) -> None:
        """Create every index of its parent, once it is full."""
        self._call("index")

    def analyze(self) -> None:
        """Gather statistics: autovacuum comes too late for the statements that follow."""
        self._call("analyze")

    def attach(self) -> None:
        """Attach it; its rows belong to the parent from the end of this transaction."""
        self._call("attach")

    def _call(self, step: str, *more: str) -> None:
        sql.call(f"reconciliation_{step}_partition", self.kind, self.number, *more)
