"""Pages of uploads: the list, a new file, its progress and findings, matching its columns."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as flash
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.access import actor_of, may, scope_of, scoped
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import OfficeUpload, UploadKind
from apps.commandcentre.uploads import reception, upload_kinds, upload_page
from apps.commandcentre.uploads.forms import FORMS
from apps.common.errors import DomainError
from apps.common.files import inspection
from apps.imports import column_choice
from apps.imports.column_choice import ChoiceForm
from apps.jobs import polling
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST = 50
UPLOADS = (Permission.MANAGE_FACILITY, Permission.MANAGE_RESPONDER, Permission.MANAGE_HAZARD)


@require_safe
@requires(*UPLOADS)
def listing(request: HttpRequest) -> HttpResponse:
    """The kinds of files that one may upload, and the last files."""
    kinds = upload_kinds.kinds_of(user_of(request))
    seen = _seen(request).select_related("user").order_by("-pk")
    context = {
        "kinds": [(kind, kind.label, upload_kinds.EXPLAINED[kind]) for kind in kinds],
        "uploads": list(seen[:MOST]),
        "most": MOST,
    }
    return render(request, "commandcentre/uploads/uploads.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*UPLOADS)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Upload a file."""
    user = user_of(request)
    with scoped(user):
        if kind not in UploadKind.values or not may(user, upload_kinds.PERMISSIONS[kind]):
            raise Http404
    is_sent = request.method == "POST"
    AnyForm = FORMS[kind]  # noqa: N806 (a class)
    form = (
        AnyForm(request.POST, request.FILES, upload_kind=kind)
        if is_sent
        else AnyForm(upload_kind=kind)
    )
    if is_sent and form.is_valid():
        file, options = form.cleaned_data["file"], form.options
        try:
            with inspection.slot(actor_of(user)):
                kept = reception.keep(file, file.name, kind, options)
            with scoped(user):
                upload = reception.receive(
                    kept=kept, kind=kind, options=options, by=user, now=timezone.now()
                )
                page = "upload" if kept.is_matched else "upload-columns"
                return redirect(f"commandcentre:{page}", upload.pk)
        except DomainError as refused:
            form.add_error("file", refused.text)
    with scoped(user):
        context = {
            "form": form,
            "label": UploadKind(kind).label,
            "explained": upload_kinds.EXPLAINED[kind],
            "ours": _columns_words(kind),
        }
        return render(request, "commandcentre/uploads/new.html", context)


def _columns_words(kind: str) -> list[tuple[str, bool]]:
    """Our columns of a kind of file with rows, and which are needed."""
    rows = upload_kinds.ROWS.get(kind)
    if rows is None:
        return []
    needed = {name for group in rows.layout.needed for name in group}
    return [(rows.layout.label(name), name in needed) for name in rows.layout.words.columns]


@require_safe
@requires(*UPLOADS)
def upload_shown(request: HttpRequest, office_upload_id: int) -> HttpResponse:
    """The progress of an import; after that what became of the rows, with the first findings."""
    upload = _upload(request, office_upload_id)
    context = _watched(request, upload) | upload_page.shown(upload)
    if context["findings"]:
        record.entry(Action.READ, about=upload, what="findings")
    return render(request, "commandcentre/uploads/upload.html", context)


@require_safe
@requires(*UPLOADS)
def progress(request: HttpRequest, office_upload_id: int) -> HttpResponse:
    """The fragment that the page polls; at the end it makes the page reload."""
    context = _watched(request, _upload(request, office_upload_id))
    answer = render(request, "commandcentre/uploads/_progress.html", context)
    return polling.reloading(answer, context["job"])


@require_safe
@requires(*UPLOADS)
def findings(request: HttpRequest, office_upload_id: int) -> HttpResponseBase:
    """All findings as CSV. The export is recorded."""
    upload = _upload(request, office_upload_id)
    if not upload.listed:
        raise Http404
    record.entry(Action.EXPORT, about=upload, by=user_of(request), what="findings")
    return FileResponse(
        upload.listed.open("rb"),
        as_attachment=True,
        filename=f"temuan-{upload.pk}.csv",
        content_type="text/csv; charset=utf-8",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@requires(*UPLOADS)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def columns(request: HttpRequest, office_upload_id: int) -> HttpResponse:
    """Our columns beside those of the file, with their first values; POST imports it."""
    user, wrong, given = user_of(request), "", None
    with scoped(user):
        upload = _upload(request, office_upload_id)
        if upload.kind not in upload_kinds.ROWS:
            raise Http404
        try:
            reception.need_open(upload)
        except DomainError as refused:
            flash.info(request, refused.text)
            return redirect("commandcentre:upload", upload.pk)
        layout = upload_page.layout_of(upload)
        if request.method == "POST":
            given = ChoiceForm(request.POST).positions(layout.words.columns, len(upload.header))
            chosen = {name: at for name, at in given.items() if at is not None}
            lacking, twice = upload_page.wrong_choice(upload, chosen)
            if lacking:
                names = ", ".join(lacking)
                wrong = _("Still without a column: {names}.").format(names=names)
            elif twice:
                wrong = twice
            else:
                reception.match_columns(upload=upload, mapping=chosen, by=user)
                return redirect("commandcentre:upload", upload.pk)
    try:
        with inspection.slot(actor_of(user)):
            seen = reception.peek(upload)
    except DomainError as refused:
        flash.warning(request, refused.text)
        return redirect("commandcentre:upload", upload.pk)
    with scoped(user):
        record.entry(Action.READ, about=upload, what="first_rows")
        context = {
            "upload": upload,
            "wrong": wrong,
            "found": column_choice.file_columns(seen.header, seen.samples),
            "ours": upload_page.our_columns(upload, seen, given),
        }
        return render(request, "commandcentre/uploads/columns.html", context)


def _seen(request: HttpRequest) -> Any:
    """The uploads of the kinds that the user may upload, for a user of the whole country."""
    user = user_of(request)
    seen = OfficeUpload.objects.within(scope_of(user, *UPLOADS))
    return seen.filter(kind__in=upload_kinds.kinds_of(user))


def _upload(request: HttpRequest, office_upload_id: int) -> OfficeUpload:
    found: OfficeUpload = get_object_or_404(
        _seen(request).select_related("user"), pk=office_upload_id
    )
    return found


def _watched(request: HttpRequest, upload: OfficeUpload) -> dict[str, Any]:
    poll = reverse("commandcentre:upload-progress", args=[upload.pk])
    return upload_page.watched(upload, timezone.now()) | {"poll": poll}


urlpatterns = [
    path("uploads/", listing, name="uploads"),
    path("uploads/new/<str:kind>/", new, name="upload-new"),
    path("uploads/<int:office_upload_id>/", upload_shown, name="upload"),
    path("uploads/<int:office_upload_id>/progress/", progress, name="upload-progress"),
    path("uploads/<int:office_upload_id>/findings.csv", findings, name="upload-findings"),
    path("uploads/<int:office_upload_id>/columns/", columns, name="upload-columns"),
]
