"""A drawn area becomes a hazard; what is none is refused with the corner or the place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.commandcentre.exposure import assessment
from apps.commandcentre.hazards import drawing
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.models import Hazard
from apps.common.errors import DomainError
from apps.demo.country import CODES, at
from apps.jobs.models import Job
from tests.commandcentre.board.hazards import an_assessed_hazard

pytestmark = pytest.mark.django_db
PATH = "/command-centre/hazards/draw/"


def corners(*places: tuple[float, float]) -> str:
    return "\n".join(f"{east:.5f}, {north:.5f}" for east, north in places)


# over A and C, and a part of neither B nor D
WEST = corners(at("C", 0.2, 0.5), at("C", 0.8, 0.5), at("A", 0.8, 0.5), at("A", 0.2, 0.5))


def form(**values: str) -> dict[str, str]:
    now = timezone.localtime()
    known = {
        "title": "Banjir Kali Lor",
        "kind": "flood",
        "day": f"{now:%d-%m-%Y}",
        "time": f"{now:%H.%M}",
        "severity": "3",
        "status": "actual",
        "note": "Laporan Tagana",
        "area": WEST,
    }
    return known | values


def test_the_page_stores_the_hazard_and_asks_the_worker(signed_in, role):
    answer = signed_in("operator").post(PATH, form())
    hazard = Hazard.objects.get()
    assert answer["Location"] == reverse("commandcentre:hazard", args=[hazard.pk])
    assert (hazard.kind, hazard.source, hazard.title) == ("flood", "operator", "Banjir Kali Lor")
    [footprint] = hazard.footprints.all()
    assert (footprint.method, footprint.measure, footprint.lower) == ("drawn", "class", 3)
    with role("worker"):
        assert Job.objects.get(kind=ASSESS_HAZARD).subject == f"commandcentre.Hazard:{hazard.pk}"
        found = assessment.assess(hazard, now=timezone.now())
    met = set(found.affected.values_list("village_id", flat=True))
    assert met == {CODES["A"], CODES["C"]}


def test_a_form_that_is_sent_twice_makes_one_hazard(signed_in):
    browser = signed_in("operator")
    token = browser.get(PATH).context["form"]["form"].value()
    assert token != browser.get(PATH).context["form"]["form"].value()
    first = browser.post(PATH, form(form=token))
    assert browser.post(PATH, form(form=token))["Location"] == first["Location"]
    hazard = Hazard.objects.get()
    assert (hazard.revision, hazard.footprints.count()) == (1, 1)


def test_the_next_state_of_a_drawn_hazard_is_a_version_of_it(signed_in, role):
    browser = signed_in("operator")
    browser.post(PATH, form())
    hazard = Hazard.objects.get()
    began = hazard.occurred_at
    assert (
        f"{PATH}?hazard={hazard.pk}"
        in browser.get(reverse("commandcentre:hazard", args=[hazard.pk])).content.decode()
    )
    page = browser.get(f"{PATH}?hazard={hazard.pk}")
    first = {one.name: one.value() for one in page.context["form"]}
    assert (first["title"], first["severity"]) == ("Banjir Kali Lor", 3)
    assert drawing.read_area(first["area"]).sym_difference(drawing.read_area(WEST)).area < 1e-7
    wider = corners(at("C", 0.2, 0.5), at("D", 0.8, 0.5), at("B", 0.8, 0.5), at("A", 0.2, 0.5))
    later = form(hazard=str(hazard.pk), area=wider, severity="4")
    for _time in range(2):
        browser.post(PATH, later)
    hazard = Hazard.objects.get()
    assert (hazard.revision, hazard.occurred_at) == (2, began)
    assert hazard.footprints.get(revision=2).lower == 4
    with role("worker"):
        found = assessment.assess(hazard, now=timezone.now())
    met = set(found.affected.values_list("village_id", flat=True))
    assert met == {CODES[letter] for letter in "ABCD"}


def test_the_next_state_may_correct_the_title_alone(signed_in):
    browser = signed_in("operator")
    browser.post(PATH, form())
    hazard = Hazard.objects.get()
    browser.post(PATH, form(hazard=str(hazard.pk), revision="1", title="Banjir Kali Kidul"))
    hazard.refresh_from_db()
    assert (hazard.title, hazard.revision) == ("Banjir Kali Kidul", 2)


def test_a_state_that_was_drawn_from_an_older_one_overwrites_nothing(signed_in):
    browser = signed_in("operator")
    browser.post(PATH, form())
    hazard = Hazard.objects.get()
    first = {one.name: one.value() for one in browser.get(f"{PATH}?hazard=1").context["form"]}
    assert not first["revision"]
    page = browser.get(f"{PATH}?hazard={hazard.pk}")
    assert page.context["form"]["revision"].value() == 1
    mine = form(hazard=str(hazard.pk), revision="1", severity="4")
    for _time in range(2):
        assert browser.post(PATH, mine).status_code == 302
    other = form(hazard=str(hazard.pk), revision="1", severity="1")
    assert "versi 2" in browser.post(PATH, other).content.decode()
    hazard.refresh_from_db()
    assert (hazard.revision, hazard.footprints.get(revision=2).lower) == (2, 4)


def test_a_scenario_becomes_no_actual_hazard_by_its_next_state(signed_in):
    browser = signed_in("operator")
    browser.post(PATH, form(status="scenario"))
    hazard = Hazard.objects.get()
    page = browser.post(PATH, form(hazard=str(hazard.pk), severity="4")).content.decode()
    assert "beri kejadian itu nama lain" in page
    hazard.refresh_from_db()
    assert (hazard.status, hazard.revision) == ("scenario", 1)


def test_a_hazard_of_a_feed_and_one_that_is_closed_get_no_state_by_drawing(signed_in, role):
    browser = signed_in("operator")
    browser.post(PATH, form())
    with role("owner"):
        quake = an_assessed_hazard()
        Hazard.objects.filter(source="operator").update(closed_at=timezone.now())
    mine = Hazard.objects.get(source="operator")
    for hazard, words in ((quake, "digambar di sini"), (mine, "sudah ditutup")):
        page = browser.post(PATH, form(hazard=str(hazard.pk), area=WEST)).content.decode()
        assert words in page
    assert not browser.get(f"{PATH}?hazard={quake.pk}").context["form"]["hazard"].value()
    assert set(Hazard.objects.values_list("revision", flat=True)) == {1}


def test_the_same_form_with_another_area_is_another_hazard(signed_in):
    browser = signed_in("operator")
    browser.post(PATH, form(form="a"))
    other = corners(at("B", 0.2, 0.5), at("B", 0.8, 0.5), at("B", 0.8, 0.9))
    browser.post(PATH, form(form="a", area=other))
    assert Hazard.objects.count() == 2


def test_a_scenario_that_is_sent_twice_is_one(signed_in):
    browser, path = signed_in("operator"), reverse("commandcentre:scenario")
    known = {
        "title": "Uji",
        "latitude": "-7.77",
        "longitude": "110.01",
        "magnitude": "6.5",
        "depth_km": "10",
        "status": "scenario",
        "form": browser.get(path).context["form"]["form"].value(),
    }
    first = browser.post(path, known)
    assert browser.post(path, known)["Location"] == first["Location"]
    assert Hazard.objects.count() == 1
    browser.post(path, known | {"magnitude": "7.5"})
    browser.post(path, known | {"form": ""})
    browser.post(path, known | {"form": ""})
    assert Hazard.objects.count() == 4


def test_the_form_says_where_the_area_is_wrong_and_keeps_what_was_typed(signed_in):
    crossing = corners(at("A"), at("D"), at("B"), at("C"))
    answer = signed_in("operator").post(PATH, form(area=crossing))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "memotong dirinya sendiri di dekat -7.77000, 110.01000" in page
    assert "Laporan Tagana" in page
    assert not Hazard.objects.exists()


@pytest.mark.parametrize(
    ("area", "code"),
    [
        ("", "drawn_few"),
        (corners(at("A"), at("B")), "drawn_few"),
        (corners(at("A"), at("B"), at("A")), "drawn_few"),
        (corners(at("A"), at("A", 0.6, 0.5), at("A", 0.7, 0.5)), "drawn_flat"),
        (corners(at("A"), at("D"), at("B"), at("C")), "drawn_crossing"),
        ("-7.76, 110.0\n-7.77, 110.0\n-7.77, 110.1", "drawn_unreadable"),
        ("2.35, 48.85\n2.36, 48.85\n2.36, 48.86", "drawn_abroad"),
        ("130.0, -10.9\n130.1, -10.9\n130.1, -10.8", "drawn_no_village"),
        ("satu, dua", "drawn_unreadable"),
        ("nan, nan\n1, 2\n3, 4", "drawn_unreadable"),
        ("\n".join(["110.0, -7.7"] * 600), "drawn_many"),
    ],
)
def test_what_is_no_area_is_refused_by_its_own_name(area, code):
    with pytest.raises(DomainError, match=f"^{code}$"):
        drawing.read_area(area)


def test_a_ring_that_is_closed_already_is_the_same_area():
    assert drawing.read_area(WEST).equals(drawing.read_area(WEST + "\n" + WEST.split("\n")[0]))


def test_an_actual_hazard_does_not_lie_in_the_future_and_a_scenario_may(signed_in):
    tomorrow = timezone.localtime() + timedelta(days=1)
    browser = signed_in("operator")
    page = browser.post(PATH, form(day=f"{tomorrow:%d-%m-%Y}")).content.decode()
    assert "masa depan" in page
    assert not Hazard.objects.exists()
    browser.post(PATH, form(day=f"{tomorrow:%d-%m-%Y}", status="scenario"))
    assert Hazard.objects.get().status == "scenario"


@pytest.mark.parametrize("time", ["25.00", "7", "07.60", "siang"])
def test_a_time_that_is_none_is_refused(signed_in, time):
    page = signed_in("operator").post(PATH, form(time=time)).content.decode()
    assert "14.05" in page
    assert not Hazard.objects.exists()


def test_only_operators_draw(signed_in):
    assert signed_in("planner").get(PATH).status_code == 403
    assert signed_in("planner").post(PATH, form()).status_code == 403
