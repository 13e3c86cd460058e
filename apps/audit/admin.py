"""Read-only pages of the audit trail. Identity numbers are masked."""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin
from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.audit import names, record
from apps.audit.admin_base import ScopedAdmin
from apps.audit.models import Action, Entry
from apps.audit.subjects import Subject
from apps.common.text.identity import masked

NUMBER = re.compile(r"(?<!\d)\d{16}(?!\d)")


def without_numbers(text: str) -> str:
    """The text with every NIK or KK in it masked."""
    return NUMBER.sub(lambda found: masked(found.group()), text)


@admin.register(Entry)
class EntryAdmin(ScopedAdmin):
    view_permission = manage_permission = "audit.view_entry"
    list_display = ["at", "action", "who", "about", "what", "region_code", "address"]
    list_display_links = ["at"]
    list_filter = ["action", "at"]
    # exact matches, so that indexes are used; `names.asked` reads the forms that the list shows
    search_fields = ["=request_id"]
    search_help_text = _("Exactly as in the list: who, about what, or the number of a request.")
    ordering = ["-id"]
    fields = (
        *("at", "action", "who", "about", "what", "region_code", "why"),
        *("address", "request", "more"),
    )
    readonly_fields = fields

    def within(self, queryset: Any, scope: Any) -> Any:
        return queryset.within_prefixes(scope.prefixes)

    def heading(self, row: Entry) -> str:
        at = date_format(localtime(row.at), "DATETIME_FORMAT")
        return f"{row.get_action_display()} · {at}"

    @admin.display(description=_("by"))
    def who(self, entry: Entry) -> str:
        return without_numbers(names.actor(entry.actor, entry.actor_name))

    @admin.display(description=_("about"))
    def about(self, entry: Entry) -> str:
        return without_numbers(names.subject(entry.subject))

    @admin.display(description=_("what"))
    def what(self, entry: Entry) -> str:
        return without_numbers(names.subject(entry.subject_name))

    @admin.display(description=_("reason"))
    def why(self, entry: Entry) -> str:
        return without_numbers(entry.reason)

    @admin.display(description=_("request"))
    def request(self, entry: Entry) -> str:
        return entry.request_id or "–"

    @admin.display(description=_("details"))
    def more(self, entry: Entry) -> str:
        lines = [f"{label}: {words}" for label, words in names.details(entry.details)]
        return without_numbers("\n".join(lines)) or "–"

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        return (queryset.filter(names.asked(search_term)) if search_term else queryset), False

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """The list; searching the trail is itself recorded in the trail."""
        query = request.GET.get("q", "")
        if query:
            record.entry(
                Action.SEARCH, about=Subject("audit.Entry"), query=without_numbers(query[:120])
            )
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: Any, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        response = super().change_view(request, object_id, form_url, extra_context)
        record.entry(Action.READ, about=self.row(request, object_id))
        return response
