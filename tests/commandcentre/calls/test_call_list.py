"""Whom to call: nearest first, the next one marked, each call written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import Point
from django.urls import reverse

from apps.accounts import access
from apps.audit.models import Action, Entry
from apps.commandcentre.calls import call_list
from apps.commandcentre.calls.wrong_numbers import wrong_numbers
from apps.commandcentre.models import Call, Responder, VillagePlace
from apps.commandcentre.nearest import places
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


def test_after_all_were_called_who_did_not_answer_is_called_again(hazard, people, operator):
    for who, outcome, after_min in (
        (people[1], "no_answer", 1),
        (people[0], "no_answer", 2),
        (people[2], "unable", 3),
    ):
        log(hazard, operator, who, outcome, after_min)
    assert names(hazard, operator) == ["Relawan Dekat", "→Relawan Desa", "Relawan Jauh"]
    log(hazard, operator, people[1], "no_answer", 4)
    assert names(hazard, operator)[0] == "→Relawan Dekat"


def test_whose_number_is_wrong_is_last_until_the_file_changes_it(hazard, people, operator):
    log(hazard, operator, people[0], "wrong_number", 1)
    other = assessed({"A": 4}).hazard
    assert names(other, operator) == ["→Relawan Desa", "Relawan Jauh", "Relawan Dekat"]
    assert list(wrong_numbers()) == [people[0]]
    with as_role("owner"):
        Responder.objects.filter(pk=people[0].pk).update(updated_at=NOW + timedelta(days=1))
    assert names(other, operator)[0] == "→Relawan Dekat"


def test_who_was_reached_later_has_no_wrong_number(hazard, people, operator):
    log(hazard, operator, people[0], "wrong_number", 1)
    log(hazard, operator, people[0], "coming", 2)
    assert not wrong_numbers().exists()


def test_the_office_that_keeps_the_file_finds_wrong_numbers(hazard, people, operator, signed_in):
    log(hazard, operator, people[0], "wrong_number", 1)
    path = reverse("admin:commandcentre_responder_changelist")
    page = signed_in("operator").get(f"{path}?number=wrong").content.decode()
    assert "Relawan Dekat" in page and "Relawan Desa" not in page


def test_who_comes_is_said_and_the_next_is_offered(hazard, people, operator, signed_in):
    log(hazard, operator, people[0], "coming", 1)
    browser = signed_in("operator")
    path = reverse("commandcentre:calls", args=[hazard.pk, CODES["A"]])
    for asked in ({}, {"headers": {"HX-Request": "true"}}):
        page = " ".join(browser.get(path, **asked).content.decode().split())
        assert "1 relawan datang: Relawan Dekat" in page
        assert "bila perlu lebih banyak" in page
    other = reverse("commandcentre:calls", args=[hazard.pk, CODES["B"]])
    page = browser.get(other).content.decode()
    assert "relawan datang" not in page and "(untuk desa lain)" in page


@pytest.fixture
def islands():
    """Village P is on an island of its own; nobody is known there."""
    with as_role("owner"):
        places.refresh()
        VillagePlace.objects.update(island=1)
        VillagePlace.objects.filter(village=CODES["P"]).update(island=2)


def test_over_the_sea_counts_as_more_and_is_said(islands, hazard, operator, settings, signed_in):
    settings.SEA_CROSSING_PENALTY_KM = 50
    at = VillagePlace.objects.get(village=CODES["A"]).place
    with as_role("owner"):
        over = Point(at.x + 0.14, at.y, srid=4326)
        here = Point(at.x + 0.18, at.y, srid=4326)
        responder("Relawan Seberang", "P", phone="081200000011", location=over)
        responder("Relawan Sepulau", "H", phone="081200000012", location=here)
    assert names(hazard, operator) == ["→Relawan Sepulau", "Relawan Seberang"]
    path = reverse("commandcentre:calls", args=[hazard.pk, CODES["A"]])
    page = " ".join(signed_in("operator").get(path).content.decode().split())
    assert page.index("menyeberang laut", page.index("Relawan Seberang")) > 0
    own = page[page.index("Relawan Sepulau</strong>") : page.index("Relawan Seberang</strong>")]
    assert "menyeberang laut" not in own


def test_who_has_no_point_is_found_from_another_regency_by_their_village(islands, hazard, operator):
    with as_role("owner"):
        responder("Relawan Desa Jauh", "P", phone="081200000013")
    assert CODES["P"][:5] != CODES["A"][:5]
    assert names(hazard, operator) == ["→Relawan Desa Jauh"]


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
