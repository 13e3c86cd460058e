"""An alarm that nobody takes on for five minutes goes to the one who has the duty, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.casework import notices
from apps.casework.models import Notice
from apps.commandcentre.exposure import assessment
from apps.commandcentre.models import Hazard, ShiftEntry
from apps.commandcentre.shifts import assignment, duty, escalation
from tests.commandcentre.board.hazards import an_assessed_hazard

pytestmark = pytest.mark.django_db


@pytest.fixture
def head(person):
    return person("operator")


@pytest.fixture
def hazard(role) -> Hazard:
    with role("owner"):
        return an_assessed_hazard(alarmed_at=timezone.now() - timedelta(minutes=6))


@pytest.fixture
def escalate(role):
    def run(now=None) -> int:
        with role("worker"):
            return escalation.escalate_waiting(now=now or timezone.now())

    return run


def test_it_goes_to_the_duty_once_and_stays_an_alarm(hazard, head, escalate):
    duty.take_duty(by=head, now=timezone.now())
    assert [escalate(), escalate()] == [1, 0]
    now = Hazard.objects.get(pk=hazard.pk)
    assert (now.assigned_to, now.acknowledged_at) == (head, None)
    assert now.escalated_at is not None
    line = ShiftEntry.objects.get(kind="escalate")
    assert (line.by, line.person) == (None, head)
    assert Entry.objects.get(action=Action.DECIDE).details["step"] == "escalate"


def test_after_the_end_of_the_shift_every_operator_is_told(hazard, head, person, escalate, role):
    other = person("operator", name="operator-dua")
    duty.take_duty(by=head, now=timezone.now() - timedelta(hours=9))
    assert escalate() == 1
    assert Hazard.objects.get(pk=hazard.pk).assigned_to is None
    with role("owner"):
        assert {one.user_id for one in Notice.objects.all()} == {head.pk, other.pk}


def test_the_duty_is_told_by_a_notice(hazard, head, person, escalate, role):
    person("operator", name="operator-dua")
    duty.take_duty(by=head, now=timezone.now())
    escalate()
    with role("owner"):
        [notice] = Notice.objects.all()
    assert notice.user_id == head.pk
    assert hazard.title in notices.words(notice)
    assert notice.url == f"/command-centre/?hazard={hazard.pk}"


def test_where_nobody_has_the_duty_every_operator_is_told(hazard, head, person, escalate, role):
    other = person("operator", name="operator-dua")
    person("planner")
    assert escalate() == 1
    with role("owner"):
        assert {one.user_id for one in Notice.objects.all()} == {head.pk, other.pk}
    assert Hazard.objects.get(pk=hazard.pk).assigned_to is None


def test_it_waits_five_minutes(role, escalate):
    with role("owner"):
        hazard = an_assessed_hazard(alarmed_at=timezone.now() - timedelta(minutes=4))
    assert escalate() == 0
    assert escalate(hazard.alarmed_at + escalation.WAITS_FOR) == 1


def test_what_was_taken_on_or_closed_or_is_no_alarm_is_left_alone(hazard, head, escalate, role):
    long_ago = timezone.now() - timedelta(hours=1)
    with role("owner"):
        an_assessed_hazard(alarmed_at=long_ago, closed_at=timezone.now())
        an_assessed_hazard(alarmed_at=long_ago, status="scenario")
        an_assessed_hazard(alarmed_at=long_ago, level="waspada")
    assignment.take_on(hazard=hazard, by=head, now=timezone.now())
    assert escalate() == 0


def test_the_assessment_that_raises_the_alarm_begins_the_five_minutes(role):
    """The waiting time is counted from the first alarm, not from a later assessment."""
    with role("owner"):
        hazard = an_assessed_hazard(level="normal")
        hazard.footprints.update(lower=6.5)
    first, later = timezone.now(), timezone.now() + timedelta(minutes=3)
    with role("worker"):
        for now in (first, later):
            assessment.assess(Hazard.objects.get(pk=hazard.pk), now=now)
    found = Hazard.objects.get(pk=hazard.pk)
    # nobody is registered there: no alarm, nothing waits
    assert (found.level, found.alarmed_at) == ("normal", None)


def test_the_board_says_that_it_was_passed_on(hazard, signed_in, head, escalate):
    duty.take_duty(by=head, now=timezone.now())
    escalate()
    page = signed_in("operator").get("/command-centre/").content.decode()
    assert "diteruskan kepada petugas piket" in page


def test_the_board_says_that_nobody_had_the_duty(hazard, signed_in, head, escalate):
    escalate()
    page = signed_in("operator").get("/command-centre/").content.decode()
    assert "diteruskan kepada petugas piket" not in page
    assert "tidak ada petugas piket" in page
    # so does each page that has the log
    for path in ("/command-centre/shift/", f"/command-centre/hazards/{hazard.pk}/"):
        page = signed_in("operator").get(path).content.decode()
        assert "Tidak ada petugas piket; semua operator diberi tahu." in page


def test_who_takes_the_duty_gets_the_alarms_that_waited(hazard, head, person, escalate, role):
    escalate()
    with role("owner"):
        Notice.objects.all().delete()
    duty.take_duty(by=head, now=timezone.now())
    now = Hazard.objects.get(pk=hazard.pk)
    assert (now.assigned_to, now.acknowledged_at) == (head, None)
    with role("owner"):
        [notice] = Notice.objects.all()
    assert (notice.user_id, hazard.title in notices.words(notice)) == (head.pk, True)
    assert ShiftEntry.objects.filter(kind="assign", person=head, hazard=hazard).count() == 1
    # what another has on their list stays there
    other = person("operator", name="operator-dua")
    assignment.assign_hazard(hazard=now, person=other, by=head, now=timezone.now())
    assert assignment.pass_waiting(to=head, now=timezone.now()) == 0
