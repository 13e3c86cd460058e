"""What a layer's column says: its measure, and the band of each value."""

from __future__ import annotations

import pytest

from apps.commandcentre.exposure import alarm
from apps.commandcentre.hazards import area_files, severity
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
        ("VIII", Meaning.MMI, 7.5, "MMI VIII"),
        ("vi mmi", Meaning.MMI, 5.5, "MMI VI"),
        ("MMI VII-VIII", Meaning.MMI, 7.5, "MMI VIII"),
        ("V – VI", Meaning.MMI, 5.5, "MMI VI"),
        ("6-7", Meaning.MMI, 6.5, "MMI VII"),
        ("IX+", Meaning.MMI, 8.5, "MMI IX+"),
        ("kuat", Meaning.MMI, 0, "?"),
        ("3", Meaning.STATE, 0.7, "71–150 cm"),
        ("1", Meaning.STATE, 0, "?"),
        ("1.6", Meaning.DEPTH_M, 1.5, "> 150 cm"),
        ("0.7-1.5", Meaning.DEPTH_M, 0.7, "71–150 cm"),
        ("0.001", Meaning.INDEX, 0.001, "rendah"),
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


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("4.4", Meaning.MMI),
        ("III-IV", Meaning.MMI),
        ("0", Meaning.MMI),
        ("0", Meaning.DEPTH_M),
        ("0.05", Meaning.DEPTH_M),
        ("0", Meaning.INDEX),
        ("0.0005", Meaning.INDEX),
        ("0", Meaning.CLASS),
        ("0.0", Meaning.CLASS),
        ("Tidak rawan", Meaning.CLASS),
        ("0", Meaning.PRONE),
    ],
)
def test_a_value_below_the_lowest_band_has_none(text, meaning):
    assert severity.band_of(text, meaning) is None


@pytest.mark.parametrize("meaning", [Meaning.MMI, Meaning.DEPTH_M, Meaning.INDEX])
def test_a_layer_has_no_band_where_a_grid_of_the_same_values_has_none(meaning):
    bounds, _greatest = area_files.CLASSES[meaning]
    assert severity.band_of(f"{bounds[0] - 0.0001:.4f}", meaning) is None
    for bound in bounds:
        band = severity.band_of(str(bound), meaning)
        assert band is not None and band.lower == bound


def test_only_what_is_not_known_has_the_number_of_it():
    bands = [*severity.DEPTHS, *severity.INDEXES, severity.mmi_band(5.0)]
    assert severity.UNKNOWN.lower == alarm.UNKNOWN
    assert all(band is not None and band.lower != alarm.UNKNOWN for band in bands)


def test_the_greatest_value_is_told_by_its_number():
    assert severity.greatest(["II", "III-IV", "?"], Meaning.MMI) == "III-IV"
    assert severity.greatest(["tidak", "aman"], Meaning.CLASS) == "aman"
