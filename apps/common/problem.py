"""Refusals of the API in the format of RFC 9457: `application/problem+json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpResponse, JsonResponse

MEDIA_TYPE: Final = "application/problem+json"
PREFIX: Final = "/api/"


def body(status: int, errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """`errors` holds `code`, `detail` and `attr` (the field, or None) of each refusal."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(errors[0]["detail"]) if errors else HTTPStatus(status).phrase,
        "errors": list(errors),
    }


def answer(
    status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """A complete answer with one refusal."""
    told = {"code": code, "detail": detail, "attr": None}
    return JsonResponse(
        body(status, [told]), status=status, content_type=MEDIA_TYPE, headers=dict(headers or {})
    )
