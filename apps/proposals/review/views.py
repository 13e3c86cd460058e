"""Pages of review: list and map of one filter, and single proposals.

They are mounted in the portal; the admin of proposals shows the same views in its own shell.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.proposals import maps
from apps.proposals.access import trail
from apps.proposals.models import Proposal
from apps.proposals.review import bulk_step, family_moves, presentation
from apps.proposals.review import decisions as review
from apps.proposals.review.decisions import Step
from apps.proposals.review.forms import STEP_WORDS, DecideForm, MoveForm
from apps.proposals.selection import Selection
from apps.proposals.states import Move
from apps.proposals.steps import open_to, steps_of
from apps.registry.forms import RevealForm
from apps.ui.permissions import requires
from apps.ui.requests import user_of

# --- list and map ---


@require_safe
@requires(Permission.VIEW_PROPOSAL)
def page(request: HttpRequest) -> HttpResponse:
    """Fifty rows of one filter, and its map on the other tab."""
    context = presentation.listed(request.user, request.GET)
    is_map = request.GET.get("view") == "map"
    query = context["query"]
    return presentation.shown(
        request,
        "proposals/review/list.html",
        **context,
        is_table=not is_map,
        view_param="&view=map" if is_map else "",
        table_query=query,
        map_query=f"{query}&view=map" if query else "view=map",
        queues=_queues(request, context["selection"]),
    )


def _queues(request: HttpRequest, selection: Selection) -> list[dict[str, Any]]:
    """The statuses that wait for one's own step, as filters beside "all"."""
    statuses = sorted(status.value for status in steps_of(user_of(request)))
    return [
        {
            "label": label,
            "query": urlencode({"status": ",".join(wanted)}) if wanted else "",
            "is_on": list(selection.status) == wanted,
        }
        for label, wanted in ((_("Waiting for me"), statuses), (_("All"), []))
        if statuses
    ]


@require_safe
@requires(Permission.VIEW_PROPOSAL)
@gzip_page
def points(request: HttpRequest) -> HttpResponse:
    """Positions and verdicts of the selection; more than the map can draw come as cells."""
    selection, rows = presentation.selected(request)
    box = maps.Box.of(request.GET.get("box", ""))
    picture = maps.picture(rows, box)
    trail.note_mapped(user_of(request), selection, picture, box)
    return JsonResponse(picture, json_dumps_params={"separators": (",", ":")})


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
        return redirect(_address(request, proposal))
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
    if given["whole_family"]:
        left = review.left_of_family(proposal, user_of(request), given["seen"])
        if left:
            messages.warning(request, presentation.left_words(left))
    return _next(request, proposal, step)


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
            messages.error(request, refused.text)
        else:
            messages.success(request, presentation.moved_words(said, rows))
    return redirect(_address(request, proposal))


@require_POST
@requires(*presentation.DECIDING)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo one's own last step."""
    proposal = _row(request, pk)
    try:
        review.undo(proposal=proposal, by=user_of(request), now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.text)
    else:
        messages.success(request, _("Your last step on this proposal is undone."))
    return redirect(_address(request, proposal))


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


def _show_row(request: HttpRequest, proposal: Proposal, **extra: Any) -> HttpResponse:
    context = presentation.opened(user_of(request), proposal, request.GET)
    last = integer(request.GET.get("last"))
    if last is not None and last != proposal.pk:
        context["last"] = _undoable(request, last)
    return presentation.shown(request, "proposals/review/proposal.html", **context | extra)


def _undoable(request: HttpRequest, pk: int) -> Proposal | None:
    """The proposal decided just before, while that step can be undone."""
    proposal = presentation.visible(request.user).filter(pk=pk).first()
    if proposal is None:
        return None
    decisions = list(proposal.decisions.order_by("pk"))
    return proposal if presentation.may_undo(decisions, request.user) else None


def _next(request: HttpRequest, decided: Proposal, step: Step) -> HttpResponse:
    """The next row of the filter that is open to a step of this person, else the list."""
    selection, rows = presentation.selected(request)
    waiting = rows.filter(status=decided.status).exclude(pk=decided.pk).order_by("pk")
    if step in review.STEPS:
        waiting = waiting.filter(open_to(step, user_of(request))).exclude(step_by=user_of(request))
    following = waiting.filter(pk__gt=decided.pk).first() or waiting.first()
    said = _("{step}: proposal {number}.").format(step=STEP_WORDS[step], number=decided)
    if following is None:
        messages.success(request, said + " " + _("Nothing else under this filter waits for you."))
        return redirect(_address(request, decided))
    messages.success(request, said + " " + _("Here is the next one."))
    return redirect(_address(request, following, last=decided.pk))


def _row(request: HttpRequest, pk: int) -> Proposal:
    """A proposal inside one's scope. Raises: Http404."""
    rows = presentation.visible(request.user).select_related("village", "actual_village", "edition")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _address(request: HttpRequest, proposal: Proposal, **more: Any) -> str:
    """A proposal's page under the same filter."""
    query = urlencode(Selection.from_params(request.GET).params() | more)
    return presentation.address(request, "row", proposal.pk, query=query)


urlpatterns = [
    path("review/", page, name="review"),
    path("review/points.json", points, name="review_points"),
    path("review/outlines.json", outlines, name="review_outlines"),
    path("review/bulk/", bulk_step.bulk, name="review_bulk"),
    path("review/bulk/<int:job_id>/", bulk_step.bulk_job, name="review_bulk_job"),
    path("review/<int:pk>/", row, name="review_row"),
    path("review/<int:pk>/decide/", decide, name="review_decide"),
    path("review/<int:pk>/undo/", undo, name="review_undo"),
    path("review/<int:pk>/move/", move, name="review_move"),
    path("review/<int:pk>/reveal/", reveal, name="review_reveal"),
]
