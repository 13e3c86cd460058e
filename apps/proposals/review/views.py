"""Pages of review: list and map of one filter, and single proposals.

They are mounted in the portal; the admin of proposals shows the same views in its own shell.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.access import actor_of, scoped
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.common.http import integer
from apps.proposals import maps
from apps.proposals.access import row_files, trail
from apps.proposals.models import Proposal
from apps.proposals.review import (
    bulk_step,
    bulk_undo,
    delivered_row,
    family_moves,
    list_views,
    listing,
    lookers,
    presentation,
    questions,
    searching,
)
from apps.proposals.review import decisions as review
from apps.proposals.review.decisions import Step
from apps.proposals.review.display import Display, query_of
from apps.proposals.review.forms import STEP_WORDS, DecideForm, MoveForm, QuestionForm, SearchForm
from apps.proposals.selection import Selection
from apps.proposals.states import Move
from apps.proposals.steps import open_to, steps_of
from apps.registry.forms import RevealForm
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# What the page of a proposal shows of other tables.
DETAILED: Final = ("village", "actual_village", "edition", "programme", "civil_match")

# --- list and map ---


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def page(request: HttpRequest) -> HttpResponse:
    """Fifty rows of one filter, and its map on the other tab."""
    context = presentation.listed(request, request.GET)
    display, selection = context["display"], context["selection"]
    context |= {
        "view_param": "",
        "map_query": query_of(selection, replace(display, view="map")),
        "table_query": query_of(selection, replace(display, view="")),
        "queues": _queues(request, selection, display),
        **bulk_step.above_list(request),
    }
    if display.row is not None and (opened := _opened(request, display.row)) is not None:
        context["opened"] = opened
    return presentation.shown(request, "proposals/review/list.html", **context)


def _opened(request: HttpRequest, pk: int) -> str | None:
    """The evidence of the row that the address names, beside the list; None if it is not there."""
    rows = presentation.visible(user_of(request)).select_related(*DETAILED)
    found = rows.filter(pk=pk).first()
    if found is None:
        return None
    context = presentation.opened(request, found)
    context["last"] = _last(request, found)
    return presentation.rendered(request, "proposals/review/_evidence.html", context)


def _queues(request: HttpRequest, selection: Selection, display: Display) -> list[dict[str, Any]]:
    """The statuses that wait for one's own step, beside "all", under all other filters."""
    statuses = sorted(status.value for status in steps_of(user_of(request)))
    return [
        {
            "label": label,
            "query": query_of(replace(selection.without("status"), status=tuple(wanted)), display),
            "is_on": list(selection.status) == wanted,
        }
        for label, wanted in ((_("Waiting for me"), statuses), (_("All"), []))
        if statuses
    ]


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def search(request: HttpRequest) -> HttpResponse:
    """Search by name, NIK or KK: the words go into the session; without words the search ends."""
    selection = Selection.from_params(request.GET)
    display = replace(Display.of(request.GET), row=None)
    words = SearchForm(request.POST).sent["words"].strip()
    if not words:
        searching.end(request)
        display = display.unsearched()
    else:
        try:
            display = replace(display, search=searching.begin(request, words, user_of(request)))
        except DomainError as refused:
            messages.warning(request, refused.text)
    query = query_of(selection, display)
    return redirect(presentation.address(request, "list", query=query))


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def picked(request: HttpRequest) -> HttpResponse:
    """What the list says about the rows under the pointer on the map (`at`: their keys), or, where
    they are many or drawn as a count, of the rows around it (`spot`).
    """
    context = presentation.picked(request)
    trail.note_listed(user_of(request), Selection.from_params(request.GET), context["picked"])
    return presentation.shown(request, "proposals/review/_picked.html", **context)


@require_safe
@requires(Permission.VIEW_PROPOSAL)
@gzip_page
def outlines(request: HttpRequest) -> HttpResponse:
    """The outlines of the villages that the selection touches."""
    _selection, rows = presentation.selected(request)
    return JsonResponse(maps.outlines(rows), json_dumps_params={"separators": (",", ":")})


