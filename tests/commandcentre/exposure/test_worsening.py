"""A hazard that was taken on or closed waits for a person again when it becomes worse."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.board import events
from apps.commandcentre.exposure import alarm, assessment, worsening
from apps.commandcentre.hazards import handling
from apps.commandcentre.hazards.intake import take_message
from apps.commandcentre.models import Footprint, Hazard, ShiftEntry
from apps.commandcentre.readers import EVERYBODY
from apps.commandcentre.shifts import assignment, escalation
from apps.commandcentre.states import FootprintMethod, Measure
from apps.demo.country import CODES, at
from tests.base import NOW
from tests.commandcentre.hazards.messages import BY, message, take
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture(autouse=True)
def people(role):
    """One registered person in A, one in B, nobody in C and D."""
    with role("worker"):
        a_person(CODES["A"])
        a_person(CODES["B"], name="CONTOH DUA")


@pytest.fixture
def flood(role):
    """A flood over A, in the state `lower` (1: below 71 cm, 3: to 150 cm, 4: above)."""
    with role("worker"):
        return covered(take(magnitude=3.0).hazard, "A", 3.0)


def covered(hazard: Hazard, letters: str, lower: float) -> Hazard:
    """The next version, over some villages, assessed as the worker does."""
    if hazard.assessments.exists():
        hazard = Hazard.objects.get(pk=hazard.pk)
        hazard.revision += 1
        hazard.save(update_fields=["revision"])
    Footprint.objects.filter(hazard=hazard, revision=hazard.revision).delete()
    boxes = [Polygon.from_bbox((*at(one, 0.1, 0.1), *at(one, 0.9, 0.9))) for one in letters]
    Footprint.objects.create(
        hazard=hazard,
        revision=hazard.revision,
        measure=Measure.CLASS,
        lower=lower,
        label=f"kelas {lower}",
        method=FootprintMethod.PUBLISHED,
        area=MultiPolygon(*boxes, srid=4326),
    )
    assessment.assess(hazard, now=NOW)
    return Hazard.objects.get(pk=hazard.pk)


def words(hazard: Hazard) -> str:
    [event] = [one for one in events.events(NOW, EVERYBODY) if one.hazard.pk == hazard.pk]
    return event.worsening


def test_an_older_version_that_is_assessed_late_changes_nothing(flood, operator, role):
    with role("worker"):
        late = Hazard.objects.get(pk=flood.pk)
        covered(flood, "AB", 4.0)
        assert Hazard.objects.get().level == "awas"
        handling.acknowledge(hazard=Hazard.objects.get(), by=operator, now=NOW)
        assert assessment.assess(late, now=NOW).revision == 1
        hazard = Hazard.objects.get()
    assert (hazard.level, hazard.acknowledged_at) == ("awas", NOW)


def test_the_former_version_is_the_one_before_not_the_one_assessed_last(flood, operator, role):
    with role("worker"):
        late = Hazard.objects.get(pk=flood.pk)
        second = covered(flood, "AB", 3.0)
        handling.acknowledge(hazard=second, by=operator, now=NOW)
        assessment.assess(late, now=NOW)
        covered(second, "AB", 3.0)
    assert Hazard.objects.get(pk=flood.pk).acknowledged_at == NOW


def test_a_higher_level_makes_it_an_alarm_again_and_says_so(flood, operator, role):
    assert alarm.is_alarm(flood)
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        now = covered(flood, "A", 4.0)
    assert alarm.is_alarm(now)
    assert (now.level, now.acknowledged_at, now.assigned_to) == ("awas", None, operator)
    assert "Siaga → Awas" in words(now)
    told = Entry.objects.filter(action=Action.DECIDE, subject=f"commandcentre.Hazard:{flood.pk}")
    assert told.order_by("pk").last().details["step"] == "worsened"
    [line] = ShiftEntry.objects.filter(kind="worsened")
    assert (line.hazard, line.by, line.at) == (now, None, NOW)
    assert "Siaga → Awas" in worsening.describe_change(line.worsening, line.at)
    assignment.take_on(hazard=now, by=operator, now=NOW)
    assert not alarm.is_alarm(Hazard.objects.get(pk=flood.pk))


def test_an_area_that_grows_into_villages_with_people_makes_it_an_alarm_again(
    flood, operator, role
):
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        now = covered(flood, "AB", 3.0)
    assert alarm.is_alarm(now)
    assert (now.worsening["villages"], now.worsening["before"]) == (1, "siaga")
    assert "1 desa lagi" in words(now)


@pytest.mark.parametrize(
    ("letters", "lower"), [("AC", 3.0), ("A", 3.0), ("A", 1.0)], ids=["nobody", "same", "less"]
)
def test_a_version_that_is_no_worse_is_silent(flood, operator, role, letters, lower):
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        now = covered(flood, letters, lower)
    assert now.acknowledged_by == operator
    assert not alarm.is_alarm(now)
    assert words(now) == ""
    assert not ShiftEntry.objects.filter(kind="worsened").exists()


def test_weak_growth_is_silent(flood, operator, role):
    """A new village that is met too weakly for an alarm raises none."""
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        hazard = Hazard.objects.get(pk=flood.pk)
        hazard.revision += 1
        hazard.save(update_fields=["revision"])
        for lower, letter in ((3.0, "A"), (1.0, "B")):
            box = Polygon.from_bbox((*at(letter, 0.1, 0.1), *at(letter, 0.9, 0.9)))
            Footprint.objects.create(
                hazard=hazard,
                revision=hazard.revision,
                measure=Measure.CLASS,
                lower=lower,
                label=f"kelas {lower}",
                method=FootprintMethod.PUBLISHED,
                area=MultiPolygon(box, srid=4326),
            )
        assessment.assess(hazard, now=NOW)
    assert not alarm.is_alarm(Hazard.objects.get(pk=flood.pk))


def test_a_closed_hazard_that_becomes_worse_comes_back_to_the_board(
    flood, operator, role, signed_in
):
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    handling.close(hazard=flood, by=operator, now=NOW)
    assert flood not in Hazard.objects.active()
    with role("worker"):
        now = covered(flood, "AB", 4.0)
    assert (now.closed_at, now.closed_by) == (None, None)
    assert alarm.is_alarm(now)
    said = words(now)
    assert said.startswith("Kembali ke papan")
    assert "Siaga → Awas" in said and "1 desa lagi" in said
    with role("worker"):
        Hazard.objects.filter(pk=now.pk).update(received_at=timezone.now())
    desk = signed_in("operator")
    for page in (reverse("commandcentre:board"), reverse("commandcentre:hazard", args=[now.pk])):
        assert said in desk.get(page).content.decode()


def test_a_closed_hazard_that_is_no_worse_stays_closed(flood, operator, role):
    handling.close(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        now = covered(flood, "AC", 3.0)
    assert now.closed_by == operator


def test_nobody_who_takes_it_on_again_is_passed_to_the_duty_again(flood, operator, role):
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        now = covered(flood, "A", 4.0)
        assert now.alarmed_at == NOW
        assert escalation.escalate_waiting(now=NOW + timedelta(minutes=5)) == 1


def test_an_alarm_that_sank_and_rises_again_is_passed_on_again(flood, role):
    later = NOW + timedelta(minutes=30)
    with role("worker"):
        covered(flood, "A", 4.0)
        assert escalation.escalate_waiting(now=later) == 1
        assert Hazard.objects.get().escalated_at == later
        sunk = covered(flood, "A", 1.0)
        assert (sunk.level, sunk.alarmed_at, sunk.escalated_at) == ("waspada", None, None)
        covered(flood, "A", 4.0)
        assert escalation.escalate_waiting(now=later) == 1


def test_who_warns_of_a_tsunami_raises_an_alarm_whoever_lives_there(role):
    with role("worker"):
        far = {"latitude": -11.0, "longitude": 110.0, "magnitude": 6.2}
        hazard = take(**far, warning="Berpotensi tsunami").hazard
        assessment.assess(hazard, now=NOW)
        assert Hazard.objects.get().level == "siaga"
        assert alarm.is_alarm(Hazard.objects.get())


def test_the_end_of_a_tsunami_warning_is_no_alarm(role):
    with role("worker"):
        far = {"latitude": -11.0, "longitude": 110.0, "magnitude": 6.2}
        hazard = take(**far, warning="Berpotensi TSUNAMI. Masyarakat diimbau tidak panik").hazard
        assessment.assess(hazard, now=NOW)
        assert Hazard.objects.get().level == "siaga"
        over = take(**far, warning="Peringatan dini tsunami telah berakhir")
        assert over.is_changed
        assessment.assess(over.hazard, now=NOW)
        assert Hazard.objects.get().level == "normal"


@pytest.mark.parametrize(
    ("values", "level"),
    [
        ({"magnitude": 9.9}, "waspada"),
        # a tsunami that may follow is no mistake in typing
        ({"magnitude": 9.9, "warning": "Berpotensi tsunami"}, "awas"),
        ({"magnitude": 9.5}, "awas"),
        ({"magnitude": 9.9, "source": "operator", "source_id": "1"}, "awas"),
    ],
)
def test_a_magnitude_that_was_never_measured_is_looked_at_before_it_is_an_alarm(
    role, values, level
):
    with role("worker"):
        assessment.assess(take(**values).hazard, now=NOW)
        hazard = Hazard.objects.get()
    assert (hazard.level, alarm.is_alarm(hazard)) == (level, level == "awas")


def test_what_an_operator_did_while_it_was_counted_is_kept(flood, operator, role):
    """The worker holds an older picture of the hazard than the database has."""
    with role("worker"):
        stale = Hazard.objects.get(pk=flood.pk)
    assignment.take_on(hazard=flood, by=operator, now=NOW)
    with role("worker"):
        assessment.assess(stale, now=NOW)
    assert Hazard.objects.get(pk=flood.pk).acknowledged_by == operator


def test_a_warning_whose_time_its_source_extends_comes_back(operator, role):
    ended = NOW - timedelta(minutes=1)
    with role("worker"):
        own = take(kind="weather", source="bmkg_cap", source_id="a1", identifier="a1").hazard
        Hazard.objects.filter(pk=own.pk).update(closed_at=ended)
        longer = message(
            kind="weather",
            source="bmkg_cap",
            source_id="u1",
            identifier="u1",
            references=("a1",),
            ends_at=NOW + timedelta(hours=2),
            received={"identifier": "u1"},
        )
        assert take_message(longer, by=BY, now=NOW).is_changed
    assert Hazard.objects.get(pk=own.pk).closed_at is None
