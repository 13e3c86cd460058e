"""One transaction per view, in which the database knows whose rows may be seen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any

import structlog
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError, transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from apps.accounts.access import actor_of, scoped
from apps.accounts.interposed_page import InterposedPage
from apps.accounts.limits import refused_requests
from apps.accounts.origin import client_address
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.common import errors
from apps.common.files import inspection, missing_files
from apps.ui.fragments import is_fragment
from apps.ui.requests import signed_in_user

# A second factor and a second person: one page needs at most these.
MOST_QUESTIONS = 4

log = structlog.get_logger(__name__)


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
        request.scoped = partial(scoped, signed_in_user(request))  # type: ignore[attr-defined]
        known = {
            "address": client_address(request),
            "request_id": getattr(request, "request_id", "")[:64],
        }
        try:
            answer = self._asked(request, view, args, kwargs, known)
        except inspection.Busy as busy:
            return inspection.answer(request, busy)
        except (PermissionDenied, Http404):
            self._record_refused(request, known)
            raise
        except FileNotFoundError as missing:
            if not missing_files.is_stored(missing):
                raise
            return missing_files.answer(request, missing)
        except (ValueError, DataError) as refused:
            if not _is_unstorable(refused):
                raise
            # the middleware `readable` cannot see it: in an admin key `_00` means a NUL
            log.warning("unstorable_value", why=type(refused.__cause__ or refused).__name__)
            raise BadRequest("value") from refused
        if answer.status_code in (403, 404):
            self._record_refused(request, known)
        return answer

    def _asked(
        self,
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        known: dict[str, Any],
    ) -> HttpResponseBase:
        """The view's answer, or the page that a domain function asks for. Each has its own
        transaction.
        """
        opens_its_own = getattr(view, "_non_atomic_requests", None)
        for _question in range(MOST_QUESTIONS):
            try:
                with nullcontext() if opens_its_own else scoped(signed_in_user(request)):
                    return self._call(request, view, args, kwargs, known)
            except InterposedPage as instead:
                with scoped(signed_in_user(request)):
                    page = self._call(request, instead.answer, (), {}, known)
                if page is not None:
                    return page
        raise RuntimeError("a page was asked for again and again")

    @staticmethod
    def _record_refused(request: HttpRequest, known: dict[str, Any]) -> None:
        """Record who asked for an object that is out of reach or not found, and which one."""
        if signed_in_user(request) is None:
            return
        with transaction.atomic(), acting(request, known):
            refused_requests.record_refusal(request)

    @staticmethod
    def _call(
        request: HttpRequest,
        view: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        known: dict[str, Any],
    ) -> HttpResponseBase:
        with acting(request, known), step_up.serving(request):
            with errors.watching_races() as lost:
                response: Any = (
                    step_up.gate(request)
                    or step_up.answered(request)
                    or view(request, *args, **kwargs)
                )
            if lost and request.method == "POST":
                response = conflict(request, response)
            # rendered here, because a lazy queryset outside the transaction sees nothing
            if callable(getattr(response, "render", None)) and not response.is_rendered:
                response = response.render()
            return response


def conflict(request: HttpRequest, response: Any) -> Any:
    """409 when another request was faster: the page with its message, or a page instead of a
    redirect.

    A fragment is returned unchanged, because its script shows no answer of that status.
    """
    if is_fragment(request) or response.status_code >= 400:
        return response
    if response.status_code in (301, 302, 303):
        context = {"target": response["Location"]}
        return TemplateResponse(request, "409.html", context, status=409)
    response.status_code = 409
    return response


def acting(request: HttpRequest, known: dict[str, Any]) -> AbstractContextManager[None]:
    """Audit entries written inside name this request's user."""
    user = signed_in_user(request)
    return record.acting(actor=actor_of(user), actor_name=str(user or ""), **known)


def _is_unstorable(refused: Exception) -> bool:
    """A value that no column accepts, e.g. a number beyond bigint: an error of the sender."""
    return isinstance(refused, DataError | UnicodeEncodeError) or "NUL" in str(refused)


# What a user with a temporary password may still open.
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
    """Whether a temporary password is in use: it opens only the page for a new password."""
    user = signed_in_user(request)
    if user is None or not user.password_is_temporary:
        return False
    match = request.resolver_match
    return match is None or match.view_name not in OPEN_WITH_TEMPORARY_PASSWORD
