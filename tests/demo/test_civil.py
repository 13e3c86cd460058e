"""The demo's civil register: most of the proposed people, some of them otherwise, some missing."""

from __future__ import annotations

import csv
from datetime import date
from types import SimpleNamespace

import pytest

from apps.civilregister.comparison import Person, judge
from apps.demo import civil
from apps.proposals.models import Proposal
from tests.conftest import as_role
from tests.personas import OWN
from tests.proposals import factory

ROWS = 1_500


@pytest.mark.django_db
def test_most_are_there_as_proposed_and_every_way_to_differ_is_there(person, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    (tmp_path / "demo").mkdir()
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, ROWS, status="endorsed")
    stage = SimpleNamespace(
        regency=SimpleNamespace(code=OWN), own={f"{OWN}.01.2001": 0, f"{OWN}.01.2002": 0}
    )
    with as_role("worker"):
        civil.write(stage)
        first = civil.path().read_bytes()
        civil.write(stage)
        rows = list(Proposal.objects.all())
    assert civil.path().read_bytes() == first
    assert civil.path().stat().st_mode & 0o777 == 0o600
    known = {row["nik"]: row for row in csv.DictReader(first.decode().splitlines())}
    found = [judge(_proposed(row), _of(known.get(row.nik))) for row in rows]
    matched = sum(one.status == "matched" for one in found)
    assert 0.9 * ROWS < matched < 0.97 * ROWS
    assert {code for one in found for code in one.differs} >= {
        *("nik", "deceased", "birth_date", "name", "village")
    }


def _proposed(row):
    return Person(row.name, row.birth_date, row.sex, row.village_id)


def _of(row):
    if row is None:
        return []
    day = date.fromisoformat(row["birth_date"])
    return [Person(row["name"], day, row["sex"], row["village_code"], row["deceased"] == "1")]
