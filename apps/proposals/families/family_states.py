"""The families of a sender: state, reason in words, next step and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Func, Max, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.calendar import CycleCalendar
from apps.proposals import register_filters
from apps.proposals.access import row_files
from apps.proposals.chips import reason as reason_words
from apps.proposals.models import (
    Batch,
    BatchQuerySet,
    Decision,
    HeldRow,
    Proposal,
    ProposalQuerySet,
    Question,
)
from apps.proposals.pages.batch_lists import waits
from apps.proposals.states import BatchStatus, EvidenceKind, ProposalStatus
from apps.proposals.steps import sent_by
from apps.regions.models import LEVEL_BY_LENGTH, Level, Region
from apps.ui.paging import PAGE, Order, Page, read_page

# A paper that is not there keeps rows of these statuses from being verified.
UNVERIFIED: Final = frozenset(
    {ProposalStatus.DRAFT, ProposalStatus.SUBMITTED, ProposalStatus.RETURNED}
)
DRAFT_OF_NEW: Final = (ProposalStatus.DRAFT, Proposal.Kind.NEW)
# Families on one page.
NEWEST_HEAD_FIRST: Final = Order.by("-head")
MOST_HELD: Final = 20
# A question about a proposal that a reviewer still decides waits for its sender first.
ASKABLE: Final = frozenset(
    {
        ProposalStatus.SUBMITTED,
        ProposalStatus.VERIFIED,
        ProposalStatus.ENDORSED,
        ProposalStatus.ACCEPTED,
    }
)
REGENCY_LENGTH = next(length for length, level in LEVEL_BY_LENGTH.items() if level == Level.REGENCY)


@dataclass(frozen=True)
class State:
    """Where some members of a family are. `by` takes the next step; "" where there is none."""

    status: str
    names: list[str]
    since: datetime
    reason: str
    next: str
    by: str
    url: str


@dataclass(frozen=True)
class _Known:
    """What the states need besides the rows. `batches` are those that the user may see; `lacking`
    are the rows whose paper is not there, `unevident` the drafts whose village has no evidence.
    """

    decisions: dict[int, Decision]
    regencies: dict[str, str]
    batches: dict[int, Batch]
    asked: dict[int, Question]
    lacking: set[int]
    unevident: set[int]
    calendar: CycleCalendar


@dataclass(frozen=True)
class Family:
    """The proposals under one KK number; members at the same point of the way are one state."""

    kk: str
    village: Region
    rt: str
    programmes: list[str]
    states: list[State]


def sent_rows(by: User) -> ProposalQuerySet:
    """The proposals that this person answers for as a sender, in their scope."""
    return Proposal.objects.within(scope_of(by, Permission.VIEW_PROPOSAL)).filter(sent_by(by))


def page_of(by: User, params: Mapping[str, Any]) -> tuple[list[Proposal], Page[Any]]:
    """The proposals of fifty families, the newest family first, and their page.

    A family's place is the key of its newest proposal. Queries: two.
    """
    heads = sent_rows(by).order_by().values("kk").annotate(head=Max("pk"))
    page = read_page(heads, NEWEST_HEAD_FIRST, params)
    return _rows(by, [row["kk"] for row in page.rows]), page


def found_by(by: User, number: str) -> list[Proposal]:
    """The proposals of the families with this KK number or with a member of this NIK.

    Queries: two.
    """
    rows = sent_rows(by)
    known = {number, *rows.filter(nik=number).values_list("kk", flat=True)[:PAGE]}
    return _rows(by, known)


def held_by(batches: Any, number: str) -> list[HeldRow]:
    """The rows with this KK number or NIK that must be fixed before they are proposed. Their cells
    are as they were sent: the digits are compared, without spaces, points and the like.

    Queries: one.
    """
    rows = HeldRow.objects.filter(batch__in=batches.values("pk")).select_related("batch")
    same = rows.annotate(kk_digits=_digits("kk"), nik_digits=_digits("nik"))
    found = same.filter(Q(kk_digits=number) | Q(nik_digits=number))
    return list(found.order_by("-pk")[:MOST_HELD])


@dataclass(frozen=True)
class HeldFile:
    """A file with rows that must be fixed, and how many."""

    batch: Batch
    rows: int


def held_files(batches: BatchQuerySet) -> list[HeldFile]:
    """The newest files with rows that wait to be fixed, which are no families yet. Queries: one."""
    waiting = batches.filter(waits("held")).order_by("-pk")[:MOST_HELD]
    return [HeldFile(batch, int(batch.counts["held"])) for batch in waiting]


def _digits(cell: str) -> Func:
    return Func(
        KeyTextTransform(cell, "values"),
        Value(r"\D"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=TextField(),
    )


def _rows(by: User, numbers: Iterable[str]) -> list[Proposal]:
    rows = sent_rows(by).filter(kk__in=list(numbers))
    # no join with the batch: it may be the office's, which a village officer does not see
    return list(rows.select_related("village", "decree").order_by("-pk"))


def families(rows: Sequence[Proposal], calendar: CycleCalendar) -> list[Family]:
    """The rows by family, in their order. Queries: six, and one for each file of unproven drafts
    that is not seen.
    """
    batches = Batch.objects.in_bulk({row.batch_id for row in rows})
    known = _Known(
        _last_decisions(rows),
        _regencies(rows),
        batches,
        _open_questions(rows),
        _lacking(rows),
        _unevident(rows, batches, calendar),
        calendar,
    )
    grouped: dict[str, list[Proposal]] = {}
    for row in rows:
        grouped.setdefault(row.kk, []).append(row)
    return [
        Family(
            members[0].masked_kk,
            members[0].village,
            members[0].rt,
            sorted({row.programme_id for row in members}),
            _states(members, known),
        )
        for members in grouped.values()
    ]


def _last_decisions(rows: Sequence[Proposal]) -> dict[int, Decision]:
    """The last decision about each proposal. Queries: one."""
    found = Decision.objects.filter(proposal__in=[row.pk for row in rows])
    return {one.proposal_id: one for one in found.order_by("pk")}


def _open_questions(rows: Sequence[Proposal]) -> dict[int, Question]:
    """The question that waits about each proposal. Queries: one."""
    found = Question.objects.filter(proposal__in=[row.pk for row in rows], answered_at__isnull=True)
    return {one.proposal_id: one for one in found}


def _lacking(rows: Sequence[Proposal]) -> set[int]:
    """The rows that cannot be verified for want of their paper. Queries: one, or none."""
    asked = [row.pk for row in rows if row.kind != Proposal.Kind.NEW and row.status in UNVERIFIED]
    if not asked:
        return set()
    found = Proposal.objects.filter(register_filters.LACKS_PAPER, pk__in=asked)
    return set(found.values_list("pk", flat=True))


def _unevident(
    rows: Sequence[Proposal], batches: Mapping[int, Batch], calendar: CycleCalendar
) -> set[int]:
    """The drafts of villages without evidence for the cycle into which they will be submitted; none
    of an agency's, which needs no evidence. Queries: one, and one for each file that is not seen.
    """
    drafts = [row for row in rows if (row.status, row.kind) == DRAFT_OF_NEW]
    codes = sorted({row.village_id for row in drafts})
    evident = documents.latest_of(codes, calendar.open or calendar.next) if codes else {}
    waiting = [row for row in drafts if row.village_id not in evident]
    of_batches = {row.batch_id: row for row in waiting}
    files = {key: batches.get(key) or row_files.file_of(row) for key, row in of_batches.items()}
    return {
        row.pk
        for row in waiting
        if (file := files[row.batch_id]) is not None and file.agency_id is None
    }


def _regencies(rows: Sequence[Proposal]) -> dict[str, str]:
    """Names of the regencies whose office decides. Queries: one."""
    codes = {row.village_id[:REGENCY_LENGTH] for row in rows}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _states(members: list[Proposal], known: _Known) -> list[State]:
    found: dict[tuple[str, ...], list[tuple[Proposal, State]]] = {}
    for row in sorted(members, key=lambda one: one.row_number):
        state = _state(row, known)
        # each returned row is mended on its own page
        key = (state.status, state.reason, state.next, state.url)
        found.setdefault(key, []).append((row, state))
    return [
        State(
            some[0][1].status,
            [row.name for row, _state in some],
            max(state.since for _row, state in some),
            some[0][1].reason,
            some[0][1].next,
            some[0][1].by,
            some[0][1].url,
        )
        for some in found.values()
    ]


def _state(row: Proposal, known: _Known) -> State:
    last = known.decisions.get(row.pk)
    regency = known.regencies.get(row.village_id[:REGENCY_LENGTH], "")
    words = {
        ProposalStatus.DRAFT: _draft(row, regency, known),
        ProposalStatus.SUBMITTED: (
            _("The regency compares it with the documents."),
            _("Verify"),
            _("Verifier, {regency}").format(regency=regency),
            "",
        ),
        ProposalStatus.VERIFIED: (
            _("The verifier found it right."),
            _("Endorse"),
            _("Head of office, {regency}").format(regency=regency),
            "",
        ),
        ProposalStatus.ENDORSED: (
            _("The head of office endorsed it."),
            _("Accept"),
            _("Pusdatin"),
            "",
        ),
        ProposalStatus.ACCEPTED: (
            _("Pusdatin accepted it."),
            _("Determine by decree"),
            _("Pusdatin"),
            "",
        ),
        ProposalStatus.RETURNED: (
            _why(last),
            _("Correct it and submit it again"),
            _("You"),
            reverse("proposals:returned_row", args=[row.pk]),
        ),
        ProposalStatus.REJECTED: (_why(last), "", "", ""),
        ProposalStatus.WITHDRAWN: (_why(last) or _("Withdrawn by its sender."), "", "", ""),
        ProposalStatus.DETERMINED: (_determined(row), "", "", ""),
    }
    reason, then, by, url = words[ProposalStatus(row.status)]
    if row.pk in known.lacking:
        reason, then, by, url = _unproved(row, reason)
    asked = known.asked.get(row.pk)
    if asked is not None and row.status in ASKABLE:
        reason = _("The reviewer asks: “{question}”").format(question=asked.text)
        url = f"{reverse('proposals:review_row', args=[row.pk])}#questions-title"
        then, by = _("Answer the question"), _("You")
    return State(row.status, [], row.step_at, reason, then, by, url)


def _unproved(row: Proposal, reason: str) -> tuple[str, str, str, str]:
    """A removal or a correction whose paper is not there: its sender adds it first."""
    if row.status == ProposalStatus.RETURNED:
        then = _("Add the paper that proves it, then submit it again")
        return reason, then, _("You"), reverse("proposals:returned_row", args=[row.pk])
    why = _("The paper that proves it is not here; it is not verified without it.")
    if row.evidence_kind == EvidenceKind.MINUTES:
        url = reverse("proposals:row-evidence", args=[row.pk])
        return why, _("Upload the minutes of the village"), _("You"), url
    url = f"{reverse('proposals:review_row', args=[row.pk])}#papers-title"
    return why, _("Add the paper that proves it"), _("You"), url


def _draft(row: Proposal, regency: str, known: _Known) -> tuple[str, str, str, str]:
    """A row that is checked and not submitted."""
    batch = known.batches.get(row.batch_id)
    is_asking = batch is not None and batch.status == BatchStatus.NEEDS_CONFIRMATION
    if row.pk in known.unevident and not is_asking:
        return _without_evidence(row, batch)
    if batch is None:
        by = _("Regency officer, {regency}").format(regency=regency)
        return _("Checked, but not submitted yet."), _submit(known.calendar), by, ""
    url = reverse("proposals:batch", args=[batch.pk])
    if batch.status == BatchStatus.NEEDS_CONFIRMATION:
        then = _("Answer the question about the file")
        return _("Its file waits for an answer."), then, _("You"), url
    return _("Checked, but not submitted yet."), _submit(known.calendar), _("You"), url


def _without_evidence(row: Proposal, batch: Batch | None) -> tuple[str, str, str, str]:
    """A draft of a village that has neither minutes nor statement: they come before the file."""
    url = reverse("proposals:row-evidence", args=[row.pk])
    if batch is not None:
        page = reverse("proposals:batch-evidence", args=[batch.pk])
        url = f"{page}?village={row.village_id}#form"
    reason = _("Its village has no minutes and no SPTJM for the cycle yet.")
    return reason, _("Upload the evidence of the village; then submit its file"), _("You"), url


def _submit(calendar: CycleCalendar) -> str:
    """The step and the days on which it can be taken."""
    if calendar.open:
        day = date_format(calendar.open.cutoff_date, "DATE_FORMAT")
        return _("Submit its file until {day}").format(day=day)
    if calendar.next:
        day = date_format(calendar.next.opens_date, "DATE_FORMAT")
        return _("Submit its file from {day} on").format(day=day)
    return _("Submit its file")


def _why(last: Decision | None) -> str:
    """The reason of the last decision, as its list and its note say it."""
    if last is None:
        return ""
    parts = [
        reason_words(last.reason) if last.reason else "",
        f"“{last.note}”" if last.note else "",
    ]
    return " ".join(part for part in parts if part)


def _determined(row: Proposal) -> str:
    if row.decree is None:
        return _("Determined.")
    day = date_format(row.decree.date, "DATE_FORMAT")
    if row.decree.annulled_at is not None:
        return _(
            "Decree {number} of {day} was annulled by decree {other}; the family can be proposed"
            " again. {reason}"
        ).format(
            number=row.decree.number,
            day=day,
            other=row.decree.annulment_number,
            reason=row.decree.annulment_reason,
        )
    return _("Determined by decree {number} of {day}.").format(number=row.decree.number, day=day)
