"""Answers that a browser saves as a file. A file on the disk is sent by Django's FileResponse."""

from __future__ import annotations

from typing import TypeVar

from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

Response = TypeVar("Response", bound=HttpResponseBase)


def as_attachment(answer: Response, file_name: str) -> Response:
    """The same answer, saved under this name and not shown."""
    answer["Content-Disposition"] = content_disposition_header(True, file_name)
    return answer
