"""The demo's other ministries: their registers, one run each, and open questions for people.

Every step can be run again: the same file is the same delivery, and a pairing with a run keeps it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.demo import working
from apps.demo.population import ministries
from apps.demo.population.ministries import CLEAN, FAIR, POOR, ROUGH, Faults, Office
from apps.demo.population.people import Person, people
from apps.demo.stage import REGISTERED, SEED, Say, Stage
from apps.reconciliation.deliveries import datasets, sources
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Dataset, Run, Source
from apps.reconciliation.states import RunStatus

STRANGERS: Final = 2_000
LIMIT_DESIL: Final = 5
PERIOD: Final = "2026-11"


@dataclass(frozen=True)
class Ministry:
    """One other register: which persons it holds (shares of those known to us), and its quality."""

    code: str
    kind: str
    name: str
    ministry: str
    purpose: str
    legal_basis: str
    faults: Faults
    share: float
    strangers: int
    programme: str = ""
    limit_desil: int | None = None


ALL: Final = (
    Ministry(
        "DUKCAPIL", Source.Kind.CIVIL, "Register kependudukan (contoh)", "Kemendagri",
        "Pemadanan NIK, kematian, pindah", "UU 24/2013", CLEAN, 0.99, STRANGERS,
    ),
    Ministry(
        "SEMBAKO", Source.Kind.PROGRAMME, "Penerima Sembako (contoh)", "Kemensos",
        "Penerima di luar data induk", "Permensos 3/2025", ROUGH, 0.25, 300, "SEMBAKO",
    ),
    Ministry(
        "P3KE", Source.Kind.POVERTY, "Daftar P3KE (contoh)", "Kemenko PM",
        "Sasaran kemiskinan ekstrem", "Inpres 8/2025", POOR, 0.12, 200,
    ),
    Ministry(
        "BPS", Source.Kind.RANKING, "Peringkat DTSEN (contoh)", "BPS",
        "Desil sebagai masukan, dengan periode", "Inpres 4/2025", FAIR, 0.97, 0, "", LIMIT_DESIL,
    ),
    Ministry(
        "BKN", Source.Kind.EMPLOYEES, "Pegawai negeri (contoh)", "BKN",
        "Pegawai di antara penerima", "UU 20/2023", FAIR, 0.004, 400,
    ),
)  # fmt: skip


def reconcile(stage: Stage, *, say: Say, show: Any) -> list[Run]:
    """A delivery and a run of every ministry; returns the runs."""
    steward = stage.people[Role.STEWARD]
    done = []
    for ministry in ALL:
        say(f"Reconciling with {ministry.name}")
        dataset = _deliver(ministry, stage, steward, show)
        done.append(_run(dataset, steward, show))
    return done


def _deliver(ministry: Ministry, stage: Stage, by: User, show: Any) -> Dataset:
    source = _source(ministry, by)
    path = stage.folder / f"{ministry.code.lower()}_{stage.regency.code.replace('.', '')}.csv"
    if not path.exists():
        _write(path, ministry, stage)
    with path.open("rb") as file:
        received = datasets.receive_dataset(
            file=file,
            file_name=path.name,
            source=source,
            by=by,
            now=timezone.now(),
            period=PERIOD,
            as_of=timezone.localdate() - timedelta(days=7),
        )
    working.done(received.job, show=show)
    return Dataset.objects.get(pk=received.dataset.pk)


def _run(dataset: Dataset, by: User, show: Any) -> Run:
    made = Run.objects.filter(left=dataset, status=RunStatus.DONE).order_by("pk").last()
    if made is not None:
        return made
    run, job = runs.enqueue_run(left=dataset, by=by, by_name=str(by), now=timezone.now())
    working.done(job, show=show)
    run.refresh_from_db()
    if run.status != RunStatus.DONE:
        raise RuntimeError(f"the run with {dataset} ended as {run.status}: {run.breaker}")
    return run


def _source(ministry: Ministry, by: User) -> Source:
    known = Source.objects.filter(pk=ministry.code).first()
    if known is not None:
        return known
    values = {
        "name": ministry.name,
        "kind": ministry.kind,
        "ministry": ministry.ministry,
        "purpose": ministry.purpose,
        "legal_basis": ministry.legal_basis,
        "programme": ministry.programme,
        "limit_desil": ministry.limit_desil,
    }
    source = sources.create(code=ministry.code, values=values, by=by)
    return sources.activate(source=source, by=by)


def _write(path: Path, ministry: Ministry, stage: Stage) -> None:
    rng = random.Random(f"{SEED}{ministry.code}")
    everyone = people(stage.own, REGISTERED, SEED)
    office = Office(
        ministry.faults, rng.randrange(1 << 30), sorted(stage.own), f"{ministry.code[:2]}"
    )
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(ministries.HEADER)
        writer.writerows(_rows(ministry, office, everyone, rng))


def _rows(
    ministry: Ministry, office: Office, everyone: Iterable[Person], rng: random.Random
) -> Iterator[list[str]]:
    """Rows of registered persons that this ministry knows, then of persons not in the register."""
    persons = iter(everyone)
    for person in islice(persons, REGISTERED):
        if rng.random() < ministry.share:
            yield office.record(
                person,
                desil=_desil(ministry, rng),
                programme=ministry.programme,
                died=_died(ministry, rng),
            )
    for person in islice(persons, ministry.strangers):
        yield office.record(person, desil=_desil(ministry, rng), programme=ministry.programme)


def _desil(ministry: Ministry, rng: random.Random) -> str:
    if ministry.kind != Source.Kind.RANKING:
        return ""
    return str(rng.choices(range(1, 11), weights=[30, 25, 20, 14, 6, 2, 1, 1, 0.5, 0.5])[0])


def _died(ministry: Ministry, rng: random.Random) -> str:
    if ministry.kind != Source.Kind.CIVIL or rng.random() > 0.004:
        return ""
    return f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 11):02d}/2026"
