"""Serving a photo of a house, within scope and on record."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import path
from django.views.decorators.http import require_safe

from apps.accounts.roles import Permission
from apps.casework import photos
from apps.proposals.photos import house_photos
from apps.ui.permissions import requires
from apps.ui.requests import user_of


@require_safe
@requires(Permission.VIEW_PROPOSAL, Permission.VIEW_BATCH)
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


urlpatterns = [path("photos/<int:photo_id>/", photo, name="photo")]