# --- one proposal ---


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def row(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal with its evidence and the buttons of this person."""
    proposal = _row(request, pk)
    return _show_row(request, proposal)


@require_POST
@requires(*presentation.DECIDING)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one step and show the next proposal of the filter. A refusal keeps the input."""
    proposal = _row(request, pk)
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _unreadable(request, proposal, form)
    given = form.cleaned_data
    step = Step(given.pop("step"))
    try:
        review.decide(
            proposal=proposal, step=step, by=user_of(request), now=timezone.now(), **given
        )
    except DomainError as refused:
        wrong = {"text": refused.text, "field": ""}
        if refused.code == "reason_missing":
            wrong["field"] = f"reason-{step}"
        proposal.refresh_from_db()
        return _show_row(request, proposal, wrong=wrong, typed=form.data, open_step=step.value)
    undecided = []
    if given["whole_family"]:
        left = review.left_of_family(proposal, user_of(request), given["seen"], step)
        undecided = presentation.undecided_words(left)
    return _next(request, proposal, step, undecided)


def _unreadable(request: HttpRequest, proposal: Proposal, form: DecideForm) -> HttpResponse:
    """The row again after a form that cannot be read, with what was typed and why not."""
    step = form.cleaned_data.get("step")
    if not step or "note" not in form.errors:
        return redirect(_address(request, proposal.pk))
    wrong = {"text": bulk_step.too_long_words(), "field": f"note-{step}"}
    return _show_row(request, proposal, wrong=wrong, typed=form.data, open_step=step)


@require_POST
@requires(Permission.VIEW_PROPOSAL)
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """The panel beside the list was closed: colleagues need not pass the row over any more."""
    if not presentation.visible(user_of(request)).filter(pk=pk).exists():
        raise Http404
    lookers.leave(pk, user_of(request))
    return HttpResponse(status=204)


@require_POST
@requires(*presentation.DECIDING)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or deny that a family has moved."""
    proposal = _row(request, pk)
    form = MoveForm(request.POST)
    if form.is_valid():
        try:
            said = Move(form.cleaned_data.pop("move"))
            given: dict[str, Any] = {"move": said, "by": user_of(request), "now": timezone.now()}
            rows = family_moves.record_move(proposal=proposal, **given, **form.cleaned_data)
        except DomainError as refused:
            return _shown_again(request, proposal, refused=refused.text)
        return _shown_again(request, proposal, said=presentation.moved_words(said, rows))
    return redirect(_address(request, proposal.pk))


@require_POST
@requires(*presentation.DECIDING)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo one's own last step."""
    proposal = _row(request, pk)
    by, now = user_of(request), timezone.now()
    family = bulk_undo.decided_together(proposal, by)
    try:
        if len(family) > 1:
            done = bulk_undo.undo_many(by=by, at=proposal.step_at, now=now)
            return _shown_again(
                request, proposal, said=bulk_step.undone_words(done), changed=family
            )
        review.undo(proposal=proposal, by=by, now=now)
    except DomainError as refused:
        return _shown_again(request, proposal, refused=refused.text)
    return _shown_again(request, proposal, said=_("Your last step on this proposal is undone."))


def _shown_again(
    request: HttpRequest,
    proposal: Proposal,
    *,
    said: str = "",
    refused: str = "",
    changed: Sequence[int] = (),
) -> HttpResponse:
    """The same proposal with what was done or why not: as its page, or beside the list, whose rows
    with the keys in `changed` have its status.
    """
    if is_fragment(request):
        wrong = {"text": refused, "field": ""} if refused else None
        more = {"done": said, "wrong": wrong, "changed": changed}
        return _show_row(request, _row(request, proposal.pk), **more)
    if refused:
        messages.error(request, refused)
    else:
        messages.success(request, said)
    return redirect(_address(request, proposal.pk))


@require_POST
@requires(*presentation.DECIDING)
def ask_sender(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the sender about the row without returning it."""
    proposal = _row(request, pk)
    text = QuestionForm(request.POST).sent["text"]
    return _question_page(
        request,
        proposal,
        text,
        lambda: questions.ask_sender(
            proposal=proposal, text=text, by=user_of(request), now=timezone.now()
        ),
    )


@require_POST
@requires(Permission.UPLOAD_BATCH)
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer the open question about the row."""
    proposal = _row(request, pk)
    question = proposal.questions.filter(answered_at__isnull=True).first()
    if question is None:
        raise Http404
    text = QuestionForm(request.POST).sent["text"]
    return _question_page(
        request,
        proposal,
        text,
        lambda: questions.answer_question(
            question=question, text=text, by=user_of(request), now=timezone.now()
        ),
    )


def _question_page(
    request: HttpRequest, proposal: Proposal, text: str, act: Callable[[], Any]
) -> HttpResponse:
    """Do one act about a row's question and show the row, with why it was refused."""
    try:
        act()
    except DomainError as refused:
        wrong = {"text": refused.text, "field": "question-text"}
        return _show_row(request, proposal, wrong=wrong, typed_question=text)
    if is_fragment(request):
        return _show_row(request, proposal)
    return redirect(_address(request, proposal.pk))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_PROPOSAL, to_send=(Permission.REVEAL_NIK,))
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """POST with a reason: the same page with the whole number, for one response."""
    proposal = _row(request, pk)
    form = RevealForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _show_row(request, proposal, reveal_form=form)
    reason = form.cleaned_data["reason"]
    nik = trail.reveal(proposal=proposal, by=user_of(request), reason=reason)
    return _show_row(request, proposal, nik=nik)


@require_safe
@requires(Permission.VIEW_PROPOSAL)
@transaction.non_atomic_requests  # the row's file is read between two transactions
def delivered(request: HttpRequest, pk: int) -> HttpResponse:
    """What the row said in its file, beside how it was read."""
    user = user_of(request)
    with scoped(user):
        proposal = _row(request, pk)
        sent = row_files.file_of(proposal)
        trail.note_opened(proposal, by=user)
    cells: list[delivered_row.Cell] = []
    refused = ""
    if sent is None:
        raise Http404
    try:
        with inspection.slot(actor_of(user)):
            cells = delivered_row.cells(proposal, sent)
    except DomainError as fault:
        refused = fault.text
    template = "_delivered.html" if is_fragment(request) else "delivered.html"
    with scoped(user):
        return presentation.shown(
            request,
            f"proposals/review/{template}",
            title=_("The row as it was delivered"),
            proposal=proposal,
            cells=cells,
            refused=refused,
            back={"address": _address(request, pk), "label": str(proposal)},
        )


def _show_row(request: HttpRequest, proposal: Proposal, **extra: Any) -> HttpResponse:
    context = presentation.opened(request, proposal)
    context["last"] = _last(request, proposal)
    if is_fragment(request):
        return presentation.shown(request, "proposals/review/_evidence.html", **context | extra)
    context["back"] = presentation.back(request, Selection.from_params(request.GET))
    context["surroundings"] = maps.inset_of(proposal)
    return presentation.shown(request, "proposals/review/proposal.html", **context | extra)


def _last(request: HttpRequest, proposal: Proposal) -> Proposal | None:
    """The proposal of the address that was decided just before this one."""
    last = integer(request.GET.get("last"))
    return None if last is None or last == proposal.pk else _undoable(request, last)


def _undoable(request: HttpRequest, pk: int) -> Proposal | None:
    """The proposal decided just before, while that step can be undone; `together` is the number of
    rows of its family that were decided with it.
    """
    proposal = presentation.visible(user_of(request)).filter(pk=pk).first()
    if proposal is None:
        return None
    decisions = list(proposal.decisions.order_by("pk"))
    if not presentation.may_undo(proposal, decisions, user_of(request)):
        return None
    proposal.together = len(bulk_undo.decided_together(proposal, user_of(request)))  # type: ignore[attr-defined]
    return proposal


def _next(
    request: HttpRequest, decided: Proposal, step: Step, undecided: list[str]
) -> HttpResponse:
    """The next row of the list that is open to a step of this person, else the list; with why some
    of the family are undecided. A fragment is the evidence of that row, beside the list.
    """
    _selection, rows = presentation.selected(request)
    waiting = rows.filter(status=decided.status).exclude(pk=decided.pk)
    if step in review.STEPS:
        waiting = waiting.filter(open_to(step, user_of(request))).exclude(step_by=user_of(request))
    user = user_of(request)
    following = listing.following(waiting, decided, Display.of(request.GET), user)
    if following is None:
        lookers.leave(decided.pk, user)
    decided.refresh_from_db()
    together = bulk_undo.decided_together(decided, user)
    if len(together) > 1:
        said = _("{step}: {n} of the family.").format(step=STEP_WORDS[step], n=len(together))
    else:
        said = _("{step}: proposal {number}.").format(step=STEP_WORDS[step], number=decided)
    words = f"{said} {_next_words(following)}"
    if is_fragment(request):
        return _decided(request, decided, following, words, undecided, together)
    messages.success(request, words)
    for text in undecided:
        messages.warning(request, text)
    if following is None:
        return redirect(_address(request, decided.pk))
    return redirect(_address(request, following.pk, last=decided.pk))


def _next_words(following: listing.Following | None) -> str:
    """What is shown after a step, in words."""
    if following is None:
        return _("Nothing else under this filter waits for you.")
    if following.is_taken:
        return _("Only rows are left that somebody else is looking at; here is one of them.")
    return _("Here is the next one.")


def _decided(
    request: HttpRequest,
    decided: Proposal,
    following: listing.Following | None,
    said: str,
    undecided: list[str],
    together: list[int],
) -> HttpResponse:
    """The evidence of the next row, with what was done, for the panel beside the list."""
    selection, display = Selection.from_params(request.GET), Display.of(request.GET)
    context: dict[str, Any] = {
        "query": query_of(selection, display, **presentation.list_position(request)),
        "decided": decided,
        "said": said,
        "undecided": undecided,
        "changed": together,
    }
    if following is not None:
        shown = _row(request, following.pk)
        context |= presentation.opened(request, shown)
    context["last"] = _undoable(request, decided.pk)
    return presentation.shown(request, "proposals/review/_decided.html", **context)


def _row(request: HttpRequest, pk: int) -> Proposal:
    """A proposal inside one's scope. Raises: Http404."""
    rows = presentation.visible(user_of(request)).select_related(*DETAILED)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _address(request: HttpRequest, pk: int, **more: Any) -> str:
    """A proposal's page under the same filter."""
    selection, position = Selection.from_params(request.GET), presentation.list_position(request)
    query = query_of(selection, Display.of(request.GET), **position, **more)
    return presentation.address(request, "row", pk, query=query)


urlpatterns = [
    path("review/", page, name="review"),
    path("review/search/", search, name="review_search"),
    path("review/facets/", list_views.facets, name="review_facets"),
    path("review/file/", list_views.find_file, name="review_find_file"),
    path("review/officer/", list_views.find_officer, name="review_find_officer"),
    path("review/filters/", list_views.save, name="review_save"),
    path("review/filters/<int:pk>/remove/", list_views.remove, name="review_remove"),
    path("review/picked/", picked, name="review_picked"),
    path("review/outlines.json", outlines, name="review_outlines"),
    path("review/bulk/", bulk_step.bulk, name="review_bulk"),
    path("review/bulk/undo/", bulk_step.undo_bulk, name="review_bulk_undo"),
    path("review/bulk/left/", bulk_step.bulk_left, name="review_bulk_left"),
    path("review/bulk/<int:job_id>/", bulk_step.bulk_job, name="review_bulk_job"),
    path("review/<int:pk>/", row, name="review_row"),
    path("review/<int:pk>/decide/", decide, name="review_decide"),
    path("review/<int:pk>/undo/", undo, name="review_undo"),
    path("review/<int:pk>/leave/", leave, name="review_leave"),
    path("review/<int:pk>/move/", move, name="review_move"),
    path("review/<int:pk>/ask/", ask_sender, name="review_ask"),
    path("review/<int:pk>/answer/", answer, name="review_answer"),
    path("review/<int:pk>/delivered/", delivered, name="review_delivered"),
    path("review/<int:pk>/reveal/", reveal, name="review_reveal"),
]
