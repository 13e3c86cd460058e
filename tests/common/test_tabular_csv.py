"""CSV as offices send it: every line becomes one line of COPY, nothing is lost silently."""

import csv
import io
import resource
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.reader.copytext import CELL_CHARS, UNWANTED, CopyBlocks
from apps.common.reader.refusal import Refusal
from apps.common.tabular import ROW_FILE, FileRefused, Format, Limits, peek, sniff, stream
from tests.common.files import decode_copy
from tests.limits import within

HEADER = "nik,nama,alamat\n"


def rows_of(path, columns=(0, 1, 2), **options):
    blocks = stream(path, sniff(path), columns, **options)
    rows = decode_copy(b"".join(blocks))
    return rows, blocks.summary


@pytest.fixture
def written(tmp_path):
    def write(content, encoding="utf-8"):
        path = tmp_path / "upload"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


def test_rows_come_numbered_in_the_asked_order(written):
    rows, summary = rows_of(written(HEADER + "1,SITI,JL A\n2,BUDI,JL B\n"), (1, 0, None))
    assert rows == [["1", "SITI", "1", None, "0"], ["2", "BUDI", "2", None, "0"]]
    assert summary["rows"] == summary["sent"] == 2


def test_one_column_alone_can_be_asked(written):
    assert rows_of(written(HEADER + "1,SITI,\n"), (1,))[0] == [["1", "SITI", "0"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(written, separator):
    text = separator.join(["nik", "nama", "alamat"]) + "\n" + separator.join(["1", "SITI", "A, B"])
    if separator == ",":
        text = 'nik,nama,alamat\n1,SITI,"A, B"'
    assert rows_of(written(text))[0] == [["1", "1", "SITI", "A, B", "0"]]


def test_a_separator_line_of_excel_is_obeyed_and_not_counted(written):
    rows, _ = rows_of(written("sep=;\r\nnik;nama;alamat\r\n1;SITI;A,B,C\r\n"))
    assert rows == [["1", "1", "SITI", "A,B,C", "0"]]


@pytest.mark.parametrize(
    ("encoding", "word"),
    [("utf-8", "Désa Śriwijaya"), ("utf-8-sig", "Désa"), ("cp1252", "Désa"), ("utf-16", "Désa")],
)
@pytest.mark.long
def test_the_encoding_is_found(written, encoding, word):
    path = written(HEADER + f"1,{word},\n", encoding)
    assert rows_of(path)[0] == [["1", "1", word, None, "0"]]
    assert peek(path, sniff(path)).header == ["nik", "nama", "alamat"]


def test_letters_that_are_odd_only_at_the_end_of_the_file_still_choose_the_encoding(written):
    text = HEADER + "1,SITI,A\n" * 30_000 + "2,RENÉ,B\n"
    rows, _ = rows_of(written(text, "cp1252"))
    assert rows[-1] == ["30001", "2", "RENÉ", "B", "0"]


def test_bytes_that_fit_no_encoding_are_refused(written):
    with pytest.raises(FileRefused, match="encoding_unreadable"):
        rows_of(written(HEADER.encode() + b"1,\x81\x8d,\n"))


def test_utf_16_without_its_mark_is_refused_with_advice(written):
    with pytest.raises(FileRefused, match="encoding_unreadable") as refused:
        sniff(written(HEADER + "1,SITI,\n", "utf-16-le"))
    assert "CSV UTF-8" in refused.value.text


def test_quotes_newlines_tabs_and_backslashes_survive(written):
    text = HEADER + '1,"SITI ""ITI""","JL A\r\nRT 1\tB\\N"\n2,BUDI,\\N\n'
    assert rows_of(written(text))[0] == [
        ["1", "1", 'SITI "ITI"', "JL A\nRT 1\tB\\N", "0"],
        ["2", "2", "BUDI", "\\N", "0"],
    ]


def test_blank_lines_count_and_are_not_sent(written):
    rows, summary = rows_of(written("\n" + HEADER + "\n1,A,\n,,\n  , ,\n\x1a\n2,B,\n"))
    assert [row[:2] for row in rows] == [["2", "1"], ["6", "2"]]
    assert summary["rows"] == 6


def test_short_rows_are_filled_and_long_rows_are_flagged(written):
    rows, summary = rows_of(written(HEADER + "1\n2,B,C,D, ,E\n3,B,C,,\n"))
    assert rows == [
        ["1", "1", None, None, "0"],
        ["2", "2", "B", "C", "2"],
        ["3", "3", "B", "C", "0"],
    ]
    assert summary["long_rows"] == 1


def test_cells_are_trimmed_and_invisible_characters_counted(written):
    text = HEADER + "1,  SITI\u00a0,A\x00B\u202e\u200b\x07\n"
    rows, summary = rows_of(written(text))
    assert rows == [["1", "1", "SITI", "AB", "0"]]
    assert summary["removed_characters"] == 4


def test_cells_are_cut_at_a_thousand_characters_and_counted(written):
    rows, summary = rows_of(written(HEADER + f"1,{'é' * 1001},{'x' * 1000}\n"))
    assert (len(rows[0][2]), len(rows[0][3]), summary["cut_cells"]) == (CELL_CHARS, 1000, 1)


def test_the_apostrophe_of_our_own_error_file_is_taken_off_again(written):
    rows, _ = rows_of(written(HEADER + "'-1,'=1+1,'NTEN\n"))
    assert rows == [["1", "-1", "=1+1", "'NTEN", "0"]]


def test_reading_goes_on_after_the_rows_already_there(written):
    path = written(HEADER + "".join(f"{n},X,\n" for n in range(1, 3001)))
    whole = stream(path, sniff(path), (0, 1))
    assert [whole.last_row for _ in whole][-1] == 3000
    assert [row[0] for row in rows_of(path, (0,), skip_rows=2_500)[0]] == [
        str(n) for n in range(2_501, 3_001)
    ]


@pytest.mark.timed
def test_a_reading_can_be_left_early(written):
    path = written(HEADER + "1,SITI,JALAN PANJANG SEKALI\n" * 200_000)
    started = time.monotonic()
    reading = iter(stream(path, sniff(path), (0, 1, 2)))
    next(reading)
    reading.close()
    assert time.monotonic() - started < within(2)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "empty_file"),
        ("  \n\n", "empty_file"),
        ("nik,nama\n", "no_rows"),
        ("nik,nama\n,\n", "no_rows"),
        ("nik\n1\n", "no_header"),
        ("3404011201909001,SITI\n3404011201909002,BUDI\n", "no_header"),
        ("1,2,x\n1,2,x\n", "no_header"),
        ("NIK,Nama,nik\n1,2,3\n", "duplicate_header"),
        (",".join(f"k{n}" for n in range(201)) + "\n1\n", "too_many_columns"),
        ('nik,nama\n1,"' + "x" * 40_000, "csv_broken_quotes"),
    ],
)
@pytest.mark.long
def test_a_file_that_is_not_a_table_is_refused_with_a_reason(written, content, code):
    path = written(content)
    with pytest.raises(FileRefused) as refused:
        peek(path, sniff(path, "usulan.csv"))
    assert refused.value.code == code
    assert len(refused.value.text) > 30 and "%(" not in refused.value.text


