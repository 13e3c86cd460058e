"""One transaction per view, in which the database knows whose rows may be seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DataError
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from apps.accounts import stepup
from apps.accounts.access import actor_of, scoped
from apps.accounts.origin import client_address
from apps.audit import record
from apps.common import absent, looking


class ScopedTransaction:
    """Runs the view, and renders what it returns, inside one scoped transaction.

    It must be the last middleware: it calls the view itself. A view marked
    `transaction.non_atomic_requests` opens its own transactions with `access.scoped`.
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
        # for the apps below this one
        request.scoped = partial(scoped, request.user)  # type: ignore[attr-defined]
        known = {
            "address": client_address(request),
            "request_id": getattr(request, "request_id", "")[:64],
        }
        try:
            if getattr(view, "_non_atomic_requests", None):
                return self._call(request, view, args, kwargs, known)
            with scoped(request.user):
                return self._call(request, view, args, kwargs, known)
        except looking.Busy as busy:
            return looking.answer(request, busy)
        except FileNotFoundError as missing:
            if not absent.is_stored(missing):
                raise
            return absent.answer(request, missing)
        except (ValueError, DataError) as refused:
            if "NUL" not in str(refused):
                raise
            # a form's field that no form class looked at; PostgreSQL takes no NUL
            return HttpResponseBadRequest(_("NUL is no character."))

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
