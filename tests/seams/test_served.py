"""The served portal answers, knows who is signed in, and its workers take work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from apps.accounts.models import User
from tests.stack import Stack, password

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WORDS = "kata-sandi-uji-coba"


def test_a_person_signs_in_with_a_password(stack: Stack, person: Callable[..., User]) -> None:
    officer = person("regency_officer")
    password(officer, WORDS)
    visitor = stack.visitor()

    answer = visitor.post(
        "/accounts/login/", data={"username": officer.username, "password": WORDS}
    )

    assert answer.status_code == 302
    assert visitor.get("/").status_code == 200


def test_a_session_of_the_test_is_one_of_the_portal(
    stack: Stack, person: Callable[..., User]
) -> None:
    officer = person("regency_officer")
    assert officer.username.title() in stack.visitor(officer).get("/").text
    assert stack.visitor(officer).get("/proposals/batches/").status_code == 200
    assert stack.visitor().get("/proposals/batches/").status_code == 302
