"""What the page of a column choice shows, and what was chosen on it."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from apps.imports import column_choice
from apps.imports.column_choice import ChoiceForm, OurColumn

HEADER = ["NIK", "Nama", ""]
ROWS = [["9701011201889001", "SITI", "x"], ["", "BUDI"]]


def test_numbers_of_people_are_masked_in_the_samples():
    found = column_choice.file_columns(HEADER, ROWS)
    assert [one.samples for one in found] == [["970101••••••9001"], ["SITI", "BUDI"], ["x"]]


@pytest.mark.parametrize(("sent", "at"), [("1", 1), ("", None), ("9", None), ("x", None)])
def test_a_position_is_taken_as_far_as_the_file_has_it(sent, at):
    form = ChoiceForm(QueryDict(f"column_nik={sent}"))
    assert form.positions(["nik", "name"], 3) == {"nik": at, "name": None}


def test_a_column_that_was_chosen_twice_is_named():
    said = column_choice.taken_twice({"nik": 0, "kk": 0, "name": 1}, HEADER, str.upper)
    assert "NIK, KK" in said
    assert not column_choice.taken_twice({"nik": 0, "name": 1}, HEADER, str.upper)


def test_the_choice_shows_what_is_chosen_and_why():
    ours = [
        OurColumn("nik", "NIK", True, 0, reason="proposed by its heading"),
        OurColumn("name", "NAMA", False, None),
    ]
    found = column_choice.file_columns(HEADER, ROWS)
    page = render_to_string("imports/_columns.html", {"ours": ours, "found": found})
    assert page.count("selected") == 1
    assert "proposed by its heading" in page
    assert "disabled" not in page
    fixed = render_to_string(
        "imports/_columns.html", {"ours": ours, "found": found, "is_fixed": True}
    )
    assert fixed.count("disabled") == 2
