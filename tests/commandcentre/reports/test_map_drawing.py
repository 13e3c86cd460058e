"""The drawn map: in its frame, to scale, with what the legend names and nothing from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from apps.commandcentre.reports import hazard_map
from apps.commandcentre.reports.map_drawing import Style, draw_map
from apps.commandcentre.reports.svg import write_svg
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed, solved
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role

SVG = "{http://www.w3.org/2000/svg}"


def one(what: str, kind: str, coordinates: Any, **about: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": kind, "coordinates": coordinates},
        "properties": {"what": what, **about},
    }


def square(west: float, south: float, side: float) -> list[list[list[float]]]:
    east, north = west + side, south + side
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


FEATURES = [
    one("band", "Polygon", square(109.9, -7.9, 0.4), severity=4.5, label="MMI V"),
    one("village", "Polygon", square(110.0, -7.8, 0.1), severity=4.5, persons=12, name="Ampel"),
    one("village", "Polygon", square(110.1, -7.8, 0.1), severity=4.5, name="Beji"),
    one("line", "LineString", [[110.4, -7.7], [110.05, -7.75]], units=5, crossings=1),
    one("source", "Point", [110.4, -7.7], name="Lumbung & Gudang <Uji>"),
]


def test_villages_and_sources_are_inside_the_frame_and_true_to_scale():
    drawing = draw_map(FEATURES, Style())
    villages = [shape for shape in drawing.shapes if shape.opacity in (0.9, 0.45) and shape.stroke]
    assert len(villages) == 2
    for shape in villages:
        xs, ys = zip(*shape.rings[0], strict=True)
        assert 0 < min(xs) < max(xs) < drawing.width * 0.75
        assert 0 < min(ys) < max(ys) < drawing.height
        # a degree of longitude is shorter by the cosine of the latitude
        assert (max(xs) - min(xs)) / (max(ys) - min(ys)) == pytest.approx(0.991, abs=0.01)


def test_a_way_over_the_sea_is_dashed_and_the_legend_says_so():
    texts = " ".join(shape.text for shape in draw_map(FEATURES, Style()).shapes if shape.text)
    assert "MMI V" in texts
    assert "menyeberang laut" in texts
    dashed = [shape for shape in draw_map(FEATURES, Style()).shapes if shape.dash]
    assert len(dashed) == 2  # on the map and in the legend
    assert "Lumbung" not in texts


def test_the_svg_is_one_and_asks_nothing_of_elsewhere():
    root = ElementTree.fromstring(write_svg(draw_map(FEATURES, Style(margin=("a < b & c",)))))  # noqa: S314
    assert root.tag == f"{SVG}svg"
    assert not {element.tag for element in root.iter()} - {
        f"{SVG}{name}" for name in ("svg", "title", "path", "text")
    }
    for element in root.iter():
        assert not {"style", "href", "onload", "class"} & set(element.attrib)


def test_without_any_feature_the_country_is_drawn():
    assert draw_map([], Style()).about


@pytest.mark.django_db
def test_the_map_of_a_plan_has_its_sources_and_lines(person, signed_in):
    assessment = assessed({"A": 40, "B": 20})
    with as_role("owner"):
        place = facility("Gudang Uji", "A", kind="warehouse")
        stocked(place, 500, "rice")
        stocked(facility("Gudang Lain", "D", kind="warehouse"), 5, "kidware")
        spoilt = facility("Gudang Basi", "D", kind="warehouse")
        stocked(spoilt, 5, "rice", expires=NOW.date() - timedelta(days=400))
    plan = solved(assessment, person("operator"))
    found = hazard_map.help_features(assessment, [plan.pk])
    lines = [one for one in found if one["properties"]["what"] == "line"]
    assert {one["properties"]["name"] for one in lines} == {"Gudang Uji"}
    assert len(lines) == 2
    sources = [one for one in found if one["properties"]["what"] == "source"]
    assert [one["properties"]["name"] for one in sources] == ["Gudang Uji"]
    stores = [one["properties"]["name"] for one in found if one["properties"]["what"] == "store"]
    assert stores == ["Gudang Lain"]
    answer = signed_in("planner").get(
        reverse("commandcentre:report-map", args=[assessment.hazard_id])
    )
    assert answer["Content-Type"].startswith("image/svg+xml")
    assert answer.content.startswith(b"<svg")
