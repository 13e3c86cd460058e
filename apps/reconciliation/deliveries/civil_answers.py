"""Where no civil register service is configured, its last delivery answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from apps.civilregister.comparison import Person
from apps.common import sql
from apps.proposals.civil.asking import ProposalRow, compared
from apps.proposals.civil.civil_check import CivilAnswer
from apps.reconciliation.models import Dataset, Source
from apps.reconciliation.states import DatasetStatus

# Rows of a delivery that are looked up in one query.
CHUNK_ROWS: Final = 5_000


class Delivery:
    """The last loaded delivery of a civil register."""

    chunk = CHUNK_ROWS

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.name = name_of(dataset)

    def find_answers(self, rows: Sequence[ProposalRow]) -> list[CivilAnswer]:
        """Queries: one."""
        known: dict[str, list[Person]] = {}
        for nik, *fields in sql.run(
            "reconciliation/deliveries/find_civil",
            {
                "niks": sorted({row.nik for row in rows}),
                "source": self.dataset.source_id,
                "number": self.dataset.number,
            },
        ):
            known.setdefault(nik, []).append(Person(*fields))
        return [compared(row, known.get(row.nik, ())) for row in rows]


def name_of(dataset: Dataset) -> str:
    """The name under which a delivery's answers are kept."""
    return f"{dataset.source_id}:{dataset.number}"


def last_delivery() -> Delivery | None:
    """The newest loaded delivery of a civil source. Queries: one."""
    loaded = Dataset.objects.filter(source__kind=Source.Kind.CIVIL, status=DatasetStatus.LOADED)
    newest = loaded.order_by("-as_of", "-pk").first()
    return Delivery(newest) if newest is not None else None
