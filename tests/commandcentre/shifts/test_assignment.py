"""Who answers for a hazard: by taking it on, by assignment, by a hand-over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.models import Hazard, ShiftEntry
from apps.commandcentre.shifts import assignment, duty
from apps.common.errors import DomainError
from tests.commandcentre.board.hazards import an_assessed_hazard

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def first(person):
    return person("operator")


@pytest.fixture
def second(person):
    return person("operator", name="operator-dua")


@pytest.fixture
def hazard(role) -> Hazard:
    with role("owner"):
        return an_assessed_hazard()


def responsible(hazard: Hazard) -> object:
    return Hazard.objects.get(pk=hazard.pk).assigned_to


def test_who_takes_a_hazard_on_answers_for_it_and_the_log_says_so(hazard, first):
    assignment.take_on(hazard=hazard, by=first, now=NOW)
    assert responsible(hazard) == first
    line = ShiftEntry.objects.get()
    assert (line.kind, line.hazard, line.person) == ("assign", hazard, first)


def test_a_hazard_is_assigned_to_another_and_stays_an_alarm(hazard, first, second):
    assignment.assign_hazard(hazard=hazard, person=second, by=first, now=NOW)
    now = Hazard.objects.get(pk=hazard.pk)
    assert (now.assigned_to, now.acknowledged_at) == (second, None)
    entry = Entry.objects.get(action=Action.DECIDE)
    assert (entry.details["step"], entry.details["person"]) == ("assign", f"user:{second.pk}")
    assert ShiftEntry.objects.get().by == first


def test_a_second_assignment_to_the_same_is_refused(hazard, first, second):
    assignment.assign_hazard(hazard=hazard, person=second, by=first, now=NOW)
    with pytest.raises(DomainError, match="^assign_same$"):
        assignment.assign_hazard(hazard=hazard, person=second, by=first, now=NOW)
    assert ShiftEntry.objects.count() == 1


def test_nobody_but_operators_can_answer_for_a_hazard(hazard, first, person):
    for other in (person("planner"), person("verifier"), None):
        with pytest.raises(DomainError, match="^assign_operator$"):
            assignment.assign_hazard(hazard=hazard, person=other, by=first, now=NOW)
    assert responsible(hazard) is None


def test_the_hazards_of_the_former_duty_go_to_the_next(hazard, first, second, role):
    with role("owner"):
        closed = an_assessed_hazard(closed_at=NOW, assigned_to=first)
        other = an_assessed_hazard()
    duty.take_duty(by=first, now=NOW)
    assignment.take_on(hazard=hazard, by=first, now=NOW)
    duty.hand_over(text="Tenda habis", by=first, now=NOW + timedelta(hours=8))
    assert responsible(hazard) == first
    duty.take_duty(by=second, now=NOW + timedelta(hours=8))
    assert responsible(hazard) == second
    assert responsible(closed) == first
    assert responsible(other) is None


def test_the_page_assigns_and_the_board_shows_who_answers(hazard, signed_in, second):
    browser = signed_in("operator")
    path = reverse("commandcentre:hazard-assign", args=[hazard.pk])
    page = browser.post(path, {"person": second.pk}, follow=True).content.decode()
    assert "Operator-Dua bertanggung jawab" in page
    board = browser.get(reverse("commandcentre:board")).content.decode()
    assert "Penanggung jawab: Operator-Dua" in board
    log = browser.get(reverse("commandcentre:shift")).content.decode()
    assert "Kejadian ditugaskan: Operator-Dua" in log


def test_a_planner_assigns_nothing(hazard, signed_in, second):
    path = reverse("commandcentre:hazard-assign", args=[hazard.pk])
    assert signed_in("planner").post(path, {"person": second.pk}).status_code == 403
    assert responsible(hazard) is None
