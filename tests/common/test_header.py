"""Where the header of a table stands, below titles and over numbers, in one row or two."""

import pytest

from apps.common.reader.header import split
from apps.common.reader.refusal import Refusal

HEADER = ["NIK", "NAMA", "LAHIR", "RT", "RW"]
ROW = ["3404011201909001", "SITI", "12/01/1990", "1", "2"]


def found(*rows):
    table = split(iter([list(rows)]))
    return table.header, table.lines, [row for chunk in table.chunks for row in chunk]


def test_the_first_row_is_the_header():
    assert found(HEADER, ROW) == (HEADER, 1, [ROW])


def test_titles_and_empty_lines_above_are_left_out():
    titles = [["DAFTAR USULAN DTKS"], ["KECAMATAN SATU", "", "2026"], [], ["", ""]]
    assert found(*titles, HEADER, ROW) == (HEADER, 5, [ROW])


def test_a_line_of_column_numbers_under_the_header_is_not_a_row():
    numbers = ["(1)", "(2)", "(3)", "(4)", "(5)"]
    assert found(HEADER, numbers, ROW) == (HEADER, 2, [ROW])
    assert found(["A", "B", "C"], ["1", "2", "3"])[2] == [["1", "2", "3"]]


def test_the_parts_of_a_group_are_in_a_second_row():
    upper = ["NIK", "NAMA", "LAHIR", "", "ALAMAT", "", ""]
    lower = ["", "", "TEMPAT", "TANGGAL", "RT", "RW", "DESA"]
    row = [ROW[0], "SITI", "AMPEL", ROW[2], "1", "2", "AMPEL"]
    header, lines, rows = found(["DAFTAR"], upper, lower, row)
    assert header == [
        "NIK", "NAMA", "TEMPAT (LAHIR)", "TANGGAL (LAHIR)", "RT (ALAMAT)", "RW (ALAMAT)",
        "DESA (ALAMAT)",
    ]  # fmt: skip
    assert (lines, rows) == (3, [row])


def test_groups_above_a_whole_header_distinguish_equal_headings_only():
    upper = ["SUAMI", "", "ISTRI", "", ""]
    lower = ["NIK", "NAMA", "NIK", "NAMA", "RT"]
    row = [ROW[0], "BUDI", ROW[0], "SITI", "1"]
    assert found(upper, lower, row)[0] == [
        "NIK (SUAMI)", "NAMA (SUAMI)", "NIK (ISTRI)", "NAMA (ISTRI)", "RT",
    ]  # fmt: skip


def test_a_row_of_data_is_not_taken_for_a_second_header_row():
    assert found(["NIK", "NAMA", "", "RT"], ["", "SITI", "x", "1"])[1] == 1


def test_a_header_narrower_than_its_rows_is_found():
    assert found(["NIK", "NAMA"], [*ROW, "6", "7"])[0] == ["NIK", "NAMA"]


def test_titles_over_data_without_a_header_are_refused():
    with pytest.raises(Refusal, match="no_header"):
        found(["DAFTAR USULAN"], ROW, ROW)


def test_a_header_far_down_is_not_looked_for():
    with pytest.raises(Refusal):
        found(["DAFTAR"], *[["x"]] * 25, ROW)
