"""The duty passes from one to the next, with words; the log keeps all of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.commandcentre import shift_log
from apps.commandcentre.exposure.worsening import ACTOR
from apps.commandcentre.models import ShiftEntry
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.shifts import duty
from apps.common.errors import DomainError
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed

pytestmark = pytest.mark.django_db


@pytest.fixture
def first(person):
    return person("operator")


@pytest.fixture
def second(person):
    return person("operator", name="operator-dua")


def test_the_duty_is_handed_over_with_words_and_taken(first, second):
    assert duty.on_duty().person is None
    duty.take_duty(by=first, now=NOW)
    assert duty.on_duty().person == first
    duty.hand_over(text="Air naik di Ampel", by=first, now=NOW + timedelta(hours=8))
    waiting = duty.on_duty()
    assert (waiting.person, waiting.left_words) == (None, "Air naik di Ampel")
    duty.take_duty(by=second, now=NOW + timedelta(hours=8))
    assert (duty.on_duty().person, duty.on_duty().left_words) == (second, "Air naik di Ampel")


def test_only_who_has_the_duty_hands_it_over_and_not_without_words(first, second):
    duty.take_duty(by=first, now=NOW)
    with pytest.raises(DomainError, match="^duty_not_yours$"):
        duty.hand_over(text="selesai", by=second, now=NOW)
    with pytest.raises(DomainError, match="^duty_words$"):
        duty.hand_over(text="  ", by=first, now=NOW)
    assert duty.on_duty().person == first


def test_who_does_not_come_is_relieved_by_another(first, second):
    duty.take_duty(by=first, now=NOW)
    duty.take_duty(by=second, now=NOW)
    assert duty.on_duty().person == second


def test_taking_it_twice_is_once(first):
    duty.take_duty(by=first, now=NOW)
    with pytest.raises(DomainError, match="^duty_taken$"):
        duty.take_duty(by=first, now=NOW)
    assert ShiftEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_take_the_duty_once(first):
    def take() -> str:
        try:
            duty.take_duty(by=first, now=NOW)
        except DomainError as refused:
            return refused.code
        return "taken"

    assert sorted(race([take, take])) == ["duty_taken", "taken"]
    assert ShiftEntry.objects.count() == 1


def test_an_operator_writes_and_a_planner_reads(signed_in):
    hazard = assessed({"A": 4}).hazard
    browser = signed_in("operator")
    browser.post(reverse("commandcentre:shift-take"))
    note = {"text": "Posko dibuka", "hazard": hazard.pk}
    browser.post(reverse("commandcentre:shift-note"), note)
    page = signed_in("planner").get(reverse("commandcentre:shift")).content.decode()
    assert "Posko dibuka" in page
    assert "Banjir uji" in page
    answer = signed_in("planner").post(reverse("commandcentre:shift-note"), {"text": "x"})
    assert answer.status_code in {403, 404}


def test_a_hazard_that_became_worse_is_in_the_log_and_before_who_takes_the_duty(
    first, second, signed_in, role
):
    """Alarm again in the night: the line is in the log, and the next shift reads it first."""
    duty.take_duty(by=first, now=NOW)
    hazard = assessed({"A": 20}).hazard
    became = {"before": "siaga", "now": "awas", "villages": 2, "was_closed": False}
    with role("worker"):
        shift_log.add_entry(
            ShiftEntryKind.WORSENED, by=None, now=NOW, hazard=hazard, worsening=became, actor=ACTOR
        )
    page = reverse("commandcentre:shift")
    text = " ".join(signed_in("operator").get(page).content.decode().split())
    log = text.partition('class="history"')[2]
    for part in (text.partition('id="worsened"')[2].partition("</div>")[0], log):
        assert hazard.title in part
        assert "Siaga → Awas, 2 desa lagi" in part
    duty.hand_over(text="Air naik", by=first, now=NOW + timedelta(hours=8))
    duty.take_duty(by=second, now=NOW + timedelta(hours=8))
    assert [one.hazard for one in shift_log.worsened_lately()] == [hazard]
    duty.hand_over(text="Surut", by=second, now=NOW + timedelta(hours=16))
    duty.take_duty(by=first, now=NOW + timedelta(hours=16))
    assert shift_log.worsened_lately() == []
