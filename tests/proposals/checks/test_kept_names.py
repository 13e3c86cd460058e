"""The table of names holds each proposal's name, whoever wrote the row, and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.accounts.access import Scope
from apps.proposals.checks import batch_check
from apps.proposals.fixes import row_fixes
from apps.proposals.models import Proposal, ProposalName
from apps.proposals.review.decisions import Step, decide
from apps.proposals.review.searching import Search
from apps.proposals.submitting.submission import submit
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.sending import B, point, row, send

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "batch_id", "village_id", "name")


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def kept() -> list[tuple[object, ...]]:
    with as_role("owner"):
        return list(ProposalName.objects.order_by("pk").values_list(*COLUMNS))


def wanted() -> list[tuple[object, ...]]:
    with as_role("owner"):
        rows = Proposal.objects.order_by("pk").values_list(*COLUMNS)
        return [(*rest, name.upper()) for *rest, name in rows]


def names() -> list[object]:
    return sorted(str(name) for *_rest, name in kept())


def versions() -> list[tuple[str, str]]:
    """Where each row of the table of names is stored, and by which transaction and command."""
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text, cmin::text FROM proposals_proposalname ORDER BY id")
        return cursor.fetchall()


def run(asked):
    """Let the worker do a job about a fix."""
    _fix, job = asked
    with as_role("worker"):
        do(job)
        job.refresh_from_db()
    assert job.status == "done", (job.message_code, job.message_params)


def test_a_file_leaves_the_names_of_its_good_rows_in_capitals(officer):
    send([row(9001, name="Siti Aminah"), row(9002, nik="1", name="BUDI")], officer)
    assert names() == ["SITI AMINAH"]
    assert kept() == wanted()


def test_a_large_file_has_its_names_in_a_partition_of_their_own(officer, monkeypatch):
    monkeypatch.setattr(batch_check, "PARTITION_FROM_ROWS", 2)
    batch = send([row(9001 + i, name=f"SITI {'ABCD'[i]}") for i in range(4)], officer)
    assert names() == ["SITI A", "SITI B", "SITI C", "SITI D"]
    assert kept() == wanted()
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM proposals_proposalname")
        assert cursor.fetchall() == [(f"proposals_proposalname_{batch.partition}",)]
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'staging'::regnamespace"
            " AND relname LIKE %s",
            [f"partition_{batch.partition}%"],
        )
        assert cursor.fetchone() == (0,)
        index = f"proposals_proposalname_{batch.partition}_trigrams"
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [index])
        assert cursor.fetchone() == (True,)


def test_names_whose_index_was_never_made_are_found_and_get_it_with_the_next_large_file(
    officer, monkeypatch
):
    monkeypatch.setattr(batch_check, "PARTITION_FROM_ROWS", 2)
    first = send([row(9001 + i, name=f"SITI {'ABCD'[i]}") for i in range(4)], officer)
    index = f"proposals_proposalname_{first.partition}_trigrams"
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")
    found = Search("siti b").apply(Proposal.objects.all(), Scope(("97",)))
    assert [one.row_number for one in found] == [2]
    send([row(9011 + i) for i in range(4)], officer)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [index])
        assert cursor.fetchone() == (True,)


def test_a_row_of_a_partition_that_is_mended_or_left_out_is_so_in_the_names(officer, monkeypatch):
    monkeypatch.setattr(batch_check, "PARTITION_FROM_ROWS", 2)
    batch = send([row(9001 + i, name=f"SITI {'ABCD'[i]}") for i in range(4)], officer)
    cells = {"name": "BUDI"}
    run(row_fixes.edit(batch=batch, row_number=2, cells=cells, seen=0, by=officer, now=NOW))
    assert names() == ["BUDI", "SITI A", "SITI C", "SITI D"]
    run(row_fixes.drop(batch=batch, rows=[3], by=officer, now=NOW))
    assert names() == ["BUDI", "SITI A", "SITI D"]
    run(row_fixes.restore(batch=batch, rows=[3], by=officer, now=NOW))
    assert names() == ["BUDI", "SITI A", "SITI C", "SITI D"]
    assert kept() == wanted()


def test_a_mended_draft_has_the_new_name_and_not_the_old(officer):
    batch = send([row(9001, name="SITI"), row(9002, name="ANI")], officer)
    cells = {"name": "BUDI", "village_code": B, **point("B")}
    run(row_fixes.edit(batch=batch, row_number=1, cells=cells, seen=0, by=officer, now=NOW))
    assert names() == ["ANI", "BUDI"]
    assert kept() == wanted()


def test_steps_write_no_name(officer, person):
    batch = send([row(9001), row(9002)], officer)
    before = versions()
    submit(batch=batch, by=officer, now=NOW)
    with as_role("owner"):
        one = Proposal.objects.earliest("pk")
    verifier = person("verifier")
    decide(proposal=one, step=Step.VERIFY, by=verifier, now=NOW)
    assert factory.status_of(one) == "verified"
    assert versions() == before


def test_a_changed_column_that_no_search_reads_writes_no_name(officer):
    send([row(9001)], officer)
    before = versions()
    with as_role("worker"):
        Proposal.objects.update(address="JL. LAIN", name="SITI AMINAH")
    assert versions() == before
    with as_role("worker"):
        Proposal.objects.update(name="SITI AMINAH LAIN")
    assert names() == ["SITI AMINAH LAIN"]


def test_a_removed_row_leaves_no_name(person):
    batch = factory.batch(person("regency_officer"))
    kept_row, *gone = factory.proposals(batch, 5)
    with as_role("worker"):
        Proposal.objects.filter(pk__in=[one.pk for one in gone])._raw_delete("default")
    assert [pk for pk, *_rest in kept()] == [kept_row.pk]
    with as_role("worker"):
        Proposal.objects.all()._raw_delete("default")
        Proposal.objects.all()._raw_delete("default")
    assert kept() == []


def test_rows_that_are_emptied_at_once_leave_no_name(person):
    factory.proposals(factory.batch(person("regency_officer")), 3)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("TRUNCATE proposals_proposal")
    assert kept() == []


def test_the_partition_of_a_failed_file_is_emptied_with_its_names():
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT proposals_create_partition(77)")
        cursor.execute("SELECT proposals_index_partition(77, 'people')")
        cursor.execute("SELECT to_regclass('staging.partition_77_names') IS NOT NULL")
        assert cursor.fetchone() == (True,)
        cursor.execute("SELECT proposals_create_partition(77)")
        cursor.execute("SELECT to_regclass('staging.partition_77_names') IS NOT NULL")
        assert cursor.fetchone() == (False,)
