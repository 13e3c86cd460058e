"""The words of findings: from the row's own data, in both languages, without words that scold."""

import re

import pytest
from django.utils import translation

from apps.proposals.checks import finding_texts
from apps.proposals.rules import RULES

FORBIDDEN = re.compile(
    r"\b(invalid|please|sorry|forbidden|error|tidak valid|mohon|harap|silakan)\b", re.I
)


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def test_a_short_nik_is_told_with_its_length_its_place_and_its_content():
    words = finding_texts.text(
        "nik_length",
        params={"length": 15, "value": "350608120145001"},
        row_number=47,
        field="nik",
    )
    assert words.title == "NIK has 15 digits, it should have 16."
    assert words.detail == 'Row 47, column NIK: "350608120145001".'
    assert words.remedy.startswith("Look at the identity card")


def test_a_complete_nik_stays_masked():
    words = finding_texts.text(
        "duplicate_in_file",
        params={"first_row": 102, "value": "3506081201459001"},
        row_number=240,
        field="nik",
    )
    assert "102" in words.title
    assert "350608••••••9001" in words.detail
    assert "3506081201459001" not in str(words)


def test_metres_and_kilometres_are_written_as_people_say_them():
    for metres, said in ((860.4, "860 m"), (2412.0, "2.4 km")):
        words = finding_texts.text(
            "neighbour",
            params={"actual": "Beji", "village": "Ampel", "distance_m": metres},
            field="latitude",
        )
        assert said in words.title


def test_numbers_follow_the_language():
    with translation.override("id"):
        words = finding_texts.text("neighbour", params={"distance_m": 2412.0}, field="latitude")
    assert "2,4 km" in words.title


def test_a_woman_whose_nik_is_a_mans():
    words = finding_texts.text(
        "nik_sex", params={"sex": "P", "value": "P"}, field="sex", row_number=1
    )
    assert words.title == "By its NIK this person is a man, column JENIS KELAMIN says P."


def test_an_old_proposal_is_told_with_its_date_and_village():
    words = finding_texts.text(
        "already_proposed", params={"date": "2026-11-03", "village": "Ampel"}, field="nik"
    )
    assert "3 Nov 2026" in words.title
    assert "Ampel" in words.title


@pytest.mark.parametrize("code", sorted(RULES))
def test_every_text_is_shown_even_when_a_parameter_is_missing(code):
    words = finding_texts.text(code, params={}, row_number=3, field=RULES[code].field or "address")
    for part in (words.title, words.detail, words.remedy):
        assert part
        assert "%(" not in part
        assert not FORBIDDEN.search(part)
