"""Whether two people with one NIK are the same person, by their names. Pure.

A NIK contains the date of birth and the sex, so these two agree even where the number belongs to a
stranger. The name decides, together with the mother's name. The civil match, the check of every row
and the comparison in review all use this module.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from apps.common.text.person_names import name_key

# The same threshold as "close" in the linkage's names. Source:
# apps.reconciliation.linkage.comparisons.
CLOSE: Final = 0.93
# Points within this distance belong to one house; the accuracy of a phone is 5 to 30 m.
SAME_POINT_M: Final = 100.0
# In shorter names one slip makes another name: ANI, ANA.
SLIP_FROM_LETTERS: Final = 4
# First words that many people share: they do not identify a person whose other words differ. In the
# form of `name_key`. Source: the commonest first words of name lists; the linkage's own "rarity".
SHARED_FIRST: Final = frozenset(
    [
        "MUHAMAD",
        "AHMAD",
        "ABDUL",
        "SITI",
        "NUR",
        "SRI",
        "DEWI",
        "NI",
        "I",
        "PUTU",
        "MADE",
        "NJOMAN",
        "KETUT",
        "ANAK",
        "AGUNG",
        "RADEN",
        "ANDI",
    ]
)


class Alike(IntEnum):
    """The similarity of two names; `NOTHING` where one side has none."""

    NOTHING = -1
    OTHER = 0
    PART = 1  # one has a part that the other lacks
    CLOSE = 2  # a slip of a letter or two
    EQUAL = 3  # the same name, perhaps in another spelling


class Named(NamedTuple):
    """The compared values of one person."""

    name: str
    mother_name: str = ""
    birth_date: date | None = None


class Judgement(NamedTuple):
    """Whether it is another person, and the similarity of the two names."""

    is_other: bool
    name: Alike
    mother_name: Alike


def judge(proposed: Named, registered: Named) -> Judgement:
    """Whether a proposed person is the one registered under the same NIK.

    A different name means another person; a part of a name is enough only where the mothers' names
    do not differ. Two different names still count as one person when the mother's name and the day
    of birth agree and the name either begins alike (a name taken with a marriage) or differs by one
    slip.
    """
    name = alike(proposed.name, registered.name)
    mother = alike(proposed.mother_name, registered.mother_name)
    if name in {Alike.EQUAL, Alike.CLOSE}:
        return Judgement(False, name, mother)
    if name == Alike.PART:
        return Judgement(mother == Alike.OTHER, name, mother)
    is_known = mother in {Alike.EQUAL, Alike.CLOSE} and _born_alike(proposed, registered)
    if is_known and _slipped(proposed.name, registered.name):
        return Judgement(False, Alike.CLOSE, mother)
    return Judgement(not (is_known and _begin_alike(proposed.name, registered.name)), name, mother)


def alike(ours: str, theirs: str) -> Alike:
    """The similarity of two names: the same key, a slip of a letter or two, or a part left out."""
    left, right = name_key(ours), name_key(theirs)
    if not left or not right:
        return Alike.NOTHING
    if left == right or _joined(left) == _joined(right):
        return Alike.EQUAL
    short, long = sorted((set(left.split()), set(right.split())), key=len)
    if short <= long:
        return Alike.PART
    if JaroWinkler.similarity(_joined(left), _joined(right)) >= CLOSE:
        return Alike.CLOSE
    return Alike.OTHER


def is_one_name(ours: str, theirs: str) -> bool:
    """Whether the keys are equal, differ by a slip of a letter or two, or one lacks a part."""
    return alike(ours, theirs) >= Alike.PART


def _joined(key: str) -> str:
    return key.replace(" ", "")


def _born_alike(proposed: Named, registered: Named) -> bool:
    return proposed.birth_date is not None and proposed.birth_date == registered.birth_date


def _slipped(ours: str, theirs: str) -> bool:
    """One letter more, less, other or in the wrong place."""
    left, right = _joined(name_key(ours)), _joined(name_key(theirs))
    return min(len(left), len(right)) >= SLIP_FROM_LETTERS and OSA.distance(left, right) <= 1


def _begin_alike(ours: str, theirs: str) -> bool:
    """Whether the first distinctive words are equal, or a slip apart."""
    left, right = (_first_telling(name_key(name)) for name in (ours, theirs))
    return bool(left and right) and JaroWinkler.similarity(left, right) >= CLOSE


def _first_telling(key: str) -> str:
    return next((word for word in key.split() if word not in SHARED_FIRST), "")
