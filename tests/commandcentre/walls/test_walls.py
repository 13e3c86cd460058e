"""A screen on the wall: let in once, from one address, without persons, ended in one click."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from apps.audit.models import Entry
from apps.commandcentre.models import Hazard, HazardRevision, Wall
from apps.commandcentre.planning import plans, shipments
from apps.commandcentre.states import TOPIC
from apps.commandcentre.walls import devices
from apps.common.errors import DomainError
from apps.jobs.models import Event
from tests.accounts.races import race
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed, solved, worked
from tests.commandcentre.resources.places import facility, responder, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
WALL = "/command-centre/wall/"


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def screen(operator) -> Browser:
    """A browser that was let in."""
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=timezone.now())
    browser = Browser(REMOTE_ADDR="10.0.0.5")
    assert browser.post(WALL, {"code": code}).status_code == 302
    return browser


def test_the_wall_shows_the_active_hazards_with_their_numbers(screen):
    hazard = assessed({"A": 40}).hazard
    with as_role("worker"):
        Hazard.objects.filter(pk=hazard.pk).update(received_at=timezone.now())
    page = screen.get(WALL)
    assert page.status_code == 200
    assert "Banjir uji" in page.content.decode()


def test_the_wall_says_when_a_warning_begins_and_ends(screen):
    hazard = assessed({"A": 40}).hazard
    now = timezone.now()
    begins, ends = now + timedelta(hours=2), now + timedelta(hours=5)
    with as_role("owner"):
        Hazard.objects.filter(pk=hazard.pk).update(received_at=now, occurred_at=begins)
        HazardRevision.objects.create(
            hazard=hazard,
            number=hazard.revision,
            values={"ends_at": ends.isoformat()},
            received_at=now,
        )
    page = screen.get(WALL).content.decode()
    for words, at in (("mulai", begins), ("sampai", ends)):
        assert f"{words} {date_format(timezone.localtime(at), 'j M, H.i e')}" in page


def test_the_map_on_the_wall_is_of_the_worst_hazard_and_without_any_person(screen):
    hazard = assessed({"A": 40}).hazard
    with as_role("worker"):
        Hazard.objects.filter(pk=hazard.pk).update(received_at=timezone.now())
    with as_role("owner"):
        responder("Relawan Rahasia")
    page = screen.get(WALL).content.decode()
    path = reverse("commandcentre:wall-map", args=[hazard.pk])
    assert path in page
    drawn = screen.get(path)
    assert drawn["Content-Type"].startswith("image/svg+xml")
    assert b"Relawan" not in drawn.content
    assert "Relawan" not in page
    assert Browser().get(path).status_code == 403
    assert screen.get("/command-centre/wall/map/0.svg").status_code == 404


def test_the_map_of_a_cancelled_hazard_is_drawn_while_its_goods_are_promised(screen, operator):
    assessment = assessed({"A": 40})
    with as_role("owner"):
        stocked(facility(), 100, "rice")
    shipments.reserve(plan=solved(assessment, operator), by=operator, now=NOW)
    with as_role("worker"):
        Hazard.objects.update(received_at=timezone.now(), status="cancelled")
    path = reverse("commandcentre:wall-map", args=[assessment.hazard_id])
    assert path in screen.get(WALL).content.decode()
    assert screen.get(path).status_code == 200


def test_nothing_is_missing_is_not_said_before_the_plan_is_computed(screen, operator):
    assessment = assessed({"A": 40})
    with as_role("worker"):
        Hazard.objects.update(received_at=timezone.now())
    plan, job = plans.make_plan(assessment=assessment, days=3, by=operator, now=NOW)
    page = screen.get(WALL).content.decode()
    assert "tidak ada yang kurang" not in page
    assert "Rencana sedang dihitung" in page
    worked(job)
    page = screen.get(WALL).content.decode()
    assert "Rencana sedang dihitung" not in page
    assert "tidak semua kebutuhan" in page


def test_the_figures_of_a_drill_are_said_to_be_none_of_an_actual_hazard(screen):
    assessed({"A": 40})
    with as_role("worker"):
        Hazard.objects.update(received_at=timezone.now(), status="exercise")
    assert "bukan dari kejadian yang sebenarnya" in screen.get(WALL).content.decode()


def test_the_wall_asks_few_questions(screen, django_assert_max_num_queries):
    for _hazard in range(8):
        hazard = assessed({"A": 40}).hazard
        with as_role("worker"):
            Hazard.objects.filter(pk=hazard.pk).update(received_at=timezone.now())
    with django_assert_max_num_queries(20):
        page = screen.get(WALL).content.decode()
    assert page.count('<li class="event') == 6
    assert "2 lainnya" in page


def test_without_a_code_nothing_is_shown():
    assessed({"A": 40})
    page = Browser().get(WALL)
    assert page.status_code == 403
    assert "Banjir uji" not in page.content.decode()
    assert Browser().get(f"{WALL}events/").status_code == 403


def test_a_code_counts_once_and_for_ten_minutes(operator):
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=NOW)
    late = NOW + devices.CODE_FOR + timedelta(seconds=1)
    with pytest.raises(DomainError):
        devices.let_in(code=code, address="10.0.0.5", now=late)
    devices.let_in(code=code.lower()[:5] + " - " + code[5:], address="10.0.0.5", now=NOW)
    with pytest.raises(DomainError):
        devices.let_in(code=code, address="10.0.0.5", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_two_screens_with_one_code_are_one(operator):
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=NOW)

    def enter() -> str:
        try:
            devices.let_in(code=code, address="10.0.0.5", now=NOW)
        except DomainError as refused:
            return refused.code
        return "in"

    assert sorted(race([enter, enter])) == ["in", "wall_code"]


def test_the_cookie_opens_nothing_from_another_address(screen):
    assert screen.get(WALL, REMOTE_ADDR="10.0.0.6").status_code == 403
    assert screen.get(WALL).status_code == 200


def test_an_ended_screen_is_out_at_its_next_request(screen, signed_in):
    wall = Wall.objects.get()
    browser = signed_in("operator")
    browser.post(reverse("commandcentre:wall-end", args=[wall.pk]))
    # its open stream says so at once
    assert Event.objects.filter(topic=TOPIC, kind="wall").count() == 1
    assert screen.get(WALL).status_code == 403
    assert screen.get(f"{WALL}events/").status_code == 403
    acts = Entry.objects.filter(subject=f"commandcentre.Wall:{wall.pk}")
    assert acts.filter(details__step="end").count() == 1


def test_a_screen_in_use_stays_in_and_one_that_is_not_falls_out(operator):
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=NOW)
    _wall, token = devices.let_in(code=code, address=None, now=NOW)
    later = NOW + timedelta(days=29)
    assert devices.wall_of(token=token, address=None, now=later) is not None
    again = later + timedelta(days=29)
    assert devices.wall_of(token=token, address=None, now=again) is not None
    assert devices.wall_of(token=token, address=None, now=again + timedelta(days=31)) is None


def test_neither_code_nor_token_is_stored(operator):
    _wall, code = devices.make_wall(name="Ruang 1", by=operator, now=NOW)
    _wall, token = devices.let_in(code=code, address=None, now=NOW)
    stored = str(Wall.objects.values().get())
    assert code not in stored
    assert token not in stored


def test_guessing_codes_is_stopped():
    browser = Browser(REMOTE_ADDR="10.0.0.9")
    statuses = [browser.post(WALL, {"code": "AAAAA-AAAAA"}).content for _try in range(32)]
    assert statuses[0] != statuses[-1]


def test_an_operator_makes_a_code_that_is_shown_once(signed_in):
    browser = signed_in("operator")
    page = browser.post(reverse("commandcentre:walls"), {"name": "Ruang 2"})
    code = page.context["code"]
    assert code in page.content.decode()
    assert code not in browser.get(reverse("commandcentre:walls")).content.decode()
    assert devices.let_in(code=code, address=None, now=timezone.now())[0].name == "Ruang 2"


@pytest.mark.parametrize("role", ["planner", "verifier"])
def test_others_let_no_screen_in(signed_in, role):
    answer = signed_in(role).post(reverse("commandcentre:walls"), {"name": "x"})
    assert answer.status_code in {403, 404}
    assert not Wall.objects.exists()
