"""What single cells say, and that columns of them are read as each by itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.imports import cells
from apps.imports.blocks import Tally
from apps.reconciliation.deliveries import columns
from apps.reconciliation.deliveries.records import COLUMNS, Delivery, Records
from apps.reconciliation.linkage.comparisons import name_key
from apps.reconciliation.name_keys import name_keys
from tests.common.files import decode_copy


@pytest.mark.parametrize(
    "text",
    [
        "1988-01-12", "12-01-1988", "12/01/1988", "12.1.1988", "12 Januari 1988", "12-Jan-1988",
        "19880112", "12011988", "1988-01-12 00:00:00", "12/01/1988 00:00", "12 january 1988",
    ],
)  # fmt: skip
def test_a_day_is_read_in_every_form_that_files_write(text):
    assert cells.day(text) == "1988-01-12"


@pytest.mark.parametrize("text", ["31-02-1988", "SLEMAN", "12-01-88", "1788-01-01", "0", "99999"])
def test_what_is_no_day_is_not_guessed(text):
    with pytest.raises(cells.Unreadable):
        cells.day(text)


@pytest.mark.parametrize(
    "text", ["9701011201889001", "9701 0112 0188 9001", "'9701011201889001", "9701011201889001.0"]
)
def test_a_number_is_sixteen_digits_however_it_is_written(text):
    assert cells.number(text) == "9701011201889001"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("970101120188900", "short"), ("97010112018890011", "long"), ("SITI", "letters"),
        ("9.70101E+15", "scientific"), ("0000000000000000", "same_digit"),
        ("٩٧٠١٠١١٢٠١٨٨٩٠٠١", "letters"),
    ],
)  # fmt: skip
def test_what_is_no_number_says_why(text, kind):
    with pytest.raises(cells.Unreadable, match=kind):
        cells.number(text)


@pytest.mark.parametrize(
    ("text", "said"), [("LAKI-LAKI", "L"), ("P", "P"), ("2", "P"), ("Wanita", "P"), ("m", "L")]
)
def test_the_sexes_are_told_apart(text, said):
    assert cells.sex(text) == said


@pytest.mark.parametrize(
    ("text", "said"), [("Desil 3", "3"), ("10", "10"), ("4.0", "4"), ("01", "1")]
)
def test_a_rank_is_a_number_from_one_to_ten(text, said):
    assert cells.desil(text) == said
    with pytest.raises(cells.Unreadable):
        cells.desil("11")


words = st.sampled_from(
    [
        "AHMAD",
        "SITI",
        "H.",
        "Hj",
        "M",
        "BIN",
        "S.Pd",
        "budi,",
        "NUR'AINI",
        "Tjoe",
        "é",
        "-",
        "DR",
        "",
    ]
)


@given(st.lists(st.lists(words, max_size=5).map(" ".join).map(str.strip), max_size=30))
def test_the_keys_of_a_column_are_those_of_its_names(names):
    assert name_keys(names) == [name_key(name) for name in names]


def records_of(rows, wanted, **known):
    delivery = Delivery("CIVIL", 7, 1, 7_000_000_000, **known)
    tally = Tally()
    block = "".join(f"{at}\t{line}\t0\n" for at, line in enumerate(rows, 1)).encode()
    lines = Records(delivery, wanted, tally).block(block).decode().splitlines()
    return [dict(zip(COLUMNS, line.split("\t"), strict=True)) for line in lines], tally


def test_a_row_becomes_a_record_with_an_id_of_its_own():
    found, _tally = records_of(["AHMAD\t9701011201889001"], ["name", "nik"])
    assert found[0]["id"] == "7000000001"
    assert (found[0]["source_ref"], found[0]["nik"]) == ("row:1", "9701011201889001")
    assert found[0]["name_key"] == name_key("AHMAD")


def test_what_cannot_be_read_is_kept_beside_the_record_and_counted():
    found, tally = records_of(["AHMAD\t97\tSLEMAN", "SITI\t\t"], ["name", "nik", "birth_date"])
    assert found[0]["nik"] == ""
    assert found[0]["birth_date"] == r"\N"
    assert found[0]["given"] == '{"nik": "97", "birth_date": "SLEMAN"}'
    assert found[1]["given"] == r"\N"
    assert tally.odd == {"nik:short": 1, "birth_date:date": 1}
    assert tally.missing == {"nik": 1, "birth_date": 1}
    assert Tally.of(tally.state()) == tally


def test_equal_rows_have_equal_digests_in_any_order():
    found, _tally = records_of(["AHMAD\t1", "SITI\t2", "AHMAD\t1"], ["name", "rt"])
    digests = [record["digest"] for record in found]
    assert digests[0] == digests[2] != digests[1]


def test_signs_that_copy_knows_survive_the_way():
    row = r"AH\\MAD \\N" + "\t" + r"JL. A\tB"
    found = decode_copy(
        Records(Delivery("C", 7, 1, 7 * 10**9), ["name", "address"], Tally()).block(
            f"1\t{row}\t0\n".encode()
        )
    )
    told = dict(zip(COLUMNS, found[0], strict=True))
    assert (told["name"], told["address"]) == (r"AH\MAD \N", "JL. A B")


def test_programmes_come_from_lists_from_flags_and_from_the_source():
    known = {"PKH": "PKH", "BPNT": "SEMBAKO", "SEMBAKO": "SEMBAKO"}
    found, tally = records_of(
        ["A\tPKH; BPNT\tTidak", "B\t\tYa", "C\tXYZ\t"], ["name", "programme", "is_pbi"],
        programmes=known,
    )  # fmt: skip
    assert [record["programmes"] for record in found] == ["{PKH,SEMBAKO}", "{PBI-JK}", "{}"]
    assert tally.odd == {"programme:unknown": 1}
    alone, _tally = records_of(["A"], ["name"], programme="PKH")
    assert alone[0]["programmes"] == "{PKH}"


def test_a_person_with_a_day_of_death_is_dead():
    found, _tally = records_of(
        ["A\tTidak\t12-01-2020", "B\tYa\t", "C\t\t"], ["name", "deceased", "death_date"]
    )
    assert [record["is_deceased"] for record in found] == ["t", "t", "f"]


def test_the_headings_of_published_files_are_known():
    p3ke = ["id_individu", "nama", "nik", "kode_kemdagri", "desil_kesejahteraan", "penerima_pkh"]
    assert columns.match(p3ke) == {
        "source_ref": "id_individu", "nik": "nik", "name": "nama", "village_code": "kode_kemdagri",
        "desil": "desil_kesejahteraan", "is_pkh": "penerima_pkh",
    }  # fmt: skip
    udart = ["IDARTBDT", "Nama", "TglLahir", "NoKK", "namagadis_ibukandung", "Sta_keberadaan_art"]
    assert set(columns.match(udart)) == {"source_ref", "name", "birth_date", "kk", "mother_name"}


def test_the_columns_of_the_last_file_are_carried_over_as_far_as_they_are_there():
    former = {"name": "PENERIMA", "nik": "NOMOR"}
    assert columns.carried(former, ["PENERIMA", "NIK", "NAMA"]) == {
        "name": "PENERIMA",
        "nik": "NIK",
    }
