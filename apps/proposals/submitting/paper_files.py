"""A stored document as an answer: a download, or shown in its page."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase

from apps.casework.models import Document


def answer(request: HttpRequest, document: Document, file: Path, name: str) -> HttpResponseBase:
    """The file as a download; with `?show=1` a picture is shown in its page.

    `name` is that of the download, without its ending.
    """
    answered = FileResponse(
        file.open("rb"),
        as_attachment=not (request.GET.get("show") == "1" and document.is_picture),
        filename=f"{name}{file.suffix}",
        content_type=document.media_type,
    )
    answered["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answered
