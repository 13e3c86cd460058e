"""The dashboard."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import is_valid_path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from apps.accounts.access import actor_of, may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit.models import Action, Entry
from apps.casework.calendar import CycleCalendar, calendar_on
from apps.jobs import alarms
from apps.ui.requests import user_of
from portal.page_addresses import is_officer
from portal.pages import status
from portal.pages.system_status import system_status
from portal.pages.waiting_work import duty, waiting

RECENT = 10
# Not in the list of acts: pages that were viewed, and coming and going.
NO_ACTS = (
    *(Action.READ, Action.SEARCH),
    *(Action.SIGN_IN, Action.SIGN_IN_FAILED, Action.SIGN_OUT),
)


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """Work that waits for the user's role, the cycle's dates, the user's last acts, and a place for
    each card about regions, which loads alone.
    """
    user = user_of(request)
    calendar = calendar_on(timezone.localdate())
    return render(
        request,
        "portal/pages/home.html",
        {
            "waiting": waiting(user),
            "actions": _actions(user),
            "duty": duty(user),
            "may_look": may(user, Permission.VIEW_PROPOSAL),
            "cards": _cards(request) if may(user, Permission.VIEW_PROGRESS) else [],
            "calendar": calendar,
            "days": _days(calendar),
            "recent": _recent(user),
            "house": system_status(user),
            "waits": alarms.waits(now=timezone.now()) if status.may_look(user) else None,
            "minutes": int(alarms.ALARM_AFTER.total_seconds() // 60),
        },
    )


def _cards(request: HttpRequest) -> list[tuple[str, Any, str]]:
    """The cards for the region and the view of the address: (anchor, title, its own address). Who
    may not view proposals has the first one alone.
    """
    asked = {
        name: request.GET[name] for name in ("region", "view", "show") if request.GET.get(name)
    }
    query = f"?{urlencode(asked)}" if asked else ""
    cards = [("progress", _("Progress by region"), "progress")]
    if may(user_of(request), Permission.VIEW_PROPOSAL):
        cards += [
            ("trend", _("Steps of the cycle"), "progress-trend"),
            ("findings", _("Findings by region"), "progress-findings"),
        ]
    return [(anchor, title, reverse(name) + query) for anchor, title, name in cards]


def _actions(user: User) -> list[tuple[Any, str]]:
    """The first actions of a sender; an unavailable page gets no button."""
    if not may(user, Permission.UPLOAD_BATCH):
        return []
    buttons = [(_("Upload a file"), reverse("proposals:upload-page"))]
    if is_valid_path("/proposals/new/"):
        buttons.append((_("Propose one family"), "/proposals/new/"))
    if is_officer(user):
        buttons.append((_("Where is my family now"), reverse("proposals:families")))
    return buttons


def _days(calendar: CycleCalendar) -> list[tuple[date, Any, str]]:
    """The days of the shown cycle and today, in order: (day, word, kind)."""
    cycle = calendar.shown
    if cycle is None:
        return []
    days = [
        (cycle.opens_date, _("opens"), "opens"),
        (cycle.cutoff_date, _("closes"), "closes"),
        (cycle.draw_date, _("frozen, data drawn"), "frozen"),
        (calendar.day, _("today"), "today"),
    ]
    return sorted(days, key=lambda one: one[0])


def _recent(user: User) -> list[tuple[Entry, str]]:
    """The user's last acts and their subjects; the rest is in the audit trail."""
    mine = Entry.objects.filter(actor=actor_of(user))
    acts = mine.exclude(action__in=NO_ACTS).order_by("-id")[:RECENT]
    return [(entry, entry.subject_name or _subject(entry.subject)) for entry in acts]


def _subject(subject: str) -> str:
    """A subject without a name as text: a bulk step is about proposals."""
    label, _colon, number = subject.partition(":")
    if label == "proposals.Selection":
        return _("Proposals")
    try:
        kind = str(apps.get_model(label)._meta.verbose_name).capitalize()
    except (LookupError, ValueError):
        return ""
    return f"{kind} {number}".strip()


language = require_POST(set_language)
