"""Published figures on the thematic map: the same page, everybody's region, by release."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import timezone

from apps.indicators.models import Indicator, Release, Value
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    with as_role("owner"):
        one, _made = Indicator.objects.update_or_create(
            code="poverty_rate",
            defaults={
                "name": "Persentase penduduk miskin", "name_en": "Poverty rate",
                "origin": "published", "kind": "rate", "unit": "persen", "decimals": 2,
                "denominator": "penduduk", "publisher": "BPS",
            },
        )  # fmt: skip
        release = Release.objects.create(
            indicator=one, period_start=date(2021, 1, 1), period="2021", level="regency",
            source="BPS 2021", code_system="bps", stored_at=timezone.now(), is_current=True,
        )  # fmt: skip
        Value.objects.create(release=release, region_id="97.01", value="12.34")
        Value.objects.create(release=release, region_id="98.01", value="7.5")
    return one


def test_a_published_figure_is_shown_with_its_source_also_outside_the_scope(published, signed_in):
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answer = browser.get("/maps/?measure=poverty_rate&level=regency")
    found = {row.code: row.value for row in answer.context["theme"].rows}
    assert found == {"97.01": 12.34, "97.02": None, "98.01": 7.5, "98.02": None}
    text = answer.content.decode()
    assert "Source: BPS 2021, 2021" in text
    assert "Denominator: penduduk" in text


def test_levels_below_the_release_are_not_offered(published, signed_in):
    browser = signed_in("planner")
    answer = browser.get("/maps/?measure=poverty_rate&level=village&within=97.01")
    assert "village" not in [value for value, _label in answer.context["levels"]]
