"""Made-up registers whose truth is known: what is linked without people is right."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from apps.demo import country
from apps.demo.population import ministries
from apps.demo.population.people import people
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import RecordPair, Run
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.sample_deliveries import a_source, load, receive

pytestmark = pytest.mark.django_db

# Of the links that nobody looks at; a fifth of the left register has no NIK.
PRECISION, RECALL, BAND = 0.999, 0.985, 0.03


def _linked(folder: Path, persons: int) -> tuple[set[tuple[str, str]], Run]:
    """What a run links between two registers of so many persons each."""
    villages = {code: place for code, place in country.villages().items() if code[:2] == "97"}
    files = ministries.write_pair(
        folder, people(villages, persons * 2, 11), persons, seed=11, villages=sorted(villages)
    )
    left, right = (
        load(receive(path.read_bytes(), a_source(code)))
        for path, code in zip(files[:2], ("P3KE", "DTSEN"), strict=True)
    )
    with as_role("worker"):
        run, job = runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)
        do(job)
        run.refresh_from_db()
        pairs = RecordPair.objects.all().of(run).filter(status="linked")
        return set(pairs.values_list("left__source_ref", "right__source_ref")), run


def _truth(folder: Path) -> set[tuple[str, str]]:
    with (folder / "truth.csv").open(newline="") as file:
        return {(row["left"], row["right"]) for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    "persons", [pytest.param(1_000), pytest.param(10_000, marks=pytest.mark.scale)]
)
@pytest.mark.long
def test_what_is_linked_without_people_is_right_and_nearly_everything(tmp_path, persons):
    found, run = _linked(tmp_path, persons)
    truth = _truth(tmp_path)
    right = len(found & truth)
    assert right / len(found) >= PRECISION
    assert right / len(truth) >= RECALL
    pairs = run.counts["pairs"]
    assert pairs["review"] <= BAND * sum(pairs.values())
