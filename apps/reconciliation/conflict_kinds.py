"""What each kind of conflict asks: which answers it takes, and what follows from them.

Nothing but a decree brings a person into the register: that a recipient who is not registered does
live there is taken over without a correction, and the village proposes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from apps.reconciliation.models import Answer, Source
from apps.reconciliation.states import ConflictKind

Choice = Answer.Choice
K = ConflictKind


@dataclass(frozen=True)
class Question:
    """`act` is the field of `registry.correcting.CORRECTIONS` that the source's answer sets; `kk`
    is written there as a move inside the village.

    `other` is the field that the officer's own value sets, "" where there is none; `is_harsh`: who
    answers for the source takes something from a person, and shows evidence.
    """

    act: str
    other: str = ""
    is_harsh: bool = False

    @property
    def choices(self) -> list[Answer.Choice]:
        return [Choice.THEIRS, Choice.OURS, *([Choice.OTHER] if self.other else [])]


QUESTIONS: Final[dict[str, Question]] = {
    K.DECEASED: Question("removed", is_harsh=True),
    K.MOVED: Question("village", other="village"),
    K.NIK_UNKNOWN: Question("nik_disputed", other="nik", is_harsh=True),
    K.NIK_SHARED: Question("nik_disputed", other="nik", is_harsh=True),
    K.NIK_TWICE: Question("nik", other="nik", is_harsh=True),
    K.NAME_DIFFERS: Question("name", other="name"),
    K.BIRTH_DIFFERS: Question("birth_date", other="birth_date"),
    K.SEX_DIFFERS: Question("sex"),
    K.MOTHER_DIFFERS: Question("mother_name", other="mother_name"),
    K.KK_DIFFERS: Question("kk"),
    K.PLACE_DIFFERS: Question("address"),
    K.POINT_DIFFERS: Question("location"),
    K.NOT_REGISTERED: Question(""),
    K.ABOVE_LIMIT: Question("enrolments_ended", is_harsh=True),
    K.CIVIL_SERVANT: Question("enrolments_ended", is_harsh=True),
}

# Which kinds a source's deliveries can raise. Names and dates of birth besides: see `conflicts`.
OF_SOURCE: Final[dict[str, tuple[ConflictKind, ...]]] = {
    Source.Kind.CIVIL: (K.DECEASED, K.MOVED, K.NIK_UNKNOWN, K.NAME_DIFFERS, K.BIRTH_DIFFERS),
    Source.Kind.RANKING: (K.ABOVE_LIMIT,),
    Source.Kind.PROGRAMME: (K.NOT_REGISTERED,),
    Source.Kind.POVERTY: (),
    Source.Kind.EMPLOYEES: (K.CIVIL_SERVANT,),
}
# What decrees claimed and the register did not take: the field of the claim → what is asked of it.
OF_CLAIMS: Final = {
    "name": K.NAME_DIFFERS,
    "birth_date": K.BIRTH_DIFFERS,
    "sex": K.SEX_DIFFERS,
    "mother_name": K.MOTHER_DIFFERS,
    "village": K.MOVED,
    "kk": K.KK_DIFFERS,
    "address": K.PLACE_DIFFERS,
    "location": K.POINT_DIFFERS,
}
OF_EVERY_SOURCE: Final = (K.NIK_SHARED, K.NIK_TWICE)
# A source asks about these when it is an authority for the field (`models.Authority`).
OF_AUTHORITIES: Final = {"name": K.NAME_DIFFERS, "birth_date": K.BIRTH_DIFFERS}


def question(kind: str) -> Question:
    return QUESTIONS[ConflictKind(kind)]


def needs_evidence(kind: str, choice: str) -> bool:
    """Whether an answer of this kind is taken only with a document beside it.

    It is where neither side stated the value, and where a person loses the place, the number or
    the aid by it.
    """
    return choice == Choice.OTHER or (choice == Choice.THEIRS and question(kind).is_harsh)
