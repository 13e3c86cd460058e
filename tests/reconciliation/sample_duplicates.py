"""A register compared with itself: persons as records, and pairs of them, as a run leaves them."""

from __future__ import annotations

import uuid
from itertools import count
from typing import Any

from apps.reconciliation.models import (
    REGISTER,
    Dataset,
    Judgement,
    Pairing,
    Record,
    RecordPair,
    Run,
    Source,
)
from apps.reconciliation.states import DatasetStatus, JudgementOutcome, PairStatus, RunStatus
from apps.registry import changes, merging
from apps.registry.models import Change, Person
from tests.base import NOW

_ids = count(500_000_001)  # beside the rows of `linked`, in the same picture


def source(code: str = REGISTER, kind: str = Source.Kind.REGISTER, **fields: Any) -> Source:
    made, _is_new = Source.objects.update_or_create(
        code=code, defaults={"name": code, "kind": kind, "is_draft": False} | fields
    )
    return made


def dataset(of: Source) -> Dataset:
    made, _is_new = Dataset.objects.get_or_create(
        source=of,
        number=1,
        defaults={"status": DatasetStatus.LOADED, "as_of": NOW.date(), "received_at": NOW},
    )
    return made


def run(left: Source, right: Source) -> Run:
    pairing, _is_new = Pairing.objects.get_or_create(
        left=left, right=right, defaults={"lower": 2.0, "upper": 9.0}
    )
    made, _is_new = Run.objects.get_or_create(
        pairing=pairing,
        left=dataset(left),
        right=dataset(right),
        defaults={"status": RunStatus.DONE, "asked_at": NOW, "finished_at": NOW},
    )
    return made


def record(of: Source, ref: str, **fields: Any) -> Record:
    known = Record.objects.filter(source=of, source_ref=ref).first()
    return known or Record.objects.create(
        id=dataset(of).pk * 1_000_000_000 + next(_ids),
        source=of,
        dataset=dataset(of),
        number=1,
        source_ref=ref,
        digest=uuid.uuid4(),
        **fields,
    )


def as_record(person: Person) -> Record:
    """A person as the register's own picture holds it."""
    return record(
        source(),
        str(person.pk),
        nik=person.nik or "",
        name=person.name,
        birth_date=person.birth_date,
        village_code=person.village_id,
    )


def joined(one: Person, other: Person, status: str = PairStatus.LINKED) -> RecordPair:
    """Two persons whom a run calls one, or people do."""
    own = run(source(), source())
    return RecordPair.objects.create(
        pairing=own.pairing,
        run=own,
        left=as_record(one),
        right=as_record(other),
        basis=RecordPair.Basis.WEIGHT,
        status=status,
        weight=12.5,
        levels=[1],
    )


def judged(pair: RecordPair, by: Any, outcome: str = JudgementOutcome.SAME) -> Judgement:
    return Judgement.objects.create(
        left_source=REGISTER,
        left_ref=pair.left.source_ref,
        right_source=REGISTER,
        right_ref=pair.right.source_ref,
        pair=pair,
        outcome=outcome,
        user=by,
        at=NOW,
    )


def confirmed(person: Person) -> RecordPair:
    """The civil register knows this person under this NIK."""
    civil = source("DUKCAPIL", Source.Kind.CIVIL)
    theirs = record(civil, f"civil-{person.pk}", nik=person.nik or "", name=person.name)
    own = run(civil, source())
    return RecordPair.objects.create(
        pairing=own.pairing,
        run=own,
        left=theirs,
        right=as_record(person),
        basis=RecordPair.Basis.NIK,
        status=PairStatus.LINKED,
        weight=30.0,
        levels=[1],
    )


def a_merge(keep: Person, drop: Person, under: Change | None = None) -> Change:
    """Two persons merged as a job of a steward leaves them; under one Change with others."""
    change = under or changes.begin(
        kind=Change.Kind.RESOLUTION,
        reference=f"merge/{next(_ids)}",
        source="merge",
        actor="user:1",
        actor_name="Penata",
        reason="",
        now=NOW,
    )
    merging.merge(change=change, pairs=[(keep.pk, drop.pk)], day=NOW.date())
    return change
