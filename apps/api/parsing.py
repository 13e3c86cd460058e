"""JSON of the API: small, flat, and only with values that can be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from apps.common.text.characters import Unreadable, read_json

# A row is one object of texts. portal.web.request_bounds limits the size of the whole body.
MOST_DEPTH: Final = 8
WORDS: Final[dict[str, Any]] = {
    "syntax": _("The body is no JSON."),
    "deep": _("The body is nested too deeply. A row is one object of texts."),
    "characters": _("The body holds characters or numbers that cannot be stored."),
}


class BoundedJSONParser(BaseParser):
    """`application/json` in UTF-8. Raises: ParseError."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return read_json(stream.read().decode("utf-8"), most_depth=MOST_DEPTH)
        except Unreadable as error:
            raise ParseError(WORDS[str(error)], code=str(error)) from error
        except UnicodeDecodeError as error:
            raise ParseError(WORDS["syntax"], code="syntax") from error
