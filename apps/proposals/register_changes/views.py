"""Pages: find a registered person, propose a removal or a correction, see what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, scoped
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.common.errors import DomainError, text
from apps.common.http import MOST_BIGINT, integer
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals import maps, removal_rules
from apps.proposals.checks import finding_texts
from apps.proposals.messages import UNCHANGED, why
from apps.proposals.models import Batch, Finding, Severity
from apps.proposals.now_and_proposed import shown, values_of
from apps.proposals.register_changes import answers, change_batches
from apps.proposals.register_changes.forms import PAPER, CorrectionForm, FindForm, RemovalForm
from apps.proposals.states import BatchStatus, EvidenceKind
from apps.proposals.upload import intake
from apps.registry import person_fields
from apps.registry.models import EndReason, Person
from apps.ui.fragments import is_fragment, refreshing
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PROPOSE_CHANGE)
def find(request: HttpRequest) -> HttpResponse:
    """Search by NIK or KK: sent by POST, so that no number is in an address."""
    form = FindForm(request.POST or None)
    found: list[Person] | None = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = change_batches.find(by=user_of(request), nik=given["nik"], kk=given["kk"])
        except DomainError as refused:
            form.add_error(None, refused.text)
    known = {"form": form, "found": found}
    return render(request, "proposals/register_changes/find.html", known)


@dataclass(frozen=True)
class ChangePage:
    """The person whom a form is about, the others of the family, and the form as it was filled in.

    `batch` was sent before and is changed.
    """

    person: Person
    members: list[Person]
    batch: Batch | None
    form: forms.Form


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PROPOSE_CHANGE)
@transaction.non_atomic_requests  # the paper is drawn again between two transactions
def propose(request: HttpRequest, person_id: int, kind: str) -> HttpResponse:
    """The form of a removal or a correction; POST sends it with its paper."""
    if kind not in answers.WORDS:
        raise Http404
    template = f"proposals/register_changes/{kind}.html"
    with scoped(user_of(request)):
        try:
            asked = _asked(request, person_id, kind)
        except DomainError as refused:
            messages.warning(request, refused.text)
            return redirect("proposals:change-find")
        if request.method != "POST" or not asked.form.is_valid():
            return render(request, template, _page(asked))
    try:
        return _send(request, kind, asked)
    except DomainError as refused:
        asked.form.add_error("file" if "filename" in refused.params else None, refused.text)
    with scoped(user_of(request)):
        return render(request, template, _page(asked))


def _asked(request: HttpRequest, person_id: int, kind: str) -> ChangePage:
    user = user_of(request)
    person = change_batches.open_person(person_id=person_id, by=user)
    members = change_batches.members_of(person, user) if kind == answers.REMOVAL else []
    batch = _again(request, user, person, kind)
    return ChangePage(person, members, batch, _form(request, kind, person, members, batch))


def _send(request: HttpRequest, kind: str, asked: ChangePage) -> HttpResponse:
    """Draw the paper again, outside of transactions, and send the answers with it."""
    user, typed = user_of(request), asked.form.cleaned_data
    file, chosen = typed["file"], {int(pk) for pk in typed.get("also", ())}
    paper = documents.prepare(file, file.name, who=actor_of(user)) if file else None
    with scoped(user):
        sent = change_batches.send(
            kind=kind,
            persons=[asked.person, *(one for one in asked.members if one.pk in chosen)],
            typed=typed,
            by=user,
            now=timezone.now(),
            paper=paper,
            batch=asked.batch,
        )
    return redirect("proposals:change-sent", sent.pk)


def _again(request: HttpRequest, user: User, person: Person, kind: str) -> Batch | None:
    """The batch whose answers are changed: one's own of this kind, about this person, not submitted
    yet. A paper that proves a correction proves no removal.
    """
    pk = integer(request.GET.get("batch") or "", most=MOST_BIGINT, default=0)
    if not pk:
        return None
    rows = change_batches.mine(user).filter(status=BatchStatus.READY)
    rows = rows.filter(row_values__0__nik=person.nik, row_values__0__kind=answers.WORDS[kind])
    return get_object_or_404(rows, pk=pk)


def _form(
    request: HttpRequest, kind: str, person: Person, members: list[Person], batch: Batch | None
) -> forms.Form:
    typed: dict[str, Any] = {}
    if batch is not None:
        typed = dict(answers.typed(batch.row_values[0], person))
        sent = {row.get("nik") for row in batch.row_values[1:]}
        typed["also"] = [str(one.pk) for one in members if one.nik in sent]
    known: dict[str, Any] = {"initial": typed, "has_paper": change_batches.has_paper(batch)}
    if kind == answers.CORRECTION:
        return CorrectionForm(request.POST or None, request.FILES or None, **known)
    open_ = person.enrolments.filter(active_until=None).order_by("programme_id")
    programmes = [str(code) for code in open_.values_list("programme_id", flat=True)]
    known |= {"programmes": programmes, "members": members}
    return RemovalForm(request.POST or None, request.FILES or None, **known)


def _page(asked: ChangePage) -> dict[str, Any]:
    person, form, batch = asked.person, asked.form, asked.batch
    held = values_of(person.pk)
    if held.get("location") and person_fields.is_hidden(person):
        held["location"] = maps.HIDDEN
    return {
        "person": person,
        "form": form,
        "lines": [
            (form[name], shown(name, held.get(name)))
            for name in answers.FIELDS
            if name in form.fields
        ],
        "of_family": removal_rules.OF_FAMILY,
        "papers": [form[name] for name in PAPER],
        "proofs": [
            (EndReason(code).label, [EvidenceKind(paper).label for paper in one.papers])
            for code, one in removal_rules.REASONS.items()
        ],
        "faults": _faults(batch, form) if batch is not None and not form.is_bound else [],
    }


def _faults(batch: Batch, form: forms.Form) -> list[dict[str, Any]]:
    """The findings of a held batch, each with the field that mends it."""
    return [
        {"message": _message(one), "field": form[name] if name in form.fields else None}
        for one in change_batches.faults(batch)
        if one.severity == Severity.ERROR
        for name in [answers.OF_COLUMN.get(one.field, one.field)]
    ]


def _message(one: Finding) -> finding_texts.Message:
    return finding_texts.text(one.code, params=one.params, field=one.field)


@require_safe
@requires(Permission.PROPOSE_CHANGE)
def sent(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What became of it: being checked, submitted, to be mended, or why it was refused."""
    batch = get_object_or_404(change_batches.mine(user_of(request)), pk=batch_id)
    job = intake.job_of(batch)
    is_over = job is None or job.status in (Job.Status.FAILED, Job.Status.CANCELLED)
    is_waiting = change_batches.is_waiting(batch) and not is_over
    watched = polling.watched(job, timezone.now(), is_awaited=True) | {"poll": request.path}
    if is_fragment(request):
        page = "proposals/register_changes/_progress.html"
        answer = render(request, page, watched)
        return answer if is_waiting else refreshing(answer)
    return render(
        request,
        "proposals/register_changes/sent.html",
        watched
        | {
            "batch": batch,
            "kind": answers.KINDS[batch.row_values[0]["kind"]],
            "is_waiting": is_waiting,
            "is_submitted": batch.submit_outcome.get("moved") == len(batch.row_values),
            "is_held": change_batches.is_held(batch),
            "findings": [
                (one, _message(one)) for one in change_batches.faults(batch) if not is_waiting
            ],
            "obstacles": [] if is_waiting else _obstacles(batch, job),
            "person_id": _person_of(request, batch),
        },
    )


def _obstacles(batch: Batch, job: Job | None) -> list[str]:
    """Why a checked batch was not submitted, in words."""
    outcome = batch.submit_outcome
    if batch.status == BatchStatus.FAILED and job is not None:
        return [why(job, UNCHANGED)]
    if "refused" in outcome:
        return [text(outcome["refused"], outcome.get("params", {}))]
    if outcome.get("held_back"):
        return [
            _(
                "Another proposal about this person is in review. Wait until it is decided, then"
                " send this again."
            )
        ]
    return []


def _person_of(request: HttpRequest, batch: Batch) -> int | None:
    """The person of the first row, to change the answers. Queries: two."""
    nik = batch.row_values[0].get("nik")
    user = user_of(request)
    person = change_batches.reach(user).filter(nik=nik, status=Person.Status.ACTIVE).first()
    return person.pk if person else None


urlpatterns = [
    path("changes/", find, name="change-find"),
    path("changes/sent/<int:batch_id>/", sent, name="change-sent"),
    path("changes/<int:person_id>/<str:kind>/", propose, name="change-propose"),
]
