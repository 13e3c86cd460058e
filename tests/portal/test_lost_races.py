"""Whoever lost a race reads so under 409, with who was faster, and goes on from there."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from apps.accounts.people import grants, users
from apps.common import errors
from apps.common.errors import DomainError, watching_races
from tests.proposals import factory

pytestmark = pytest.mark.django_db
USERS, GRANTS = "/admin/accounts/user/", "/admin/accounts/grant/"


@pytest.fixture
def row(person):
    officer = person("regency_officer")
    batch = factory.batch(officer, status="submitted")
    return factory.proposals(batch, 1, status="submitted", step_by=officer)[0]


def decide(browser, address, step):
    form = {"step": step, "seen": "submitted", "reason": "wrong_point", "note": "titik salah"}
    return browser.post(address, form)


def test_the_second_of_two_contrary_decisions_is_told_who_was_first(signed_in, person, row):
    address = reverse("proposals:review_decide", args=[row.pk])
    first, second = signed_in("verifier"), signed_in("verifier", name="verifikator-dua")
    assert decide(first, address, "verify").status_code == 302
    lost = decide(second, address, "return")
    assert lost.status_code == 409
    assert str(person("verifier")) in lost.content.decode()
    assert factory.status_of(row) == "verified"


def test_in_the_admin_too(signed_in, person, row):
    address = f"/admin/proposals/proposal/{row.pk}/decide/"
    first, second = signed_in("verifier"), signed_in("verifier", name="verifikator-dua")
    decide(first, address, "verify")
    lost = decide(second, address, "return")
    assert lost.status_code == 409
    assert str(person("verifier")) in lost.content.decode()


def test_a_redirect_becomes_a_page_that_leads_on(signed_in, person):
    verifier = person("verifier")
    held = verifier.grants.get()
    grants.end_grant(grant=held, by=None, now=timezone.now())
    browser = signed_in("administrator")
    lost = browser.post(f"{GRANTS}{held.pk}/end/")
    text = lost.content.decode()
    assert lost.status_code == 409
    assert "Orang lain lebih dulu" in text
    said = escape(errors.text("already_ended", {"name": held.principal_name}))
    assert said in text
    assert f'href="{GRANTS}{held.pk}/change/"' in text
    assert said not in browser.get(f"{GRANTS}{held.pk}/change/").content.decode()


def test_disabling_what_is_disabled(signed_in, person):
    verifier = person("verifier")
    users.disable(user=verifier, by=person("administrator"), now=timezone.now())
    lost = signed_in("administrator").post(f"{USERS}{verifier.pk}/disable/")
    assert lost.status_code == 409


def test_another_refusal_keeps_its_status(signed_in, person):
    own = person("administrator")
    answer = signed_in("administrator").post(f"{USERS}{own.pk}/disable/")
    assert answer.status_code == 302


def test_only_a_code_that_means_it_counts():
    with watching_races() as lost:
        for code in ("row_changed", "not_yours"):
            with pytest.raises(DomainError):
                raise DomainError(code)
    assert [one.code for one in lost] == ["row_changed"]
    with pytest.raises(DomainError):
        raise DomainError("row_changed")  # outside of a request nothing watches
