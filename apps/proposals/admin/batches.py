"""Batches in the admin: upload, match columns, progress, findings, submission."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from apps.accounts.admin_base import ScopedAdmin, Verb
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.jobs import polling, work
from apps.jobs.models import Job
from apps.proposals import chips, rules, states
from apps.proposals.access import trail
from apps.proposals.access.batch_access import may_change
from apps.proposals.admin.uploads import UploadPages
from apps.proposals.checks import findings, known_rows, progress
from apps.proposals.export.downloads import returned_file
from apps.proposals.fixes import mend_page
from apps.proposals.models import Batch, Verdict
from apps.proposals.pages import batch_lists
from apps.proposals.submitting import submission, village_evidence
from apps.proposals.upload import column_mapping, intake
from apps.ui.paging import read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

HELD_BACK = {
    "open_elsewhere": gettext_lazy("{n} stay: the same person and programme is under review"),
    "twice_in_batch": gettext_lazy("{n} stay: another row of this file came first"),
    "no_evidence": gettext_lazy("{n} stay: their village has no minutes or statement yet"),
}


class Waits(SimpleListFilter):
    """The filter by what a batch waits for, as the home page counts it."""

    title = gettext_lazy("what waits")
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(batch_lists.WAITS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Batch]) -> QuerySet[Batch]:
        wanted = self.value() or ""
        if wanted not in batch_lists.WAITS:
            return queryset
        mine = batch_lists.in_hand(user_of(request)).values("pk")
        return queryset.filter(batch_lists.waits(wanted), pk__in=mine)


@admin.register(Batch)
class BatchAdmin(UploadPages, ScopedAdmin):
    """The page of a batch shows its progress during the check, then its findings."""

    view_permission = Permission.VIEW_BATCH
    manage_permission = Permission.VIEW_BATCH
    change_list_template = "proposals/admin/batch_list.html"
    list_display = ("name", "region", "status_chip", "rows", "ready", "held", "by", "received_at")
    list_display_links = ("name",)
    list_filter = (Waits, "status", "origin")
    show_facets = admin.ShowFacets.NEVER
    list_select_related = ("region", "user", "agency")
    ordering = ("-pk",)
    verbs = (
        Verb("submit", gettext_lazy("Submit"), Permission.UPLOAD_BATCH),
        Verb("resume", gettext_lazy("Resume"), Permission.UPLOAD_BATCH),
        Verb("cancel", gettext_lazy("Cancel"), Permission.UPLOAD_BATCH, danger=True),
        Verb("anyway", gettext_lazy("Go on anyway"), Permission.UPLOAD_BATCH),
        Verb("discard", gettext_lazy("Throw this file away"), Permission.UPLOAD_BATCH, danger=True),
    )

    @admin.display(description=gettext_lazy("file"))
    def name(self, batch: Batch) -> str:
        return str(batch)

    @admin.display(description=gettext_lazy("status"))
    def status_chip(self, batch: Batch) -> str:
        return chips.batch_status(batch.status)

    @admin.display(description=gettext_lazy("rows"))
    def rows(self, batch: Batch) -> str:
        return number_format(batch.rows_read)

    @admin.display(description=gettext_lazy("ready"))
    def ready(self, batch: Batch) -> str:
        return number_format(batch.counts["ready"]) if batch.counts else ""

    @admin.display(description=gettext_lazy("to fix"))
    def held(self, batch: Batch) -> str:
        return number_format(batch.counts["held"]) if batch.counts else ""

    @admin.display(description=gettext_lazy("by"))
    def by(self, batch: Batch) -> str:
        return batch.sender

    def extra_urls(self) -> list[URLPattern]:
        return [
            *self.upload_urls(),
            self.page("<path:object_id>/progress/", self.progress_view, "progress"),
            self.page("<path:object_id>/held/", self.held_view, "held"),
            self.page("<path:object_id>/findings/<slug:code>/", self.finding_view, "finding"),
            self.page("<path:object_id>/download/", self.download_view, "download"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = request.user.has_perm(Permission.UPLOAD_BATCH)
        answer: HttpResponse = super().changelist_view(
            request, {"title": _("Files"), "may_upload": may}
        )
        return answer

    # --- one batch ---

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        batch = self.row(request, object_id)
        if batch.status not in states.CHECKED:
            known = self._watched(request, batch)
            return self.render(request, "proposals/admin/batch_progress.html", **known)
        user = user_of(request)
        going = village_evidence.preview_submission(
            batch, user, village_evidence.villages(batch, user, timezone.now())
        )
        return self.render(
            request,
            "proposals/admin/batch_findings.html",
            use=column_mapping.use_of(batch),
            title=str(batch),
            batch=batch,
            job=_job(batch),
            may=may_change(request, batch),
            groups=findings.groups(batch),
            deadline=mend_page.deadline(batch, timezone.localdate()),
            ready=going.can_go,
            staying=village_evidence.staying(going.stay),
            to_check=findings.to_check(batch),
            verdict_counts=_in_order(batch.counts.get("verdicts", {})),
        )

    @method_decorator(require_safe)
    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The progress fragment. At the end it reloads the page."""
        known = self._watched(request, self.row(request, object_id))
        answer = self.render(request, "proposals/checks/_batch_progress.html", **known)
        return polling.reloading(answer, known["job"])

    @method_decorator(require_safe)
    def finding_view(self, request: HttpRequest, object_id: str, code: str) -> HttpResponse:
        """The rows with one finding, with texts for each."""
        batch = self.row(request, object_id)
        if code not in rules.RULES:
            raise Http404
        page = read_page(batch.findings.filter(code=code), findings.BY_ROW, request.GET)
        trail.note_rows(user_of(request), batch, page.rows)
        told = findings.with_words(batch, page.rows)
        return self.render(
            request,
            "proposals/admin/batch_finding.html",
            title=findings.kind(code).title,
            batch=batch,
            code=code,
            count=batch.counts.get("findings", {}).get(code, 0),
            told=told,
            page=page,
        )

    @method_decorator(require_safe)
    def held_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The rows that must be fixed, each with all its causes."""
        batch = self.row(request, object_id)
        page = read_page(batch.held_rows.all(), findings.BY_ROW, request.GET)
        trail.note_rows(user_of(request), batch, page.rows)
        return self.render(
            request,
            "proposals/admin/batch_held.html",
            title=_("Rows to fix"),
            batch=batch,
            may=may_change(request, batch),
            held=findings.held(batch, page.rows),
            page=page,
        )

    @method_decorator([require_safe, requires(Permission.UPLOAD_BATCH)])
    def download_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """The sender's own file with its findings; with `?rows=held` rows to be fixed only."""
        batch = self.row(request, object_id)
        try:
            return returned_file(
                batch, user_of(request), is_held_only=request.GET.get("rows") == "held"
            )
        except DomainError as refused:
            messages.error(request, refused.text)
            return self.to_row(batch)

    # --- actions ---

    def may_act(self, request: HttpRequest, row: Batch) -> bool:
        return may_change(request, row)

    def do_submit(self, request: HttpRequest, batch: Batch) -> str:
        done = submission.submit(batch=batch, by=user_of(request), now=timezone.now())
        said = _("{n} rows submitted for review.").format(n=number_format(done.moved))
        for reason, count in done.held_back.items():
            said += " " + str(HELD_BACK[reason]).format(n=number_format(count)) + "."
        return said

    def do_resume(self, request: HttpRequest, batch: Batch) -> str:
        intake.resume(batch=batch, by=user_of(request), now=timezone.now())
        return _("The check goes on.")

    def do_cancel(self, request: HttpRequest, batch: Batch) -> str:
        job = _job(batch)
        if job is None or not work.cancel(job):
            return _("There was nothing to cancel: the check has ended.")
        return _("The check stops. The file stays and can be checked again.")

    def do_anyway(self, request: HttpRequest, batch: Batch) -> str:
        known_rows.confirm(batch=batch, by=user_of(request), now=timezone.now())
        return _("The check goes on.")

    def do_discard(self, request: HttpRequest, batch: Batch) -> str:
        known_rows.discard(batch=batch, by=user_of(request))
        return _("{file} was thrown away; nothing of it was proposed.").format(file=batch)

    def _watched(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        urls = {
            verb: reverse(f"admin:{self._name(verb)}", args=[batch.pk])
            for verb in ("progress", "resume", "cancel", "anyway", "discard")
        }
        known = {"title": str(batch), "batch": batch, "may": may_change(request, batch)}
        known |= {"urls": urls, "poll": urls["progress"], "asked": progress.asked(batch)}
        return known | progress.watched(batch, _job(batch), timezone.now())


def _job(batch: Batch) -> Job | None:
    return (
        Job.objects.filter(subject=batch.subject, kind=intake.CHECK_BATCH).order_by("-pk").first()
    )


def _in_order(counts: dict[str, int]) -> list[tuple[str, int]]:
    return [(code, counts[code]) for code in Verdict.values if counts.get(code)]
