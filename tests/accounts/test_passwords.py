"""Passwords that are known or soon guessed are refused, in words; others are not."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from apps.accounts.authentication.password_rules import NotGuessed
from apps.accounts.models import User
from tests.personas import PASSWORD

SOMEBODY = User(username="rina.kartika", full_name="Rina Kartika", email="rina@dinsos.example")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Password123!",
        "qwertyuiop12",
        "123456789012",
        "P@ssw0rd2026",
        "aaaaaaaaaaaa",
        "kemensos2026",
        "indonesia1945",
        "Bismillah2026",
        "katasandi123",
        "rahasia12345",
        "sayangku1234",
        "jakarta12345",
        "RinaKartika88",
        "kartika.rina1",
        "dinsosdinsos",
        "iloveyou2026",
        "1q2w3e4r5t6y",
        "agustus17081945",
    ],
)
def test_a_password_that_is_soon_guessed_is_refused(password):
    with pytest.raises(ValidationError, match="sudah bocor atau mudah ditebak|terlalu umum|mirip"):
        validate_password(password, SOMEBODY)


@pytest.mark.parametrize(
    "password",
    [
        "tangga-biru-lompat-kertas",
        "k7mpq-x2ars-9zt4h-vv3bd",
        "Hujan turun di lereng kapur",
        "gelas pecah sepeda tua",
    ],
)
def test_a_password_that_is_hard_to_guess_is_accepted(password):
    validate_password(password, SOMEBODY)


def test_a_very_long_password_is_checked_quickly():
    NotGuessed().validate("tangga-biru-lompat-kertas " * 4_000)
    with pytest.raises(ValidationError):
        NotGuessed().validate("a" * 100_000)


@pytest.mark.django_db
def test_the_page_says_why(person):
    browser = Browser()
    browser.force_login(person("verifier"))
    form = {"old_password": PASSWORD}
    form |= {"new_password1": "kemensos2026", "new_password2": "kemensos2026"}
    page = browser.post("/accounts/password/", form)
    assert "sudah bocor atau mudah ditebak" in page.content.decode()
    good = {"new_password1": "tangga-biru-lompat", "new_password2": "tangga-biru-lompat"}
    assert browser.post("/accounts/password/", form | good).status_code == 302
