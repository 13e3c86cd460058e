"""Officers answer the questions of their region; stewards take answers over or hand them back."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import actor_of, may, scope_of, scoped
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.casework.models import Worklist
from apps.common import deadline, tabular
from apps.common.errors import DomainError
from apps.jobs import polling
from apps.jobs.models import Job
from apps.proposals.export import release
from apps.reconciliation.conflict_kinds import question
from apps.reconciliation.conflicts import answers, filters, presentation
from apps.reconciliation.conflicts.filters import Selection
from apps.reconciliation.conflicts.forms import AnswerForm, DecideForm, TakeOverForm
from apps.reconciliation.duplicates import person_groups
from apps.reconciliation.messages import HINTS, sent_back
from apps.reconciliation.models import Conflict, ConflictQuerySet, Source
from apps.reconciliation.states import ConflictKind, ConflictStatus
from apps.registry.models import Person
from apps.ui.fragments import is_fragment
from apps.ui.paging import BY_ID, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

ENDINGS = ("csv", "xlsx")
# The form part in which a refusal is shown.
AT = {
    "conflict_choice": "choice",
    "conflict_reason": "reason",
    "conflict_value": "value",
    "conflict_same": "value",
}


@require_safe
@requires(Permission.VIEW_CONFLICT)
def page(request: HttpRequest) -> HttpResponse:
    """The work-lists of the user's region; for Pusdatin also the answers to be taken over."""
    user = user_of(request)
    is_all = request.GET.get("all") == "1"
    return render(
        request,
        "reconciliation/conflicts/conflicts.html",
        {
            "lists": presentation.lists(
                scope_of(user, Permission.VIEW_CONFLICT), timezone.localdate(), is_all=is_all
            ),
            "is_all": is_all,
            "waiting": presentation.waiting_by_kind(_visible(request))
            if may(user, Permission.RESOLVE_CONFLICT)
            else None,
        },
    )


@require_safe
@requires(Permission.VIEW_CONFLICT)
def questions(request: HttpRequest) -> HttpResponse:
    """Questions under one filter."""
    selection = Selection.from_params(request.GET)
    page = read_page(
        filters.detailed(selection.apply(_visible(request))),
        BY_ID,
        request.GET,
        query=selection.params(),
    )
    rows = presentation.rows_of(page.rows)
    presentation.note_listed(user_of(request), "reconciliation.Conflict", rows, selection.region)
    can_take = may(user_of(request), Permission.RESOLVE_CONFLICT)
    return render(
        request,
        "reconciliation/conflicts/questions.html",
        {
            "selection": selection,
            "query": urlencode(selection.params()),
            "rows": rows,
            "page": page,
            "kinds": ConflictKind.choices,
            "statuses": ConflictStatus.choices,
            "sources": Source.objects.exclude(kind=Source.Kind.REGISTER).order_by("name"),
            "takeable": answers.takeable(selection, user_of(request)).count() if can_take else 0,
        },
    )


@require_safe
@requires(Permission.VIEW_CONFLICT)
def worklist(request: HttpRequest, list_id: int) -> HttpResponse:
    """The questions of one work-list, open ones first."""
    one = _worklist(request, list_id)
    rows = _visible(request).filter(worklist=one)
    if request.GET.get("all") != "1":
        rows = rows.filter(status=ConflictStatus.OPEN)
    query = {"all": "1"} if request.GET.get("all") == "1" else {}
    page = read_page(filters.detailed(rows), BY_ID, request.GET, query=query)
    shown = presentation.rows_of(page.rows)
    presentation.note_listed(user_of(request), f"casework.Worklist:{one.pk}", shown, one.region_id)
    return render(
        request,
        "reconciliation/conflicts/worklist.html",
        {
            "listed": presentation.listed(one, timezone.localdate()),
            "rows": shown,
            "page": page,
            "is_all": request.GET.get("all") == "1",
        },
    )


@require_safe
@requires(Permission.VIEW_CONFLICT)
def download(request: HttpRequest, list_id: int) -> HttpResponseBase:
    """A work-list as a file: numbers masked, no active content; the export is recorded."""
    one = _worklist(request, list_id)
    ending = request.GET.get("format", "xlsx")
    if ending not in ENDINGS:
        raise Http404
    deadline.extend(deadline.FILE_WITHIN_S)
    lines = list(presentation.lines(one, _visible(request)))
    parcel = release.Parcel(
        f"casework.Worklist:{one.pk}",
        ending,
        f"{one.region_id}-{one.kind}",
        one.region_id,
        len(lines),
    )
    release.need(parcel, user_of(request))
    listed = list(_visible(request).filter(worklist=one))
    presentation.note_exported(one, listed, len(lines), ending)
    folder = Path(settings.MEDIA_ROOT) / "returned"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder) as own:
        file = Path(own) / f"{one.region_id}-{one.kind}-{one.pk}.{ending}"
        with file.open("wb") as out:
            if ending == "csv":
                tabular.write_csv(lines, presentation.header(), out)
            else:
                tabular.write_xlsx(lines, presentation.header(), out, scratch=Path(own))
        # the open file outlives its name
        return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


