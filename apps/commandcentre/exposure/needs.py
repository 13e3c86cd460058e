"""Needs of affected people by minimum standards: per person or family, per day or once. Pure.

Source: Perka BNPB 7/2008 (Tata Cara Pemberian Bantuan Pemenuhan Kebutuhan Dasar): rice 400 g and
drinking water 2.5 l a person and day, clean water 7 l in the first three days and 15 l after, 3 m²
of shelter a person. Goods that it names without a number (kits, blankets) are counted as lumbung
sosial hand them out: marked `practice`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

PERKA: Final = "Perka BNPB 7/2008"
CLEAN_WATER_FIRST_L: Final = 7
CLEAN_WATER_LATER_L: Final = 15
FIRST_DAYS: Final = 3
SHELTER_M2: Final = 3


class Per(StrEnum):
    """Whom a rate is counted for."""

    PERSON = "persons"
    FAMILY = "families"
    UNDER_FIVE = "under_five"


@dataclass(frozen=True)
class Rate:
    """So much of a good (its code in the catalogue, in the good's unit) for each, daily or once."""

    good: str
    amount: float
    per: Per
    is_daily: bool
    source: str


RATES: Final = (
    Rate("rice", 0.4, Per.PERSON, True, PERKA),
    Rate("water", 2.5, Per.PERSON, True, PERKA),
    Rate("family_kit", 1, Per.FAMILY, False, "practice"),
    Rate("blanket", 2, Per.FAMILY, False, "practice"),
    Rate("kidware", 1, Per.UNDER_FIVE, False, "practice"),
)


def goods_for(counts: Mapping[str, int], days: int) -> dict[str, int]:
    """Whole units of each good for so many days, rounded up; goods of which none is needed are left
    out. `counts` has the keys of `Per`.
    """
    needed = {
        rate.good: math.ceil(
            round(rate.amount * counts.get(rate.per, 0) * (days if rate.is_daily else 1), 6)
        )
        for rate in RATES
    }
    return {good: amount for good, amount in needed.items() if amount > 0}


def clean_water_litres(persons: int, days: int) -> int:
    """Clean water for so many days from the first one on."""
    first = min(days, FIRST_DAYS)
    return persons * (first * CLEAN_WATER_FIRST_L + (days - first) * CLEAN_WATER_LATER_L)


def shelter_m2(persons: int) -> int:
    """Shelter if everybody has to leave their house."""
    return persons * SHELTER_M2
