"""Bounds by which registered persons are checked and grouped. No I/O; statements take them."""

from __future__ import annotations

from typing import Any, Final

FIRST_BIRTH_YEAR: Final = 1900  # an earlier year is a typing error
# Groups that are counted. Source of the elderly: UU 13/1998.
UNDER_FIVE_YEARS: Final = 5
ELDERLY_FROM_YEARS: Final = 60
# Children with a disability, persons with one. Source: Permensos 8/2012, the same in 5/2019.
DISABILITY_PPKS: Final = (5, 9)


def group_bounds() -> dict[str, Any]:
    """The parameters of statements that count persons by group."""
    return {
        "under_five_years": UNDER_FIVE_YEARS,
        "elderly_from_years": ELDERLY_FROM_YEARS,
        "disability_ppks": list(DISABILITY_PPKS),
    }
