"""Columns told by their headings and by what their cells hold."""

import time

import pytest

from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Reason, is_village_code, recognise
from apps.common.text.headings import Vocabulary, bare
from apps.proposals import columns

PREFIX = "970101"


def people(count=12):
    """Made-up people: every second a woman, two in each family, one birth date each."""
    rows = []
    for number in range(count):
        day, month, year = 1 + number, 1 + number % 12, 60 + number
        is_woman = number % 2
        rows.append(
            {
                "nik": f"{PREFIX}{day + 40 * is_woman:02}{month:02}{year}{9001 + number}",
                "kk": f"{PREFIX}1507{12:02}{9001 + number // 2}",
                "name": ("BUDI SANTOSO", "SITI AMINAH", "MADE WIRA")[number % 3],
                "born": f"{day:02}/{month:02}/19{year}",
                "sex": "P" if is_woman else "L",
                "programme": ("PKH", "Sembako")[number % 2],
                "code": f"97.01.01.{2001 + number % 3}",
                "latitude": f"-7.{400 + number}123",
                "longitude": f"110.{300 + number}456",
            }
        )
    return rows


def cells(names, rows=None):
    return [[one[name] for name in names] for one in rows or people()]


def found(header, names, rows=None):
    return columns.recognise(header, cells(names, rows))


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("TANGGAL LAHIR (31/01/2000)", "birth_date"),
        ("TGL MULAI HAMIL (31/12/2021)", "pregnancy_date"),
        ("Lintang (Y)", "latitude"),
        ("Jenis Kelamin (L/P)", "sex"),
        ("N I K", "nik"),
        ("NIK KTP", "nik"),
        ("No. NIK", "nik"),
        ("N.I.K. (16 digit)", "nik"),
        ("1. Nama", "name"),
        ("(4) NAMA\nLENGKAP *", "name"),
        ("Nama KPM", "name"),
        ("Nama (Ibu Kandung)", "mother_name"),
        ("Kec.", "district_name"),
        ("Tmp Lahir", "birth_place"),
        ("Tgl. Lahir dd-mm-yyyy", "birth_date"),
        ("\ufeffNo\u00a0KK", "kk"),
        ("Akurasi meter", "accuracy_m"),
        ("Alamat sesuai KTP", "address"),
        ("Kel/Desa/Nagari", "village_name"),
        ("Nama / Name", "name"),
    ],
)
def test_characters_around_a_heading_do_not_matter(heading, column):
    assert columns.match([heading]) == {column: 0}


@pytest.mark.parametrize(
    "heading", ["Nama (Ayah)", "NIK (Kepala Keluarga)", "Nama Kepala Keluarga", "No KK/KTP", "Umur"]
)
def test_a_heading_about_another_person_or_thing_is_not_matched(heading):
    assert columns.match([heading]) == {}


def test_a_bare_heading_keeps_its_words():
    assert bare("12. Tempat Lahir (kota/kabupaten)*") == "Tempat Lahir"
    assert bare("3T") == "3T"


def test_nik_kk_and_birth_date_are_known_without_their_headings():
    said = found(["A", "B", "C", "D"], ["kk", "nik", "born", "sex"])
    assert said.certain() == {"nik": 1, "kk": 0, "birth_date": 2, "sex": 3}
    assert {one.reason for one in said.matches.values()} == {Reason.CONTENT}


def test_a_nik_is_known_by_the_day_of_a_woman_where_no_birth_date_tells():
    said = found(["A", "B"], ["kk", "nik"])
    assert said.certain() == {"nik": 1, "kk": 0}


def test_two_numbers_of_one_man_alone_are_asked_for():
    said = columns.recognise(["A", "B"], [[f"{PREFIX}0101609001", f"{PREFIX}0202129001"]])
    assert said.certain() == {}
    assert set(said.proposed()) == {"nik", "kk"}


def test_a_nik_of_another_person_is_not_taken_for_the_kk():
    said = found(["NIK", "NIK Kepala Keluarga"], ["nik", "kk"])
    assert said.proposed() == {"nik": 0}
    assert said.left_out(said.proposed()) == ["NIK Kepala Keluarga"]


