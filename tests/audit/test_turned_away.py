"""Who asks for what is not theirs leaves an entry: with whom they asked for, and no number."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from tests.access.objects import made_in
from tests.conftest import as_role
from tests.personas import FOREIGN

pytestmark = pytest.mark.django_db


@pytest.fixture
def foreign():
    with as_role("owner"):
        return made_in(FOREIGN)


def refused() -> list[tuple[str, str]]:
    with as_role("owner"):
        rows = Entry.objects.filter(action=Action.REFUSED).order_by("pk")
        return [(one.subject, one.details["page"]) for one in rows]


def test_a_refused_look_at_a_person_is_recorded_for_that_person(foreign, signed_in):
    browser = signed_in("verifier")
    assert browser.get(f"/admin/registry/person/{foreign['person']}/change/").status_code == 404
    assert browser.get(f"/proposals/review/{foreign['proposal']}/").status_code == 404
    assert browser.get(f"/proposals/batches/{foreign['batch']}/").status_code == 404
    assert refused() == [
        (f"registry.Person:{foreign['person']}", "admin:registry_person_change"),
        (f"proposals.Proposal:{foreign['proposal']}", "proposals:review_row"),
        (f"proposals.Batch:{foreign['batch']}", "proposals:batch"),
    ]


def test_a_refused_step_is_recorded(signed_in):
    assert signed_in("verifier").get(reverse("proposals:upload-page")).status_code == 403
    assert refused() == [("", "proposals:upload-page")]


def test_a_nik_in_a_requested_address_is_not_stored(signed_in):
    signed_in("verifier").get("/admin/registry/person/9701011201889001/change/")
    assert refused() == [("", "admin:registry_person_change")]


def test_a_visitor_without_a_session_is_redirected_to_the_sign_in_and_not_recorded(foreign, client):
    client.get(f"/admin/registry/person/{foreign['person']}/change/")
    assert refused() == []
