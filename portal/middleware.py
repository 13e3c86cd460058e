"""What every answer goes through: outages in words, idle sessions, no copies of private pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware

from apps.accounts import sessions
from apps.accounts.origin import client_address

REQUEST_ID = "HTTP_X_REQUEST_ID"
Handler = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_S = 10
PAGE_METHODS = ("GET", "HEAD", "POST")


def numbered(get_response: Handler) -> Handler:
    """Every request has a number of ours, whatever its sender calls it.

    Log, audit trail and the page of a fault name it. First of all, so that the log takes it over.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        number = str(uuid4())
        request.META[REQUEST_ID] = number
        request.request_id = number  # type: ignore[attr-defined]
        response = get_response(request)
        if response.status_code >= 500:
            response["X-Request-ID"] = number
        return response

    return middleware


class Logged(RequestMiddleware):
    """A log line for each request: its path without the query, where names are searched for, and
    the address that counts for the limits of signing in."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))


def no_nul(get_response: Handler) -> Handler:
    """No address of the portal holds a NUL, and PostgreSQL takes none: there is no such page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\0" in request.path_info or "\0" in query or "%00" in query:
            raise Http404
        return get_response(request)

    return middleware


def page_methods(get_response: Handler) -> Handler:
    """Pages are read or sent to. Django answers a PUT or DELETE as a GET, at the sign-in as a POST.

    The API's views name their own methods.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in PAGE_METHODS and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(PAGE_METHODS)
        return get_response(request)

    return middleware


def database_outage(get_response: Handler) -> Handler:
    """A database that is away is a 503 with words, never a traceback.

    A view's exception passes here; one of an outer middleware reaches `fault` (handler500).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request) if is_outage(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def is_outage(exception: BaseException | None) -> bool:
    return isinstance(exception, OperationalError | InterfaceError)


def unavailable(request: HttpRequest) -> HttpResponse:
    """The 503 page, or its JSON for the API. It asks nothing of the database."""
    text = _("The portal cannot reach its database. Nothing was lost; try again in a moment.")
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse(
            {"type": "server_error", "errors": [{"code": "unavailable", "detail": text}]},
            status=503,
        )
    else:
        response = HttpResponse(render_to_string("503.html", {"text": text}), status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    return response


def idle_session(get_response: Handler) -> Handler:
    """End a session that was idle or open too long; the polling of a page does not count."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.is_over(request):
                why = sessions.why_over(request)
                sessions.forget(request)
                logout(request)
                messages.info(request, why)
            elif not request.headers.get("X-Poll"):
                sessions.touch(request)
        return get_response(request)

    return middleware


def private_pages(get_response: Handler) -> Handler:
    """Pages of a signed-in person are stored nowhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated or request.path.startswith("/api/"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "private, no-store"
        if request.method == "POST" and request.path.endswith("/logout/"):
            # what a form keeps on the device until it is sent does not outlive signing out
            response["Clear-Site-Data"] = '"storage"'
        return response

    return middleware


def fragment_sign_in(get_response: Handler) -> Handler:
    """A fragment whose session has ended leads the whole page to the sign-in, not into a box.

    A form that was sent too late leads back to the page on which it stands, not to its target.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        doors = (f"{sign_in}?", f"{reverse('admin:login')}?")
        if response.status_code != 302 or not response["Location"].startswith(doors):
            return response
        if request.headers.get("HX-Request") == "true":
            here = _page_of(request.headers.get("HX-Current-URL", "/"))
            target = f"{sign_in}?{urlencode({'next': here})}"
            return HttpResponse(status=204, headers={"HX-Redirect": target})
        source = urlsplit(request.headers.get("Referer", ""))
        if request.method == "POST" and source.netloc == request.get_host():
            response["Location"] = f"{sign_in}?{urlencode({'next': _page_of(source.geturl())})}"
        return response

    return middleware


def _page_of(address: str) -> str:
    page = urlsplit(address)
    return f"{page.path}?{page.query}" if page.query else page.path


def fault(request: HttpRequest) -> HttpResponse:
    """The page of an unforeseen error: a number for the log, nothing of the request or the data."""
    if is_outage(sys.exc_info()[1]):
        return unavailable(request)
    reference = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        text = _("A fault of the portal. Nothing was saved. Tell Pusdatin the number %(number)s.")
        told = {"code": "error", "detail": text % {"number": reference}, "attr": None}
        return JsonResponse({"type": "server_error", "errors": [told]}, status=500)
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Outside one's region and not existing are the same page, byte for byte."""
    return render(request, "404.html", status=404)
