"""Work that waits for a user: counts, each with a link to exactly the counted rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, IntegerField, Min, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import may, scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.jobs.models import Job, JobStatus
from apps.proposals.entry import drafts
from apps.proposals.export import release
from apps.proposals.pages.batch_lists import in_hand, waits
from apps.proposals.returned.amendment import returned_to
from apps.proposals.review import questions
from apps.proposals.states import ProposalStatus
from apps.reconciliation.models import Conflict
from apps.reconciliation.pages import overview
from apps.reconciliation.states import ConflictStatus
from apps.regions.models import BoundaryEdition, EditionStatus
from portal.page_addresses import address, is_officer
from portal.progress.region_progress import count_by_status


@dataclass(frozen=True)
class Wait:
    """One line of the work list; `until` is the last day on which it can be done."""

    label: Any
    count: int
    oldest_at: datetime | None
    url: str
    until: date | None = None


# The status of the proposals that wait for each role.
STEPS: list[tuple[Permission, ProposalStatus, Any]] = [
    (Permission.VERIFY_PROPOSAL, ProposalStatus.SUBMITTED, _("Proposals to verify")),
    (Permission.ENDORSE_PROPOSAL, ProposalStatus.VERIFIED, _("Proposals to endorse")),
    (Permission.ACCEPT_PROPOSAL, ProposalStatus.ENDORSED, _("Proposals to accept")),
    (Permission.DETERMINE_PROPOSAL, ProposalStatus.ACCEPTED, _("Proposals to determine")),
]


@dataclass(frozen=True)
class Duty:
    """The work of a role without a queue, and its page."""

    text: Any
    label: Any = ""
    url: str = ""


def duty(user: User) -> Duty:
    """The duty of a user who neither views proposals nor operates the portal."""
    if may(user, Permission.MANAGE_USER):
        return Duty(
            _(
                "Your role looks after the people of your region: it adds them, grants and ends"
                " their roles, and resets passwords and second factors. Nobody waits for you now."
            ),
            _("Users"),
            address(user, "accounts.User"),
        )
    if may(user, Permission.VIEW_ENTRY):
        return Duty(
            _("Your role watches over personal data: who looked at whom, and who did what."),
            _("Audit trail"),
            address(user, "audit.Entry"),
        )
    return Duty(_("Your role watches progress; nothing waits for a decision of yours."))


def waiting(user: User) -> list[Wait]:
    """The lines that are not empty. Queries: one for each kind of work of the user."""
    lines = [
        *_steps(user),
        *_sent(user),
        *_files(user),
        *_pairs(user),
        *_questions(user),
        *_system(user),
    ]
    return [line for line in lines if line.count]


def _steps(user: User) -> list[Wait]:
    """What waits for each of the user's steps. Queries: one for each, of an index alone."""
    return [
        _step(user, label, permission, status)
        for permission, status, label in STEPS
        if may(user, permission)
    ]


def _step(user: User, label: Any, permission: Permission, status: ProposalStatus) -> Wait:
    scope = scope_of(user, permission)
    counted = count_by_status(scope, 0, [status])
    count, oldest_at = (counted[0].count, counted[0].oldest_at) if counted else (0, None)
    url = f"{address(user, 'proposals.Proposal')}?{urlencode({'status': status.value})}"
    return Wait(label, count, oldest_at, url)


