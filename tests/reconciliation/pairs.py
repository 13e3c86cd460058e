"""Sources, deliveries, records, a run and its pairs for tests: made-up people, a model by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from apps.common.text import person_names as names
from apps.demo.country import CODES
from apps.reconciliation.linkage.comparisons import COMPARISONS
from apps.reconciliation.models import (
    REGISTER,
    ROWS_OF_DATASET,
    Dataset,
    Pairing,
    Record,
    RecordPair,
    Run,
    Source,
)
from tests.base import NOW
from tests.conftest import as_role

LOWER, UPPER = 2.0, 9.0
_numbers = count(9000)

# Weight of each level, in the order of the levels from 0 up.
WEIGHTS = {
    "nik": (-4.0, 8.0, 16.0, -10.0),
    "name": (-6.0, 1.5, 3.0, 5.5, 8.0, 9.1),
    "birth_date": (-5.0, -1.0, 4.0, 6.0, 9.0, 6.6),
    "mother_name": (-3.0, 1.0, 2.0, 3.9, 5.0, 6.2, -5.0, -5.0),
    "kk": (-2.0, 6.0, 10.0, -5.0),
    "village": (-3.0, -1.1, 0.4, 3.0, 0.0),
    "sex": (-6.0, 0.9),
    "birth_place": (-1.5, 2.5, 0.0),
}
START = -14.2


def model() -> dict[str, Any]:
    """A model in the shape in which every run keeps one."""
    return {
        "start": START,
        "comparisons": [
            {
                "name": comparison.name,
                "has_rarity": bool(comparison.rare),
                "levels": [
                    {
                        "value": level.value,
                        "code": level.code,
                        "weight": _weight(comparison.name, level.value),
                        "m": 0.5,
                        "u": 0.01,
                    }
                    for level in comparison.levels
                ],
            }
            for comparison in COMPARISONS
        ],
        "splink": {},
    }


def _weight(name: str, level: int) -> float:
    weights = WEIGHTS[name]
    return weights[min(level, len(weights) - 1)] if level >= 0 else 0.0


def weight_of(levels: list[int], rarity: list[float]) -> float:
    added = [_weight(one.name, level) for one, level in zip(COMPARISONS, levels, strict=True)]
    return START + sum(added) + sum(rarity)


def nothing() -> list[float]:
    return [0.0] * len(COMPARISONS)


@dataclass
class Bench:
    """A run of one source against the register (or another source), with pairs to add."""

    left: Source
    right: Source
    run: Run
    pairs: list[RecordPair] = field(default_factory=list)

    @property
    def pairing(self) -> Pairing:
        return self.run.pairing

    def pair(
        self,
        status: str = "review",
        *,
        weight: float | None = None,
        left: Record | None = None,
        right: Record | None = None,
        **more: Any,
    ) -> RecordPair:
        """One more pair; without records, of two new ones: two letters differ, day and month are
        swapped, and one source knows no numbers.
        """
        known = {"levels": [-1, 3, 3, 5, -1, 2, 1, 1], "rarity": nothing(), "basis": "weight"}
        known |= more
        with as_role("owner"):
            left = left or a_record(
                self.run.left, name="BUDI SANTOSO", mother_name="SITI AMINAH", nik="", kk=""
            )
            right = right or a_record(
                self.run.right,
                name="BUDI SANTUSU",
                mother_name="SITI AMINAH",
                village="B",
                birth_date=date(1988, 12, 1),
            )
            found = weight_of(known["levels"], known["rarity"]) if weight is None else weight
            pair = RecordPair.objects.create(
                pairing=self.pairing,
                run=self.run,
                left=left,
                right=right,
                status=status,
                weight=found,
                **known,
            )
        self.pairs.append(pair)
        return pair

    def counted(self) -> Run:
        """The run with counts, histogram and changes as its pairs have them. A small one."""
        statuses: dict[str, int] = {}
        bins: dict[int, int] = {}
        for one in self.pairs:
            statuses[one.status] = statuses.get(one.status, 0) + 1
            low = int(one.weight // 1)
            bins[low] = bins.get(low, 0) + 1
        linked, review = statuses.get("linked", 0), statuses.get("review", 0)
        with as_role("owner"):
            Run.objects.filter(pk=self.run.pk).update(
                counts={
                    "records": linked + review + 7,
                    "boxes": {"nik": 0, "linked": linked, "review": review, "unmatched": 7},
                    "pairs": statuses,
                },
                histogram=sorted([low, many] for low, many in bins.items()),
            )
            self.run.refresh_from_db()
        return self.run


def a_source(code: str, **known: Any) -> Source:
    kind = Source.Kind.REGISTER if code == REGISTER else Source.Kind.PROGRAMME
    defaults = {"name": code.title(), "kind": kind, "is_draft": False, "ministry": "Kemensos"}
    return Source.objects.get_or_create(code=code, defaults=defaults | known)[0]


def a_dataset(source: Source, number: int = 1) -> Dataset:
    return Dataset.objects.get_or_create(
        source=source,
        number=number,
        defaults={
            "status": Dataset.Status.LOADED,
            "as_of": date(2026, 10, number),
            "received_at": NOW,
            "loaded_at": NOW,
            "rows_read": 10,
            "by_name": "uji",
        },
    )[0]


def a_record(dataset: Dataset, *, village: str = "A", **known: Any) -> Record:
    """One made-up person, as a source tells it."""
    serial = next(_numbers)
    values: dict[str, Any] = {
        "source_ref": str(serial),
        "name": "CONTOH SATU",
        "mother_name": "CONTOH DUA",
        "birth_place": "BARAT LOR",
        "birth_date": date(1988, 1, 12),
        "sex": "L",
        "village_code": CODES.get(village, village),
        "nik": f"970101120188{serial:04d}",
        "kk": f"970101120120{serial:04d}",
        "address": "JL. MELATI NO. 1",
        "rt": "001",
        "rw": "002",
    }
    values |= known
    values["name_key"] = names.name_key(values["name"])
    values["mother_key"] = names.name_key(values["mother_name"])
    return Record.objects.create(
        id=dataset.pk * ROWS_OF_DATASET + serial,
        source=dataset.source,
        dataset=dataset,
        number=dataset.number,
        digest=uuid4(),
        **values,
    )


def a_bench(
    left: str = "PKH", right: str = REGISTER, *, status: str = "done", **source: Any
) -> Bench:
    """A finished run of two sources, without pairs."""
    with as_role("owner"):
        one, other = a_source(left, **source), a_source(right)
        pairing, _made = Pairing.objects.get_or_create(
            left=one, right=other, defaults={"lower": LOWER, "upper": UPPER, "model": model()}
        )
        run = a_run(pairing, status)
    return Bench(one, other, run)


def a_run(pairing: Pairing, status: str = "done", at: datetime = NOW, **known: Any) -> Run:
    """A run that went through the states it has to."""
    number = 1 + Run.objects.filter(pairing=pairing).count()
    run = Run.objects.create(
        pairing=pairing,
        left=a_dataset(pairing.left, number),
        right=a_dataset(pairing.right, 1 if pairing.is_within else number),
        settings={"model": model()},
        by_name="uji",
        asked_at=at,
        **known,
    )
    for step in {"asked": [], "running": ["running"]}.get(status, ["running", status]):
        Run.objects.filter(pk=run.pk).update(status=step)
    run.refresh_from_db()
    return run
