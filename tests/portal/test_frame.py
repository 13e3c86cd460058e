"""The frame: who sees which item, refusals in words, headers, and a session that has ended."""

from __future__ import annotations

import re

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from django.test import RequestFactory
from django.urls import reverse

from apps.accounts.roles import Role
from portal.web import middleware

pytestmark = pytest.mark.django_db

HUMANS = [role.value for role in Role if role != Role.AGENCY]


@pytest.mark.parametrize("role_name", HUMANS)
def test_every_role_has_a_home_page_with_its_region_and_role(english, role_name):
    page = english(role_name).get("/").content.decode()
    assert str(Role(role_name).label) in page
    assert "November 2026" in page


def test_the_navigation_leaves_out_what_the_role_may_not_do(english):
    monitor = english("province_monitor").get("/").content.decode()
    assert "Register" not in monitor
    assert "Good day" in monitor


@pytest.mark.parametrize(
    ("role_name", "first"), [("steward", "Reconciliation"), ("pusdatin_verifier", "Files")]
)
def test_the_bar_begins_with_the_roles_own_work(english, role_name, first):
    page = english(role_name).get("/").content.decode()
    labels = re.findall(r"<a href[^>]*>([^<]+)</a>", page.split('class="items"')[1])
    assert labels[:2] == ["Home", first]


def test_a_stranger_is_asked_to_sign_in():
    answer = Browser().get("/")
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('login')}?next=/"


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/nothing/", "/admin/"])
def test_every_answer_carries_the_security_headers(english, path):
    answer = english("verifier").get(path)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]


def test_pages_of_a_person_are_stored_nowhere(english):
    assert english("verifier").get("/")["Cache-Control"] == "private, no-store"


def test_the_page_of_what_is_missing_holds_nothing_that_differs(english):
    browser = english("verifier")
    first, second = browser.get("/nothing/1/"), browser.get("/elsewhere/?batch=2")
    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert b"Page not found or outside your region" in first.content


def test_a_page_names_no_other_host_and_has_no_inline_code(english):
    page = english("pusdatin_verifier").get("/").content.decode()
    assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', page)
    assert not re.findall(r"<script(?![^>]*\bsrc=)|\bon[a-z]+=|\bstyle=", page)


def test_htmx_is_told_to_evaluate_and_keep_nothing(english):
    page = english("verifier").get("/admin/").content.decode()
    assert '"allowEval":false' in page
    assert '"historyCacheSize":0' in page


def test_a_fragment_without_a_session_sends_the_page_to_the_sign_in():
    address = reverse("place-search")
    answer = Browser().get(
        address,
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/admin/x/?status=draft"},
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Fadmin%2Fx%2F%3Fstatus%3Ddraft"


def test_a_page_without_a_session_is_redirected_as_ever():
    assert Browser().get(reverse("place-search")).status_code == 302


def test_without_a_database_a_page_explains_the_outage():
    request = RequestFactory().get("/")
    try:
        raise OperationalError("gone")
    except OperationalError:
        answer = middleware.fault(request)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "10"
    assert b"<h1>" in answer.content


def test_an_unexpected_error_shows_its_number_and_nothing_else():
    request = RequestFactory().post("/", {"nik": "9701010201909000"})
    request.request_id = "abc-123"
    try:
        raise ValueError("9701010201909000")
    except ValueError:
        answer = middleware.fault(request)
    assert answer.status_code == 500
    assert b"abc-123" in answer.content
    assert b"9701010201909000" not in answer.content


def test_the_language_can_be_changed(signed_in):
    browser = signed_in("verifier")
    browser.post(reverse("language"), {"language": "en", "next": "/"})
    assert 'lang="en"' in browser.get("/").content.decode()


def test_the_admin_lists_models_by_work_and_no_recent_actions(english):
    page = english("administrator").get("/admin/").content.decode()
    assert "Recent actions" not in page
    assert "nav-sidebar" not in page


def test_the_home_page_asks_few_questions(english, django_assert_max_num_queries):
    browser = english("pusdatin_verifier")
    with django_assert_max_num_queries(30):
        browser.get("/")


@pytest.mark.parametrize(
    ("role_name", "item"),
    [
        ("verifier", "/proposals/review/?status=submitted"),
        ("head_of_office", "/proposals/review/?status=verified"),
        ("district_monitor", "/proposals/review/"),
        ("pusdatin_verifier", "/admin/proposals/proposal/?status=endorsed"),
    ],
)
def test_the_navigation_leads_reviewers_to_their_waiting_work(english, role_name, item):
    browser = english(role_name)
    assert f'href="{item}">Proposals</a>' in browser.get("/").content.decode()
    assert f'href="{item}" aria-current="page"' in browser.get(item).content.decode()
    # every other filter of the list lies under the same item
    everything = browser.get(item.partition("?")[0]).content.decode()
    assert f'href="{item}" aria-current="page"' in everything


def test_officers_come_to_register_and_decrees_from_their_home(english):
    for who, path in (
        ("verifier", "/admin/registry/person/"),
        ("head_of_office", "/admin/proposals/decree/"),
    ):
        assert "Administration" not in english(who).get(path).content.decode()
    assert (
        "Administration" in english("determiner").get("/admin/proposals/decree/").content.decode()
    )


@pytest.mark.parametrize(
    ("role_name", "words"),
    [
        ("user_administrator", "grants and ends their roles"),
        ("data_protection_officer", "watches over personal data"),
        ("province_monitor", "watches progress"),
    ],
)
def test_a_role_without_waiting_work_reads_what_the_role_does(english, role_name, words):
    assert words in " ".join(english(role_name).get("/").content.decode().split())
