"""One step on everything under a filter: counted first, checked again, reported in words."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.jobs.models import Job
from apps.proposals.models import Proposal
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db

BULK = "admin:proposals_proposal_bulk"


@pytest.fixture
def browser(signed_in):
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"))


def address(step: str, **params: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in {"step": step, **params}.items())
    return f"{reverse(BULK)}?{query}"


def test_the_page_counts_per_location_and_village_before_anything_is_done(browser, batch):
    factory.proposals(batch, 3, status="submitted")
    factory.proposals(batch, 2, first=10, status="submitted", village="B", verdict="neighbour")
    shown = browser.get(address("verify", status="submitted"))
    assert shown.context["preview"].decidable == 5
    assert dict(shown.context["verdicts"]) == {"inside": 3, "neighbour": 2}
    assert [(name, n) for _code, name, n in shown.context["villages"]] == [
        ("Ampel", 3),
        ("Beji", 2),
    ]
    assert "Verify 5" in shown.content.decode()


def test_exactly_what_was_counted_is_decided(browser, batch):
    rows = factory.proposals(batch, 4, status="submitted")
    other = factory.proposal(batch, first=20, status="submitted", village="B")
    answer = browser.post(
        address("verify", region="97.01.01.2001"), {"step": "verify", "expected": 4}, follow=True
    )
    assert "4 proposals decided." in answer.content.decode()
    assert {factory.status_of(row) for row in rows} == {"verified"}
    assert factory.status_of(other) == "submitted"


def test_the_page_carries_which_rows_it_showed_and_others_are_not_decided(browser, batch):
    rows = factory.proposals(batch, 4, status="submitted")
    shown = browser.get(address("verify")).context["preview"]
    assert f'name="seen" value="{shown.seen}"' in browser.get(address("verify")).content.decode()
    given = {"step": "verify", "expected": 4, "seen": shown.seen}
    with as_role("worker"):
        Proposal.objects.filter(pk=rows[0].pk).update(status="returned")
        factory.proposal(batch, first=20, status="submitted")
    answer = browser.post(address("verify"), given, follow=True)
    assert "but they are not the same ones" in answer.content.decode()
    assert {factory.status_of(row) for row in rows[1:]} == {"submitted"}


def test_another_number_than_shown_changes_nothing(browser, batch):
    rows = factory.proposals(batch, 4, status="submitted")
    answer = browser.post(address("verify"), {"step": "verify", "expected": 3}, follow=True)
    assert "was shown as 3 and is 4 now" in answer.content.decode()
    assert {factory.status_of(row) for row in rows} == {"submitted"}


def test_points_elsewhere_are_not_verified_in_bulk(browser, batch):
    row = factory.proposal(batch, status="submitted", verdict="elsewhere")
    shown = browser.get(address("verify"))
    assert shown.context["preview"].decidable == 0
    assert shown.context["preview"].barred == 1
    browser.post(address("verify"), {"step": "verify", "expected": 1}, follow=True)
    assert factory.status_of(row) == "submitted"


def test_returning_points_elsewhere_asks_for_the_number(browser, batch):
    row = factory.proposal(batch, status="submitted", verdict="elsewhere")
    given = {"step": "return", "expected": 1, "reason": "wrong_point", "note": "titik di kota lain"}
    refused = browser.post(address("return"), given)
    assert "Type the number 1" in refused.content.decode()
    assert "titik di kota lain" in refused.content.decode()
    assert factory.status_of(row) == "submitted"
    browser.post(address("return"), given | {"typed": "1"})
    assert factory.status_of(row) == "returned"


def test_a_step_of_another_role_is_refused(browser, batch):
    assert browser.get(address("accept")).status_code == 403
    assert browser.get(address("fly")).status_code == 404


def test_what_is_too_much_for_a_request_becomes_a_job(browser, batch, monkeypatch):
    monkeypatch.setattr("apps.proposals.review.decisions.BULK_IN_REQUEST", 2)
    factory.proposals(batch, 3, status="submitted")
    answer = browser.post(address("verify"), {"step": "verify", "expected": 3})
    job = Job.objects.get()
    assert answer["Location"] == reverse("admin:proposals_proposal_bulk_job", args=[job.pk])
    shown = browser.get(answer["Location"]).content.decode()
    assert "Deciding on 3 proposals" in shown
    fragment = browser.get(answer["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment


def test_the_job_of_somebody_else_does_not_exist(browser, batch, monkeypatch, signed_in):
    monkeypatch.setattr("apps.proposals.review.decisions.BULK_IN_REQUEST", 2)
    factory.proposals(batch, 3, status="submitted")
    answer = browser.post(address("verify"), {"step": "verify", "expected": 3})
    assert signed_in("verifier", "97.02").get(answer["Location"]).status_code == 404
