"""The session of the one on duty ends with the shift, and not before it for want of clicks."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from apps.commandcentre.shifts import duty
from apps.common.errors import DomainError
from tests.accounts.codes import password
from tests.base import NOW

pytestmark = pytest.mark.django_db
STATE, PAGE = "/accounts/session/", "/command-centre/shift/"


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def browser(operator) -> Browser:
    mine = Browser()
    password(mine, operator)
    return mine


def later(**period):
    return time_machine.travel(timezone.now() + timedelta(**period), tick=False)


def send(browser: Browser, act: str, **values: str):
    return browser.post(reverse(f"commandcentre:shift-{act}"), values)


def is_in(browser: Browser) -> bool:
    return browser.get(PAGE, headers={"X-Poll": "1"}).status_code == 200


def test_who_has_the_duty_is_not_signed_out_while_only_watching(browser):
    send(browser, "take")
    with later(hours=7, minutes=50):
        assert is_in(browser)
    with later(hours=8, minutes=1):
        assert not is_in(browser)


def test_who_has_no_duty_is_signed_out_as_everybody(browser):
    with later(minutes=29):
        assert is_in(browser)
    with later(minutes=31):
        assert not is_in(browser)


def test_the_page_says_beforehand_that_the_session_ends_with_the_shift(browser):
    send(browser, "take")
    page = browser.get(PAGE).content.decode()
    assert "Sesi Anda berakhir bersama giliran jaga Anda" in page
    with later(hours=7, minutes=57):
        state = browser.get(STATE, headers={"X-Poll": "1"}).json()
    assert 0 < state["left_s"] <= 3 * 60
    assert state["is_shift"]


def test_an_extended_shift_lasts_two_hours_more(browser):
    send(browser, "take")
    send(browser, "extend")
    with later(hours=9, minutes=50):
        assert is_in(browser)
    with later(hours=10, minutes=1):
        assert not is_in(browser)


def test_after_the_hand_over_the_session_is_one_as_any_other(browser):
    send(browser, "take")
    with later(hours=2):
        send(browser, "hand-over", text="Semua tenang")
    with later(hours=2, minutes=29):
        assert is_in(browser)
    with later(hours=2, minutes=31):
        assert not is_in(browser)


def test_no_shift_makes_a_session_longer_than_twelve_hours(browser):
    with later(minutes=25):
        browser.get(PAGE)
    with later(minutes=50):
        send(browser, "take")
        for _try in range(3):
            send(browser, "extend")
    with later(hours=12, minutes=1):
        assert not is_in(browser)


def test_who_is_signed_out_by_the_end_of_the_shift_is_told_why(browser):
    send(browser, "take")
    with later(hours=9):
        page = browser.get(PAGE, follow=True).content.decode()
    assert "giliran jaga Anda telah berakhir" in page


def test_a_shift_is_extended_to_twelve_hours_and_not_further(operator):
    duty.take_duty(by=operator, now=NOW)
    duty.extend_duty(by=operator, now=NOW)
    assert duty.extend_duty(by=operator, now=NOW).ends_at == NOW + duty.LONGEST
    with pytest.raises(DomainError, match="^duty_longest$"):
        duty.extend_duty(by=operator, now=NOW)
    assert duty.on_duty().ends_at == NOW + duty.LONGEST


def test_only_who_has_the_duty_extends_it(operator, person):
    duty.take_duty(by=operator, now=NOW)
    with pytest.raises(DomainError, match="^duty_not_yours$"):
        duty.extend_duty(by=person("operator", name="operator-dua"), now=NOW)


def test_who_was_relieved_is_signed_out_as_everybody(browser, person):
    send(browser, "take")
    with later(minutes=1):
        duty.take_duty(by=person("operator", name="operator-dua"), now=timezone.now())
        browser.get("/command-centre/", headers={"X-Poll": "1"})
    with later(minutes=30):
        assert is_in(browser)
    with later(minutes=32):
        assert not is_in(browser)


def test_who_signs_in_again_within_the_shift_is_on_duty_there_too(browser, operator):
    send(browser, "take")
    other = Browser()
    password(other, operator)
    other.get("/command-centre/")
    with later(hours=7, minutes=50):
        assert is_in(other)
    with later(hours=8, minutes=1):
        assert not is_in(other)
