"""A stored document as an answer: a download, or shown in its page."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from apps.accounts.access import actor_of
from apps.casework.models import Document
from apps.common.files import inspection, pdf_pages
from apps.common.files.pictures import PictureRefused
from apps.ui.requests import user_of


def answer(request: HttpRequest, document: Document, file: BinaryIO, name: str) -> HttpResponseBase:
    """The file as a download; with `?show=1` a picture, or the first pages of a PDF as a picture.

    A PDF itself is never opened in a page. `file` was opened in the transaction that recorded it,
    so that nobody has read what is missing. `name` is that of the download, without its ending.
    Runs outside of transactions. Raises: Busy.
    """
    is_shown = request.GET.get("show") == "1"
    answered: HttpResponseBase
    if is_shown and document.is_pdf:
        answered = _drawn(request, file)
    else:
        answered = FileResponse(
            file,
            as_attachment=not (is_shown and document.is_picture),
            filename=f"{name}{Path(file.name).suffix}",
            content_type=document.media_type,
        )
    answered["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answered


def _drawn(request: HttpRequest, file: BinaryIO) -> HttpResponse:
    try:
        with file, inspection.picture_slot(actor_of(user_of(request))):
            drawn = pdf_pages.draw(file.read())
    except PictureRefused:
        text = _("The pages of this PDF cannot be drawn. Open the file by its link.")
        return HttpResponse(text, status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(drawn.jpeg, content_type="image/jpeg")
