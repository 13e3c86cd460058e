"""The state of the portal, for machines and for people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.accounts.access import may
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.jobs import alarms, heartbeats
from apps.jobs.heartbeats import Silence
from apps.ui.permissions import requires
from portal.backup import backup_status
from portal.operations import leftovers, readiness
from portal.operations import messages as operations_messages
from portal.page_addresses import list_address

# The name of a silent part, and what its silence means.
SILENT: dict[str, tuple[Any, Any]] = {
    heartbeats.BEAT: (
        _("Clock (beat)"),
        _("Nothing happens at its time: no sweeping, no sealing, no e-mails. Start it again."),
    ),
    heartbeats.of_queue("interactive"): (
        _("Worker of single rows"),
        _("It does not run, or hears nothing. Look at its log and start it again."),
    ),
    heartbeats.of_queue("batches"): (
        _("Worker of files"),
        _("It does not run, or hears nothing. Look at its log and start it again."),
    ),
    heartbeats.of_queue("rounds"): (
        _("Worker of rounds (seals, anchors, sweeper)"),
        _("It does not run, or hears nothing. Look at its log and start it again."),
    ),
    heartbeats.of_queue("hazards"): (
        _("Worker of hazards (feeds, assessments, alarms)"),
        _("It does not run, or hears nothing. Look at its log and start it again."),
    ),
    heartbeats.of_queue("relief"): (
        _("Worker of plans and files of the command centre"),
        _("It does not run, or hears nothing. Look at its log and start it again."),
    ),
    heartbeats.SEAL: (
        _("Sealing of the audit trail"),
        _("Entries of the audit trail wait for their seal. Look at the worker's log."),
    ),
    heartbeats.ANCHOR: (
        _("Anchors of the audit trail"),
        _("The head of the audit trail is not written down outside. Look at the worker's log."),
    ),
}


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; it uses no other service."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200: users are served, and the body lists what needs attention. 503: users are not served,
    and this process is to be taken out of service.
    """
    state = readiness.for_machines()
    answer = JsonResponse(state.as_json(), status=200 if state.can_work else 503)
    answer["Cache-Control"] = "no-store"
    return answer


def probes(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Middleware for the two views above, before sessions and the scoped transaction: the views
    need neither, and both would wait for the database.
    """
    views = {"/livez": alive, "/readyz": ready}

    def middleware(request: HttpRequest) -> HttpResponse:
        view = views.get(request.path_info)
        return view(request) if view else get_response(request)

    return middleware


@require_safe
@requires(Permission.VIEW_JOB, Permission.MANAGE_JOB)
def page(request: HttpRequest) -> HttpResponse:
    """The same for people, with the page of each job."""
    state = readiness.for_people()
    return render(
        request,
        "portal/pages/status.html",
        {
            "state": state,
            "silences": [_named(silence) for silence in state.silences],
            "version": readiness.version(),
            "waits": state.waits,
            "minutes": int(alarms.ALARM_AFTER.total_seconds() // 60),
            "jobs_url": list_address("jobs.Job"),
            "backup": (backup := backup_status.read()),
            "backup_alarms": [
                operations_messages.BACKUP[code] for code in backup.alarms(now=timezone.now())
            ]
            if backup
            else [],
            "files": operations_messages.stopped(stop) if (stop := leftovers.stop()) else "",
        },
    )


def _named(silence: Silence) -> dict[str, Any]:
    label, words = SILENT.get(silence.name, (silence.name, ""))
    return {"label": label, "words": words, "silence": silence}


def may_look(user: User) -> bool:
    return may(user, Permission.VIEW_JOB) or may(user, Permission.MANAGE_JOB)
