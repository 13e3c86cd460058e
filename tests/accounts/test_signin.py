"""Signing in: who gets in, what the answers tell, what the trail keeps."""

import sys
import time
from urllib.parse import urlencode

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.limits import attempts
from apps.accounts.models import User
from apps.accounts.people import users
from apps.audit.models import Action, Entry
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def verifier(person):
    return person("verifier")


def sign_in(username, password=PASSWORD, browser=None, **kwargs):
    browser = browser or Browser()
    return browser.post(LOGIN, {"username": username, "password": password} | kwargs)


def words(response):
    return [str(error) for error in response.context["form"].non_field_errors()]


def test_the_right_password_signs_in(verifier):
    browser = Browser()
    assert sign_in(verifier.username, browser=browser)["Location"] == "/"
    assert browser.session["_auth_user_id"] == str(verifier.pk)


def test_unknown_and_wrong_get_the_same_answer(verifier):
    wrong, unknown = sign_in(verifier.username, "salah-sandi"), sign_in("siapa", "salah-sandi")
    assert wrong.status_code == unknown.status_code == 200
    assert words(wrong) == words(unknown) != []
    page, other = wrong.content.decode(), unknown.content.decode()
    assert page.replace(verifier.username, "siapa").count("\n") == other.count("\n")


def test_a_disabled_user_gets_the_answer_of_an_unknown_one(verifier, role):
    with role("owner"):
        User.objects.filter(pk=verifier.pk).update(is_active=False)
    assert words(sign_in(verifier.username)) == words(sign_in("siapa"))


def test_the_session_key_changes_at_sign_in(verifier):
    browser = Browser()
    browser.session.save()
    session = browser.session
    session["before"] = 1
    session.save()
    before = session.session_key
    browser.cookies["sessionid"] = before
    sign_in(verifier.username, browser=browser)
    assert browser.session.session_key not in (None, before)


def test_sign_out_is_a_post_and_ends_the_session_on_the_server(verifier):
    browser = Browser()
    sign_in(verifier.username, browser=browser)
    stolen = browser.cookies["sessionid"].value
    assert browser.get("/accounts/logout/").status_code == 405
    assert browser.post("/accounts/logout/").status_code == 302
    thief = Browser()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/admin/jsi18n/").status_code == 302


@pytest.mark.parametrize(
    ("target", "landed"),
    [("/admin/", "/admin/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
    + [("javascript:alert(1)", "/"), ("/\\evil.example", "/")],
)
def test_only_addresses_of_the_portal_are_gone_on_to(verifier, target, landed):
    assert sign_in(verifier.username, next=target)["Location"] == landed


def test_the_admin_redirects_to_the_same_sign_in_and_back(verifier):
    browser = Browser()
    door = browser.get("/admin/jsi18n/", follow=True).redirect_chain[-1][0]
    assert door == f"{LOGIN}?next=/admin/jsi18n/"
    data = {"username": verifier.username, "password": PASSWORD}
    assert browser.post(door, data)["Location"] == "/admin/jsi18n/"
    posted = Browser().post("/admin/login/?next=/admin/", data)
    assert posted["Location"].startswith(LOGIN)


@pytest.mark.scale
def test_known_and_unknown_names_take_the_same_time(person, settings, capsys):
    """Means of 200 tries each with the real hash, within 20 ms."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    settings.SIGN_IN_FAILURES_PER_ACCOUNT = settings.SIGN_IN_FAILURES_PER_ADDRESS = 10_000
    name = person("verifier").username
    seconds = {name: 0.0, "siapa": 0.0}
    for _ in range(200):
        for username in seconds:
            started = time.perf_counter()
            sign_in(username, "salah-sandi")
            seconds[username] += time.perf_counter() - started
    known, unknown = (total / 200 * 1000 for total in seconds.values())
    with capsys.disabled():
        sys.stdout.write(f"sign-in: known {known:.1f} ms, unknown {unknown:.1f} ms\n")
    assert abs(known - unknown) < 20


# --- the trail ---


def test_signing_in_and_out_are_entries_about_the_user(verifier):
    browser = Browser()
    sign_in(verifier.username, browser=browser)
    browser.post("/accounts/logout/")
    entries = Entry.objects.about(f"accounts.User:{verifier.pk}").order_by("id")
    assert [entry.action for entry in entries] == [Action.SIGN_IN, Action.SIGN_OUT]
    assert {entry.actor for entry in entries} == {f"user:{verifier.pk}"}
    assert {str(entry.address) for entry in entries} == {"127.0.0.1"}


def test_a_failed_try_names_the_user_who_exists(verifier):
    sign_in(verifier.username, "salah-sandi")
    entry = Entry.objects.get()
    assert (entry.action, entry.subject) == (
        Action.SIGN_IN_FAILED,
        f"accounts.User:{verifier.pk}",
    )


def test_an_unknown_name_that_was_typed_is_not_stored(verifier):
    sign_in("rahasia-saya-123", "salah-sandi")
    written = str(Entry.objects.get().__dict__)
    assert "rahasia-saya-123" not in written
    assert "salah-sandi" not in written
    assert not [key for key in attempts.redis().keys("*") if b"rahasia" in key]


# --- one's own password ---


def change(browser, old=PASSWORD, new="sandi-baru-yang-panjang"):
    data = {"old_password": old, "new_password1": new, "new_password2": new}
    return browser.post("/accounts/password/", data)


def test_a_new_password_ends_the_other_sessions_and_keeps_ones_own(verifier):
    own, other = Browser(), Browser()
    sign_in(verifier.username, browser=own)
    sign_in(verifier.username, browser=other)
    assert change(own).status_code == 302
    assert own.get("/accounts/password/").status_code == 200
    assert other.get("/accounts/password/").status_code == 302
    assert sign_in(verifier.username, "sandi-baru-yang-panjang").status_code == 302


@pytest.mark.parametrize("weak", ["pendek", "password1234", "1234567890123"])
def test_a_weak_password_is_refused(verifier, weak):
    browser = Browser()
    sign_in(verifier.username, browser=browser)
    assert change(browser, new=weak).status_code == 200
    assert User.objects.get(pk=verifier.pk).check_password(PASSWORD)


def test_the_old_password_cannot_be_guessed_there_either(verifier):
    browser = Browser()
    sign_in(verifier.username, browser=browser)
    statuses = [change(browser, old=f"salah-sandi-{turn}").status_code for turn in range(6)]
    assert statuses == [200] * 5 + [429]


def test_a_temporary_password_opens_nothing_but_the_page_for_a_new_one(verifier, person):
    password = users.reset_password(user=verifier, by=person("administrator"), now=timezone.now())
    browser = Browser()
    assert sign_in(verifier.username, password, browser)["Location"] == "/accounts/password/"
    assert browser.get("/admin/jsi18n/")["Location"] == "/accounts/password/"
    change(browser, old=password)
    assert browser.get("/admin/jsi18n/").status_code == 200


@pytest.mark.parametrize("target", ["nowhere", "9" * 5000, "admin:index", "²", "http:"])
def test_a_word_is_not_accepted_as_the_next_page(person, target):
    user = person("verifier")
    answer = Browser().post(
        f"/accounts/login/?{urlencode({'next': target})}",
        {"username": user.username, "password": PASSWORD},
    )
    assert (answer.status_code, answer["Location"]) == (302, "/")
