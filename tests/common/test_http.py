"""Numbers of requests: what is one, and everything that only looks like one."""

import pytest

from apps.common.http import (
    MOST_BIGINT,
    MOST_INTEGER,
    decimal,
    integer,
    plain_number,
    unambiguous_decimal,
)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("12345", 12345)])
def test_plain_digits_are_a_whole_number(text, number):
    assert integer(text) == number


@pytest.mark.parametrize(
    "text", ["", " 1", "-1", "+1", "1.0", "1_000", "²", "١٢", "a", "9" * 5000, "1\n", None, 7]
)
def test_anything_else_is_none(text):
    assert integer(text) is None


@pytest.mark.parametrize("most", [MOST_INTEGER, MOST_BIGINT, 9])
def test_a_whole_number_fits_its_column(most):
    assert integer(str(most), most=most) == most
    assert integer(str(most + 1), most=most) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1.0), ("-6.2", -6.2), ("106,8", 106.8), (" 1. ", 1.0), ("1e-7", 1e-7)],
)
def test_a_decimal_has_a_point_or_a_comma(text, number):
    assert decimal(text) == number


@pytest.mark.parametrize(
    "text", ["", "inf", "-Infinity", "nan", "1e400", "1_0", "²", "1,2,3", "9" * 5000, "0x1", None]
)
def test_infinite_and_undefined_numbers_are_refused(text):
    assert decimal(text) is None


@pytest.mark.parametrize("text", ["1.000", "400.000", "12,500", "1.000.000", "-1.000", " 1.000 "])
def test_what_may_be_thousands_is_no_number_of_a_person(text):
    assert unambiguous_decimal(text) is None


@pytest.mark.parametrize(
    "number", [0, 1000, 12.345, -12.345, 0.125, 0.000001, 1234567, 999999.5, 1e-12]
)
def test_a_number_in_an_address_is_read_again(number):
    assert unambiguous_decimal(plain_number(number)) == pytest.approx(number, abs=1e-15)
