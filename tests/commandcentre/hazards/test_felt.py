"""Felt reports: what BMKG writes, and how far they move the relation."""

from __future__ import annotations

import pytest

from apps.commandcentre.hazards import felt
from apps.commandcentre.hazards.felt import FeltPlace


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("III Pekalongan, II Batang", [("pekalongan", 3), ("batang", 2)]),
        ("II-III MMI Kab. Manggarai", [("manggarai", 2.5)]),
        ("II - III Denpasar, Badung", [("denpasar", 2.5), ("badung", 2.5)]),
        ("IV Kota Palu, III Kabupaten Sigi", [("palu", 4), ("sigi", 3)]),
        ("VIII Bantul; IX Klaten.", [("bantul", 8), ("klaten", 9)]),
        (
            "III Kab. Kep. Sangihe, II Kepulauan Sula, II Kep.Mentawai",
            [("sangihe", 3), ("sula", 2), ("mentawai", 2)],
        ),
        (
            "IV Banggai Kep., III Banggai, II Kepahiang, II Kab. Adm. Kep. Seribu",
            [("banggai kepulauan", 4), ("banggai", 3), ("kepahiang", 2), ("seribu", 2)],
        ),
        ("Ampel", []),
        ("", []),
        ("-", []),
    ],
)
def test_places_are_read_with_their_intensity(text, places):
    assert felt.read(text) == [FeltPlace(name, intensity) for name, intensity in places]


def test_one_place_moves_the_relation_less_than_many_do():
    one, many = felt.offset([-1.0]), felt.offset([-1.0] * 20)
    assert -1 < many < one < 0
    assert felt.offset([]) == 0


def test_the_correction_is_bounded():
    assert felt.offset([-9.0] * 50) == -felt.MOST_OFFSET
