"""On a person's page: links to the decrees that wrote the person, for who may open their pages."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.jobs.models import Job
from apps.proposals.families import registered_persons
from apps.proposals.models import Decree
from apps.registry.models import Change, Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.decree.test_admin_decrees import NUMBER, determine, page

pytestmark = pytest.mark.django_db

SEE_PERSON = [role for role, may in PERMISSIONS.items() if Permission.VIEW_PERSON in may]
SEE_DECREE = {
    role
    for role in SEE_PERSON
    if PERMISSIONS[role] & {Permission.VIEW_DECREE, Permission.DETERMINE_PROPOSAL}
}


@pytest.fixture
def decree(signed_in, person) -> Decree:
    """In force over one regency, with the persons it brought into the register."""
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 2, status="accepted", step_by=person("pusdatin_verifier"))
    determine(signed_in("determiner"), region="97.01")
    with as_role("worker"):
        do(Job.objects.get())
    with as_role("owner"):
        return Decree.objects.get(status=Decree.Status.IN_FORCE)


@pytest.fixture
def known(decree) -> Person:
    with as_role("owner"):
        return Person.objects.filter(change=decree.change_id).order_by("pk").first()


def links_on(browser, known: Person) -> list[str]:
    """The addresses of decrees and of their files in the timeline."""
    timeline = browser.get(reverse("registry:person", args=[known.pk])).context["timeline"]
    shown = [link.url for entry in timeline for link in entry.links]
    return [url for url in shown if "/decree/" in url]


def addresses(decree: Decree) -> list[str]:
    files = [page(decree, "annex", kind) for kind in ("pdf", "csv")]
    return [page(decree), *files]


@pytest.mark.parametrize("role", SEE_PERSON)
def test_a_decree_is_linked_for_whom_its_page_opens(decree, known, signed_in, role):
    """Verifiers, regency officers and the data protection officer open no page of a decree."""
    browser = signed_in(role)
    expected = addresses(decree) if role in SEE_DECREE else []
    assert links_on(browser, known) == expected
    for address in addresses(decree):
        opens = browser.get(address).status_code
        assert (opens == 200) == (role in SEE_DECREE), (address, opens)


def test_some_who_see_a_person_open_no_decree():
    assert set(SEE_PERSON) - SEE_DECREE == {
        Role.VERIFIER,
        Role.REGENCY_OFFICER,
        Role.DATA_PROTECTION_OFFICER,
    }


def test_a_decree_of_a_wider_region_is_linked_for_who_sees_that_region(decree, known, signed_in):
    with as_role("owner"):
        Decree.objects.filter(pk=decree.pk).update(region="97")
    browser = signed_in("head_of_office")
    assert browser.get(page(decree)).status_code == 404
    assert links_on(browser, known) == []
    assert links_on(signed_in("steward"), known) == addresses(decree)


def test_a_link_is_named_and_leads_to_no_file_that_is_not_there(decree, known, person, gate):
    user = person("determiner")
    gate(user)
    (change,) = Change.objects.filter(pk=decree.change_id)
    with CaptureQueriesContext(connection) as asked:
        found = registered_persons.decree_links([change], user)
    assert len([one for one in asked if "proposals_decree" in one["sql"]]) == 1
    assert [link.url for link in found[change.pk]] == addresses(decree)
    assert NUMBER in found[change.pk][0].label
    with as_role("owner"):
        Decree.objects.filter(pk=decree.pk).update(annex_pdf="")
    (first, second) = registered_persons.decree_links([change], user)[change.pk]
    assert (first.url, second.url) == (page(decree), page(decree, "annex", "csv"))
    assert registered_persons.decree_links([], user) == {}
    assert registered_persons.decree_links([change], person("verifier")) == {}
