"""A hundred thousand pairs find their questions, ten thousand answers their corrections."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.utils import timezone

from apps.reconciliation.conflicts import answers
from apps.reconciliation.conflicts.filters import Selection
from apps.reconciliation.models import ROWS_OF_DATASET, Answer, Conflict
from apps.registry.models import Change, Claim, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation.answering import officer, steward
from tests.reconciliation.linked import Meeting, meeting
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db, pytest.mark.scale]

PAIRS, EACH = 100_000, 10
FIND_S, RESOLVE_S = 30.0, 30.0


PERSONS = """
INSERT INTO registry_person (id, family_id, village_id, nik, is_nik_disputed, name, title,
    birth_place, birth_date, sex, mother_name, relation, occupation, marital_status,
    disability_kind, ppks, status, source, source_ref, origins, change_id)
SELECT 9000000 + n, %s, '97.01.01.2001', (9701010000000000 + n)::text, false, 'WARGA ' || n, '',
       '', '1988-01-12', 'L', '', '', '', '', '', '{}', 'active', 'dtks', '', '{}', %s
  FROM generate_series(1, %s) AS n
"""
RECORDS = """
INSERT INTO reconciliation_record (id, source_id, dataset_id, number, source_ref, nik, kk, name,
    name_key, mother_name, mother_key, birth_place, birth_date, sex, village_code, address, rt, rw,
    relation, occupation, is_deceased, programmes, digest)
SELECT %s + n, %s, %s, 1, (9000000 + n)::text, (9701010000000000 + n)::text, '', v.name, v.name,
       '', '', '', '1988-01-12', 'L', '97.01.01.2001', '', '', '', '', '', false, '{}',
       gen_random_uuid()
  FROM (SELECT n, %s AS each FROM generate_series(1, %s) AS n) AS g,
       LATERAL (SELECT CASE WHEN n %% each = 0 THEN 'LAIN ' ELSE 'WARGA ' END || n AS name) AS v
"""
LINKS = """
INSERT INTO reconciliation_pair (pairing_id, run_id, left_id, right_id, basis, status,
    weight, levels, rarity, is_sample)
SELECT %s, %s, %s + n, %s + n, 'nik', 'linked', 12, '{2,2}', '{}', false
  FROM generate_series(1, %s) AS n
"""


@pytest.fixture
def met() -> Meeting:
    """As many persons, pictures, records and pairs; of every ten one name differs."""
    met = meeting()
    with as_role("worker"):
        one = a_person()
    base = met.left.pk * ROWS_OF_DATASET
    pictures = met.right.pk * ROWS_OF_DATASET
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(PERSONS, [one.family_id, one.change_id, PAIRS])
        cursor.execute(RECORDS, [base, "CIVIL", met.left.pk, EACH, PAIRS])
        cursor.execute(RECORDS, [pictures, "REGISTER", met.right.pk, PAIRS + 1, PAIRS])
        cursor.execute(LINKS, [met.run.pairing_id, met.run.pk, base, pictures, PAIRS])
        cursor.execute("ANALYZE")
    return met


def test_many_pairs_find_their_questions_and_many_answers_their_corrections(met, figure):
    began = time.perf_counter()
    assert met.find() == {"name_differs": PAIRS // EACH, "nik_unknown": 1}
    found_s = time.perf_counter() - began
    began = time.perf_counter()
    assert met.find() == {}
    again_s = time.perf_counter() - began
    by, now = officer(), timezone.now()
    with as_role("owner"):
        Answer.objects.bulk_create(
            Answer(conflict=one, choice="theirs", reason="Dikunjungi", user=by, at=now)
            for one in Conflict.objects.filter(kind="name_differs")
        )
        Conflict.objects.filter(kind="name_differs").update(status="answered")
    expected = PAIRS // EACH
    with as_role("owner"):
        job = answers.take_many(
            selection=Selection(kind="name_differs"), expected=expected, by=steward(), now=now
        )
    began = time.perf_counter()
    with as_role("worker"):
        do(job)
    resolved_s = time.perf_counter() - began
    figure(f"questions of {PAIRS:,} pairs", found_s, "s", f"< {FIND_S}")
    figure(f"questions of {PAIRS:,} pairs, again", again_s, "s")
    figure(f"{expected:,} answers written", resolved_s, "s")
    with as_role("owner"):
        assert Change.objects.filter(kind="resolution").count() == expected
        assert Claim.objects.count() == expected
        assert Person.objects.filter(name__startswith="LAIN").count() == expected
    assert found_s < FIND_S
    assert resolved_s < RESOLVE_S
