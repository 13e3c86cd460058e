"""Safeguards: stop a run that would merge too much, before any of its results count."""

from __future__ import annotations

from typing import Any, Final

from apps.reconciliation.models import Run

# Compared pairs for each record: above this limit one key occurs in too many rows.
PAIRS_PER_RECORD: Final = 200
# With fewer records a share is not meaningful.
FEW_RECORDS: Final = 200
# Share of the register's records that are joined with another of its records.
DUPLICATES_SHARE: Final = 0.05
# Share of the pairs with an equal NIK in which neither name nor date of birth agrees.
NIK_ALONE_SHARE: Final = 0.2
# Records joined to one person.
CLUSTER_SIZE: Final = 10


class Tripped(Exception):
    """A circuit breaker: the value found, and the largest plausible one."""

    def __init__(self, code: str, found: float, limit: float, **more: Any) -> None:
        super().__init__(code)
        self.code, self.found, self.limit, self.more = code, found, limit, more

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "found": self.found, "limit": self.limit, **self.more}


def check_blocks(run: Run, blocks: dict[str, int], records: int) -> None:
    """Raises: Tripped, where one rule alone would compare too many pairs."""
    limit = PAIRS_PER_RECORD * max(records, FEW_RECORDS)
    rule, pairs = max(blocks.items(), key=lambda item: item[1], default=("", 0))
    if pairs > limit:
        # a billion pairs would not finish: this one cannot be switched off by asking again
        raise Tripped("too_many_pairs", pairs, limit, rule=rule)


def check_joined(
    run: Run, *, on_one: int, joined: int, records: int, alone: int, agreeing: int
) -> None:
    """Raises: Tripped. Not checked where a user saw the result and asked to continue."""
    if run.is_forced:
        return
    if on_one >= CLUSTER_SIZE:
        raise Tripped("cluster_size", on_one + 1, CLUSTER_SIZE)
    if agreeing >= FEW_RECORDS and alone > NIK_ALONE_SHARE * agreeing:
        raise Tripped("nik_alone_share", round(alone / agreeing, 4), NIK_ALONE_SHARE)
    if run.pairing.is_within and records >= FEW_RECORDS and joined > DUPLICATES_SHARE * records:
        raise Tripped("duplicates_share", round(joined / records, 4), DUPLICATES_SHARE)
