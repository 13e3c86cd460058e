"""Sessions: 30 minutes idle, 12 hours at most, listed and ended by their person."""

from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.authentication import sessions
from apps.accounts.people import users
from apps.audit.models import Entry
from tests.accounts.codes import LOGIN, password

pytestmark = pytest.mark.django_db
STATE, LIST = "/accounts/session/", "/accounts/sessions/"


@pytest.fixture
def verifier(person):
    return person("verifier")


@pytest.fixture
def mine(verifier):
    mine = Browser()
    password(mine, verifier)
    return mine


def later(**period):
    return time_machine.travel(timezone.now() + timedelta(**period), tick=False)


def is_in(mine):
    return mine.get(LIST).status_code == 200


# --- how long ---


def test_an_idle_session_ends_after_thirty_minutes(mine):
    with later(minutes=29):
        assert is_in(mine)
    with later(minutes=58):
        assert is_in(mine)
    with later(minutes=89):
        assert not is_in(mine)


@pytest.mark.long
def test_a_busy_session_ends_after_twelve_hours(mine):
    for minutes in range(20, 12 * 60, 20):
        with later(minutes=minutes):
            assert is_in(mine)
    with later(hours=12, seconds=2):
        assert not is_in(mine)


def test_the_polling_of_a_page_does_not_lengthen_it(mine):
    for minutes in (10, 20, 29):
        with later(minutes=minutes):
            left = mine.get(STATE, headers={"X-Poll": "1"}).json()["left_s"]
            assert 0 < left <= (30 - minutes) * 60
    with later(minutes=31):
        assert mine.get(STATE, headers={"X-Poll": "1"}).json()["left_s"] == 0


def test_the_button_lengthens_it_at_once(mine):
    with later(minutes=26):
        state = mine.post(STATE).json()
        assert state["left_s"] == 30 * 60
        ends = timezone.localtime(timezone.now() + timedelta(minutes=30))
        assert state["ends"] == f"{ends:%H.%M} WIB"
    with later(minutes=55):
        assert is_in(mine)


def test_the_button_does_not_lengthen_it_over_twelve_hours(mine):
    for minutes in range(20, 12 * 60, 20):
        with later(minutes=minutes):
            state = mine.post(STATE).json()
    assert 0 < state["left_s"] <= 20 * 60


def test_a_stranger_has_no_session_and_makes_none():
    stranger = Browser()
    assert stranger.post(STATE).json()["left_s"] == 0
    assert "sessionid" not in stranger.cookies


def test_the_state_of_a_session_is_stored_nowhere(mine):
    assert mine.get(STATE)["Cache-Control"] == "private, no-store"


def test_every_page_tells_its_script_when_to_ask(mine):
    page = mine.get("/").content.decode()
    assert 'data-left="1740"' in page
    assert "portal/session.js" in page


# --- a form that was sent too late ---


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/accounts/password/?a=1", "/accounts/password/?a=1"),
        ("http://evil.example/accounts/", "/proposals/batches/upload/"),
        ("", "/proposals/batches/upload/"),
    ],
)
def test_a_form_that_is_sent_too_late_leads_back_to_its_page(referer, back):
    answer = Browser().post(
        "/proposals/batches/upload/", headers={"Referer": referer} if referer else {}
    )
    door = Browser().get(answer["Location"], follow=True)
    assert (door.request["PATH_INFO"], door.context["next"]) == (LOGIN, back)


# --- which ones, and their end ---


def test_one_sees_where_one_is_signed_in(mine, verifier):
    phone = Browser(headers={"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile"})
    password(phone, verifier)
    listed = mine.get(LIST).context["sessions"]
    assert [name for _one, name in listed] == ["Chrome, Android", sessions.browser_of("")]
    assert {one.ip for one, _name in listed} == {"127.0.0.1"}


def test_one_ends_a_session_elsewhere(mine, verifier):
    other = Browser()
    password(other, verifier)
    key = UserSession.objects.get(session_key=other.session.session_key).pk
    mine.post(LIST, {"session": key})
    assert not is_in(other)
    assert is_in(mine)
    assert Entry.objects.filter(details__step="session_ended").exists()


def test_one_ends_all_other_sessions_at_once(mine, verifier):
    others = [Browser(), Browser()]
    for other in others:
        password(other, verifier)
    mine.post(LIST, {"act": "others"})
    assert [is_in(other) for other in others] == [False, False]
    assert is_in(mine)
    assert UserSession.objects.filter(user=verifier).count() == 1


@pytest.mark.parametrize("key", ["x", "", "-1", "999999999999", "9" * 30])
def test_a_forged_key_ends_no_session(mine, key):
    assert mine.post(LIST, {"session": key}).status_code == 302
    assert is_in(mine)


def test_a_session_of_another_user_cannot_be_ended(mine, person):
    other = Browser()
    password(other, person("head_of_office"))
    key = UserSession.objects.get(session_key=other.session.session_key).pk
    mine.post(LIST, {"session": key})
    assert is_in(other)


def test_a_signed_out_session_is_on_no_list(mine, verifier):
    assert UserSession.objects.filter(user=verifier).count() == 1
    mine.post("/accounts/logout/")
    assert not UserSession.objects.filter(user=verifier).exists()


def test_a_new_password_by_the_administrator_ends_them_all(mine, verifier, person):
    users.reset_password(user=verifier, by=person("administrator"), now=timezone.now())
    assert not is_in(mine)


def test_sessions_that_are_not_listed_end_too(verifier, signed_in):
    unlisted = signed_in("verifier")
    assert not UserSession.objects.filter(user=verifier).exists()
    sessions.end_all(user=verifier)
    assert unlisted.get("/").status_code == 302


def test_a_session_that_another_request_listed_meanwhile_is_noted(mine, verifier, person):
    """As of two requests at once: there is a row where a moment ago was none."""
    UserSession.objects.filter(user=verifier).update(user=person("regency_officer"))
    with later(minutes=2):
        assert mine.get(LIST).status_code == 200
    assert UserSession.objects.filter(user=verifier).count() == 1


def test_being_active_is_noted_once_a_minute(mine, verifier):
    def seen():
        return UserSession.objects.get(user=verifier).last_seen_at

    first = seen()
    is_in(mine)
    assert seen() == first
    with later(seconds=61):
        is_in(mine)
        assert seen() > first


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36 Edg/120.0", "Edge, Windows"),
        (
            "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/128.0",
            "Firefox, Linux",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Safari/604.1", "Safari, iPhone"),
    ],
)
def test_browsers_are_named_shortly(agent, name):
    assert sessions.browser_of(agent) == name
