"""The photos of a draft: sent whole by a form, or in parts by a script that goes on after a cut.

POST /proposals/drafts/<id>/photos/                      whole files, for browsers without script
GET  /proposals/drafts/<id>/photos/                      the list, a fragment
GET  /proposals/drafts/<id>/photos/parts/<key>/          `offset`: how much of a photo is here
POST /proposals/drafts/<id>/photos/parts/<key>/          the next part, beginning at `Upload-Offset`
POST /proposals/drafts/<id>/photos/parts/<key>/finish/   the photo is whole: `count` of them all
POST /proposals/drafts/<id>/photos/<photo>/remove/       the list, or the page again

The sender chooses the key of a photo. The answers for scripts are JSON: 401 with `sign_in` when the
session has ended, 422 with `wrong` in words, 429 and 503 with `busy` while no place is free.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import actor_of, scoped
from apps.accounts.roles import Permission
from apps.casework import photos
from apps.common import http
from apps.common.errors import DomainError
from apps.common.files import parts
from apps.common.text import characters
from apps.proposals.entry import drafts, remarks
from apps.proposals.entry import form_fields as form
from apps.proposals.entry.forms import PhotoForm
from apps.proposals.models import FormDraft
from apps.proposals.photos import house_photos
from apps.proposals.upload.views.part_protocol import body_of, offset_of, signed_in
from apps.ui.fragments import is_fragment
from apps.ui.permissions import requires
from apps.ui.requests import user_of

FOLDER = "photo_parts"


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a photo is drawn again between two transactions
def draft_photos(request: HttpRequest, draft_id: int) -> HttpResponse:
    """The list for a script; POST adds whole files."""
    with scoped(user_of(request)):
        draft = _draft(request, draft_id)
        if request.method != "POST":
            return _listed(request, draft)
    kind = PhotoForm(request.POST).sent["kind"]
    files = request.FILES.getlist("photos")
    wrong = [] if files else [_("No photo was chosen. Choose one or more pictures.")]
    for file in files:
        try:
            _add(request, draft, file, file.name or "?", kind)
        except DomainError as refused:
            wrong.append(refused.text)
    with scoped(user_of(request)):
        for text in wrong:
            messages.error(request, text)
        if added := len(files) - len(wrong) if files else 0:
            text = ngettext("{count} photo was added.", "{count} photos were added.", added)
            messages.success(request, text.format(count=added))
        return redirect("proposals:form-section", draft.pk, form.HOUSE)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@requires(Permission.UPLOAD_BATCH)
def photo_part(request: HttpRequest, draft_id: int, key: UUID) -> HttpResponse:
    """How much of a photo has arrived; POST adds the next part."""
    _draft(request, draft_id)
    path_ = parts.path_of(FOLDER, user_of(request).pk, key)
    if request.method != "POST":
        return _state(parts.arrived(path_))
    data = body_of(request, parts.PART_BYTES)
    if len(data) > parts.PART_BYTES:
        return JsonResponse({"most": parts.PART_BYTES}, status=413)
    try:
        received = parts.append(
            path_, offset_of(request), data, most_bytes=photos.MOST_BYTES, file_name="?"
        )
    except parts.WrongPart as wrong:
        return _state(wrong.received, 409)
    except DomainError as refused:
        return JsonResponse({"wrong": refused.text}, status=422)
    return _state(received)


@require_POST
@signed_in
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests
def finish_photo(request: HttpRequest, draft_id: int, key: UUID) -> HttpResponse:
    """Add the photo whose parts have arrived. A repeat, also after the end, adds nothing."""
    user = user_of(request)
    with scoped(user):
        draft = _draft(request, draft_id)
    given = PhotoForm(request.POST).sent
    path_ = parts.path_of(FOLDER, user.pk, key)
    if not path_.exists():  # the answer to the first finish was lost
        with scoped(user):
            return _counted(draft)
    if given["size"] is not None and parts.arrived(path_) != given["size"]:
        return _state(parts.arrived(path_), 409)
    name = characters.file_name(given["file_name"]) or "?"
    try:
        _add(request, draft, path_.read_bytes(), name, given["kind"])
    except DomainError as refused:
        path_.unlink(missing_ok=True)
        return JsonResponse({"wrong": refused.text}, status=422)
    path_.unlink(missing_ok=True)
    with scoped(user):
        return _counted(draft)


@require_POST
@signed_in
@requires(Permission.UPLOAD_BATCH)
def remove_photo(request: HttpRequest, draft_id: int, photo_id: int) -> HttpResponse:
    """Remove a photo of the person's own draft."""
    draft, user = _draft(request, draft_id), user_of(request)
    try:
        house_photos.remove_from_draft(draft=draft, key=photo_id, by=user, now=timezone.now())
    except DomainError as refused:
        if is_fragment(request):
            return _listed(request, draft, wrong=refused.text)
        messages.error(request, refused.text)
    else:
        draft.refresh_from_db()
        remarks.enqueue_draft_check(draft=draft, by=user)
    if is_fragment(request):
        return _listed(request, draft)
    return redirect("proposals:form-section", draft.pk, form.HOUSE)


def photos_of(draft: FormDraft) -> list[house_photos.ShownPhoto]:
    """The photos of a draft, compared with its point. Queries: one."""
    house = draft.sections.get(form.HOUSE) or {}
    return house_photos.of_draft(
        draft,
        latitude=http.decimal(house.get("latitude", "")),
        longitude=http.decimal(house.get("longitude", "")),
    )


def _add(request: HttpRequest, draft: FormDraft, file: Any, name: str, kind: str) -> None:
    user = user_of(request)
    prepared = photos.prepare(file, name, who=actor_of(user))
    with scoped(user):
        _added, is_new = house_photos.add_to_draft(
            draft=draft, prepared=prepared, kind=kind, by=user, now=timezone.now()
        )
        if is_new:
            draft.refresh_from_db()
            remarks.enqueue_draft_check(draft=draft, by=user)


def _listed(request: HttpRequest, draft: FormDraft, wrong: str = "") -> HttpResponse:
    known = {"draft": draft, "photos": photos_of(draft), "photo_wrong": wrong}
    return render(request, "proposals/entry/_form_photo_list.html", known)


def _counted(draft: FormDraft) -> JsonResponse:
    return JsonResponse({"count": len(photos_of(draft))})


def _state(received: int, status: int = 200) -> JsonResponse:
    return JsonResponse({"offset": received, "most": parts.PART_BYTES}, status=status)


def _draft(request: HttpRequest, draft_id: int) -> FormDraft:
    """The person's own draft. Raises: Http404 for a draft of somebody else."""
    own = drafts.mine(user_of(request)).select_related("batch", "region")
    return get_object_or_404(own, pk=draft_id)


urlpatterns = [
    path("drafts/<int:draft_id>/photos/", draft_photos, name="form-photos"),
    path("drafts/<int:draft_id>/photos/parts/<uuid:key>/", photo_part, name="form-photo-part"),
    path(
        "drafts/<int:draft_id>/photos/parts/<uuid:key>/finish/",
        finish_photo,
        name="form-photo-finish",
    ),
    path(
        "drafts/<int:draft_id>/photos/<int:photo_id>/remove/",
        remove_photo,
        name="form-photo-remove",
    ),
]
