"""Quantities and phones as offices write them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.imports import cells


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("700", 700, ""),
        ("700.0", 700, ""),
        ("700 paket", 700, "paket"),
        ("1.000", 1_000, ""),
        ("1.250.000,5", Decimal("1250000.5"), ""),
        ("1,250,000", 1_250_000, ""),
        ("1,250.5", Decimal("1250.5"), ""),
        ("12,5 kg", Decimal("12.5"), "kg"),
        ("0,250", Decimal("0.25"), ""),
        ("1 t.", 1, "t"),
        ("10 000", 10_000, ""),
        ("504l", 504, "l"),
    ],
)
def test_a_quantity_is_read_with_its_unit(text, amount, unit):
    assert cells.quantity(text) == (amount, unit)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("banyak", "number"),
        ("-", "number"),
        ("tujuh ratus", "number"),
        ("1,000", "ambiguous"),
        ("-5", "negative"),
        ("1e3", "number"),
        ("12-15", "number"),
        ("1.00.0", "number"),
        ("", "number"),
    ],
)
def test_what_is_no_quantity_says_why(text, why):
    with pytest.raises(cells.Unreadable, match=f"^{why}$"):
        cells.quantity(text)


@pytest.mark.parametrize(
    "text",
    ["081234567890", "+62 812-3456-7890", "62 812 3456 7890", "81234567890", "81234567890.0"],
)
def test_a_phone_has_one_form(text):
    assert cells.phone(text) == "081234567890"


@pytest.mark.parametrize("text", ["-", "tidak ada", "12345", "0812345678901234", "0812x"])
def test_what_is_no_phone_is_not_guessed(text):
    with pytest.raises(cells.Unreadable):
        cells.phone(text)
