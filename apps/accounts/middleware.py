"""One transaction per view, in which the database knows whose rows may be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from apps.accounts.access import actor_of, open_gate
from apps.audit import record


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
        known = {
            "address": client_address(request),
            "request_id": getattr(request, "request_id", "")[:64],
        }
        if getattr(view, "_non_atomic_requests", None):
            return self._call(request, view, args, kwargs, known)
        with transaction.atomic():
            open_gate(request.user)
            return self._call(request, view, args, kwargs, known)

    @staticmethod
    def _call(
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        known: dict[str, Any],
    ) -> HttpResponseBase:
        with record.acting(actor=actor_of(request.user), actor_name=str(request.user), **known):
            response: Any = view(request, *args, **kwargs)
            # rendered here, because a lazy queryset outside the transaction sees nothing
            if callable(getattr(response, "render", None)) and not response.is_rendered:
                response = response.render()
            return response


def client_address(request: HttpRequest) -> str | None:
    """The client's address, believing no more proxies than `TRUSTED_PROXIES` names."""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if settings.TRUSTED_PROXIES and len(forwarded) >= settings.TRUSTED_PROXIES and forwarded[0]:
        return forwarded[-settings.TRUSTED_PROXIES]
    return request.META.get("REMOTE_ADDR") or None
