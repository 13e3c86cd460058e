"""People at the served portal: sign-in behind row-level security, and the letter of a reset."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from allauth.usersessions.models import UserSession
from django.utils import timezone

from apps.accounts.authentication.session_store import SessionStore
from apps.accounts.models import User
from apps.accounts.people import account_notices
from apps.jobs.models import Job
from tests.conftest import as_role
from tests.personas import FOREIGN
from tests.stack import Stack, Visitor, password

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORDS = "kata-sandi-uji-coba"


@pytest.mark.long
def test_the_owner_gets_the_letter_of_a_reset_from_the_worker(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer, local = person("verifier"), person("user_administrator")
    with as_role("owner"):
        User.objects.filter(pk=officer.pk).update(email="petugas@dinas.example")
        password(local, WORDS)
    visitor = stack.visitor()
    form = {"username": local.username, "password": WORDS}
    assert visitor.post("/accounts/login/", data=form).status_code == 302

    page = visitor.post(f"/admin/accounts/user/{officer.pk}/reset_password/")

    assert page.status_code == 200
    deadline = time.monotonic() + 30
    while not Job.objects.filter(kind=account_notices.SEND_LETTER, status=Job.Status.DONE).exists():
        assert time.monotonic() < deadline, stack.log("worker-interactive")[-2000:]
        time.sleep(0.2)
    sent = stack.log("worker-interactive")
    assert "petugas@dinas.example" in sent
    assert WORDS not in sent


@pytest.mark.long
def test_the_second_gate_is_in_the_served_portal(stack: Stack, person: Callable[..., User]) -> None:
    """A session finds its user, notes the sign-in, and sees its own regency's people only."""
    own, stranger = person("verifier"), person("verifier", FOREIGN)
    local = person("user_administrator")
    with as_role("owner"):
        password(local, WORDS)
    visitor = stack.visitor()
    form = {"username": local.username, "password": WORDS}
    assert visitor.post("/accounts/login/", data=form).status_code == 302
    listed = visitor.get("/admin/accounts/user/").text
    assert own.username in listed
    assert stranger.username not in listed
    assert visitor.get(f"/admin/accounts/user/{stranger.pk}/change/").status_code == 404
    local.refresh_from_db()
    assert local.last_login is not None
    assert visitor.get("/readyz").json()["jobs"] is not None


@pytest.fixture
def signed_in(stack: Stack, person: Callable[..., User]) -> Visitor:
    """A verifier who signed in by name and password, as people do."""
    verifier = person("verifier")
    with as_role("owner"):
        password(verifier, WORDS)
    visitor = stack.visitor()
    form = {"username": verifier.username, "password": WORDS}
    assert visitor.post("/accounts/login/", data=form).status_code == 302
    return visitor


def went_by(visitor: Visitor, seconds: int) -> None:
    """Nothing was done in this session for so long."""
    with as_role("owner"):
        (key,) = {cookie.value for cookie in visitor.cookies if cookie.name == "sessionid"}
        store = SessionStore(key)
        store["seen"] -= seconds
        store.save()


def test_people_work_on_minute_after_minute(signed_in: Visitor) -> None:
    for _minute in range(3):
        went_by(signed_in, 61)
        assert signed_in.get("/proposals/review/").status_code == 200
    with as_role("owner"):
        listed = UserSession.objects.get()
    assert (timezone.now() - listed.last_seen_at).total_seconds() < 30


def test_a_session_that_was_never_listed_is_listed_and_goes_on(
    stack: Stack, person: Callable[..., User]
) -> None:
    visitor = stack.visitor(person("verifier"))
    for _minute in range(3):
        assert visitor.get("/").status_code == 200
        went_by(visitor, 61)
    with as_role("owner"):
        assert UserSession.objects.count() == 1


def test_after_half_an_hour_without_a_word_one_is_signed_out(signed_in: Visitor) -> None:
    went_by(signed_in, 31 * 60)
    answer = signed_in.get("/proposals/review/")
    assert (answer.status_code, "/accounts/login/" in answer.headers["Location"]) == (302, True)


def test_one_sees_and_ends_ones_other_sessions(signed_in: Visitor, stack: Stack) -> None:
    other = stack.visitor()
    with as_role("owner"):
        name = User.objects.get(usersession__isnull=False).username
    form = {"username": name, "password": WORDS}
    assert other.post("/accounts/login/", data=form).status_code == 302
    went_by(signed_in, 61)
    assert signed_in.get("/accounts/sessions/").status_code == 200
    assert signed_in.post("/accounts/sessions/", data={"act": "others"}).status_code == 302
    assert other.get("/").status_code == 302
