"""Bulk verbs keep their speed when the statistics call their tables empty.

That is so after a large load was rolled back and autovacuum came by: the planner then expects one
row where ten thousand have come, and a nested loop compares each with each for minutes.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection, transaction

from apps.jobs import work
from apps.proposals.checks import recheck
from apps.proposals.decree import determination
from apps.proposals.models import Batch, Proposal
from apps.proposals.review import decisions
from apps.proposals.review.decisions import Step
from apps.proposals.selection import Selection
from apps.proposals.submitting.submission import submit
from apps.regions.models import BoundaryEdition
from apps.registry.models import Claim, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals import factory
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS = 10_000
# Each verb takes one to four seconds; the nested loops took from thirty to some hundreds.
PATIENCE = "25s"


# The cards of a file take a second; compared with every family of this register, a minute.
PATIENCE_OF_CARDS, FAMILIES = "10s", 200_000


class _Undo(Exception):
    pass


def lie() -> None:
    """Let the statistics call proposals and register empty while their files have pages."""
    owner = as_role("owner")
    with owner, connection.cursor() as cursor:
        cursor.execute("ANALYZE proposals_proposal, proposals_proposalname, proposals_decision")
        cursor.execute("ANALYZE proposals_finding")
        cursor.execute("ANALYZE registry_person, registry_family, registry_enrolment")
        cursor.execute(
            "SELECT sum(c.reltuples) FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relname LIKE 'proposals_proposal%'"
        )
        assert cursor.fetchone()[0] <= 0


@pytest.fixture
def people(person):
    roles = ("regency_officer", "verifier", "pusdatin_verifier", "determiner")
    return {role: person(role) for role in roles}


@pytest.fixture
def batch(people):
    """A batch in a table whose statistics are wrong."""
    batch = factory.batch(people["regency_officer"])
    try:
        with transaction.atomic():
            factory.many_proposals(batch, 2 * ROWS)
            raise _Undo
    except _Undo:
        lie()
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [PATIENCE])
    yield batch
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")


@pytest.fixture
def many_families():
    """A register of so many families, every second one a former one, that the statistics call
    empty."""
    with as_role("owner"):
        first = a_person().family
    others = [field.column for field in Family._meta.local_fields if field.column != "id"]
    own = {"kk": "(kk::bigint + n)::text", "is_active": "n % 2 = 0"}
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO registry_family ({', '.join(others)})"
            f" SELECT {', '.join(own.get(name, name) for name in others)}"
            f" FROM registry_family, generate_series(1, {FAMILIES}) AS n WHERE id = {first.pk}"
        )


@pytest.mark.long
def test_a_submission(batch, people):
    factory.many_proposals(batch, ROWS)
    with as_role("worker"):
        assert submit(batch=batch, by=people["regency_officer"], now=NOW).moved == ROWS


@pytest.mark.long
def test_a_file_beside_the_family_cards_of_a_large_register(batch, many_families):
    """Stored as files are, without nested loops: each card of the file is looked up by its key."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_nestloop = off")
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [PATIENCE_OF_CARDS])
        try:
            factory.many_proposals(batch, ROWS)
        finally:
            cursor.execute("RESET enable_nestloop")
    assert not Proposal.objects.filter(is_protected=True).exists()


@pytest.mark.long
def test_a_bulk_decision(batch, people):
    factory.many_proposals(batch, ROWS, status="submitted")
    with as_role("worker"):
        done = decisions.decide_many(
            selection=Selection(batch=batch.pk),
            step=Step.VERIFY,
            by=people["verifier"],
            now=NOW,
            expected=ROWS,
        )
    assert done.decided == ROWS


@pytest.mark.long
def test_a_decree(batch, people):
    """Of new persons, then of persons whom the register knows already."""
    numbers = ["1/HUK/2026", "2/HUK/2026"]
    for number in numbers:
        Batch.objects.filter(pk=batch.pk).update(status="submitted")
        factory.many_proposals(
            batch, ROWS, status="accepted", step_by=people["pusdatin_verifier"], name=number
        )
        with as_role("worker"):
            _decree, job = determination.enqueue_decree(
                number=number, date=date(2026, 11, 20), region_code="97", by=people["determiner"],
                now=NOW, civil_reason="belum ditanya",
            )  # fmt: skip
            with work.claimed(job.pk, job.kind) as lease:
                determination.determine(lease)
    with as_role("worker"):
        assert Proposal.objects.filter(status="determined").count() == ROWS * len(numbers)
        assert Person.objects.filter(name=numbers[0]).count() == ROWS
        untaken = Claim.objects.filter(field="name", value=numbers[1], was_held=False)
        assert untaken.count() == ROWS


@pytest.mark.long
def test_a_new_edition_of_boundaries(batch, people):
    factory.many_proposals(batch, ROWS, status="submitted", verdict="elsewhere")
    edition = BoundaryEdition.objects.get()
    with as_role("worker"), transaction.atomic():
        counts = recheck.recheck(
            edition=edition, codes=["97.01.01.2001"], by="system", by_name="", now=NOW
        )
    assert counts["rechecked"] == counts["verdicts_changed"] == ROWS
