"""Boundary editions in the admin: upload, progress, report on a map, activation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from apps.audit import record
from apps.audit.admin_base import ScopedAdmin, Verb
from apps.audit.subjects import subject_of
from apps.common.errors import DomainError, text
from apps.common.files import inspection
from apps.common.http import decimal
from apps.jobs import polling
from apps.jobs.models import Job
from apps.regions import boundaries, report
from apps.regions.editions import activation
from apps.regions.forms import ActivateForm, EditionForm
from apps.regions.models import BoundaryEdition, EditionStatus
from apps.ui.permissions import requires

VIEW = "regions.view_boundaryedition"
MANAGE_EDITION = "regions.manage_edition"
WORLD = (-180.0, -90.0, 180.0, 90.0)
BEFORE_REPORT = {EditionStatus.RECEIVED, EditionStatus.READING, EditionStatus.FAILED}


@admin.register(BoundaryEdition)
class EditionAdmin(ScopedAdmin):
    """An edition's page shows its progress while it is read, then its report with a map."""

    view_permission = VIEW
    manage_permission = MANAGE_EDITION
    change_list_template = "regions/admin/edition_list.html"
    list_display = ("name", "published_date", "status", "stored", "remarks", "receiver")
    list_filter = ("status",)
    show_facets = admin.ShowFacets.NEVER
    ordering = ("-published_date", "-pk")
    verbs = (Verb("resume", gettext_lazy("Resume"), MANAGE_EDITION),)

    def within(self, queryset: Any, scope: Any) -> Any:
        """Editions belong to the whole country: every user with the permission sees all of them."""
        return queryset if scope else queryset.none()

    @admin.display(description=gettext_lazy("regions"))
    def stored(self, edition: BoundaryEdition) -> str:
        return number_format(edition.summary.get("stored", 0))

    @admin.display(description=gettext_lazy("to look at"))
    def remarks(self, edition: BoundaryEdition) -> str:
        keys = ("refused", "unknown_codes", "codes_without_polygon", "outside_parent")
        return number_format(sum(edition.summary.get(key, 0) for key in keys))

    @admin.display(description=gettext_lazy("received by"))
    def receiver(self, edition: BoundaryEdition) -> str:
        return edition.receiver

    def extra_urls(self) -> list[URLPattern]:
        return [
            self.page("upload/", self.upload_view, "upload"),
            self.page("<path:object_id>/progress/", self.progress_view, "progress"),
            self.page("<path:object_id>/issues/", self.issues_view, "issues"),
            self.page("<path:object_id>/outlines/", self.outlines_view, "outlines"),
            self.page("<path:object_id>/activate/", self.activate_view, "activate"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": _("Boundary editions"), "may_manage": self.may_manage(request)}
        answer: HttpResponse = super().changelist_view(request, context)
        return answer

    # --- upload ---

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator([requires(MANAGE_EDITION), transaction.non_atomic_requests])
    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """The form; on POST the file is inspected before the transaction begins."""
        form = EditionForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                return self._received(request, form)
            except DomainError as refused:
                field = "name" if refused.code == "name_taken" else None
                field = "covers" if refused.code == "covers_unknown" else field
                form.add_error(field or "file", refused.text)
        title = _("Upload a boundary edition")
        with _scoped(request):
            page: Any = self.render(
                request, "regions/admin/edition_upload.html", form=form, title=title
            )
            answer: HttpResponse = page.render()
        return answer

    def _received(self, request: HttpRequest, form: EditionForm) -> HttpResponse:
        given = dict(form.cleaned_data)
        file = given.pop("file")
        origin = record.origin()
        with _on_disk(file) as path:
            with inspection.slot(origin.actor):
                boundaries.inspect(path, file.name)
            with _scoped(request):
                edition, job = boundaries.receive_edition(
                    path=path,
                    file_name=file.name,
                    by=origin.actor,
                    by_name=origin.actor_name,
                    now=timezone.now(),
                    is_inspected=True,
                    **given,
                )
        if job.is_finished:
            said = _("This file is edition “{name}” already. Nothing was read again.")
            messages.info(request, said.format(name=edition.name))
        return self.to_row(edition)

    # --- one edition ---

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        edition = self.row(request, object_id)
        known = self._known(request, edition)
        if edition.status in BEFORE_REPORT:
            return self.render(request, "regions/admin/edition_progress.html", **known)
        wanted = report.IssueFilter.from_params(request.GET)
        view = "table" if request.GET.get("view") == "table" else "map"
        return self.render(
            request,
            "regions/admin/edition.html",
            **known,
            summary=edition.summary,
            checked=report.checked_again(edition),
            kinds=report.kinds_of(edition),
            kind=wanted.kind,
            view=view,
            issues=report.page_of(edition, wanted, request.GET),
            extent=report.extent_of(edition),
            may_activate=known["may_manage"] and not _is_settled(edition, known["job"]),
        )

    @method_decorator(require_safe)
    def progress_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        known = self._known(request, self.row(request, object_id))
        answer = self.render(request, "regions/admin/_edition_progress.html", **known)
        return polling.reloading(answer, known["job"])

    @method_decorator(require_safe)
    def issues_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        edition = self.row(request, object_id)
        return _geojson(report.issue_shapes(edition, request.GET.get("kind", "")))

    @method_decorator(require_safe)
    def outlines_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        edition = self.row(request, object_id)
        asked = request.GET.get("box", "")
        box = _box_of(asked) if asked else tuple(report.extent_of(edition)) or WORLD
        return _geojson(report.outlines(edition, box))

    # --- activation: first its effect, then the button ---

    @method_decorator([require_http_methods(["GET", "HEAD", "POST"]), requires(MANAGE_EDITION)])
    def activate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        edition = self.row(request, object_id)
        if activation.is_in_force(edition):
            said = _("Edition “{name}” is in force already. There is nothing to activate.")
            messages.info(request, said.format(name=edition.name))
            return self.to_row(edition)
        if request.method == "POST":
            return self._activated(request, edition)
        if edition.status in BEFORE_REPORT:
            messages.error(request, text("not_ready", _named(edition)))
            return self.to_row(edition)
        effect = boundaries.preview(edition=edition)
        title = _("Activate {name}").format(name=edition.name)
        counts = {kind: len(codes) for kind, codes in effect["changed"].items()}
        return self.render(
            request,
            "regions/admin/edition_activate.html",
            edition=edition,
            title=title,
            counts=counts,
            affected=effect["affected"],
            total=sum(counts.values()),
        )

    def _activated(self, request: HttpRequest, edition: BoundaryEdition) -> HttpResponse:
        origin = record.origin()
        try:
            boundaries.enqueue_activation(
                edition=edition,
                by=origin.actor,
                by_name=origin.actor_name,
                **ActivateForm(request.POST).sent,
            )
        except DomainError as refused:
            messages.error(request, refused.text)
        return self.to_row(edition)

    def do_resume(self, request: HttpRequest, edition: BoundaryEdition) -> str:
        job = _import_job(edition)
        if job is None:
            raise DomainError("import_not_failed", status=str(edition.get_status_display()))
        now = timezone.now()
        boundaries.resume_import(job=job, by=record.origin().actor, now=now)
        return _("“{name}” is read again.").format(name=edition.name)

    # --- parts ---

    def _known(self, request: HttpRequest, edition: BoundaryEdition) -> dict[str, Any]:
        subject = subject_of(edition)
        job = Job.objects.filter(subject=subject).order_by("-pk").first()
        is_awaited = edition.status in BEFORE_REPORT
        return polling.watched(job, timezone.now(), is_awaited=is_awaited) | {
            "edition": edition,
            "title": edition.name,
            "poll": reverse(f"admin:{self._name('progress')}", args=[edition.pk]),
            "is_activation": job is not None and job.kind == boundaries.ACTIVATE_EDITION,
            "is_import": job is not None and job.kind == boundaries.IMPORT_EDITION,
            "stage": STAGES.get(job.stage, "") if job else "",
            "may_manage": self.may_manage(request),
        }


STAGES = {
    "read": gettext_lazy("reading features"),
    "repair": gettext_lazy("repairing shapes"),
    "overlaps": gettext_lazy("measuring overlaps"),
    "gaps": gettext_lazy("looking for gaps"),
    "parents": gettext_lazy("comparing with the regencies"),
    "compare": gettext_lazy("comparing with the boundaries in force"),
    "store": gettext_lazy("storing boundaries and report"),
    "held": gettext_lazy("checking the rows that must be fixed again"),
}


@contextmanager
def _on_disk(file: UploadedFile[Any]) -> Iterator[Path]:
    """The upload as a file; a large one is on the disk already."""
    if isinstance(file, TemporaryUploadedFile):
        yield Path(file.temporary_file_path())
        return
    suffix, scratch = Path(file.name or "").suffix, settings.FILE_UPLOAD_TEMP_DIR
    with tempfile.NamedTemporaryFile(suffix=suffix, dir=scratch) as copy:
        for piece in file.chunks():
            copy.write(piece)
        copy.flush()
        yield Path(copy.name)


def _scoped(request: HttpRequest) -> AbstractContextManager[None]:
    """A transaction in which the database knows the user's scope (accounts.middleware)."""
    known: Any = request
    transaction_: AbstractContextManager[None] = known.scoped()
    return transaction_


def _import_job(edition: BoundaryEdition) -> Job | None:
    subject = subject_of(edition)
    jobs = Job.objects.filter(subject=subject, kind=boundaries.IMPORT_EDITION)
    return jobs.order_by("-pk").first()


def _is_settled(edition: BoundaryEdition, job: Job | None) -> bool:
    """In force already, or its activation has been requested."""
    return bool(job and not job.is_finished) or activation.is_in_force(edition)


def _named(edition: BoundaryEdition) -> dict[str, str]:
    return {"name": edition.name, "status": str(edition.get_status_display())}


def _geojson(body: str) -> HttpResponse:
    return HttpResponse(body, content_type="application/geo+json")


def _box_of(asked: str) -> tuple[float, float, float, float]:
    """The box of degrees in a parameter. Raises: Http404 when it is not a box."""
    sides = [decimal(part) for part in asked.split(",")]
    if len(sides) != 4 or any(side is None or abs(side) >= 1e4 for side in sides):
        raise Http404
    west, south, east, north = (side or 0.0 for side in sides)
    return west, south, east, north
