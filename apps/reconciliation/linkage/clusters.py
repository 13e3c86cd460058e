"""Groups of records that pairs join to one person, and groups that people's answers contradict.

A = B and B = C does not make A = C: where people judged A and C as not the same, every pair that
joins the group waits for people (`hold_contradictions.sql`); nothing is joined silently.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from apps.common import sql
from apps.reconciliation.models import Judgement, Record, RecordPair
from apps.reconciliation.states import PairStatus

# A group up to this size is shown completely; a circuit breaker stops a run long before.
MOST_RECORDS: Final = 60


@dataclass(frozen=True)
class RecordGroup:
    """The records of a group in a fixed order, and all current pairs among them."""

    records: list[Record]
    pairs: list[RecordPair]

    @property
    def is_torn(self) -> bool:
        """Whether people judged two of its records as different persons."""
        return any(pair.status == PairStatus.NOT_SAME for pair in self.pairs)

    @property
    def doubled(self) -> list[str]:
        """Names of the sources that have more than one record in the group."""
        names = [record.source.name for record in self.records]
        return sorted({name for name in names if names.count(name) > 1})


def records_of(pair: RecordPair) -> list[int]:
    """The ids of the records in the group of a pair. Queries: one."""
    found = sql.run(
        "reconciliation/linkage/find_group",
        {
            "pairing": pair.pairing_id,
            "left": pair.left_id,
            "right": pair.right_id,
            "most": MOST_RECORDS,
        },
    )
    return sorted(pk for (pk,) in found)


def pairs_among(pair: RecordPair, records: list[int]) -> list[RecordPair]:
    """The current pairs of these records. Queries: one."""
    now = RecordPair.objects.filter(pairing=pair.pairing_id, until__isnull=True)
    return list(now.filter(left__in=records, right__in=records).order_by("-weight", "pk"))


def of(pair: RecordPair) -> RecordGroup:
    """The whole group of a pair. Queries: three."""
    ids = records_of(pair)
    records = Record.objects.filter(pk__in=ids).select_related("source").order_by("source", "pk")
    # the others are in the order of their weights, so a pair's place would reveal its weight
    pairs = sorted(pairs_among(pair, ids), key=lambda one: one.pk if one.is_blind else 0)
    return RecordGroup(list(records), pairs)


def hold_contradictions(pairing_id: int, records: list[int] | None = None) -> set[int]:
    """Make every joining pair of a contradictory group wait for people; returns their ids."""
    found = sql.run(
        "reconciliation/linkage/hold_contradictions", {"pairing": pairing_id, "records": records}
    )
    return {pk for (pk,) in found}


def apply(pairing_id: int, ids: list[int] | None, rows: int) -> list[tuple[Any, ...]]:
    """Apply people's answers to pairs; returns (id, status) of changed ones. Queries: one."""
    return sql.run(
        "reconciliation/linkage/apply_judgements", {"pairing": pairing_id, "ids": ids}, rows=rows
    )


def apply_judgements(pairing_id: int) -> int:
    """Apply all answers at the end of a run, in its transaction; returns how many pairs changed.

    Answers are assigned to their pairs, pairs take the status of their answers, and contradictory
    groups wait for people. Runs as the worker.
    """
    spoken = Judgement.objects.filter(pair__pairing=pairing_id).count()
    sql.run("reconciliation/linkage/carry_judgements", {"pairing": pairing_id}, rows=spoken)
    moved = apply(pairing_id, None, spoken)
    return len({pk for pk, _status in moved} | hold_contradictions(pairing_id))
