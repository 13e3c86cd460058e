"""People at the served portal: sign-in behind row-level security, and the letter of a reset."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from apps.accounts import letters
from apps.accounts.models import User
from apps.jobs.models import Job
from tests.conftest import as_role
from tests.personas import FOREIGN
from tests.stack import Stack, password

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORDS = "kata-sandi-uji-coba"


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
    while not Job.objects.filter(task=letters.TASK, status=Job.Status.DONE).exists():
        assert time.monotonic() < deadline, stack.log("worker-interactive")[-2000:]
        time.sleep(0.2)
    sent = stack.log("worker-interactive")
    assert "petugas@dinas.example" in sent
    assert WORDS not in sent


def test_the_second_gate_stands_in_the_served_portal(
    stack: Stack, person: Callable[..., User]
) -> None:
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
