"""A register of 200,000 with 20,000 pairs of duplicates: looked at, merged, and undone."""

from time import perf_counter

import pytest
from django.db import connection

from apps.reconciliation.duplicates import deduplication, person_groups
from apps.reconciliation.duplicates.person_groups import GroupFilter
from apps.registry.models import Change, Person
from tests.conftest import as_role
from tests.reconciliation.duplicates.test_deduplication import REASON, ask, do
from tests.reconciliation.sample_duplicates import joined
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.scale]
PERSONS, PAIRS = 200_000, 20_000

COPIES = """
INSERT INTO registry_family (id, kk, village_id, address, rt, rw, location_verdict, is_active,
                             change_id)
SELECT 1000000 + n, (9801021201200000 + n)::text, village_id, '', '', '', '', true, change_id
  FROM registry_family, generate_series(1, %(persons)s) AS n WHERE id = %(family)s;
INSERT INTO registry_person (id, family_id, village_id, nik, is_nik_disputed, name, title,
       birth_place, birth_date, sex, mother_name, relation, occupation, marital_status,
       disability_kind, ppks, status, source, source_ref, origins, change_id)
SELECT 1000000 + n, 1000000 + n, village_id, (9801021201880000 + n)::text, false, 'WARGA ' || n,
       '', '', birth_date, sex, '', relation, CASE n %% 3 WHEN 0 THEN '' ELSE 'PETANI' END, '', '',
       '{}', 'active', source, '', '{}', change_id
  FROM registry_person, generate_series(1, %(persons)s) AS n WHERE id = %(person)s;
INSERT INTO registry_enrolment (person_id, village_id, programme_id, active_from, change_id)
SELECT 1000000 + n, p.village_id, CASE n %% 2 WHEN 0 THEN 'PKH' ELSE 'SEMBAKO' END, '2026-01-01',
       p.change_id
  FROM registry_person p, generate_series(1, %(persons)s) AS n WHERE p.id = %(person)s;
INSERT INTO reconciliation_record
SELECT (r).* FROM (
    SELECT jsonb_populate_record(c, jsonb_build_object(
               'id', c.id + 1000000 + n, 'source_ref', (1000000 + n)::text)) AS r
      FROM reconciliation_record c, generate_series(1, 2 * %(pairs)s) AS n
     WHERE c.source_ref = %(person)s::text) AS copies;
INSERT INTO reconciliation_pair
SELECT (r).* FROM (
    SELECT jsonb_populate_record(c, jsonb_build_object(
               'id', 1000000 + n, 'left_id', l.id + 1000000 + 2 * n - 1,
               'right_id', l.id + 1000000 + 2 * n)) AS r
      FROM reconciliation_pair c, reconciliation_record l,
           generate_series(1, %(pairs)s) AS n
     WHERE l.source_ref = %(person)s::text) AS copies;
ANALYZE;
"""


@pytest.fixture
def register():
    with as_role("owner"):
        keep, drop = a_person(), a_person()
        joined(keep, drop)
        sizes = {"persons": PERSONS, "pairs": PAIRS, "person": keep.pk, "family": keep.family_id}
        with connection.cursor() as cursor:
            cursor.execute(COPIES, sizes)


def test_twenty_thousand_pairs_are_shown_merged_and_undone_in_seconds(register, person, figure):
    with as_role("owner"):
        steward = person("steward")
        started = perf_counter()
        shown = person_groups.preview(GroupFilter(), steward)
        looked = perf_counter() - started
        assert len(shown.pairs) == PAIRS + 1
        job = ask(steward, reason=REASON)
        started = perf_counter()
        job = do(job)
        merged = perf_counter() - started
        assert (job.status, job.result["persons_merged"]) == ("done", PAIRS + 1)
        change = Change.objects.get(pk=job.result["change"])
        back = deduplication.enqueue_unmerge(merged=change, keeps=None, by=steward, reason=REASON)
        started = perf_counter()
        assert do(back).status == "done"
        undone = perf_counter() - started
        assert not Person.objects.exclude(status="active").exists()
    figure("20,000 pairs of 200,000 persons: shown", looked, "s", "≤ 8")
    figure("20,000 pairs of 200,000 persons: merged", merged, "s", "≤ 60")
    figure("20,000 pairs of 200,000 persons: undone", undone, "s", "≤ 60")
    assert looked <= 8
    assert merged <= 60
    assert undone <= 60
