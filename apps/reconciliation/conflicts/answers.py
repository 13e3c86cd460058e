"""An officer's answer to a question, and Pusdatin's decision: take it over or hand it back.

Nothing is corrected here: the pages may only read the register. An accepted answer is marked, and a
job writes it into the register (`resolution`).
Locks: the work-list, then the conflict.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import actor_of, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.casework import documents, notices
from apps.casework.models import Document
from apps.common.errors import DomainError
from apps.common.text.days import written
from apps.common.text.identity import digits, is_number
from apps.jobs import work
from apps.jobs.models import Job
from apps.reconciliation.conflict_kinds import Choice, needs_evidence, question
from apps.reconciliation.conflicts import worklists
from apps.reconciliation.conflicts.filters import Selection
from apps.reconciliation.messages import HINTS
from apps.reconciliation.models import Answer, Conflict, ConflictQuerySet
from apps.reconciliation.states import ConflictKind, ConflictStatus
from apps.regions.models import Level, Region

RESOLVE_ANSWERS: Final = "reconciliation.resolve_answers"
SUBJECT: Final = "reconciliation.Answers"
OLDEST: Final = date(1900, 1, 1)
MOST_CHARS, FEWEST_CHARS = 200, 2
DAY_FORMATS: Final = ("%d-%m-%Y", "%d/%m/%Y", "%Y-%m-%d")


@transaction.atomic
def answer(
    *,
    conflict: Conflict,
    choice: str,
    reason: str,
    by: User,
    now: datetime,
    value: str = "",
    file: Any = None,
    file_name: str = "",
) -> Answer:
    """Store the officer's answer with its reason and evidence. The register does not change.

    Raises: DomainError.
    """
    if not scope_of(by, Permission.ANSWER_CONFLICT).contains(conflict.village_id):
        raise DomainError("conflict_not_yours")
    if choice not in question(conflict.kind).choices:
        raise DomainError("conflict_choice")
    reason = " ".join(reason.split())[:500]
    if not reason:
        raise DomainError("conflict_reason")
    value = read_value(conflict, value, now) if choice == Choice.OTHER else ""
    if file is None and needs_evidence(conflict.kind, choice):
        raise DomainError("conflict_evidence")
    _lock_list(conflict)
    _move(conflict, ConflictStatus.OPEN, ConflictStatus.ANSWERED, now)
    given = Answer.objects.create(
        conflict=conflict,
        choice=choice,
        value=value,
        reason=reason,
        document=_kept(conflict, file, file_name, by, now),
        user=by,
        at=now,
    )
    worklists.count([conflict.worklist_id], now)
    record.entry(Action.DECIDE, about=conflict, by=by, step="answer", choice=str(choice))
    return given


def read_value(conflict: Conflict, given: str, now: datetime) -> str:
    """The value that an officer typed, in the register's form. Raises: DomainError."""
    field = question(conflict.kind).other
    value = _READERS[field](given.strip(), now)
    if not value:
        raise DomainError("conflict_value", shown=_hidden(field, given), hint=HINTS[field])
    if value == conflict.ours:
        raise DomainError("conflict_same")
    return value


def pending(conflict: Conflict) -> Answer | None:
    """The answer that waits for Pusdatin or is being written."""
    if conflict.status != ConflictStatus.ANSWERED:
        return None
    return conflict.answers.exclude(is_taken=False).order_by("-pk").first()


@transaction.atomic
def hand_back(*, conflict: Conflict, note: str, by: User, now: datetime) -> None:
    """Reject the answer: the question is open again, with the reason. Raises: DomainError."""
    note = " ".join(note.split())[:500]
    if not note:
        raise DomainError("conflict_reason")
    given = _to_decide(conflict, by)
    _lock_list(conflict)
    _decide(given, by, now, note, is_taken=False)
    _move(conflict, ConflictStatus.ANSWERED, ConflictStatus.OPEN, now)
    worklists.count([conflict.worklist_id], now)
    notices.write_notices(
        {given.user_id: 1},
        kind=notices.Kind.ANSWER_BACK,
        subject=worklists.SUBJECT,
        url=f"{worklists.PAGE}{conflict.pk}/",
        now=now,
    )
    record.entry(Action.DECIDE, about=conflict, by=by, step="hand back")


@transaction.atomic
def take_over(*, conflict: Conflict, note: str, by: User, now: datetime) -> Job:
    """Accept the answer; returns the job that writes it. Raises: DomainError."""
    given = _to_decide(conflict, by)
    if is_for_merging(conflict) and given.choice == Choice.THEIRS:
        raise DomainError("conflict_merge")
    _decide(given, by, now, " ".join(note.split())[:500], is_taken=True)
    record.entry(Action.DECIDE, about=conflict, by=by, step="take over", choice=given.choice)
    return _enqueue(by, 1, {})


