"""Signing in with a second factor in Chromium, and a form that outlives its session."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from allauth.usersessions.models import UserSession
from playwright.sync_api import Page, expect

from apps.accounts.authentication import second_factors, sessions
from tests.accounts.codes import code, forget_counter, give_app
from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.test_pages import serious
from tests.personas import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
DETERMINE = "/admin/proposals/decree/determine/"


@pytest.fixture(autouse=True)
def _required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def type_password(page: Page, username: str) -> None:
    page.locator("#id_username").fill(username)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()


def type_code(page: Page, typed: str) -> None:
    page.locator("#id_second_factor_code").fill(typed)
    page.locator("main button[type=submit]").click()


def fits(page: Page, size: dict[str, int]) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= size["width"])


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(PHONE, "id", id="phone-id"),
        pytest.param(LAPTOP, "en", id="laptop-en", marks=pytest.mark.scale),
        pytest.param(PHONE, "en", id="phone-en", marks=pytest.mark.scale),
        pytest.param(LAPTOP, "id", id="laptop-id", marks=pytest.mark.scale),
    ],
)
@pytest.mark.long
def test_a_new_officer_sets_up_an_app_and_comes_in_with_it(
    stranger: Callable[..., Page], person, shot, size, language
):
    user = person("regency_officer")
    page = stranger(size, language)
    seen = []

    def look(name: str) -> None:
        shot(page, f"{name}-{size['width']}-{language}")
        seen.append((name, serious(page), fits(page, size)))

    page.goto("/")
    look("1-sign-in")
    type_password(page, user.username)
    page.wait_for_url("**/second-factor/set-up/**")
    look("2-set-up")
    page.locator(".set-up summary").click()
    secret = page.locator(".set-up .secret").text_content() or ""
    page.locator("#id_code").fill(code(secret.replace(" ", "")))
    page.locator("form:has(#id_code) button[type=submit]").click()
    page.wait_for_url("**/recovery-codes/")
    expect(page.locator(".codes li")).to_have_count(10)
    look("3-codes")
    page.locator("button[value=keep]").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/")
    page.goto("/accounts/profile/")
    look("4-account")
    page.goto("/accounts/sessions/")
    look("5-sessions")
    page.locator(".bar .right details summary").click()
    page.locator("form[data-sign-out] button").click()
    forget_counter(user)
    page.goto("/accounts/profile/")
    type_password(page, user.username)
    look("6-second-factor")
    type_code(page, "000000" if code(secret.replace(" ", "")) != "000000" else "111111")
    look("7-wrong-code")
    type_code(page, code(secret.replace(" ", "")))
    page.wait_for_url("**/accounts/profile/")
    assert [one for one in seen if one[1] or not one[2]] == []


@pytest.mark.long
def test_a_passkey_is_set_up_and_signs_in(stranger, person, shot):
    user = person("regency_officer")
    page = stranger()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    page.goto("/accounts/login/")
    type_password(page, user.username)
    page.get_by_label("Name of this passkey").fill("Laptop of the office")
    page.get_by_role("button", name="Set up a passkey").click()
    page.wait_for_url("**/recovery-codes/")
    assert [str(row) for row in second_factors.of(user)] == ["Laptop of the office"]
    page.locator("button[value=keep]").click()
    page.locator(".bar .right details summary").click()
    page.locator("form[data-sign-out] button").click()
    page.goto("/accounts/profile/")
    type_password(page, user.username)
    shot(page, "passkey")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("Passkey: Laptop of the office")).to_be_visible()
    assert second_factors.of(user)[0].last_used_at is not None


@pytest.mark.parametrize(
    "size", [PHONE, pytest.param(LAPTOP, marks=pytest.mark.scale)], ids=["phone", "laptop"]
)
@pytest.mark.long
def test_the_end_of_a_session_is_said_before_and_can_be_put_off(
    stranger, person, settings, shot, size
):
    settings.IDLE_SESSION_S = 302
    user = person("determiner")
    give_app(user)
    page = stranger(size)
    page.goto(DETERMINE)
    type_password(page, user.username)
    forget_counter(user)
    type_code(page, code())
    page.wait_for_url(f"**{DETERMINE}")
    bar = page.locator("[data-when=soon]")
    expect(bar).to_be_visible(timeout=15_000)
    expect(bar).to_contain_text("WIB")
    # what is not true now is no part of what a screen reader may read out
    assert page.locator("#session [role=status] [data-when]").count() == 1
    shot(page, f"soon-{size['width']}")
    assert serious(page) == []
    page.get_by_role("button", name="Stay signed in").click()
    expect(bar).to_be_hidden()


@pytest.mark.long
def test_what_was_typed_is_there_again_after_the_session_ended(stranger, person, shot):
    user = person("determiner")
    give_app(user)
    page = stranger()
    page.goto(DETERMINE)
    type_password(page, user.username)
    type_code(page, code())
    page.locator("[name=number]").fill("88/HUK/2026")
    page.locator("[name=date]").fill("24-11-2026")
    sessions.end_all(user=user)
    page.locator("main form[data-keep-form] button[type=submit]").click()
    page.wait_for_url("**/accounts/login/**")
    type_password(page, user.username)
    forget_counter(user)
    type_code(page, code())
    page.wait_for_url(f"**{DETERMINE}")
    expect(page.locator("[name=number]")).to_have_value("88/HUK/2026")
    expect(page.locator("[name=date]")).to_have_value("24-11-2026")
    expect(page.get_by_text("What you typed before the session ended is back")).to_be_visible()
    shot(page, "restored")
    # nothing is left behind for the next person
    page.locator(".bar .right details summary").click()
    page.locator("form[data-sign-out] button").click()
    page.goto("/accounts/login/")
    assert kept(page) == {}
    assert not UserSession.objects.filter(user=user).exists()


@pytest.mark.long
def test_what_was_typed_is_never_shown_to_somebody_else(stranger, person):
    first, other = person("determiner"), person("determiner", name="penetap.lain")
    for user in (first, other):
        give_app(user)
    page = stranger()
    page.goto(DETERMINE)
    type_password(page, first.username)
    type_code(page, code())
    page.locator("[name=number]").press_sequentially("88/HUK/2026")
    page.wait_for_timeout(400)
    assert "88/HUK/2026" in json.dumps(kept(page))
    sessions.end_all(user=first)
    page.goto(DETERMINE)
    type_password(page, other.username)
    type_code(page, code())
    page.wait_for_url(f"**{DETERMINE}")
    expect(page.locator("[name=number]")).to_have_value("")
    assert kept(page) == {}


def kept(page: Page) -> dict[str, str]:
    """What the tab holds of forms."""
    held = page.evaluate("Object.entries(sessionStorage)")
    return {key: value for key, value in held if key.startswith("portal.keep:")}
