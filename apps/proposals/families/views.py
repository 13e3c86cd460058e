"""The page "Where is my family now" for senders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.casework.calendar import calendar_on
from apps.proposals import lines
from apps.proposals.access import trail
from apps.proposals.families import family_states
from apps.proposals.families.forms import FamilySearchForm
from apps.proposals.models import HeldRow, Proposal
from apps.proposals.pages.batch_lists import in_hand
from apps.proposals.selection import Selection
from apps.registry.reading import tried_number
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.UPLOAD_BATCH)
def page(request: HttpRequest) -> HttpResponse:
    """Fifty families, the newest first; POST finds one by its KK number or a member's NIK."""
    user = user_of(request)
    if request.method == "POST":
        return _search(request, user)
    rows, shown = family_states.page_of(user, request.GET)
    trail.note_listed(user, Selection(), rows)
    files = family_states.held_files(in_hand(user)) if shown.number == 1 else []
    return _show(request, rows, form=FamilySearchForm(), page=shown, held_files=files)


def _search(request: HttpRequest, user: User) -> HttpResponse:
    form = FamilySearchForm(request.POST)
    if not form.is_valid():
        return _show(request, [], form=form, is_search=True)
    number = form.cleaned_data["number"]
    step_up.require_confirmation_after_many(user, Action.SEARCH, step_up.MANY_LOOKUPS)
    read_limits.count(user, read_limits.Kind.LOOKUP)
    tried = tried_number(number, user)
    rows = family_states.found_by(user, number)
    held = family_states.held_by(in_hand(user), number)
    record.entry(
        Action.SEARCH,
        about=Subject("proposals.Proposal"),
        criteria=["number"],
        hits=len(rows) + len(held),
        proposals=[row.pk for row in rows],
        **tried,
    )
    for row in held:
        trail.note_row(user, row.batch, row.row_number)
    return _show(request, rows, form=form, held=held, is_search=True)


def _show(
    request: HttpRequest, rows: Sequence[Proposal], *, held: Sequence[HeldRow] = (), **context: Any
) -> HttpResponse:
    calendar = calendar_on(timezone.localdate())
    known = {
        "families": family_states.families(rows, calendar),
        "held": [{"row": row, "line": lines.line_of(row.batch, row.row_number)} for row in held],
    }
    return render(request, "proposals/families/list.html", known | context)


urlpatterns = [path("families/", page, name="families")]
