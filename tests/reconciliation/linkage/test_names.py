"""Spellings of one name meet in one key; a key is its own key."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.text.person_names import name_key

SAME = [
    ("MUHAMMAD YUSUF", "M. YUSUF", "Moh. Jusup", "MOCH YUSUP", "H. Muhamad Yusuf, S.Pd"),
    ("AHMAD", "ACHMAD", "Akhmad", "AHMAT"),
    ("NUR HAYATI", "NOER HAJATI", "Nr. Hayati"),
    ("DJOKO", "JOKO"),
    ("SYAIFUL", "SAIFUL", "Saipul"),
    ("SITI AMINAH", "ST. AMINAH", "HJ. SITI AMINAH", "Siti  Aminah"),
    ("ABDUL RAHMAN", "ABD. RAHMAN", "Abd Rachman"),
    ("KHOIRUNNISA", "CHOIRUNISA"),
    ("SLAMET TUKIMAN", "SLAMET BIN TUKIMAN"),
    ("SA'DIYAH", "SADIAH"),
    ("BAMBANG", "Drs. BAMBANG, M.Si", "BAMBANG SE"),
]
DIFFERENT = [("SUMIATI", "SUMARNI"), ("AGUS", "BAGUS"), ("SRI WAHYUNI", "SRI WAHYUDI")]


@pytest.mark.parametrize("spellings", SAME, ids=lambda names: names[0])
def test_spellings_of_one_name_meet(spellings: tuple[str, ...]):
    assert len({name_key(name) for name in spellings}) == 1


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_names_of_different_people_stay_apart(one: str, other: str):
    assert name_key(one) != name_key(other)


def test_a_name_that_is_only_a_title_keeps_its_last_word():
    assert name_key("H.") == "H"
    assert name_key("Drs. H.") == "H"
    assert name_key(" , S.Pd") == ""


def test_the_order_of_the_words_stays():
    assert name_key("I MADE ARTA") == "I MADE ARTA"


@settings(max_examples=400, deadline=None)
@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZ .,'éßı-ﬁ", max_size=24))
def test_a_key_is_its_own_key(name: str):
    assert name_key(name_key(name)) == name_key(name)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_a_key_holds_capital_letters_and_single_spaces_alone(name: str):
    key = name_key(name)
    assert key == " ".join(key.split())
    assert all(letter == " " or "A" <= letter <= "Z" for letter in key)
