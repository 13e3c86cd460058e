"""Files: the list, and the page of one file during and after its check."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.jobs import polling, work
from apps.jobs.models import Job
from apps.proposals import states
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.checks import known_rows, progress
from apps.proposals.fixes import row_fixes
from apps.proposals.fixes.views import findings_page
from apps.proposals.models import Batch, BatchQuerySet
from apps.proposals.pages import batch_lists
from apps.proposals.pages.batch_lists import BatchFilter
from apps.proposals.states import BatchStatus
from apps.proposals.upload import intake, upload_parts
from apps.ui import frames
from apps.ui.permissions import requires
from apps.ui.requests import user_of

PORTAL = frames.Frame("ui/portal_shell.html", frames.Names("proposals:"))


@require_safe
@requires(Permission.VIEW_BATCH, Permission.UPLOAD_BATCH)
def batch_list(request: HttpRequest) -> HttpResponse:
    """One's own files and those of one's office; those of the whole region for readers."""
    user = user_of(request)
    seen = Batch.objects.within(scope_of(user, Permission.VIEW_BATCH))
    may_upload = bool(scope_of(user, Permission.UPLOAD_BATCH))
    wanted = BatchFilter.from_params(request.GET)
    # the admin's list is the whole region's; what waits is counted among those in hand
    is_whole = frames.frame_of(request, PORTAL).is_admin and not wanted.waits
    of = wanted.of or ("all" if is_whole or not may_upload else "mine")
    batches: BatchQuerySet = batch_lists.in_hand(user) if of == "mine" and may_upload else seen
    page = batch_lists.page_of(wanted.apply(batches), request.GET, wanted)
    moved = batch_lists.submitted_of(page.rows)
    return frames.render(
        request,
        PORTAL,
        "proposals/pages/batches.html",
        {
            "title": page.titled(_("Files")),
            "page": page,
            "rows": [(batch, *moved.get(batch.pk, (None, None))) for batch in page.rows],
            "mendable": {
                batch.pk
                for batch in page.rows
                if may_change(request, batch) and row_fixes.is_open(batch)
            },
            "wanted": wanted,
            "query": wanted.query,
            "waiting": [
                (words, replace(wanted, waits=name).query, wanted.waits == name)
                for name, words in (("", _("All")), *batch_lists.WAITS.items())
            ],
            "whose": [
                (words, replace(wanted, of=name).query, of == name)
                for name, words in batch_lists.WHOSE.items()
            ],
            "statuses": BatchStatus.choices,
            "origins": Batch.Origin.choices,
            "may_upload": may_upload,
            "unfinished": upload_parts.unfinished(user) if may_upload else [],
        },
    )


@require_safe
@requires(Permission.VIEW_BATCH)
def batch_page(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The progress during the check, then the findings."""
    batch = batch_of(request, batch_id)
    if batch.status not in states.CHECKED:
        return render(request, "proposals/pages/progress.html", _watched(request, batch))
    return findings_page.page(request, batch)


@require_safe
@requires(Permission.VIEW_BATCH)
def batch_progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The progress fragment. At the end it reloads the page."""
    context = _watched(request, batch_of(request, batch_id))
    answer = render(request, "proposals/pages/_progress.html", context)
    return polling.reloading(answer, context["job"])


@require_POST
@requires(Permission.UPLOAD_BATCH)
def batch_resume(request: HttpRequest, batch_id: int) -> HttpResponse:
    user = user_of(request)
    batch = batch_to_change(request, batch_id)
    try:
        intake.resume(batch=batch, by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("proposals:batch", batch.pk)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def batch_cancel(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = batch_to_change(request, batch_id)
    job = job_of(batch)
    if job is None or not work.cancel(job):
        messages.info(request, _("There was nothing to cancel: the check has ended."))
    else:
        messages.info(request, _("The check stops. The file stays and can be checked again."))
    return redirect("proposals:batch", batch.pk)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def batch_anyway(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The sender confirms the file although most of its rows are known."""
    user = user_of(request)
    batch = batch_to_change(request, batch_id)
    try:
        known_rows.confirm(batch=batch, by=user, now=timezone.now())
    except DomainError as refused:
        messages.warning(request, refused.text)
    return redirect("proposals:batch", batch.pk)


@require_POST
@requires(Permission.UPLOAD_BATCH)
def batch_discard(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The sender discards a file because most of its rows are known."""
    user = user_of(request)
    batch = batch_to_change(request, batch_id)
    try:
        known_rows.discard(batch=batch, by=user)
    except DomainError as refused:
        messages.warning(request, refused.text)
        return redirect("proposals:batch", batch.pk)
    messages.info(
        request, _("{file} was thrown away; nothing of it was proposed.").format(file=batch)
    )
    return redirect("proposals:batches")


def job_of(batch: Batch) -> Job | None:
    return (
        Job.objects.filter(subject=batch.subject, kind=intake.CHECK_BATCH).order_by("-pk").first()
    )


def _watched(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    urls = {
        verb: reverse(f"proposals:batch-{verb}", args=[batch.pk])
        for verb in ("progress", "resume", "cancel", "anyway", "discard")
    }
    known = {"batch": batch, "may": may_change(request, batch), "stem": batch_stem(batch)}
    known |= {"urls": urls, "poll": urls["progress"], "asked": progress.asked(batch)}
    return known | progress.watched(batch, job_of(batch), timezone.now())


def batch_stem(batch: Batch) -> str:
    """`usulan_nov` of `usulan_nov.xlsx`, for the title of the tab."""
    return str(batch).rpartition(".")[0] or str(batch)


urlpatterns = [
    path("batches/", batch_list, name="batches"),
    path("batches/<int:batch_id>/", batch_page, name="batch"),
    path("batches/<int:batch_id>/progress/", batch_progress, name="batch-progress"),
    path("batches/<int:batch_id>/resume/", batch_resume, name="batch-resume"),
    path("batches/<int:batch_id>/cancel/", batch_cancel, name="batch-cancel"),
    path("batches/<int:batch_id>/anyway/", batch_anyway, name="batch-anyway"),
    path("batches/<int:batch_id>/discard/", batch_discard, name="batch-discard"),
]
