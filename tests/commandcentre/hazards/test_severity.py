"""What a layer's column says: its measure, and the band of each value."""

from __future__ import annotations

import pytest

from apps.commandcentre.hazards import severity
from apps.commandcentre.hazards.severity import Meaning


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        (["gid", "state", "name"], ("state", Meaning.STATE)),
        (["ID", "MMI"], ("MMI", Meaning.MMI)),
        (["Kedalaman", "RW"], ("Kedalaman", Meaning.DEPTH_M)),
        (["indeks_bahaya"], ("indeks_bahaya", Meaning.INDEX)),
        (["KELAS"], ("KELAS", Meaning.CLASS)),
        (["nama", "luas"], None),
    ],
)
def test_the_column_of_severity_is_recognised_by_its_name(fields, found):
    assert severity.recognise(fields) == found


def test_a_named_column_is_taken_and_an_unknown_name_is_not():
    assert severity.recognise(["zona", "state"], "zona") == ("zona", Meaning.CLASS)
    assert severity.recognise(["zona"], "tinggi") is None


@pytest.mark.parametrize(
    ("text", "meaning", "lower", "label"),
    [
        ("5.2", Meaning.MMI, 4.5, "MMI V"),
        ("5,5", Meaning.MMI, 5.5, "MMI VI"),
        ("9.7", Meaning.MMI, 8.5, "MMI IX+"),
        ("3", Meaning.STATE, 0.7, "71–150 cm"),
        ("1", Meaning.STATE, 0, "?"),
        ("1.6", Meaning.DEPTH_M, 1.5, "> 150 cm"),
        ("0.05", Meaning.DEPTH_M, 0, "< 10 cm"),
        ("0.7", Meaning.INDEX, 0.666, "tinggi"),
        ("Tinggi", Meaning.CLASS, 3, "Tinggi"),
        ("2", Meaning.CLASS, 2, "2"),
        ("", Meaning.MMI, 0, "?"),
        ("-3", Meaning.DEPTH_M, 0, "?"),
        ("dalam", Meaning.DEPTH_M, 0, "?"),
        ("nan", Meaning.MMI, 0, "?"),
    ],
)
def test_a_value_has_its_band_and_an_unreadable_one_is_unknown(text, meaning, lower, label):
    band = severity.band_of(text, meaning)
    assert band is not None
    assert (band.lower, band.label) == (lower, label)


def test_an_intensity_below_five_has_no_band():
    assert severity.band_of("4.4", Meaning.MMI) is None
