"""What goes out about a hazard: numbers of the assessment, no person, areas for other readers."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.contrib.gis.geos import Polygon
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.demo.country import CODES
from tests.commandcentre.planning.needs import assessed, solved
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


@pytest.fixture
def assessment():
    return assessed({"A": 40, "B": 20}, severe="B")


@pytest.fixture
def browser(signed_in):
    return signed_in("operator")


def content(browser, name: str, hazard) -> bytes:
    answer = browser.get(reverse(f"commandcentre:{name}", args=[hazard.pk]))
    assert answer.status_code == 200
    return answer.content


def test_the_report_names_villages_needs_and_what_is_missing(browser, assessment, person):
    with as_role("owner"):
        place = facility("Gudang Uji", "A", kind="warehouse")
    stocked(place, 50, "rice")
    solved(assessment, person("operator"))
    text = content(browser, "report", assessment.hazard).decode()
    # the severely met village first; 72 kg of rice for 60 persons and three days
    assert text.index(CODES["B"]) < text.index(CODES["A"])
    needs = text[text.index("<h2>Kebutuhan") :]
    rice = needs[needs.index("Beras") :]
    assert [rice.index(number) for number in ("72", "50", "22")] == sorted(
        rice.index(number) for number in ("72", "50", "22")
    )


def test_a_hazard_that_was_not_assessed_says_so(browser, assessment):
    with as_role("owner"):
        assessment.delete()
    text = content(browser, "report", assessment.hazard).decode()
    assert "belum dinilai" in text


def test_the_pdf_is_one_and_the_export_is_recorded(browser, assessment):
    assert content(browser, "report-pdf", assessment.hazard).startswith(b"%PDF-")
    entry = Entry.objects.filter(action=Action.EXPORT).latest("pk")
    assert entry.subject == f"commandcentre.Hazard:{assessment.hazard.pk}"
    assert entry.details["format"] == "pdf"


def test_the_cap_message_says_where_with_latitude_first(browser, assessment):
    root = ElementTree.fromstring(content(browser, "report-cap", assessment.hazard))  # noqa: S314
    assert root.tag == f"{CAP}alert"
    assert root.findtext(f"{CAP}msgType") == "Alert"
    infos = root.findall(f"{CAP}info")
    assert [one.findtext(f"{CAP}language") for one in infos] == ["id", "en"]
    ring = infos[0].findtext(f"{CAP}area/{CAP}polygon").split()
    places = [tuple(map(float, place.split(","))) for place in ring]
    assert places[0] == places[-1]
    drawn = Polygon([(east, north) for north, east in places])
    assert drawn.extent == (110.0, -7.8, 110.1, -7.7)
