"""What the pages of questions show: lists, one question with its two sides, a file to download.

Every read of personal data is recorded before it is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Min
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import Scope
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.casework.models import Worklist
from apps.proposals.maps import HIDDEN
from apps.reconciliation.conflict_kinds import Choice, question
from apps.reconciliation.conflicts.filters import NUMBER, Selection, shown
from apps.reconciliation.models import Answer, Conflict, ConflictQuerySet, Record
from apps.reconciliation.states import ConflictKind, ConflictStatus
from apps.reconciliation.text_diff import Pieces, marked_exactly
from apps.regions.models import Region
from apps.registry.models import Person
from apps.registry.person_fields import hidden_among

KIND_LABELS: Final = dict(ConflictKind.choices)
PAGE: Final = 50
# Fields whose two values are comparable letter by letter.
ALIKE: Final = ("name", "mother_name", "birth_date", "nik", "person")
UNLIKE: Final = (ConflictKind.NIK_SHARED, ConflictKind.NIK_UNKNOWN)


@dataclass(frozen=True)
class Side:
    """The value of one side, in pieces; the differing pieces are marked."""

    pieces: Pieces
    note: str = ""

    @property
    def text(self) -> str:
        return "".join(piece for piece, _differs in self.pieces)


@dataclass(frozen=True)
class QuestionRow:
    """One question in a list."""

    conflict: Conflict
    who: str
    ours: str
    theirs: str


@dataclass(frozen=True)
class ListedWorklist:
    """A work-list with its texts."""

    worklist: Worklist
    label: Any
    is_late: bool

    @property
    def left(self) -> int:
        return self.worklist.total - self.worklist.done


def lists(scope: Scope, today: date, *, is_all: bool = False) -> list[ListedWorklist]:
    """The work-lists of a scope, the most urgent first; closed ones only when asked for."""
    rows = Worklist.objects.within(scope).filter(kind__in=KIND_LABELS)
    rows = rows if is_all else rows.open()
    found = rows.select_related("region").order_by("closed_at", "due_date", "pk")[:PAGE]
    return [listed(one, today) for one in found]


def listed(worklist: Worklist, today: date) -> ListedWorklist:
    is_late = worklist.closed_at is None and worklist.due_date < today
    return ListedWorklist(worklist, KIND_LABELS.get(worklist.kind, worklist.kind), is_late)


def waiting_by_kind(rows: ConflictQuerySet) -> list[dict[str, Any]]:
    """Answered questions by kind and source, oldest first, with the filter that selects them."""
    counts = (
        rows.filter(status=ConflictStatus.ANSWERED)
        .order_by()
        .values_list("kind", "source", "source__name")
        .annotate(count=Count("pk"), oldest=Min("moved_at"))
        .order_by("oldest")
    )
    return [
        {
            "label": KIND_LABELS[kind],
            "source": name,
            "count": count,
            "oldest": oldest,
            "params": Selection(kind=kind, source=source, status="answered").params(),
        }
        for kind, source, name, count, oldest in counts
    ]


def waiting_by_choice(rows: ConflictQuerySet) -> list[tuple[str, str, int]]:
    """(kind, answer, how many) of answered questions."""
    given = Answer.objects.filter(is_taken__isnull=True, conflict__in=rows)
    counts = given.order_by().values_list("conflict__kind", "choice").annotate(count=Count("pk"))
    return [
        (str(KIND_LABELS[kind]), str(Choice(choice).label), count)
        for kind, choice, count in counts.order_by("-count")
    ]


def rows_of(conflicts: Sequence[Conflict]) -> list[QuestionRow]:
    """Questions with their two sides in one line each, without protected places.

    Queries: one, for the village names; up to three more where points differ.
    """
    names, hidden = _villages(conflicts), hidden_places(conflicts)
    return [
        QuestionRow(one, who(one), *_values(one, names, is_hidden=one.pk in hidden))
        for one in conflicts
    ]


def hidden_places(conflicts: Iterable[Conflict]) -> set[int]:
    """The questions about the point of a house that is protected, or of a person who is not seen.

    Queries: none to three.
    """
    asked = {one.pk: one.person_id for one in conflicts if one.field == "location"}
    if not asked:
        return set()
    seen = Person.objects.filter(pk__in=set(asked.values())).select_related("family").in_bulk()
    told = set(seen) - hidden_among(seen.values())
    return {pk for pk, person in asked.items() if person not in told}


def who(conflict: Conflict) -> str:
    """The name of the person: from the register, else from the record."""
    if conflict.person is not None:
        return conflict.person.name
    return conflict.theirs.split(", ")[0] if conflict.person_id is None else "–"


def sides(conflict: Conflict, *, is_hidden: bool = False) -> tuple[Side, Side]:
    """The values of the register and of the source, differing letters marked; or that both are
    hidden.
    """
    ours, theirs = _values(conflict, _villages([conflict]), is_hidden=is_hidden)
    is_alike = conflict.field in ALIKE and conflict.kind not in UNLIKE
    if is_alike and ours and theirs:
        left, right = marked_exactly(ours, theirs)
        return Side(left), Side(right)
    return Side([(ours, False)]), Side([(theirs, False)])


def choices_of(conflict: Conflict) -> list[tuple[str, str, str]]:
    """(value, label, effect) of the answers that are offered."""
    follows = FOLLOWS[ConflictKind(conflict.kind)]()
    return [
        (choice.value, str(choice.label), follows.get(choice, _("Nothing changes.")))
        for choice in question(conflict.kind).choices
    ]


def record_of(conflict: Conflict, scope: Scope) -> Record | None:
    """The source's whole record, only for users who see the whole country."""
    return Record.objects.within(scope).filter(pk=conflict.record_id).first()


