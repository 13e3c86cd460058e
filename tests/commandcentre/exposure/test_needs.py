"""Needs by the minimum standards: numbers that can be checked by hand."""

from __future__ import annotations

from apps.commandcentre.exposure import needs

COUNTS = {"persons": 11, "families": 3, "under_five": 1}


def test_a_day_of_eleven_persons_in_three_families():
    assert needs.goods_for(COUNTS, 1) == {
        "rice": 5,  # 4.4 kg, rounded up
        "water": 28,  # 27.5 litres
        "family_kit": 3,
        "blanket": 6,
        "kidware": 1,
    }


def test_food_and_water_grow_with_the_days_and_kits_do_not():
    week = needs.goods_for(COUNTS, 7)
    assert (week["rice"], week["water"]) == (31, 193)
    assert (week["family_kit"], week["blanket"], week["kidware"]) == (3, 6, 1)


def test_a_whole_number_is_not_rounded_up_to_the_next_one():
    assert needs.goods_for({"persons": 5, "families": 0, "under_five": 0}, 1)["rice"] == 2
    assert needs.goods_for({"persons": 3, "families": 0, "under_five": 0}, 5)["rice"] == 6


def test_nobody_needs_nothing():
    assert needs.goods_for({"persons": 0, "families": 0, "under_five": 0}, 3) == {}


def test_clean_water_is_more_from_the_fourth_day_on():
    assert needs.clean_water_litres(10, 2) == 140
    assert needs.clean_water_litres(10, 5) == 10 * (3 * 7 + 2 * 15)
    assert needs.shelter_m2(10) == 30
