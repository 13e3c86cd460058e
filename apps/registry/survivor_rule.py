"""Which of several rows of one person is kept. Pure: the rule stands here and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Weighed(NamedTuple):
    """What the rule looks at: whether the NIK is there and undisputed, and how much is filled in.

    `state` differs as soon as anything that a merge would move does.
    """

    id: int
    is_nik_sure: bool
    filled: int
    state: str = ""
    village: str = ""


def in_order(persons: Iterable[Weighed]) -> list[Weighed]:
    """The one to be kept first: an undisputed NIK, then more fields filled, then the older row."""
    return sorted(persons, key=lambda one: (not one.is_nik_sure, -one.filled, one.id))


def why(kept: Weighed, other: Weighed) -> str:
    """What decided between two, as a code: `nik`, `filled` or `older`."""
    if kept.is_nik_sure != other.is_nik_sure:
        return "nik"
    return "filled" if kept.filled != other.filled else "older"
