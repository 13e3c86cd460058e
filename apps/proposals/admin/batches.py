"""Batches in the admin: the portal's list in the admin's shell, which leads to the portal's pages.

The pages of one batch are mounted once, at /proposals/batches/.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from apps.accounts.admin_base import ScopedAdmin
from apps.accounts.roles import Permission
from apps.proposals.models import Batch
from apps.proposals.pages import batch_pages
from apps.ui.frames import FramedPages


@admin.register(Batch)
class BatchAdmin(FramedPages, ScopedAdmin):
    """Lists the batches of the user's region; each leads to its page."""

    view_permission = Permission.VIEW_BATCH
    manage_permission = Permission.VIEW_BATCH

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return self.in_frame(batch_pages.batch_list)(request)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return redirect("proposals:batch", self.row(request, object_id).pk)
