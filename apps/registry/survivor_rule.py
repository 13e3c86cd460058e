"""The rule which of several rows of one person is kept. Pure; the only definition of the rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Weighed(NamedTuple):
    """The evidence of the rule: whether the NIK is present and undisputed, and how many fields are
    filled.

    `state` differs as soon as any value that a merge would move differs.
    """

    id: int
    is_nik_sure: bool
    filled: int
    state: str = ""
    village: str = ""


def in_order(persons: Iterable[Weighed]) -> list[Weighed]:
    """The person to keep first: an undisputed NIK, then more fields filled, then the older row."""
    return sorted(persons, key=lambda one: (not one.is_nik_sure, -one.filled, one.id))


def why(kept: Weighed, other: Weighed) -> str:
    """The criterion that decided between two, as a code: `nik`, `filled` or `older`."""
    if kept.is_nik_sure != other.is_nik_sure:
        return "nik"
    return "filled" if kept.filled != other.filled else "older"
