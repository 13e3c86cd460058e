"""Strangers who try somebody's name do not close it where its owner signed in before."""

import pytest
from django.conf import settings
from django.test import Client as Browser

from tests.accounts.codes import LOGIN, code, forget_counter, give_app, password, second
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db
MOST = settings.SIGN_IN_FAILURES_PER_ACCOUNT
STRANGER, OWNER = {"REMOTE_ADDR": "203.0.113.9"}, {"REMOTE_ADDR": "203.0.113.7"}


def wrong(browser, user, **more):
    return browser.post(LOGIN, {"username": user.username, "password": "salah"}, **more)


def right(browser, user, **more):
    return browser.post(LOGIN, {"username": user.username, "password": PASSWORD}, **more)


@pytest.fixture
def officer(person):
    return person("verifier")


@pytest.fixture
def own(officer):
    """A browser in which the officer has been signed in."""
    browser = Browser()
    assert right(browser, officer, **OWNER).status_code == 302
    browser.post("/accounts/logout/")
    return browser


def close(user):
    """Five wrong passwords from elsewhere."""
    stranger = Browser()
    for _ in range(MOST):
        wrong(stranger, user, **STRANGER)
    assert wrong(stranger, user, **STRANGER).status_code == 429


def test_the_owner_signs_in_while_strangers_keep_the_account_closed(officer, own):
    close(officer)
    assert right(Browser(), officer, **OWNER).status_code == 429  # a new browser has to wait
    assert right(own, officer, **OWNER).status_code == 302


def test_a_known_browser_is_limited_as_any_other(officer, own):
    for _ in range(MOST):
        assert wrong(own, officer, **OWNER).status_code == 200
    assert right(own, officer, **OWNER).status_code == 429


def test_a_password_alone_makes_no_browser_known_where_a_factor_follows(officer):
    give_app(officer)
    browser = Browser()
    password(browser, officer)
    assert "known-device" not in browser.cookies
    second(browser, code())
    forget_counter(officer)
    assert "known-device" in browser.cookies


def test_it_counts_for_that_account_alone(person, own):
    other = person("head_of_office")
    close(other)
    assert right(own, other, **OWNER).status_code == 429


def test_a_forged_cookie_is_ignored(officer):
    close(officer)
    browser = Browser()
    browser.cookies["known-device"] = "eyJhIjoiYiJ9:1abcde:forged"
    assert right(browser, officer, **OWNER).status_code == 429


def test_the_cookie_opens_nothing_and_names_no_account(officer, own):
    kept = own.cookies["known-device"]
    assert officer.username not in kept.value
    assert str(officer.pk) not in kept.value.split(":")[0][:8]
    assert kept["httponly"]
    assert own.get("/").status_code == 302


def test_several_people_share_one_machine(person, own, officer):
    others = [person(role) for role in ("head_of_office", "regency_officer")]
    for other in others:
        assert right(own, other, **OWNER).status_code == 302
        own.post("/accounts/logout/")
    for one in (officer, *others):
        close(one)
        assert right(own, one, **OWNER).status_code == 302
        own.post("/accounts/logout/")
