"""Who sees no colours, or reads a grey print, still names the verdict of a point (ux.md, test 7).

A reader that knows shapes alone names twenty markers as Chromium draws them on the map: in colour,
as people without one kind of cone see it, in grey, and as it is printed. It learns the six shapes
from one marker each. Every marker stands out from the land in each of these, and the list has a
sign and a word for each verdict.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.contrib.gis.geos import Point
from django.core.cache import cache
from PIL import Image
from playwright.sync_api import Page, expect

from apps.demo import country
from apps.proposals.chips import MARKS
from apps.proposals.models import Verdict
from tests.browser.conftest import settled
from tests.browser.map_tools import CLOSER, PLACE, drawn
from tests.maps.tiles import outlined
from tests.proposals import factory

pytestmark = pytest.mark.django_db(transaction=True)

ON_MAP = [verdict for verdict in Verdict if verdict != Verdict.NO_POINT]
TO_NAME, MUST_NAME = 20, 19
LEAST_CONTRAST = 3.0
ZOOM, SIDE = 15.25, 26
# five rows of seven places, apart from each other and from the village's name
PLACES = [
    (0.12 + column * 0.127, up) for up in (0.12, 0.29, 0.71, 0.88) for column in range(7)
]  # fmt: skip
SEEN_AS = {
    "colour": ("none", "screen"),
    "without red cones": ("protanopia", "screen"),
    "without green cones": ("deuteranopia", "screen"),
    "without blue cones": ("tritanopia", "screen"),
    "grey": ("achromatopsia", "screen"),
    "printed grey": ("achromatopsia", "print"),
}


@pytest.fixture
def markers(person) -> list[tuple[Verdict, tuple[float, float]]]:
    """A point of each verdict, then twenty whose verdicts follow in no order."""
    cache.clear()
    outlined()
    own = factory.batch(person("regency_officer"), status="submitted")
    verdicts = ON_MAP + [ON_MAP[(n * 5 + n // 6) % 6] for n in range(TO_NAME)]
    assert set(verdicts[len(ON_MAP) :]) == set(ON_MAP)
    made = [
        (verdict, country.at("A", *place)) for verdict, place in zip(verdicts, PLACES, strict=False)
    ]
    for number, (verdict, at) in enumerate(made, 1):
        factory.proposals(
            own, 1, first=number, status="submitted", verdict=verdict,
            location=Point(*at, srid=4326), kk=factory.nik_of(number),
        )  # fmt: skip
    return made


def light(picture: Any) -> Any:
    """The relative luminance of each pixel (WCAG)."""
    part = picture / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def ground(bright: Any) -> float:
    """The luminance of what lies around a marker."""
    edge = [bright[0], bright[-1], bright[:, 0], bright[:, -1]]
    return float(np.median(np.concatenate(edge)))


def shape(bright: Any) -> Any:
    """The dark pixels of a marker: neither its colour nor its white edge."""
    return bright < (ground(bright) + bright.min()) / 2


def difference(one: Any, other: Any) -> float:
    """The share of two shapes that is not common; one of them may be moved by a pixel."""
    return min(
        float((one ^ moved).sum() / (one | moved).sum())
        for down in (-1, 0, 1)
        for right in (-1, 0, 1)
        for moved in [np.roll(np.roll(other, down, 0), right, 1)]
    )


def cut_out(page: Page, made: list[tuple[Verdict, tuple[float, float]]]) -> list[Any]:
    """The luminance of a small square around each marker, as it is on the screen."""
    whole = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(float)
    found = []
    for _verdict, at in made:
        x, y = (round(part) - SIDE // 2 for part in page.evaluate(PLACE, list(at)))
        assert 0 <= x <= whole.shape[1] - SIDE, "a marker is not in sight"
        assert 0 <= y <= whole.shape[0] - SIDE, "a marker is not in sight"
        found.append(light(whole[y : y + SIDE, x : x + SIDE]))
    return found


@pytest.mark.long
def test_twenty_markers_are_named_by_their_shape_alone(markers, as_person, shot, figure):
    page = as_person("verifier")
    page.goto("/proposals/review/?status=submitted")
    drawn(page)
    page.evaluate(CLOSER, [*country.at("A", 0.5, 0.5), ZOOM])
    page.wait_for_timeout(300)
    drawn(page)
    tools = page.context.new_cdp_session(page)
    named, contrast, apart = {}, {}, {}
    for words, (eyes, medium) in SEEN_AS.items():
        tools.send("Emulation.setEmulatedVisionDeficiency", {"type": eyes})
        page.emulate_media(media=medium)
        page.wait_for_timeout(200)
        shot(page, words.replace(" ", "-"))
        seen = cut_out(page, markers)
        shapes = [shape(bright) for bright in seen]
        known = dict(zip(ON_MAP, shapes, strict=False))
        named[words] = sum(
            min(known, key=lambda one: difference(known[one], mask)) == verdict  # noqa: B023
            for (verdict, _at), mask in list(zip(markers, shapes, strict=True))[len(known) :]
        )
        contrast[words] = min((ground(one) + 0.05) / (float(one.min()) + 0.05) for one in seen)
        apart[words] = min(
            difference(known[one], known[other]) for one in known for other in known if one < other
        )
    worst = f"least contrast {min(contrast.values()):.2f}, shapes apart {min(apart.values()):.2f}"
    figure("verdicts named by shape", min(named.values()), f"of {TO_NAME}", f"≥ {MUST_NAME}")
    figure("verdict markers", worst, "", f"≥ {LEAST_CONTRAST}, ≥ {APART}")
    assert {words: n for words, n in named.items() if n < MUST_NAME} == {}, named
    assert {words: n for words, n in contrast.items() if n < LEAST_CONTRAST} == {}, contrast
    assert {words: n for words, n in apart.items() if n < APART} == {}, apart


# Two filled shapes of one size differ by a fifth: too little for a glance at a small mark.
APART = 0.25


@pytest.mark.long
def test_each_verdict_has_a_sign_and_a_word_in_list_and_print(markers, as_person):
    assert len(set(MARKS.values())) == len(Verdict)
    page = as_person("verifier", language="id")
    page.goto("/proposals/review/?status=submitted&view=table")
    settled(page)
    page.emulate_media(media="print")
    for verdict in ON_MAP:
        chip = page.locator(f".chip.verdict-{verdict}").first
        expect(chip).to_contain_text(f"{MARKS[verdict]}{verdict.label}")
        expect(chip.locator(".mark")).to_be_visible()


LOOK = re.compile(r'(\w+): \{ shape: "(\w+)", color: "(#\w+)"')


def test_both_maps_draw_a_verdict_alike_and_each_with_a_shape_of_its_own():
    files = ("maps/vector_map.js", "proposals/proposals_map.js")
    looks = [
        {name: (shape, color) for name, shape, color in LOOK.findall(_static(file))}
        for file in files
    ]
    assert {name: looks[1][name] for name in looks[0]} == looks[0]
    assert set(looks[0]) == set(map(str, ON_MAP))
    assert len({shape for shape, _color in looks[0].values()}) == len(ON_MAP)


def _static(name: str) -> str:
    return (Path(settings.BASE_DIR) / "static" / name).read_text()
