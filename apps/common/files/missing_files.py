"""A stored file that is missing on the disk: an error page for the user, and a line in the log."""

from __future__ import annotations

from pathlib import Path

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from apps.common import problem

GONE = 410
log = structlog.get_logger(__name__)


def is_stored(missing: FileNotFoundError) -> bool:
    """Whether the file belongs to the portal's storage."""
    name = missing.filename
    return isinstance(name, str | Path) and Path(name).is_relative_to(Path(settings.MEDIA_ROOT))


def answer(request: HttpRequest, missing: FileNotFoundError) -> HttpResponse:
    """What happened and who can do what, as a page or as the API's JSON."""
    name = Path(str(missing.filename)).relative_to(Path(settings.MEDIA_ROOT))
    log.error("file_missing", folder=str(name.parent), file=name.name)
    number = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        return problem.answer(GONE, "file_missing", words())
    page = render_to_string("410.html", {"text": words(), "reference": number})
    return HttpResponse(page, status=GONE)


def words() -> str:
    return _(
        "The file is entered here, but it is missing on the portal's disk. Nothing else was lost."
        " Tell an administrator the number below: it is brought back from the backup; or send the"
        " same file again where it was sent."
    )
