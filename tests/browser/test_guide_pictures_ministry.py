"""The pictures of docs/guide for the ministry's chapters: command centre, indicators, maps.

Made as those of `test_guide_pictures`: in Indonesian, only where PICTURES names a folder.
"""

from __future__ import annotations

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from apps.commandcentre.models import Plan
from tests.browser.conftest import settled
from tests.browser.test_desk import BOARD, hazard  # noqa: F401 (a fixture)
from tests.browser.test_guide_pictures import (
    LAPTOP,
    PICTURES,
    named,  # noqa: F401 (a fixture)
    page_of,  # noqa: F401 (a fixture)
    take,
)
from tests.browser.test_pockets import PAGE as POCKETS
from tests.browser.test_pockets import compared  # noqa: F401 (a fixture)
from tests.browser.test_thematic_map import VILLAGES, counts, opened  # noqa: F401 (a fixture)
from tests.conftest import as_role
from tests.indicators.figures.objects import figure_objects
from tests.personas import OWN

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not PICTURES, reason="PICTURES names no folder (make pictures)"),
]


def test_command_centre(hazard, page_of, watch):  # noqa: F811
    watch.expected.append("EventSource")  # the server of these tests has no streams
    page = page_of("operator", LAPTOP)
    page.goto(BOARD)
    settled(page)
    expect(page.locator("#hazard-map")).to_have_attribute("data-drawn", "4")
    take(page, "pusat-kendali", 768)
    page.goto(f"/command-centre/plans/{Plan.objects.get().pk}/")
    take(page, "rencana", 900)


def test_published_figures(page_of):  # noqa: F811
    cache.clear()
    with as_role("owner"):
        made = figure_objects(OWN)
    page = page_of("planner", LAPTOP)
    page.goto(f"/indicators/publications/{made['publication']}/")
    take(page, "angka-terbitan", 800)


def test_pockets(compared, page_of):  # noqa: F811
    page = page_of("planner", LAPTOP)
    page.goto(POCKETS)
    settled(page)
    expect(page.locator("#pocket-map")).to_have_attribute("data-drawn", "5")
    take(page, "kantong", 900)


def test_thematic_map(counts, page_of):  # noqa: F811
    page = opened(page_of("planner", LAPTOP), f"measure=enrolled_share&{VILLAGES}")
    take(page, "peta-tematik", 820)