# --- one question ---


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_CONFLICT, to_send=(Permission.ANSWER_CONFLICT,))
@transaction.non_atomic_requests  # a picture is re-encoded between two transactions
def conflict(request: HttpRequest, pk: int) -> HttpResponse:
    """One question with its two sides; POST stores the officer's answer."""
    user = user_of(request)
    with scoped(user):
        one = _conflict(request, pk)
        if request.method != "POST":
            return _show(request, one)
        if not scope_of(user, Permission.ANSWER_CONFLICT).contains(one.village_id):
            raise PermissionDenied
    form, file = AnswerForm(request.POST), request.FILES.get("file")
    name = getattr(file, "name", "") or ""
    try:
        kept = documents.prepare(file, name, who=actor_of(user)) if file else None
        with scoped(user):
            answers.answer(
                conflict=one,
                **form.sent,
                file=kept,
                file_name=name,
                by=user,
                now=timezone.now(),
            )
            return _next(request, one)
    except DomainError as refused:
        wrong = {AT.get(refused.code, "file"): refused.text}
    with scoped(user):
        return _show(request, _conflict(request, pk), wrong=wrong, given=form.data)


@require_POST
@requires(Permission.RESOLVE_CONFLICT)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an answer over, or hand it back with a reason."""
    one, form = _conflict(request, pk), DecideForm(request.POST)
    given: dict[str, Any] = {
        "conflict": one,
        "note": form.sent["note"],
        "by": user_of(request),
        "now": timezone.now(),
    }
    try:
        if form.sent["step"] == "take":
            with transaction.atomic():
                job = answers.take_over(**given)
            return redirect("reconciliation:conflicts-job", job.pk)
        answers.hand_back(**given)
    except DomainError as refused:
        wrong = {"note" if refused.code == "conflict_reason" else "": refused.text}
        return _show(request, _conflict(request, pk), wrong=wrong, given=form.data)
    messages.success(request, _("The answer is handed back; the officer is told why."))
    return redirect("reconciliation:conflict", pk)


@require_safe
@requires(Permission.VIEW_CONFLICT)
def document(request: HttpRequest, pk: int, document_id: int) -> HttpResponseBase:
    """The evidence of an answer, as a download; the read is recorded."""
    one = _conflict(request, pk)
    given = one.answers.filter(document=document_id).select_related("document").first()
    if given is None or given.document is None:
        raise Http404
    file = documents.open_document(given.document, user_of(request))
    answer = FileResponse(
        file.open("rb"),
        as_attachment=True,
        filename=f"{one.village_id}-{one.pk}{file.suffix}",
        content_type=given.document.media_type,
    )
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


# --- everything under a filter ---


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.RESOLVE_CONFLICT)
def take_over(request: HttpRequest) -> HttpResponse:
    """Take over all answers under a filter: first counted, then written by a job."""
    user = user_of(request)
    selection = Selection.from_params(request.GET)
    wrong = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                job = answers.take_many(
                    selection=selection,
                    expected=TakeOverForm(request.POST).counted(),
                    by=user,
                    now=timezone.now(),
                )
        except DomainError as refused:
            wrong = refused.text
        else:
            return redirect("reconciliation:conflicts-job", job.pk)
    rows = answers.takeable(selection, user)
    return render(
        request,
        "reconciliation/conflicts/take_over.html",
        {
            "total": rows.count(),
            "counts": presentation.waiting_by_choice(rows),
            "query": urlencode(selection.params()),
            "wrong": wrong,
        },
    )


@require_safe
@requires(Permission.RESOLVE_CONFLICT)
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """The progress of one's own job; a fragment alone for the page that polls."""
    user = user_of(request)
    found = Job.objects.filter(
        pk=job_id, kind=answers.RESOLVE_ANSWERS, parameters__user=user.pk
    ).first()
    if found is None:
        raise Http404
    is_part = is_fragment(request)
    return render(
        request,
        "reconciliation/conflicts/_take_over_job.html"
        if is_part
        else "reconciliation/conflicts/take_over_job.html",
        {**polling.watched(found, timezone.now()), "poll": request.path},
    )


