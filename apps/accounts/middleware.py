"""One transaction per view, in which the database knows whose rows may be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from django.core.exceptions import BadRequest
from django.db import DataError, transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from apps.accounts import stepup
from apps.accounts.access import actor_of, open_gate
from apps.accounts.origin import client_address
from apps.audit import record
from apps.common import absent

log = structlog.get_logger(__name__)


class ScopedTransaction:
    """Runs the view, and renders what it returns, inside one scoped transaction.

    It must be the last middleware: it calls the view itself. A view marked
    `transaction.non_atomic_requests` opens its own transactions with `scoped`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        if must_change_password(request):
            return redirect("password_change")
        known = {
            "address": client_address(request),
            "request_id": getattr(request, "request_id", "")[:64],
        }
        try:
            if getattr(view, "_non_atomic_requests", None):
                return self._call(request, view, args, kwargs, known)
            with transaction.atomic():
                open_gate(request.user)
                return self._call(request, view, args, kwargs, known)
        except FileNotFoundError as missing:
            if not absent.is_stored(missing):
                raise
            return absent.answer(request, missing)
        except (ValueError, DataError) as refused:
            if not _is_unstorable(refused):
                raise
            # what the middleware `readable` cannot see: a key of the admin holds `_00` for a NUL
            log.warning("unstorable_value", why=type(refused.__cause__ or refused).__name__)
            raise BadRequest("value") from refused

    @staticmethod
    def _call(
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        known: dict[str, Any],
    ) -> HttpResponseBase:
        name = str(request.user) if request.user.is_authenticated else ""
        with record.acting(actor=actor_of(request.user), actor_name=name, **known):
            response: Any = stepup.gate(request) or view(request, *args, **kwargs)
            # rendered here, because a lazy queryset outside the transaction sees nothing
            if callable(getattr(response, "render", None)) and not response.is_rendered:
                response = response.render()
            return response


def _is_unstorable(refused: Exception) -> bool:
    """A value that no column takes, as a number beyond bigint: the fault of who sent it."""
    return isinstance(refused, DataError | UnicodeEncodeError) or "NUL" in str(refused)


# What somebody with a temporary password may still open.
OPEN_WITH_TEMPORARY_PASSWORD = {
    "password_change",
    "login",
    "second_factor",
    "logout",
    "language",
} | {
    "session",
    "livez",
    "readyz",
}


def must_change_password(request: HttpRequest) -> bool:
    """A password that somebody else knows opens nothing but the page for a new one."""
    if not getattr(request.user, "password_is_temporary", False):
        return False
    match = request.resolver_match
    return match is None or match.view_name not in OPEN_WITH_TEMPORARY_PASSWORD
