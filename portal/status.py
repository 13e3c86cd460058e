"""How the portal itself stands: database, broker, and work that nobody takes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.accounts.access import may
from apps.accounts.roles import Permission
from apps.jobs import alarms
from portal import leftovers, messages
from portal.backup import standing
from portal.context import list_address


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """The process can work: database and broker answer. Work that waits too long is told, too: an
    alarm for people, no reason to take this process out of service."""
    state = {"database": _database(), "broker": _broker()}
    jobs = alarms.waits(now=timezone.now()).brief() if state["database"] else None
    status = 200 if all(state.values()) else 503
    return JsonResponse({**state, "jobs": jobs}, status=status)


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The same for people, with the page of each job."""
    if not may_look(request.user):
        raise PermissionDenied
    return render(
        request,
        "portal/status.html",
        {
            "is_ready": {"database": _database(), "broker": _broker()},
            "waits": alarms.waits(now=timezone.now()),
            "minutes": int(alarms.ALARM_AFTER.total_seconds() // 60),
            "jobs_url": list_address("jobs.Job"),
            "backup": (backup := standing.read()),
            "backup_alarms": [messages.BACKUP[code] for code in backup.alarms(now=timezone.now())]
            if backup
            else [],
            "files": messages.stopped(stop) if (stop := leftovers.stop()) else "",
        },
    )


def may_look(user: Any) -> bool:
    return may(user, Permission.VIEW_JOB) or may(user, Permission.MANAGE_JOB)


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