def test_years_may_be_names_of_columns(written):
    path = written("kode,2021,2022\n34.04,1,2\n")
    assert peek(path, sniff(path)).header == ["kode", "2021", "2022"]


def test_more_rows_than_allowed_are_refused_while_reading(written):
    path = written(HEADER + "1,A,\n" * 5_000)
    few = Limits(**{**ROW_FILE.__dict__, "rows": 4_000})
    with pytest.raises(FileRefused, match="too_many_rows"):
        list(stream(path, sniff(path), (0,), limits=few))


def test_a_larger_file_than_allowed_is_refused_with_both_numbers(written):
    small = Limits(**{**ROW_FILE.__dict__, "file_bytes": 1_000_000})
    with pytest.raises(FileRefused) as refused:
        sniff(written(HEADER * 200_000), "usulan_nov.csv", limits=small)
    assert refused.value.params["size_mb"] == 4
    assert "usulan_nov.csv" in refused.value.text


def test_a_column_that_the_file_does_not_have_is_refused(written):
    path = written(HEADER + "1,2,3\n")
    with pytest.raises(FileRefused, match="column_unknown"):
        list(stream(path, sniff(path), (0, 7)))


def test_the_first_look_shows_header_two_hundred_rows_and_their_number(written):
    path = written(HEADER + "".join(f"{n}, S{n} ,\n" for n in range(1, 226)) + "\n")
    look = peek(path, sniff(path))
    assert (look.header, len(look.samples), look.row_count) == (["nik", "nama", "alamat"], 200, 225)
    assert look.samples[0] == ["1", "S1", ""]