def test_coordinates_are_known_by_where_the_country_lies():
    said = found(["E1", "E2"], ["longitude", "latitude"])
    assert said.certain() == {"latitude": 1, "longitude": 0}


def test_half_a_point_is_asked_for():
    assert found(["E2"], ["latitude"]).certain() == {}


@pytest.mark.parametrize(
    "code", ["97.01.01.2001", "9701012001", "97 01 01 2001", "97.1.1.2001", "9701012001.0"]
)
def test_a_village_code_is_known_in_any_writing(code):
    assert is_village_code(code)
    said = columns.recognise(["DESA", "X1"], [[code, "a"], [code, "b"]])
    assert said.certain() == {"village_code": 0}


@pytest.mark.parametrize("other", ["0812345678", "1234", "97.01", "2001-01-20"])
def test_another_number_is_not_taken_for_a_village_code(other):
    assert not is_village_code(other)


@pytest.mark.parametrize(
    "cell",
    [
        "-7.4, 110.35",
        "-7,41; 110,35",
        "7°24'3\"S 110°21'E",
        "https://maps.google.com/?q=-7.4,110.35",
        "https://www.google.com/maps/@-7.4,110.35,17z",
    ],
)
def test_a_cell_with_both_coordinates_is_both(cell):
    said = columns.recognise(["Lokasi rumah"], [[cell], [cell]])
    assert said.certain() == {"latitude": 0, "longitude": 0}


@pytest.mark.parametrize(
    ("heading", "cell", "both"),
    [
        ("Lahir", "AMPEL, 03/01/1970", {"birth_place", "birth_date"}),
        ("Lintang", "-7.41, 110.35", {"latitude", "longitude"}),
        ("RT", "001/002", {"rt", "rw"}),
    ],
)
def test_a_heading_of_one_over_cells_of_two_means_both(heading, cell, both):
    assert columns.recognise([heading], [[cell], [cell]]).certain().keys() == both


def test_names_and_days_that_nothing_else_explains_are_proposed_and_asked_for():
    said = found(["A", "B"], ["name", "born"], people(3))
    assert said.proposed() == {"name": 0, "birth_date": 1}
    assert said.certain() == {}


def test_two_small_numbers_are_not_taken_for_a_point():
    assert columns.recognise(["X1"], [["003/005"], ["1, 2"]]).proposed() == {}


def test_a_programme_is_known_by_its_words():
    assert found(["Usul"], ["programme"]).certain() == {"programme": 0}


def test_a_heading_like_ours_is_proposed_and_not_taken_where_it_is_needed():
    said = found(["Nama Usul"], ["name"], [{"name": ""}])
    assert said.matches["name"].reason == Reason.LIKENESS
    assert "name" not in said.mapping(columns.REQUIRED)
    assert said.asked(columns.REQUIRED)[0].column == "name"


def test_a_slip_of_the_pen_over_the_right_cells_is_taken():
    said = found(["Nama Lengkp"], ["name"])
    assert said.mapping(columns.REQUIRED) == {"name": 0}


def test_running_numbers_are_not_named_among_what_is_not_used():
    said = columns.recognise(["No.", "NIK", "Catatan"], [["1", "x", "y"]])
    assert said.left_out(said.certain()) == ["Catatan"]


def test_another_apps_columns_are_recognised_by_its_own_words():
    words = Vocabulary({"person": ("NOMOR INDUK",), "born": ("LAHIR",)})
    holds = {"person": columns.HOLDS["nik"], "born": columns.HOLDS["birth_date"]}
    said = recognise(
        ["x", "y"], cells(["born", "nik"]), words, holds, nik="person", birth_date="born"
    )
    assert said.certain() == {"person": 1, "born": 0}


@pytest.mark.parametrize("cell", ["1,1" * 66, "1°" * 100, "6° 1' " * 33, "1 " * 100, "01-" * 66])
def test_cells_made_to_be_slow_take_no_longer_than_others(cell):
    """Forty thousand of them are looked at in the web server itself."""
    started = time.process_time()
    for _ in range(2_000):
        likeness.is_latitude(cell)
        likeness.is_longitude(cell)
    assert time.process_time() - started < 0.5
