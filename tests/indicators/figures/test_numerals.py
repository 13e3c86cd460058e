"""Numbers whose thousands and decimals are written in two ways."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.imports.cells import Unreadable
from apps.indicators.figures.numerals import is_nothing, read_number, writing_of


@pytest.mark.parametrize(
    ("column", "cell", "number"),
    [
        (["18.98", "7.71"], "18.980", "18.980"),
        (["18,98", "7,71"], "18,980", "18.980"),
        (["18,98", "1.234,5"], "7.148", "7148"),
        (["1,234.5"], "7,148", "7148"),
        (["1.234.567"], "2.345", "2345"),
        (["18.98", "18,98"], "7.5", "7.5"),
        (["18.98", "18,98"], "7,5", "7.5"),
        (["0.125"], "0.125", "0.125"),
        (["12"], "12,5 %", "12.5"),
        (["12"], "-0,5", "-0.5"),
        (["12"], "1.5E+3", "1500"),
        (["12"], "1 234,5", "1234.5"),
    ],
)
def test_a_cell_is_read_as_its_column_writes_numbers(column, cell, number):
    assert read_number(cell, writing_of([*column, cell])) == Decimal(number)


def test_a_count_without_other_evidence_has_thousands():
    assert read_number("7.148", writing_of(["7.148", "8.676"]), is_whole=True) == 7148


@pytest.mark.parametrize(
    ("column", "cell", "fault"),
    [
        (["18.98", "18,98"], "18.980", "ambiguous"),
        (["7.148", "8.676"], "7.148", "ambiguous"),
        ([], "1.23.4", "number"),
        ([], "1,2.345,6", "number"),
        ([], "empat", "number"),
        ([], "12-13", "number"),
        ([], "1" * 15, "large"),
    ],
)
def test_a_cell_that_may_be_read_in_two_ways_is_not_guessed(column, cell, fault):
    with pytest.raises(Unreadable, match=fault):
        read_number(cell, writing_of([*column, cell]))


@pytest.mark.parametrize("cell", ["", "-", "–", "…", "...", "n.a.", "NA", " "])
def test_signs_for_no_figure_are_no_number(cell):
    assert is_nothing(cell)