def _sent(user: User) -> list[Wait]:
    """The sender's lines: returned proposals, and unfinished files."""
    if not may(user, Permission.UPLOAD_BATCH):
        return []
    mine = in_hand(user)
    lists = [
        (_("Files that ask you something"), "asking"),
        (_("Files ready to submit"), "ready"),
        (_("Files that stopped"), "failed"),
    ]
    found = returned_to(user).aggregate(count=Count("pk"), oldest=Min("step_at"))
    back = Wait(
        _("Returned proposals"), found["count"], found["oldest"], reverse("proposals:returned")
    )
    files = [
        _line(user, label, mine.filter(waits(name)), "received_at", "proposals.Batch", waits=name)
        for label, name in lists
    ]
    asked = questions.open_for(user).aggregate(count=Count("pk"), oldest=Min("at"))
    asking = Wait(
        _("Questions about your proposals"),
        asked["count"],
        asked["oldest"],
        f"{address(user, 'proposals.Proposal')}?{urlencode({'question': 'open'})}",
    )
    begun = drafts.unfinished(user).aggregate(count=Count("pk"), oldest=Min("updated_at"))
    typed = Wait(
        _("Drafts of families"), begun["count"], begun["oldest"], reverse("proposals:form-new")
    )
    return [back, asking, typed, _to_mend(user), *files]


def _files(user: User) -> list[Wait]:
    """Large exports that another user requests. Queries: one."""
    if not may(user, Permission.REVEAL_NIK):
        return []
    found = release.visible(user).aggregate(count=Count("pk"), oldest=Min("asked_at"))
    url = reverse("proposals:exports")
    return [Wait(_("Large files to agree to"), found["count"], found["oldest"], url)]


def _to_mend(user: User) -> Wait:
    """Rows to be corrected, for any state of the other rows of their files. Queries: one."""
    held = in_hand(user).filter(waits("held"))
    found = held.aggregate(
        files=Count("pk"),
        rows=Sum(Cast(KeyTextTransform("held", "counts"), IntegerField())),
        oldest=Min("received_at"),
        until=Min("cycle__cutoff_date", filter=Q(cycle__cutoff_date__gte=timezone.localdate())),
        only=Min("pk"),
    )
    url = f"{address(user, 'proposals.Batch')}?{urlencode({'waits': 'held'})}"
    if found["files"] == 1 and is_officer(user):
        url = reverse("proposals:batch-mend", args=[found["only"]])
    return Wait(
        _("Rows that must be fixed"), found["rows"] or 0, found["oldest"], url, found["until"]
    )


def _pairs(user: User) -> list[Wait]:
    """Pairs that wait for a steward, by their two sources."""
    return [
        Wait(f"{wait.label}: {wait.about}", wait.count, None, wait.url)
        for wait in overview.reviews(user)
    ]


def _questions(user: User) -> list[Wait]:
    """Questions of reconciliation: to answer, and answers to accept."""
    sides = [
        (Permission.ANSWER_CONFLICT, ConflictStatus.OPEN, _("Questions to answer")),
        (Permission.RESOLVE_CONFLICT, ConflictStatus.ANSWERED, _("Answers to take over")),
    ]
    lines = []
    for permission, status, label in sides:
        if may(user, permission):
            rows = Conflict.objects.within(scope_of(user, permission)).filter(status=status)
            found = rows.aggregate(count=Count("pk"), oldest=Min("moved_at"))
            url = f"{reverse('reconciliation:questions')}?{urlencode({'status': status.value})}"
            lines.append(Wait(label, found["count"], found["oldest"], url))
    return lines


def _system(user: User) -> list[Wait]:
    lines = []
    if may(user, Permission.MANAGE_EDITION):
        lines.append(
            _line(
                user,
                _("Boundary editions to activate"),
                BoundaryEdition.objects.filter(status=EditionStatus.READY),
                "received_at",
                "regions.BoundaryEdition",
                status__exact=EditionStatus.READY.value,
            )
        )
    if may(user, Permission.MANAGE_JOB):
        lines.append(
            _line(
                user,
                _("Jobs that stopped"),
                Job.objects.filter(status=JobStatus.FAILED),
                "created_at",
                "jobs.Job",
                status__exact=JobStatus.FAILED.value,
            )
        )
    return lines


def _line(user: User, label: Any, rows: QuerySet[Any], age: str, model: str, **params: str) -> Wait:
    found = rows.aggregate(count=Count("pk"), oldest=Min(age))
    url = f"{address(user, model)}?{urlencode(params)}"
    return Wait(label, found["count"], found["oldest"], url)
