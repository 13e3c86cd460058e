"""Whether the person in the civil register under a NIK is the proposed one. No database access.

Matched: a person is found under the NIK, is alive, has the same or nearly the same name and was
born on the same day. Sex and village are reported, too, and do not decide: people move before their
papers are changed, and an officer may mistype one letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from apps.civilregister.states import CivilDifference, CivilStatus
from apps.registry.likeness import is_one_name

# A difference in one of these means another person, or a deceased one.
DECIDING: Final = frozenset(
    {
        CivilDifference.NIK,
        CivilDifference.DECEASED,
        CivilDifference.NAME,
        CivilDifference.BIRTH_DATE,
    }
)


class Person(NamedTuple):
    """The compared values. `sex` and `village_code` are empty if they are not known."""

    name: str
    birth_date: date | None
    sex: str = ""
    village_code: str = ""
    is_deceased: bool = False


class CivilComparison(NamedTuple):
    """The status and the differences, the deciding ones first."""

    status: CivilStatus
    differs: tuple[str, ...]


NOT_FOUND: Final = CivilComparison(CivilStatus.NOT_MATCHED, (CivilDifference.NIK.value,))


def judge(proposed: Person, known: Iterable[Person]) -> CivilComparison:
    """The best comparison among the persons whom the civil register has under one NIK."""
    found = [_compared(proposed, person) for person in known]
    return min(found, key=_worse, default=NOT_FOUND)


def _worse(likeness: CivilComparison) -> tuple[bool, int]:
    return likeness.status != CivilStatus.MATCHED, len(likeness.differs)


def _compared(proposed: Person, known: Person) -> CivilComparison:
    differs = [
        code
        for code, is_different in (
            (CivilDifference.DECEASED, known.is_deceased),
            (CivilDifference.NAME, not is_one_name(proposed.name, known.name)),
            (CivilDifference.BIRTH_DATE, proposed.birth_date != known.birth_date),
            (CivilDifference.SEX, _differ(proposed.sex, known.sex)),
            (CivilDifference.VILLAGE, _differ(proposed.village_code, known.village_code)),
        )
        if is_different
    ]
    is_other = not DECIDING.isdisjoint(differs)
    status = CivilStatus.NOT_MATCHED if is_other else CivilStatus.MATCHED
    return CivilComparison(status, tuple(code.value for code in differs))


def _differ(ours: str, theirs: str) -> bool:
    return bool(ours and theirs and ours != theirs)
