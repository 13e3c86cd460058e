"""Whether two who bear one NIK are one person, by what they are called. Pure.

A NIK holds the date of birth and the sex, so that those two agree even where the number is a
stranger's: the name decides, and the mother's name beside it. The civil match, the check of every
row and the comparison in review all ask here.
"""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from rapidfuzz.distance import OSA, JaroWinkler

from apps.common.person_names import name_key

# The same level as "close" of the linkage's names. Source: apps.reconciliation.linkage.comparisons.
CLOSE: Final = 0.93
# Points no farther apart are of one house; the accuracy of a phone is 5 to 30 m.
SAME_POINT_M: Final = 100.0
# Below so many letters one slip is another name: ANI, ANA.
SLIP_FROM_LETTERS: Final = 4
# First words that many people share: who changed the rest of the name is not told by them. In the
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
    """How near two names are; `NOTHING` where one side has none."""

    NOTHING = -1
    OTHER = 0
    PART = 1  # one has a part that the other left out
    CLOSE = 2  # a slip of a letter or two
    EQUAL = 3  # the same name, perhaps in another spelling


class Named(NamedTuple):
    """What is compared."""

    name: str
    mother_name: str = ""
    birth_date: date | None = None


class Judgement(NamedTuple):
    """Whether it is another person, and how near the two names are."""

    is_other: bool
    name: Alike
    mother_name: Alike


def judge(proposed: Named, registered: Named) -> Judgement:
    """Whether somebody proposed is the person registered under the same NIK.

    Another person is whose name is another; a part of a name is enough only where the mothers do
    not differ. Three things make one person of two names: the mother's name and the day of birth
    agree and the name begins alike (a name taken with a marriage), or differs by one slip.
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
    """How near two names are: the same key, a slip of a letter or two, or a part left out."""
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
    """The same key, a slip of a letter or two, or a name of which the other has a part left out."""
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
    """The first word that tells one from others is the same, or a slip away."""
    left, right = (_first_telling(name_key(name)) for name in (ours, theirs))
    return bool(left and right) and JaroWinkler.similarity(left, right) >= CLOSE


def _first_telling(key: str) -> str:
    return next((word for word in key.split() if word not in SHARED_FIRST), "")
