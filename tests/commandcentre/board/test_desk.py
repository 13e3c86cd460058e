"""The desk: events, plan or need with sources, and calls on one page; its keys and its sound."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.commandcentre.calls import call_list
from apps.commandcentre.models import AffectedVillage, Hazard
from apps.commandcentre.nearest import places as village_places
from apps.commandcentre.shifts import duty
from apps.commandcentre.states import TOPIC
from apps.demo.country import CODES
from apps.jobs import outbox
from tests.base import NOW
from tests.commandcentre.board.hazards import an_assessed_hazard
from tests.commandcentre.planning.needs import solved
from tests.commandcentre.resources import places
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
BOARD = "/command-centre/"


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


@pytest.fixture
def hazard(role) -> Hazard:
    with role("owner"):
        return an_assessed_hazard()


def text_of(browser, path: str = BOARD, **headers: str) -> str:
    answer = browser.get(path, headers=headers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def a_store(name: str = "Lumbung Ampel", quantity: int = 1_000) -> None:
    with as_role("owner"):
        store = places.facility(name)
        for code in ("rice", "water", "family_kit", "blanket", "kidware"):
            places.stocked(store, quantity, code)


def test_without_a_plan_it_shows_the_need_and_the_nearest_sources_with_enough(operator, hazard):
    a_store()
    page = text_of(operator)
    assert "Lumbung Ampel – " in page
    assert "Buat rencana untuk 3 hari" in page
    assert reverse("commandcentre:report", args=[hazard.pk]) in page


def test_with_a_plan_it_shows_what_each_source_sends_and_what_is_missing(operator, hazard, person):
    a_store(quantity=5)
    plan = solved(hazard.assessments.get(), person("operator"))
    page = text_of(operator)
    assert f"Rencana {plan.pk}: Diusulkan" in page
    assert "menunggu pernyataan darurat bupati" in page
    assert reverse("commandcentre:plan", args=[plan.pk]) in page
    assert "Buat rencana untuk" not in page
    # 14 kg of rice are needed, five are there
    assert re.search(r"Beras.*?14</td>\s*<td class=\"number\"><b>9</b>", page)


def test_the_polled_part_has_plan_villages_and_calls_and_no_person(operator, hazard):
    with as_role("owner"):
        places.responder("Relawan Rahasia")
    page = text_of(operator, **{"HX-Request": "true"})
    for name in ("desk-events", "desk-plan", "desk-villages", "desk-calls"):
        assert name in page
    assert "Relawan Rahasia" not in page
    assert not Entry.objects.filter(action=Action.READ).exists()


def test_boards_that_are_told_of_one_change_share_what_is_made_for_it(
    operator, hazard, signed_in, person, role, django_assert_max_num_queries
):
    told = {"HX-Request": "true", "X-Told": "1"}
    first = text_of(operator, **told)
    with django_assert_max_num_queries(12):
        again = text_of(operator, **told)
    token = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
    assert token.sub("", first) == token.sub("", again)
    assert "0" * 64 not in first and token.search(first) is not None
    # who may not act gets no button of theirs
    assert token.search(text_of(signed_in("planner"), **told)) is None
    with role("worker"):
        outbox.publish(TOPIC, "hazard")
    with role("owner"):
        an_assessed_hazard(title="Gempa baru")
    assert "Gempa baru" in text_of(operator, **told)


def test_the_strip_shows_who_is_called_now_and_the_next_after_a_call(operator, hazard):
    with as_role("owner"):
        first = places.responder("Relawan Satu")
        places.responder("Relawan Dua", home="D", phone="081200000002")
    path = reverse("commandcentre:calls", args=[hazard.pk, CODES["A"]])
    strip = text_of(operator, path, **{"HX-Request": "true"})
    assert "Relawan Satu" in strip
    assert "<html" not in strip
    assert Entry.objects.filter(action=Action.READ).count() == 1
    log = reverse("commandcentre:call-log", args=[hazard.pk, CODES["A"]])
    values = {"responder": first.pk, "outcome": "no_answer", "note": ""}
    answer = operator.post(log, values, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Relawan Dua" in answer.content.decode()
    assert "Tidak menjawab" in text_of(operator)


def test_a_call_that_is_refused_says_so_in_the_strip(operator, hazard):
    log = reverse("commandcentre:call-log", args=[hazard.pk, CODES["A"]])
    answer = operator.post(log, {"responder": "999"}, headers={"HX-Request": "true"})
    assert "Relawan ini tidak ada lagi" in answer.content.decode()


def test_the_board_asks_few_questions_also_with_a_plan_and_calls(
    operator, hazard, person, django_assert_max_num_queries
):
    a_store()
    user = person("operator")
    solved(hazard.assessments.get(), user)
    with as_role("owner"):
        who = places.responder()
        for number in range(8):
            an_assessed_hazard(title=f"Kejadian {number}")
    call_list.log_call(
        hazard=hazard,
        village=who.village,
        responder=who,
        outcome="coming",
        note="",
        by=user,
        now=NOW,
    )
    operator.get(BOARD)
    with django_assert_max_num_queries(30):
        operator.get(f"{BOARD}?hazard={hazard.pk}")


def test_events_have_their_numbers_as_keys_and_the_chosen_one_its_acts(operator, hazard, role):
    with role("owner"):
        for number in range(10):
            an_assessed_hazard(title=f"Kejadian {number}")
    page = text_of(operator)
    keys = re.findall(r'data-key="(\w)"', page)
    assert sorted(key for key in keys if key.isdigit()) == list("123456789")
    assert {"a", "m", "s", "p"} <= set(keys)
    # a key never makes a plan: it goes to the button
    assert re.search(r'data-key="p"\s+data-focus-only', page)


def test_who_switched_keys_off_has_none(operator, hazard):
    assert 'data-keys="on"' in text_of(operator)
    operator.post(reverse("profile"), {"shortcuts": "off"})
    assert 'data-keys="off"' in text_of(operator)


def test_what_an_operator_works_on_stays_whatever_comes_in(operator, hazard, role):
    poll = re.search(r'hx-get="([^"]+)"', text_of(operator))
    assert poll is not None and poll[1] == f"{BOARD}?hazard={hazard.pk}"
    with role("owner"):
        an_assessed_hazard(title="Gempa M7.9, uji", level="awas")
    page = text_of(operator, poll[1], **{"HX-Request": "true"})
    assert "Gempa M7.9, uji" in page
    assert f'data-version="{hazard.pk}-' in page
    with role("owner"):
        Hazard.objects.filter(pk=hazard.pk).update(closed_at=NOW)
    page = text_of(operator, poll[1], **{"HX-Request": "true"})
    assert "tidak ada lagi di papan" in page
    assert "data-version" not in page
    assert reverse("commandcentre:hazard", args=[hazard.pk]) in page


def test_the_board_says_that_a_shift_is_over_and_was_not_handed_over(operator, person):
    duty.take_duty(by=person("operator"), now=timezone.now() - timedelta(hours=9))
    page = text_of(operator)
    assert "Petugas piket: " not in page
    assert "belum diserahkan" in page


def test_a_tsunami_that_may_follow_is_on_desk_page_and_report(operator, hazard, role):
    with role("owner"):
        version = hazard.revisions.get()
        version.values |= {"warning": "Berpotensi TSUNAMI untuk diteruskan pada masyarakat"}
        version.save()
    page = reverse("commandcentre:hazard", args=[hazard.pk])
    for path in (BOARD, page, reverse("commandcentre:report", args=[hazard.pk])):
        assert "Berpotensi TSUNAMI untuk diteruskan" in text_of(operator, path), path


def test_sound_is_for_alarms_that_wait_only(operator, hazard, role):
    assert f'data-alarms="{hazard.pk} "' in text_of(operator)
    operator.post(reverse("commandcentre:hazard-acknowledge", args=[hazard.pk]))
    assert "data-alarms" not in text_of(operator)


def test_who_may_not_open_facilities_sees_how_far_help_is_and_not_its_name(
    signed_in, operator, hazard
):
    a_store(quantity=10_000)
    large = dict.fromkeys(("families", "persons", "under_five", "elderly", "disability"), 40)
    with as_role("owner"):
        AffectedVillage.objects.filter(village=CODES["A"]).update(**large | {"persons": 160})
    with as_role("worker"):
        village_places.refresh()
    planner = signed_in("planner")
    page = reverse("commandcentre:hazard", args=[hazard.pk])
    groups = reverse("commandcentre:hazard-clusters", args=[hazard.pk, "csv"])
    drawn = reverse("commandcentre:hazard-shapes", args=[hazard.pk])
    for path in (BOARD, page, groups, drawn):
        assert b"Lumbung Ampel" in operator.get(path).getvalue(), path
        assert b"Lumbung Ampel" not in planner.get(path).getvalue(), path
    assert "Lumbung sosial – " in text_of(planner)
    assert "Lumbung sosial – " in text_of(planner, page)
    kinds = {one["properties"]["what"] for one in planner.get(drawn).json()["features"]}
    assert kinds.isdisjoint({"store", "source", "line"})


def test_a_planner_sees_the_desk_and_has_no_buttons(signed_in, hazard):
    page = text_of(signed_in("planner"))
    assert "Panggilan berikutnya" not in page
    assert "Buat rencana" not in page
    assert "Saya tangani" not in page
