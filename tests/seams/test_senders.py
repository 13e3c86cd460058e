"""The served portal: whose a batch is, what is refused on record, and a trail that is shut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.gis.geos import Point
from django.db import connection

from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.demo import country
from tests.access.objects import _batch, _proposal, village_of
from tests.conftest import as_role
from tests.personas import OWN
from tests.stack import Stack

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def shut_trail() -> Iterator[None]:
    """Nobody may write into the audit trail."""
    _as_owner("REVOKE INSERT ON audit_entry FROM portal_web")
    yield
    _as_owner("GRANT INSERT ON audit_entry TO portal_web")


def _as_owner(statement: str) -> None:
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_pusdatin_neither_fetches_nor_submits_what_a_regency_sent(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer, steward = person("regency_officer"), person("steward")
    with as_role("owner"):
        batch = _batch(OWN, officer)
    at = f"/proposals/batches/{batch.pk}"
    visitor = stack.visitor(steward)

    assert visitor.get(f"{at}/").status_code == 200
    assert visitor.get(f"{at}/download/").status_code == 403
    assert visitor.post(f"{at}/submit/").status_code == 403
    assert visitor.post(f"/proposals/batches/{batch.pk}/submit/").status_code == 403
    with as_role("owner"):
        refused = Entry.objects.filter(actor=f"user:{steward.pk}", action=Action.REFUSED)
        assert [one.subject for one in refused] == [batch.subject] * 3
    assert stack.visitor(officer).post(f"{at}/submit/").status_code == 302


def test_nothing_is_shown_while_the_trail_takes_no_entry(
    stack: Stack, person: Callable[..., User], shut_trail: None
) -> None:
    officer = person("regency_officer")
    with as_role("owner"):
        batch = _batch(OWN, officer)
        row = _proposal(batch, village_of(OWN), Point(*country.at("A"), srid=4326), officer)

    answer = stack.visitor(officer).get(f"/proposals/review/{row.pk}/")

    assert answer.status_code == 503
    assert "tidak dapat mencatat siapa melihat apa" in answer.text
    assert row.name not in answer.text
    assert stack.visitor().get("/readyz").json()["audit"] is False
    assert "audit_not_writable" in stack.log("web")
