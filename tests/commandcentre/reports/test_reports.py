"""What goes out about a hazard: numbers of the assessment, no person, areas for other readers."""

from __future__ import annotations

import csv
from io import StringIO
from json import loads
from typing import Any
from xml.etree import ElementTree

import pytest
from django.contrib.gis.geos import Polygon
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.commandcentre.models import ReportFile
from apps.commandcentre.reports import hazard_map
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


def village_properties(content: bytes) -> list[dict[str, Any]]:
    features = loads(content)["features"]
    return [one["properties"] for one in features if one["properties"]["what"] == "village"]


def test_the_files_have_all_villages_where_the_map_draws_some(browser, assessment, monkeypatch):
    monkeypatch.setattr(hazard_map, "MOST_VILLAGES", 1)
    path = reverse("commandcentre:hazard-villages", args=[assessment.hazard.pk, "geojson"])
    answer = browser.get(path)
    found = village_properties(b"".join(answer.streaming_content))
    answer = browser.get(path.replace("geojson", "csv"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    # the same villages, order and columns: "" in the one is null in the other
    assert [row["kode_desa"] for row in rows] == [CODES["B"], CODES["A"]]
    for row, about in zip(rows, found, strict=True):
        assert set(row) <= set(about)
        for name in ("kode_desa", "jiwa", "lansia", "balita", "versi", "edisi_batas"):
            assert str(about[name]) == row[name]
    issue = reverse("commandcentre:report-issue", args=[assessment.hazard.pk])
    browser.post(issue, {"corrects": "", "reason": ""})
    sealed = ReportFile.objects.get(format="geojson")
    assert len(village_properties(bytes(sealed.content))) == 2


def test_a_map_says_how_many_villages_it_does_not_draw(browser, assessment, monkeypatch):
    monkeypatch.setattr(hazard_map, "MOST_VILLAGES", 1)
    drawn = loads(content(browser, "hazard-shapes", assessment.hazard))
    assert drawn["left_out"] == 1
    assert len([one for one in drawn["features"] if one["properties"]["what"] == "village"]) == 1
    assert (
        "1 lainnya ada di dalam berkas"
        in content(browser, "report-map", assessment.hazard).decode()
    )
    monkeypatch.setattr(hazard_map, "MOST_VILLAGES", 2)
    assert loads(content(browser, "hazard-shapes", assessment.hazard))["left_out"] == 0
