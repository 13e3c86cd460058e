"""The protocol of an upload in parts, spoken by static/proposals/upload/upload.js.

POST /proposals/uploads/             begin, or find the upload begun before: `id`, `offset`
GET  /proposals/uploads/<id>/        `offset`: how much is here
POST /proposals/uploads/<id>/        the next part, beginning at `Upload-Offset`; else 409 and the
                                     true offset. Of a part whose line is cut, what came is kept.
POST /proposals/uploads/<id>/finish/ `next`: where the sender goes on

Every answer is JSON; 401 with `sign_in` when the session has ended; 429 and 503 with `busy` in
words while no place is free to look at a file.
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.urls import path
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.access import scope_of, scoped
from apps.accounts.roles import Permission
from apps.common.errors import DomainError
from apps.common.http import integer
from apps.proposals.models import Upload
from apps.proposals.upload import intake, upload_parts
from apps.proposals.upload.forms import BeginForm
from apps.proposals.upload.views.upload_pages import address, own_upload, settled
from apps.ui.permissions import View, requires
from apps.ui.requests import signed_in_user, user_of

PIECE_BYTES = 1 << 16


def signed_in(view: View) -> View:
    """A script is told that the session has ended; it cannot follow the way to the sign-in."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if signed_in_user(request) is None:
            back = urlencode({"next": resolve_url("proposals:upload-page")})
            return JsonResponse(
                {"sign_in": f"{resolve_url(settings.LOGIN_URL)}?{back}"}, status=401
            )
        return view(request, *args, **kwargs)

    return wrapped


@require_POST
@signed_in
@requires(Permission.UPLOAD_BATCH)
def begin(request: HttpRequest) -> HttpResponse:
    user, form = user_of(request), BeginForm(request.POST)
    given, place = form.sent, form.place(scope_of(user, Permission.UPLOAD_BATCH))
    if place is None:
        return _refused(region=_("Choose the region whose proposals these are."))
    try:
        begun = upload_parts.begin(
            by=user,
            region_code=place.code,
            file_name=given["file_name"],
            size=given["size"],
            modified_ms=given["modified_ms"],
            sha256=_sha256(given["sha256"]),
            code_system=given["code_system"],
            now=timezone.now(),
        )
    except DomainError as refused:
        return _refused(file=refused.text)
    if isinstance(begun, intake.Received):
        text = intake.uploaded_already(begun.batch, user)
        return JsonResponse({"batch": address("batch", begun.batch.pk), "text": text})
    return _state(begun)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@requires(Permission.UPLOAD_BATCH)
def upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return _state(own_upload(request, upload_id))
    offset, data = offset_of(request), body_of(request, upload_parts.PART_BYTES)
    if len(data) > upload_parts.PART_BYTES:
        return JsonResponse({"most": upload_parts.PART_BYTES}, status=413)
    now, user = timezone.now(), user_of(request)
    try:
        stored = upload_parts.append(
            upload_id=upload_id, by=user, offset=offset, data=data, now=now
        )
    except Upload.DoesNotExist:
        return _state(own_upload(request, upload_id), 409)  # finished meanwhile
    except upload_parts.WrongOffset as wrong:
        return JsonResponse({"offset": wrong.received}, status=409)
    except intake.NoRoom as refused:  # what has arrived stays; it goes on when there is room
        return _refused(file=refused.text)
    except DomainError as refused:
        upload_parts.remove(upload_id=upload_id, by=user)
        return _refused(file=refused.text)
    return _state(stored)


@require_POST
@signed_in
@requires(Permission.UPLOAD_BATCH)
@transaction.non_atomic_requests  # a foreign file is looked at between two transactions
def finish(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    with scoped(user_of(request)):
        own = own_upload(request, upload_id)
    try:
        return JsonResponse({"next": settled(request, own.pk)})
    except upload_parts.NotWhole:
        with scoped(user_of(request)):  # perhaps finished meanwhile
            return _state(own_upload(request, upload_id), 409)
    except DomainError as refused:
        return _refused(file=refused.text)


def body_of(request: HttpRequest, most_bytes: int) -> bytes:
    """What arrived of a part: all of it, or the beginning of one whose line was cut.

    At most PIECE_BYTES more than `most_bytes` are read.
    """
    pieces: list[bytes] = []
    try:
        while sum(map(len, pieces)) <= most_bytes and (piece := request.read(PIECE_BYTES)):
            pieces.append(piece)
    except OSError:
        pass  # the line was cut: the bytes before are those of the file
    return b"".join(pieces)


def offset_of(request: HttpRequest) -> int:
    """Where the part begins; -1, where no part can, for anything but a number."""
    given = integer(request.headers.get("Upload-Offset"))
    return -1 if given is None else given


def _state(upload: Upload, status: int = 200) -> JsonResponse:
    known = {
        "id": str(upload.pk),
        "address": address("upload", upload.pk),
        "finish": address("upload-finish", upload.pk),
        "offset": upload.size if upload.batch_id else upload_parts.arrived(upload),
        "size": upload.size,
        "most": upload_parts.PART_BYTES,
    }
    if upload.batch_id:
        known["next"] = address("batch", upload.batch_id)
    answer = JsonResponse(known, status=status)
    answer["Upload-Offset"] = str(known["offset"])
    return answer


def _refused(**wrong: str) -> JsonResponse:
    return JsonResponse({"wrong": wrong}, status=422)


def _sha256(given: str) -> str:
    is_one = len(given) == 64 and all(letter in "0123456789abcdef" for letter in given)
    return given if is_one else ""


urlpatterns = [
    path("uploads/", begin, name="uploads"),
    path("uploads/<uuid:upload_id>/", upload, name="upload"),
    path("uploads/<uuid:upload_id>/finish/", finish, name="upload-finish"),
]