def note_opened(conflict: Conflict, by: User) -> None:
    """Count and record the read of one question and of its person.

    Raises: read_limits.ReadingStopped.
    """
    read_limits.count(by, read_limits.Kind.LIST)
    person = {"person": f"registry.Person:{conflict.person_id}"} if conflict.person_id else {}
    details: dict[str, Any] = {"persons": [], **person}
    record.entry(Action.READ, about=conflict, **details)


def note_listed(by: User, subject: str, rows: Sequence[QuestionRow], region: str = "") -> None:
    """Record the read of the names and masked values of these questions."""
    if rows:
        read_limits.count(by, read_limits.Kind.LIST, len(rows))
        record.entry(
            Action.READ,
            about=Subject(subject, region=region),
            conflicts=[row.conflict.pk for row in rows],
            persons=_persons(row.conflict for row in rows),
        )


def _persons(conflicts: Iterable[Conflict]) -> list[int]:
    return sorted({one.person_id for one in conflicts if one.person_id is not None})


def note_exported(
    worklist: Worklist, conflicts: Sequence[Conflict], rows: int, ending: str
) -> None:
    """Record the export of a work-list; each person in it has an entry."""
    record.entry(
        Action.EXPORT,
        about=worklist,
        rows=rows,
        format=ending,
        persons=_persons(conflicts),
    )


def header() -> list[str]:
    """The columns of a work-list as a file."""
    return [
        _("Number"), _("Question"), _("Name"), "NIK", _("Code of the village"), _("Village"),
        _("In the register"), _("Source"), _("At the source"), _("To be answered until"),
        _("Status"), _("Answer"), _("Reason"),
    ]  # fmt: skip


def lines(worklist: Worklist, conflicts: ConflictQuerySet) -> Iterator[list[Any]]:
    """The questions of a work-list as lines of a file, numbers masked."""
    found = list(
        conflicts.filter(worklist=worklist)
        .select_related("person", "village", "source")
        .order_by("village_id", "pk")
    )
    given = _answers(found)
    for row in rows_of(found):
        one, answer = row.conflict, given.get(row.conflict.pk)
        yield [
            one.pk,
            str(one.get_kind_display()),
            row.who,
            one.person.masked_nik if one.person else "",
            one.village_id,
            one.village.name,
            row.ours,
            one.source.name,
            row.theirs,
            worklist.due_date,
            str(one.get_status_display()),
            str(answer.get_choice_display()) if answer else "",
            NUMBER.sub("•" * 16, answer.reason) if answer else "",
        ]


def _answers(conflicts: list[Conflict]) -> dict[int, Answer]:
    """The latest answer of each conflict that was not handed back."""
    rows = Answer.objects.filter(conflict__in=conflicts).exclude(is_taken=False)
    return {answer.conflict_id: answer for answer in rows.order_by("pk")}