def _show(
    request: HttpRequest,
    one: Conflict,
    *,
    wrong: dict[str, str] | None = None,
    given: Any = None,
) -> HttpResponse:
    """One question, with the buttons that the user may use."""
    user = user_of(request)
    presentation.note_opened(one, user)
    may_answer = one.status == ConflictStatus.OPEN and scope_of(
        user, Permission.ANSWER_CONFLICT
    ).contains(one.village_id)
    # who answers has to know both places
    is_hidden = not may_answer and bool(presentation.hidden_places([one]))
    ours, theirs = presentation.sides(one, is_hidden=is_hidden)
    told = list(one.answers.select_related("user", "taken_by", "document").order_by("-pk"))
    pending = next((a for a in told if a.is_taken is not False), None)
    is_answered = one.status == ConflictStatus.ANSWERED and pending is not None
    can_decide = (
        is_answered
        and pending is not None
        and pending.is_taken is None
        and pending.user_id != user.pk
        and scope_of(user, Permission.RESOLVE_CONFLICT).contains(one.village_id)
    )
    return render(
        request,
        "reconciliation/conflicts/conflict.html",
        {
            "conflict": one,
            "who": presentation.who(one),
            "ours": ours,
            "theirs": theirs,
            "record": presentation.record_of(one, scope_of(user, Permission.VIEW_RUN)),
            "answers": [(a, sent_back(a.taken_note)) for a in told],
            "is_being_written": is_answered and pending is not None and bool(pending.is_taken),
            "is_hidden": is_hidden,
            "may_answer": may_answer,
            "may_decide": can_decide,
            "is_for_merging": answers.is_for_merging(one),
            "to_merge": _to_merge(user, one),
            "choices": presentation.choices_of(one),
            "hint": HINTS.get(question(one.kind).other, ""),
            "is_day": question(one.kind).other == "birth_date",
            "wrong": wrong or {},
            "given": given or {},
        },
    )


def _to_merge(user: User, one: Conflict) -> Person | None:
    """The possibly identical person, for users who may merge the two."""
    if not scope_of(user, Permission.RESOLVE_CONFLICT).is_national:
        return None
    other = person_groups.one_of_two(one)
    found = Person.objects.filter(pk__in=[one.person_id, other], status=Person.Status.ACTIVE)
    known = {person.pk: person for person in found}
    return known.get(other or 0) if len(known) == 2 else None


def _next(request: HttpRequest, answered: Conflict) -> HttpResponse:
    """The next open question of the same list, else the list."""
    if answered.worklist_id is None:
        messages.success(request, _("Your answer is stored; Pusdatin takes it over."))
        return redirect("reconciliation:conflicts")
    waiting = _visible(request).filter(worklist=answered.worklist_id, status=ConflictStatus.OPEN)
    following = waiting.filter(pk__gt=answered.pk).order_by("pk").first() or waiting.first()
    if following is None:
        messages.success(request, _("Your answer is stored. This list is done."))
        return redirect("reconciliation:worklist", answered.worklist_id)
    messages.success(request, _("Your answer is stored. Here is the next question of the list."))
    return redirect("reconciliation:conflict", following.pk)


def _visible(request: HttpRequest) -> ConflictQuerySet:
    return Conflict.objects.within(scope_of(user_of(request), Permission.VIEW_CONFLICT))


def _conflict(request: HttpRequest, pk: int) -> Conflict:
    """A question inside the user's scope. Raises: Http404."""
    rows = _visible(request).select_related(
        "person__family",
        "other_person",
        "village",
        "source",
        "worklist",
        "run__left",
        "claim__change",
    )
    found: Conflict = get_object_or_404(rows, pk=pk)
    return found


def _worklist(request: HttpRequest, list_id: int) -> Worklist:
    """A work-list of questions inside the user's scope. Raises: Http404."""
    rows = Worklist.objects.within(scope_of(user_of(request), Permission.VIEW_CONFLICT))
    kinds = rows.filter(kind__in=ConflictKind.values).select_related("region")
    found: Worklist = get_object_or_404(kinds, pk=list_id)
    return found


urlpatterns = [
    path("conflicts/", page, name="conflicts"),
    path("conflicts/questions/", questions, name="questions"),
    path("conflicts/lists/<int:list_id>/", worklist, name="worklist"),
    path("conflicts/lists/<int:list_id>/download/", download, name="worklist-download"),
    path("conflicts/take/", take_over, name="conflicts-take"),
    path("conflicts/take/<int:job_id>/", job, name="conflicts-job"),
    path("conflicts/<int:pk>/", conflict, name="conflict"),
    path("conflicts/<int:pk>/decide/", decide, name="conflict-decide"),
    path("conflicts/<int:pk>/documents/<int:document_id>/", document, name="conflict-document"),
]
