"""Partitions for what comes by the million: filled without indexes, indexed once, then attached.

A partition of the records belongs to one delivery, one of the pairs to one run, and is named by its
number. Its rows are visible only after `attach`, which belongs into the transaction that ends the
work. Ids of its rows are `first_id` + row number, above all ids that a sequence gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from apps.common import sql
from apps.common.staging import SCHEMA

FROM: Final = 4 * 10**15
EACH: Final = 10**9
# Below, inserting costs less than making a table.
PARTITION_FROM_ROWS: Final = 50_000


@dataclass(frozen=True)
class Partition:
    """The partition of records of a delivery, or of pairs of a run. Only the worker may make one.

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
        """Make it, empty. Raises: RaiseException when one of this number is attached and filled."""
        self._call("create", self.owner)

    def drop(self) -> None:
        """Remove it, unless it is attached."""
        self._call("drop")

    def index(self) -> None:
        """Make every index that its parent has, once it is full."""
        self._call("index")

    def analyze(self) -> None:
        """Gather its statistics: autovacuum comes too late for the statements that follow."""
        self._call("analyze")

    def attach(self) -> None:
        """Its rows are rows of the parent from the end of this transaction on."""
        self._call("attach")

    def _call(self, step: str, *more: str) -> None:
        sql.call(f"reconciliation_{step}_partition", self.kind, self.number, *more)
