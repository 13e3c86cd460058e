"""Days are typed in one writing, whatever the browser's language is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django import forms

from apps.common.text.days import DayField, written

HOUSE = Path(__file__).parents[2]


class Form(forms.Form):
    day = DayField(help_text="Empty: today.")


@pytest.mark.parametrize(
    "text",
    ["01-02-2000", "1-2-2000", "1/2/2000", "01.02.2000", "1 2 2000", "01022000", "2000-02-01"],
)
def test_a_day_is_read_in_every_writing_with_the_day_first_and_in_iso(text, settings):
    for settings.LANGUAGE_CODE in ("id", "en"):
        form = Form({"day": text})
        assert form.is_valid()
        assert form.cleaned_data["day"] == date(2000, 2, 1)
    assert written(text) == "01-02-2000"


@pytest.mark.parametrize(
    "text", ["02/13/2000", "1122000", "31-02-2000", "1 Feb 2000", "1-2-00", "besok"]
)
def test_text_that_is_not_a_day_is_refused_and_kept_in_the_field(text):
    form = Form({"day": text})
    assert "31-10-2026" in form.errors["day"][0]
    assert f'value="{text}"' in str(form["day"])


def test_a_day_that_does_not_exist_is_not_read_in_another_order():
    assert written("2/13/2000") == "02-13-2000"
    assert written("besok") == "besok"


def test_the_field_is_text_with_its_writing_beside_it():
    form = Form(initial={"day": date(2000, 2, 1)})
    assert 'type="text"' in str(form["day"])
    assert 'value="01-02-2000"' in str(form["day"])
    assert str(form["day"].help_text).startswith("Empty: today. ")
    assert "31-10-2026" in str(form["day"].help_text)


def test_no_form_asks_for_a_day_with_the_browsers_own_field():
    sources = [*HOUSE.glob("apps/**/*.py"), *HOUSE.glob("portal/**/*.py")]
    for source in [*sources, *HOUSE.glob("templates/**/*.html")]:
        text = source.read_text()
        for own in ('type="date"', '"type": "date"', "type='date'", "AdminDateWidget"):
            assert own not in text, source
        if source.name != "days.py":
            assert "forms.DateField(" not in text, source
