"""BMKG's entries: what is understood, what is refused and why, for one entry and for an answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.commandcentre.feeds import bmkg
from tests.commandcentre.feeds.quakes import NOW, answer, entry, single


def only(content: bytes) -> bmkg.Earthquake:
    read = bmkg.read(content, now=NOW)
    assert read.refused == []
    [quake] = read.earthquakes
    return quake


def refused(**values: object) -> bmkg.RefusedEntry:
    read = bmkg.read(single(**values), now=NOW)
    assert read.earthquakes == []
    [one] = read.refused
    return one


def test_an_entry_is_read_with_units_and_in_universal_time():
    quake = only(single())
    assert quake.occurred_at == NOW - timedelta(minutes=4)
    assert (quake.latitude, quake.longitude) == (-7.79, 110.02)
    assert (quake.magnitude, quake.depth_km) == (5.8, 10.0)
    assert quake.felt == "IV Ampel, III Beji"
    assert quake.remarks == ()


def test_a_list_is_read_in_its_order():
    later = entry(at=NOW - timedelta(minutes=1), Magnitude="4.1")
    read = bmkg.read(answer([later, entry()]), now=NOW)
    assert [quake.magnitude for quake in read.earthquakes] == [4.1, 5.8]


@pytest.mark.parametrize("missing", ["-", "", None, "null"])
def test_a_missing_magnitude_or_depth_is_unknown_and_not_nought(missing):
    quake = only(single(Magnitude=missing, Kedalaman=missing, Dirasakan=missing))
    assert quake.magnitude is None
    assert quake.depth_km is None
    assert quake.felt == ""


def test_a_decimal_comma_and_a_unit_are_read():
    quake = only(single(Magnitude="5,4 SR", Kedalaman="163 Km"))
    assert (quake.magnitude, quake.depth_km) == (5.4, 163.0)


def test_swapped_coordinates_are_turned_by_the_words_beside_them_and_remarked():
    quake = only(single(Coordinates="110.02,-7.79"))
    assert (quake.latitude, quake.longitude) == (-7.79, 110.02)
    assert quake.remarks == ("axes_swapped",)


def test_swapped_coordinates_without_words_are_turned_where_only_that_fits():
    quake = only(single(Coordinates="110.02,-7.79", Lintang=None, Bujur=None))
    assert (quake.latitude, quake.longitude) == (-7.79, 110.02)
    assert quake.remarks == ("axes_swapped",)


def test_the_words_give_the_place_where_the_numbers_are_missing():
    quake = only(single(Coordinates=None, Lintang="5.36 LU", Bujur="120.06 BT"))
    assert (quake.latitude, quake.longitude) == (5.36, 120.06)


def test_the_local_time_is_read_where_the_universal_one_is_missing():
    quake = only(single(DateTime=None, Tanggal="09 Agu 2026", Jam="05:59:47 WIT"))
    assert quake.occurred_at == datetime(2026, 8, 8, 20, 59, 47, tzinfo=UTC)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"DateTime": (NOW + timedelta(days=2)).isoformat()}, "quake_future"),
        ({"DateTime": "2020-01-01T00:00:00+00:00"}, "quake_old"),
        ({"DateTime": "kemarin", "Tanggal": "31 Feb 2026"}, "quake_time"),
        ({"Coordinates": "91.5,300", "Lintang": "x", "Bujur": "y"}, "quake_place_outside"),
        ({"Coordinates": "di laut", "Lintang": None, "Bujur": None}, "quake_place"),
        ({"Coordinates": "1.17,120.06"}, "quake_place_contradicts"),
        ({"Magnitude": "besar"}, "quake_magnitude"),
        ({"Magnitude": "54"}, "quake_magnitude"),
        ({"Kedalaman": "-10 km"}, "quake_depth"),
    ],
)
def test_an_entry_that_cannot_be_true_is_refused_by_its_field_and_kept(values, code):
    one = refused(**values)
    assert one.code == code
    assert json.loads(one.content)["Wilayah"] == "9 km Barat Daya Nusa Barat"


def test_one_wicked_entry_does_not_hide_the_others():
    read = bmkg.read(answer(["text", 7, None, entry(Magnitude="x"), entry()]), now=NOW)
    assert [one.code for one in read.refused] == [*["quake_shape"] * 3, "quake_magnitude"]
    assert len(read.earthquakes) == 1


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "feed_nothing"),
        (b"   \n", "feed_nothing"),
        (b"<!doctype html><h1>Pemeliharaan</h1>", "feed_markup"),
        (b"<?xml version='1.0'?><Infogempa/>", "feed_markup"),
        (b'{"Infogempa": {"gempa": [', "feed_not_json"),
        (b'{"Infogempa": {"gempa": NaN}}', "feed_not_json"),
        (b"\xff\xfe\x00", "feed_not_json"),
        (b"[" * 100_000, "feed_not_json"),
        (b"[]", "feed_other_shape"),
        (b'{"Infogempa": []}', "feed_other_shape"),
        (b'{"Infogempa": {"gempa": "tidak ada"}}', "feed_other_shape"),
    ],
)
def test_an_answer_that_is_no_list_of_earthquakes_is_refused_as_a_whole(content, code):
    with pytest.raises(bmkg.Unreadable) as failed:
        bmkg.read(content, now=NOW)
    assert failed.value.code == code


@pytest.mark.parametrize("empty", [[], {}])
def test_an_empty_list_is_healthy(empty):
    read = bmkg.read(answer(empty), now=NOW)
    assert (read.earthquakes, read.refused) == ([], [])


def test_control_and_direction_marks_are_removed_and_texts_are_bounded():
    quake = only(single(Wilayah="9 km\u202e\x00 Barat\n" + "a" * 5_000))
    assert quake.place.startswith("9 km Barat a")
    assert len(quake.place) == bmkg.MOST_TEXT


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(entry())), st.text() | st.none() | st.integers()))
@pytest.mark.long
def test_no_text_in_a_field_breaks_the_reading(values):
    read = bmkg.read(answer([entry() | values, entry()]), now=NOW)
    assert len(read.earthquakes) + len(read.refused) == 2
    assert read.earthquakes


@pytest.mark.parametrize("name", ["autogempa", "gempaterkini", "gempadirasakan"])
def test_the_recorded_shapes_of_bmkg_are_read(real_data, name):
    content = (real_data / "formats" / f"bmkg_{name}.json").read_bytes()
    read = bmkg.read(content, now=datetime(2026, 2, 17, tzinfo=UTC))
    assert read.refused == []
    first = read.earthquakes[0]
    assert (first.latitude, first.longitude, first.magnitude) == (-6.89, 109.67, 5.4)
    assert first.occurred_at == datetime(2026, 2, 16, 6, 15, 30, tzinfo=UTC)