def test_a_file_without_a_name_of_its_own_is_known_by_its_content(written):
    assert sniff(written(HEADER + "1,2,3\n"), "foto.jpg").format == Format.CSV


@pytest.mark.timed
@pytest.mark.long
def test_a_hundred_thousand_rows_of_25_columns_come_in_a_stated_time(tmp_path):
    path = tmp_path / "large.csv"
    row = ["3404011201909001", "PKH", "SITI AMINAH", "SLEMAN", "", "34.04.01.2001"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"kolom {n}" for n in range(25)])
        writer.writerows([[n, *(row * 4)] for n in range(100_000)])
    kind = sniff(path)
    before = _processor_s()
    size = sum(map(len, stream(path, kind, range(25))))
    assert size > 14_000_000
    assert _processor_s() - before < within(1.2)  # 0.5 on an idle core


def _processor_s():
    """What the children have used: the clock would also count the neighbours of these tests."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# -- the escaping, against a decoder of its own ---------------------------------------------------

ANY_TEXT = st.text(st.characters(), max_size=30) | st.text("\t\n\r\\N' ='\x00é\u200b", max_size=8)
ROWS = st.lists(st.lists(ANY_TEXT, min_size=3, max_size=3), min_size=1, max_size=8)


def expected(cell):
    plain = UNWANTED.sub("", cell).replace("\r\n", "\n").replace("\r", "\n").strip()
    while_marked = plain[1:].lstrip()[:1]
    if plain[:1] == "'" and while_marked and while_marked in "=+-@＝＋－＠−":
        plain = plain[1:]
    return plain or None


@given(ROWS)
def test_every_cell_arrives_unchanged(rows):
    blocks = []
    writer = CopyBlocks(columns=[2, None, 0, 1], width=3, emit=blocks.append)
    writer.add(rows)
    writer.close()
    wanted = [
        [str(number), expected(row[2]), None, expected(row[0]), expected(row[1]), "0"]
        for number, row in enumerate(rows, 1)
    ]
    found = decode_copy(b"".join(blocks))
    by_number = {row[0]: row for row in found}
    for row in wanted:
        if row[0] in by_number:
            assert by_number[row[0]] == row
        else:
            assert row[1:5] == [None] * 4


@given(ROWS, st.integers(min_value=0, max_value=9))
def test_rows_that_are_skipped_leave_the_others_as_they_were(rows, skip):
    def lines(skip_rows):
        blocks = []
        writer = CopyBlocks(columns=[0, 1, 2], width=3, emit=blocks.append, skip_rows=skip_rows)
        for row in rows:
            writer.add([row])
        writer.close()
        return decode_copy(b"".join(blocks))

    assert lines(skip) == [row for row in lines(0) if int(row[0]) > skip]


@given(st.lists(st.lists(ANY_TEXT, max_size=5), max_size=6))
def test_rows_of_any_width_keep_the_number_of_columns(rows):
    blocks = []
    writer = CopyBlocks(columns=[0, None], width=2, emit=blocks.append)
    try:
        writer.add(rows)
    except Refusal:
        pytest.fail("a row was refused")
    writer.close()
    assert all(len(row) == 4 for row in decode_copy(b"".join(blocks)))


def test_the_decoder_of_these_tests_reads_what_postgresql_documents():
    assert decode_copy(b"1\ta\\tb\\\\\t\n") == [["1", "a\tb\\", None]]
    assert next(csv.reader(io.StringIO("a"))) == ["a"]
