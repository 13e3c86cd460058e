"""A point as people write it: two numbers, degrees and minutes, a link of a map."""

import pytest

from apps.imports import typed_point

READ = [
    ("-7.25042, 112.76881", ("-7.25042", "112.76881")),
    ("-7.25042,112.76881", ("-7.25042", "112.76881")),
    ("-7.25042 112.76881", ("-7.25042", "112.76881")),
    ("(-7.25042, 112.76881)", ("-7.25042", "112.76881")),
    ("−7.25042, 112.76881", ("-7.25042", "112.76881")),
    ("-7,25042; 112,76881", ("-7.25042", "112.76881")),
    ("-7,25042, 112,76881", ("-7.25042", "112.76881")),
    ("-7,25042 112,76881", ("-7.25042", "112.76881")),
    ("7°15'01\" LS 112°46'08\" BT", ("7°15'01\" LS", "112°46'08\" BT")),
    ("7°15'01\"S, 112°46'08\"E", ("7°15'01\"S", "112°46'08\"E")),
    ("LS 7 15 01 BT 112 46 08", ("LS 7 15 01", "BT 112 46 08")),
    ("112°46'08\" BT 7°15'01\" LS", ("7°15'01\" LS", "112°46'08\" BT")),
    ("7.25042 S 112.76881 E", ("7.25042 S", "112.76881 E")),
    ("https://www.google.com/maps/@-7.25042,112.76881,17z", ("-7.25042", "112.76881")),
    ("https://maps.google.com/?q=-7.25042,112.76881", ("-7.25042", "112.76881")),
    (
        "https://www.google.com/maps/place/Rumah/@-7.1,112.1,17z/data=!3m1!4b1!3d-7.25042!4d112.76881",
        ("-7.25042", "112.76881"),
    ),
    (
        "https://www.google.com/maps/search/?api=1&query=-7.25042%2C112.76881",
        ("-7.25042", "112.76881"),
    ),
    ("https://www.google.com/maps/search/-7.25042,+112.76881?x=1", ("-7.25042", "112.76881")),
    ("https://www.openstreetmap.org/#map=18/-7.25042/112.76881", ("-7.25042", "112.76881")),
    (
        "https://www.openstreetmap.org/?mlat=-7.25042&mlon=112.76881#map=12/-7.1/112.1",
        ("-7.25042", "112.76881"),
    ),
    ("geo:-7.25042,112.76881?z=17", ("-7.25042", "112.76881")),
    ("Lokasi: https://maps.google.com/?q=-7.25042,112.76881", ("-7.25042", "112.76881")),
]


@pytest.mark.parametrize(("text", "pair"), READ, ids=[text for text, _pair in READ])
def test_two_halves_are_told_apart(text, pair):
    latitude, longitude = typed_point.split(text)
    assert (latitude.upper(), longitude.upper()) == pair


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("rumah pak RT", "unreadable"),
        ("-7.25", "unreadable"),
        ("7°15' LS", "unreadable"),
        ("-7.1, 112.2, 113.3", "unreadable"),
        ("https://maps.app.goo.gl/AbCdEf", "short_link"),
        ("https://goo.gl/maps/AbCdEf", "short_link"),
        ("https://www.google.com/maps/place/Desa+Mekarsari", "link"),
        ("https://example.org/", "link"),
    ],
)
def test_what_names_no_place_says_why(text, reason):
    with pytest.raises(typed_point.NotAPoint) as problem:
        typed_point.split(text)
    assert problem.value.reason == reason
