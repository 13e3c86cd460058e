"""Proposals in the admin: the portal's pages of review in the admin's shell."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest
from django.urls import URLPattern

from apps.accounts.admin_base import ScopedAdmin
from apps.accounts.roles import Permission
from apps.common.http import integer
from apps.proposals.admin.civil import CivilPages
from apps.proposals.export import views as export_views
from apps.proposals.models import Proposal, ProposalQuerySet
from apps.proposals.review import bulk_step, list_views, views
from apps.proposals.selection import Selection
from apps.ui.frames import Frame, FramedPages


@admin.register(Proposal)
class ProposalAdmin(CivilPages, FramedPages, ScopedAdmin):
    """One filter for the list, the map and the bulk button. Every view is audited."""

    view_permission = Permission.VIEW_PROPOSAL
    manage_permission = Permission.VIEW_PROPOSAL

    def frame(self, request: HttpRequest) -> Frame:
        """The admin's frame; the civil register is asked from here only."""
        known = super().frame(request)
        more = {"civil_address": known.names["civil"]}
        return Frame(known.shell, known.names, {**known.context, **more}, is_admin=True)

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("search/", self.in_frame(views.search), "search"),
            self.page("export/", self.in_frame(export_views.list_file), "export"),
            self.page("facets/", self.in_frame(list_views.facets), "facets"),
            self.page("file/", self.in_frame(list_views.find_file), "find_file"),
            self.page("officer/", self.in_frame(list_views.find_officer), "find_officer"),
            self.page("filters/", self.in_frame(list_views.save), "save"),
            self.page("filters/<int:pk>/remove/", self.in_frame(list_views.remove), "remove"),
            self.page("picked/", self.in_frame(views.picked), "picked"),
            self.page("outlines.json", self.in_frame(views.outlines), "outlines"),
            self.page("bulk/", self.in_frame(bulk_step.bulk), "bulk"),
            self.page("bulk/undo/", self.in_frame(bulk_step.undo_bulk), "bulk_undo"),
            self.page("bulk/left/", self.in_frame(bulk_step.bulk_left), "bulk_left"),
            self.page("bulk/<int:job_id>/", self.in_frame(bulk_step.bulk_job), "bulk_job"),
            *self.civil_urls(),
            self.page("<int:pk>/decide/", self.in_frame(views.decide), "decide"),
            self.page("<int:pk>/undo/", self.in_frame(views.undo), "undo"),
            self.page("<int:pk>/leave/", self.in_frame(views.leave), "leave"),
            self.page("<int:pk>/move/", self.in_frame(views.move), "move"),
            self.page("<int:pk>/ask/", self.in_frame(views.ask_sender), "ask"),
            self.page("<int:pk>/answer/", self.in_frame(views.answer), "answer"),
            self.page("<int:pk>/delivered/", self.in_frame(views.delivered), "delivered"),
            self.page("<int:pk>/reveal/", self.in_frame(views.reveal), "reveal"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return self.in_frame(views.page)(request)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        pk = integer(unquote(object_id))
        if pk is None:
            raise Http404
        return self.in_frame(views.row)(request, pk)

    def selected(self, params: Any, request: HttpRequest) -> tuple[Selection, ProposalQuerySet]:
        selection = Selection.from_params(params)
        return selection, selection.apply(self.get_queryset(request))
