"""The dashboard and the health pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from apps.accounts.access import actor_of, may
from apps.accounts.roles import Permission
from apps.audit.models import Action, Entry
from apps.casework.models import Cycle
from portal.context import list_address
from portal.progress import COLUMNS, progress
from portal.waiting import waiting

RECENT = 10


@require_safe
@login_required
def dashboard(request: HttpRequest) -> HttpResponse:
    """What waits for one's role, this cycle's dates, progress by region, one's own last acts."""
    today = timezone.localdate()
    user: Any = request.user
    return render(
        request,
        "portal/home.html",
        {
            "waiting": waiting(user),
            "may_upload": may(user, Permission.UPLOAD_BATCH),
            "may_look": may(user, Permission.VIEW_PROPOSAL),
            "progress": progress(user),
            "progress_columns": COLUMNS,
            "list_address": list_address("proposals.Proposal"),
            "cycle": _cycle(today),
            "recent": _recent(user),
        },
    )


def _recent(user: Any) -> Any:
    """One's own last acts; what one only looked at is in the audit trail."""
    mine = Entry.objects.filter(actor=actor_of(user))
    return mine.exclude(action__in=[Action.READ, Action.SEARCH]).order_by("-id")[:RECENT]


def _cycle(today: date) -> dict[str, Any] | None:
    """The cycle that is open, else the next one."""
    coming = Cycle.objects.filter(cutoff_date__gte=today).order_by("cutoff_date", "pk").first()
    if coming is None:
        return None
    return {
        "row": coming,
        "is_open": coming.opens_date <= today,
        "days_left": (coming.cutoff_date - today).days,
        "days_until": (coming.opens_date - today).days,
    }


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The process can work: database and broker answer."""
    state = {"database": _database(), "broker": _broker()}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        cache.get("readyz")
    except OSError:
        return False
    except Exception:  # noqa: BLE001 (each cache client has its own; any of them means "not ready")
        return False
    return True


language = require_POST(set_language)
