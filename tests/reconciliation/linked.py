"""Deliveries, records and pairs made by hand, as a run leaves them: for tests of what comes after.

Everything is written as the worker. People are made up; NIK serials begin at 9000.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from apps.reconciliation.conflicts import detection
from apps.reconciliation.models import (
    REGISTER,
    ROWS_OF_DATASET,
    Authority,
    Conflict,
    Dataset,
    Pairing,
    Record,
    RecordPair,
    Run,
    Source,
)
from apps.registry.models import Person
from tests.base import NOW
from tests.conftest import as_role

_rows = count(1)


def source_of(code: str, kind: str, **fields: Any) -> Source:
    """A ministry's source that is no draft; the same code gives the same source."""
    defaults = {"name": code.title(), "kind": kind, "is_draft": False, "ministry": code}
    made, _new = Source.objects.get_or_create(code=code, defaults=defaults | fields)
    return made


def delivery(source: Source, as_of: date = date(2026, 11, 1)) -> Dataset:
    """The next delivery of a source, loaded."""
    last = Dataset.objects.filter(source=source).order_by("-number").first()
    return Dataset.objects.create(
        source=source,
        number=last.number + 1 if last else 1,
        status=Dataset.Status.LOADED,
        period="Nov 2026",
        as_of=as_of,
        received_at=NOW,
        loaded_at=NOW,
    )


def record(dataset: Dataset, ref: str = "", **fields: Any) -> Record:
    """A record that holds from this delivery on; its keys are the names, in capitals."""
    row = next(_rows)
    keys = {
        "name_key": str(fields.get("name", "")).upper(),
        "mother_key": str(fields.get("mother_name", "")).upper(),
    }
    return Record.objects.create(
        id=dataset.pk * ROWS_OF_DATASET + row,
        source=dataset.source,
        dataset=dataset,
        number=dataset.number,
        source_ref=ref or f"row:{row}",
        digest=uuid4(),
        **(keys | fields),
    )


def record_of(dataset: Dataset, person: Person, ref: str = "", **fields: Any) -> Record:
    """What a source says of somebody whom the register knows: the same, but for these fields."""
    known = {
        "nik": person.nik or "",
        "kk": person.family.kk or "",
        "name": person.name,
        "birth_date": person.birth_date,
        "sex": person.sex,
        "village_code": person.village_id,
    }
    return record(dataset, ref, **(known | fields))


@dataclass
class Meeting:
    """A source's delivery beside a picture of the register, and the pairs that were found."""

    source: Source
    left: Dataset
    right: Dataset
    run: Run
    pictures: dict[int, Record] = field(default_factory=dict)

    def link(
        self,
        person: Person,
        left: Record | None = None,
        *,
        status: str = "linked",
        basis: str = "nik",
        **says: Any,
    ) -> RecordPair:
        """A pair of a person and a record of the source (made here, with what it `says`)."""
        with as_role("worker"):
            if person.pk not in self.pictures:
                self.pictures[person.pk] = record_of(self.right, person, ref=str(person.pk))
            return RecordPair.objects.create(
                pairing=self.run.pairing,
                run=self.run,
                left=left or record_of(self.left, person, **says),
                right=self.pictures[person.pk],
                basis=basis,
                status=status,
                weight=12.0,
                levels=[2, 2],
            )

    def stranger(self, **says: Any) -> Record:
        """A record without a pair."""
        with as_role("worker"):
            return record(self.left, **says)

    def find(self) -> dict[str, int]:
        """What the end of a run does."""
        with as_role("worker"):
            return detection.find(self.run)

    def again(self, *, is_new_delivery: bool = True) -> Meeting:
        """The next run: what the old one found holds until a test ends it."""
        with as_role("worker"):
            finish(self.run)
            left = delivery(self.source) if is_new_delivery else self.left
            run = _run(self.run.pairing, left, self.right)
        return Meeting(self.source, left, self.right, run, self.pictures)


def meeting(code: str = "CIVIL", kind: str = "civil", **fields: Any) -> Meeting:
    """A first delivery of a source and a picture of the register, in a run that is about to end.

    Name and date of birth are fields for which the civil register is an authority.
    """
    with as_role("owner"):
        source = source_of(code, kind, **fields)
        register = source_of(REGISTER, "register")
        if kind == Source.Kind.CIVIL:
            for wanted in ("name", "birth_date", "village", "nik"):
                Authority.objects.get_or_create(source=source, field=wanted, defaults={"rank": 1})
        pairing, _new = Pairing.objects.get_or_create(
            left=source, right=register, defaults={"lower": 2.0, "upper": 9.0}
        )
    with as_role("worker"):
        left, right = delivery(source), delivery(register)
        return Meeting(source, left, right, _run(pairing, left, right))


def _run(pairing: Pairing, left: Dataset, right: Dataset) -> Run:
    return Run.objects.create(
        pairing=pairing, left=left, right=right, asked_at=timezone.now(), by_name="tests"
    )


def finish(run: Run) -> None:
    """A run that is through; one that is through already stays so."""
    Run.objects.filter(pk=run.pk, status=Run.Status.ASKED).update(status=Run.Status.RUNNING)
    Run.objects.filter(pk=run.pk, status=Run.Status.RUNNING).update(status=Run.Status.DONE)


def end(pair: RecordPair, run: Run) -> None:
    """A pair that the run no longer finds."""
    with as_role("worker"):
        RecordPair.objects.filter(pk=pair.pk).update(until=run.pk)


def found(**query: Any) -> Conflict:
    """The one conflict that fits, whoever asks."""
    with as_role("owner"):
        return Conflict.objects.select_related("village", "person", "worklist").get(**query)


def all_found() -> list[tuple[str, str, str, str]]:
    """(kind, status, ours, theirs) of every conflict, in order."""
    with as_role("owner"):
        rows = Conflict.objects.order_by("pk")
        return list(rows.values_list("kind", "status", "ours", "theirs"))
