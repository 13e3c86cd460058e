"""Proposals in the admin: list and map over one filter, one proposal with its evidence."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.accounts.roles import Permission
from apps.proposals import maps
from apps.proposals.access import trail
from apps.proposals.admin.civil import CivilPages
from apps.proposals.models import Proposal, ProposalQuerySet
from apps.proposals.review import decisions, family_moves, presentation
from apps.proposals.review.bulk_step import BulkPages
from apps.proposals.review.decisions import Step
from apps.proposals.review.forms import STEP_WORDS, DecideForm, MoveForm
from apps.proposals.review.presentation import ADMIN
from apps.proposals.selection import Selection
from apps.proposals.states import Move
from apps.registry.forms import RevealForm
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@admin.register(Proposal)
class ProposalAdmin(BulkPages, CivilPages, ScopedAdmin):
    """One filter for the list, the map and the bulk button. Every view is audited."""

    view_permission = Permission.VIEW_PROPOSAL
    manage_permission = Permission.VIEW_PROPOSAL

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("points.json", self.points_view, "points"),
            self.page("outlines.json", self.outlines_view, "outlines"),
            *self.bulk_urls(),
            *self.civil_urls(),
            self.page("<path:object_id>/decide/", self.decide_view, "decide"),
            self.page("<path:object_id>/undo/", self.undo_view, "undo"),
            self.page("<path:object_id>/move/", self.move_view, "move"),
            self.page("<path:object_id>/reveal/", self.reveal_view, "reveal"),
        ]

    def selected(self, params: Any, request: HttpRequest) -> tuple[Selection, ProposalQuerySet]:
        selection = Selection.from_params(params)
        return selection, selection.apply(self.get_queryset(request))

    # --- list and map ---

    @method_decorator(require_safe)
    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = presentation.listed(request.user, request.GET)
        is_table = request.GET.get("view") == "table"
        query = context["query"]
        return self.render(
            request,
            "proposals/admin/proposal_list.html",
            **context,
            is_table=is_table,
            view_param="&view=table" if is_table else "",
            map_query=query,
            table_query=f"{query}&view=table" if query else "view=table",
        )

    @method_decorator([require_safe, gzip_page])
    def points_view(self, request: HttpRequest) -> HttpResponse:
        """Positions and verdicts of the selection; more than the map can draw come as cells."""
        selection, rows = self.selected(request.GET, request)
        box = maps.Box.of(request.GET.get("box", ""))
        picture = maps.picture(rows, box)
        trail.note_mapped(user_of(request), selection, picture, box)
        return JsonResponse(picture, json_dumps_params={"separators": (",", ":")})

    @method_decorator([require_safe, gzip_page])
    def outlines_view(self, request: HttpRequest) -> HttpResponse:
        """The outlines of the villages that the selection touches."""
        _selection, rows = self.selected(request.GET, request)
        return JsonResponse(maps.outlines(rows), json_dumps_params={"separators": (",", ":")})

    # --- one proposal ---

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        proposal = self.row(request, object_id)
        return self._show(request, proposal)

    @method_decorator([require_POST, requires(*presentation.DECIDING)])
    def decide_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        proposal = self.row(request, object_id)
        form = DecideForm(request.POST)
        if not form.is_valid():
            return self.to_row(proposal)
        given = form.cleaned_data
        step = Step(given.pop("step"))

        def act() -> HttpResponse:
            decisions.decide(
                proposal=proposal, step=step, by=user_of(request), now=timezone.now(), **given
            )
            if given["whole_family"]:
                left = decisions.left_of_family(proposal, user_of(request), given["seen"])
                if left:
                    messages.warning(request, presentation.left_words(left))
            return self._next(request, proposal, step)

        return self.answer(request, proposal, act)  # type: ignore[return-value]

    @method_decorator([require_POST, requires(*presentation.DECIDING)])
    def move_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Confirm or deny that a family has moved."""
        proposal = self.row(request, object_id)
        form = MoveForm(request.POST)
        if not form.is_valid():
            return self.to_row(proposal)

        def act() -> str:
            said = Move(form.cleaned_data.pop("move"))
            given: dict[str, Any] = {"move": said, "by": user_of(request), "now": timezone.now()}
            rows = family_moves.record_move(proposal=proposal, **given, **form.cleaned_data)
            return presentation.moved_words(said, rows)

        return self.answer(request, proposal, act)  # type: ignore[return-value]

    @method_decorator([require_POST, requires(*presentation.DECIDING)])
    def undo_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        proposal = self.row(request, object_id)

        def act() -> str:
            decisions.undo(proposal=proposal, by=user_of(request), now=timezone.now())
            return _("Your last step on this proposal is undone.")

        return self.answer(request, proposal, act)  # type: ignore[return-value]

    @method_decorator(requires(Permission.VIEW_PROPOSAL, to_send=(Permission.REVEAL_NIK,)))
    def reveal_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """POST with a reason: the same page with the whole number, for one response."""
        proposal = self.row(request, object_id)
        form = RevealForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return self._show(request, proposal, reveal_form=form)
        nik = trail.reveal(
            proposal=proposal, by=user_of(request), reason=form.cleaned_data["reason"]
        )
        return self._show(request, proposal, nik=nik)

    def _show(self, request: HttpRequest, proposal: Proposal, **extra: Any) -> HttpResponse:
        context = presentation.opened(user_of(request), proposal, request.GET)
        return self.render(request, "proposals/admin/proposal.html", **context | extra)

    def _next(self, request: HttpRequest, decided: Proposal, step: Step) -> HttpResponse:
        """The next row of the same filter, with a link back to the row just decided."""
        selection, rows = self.selected(request.GET, request)
        following = (
            rows.filter(pk__gt=decided.pk).order_by("pk").first() if selection.params() else None
        )
        target = following or decided
        self.message_user(
            request,
            _("{step}: proposal {number}.").format(step=STEP_WORDS[step], number=decided)
            + (" " + _("Here is the next one.") if following else ""),
        )
        address = reverse(f"admin:{self._name('change')}", args=[target.pk])
        query = urlencode(selection.params())
        return redirect(f"{address}?{query}" if query else address)

    def render(self, request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
        return super().render(request, template, names=ADMIN, **context)
