"""What each kind of conflict asks: the answers it accepts and their effects.

Only a decree adds a person to the register. When a recipient who is not registered does live in the
village, the answer is accepted without a correction, and the village proposes the person.
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
    """`act` is the field of `registry.correcting.CORRECTIONS` that the source's answer sets.

    `kk` is written there as a move inside the village. `other` is the field that the officer's own
    value sets, "" where there is none. `is_harsh`: an answer in favour of the source takes
    something from a person and needs evidence.
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

# Kinds that a source's deliveries can raise. For names and dates of birth see `conflicts`.
OF_SOURCE: Final[dict[str, tuple[ConflictKind, ...]]] = {
    Source.Kind.CIVIL: (K.DECEASED, K.MOVED, K.NIK_UNKNOWN, K.NAME_DIFFERS, K.BIRTH_DIFFERS),
    Source.Kind.RANKING: (K.ABOVE_LIMIT,),
    Source.Kind.PROGRAMME: (K.NOT_REGISTERED,),
    Source.Kind.POVERTY: (),
    Source.Kind.EMPLOYEES: (K.CIVIL_SERVANT,),
}
# Claims of decrees that the register did not accept: field of the claim → kind of question.
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
    """Whether an answer of this kind is accepted only with a document.

    It is where neither side stated the value, and where the person loses the place, the number or
    the aid because of it.
    """
    return choice == Choice.OTHER or (choice == Choice.THEIRS and question(kind).is_harsh)
