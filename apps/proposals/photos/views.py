"""Pages about photos of houses: one photo, and those of a file with the ZIP they come in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.roles import Permission
from apps.casework import photos
from apps.common.errors import DomainError, text
from apps.common.http import integer
from apps.jobs import polling
from apps.proposals import lines
from apps.proposals.access import trail
from apps.proposals.access.batch_access import batch_of, batch_to_change, may_change
from apps.proposals.models import Batch, HousePhoto, PhotoArchive
from apps.proposals.photos import house_photos, photo_findings, photo_zip
from apps.ui.fragments import is_fragment
from apps.ui.paging import Order, read_page
from apps.ui.permissions import requires
from apps.ui.requests import user_of

MOST_ARCHIVES = 5
BY_ROW = Order.by("row_number", "pk", nullable=["row_number"])


@require_safe
@requires(Permission.VIEW_PROPOSAL, Permission.UPLOAD_BATCH)
def photo(request: HttpRequest, photo_id: int) -> HttpResponseBase:
    """The stored JPEG, shown in place; the access is recorded in the audit trail."""
    user = user_of(request)
    shown = get_object_or_404(house_photos.visible_to(user), pk=photo_id)
    file = photos.path_of(shown.photo).open("rb")
    house_photos.note_opened(shown, user)
    answer = FileResponse(file, filename=f"foto-{shown.pk}.jpg", content_type="image/jpeg")
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.VIEW_BATCH, to_send=(Permission.UPLOAD_BATCH,))
def batch_photos(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The photos of a file's rows, and the form for a ZIP of photos."""
    wrong: dict[str, str] = {}
    if request.method == "POST":
        batch = batch_to_change(request, batch_id)
        file = request.FILES.get("file")
        try:
            if file is not None:
                photo_zip.receive(batch=batch, file=file, by=user_of(request), now=timezone.now())
                return redirect("proposals:batch-photos", batch.pk)
            wrong = {"file": _("No file was chosen. Choose the ZIP with the photos.")}
        except DomainError as refused:
            wrong = {"file": refused.text}
    else:
        batch = batch_of(request, batch_id)
    newest = batch.photo_archives.order_by("-pk").first()
    job = photo_zip.job_of(newest) if newest is not None and newest.done_at is None else None
    known = polling.watched(job, timezone.now(), is_awaited=True)
    if is_fragment(request):
        answer = render(
            request, "proposals/photos/_photo_progress.html", known | {"poll": request.path}
        )
        return polling.reloading(answer, job)
    context = _page(request, batch) | known | {"poll": request.path, "wrong": wrong}
    return render(
        request, "proposals/photos/batch_photos.html", context, status=422 if wrong else 200
    )


@require_POST
@requires(Permission.UPLOAD_BATCH)
def remove_batch_photo(request: HttpRequest, batch_id: int, photo_id: int) -> HttpResponse:
    """Remove a photo of a row that is not submitted."""
    batch, user = batch_to_change(request, batch_id), user_of(request)
    try:
        row = house_photos.remove_from_row(batch=batch, key=photo_id, by=user, now=timezone.now())
    except DomainError as refused:
        messages.error(request, refused.text)
    else:
        if row is not None:
            photo_findings.enqueue_refresh(batch=batch, rows=[row], by=user)
        messages.success(request, _("The photo was removed."))
    return redirect("proposals:batch-photos", batch.pk)


def _page(request: HttpRequest, batch: Batch) -> dict[str, Any]:
    every = HousePhoto.objects.filter(batch=batch)
    above, may = lines.above(batch), may_change(request, batch)
    line = integer(request.GET.get("line"))
    seen = house_photos.visible_to(user_of(request)).filter(batch=batch)
    page = read_page(
        seen if line is None else seen.filter(row_number=line - above),
        BY_ROW,
        request.GET,
        query={} if line is None else {"line": str(line)},
    )
    shown = page.rows
    removable = house_photos.is_removable(batch, shown)
    trail.note_numbers(
        user_of(request), batch, sorted({one.row_number for one in shown if one.row_number})
    )
    return {
        "batch": batch,
        "may": may,
        "photo_count": every.count(),
        "seen_count": seen.count(),
        "page": page,
        "line": line,
        "rows": [
            {
                "photo": one,
                "line": one.row_number + above if one.row_number else None,
                "may_remove": removable[one.pk],
            }
            for one in shown
        ],
        # the names may be those of persons: for the sender alone
        "archives": _archives(batch) if may else [],
    }


def _archives(batch: Batch) -> list[dict[str, Any]]:
    newest: list[PhotoArchive] = list(batch.photo_archives.order_by("-pk")[:MOST_ARCHIVES])
    return [
        {
            "archive": one,
            "refused": [
                text(code, {"filename": name, **params})
                if "filename" in params
                else f"{name}: {text(code, params)}"
                for name, code, params in one.result.get("refused", [])
            ],
        }
        for one in newest
    ]


urlpatterns = [
    path("photos/<int:photo_id>/", photo, name="photo"),
    path("batches/<int:batch_id>/photos/", batch_photos, name="batch-photos"),
    path(
        "batches/<int:batch_id>/photos/<int:photo_id>/remove/",
        remove_batch_photo,
        name="batch-photo-remove",
    ),
]
