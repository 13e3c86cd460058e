"""A batch is its sender's and their office's: every verb asks, whoever calls it."""

from __future__ import annotations

import io

import pytest
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.common.errors import DomainError
from apps.proposals.checks import known_rows
from apps.proposals.fixes import from_file, row_fixes
from apps.proposals.models import Batch
from apps.proposals.submitting import submission
from apps.proposals.upload import intake
from tests.conftest import as_role
from tests.personas import agency_client
from tests.proposals import factory
from tests.proposals.sending import point, row, send

pytestmark = pytest.mark.django_db
NATIONAL = ("administrator", "steward", "determiner", "pusdatin_verifier")
NOW = timezone.now()
SPOT = point("A")
ROWS = [row(9001), row(9002, latitude=SPOT["longitude"], longitude=SPOT["latitude"])]

VERBS = {
    "submit": lambda batch, by: submission.submit(batch=batch, by=by, now=NOW),
    "resume": lambda batch, by: intake.resume(batch=batch, by=by, now=NOW),
    "go on": lambda batch, by: known_rows.confirm(batch=batch, by=by, now=NOW),
    "throw away": lambda batch, by: known_rows.discard(batch=batch, by=by),
    "button": lambda batch, by: row_fixes.preview_group(
        batch=batch, code="axes_swapped", by=by, now=NOW
    ),
    "drop": lambda batch, by: row_fixes.drop(batch=batch, rows=[1], by=by, now=NOW),
    "edit": lambda batch, by: row_fixes.edit(
        batch=batch, row_number=1, cells={"name": "LAIN"}, seen=0, by=by, now=NOW
    ),
    "file": lambda batch, by: from_file.receive(
        batch=batch, file=io.BytesIO(b"Baris,NAMA\n1,A\n"), file_name="a.csv", by=by, now=NOW
    ),
}


@pytest.mark.parametrize("role", NATIONAL)
@pytest.mark.parametrize("verb", VERBS)
def test_pusdatin_does_not_act_for_a_regency(verb, role, person):
    batch = factory.batch(person("regency_officer"))
    with pytest.raises(DomainError, match="^not_yours$"):
        VERBS[verb](batch, person(role))
    with as_role("owner"):
        assert Batch.objects.get(pk=batch.pk).status == batch.status


def test_pusdatin_submits_what_one_sent_oneself(person):
    steward = person("steward")
    batch = send(ROWS, steward)
    open_gate(steward)
    assert submission.submit(batch=batch, by=steward, now=timezone.now()).moved


def test_a_colleague_at_pusdatin_does_not(person):
    batch = send(ROWS, person("steward"))
    other = person("steward", name="steward-lain")
    open_gate(other)
    with pytest.raises(DomainError, match="^not_yours$"):
        submission.submit(batch=batch, by=other, now=timezone.now())


def test_a_colleague_of_the_regency_does(person):
    batch = send(ROWS, person("regency_officer"))
    other = person("regency_officer", name="rekan")
    open_gate(other)
    assert submission.submit(batch=batch, by=other, now=timezone.now()).moved


def test_an_agency_does_not_act_for_another_of_its_region(person):
    with as_role("owner"):
        mine, other = agency_client("97.01")[0].agency, agency_client("97.02")[0].agency
    batch = factory.batch(other)
    with pytest.raises(DomainError, match="^not_yours$"):
        submission.submit(batch=batch, by=mine, now=timezone.now())