def _villages(conflicts: Sequence[Conflict]) -> dict[str, str]:
    """Names of the villages that occur as values."""
    codes = {code for one in conflicts if one.field == "village" for code in (one.ours, one.theirs)}
    if not codes:
        return {}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _values(conflict: Conflict, names: dict[str, str], *, is_hidden: bool) -> tuple[str, str]:
    """Both values in words; of hidden ones only whether there is any."""
    if is_hidden:
        return (HIDDEN if conflict.ours else "–"), (HIDDEN if conflict.theirs else "–")
    return _ours(conflict, names), _theirs(conflict, names)


def _ours(conflict: Conflict, names: dict[str, str]) -> str:
    """The register's value in words."""
    value = conflict.ours
    if conflict.field == "status":
        return str(Person.Status.ACTIVE.label)
    if conflict.field == "enrolments":
        return value.replace(";", ", ") or _("not enrolled in a programme")
    if conflict.kind == ConflictKind.NOT_REGISTERED:
        return _("not in the register")
    return _value_of(conflict, value, names)


def _theirs(conflict: Conflict, names: dict[str, str]) -> str:
    """The source's value in words."""
    value = conflict.theirs
    day = parse_date(value) if conflict.field == "status" and value else None
    if day is not None:
        return _("deceased on {day}").format(day=date_format(day, "DATE_FORMAT"))
    if conflict.kind == ConflictKind.DECEASED:
        return _("deceased, without a date")
    if conflict.kind == ConflictKind.ABOVE_LIMIT:
        return _("desil {rank}").format(rank=value)
    if conflict.kind == ConflictKind.CIVIL_SERVANT:
        return value or _("civil servant")
    if conflict.kind == ConflictKind.NIK_UNKNOWN:
        return _("not found there")
    return _value_of(conflict, value, names)


def _value_of(conflict: Conflict, value: str, names: dict[str, str]) -> str:
    if conflict.field == "village":
        return f"{names.get(value) or value} ({value})"
    return shown(conflict.field, value) or "–"


def _removal() -> dict[Answer.Choice, str]:
    return {Choice.THEIRS: _("The person is removed from the register and the aid ends.")}


def _aid() -> dict[Answer.Choice, str]:
    return {Choice.THEIRS: _("The aid of this person ends.")}


def _dispute() -> dict[Answer.Choice, str]:
    return {
        Choice.THEIRS: _("The NIK is marked as disputed until the right one is known."),
        Choice.OTHER: _("The register takes the NIK that you write."),
    }


def _value() -> dict[Answer.Choice, str]:
    return {
        Choice.THEIRS: _("The register takes the value of the source."),
        Choice.OTHER: _("The register takes the value that you write."),
    }


def _card() -> dict[Answer.Choice, str]:
    return {Choice.THEIRS: _("The person goes to the family of that card, in the same village.")}


def _of_family() -> dict[Answer.Choice, str]:
    return {Choice.THEIRS: _("The register takes it for the whole family.")}


def _stranger() -> dict[Answer.Choice, str]:
    return {
        Choice.THEIRS: _(
            "The person lives here: propose them, for only a decree registers anybody."
        ),
        Choice.OURS: _("The person rightly is not in the register. Nothing changes."),
    }


FOLLOWS: Final = {
    ConflictKind.DECEASED: _removal,
    ConflictKind.MOVED: _value,
    ConflictKind.NIK_UNKNOWN: _dispute,
    ConflictKind.NIK_SHARED: _dispute,
    ConflictKind.NIK_TWICE: _value,
    ConflictKind.NAME_DIFFERS: _value,
    ConflictKind.BIRTH_DIFFERS: _value,
    ConflictKind.SEX_DIFFERS: _value,
    ConflictKind.MOTHER_DIFFERS: _value,
    ConflictKind.KK_DIFFERS: _card,
    ConflictKind.PLACE_DIFFERS: _of_family,
    ConflictKind.POINT_DIFFERS: _of_family,
    ConflictKind.NOT_REGISTERED: _stranger,
    ConflictKind.ABOVE_LIMIT: _aid,
    ConflictKind.CIVIL_SERVANT: _aid,
}
