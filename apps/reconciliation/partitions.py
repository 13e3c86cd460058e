"""Tables of their own for what comes by the million: filled bare, indexed once, then attached.

A shelf is a partition of the records or of the pairs, named by the delivery or run that fills it.
Until `attach`, which belongs into the transaction that ends the work, nobody sees it. Ids of its
rows are `first_id` + row number, above all ids that a sequence gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from apps.common import sql
from apps.common.staging import SCHEMA

FROM: Final = 4 * 10**15
EACH: Final = 10**9
# Below, inserting costs less than making a table.
SHELF_FROM_ROWS: Final = 50_000


@dataclass(frozen=True)
class Shelf:
    """The shelf of records of a delivery, or of pairs of a run. Only the worker may make one.

    `owner` is the source, or the pairing, of all its rows.
    """

    kind: Literal["record", "candidate"]
    number: int
    owner: str

    @property
    def table(self) -> tuple[str, str]:
        """Where it stands until it is attached."""
        return SCHEMA, f"reconciliation_{self.kind}_{self.number}"

    @property
    def first_id(self) -> int:
        return FROM + self.number * EACH

    def open(self) -> None:
        """Make it, empty. Raises: RaiseException when one of this number is attached and filled."""
        self._ask("open", self.owner)

    def drop(self) -> None:
        """Remove it, unless it is attached."""
        self._ask("drop")

    def index(self) -> None:
        """Make every index that its parent has, once it is full."""
        self._ask("index")

    def analyze(self) -> None:
        """Tell the planner of its rows: autovacuum comes too late for who looks at once."""
        self._ask("analyze")

    def attach(self) -> None:
        """Its rows are rows of the parent from the end of this transaction on."""
        self._ask("attach")

    def _ask(self, verb: str, *more: str) -> None:
        sql.call(f"reconciliation_{verb}_shelf", self.kind, self.number, *more)
