"""Counts the pairs and records of a pairing by status, in one pass over its pairs.

Where a record is in at most one joined pair, the number of joined pairs is the number of joined
records, and only the few records that wait are grouped; otherwise `count_boxes` groups all records.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from apps.common import sql
from apps.reconciliation.models import Pairing, Record, RecordPair, Run
from apps.reconciliation.states import JOINED, PairStatus

Basis = RecordPair.Basis


@dataclass(frozen=True)
class Pairs:
    """The pairs of a pairing: (status, basis, weight bin, whether the NIK agrees) → number."""

    counts: dict[tuple[str, str, int, bool], int]

    @classmethod
    def of(cls, pairing: Pairing) -> Pairs:
        """Queries: one, over all pairs."""
        rows = sql.run("reconciliation/linkage/count_pairs", {"pairing": pairing.pk})
        return cls({(row[0], row[1], row[2], row[3]): row[4] for row in rows})

    @property
    def by_status(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (status, *_rest), number in self.counts.items():
            found[status] += number
        return {status.value: found[status.value] for status in PairStatus}

    @property
    def histogram(self) -> list[list[int]]:
        """[lower end of the bin, pairs] for each bin.

        Pairs that lose to a better one are left out, because thresholds do not change them.
        """
        found: Counter[int] = Counter()
        for (status, _basis, place, _agrees), number in self.counts.items():
            if status != PairStatus.DISPLACED:
                found[place] += number
        return [[place, found[place]] for place in sorted(found)]

    def joined(self, *, by_nik: bool) -> int:
        return sum(
            number
            for (status, basis, _place, _agrees), number in self.counts.items()
            if status in JOINED and (basis == Basis.NIK) == by_nik
        )

    @property
    def with_nik(self) -> tuple[int, int]:
        """(pairs with an equal NIK, those of them in which nothing else agrees)."""
        agreeing = sum(number for key, number in self.counts.items() if key[3])
        alone = sum(number for key, number in self.counts.items() if key[1] == Basis.NIK_ALONE)
        return agreeing, alone


FARTHEST: Final = 30  # whole weights; larger ones are counted in the last bin


@dataclass(frozen=True)
class ListedPairs:
    """The pairs in the lists of a run now: (status, weight bin, whether it is blind) → number."""

    counts: dict[tuple[str, int, bool], int]

    @classmethod
    def of(cls, run: Run) -> ListedPairs:
        """Queries: one, over all pairs."""
        rows = sql.run(
            "reconciliation/linkage/count_listed", {"pairing": run.pairing_id, "run": run.pk}
        )
        return cls({(row[0], row[1], row[2]): row[3] for row in rows})

    @property
    def blind(self) -> int:
        """Pairs of the blind sample on which people have not agreed; they have a separate list."""
        return sum(number for key, number in self.counts.items() if key[2])

    @property
    def by_status(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for status, _place, number in self._shown():
            found[status] += number
        return {status.value: found[status.value] for status in PairStatus}

    @property
    def bins(self) -> list[tuple[int, int]]:
        """(lower end of the bin, pairs)."""
        found: Counter[int] = Counter()
        for _status, place, number in self._shown():
            found[place] += number
        return sorted(found.items())

    def _shown(self) -> Iterator[tuple[str, int, int]]:
        for (status, place, is_blind), number in self.counts.items():
            if not is_blind:
                yield status, place, number


def is_once(pairing: Pairing) -> bool:
    """Whether a record is in at most one joined pair."""
    return bool(pairing.left.is_one_to_one and not pairing.is_within)


def count(run: Run, pairs: Pairs | None = None) -> dict[str, Any]:
    """The boxes and the pairs by status. Each record of the left side is in exactly one box."""
    pairs = pairs or Pairs.of(run.pairing)
    records, by_nik, linked, in_review = (
        _of_pairs(run, pairs) if is_once(run.pairing) else _of_records(run)
    )
    boxes = {
        "nik": by_nik,
        "linked": linked,
        "review": in_review,
        "unmatched": records - by_nik - linked - in_review,
    }
    return {"records": records, "boxes": boxes, "pairs": pairs.by_status}


def _of_pairs(run: Run, pairs: Pairs) -> tuple[int, int, int, int]:
    in_review = sum(pairs.by_status[status] for status in (PairStatus.REVIEW, PairStatus.UNSURE))
    waiting = sql.scalar(
        "reconciliation/linkage/count_records_in_review",
        {"pairing": run.pairing_id},
        rows=in_review,
    )
    rows = run.left.counts.get("rows")
    records = Record.objects.all().of(run.left).count() if rows is None else int(rows)
    return records, pairs.joined(by_nik=True), pairs.joined(by_nik=False), int(waiting)


def _of_records(run: Run) -> tuple[int, int, int, int]:
    params = {
        "pairing": run.pairing_id,
        "source": run.left.source_id,
        "number": run.left.number,
        "within": run.pairing.is_within,
    }
    records, by_nik, linked, in_review = sql.run("reconciliation/linkage/count_boxes", params)[0]
    return records, by_nik, linked, in_review
