"""Whom to call: nearest first, the next one marked, each call written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from apps.accounts import access
from apps.audit.models import Action, Entry
from apps.commandcentre.calls import call_list
from apps.commandcentre.models import Call
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.regions.models import Region
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed
from tests.commandcentre.resources.places import responder
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(person):
    return person("operator")


@pytest.fixture
def hazard():
    return assessed({"A": 20}).hazard


@pytest.fixture
def people():
    with as_role("owner"):
        return [
            responder("Relawan Dekat", "A", phone="081200000001", location=Point(110.005, -7.765)),
            responder("Relawan Desa", "B", phone="081200000002"),
            responder("Relawan Jauh", "H", phone="081200000003", location=Point(111.0, -7.0)),
            responder("Relawan Libur", "A", phone="081200000004", is_active=False),
        ]


def names(hazard, operator, home: str = "A") -> list[str]:
    village = Region.objects.get(pk=CODES[home])
    with access.scoped(operator):
        rows = call_list.call_list(hazard=hazard, village=village, by=operator)
    return [f"{'→' if one.is_next else ''}{one.responder.name}" for one in rows]


def log(hazard, operator, who, outcome: str, after_min: int = 0) -> Call:
    return call_list.log_call(
        hazard=hazard,
        village=Region.objects.get(pk=CODES["A"]),
        responder=who,
        outcome=outcome,
        note="",
        by=operator,
        now=NOW + timedelta(minutes=after_min),
    )


def test_the_nearest_is_first_and_who_is_not_active_is_not_on_it(hazard, people, operator):
    assert names(hazard, operator) == ["→Relawan Dekat", "Relawan Desa", "Relawan Jauh"]


def test_after_no_answer_the_next_one_is_marked(hazard, people, operator):
    log(hazard, operator, people[0], "no_answer")
    assert names(hazard, operator) == ["Relawan Dekat", "→Relawan Desa", "Relawan Jauh"]


def test_calls_about_another_hazard_do_not_count(hazard, people, operator):
    log(assessed({"A": 4}).hazard, operator, people[0], "no_answer")
    assert names(hazard, operator)[0] == "→Relawan Dekat"


def test_looking_at_the_list_is_recorded_with_the_persons_on_it(hazard, people, operator):
    names(hazard, operator)
    entry = Entry.objects.filter(action=Action.READ).latest("pk")
    assert entry.subject == "commandcentre.Responder"
    assert set(entry.details["responders"]) == {one.pk for one in people[:3]}


def test_a_call_without_an_outcome_is_refused(hazard, people, operator):
    with pytest.raises(DomainError) as refused:
        log(hazard, operator, people[0], "maybe")
    assert refused.value.code == "call_outcome"
    assert not Call.objects.exists()


def test_an_operator_calls_and_notes_on_the_page(hazard, people, signed_in):
    browser = signed_in("operator")
    page = browser.get(reverse("commandcentre:calls", args=[hazard.pk, CODES["A"]]))
    text = page.content.decode()
    assert text.index("Relawan Dekat") < text.index("Relawan Desa")
    assert 'href="tel:081200000001"' in text
    browser.post(
        reverse("commandcentre:call-log", args=[hazard.pk, CODES["A"]]),
        {"responder": people[0].pk, "outcome": "coming", "note": "30 menit"},
    )
    call = Call.objects.get()
    assert (call.responder, call.outcome, call.note) == (people[0], "coming", "30 menit")


def test_after_twenty_calls_the_next_ones_are_on_the_list(operator, hazard):
    with as_role("owner"):
        many = [
            responder(
                f"Relawan {nth}",
                "A",
                phone=f"0812{nth:08}",
                location=Point(110.005, -7.765 + nth / 1e4),
            )
            for nth in range(call_list.MOST + 3)
        ]
    for one in many[: call_list.MOST]:
        log(hazard, operator, one, "no_answer")
    listed = names(hazard, operator)
    assert len(listed) == call_list.MOST + 3
    assert [name for name in listed if "→" in name] == [f"→Relawan {call_list.MOST}"]


@pytest.mark.parametrize("role", ["planner", "verifier", "pusdatin_verifier"])
def test_who_may_not_see_responders_gets_no_list(hazard, people, signed_in, role):
    page = signed_in(role).get(reverse("commandcentre:calls", args=[hazard.pk, CODES["A"]]))
    assert page.status_code in {403, 404}
    assert "Relawan" not in page.content.decode()