def takeable(selection: Selection, by: User) -> ConflictQuerySet:
    """The answered conflicts of a filter that `by` may take over: not those `by` answered."""
    rows = selection.apply(Conflict.objects.within(scope_of(by, Permission.RESOLVE_CONFLICT)))
    waiting = Answer.objects.filter(is_taken__isnull=True).exclude(user=by)
    rows = rows.filter(status=ConflictStatus.ANSWERED, pk__in=waiting.values("conflict"))
    merging = rows.filter(field="person", answers__is_taken=None, answers__choice=Choice.THEIRS)
    return rows.exclude(pk__in=merging.values("pk"))


@transaction.atomic
def take_many(*, selection: Selection, expected: int, by: User, now: datetime) -> Job:
    """Take over all answers under a filter; `expected` is the number that was shown.

    Queries: five, independent of the number of answers. Raises: DomainError when the number
    differs.
    """
    ids = list(takeable(selection, by).order_by("pk").values_list("pk", flat=True))
    rows = Answer.objects.filter(conflict__in=ids, is_taken__isnull=True)
    found = rows.update(is_taken=True, taken_by=by, taken_at=now)
    if found != expected or not found:
        raise DomainError("conflict_changed_since", found=found, expected=expected)
    record.entry(
        Action.DECIDE,
        about=Subject(SUBJECT),
        by=by,
        step="take over",
        selection=selection.params(),
        conflicts=found,
    )
    return _enqueue(by, found, selection.params())


def is_for_merging(conflict: Conflict) -> bool:
    """Whether the question is if two persons of the register are the same person."""
    return conflict.kind == ConflictKind.NIK_TWICE and conflict.other_person_id is not None


def _enqueue(by: User, total: int, selection: dict[str, str]) -> Job:
    return work.enqueue(
        RESOLVE_ANSWERS,
        SUBJECT,
        by=actor_of(by),
        by_name=str(by),
        queue="interactive" if total == 1 else "batches",
        total=total,
        parameters={"user": by.pk, "selection": selection},
    )


def _to_decide(conflict: Conflict, by: User) -> Answer:
    if not scope_of(by, Permission.RESOLVE_CONFLICT).contains(conflict.village_id):
        raise DomainError("conflict_not_yours")
    given = pending(conflict)
    if given is None or given.is_taken:
        raise _moved(conflict)
    if given.user_id == by.pk:
        raise DomainError("conflict_own")
    return given


def _decide(given: Answer, by: User, now: datetime, note: str, *, is_taken: bool) -> None:
    """Decide in one conditional UPDATE: of two stewards at the same time one is refused."""
    waiting = Answer.objects.filter(pk=given.pk, is_taken__isnull=True)
    if not waiting.update(is_taken=is_taken, taken_by=by, taken_at=now, taken_note=note):
        raise _moved(given.conflict)


def _lock_list(conflict: Conflict) -> None:
    if conflict.worklist_id is not None:
        worklists.lock([conflict.worklist_id])


def _move(conflict: Conflict, old: ConflictStatus, new: ConflictStatus, now: datetime) -> None:
    rows = Conflict.objects.filter(pk=conflict.pk, status=old)
    if not rows.update(status=new, moved_at=now):
        raise _moved(conflict)
    conflict.status, conflict.moved_at = new, now


def _moved(conflict: Conflict) -> DomainError:
    current = Conflict.objects.filter(pk=conflict.pk).first() or conflict
    return DomainError("conflict_moved", status=current.get_status_display())


def _kept(
    conflict: Conflict, file: Any, file_name: str, by: User, now: datetime
) -> Document | None:
    if file is None:
        return None
    return documents.receive_evidence(
        region=conflict.village,
        number=str(conflict.pk),
        file=file,
        file_name=file_name,
        by=by,
        now=now,
    )


def _read_name(given: str, _now: datetime) -> str:
    name = " ".join(given.split()).upper()
    fits = FEWEST_CHARS <= len(name) <= MOST_CHARS and re.search(r"\d", name) is None
    return name if fits else ""


def _read_date(given: str, now: datetime) -> str:
    given = written(given)
    for wanted in DAY_FORMATS:
        try:
            day = datetime.strptime(given, wanted).date()  # noqa: DTZ007 (a day, no time)
        except ValueError:
            continue
        return day.isoformat() if OLDEST <= day <= timezone.localdate(now) else ""
    return ""


def _read_nik(given: str, _now: datetime) -> str:
    number = digits(given)
    return number if is_number(number) else ""


def _read_village(given: str, now: datetime) -> str:
    code = given.split(" ")[0] if given else ""
    today = timezone.localdate(now)
    known = Region.objects.at(today).filter(code=code, level=Level.VILLAGE).exists()
    return code if known else ""


_READERS: Final = {
    "name": _read_name,
    "mother_name": _read_name,
    "birth_date": _read_date,
    "nik": _read_nik,
    "village": _read_village,
}


def _hidden(field: str, given: str) -> str:
    """The typed value for a sentence; a number that may be a NIK is not repeated."""
    return "–" if field == "nik" or not given else f"“{given[:60]}”"
