"""Middleware for every answer: outages as messages, idle sessions, no copies of private pages."""

from __future__ import annotations

import sys
from collections.abc import Callable
from urllib.parse import unquote, urlencode, urlsplit
from uuid import uuid4

import structlog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import BadRequest
from django.db import InterfaceError, OperationalError
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    QueryDict,
    UnreadablePostError,
)
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_structlog.middlewares import RequestMiddleware
from redis.exceptions import RedisError

from apps.accounts.authentication import sessions
from apps.accounts.origin import client_address
from apps.audit.record import NotRecorded
from apps.common import deadline, problem
from apps.common.full_disk import is_full_disk
from apps.common.text.characters import file_name, is_storable
from apps.ui.fragments import is_fragment, lead
from apps.ui.requests import signed_in_user

REQUEST_ID = "HTTP_X_REQUEST_ID"
Handler = Callable[[HttpRequest], HttpResponse]
RETRY_AFTER_S = 10
PAGE_METHODS = ("GET", "HEAD", "POST")


def numbered(get_response: Handler) -> Handler:
    """Give every request a number of ours, independently of the sender's headers.

    Log, audit trail and error page name it. It must be first, so that the log includes it.
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
    """A log line for each request: its path without the query, because the query may contain names,
    and the address that counts for the limits of signing in.
    """

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        return f"{request.method} {request.path}"

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        structlog.contextvars.bind_contextvars(ip=client_address(request))


def readable(get_response: Handler) -> Handler:
    """Answer 400 to a request that neither PostgreSQL nor a file system could store, for any view.

    NUL and lone surrogates in path, query, cookies, headers and form. Names of files are cut to a
    length that every file system accepts. Bodies of JSON have their own reader
    (`characters.read_json`); other character sets are refused in `portal.web.request_bounds`.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not is_storable(request.path_info) or not _are_storable(request.GET):
            raise BadRequest("characters")
        _clean_headers(request)
        return get_response(request)

    def process_view(request: HttpRequest, *_of_view: object) -> None:
        try:
            has_odd = not _are_storable(request.POST) or not all(map(is_storable, request.FILES))
        except UnreadablePostError:
            return  # the line was cut: the answer is not read
        except LookupError as error:  # a part of the form that names an unknown character set
            raise BadRequest("charset") from error
        if has_odd:
            raise BadRequest("characters")
        for files in request.FILES.lists():
            for file in files[1]:
                file.name = file_name(file.name or "") or "?"

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _are_storable(given: QueryDict) -> bool:
    return all(
        is_storable(name) and all(map(is_storable, values)) for name, values in given.lists()
    )


def _clean_headers(request: HttpRequest) -> None:
    """Cookies and addresses in headers: values that no browser sends are removed or refused."""
    for name, value in list(request.COOKIES.items()):
        if not is_storable(value):
            del request.COOKIES[name]
    for header in ("HTTP_REFERER", "HTTP_HX_CURRENT_URL"):
        value = request.META.get(header, "")
        try:
            urlsplit(value)
            is_odd = not is_storable(value) or not is_storable(unquote(value))
        except ValueError:
            is_odd = True
        if is_odd and header == "HTTP_REFERER":
            del request.META[header]
            request.__dict__.pop("headers", None)  # the log has read them already
        elif is_odd:
            raise BadRequest(header)


def page_methods(get_response: Handler) -> Handler:
    """Allow only GET, HEAD and POST on pages. Django answers a PUT or DELETE as a GET, at the
    sign-in as a POST.

    The API's views name their own methods.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in PAGE_METHODS and not request.path.startswith("/api/"):
            return HttpResponseNotAllowed(PAGE_METHODS)
        return get_response(request)

    return middleware


def database_outage(get_response: Handler) -> Handler:
    """A database outage is a 503 with a message, not a traceback.

    A view's exception passes here; one of an outer middleware reaches `fault` (handler500).
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_exception(request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request, exception) if is_outage(exception) else None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def is_outage(exception: BaseException | None) -> bool:
    """An outage of the database or of the counters: what cannot be counted is not allowed."""
    kinds = OperationalError | InterfaceError | RedisError
    return isinstance(exception, kinds) or is_full_disk(exception)


def unavailable(request: HttpRequest, exception: BaseException | None = None) -> HttpResponse:
    """The 503 page, or its JSON for the API. Runs no query."""
    if deadline.is_over():
        return late(request)
    text = _("The portal cannot reach its database. Nothing was lost; try again in a moment.")
    if isinstance(exception, NotRecorded):
        text = _(
            "The portal cannot record who sees what at the moment, so that it shows and changes"
            " nothing. Nothing was lost. Pusdatin has been told; try again in a moment."
        )
    elif is_full_disk(exception):
        text = _(
            "The disk of the portal's database is full, so that nothing can be saved. Nothing was"
            " lost; try again in a moment."
        )
    return _away(request, text)


def late(request: HttpRequest) -> HttpResponse:
    """The answer when the work for a request took too long."""
    text = _(
        "The portal could not finish this within %(seconds)d seconds and stopped. What you sent may"
        " not have been saved: look first, then send it again."
    )
    return _away(request, text % {"seconds": settings.REQUEST_WITHIN_S})


def busy(request: HttpRequest) -> HttpResponse:
    """The answer to one of too many requests at once: its work was not begun."""
    text = _("Too many people use the portal at this moment. Nothing was done; try again soon.")
    return _away(request, text)


def _away(request: HttpRequest, text: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        response = problem.answer(503, "unavailable", text)
    else:
        response = HttpResponse(render_to_string("503.html", {"text": text}), status=503)
    response["Retry-After"] = str(RETRY_AFTER_S)
    response["Cache-Control"] = "no-store"
    return response


def idle_session(get_response: Handler) -> Handler:
    """End a session that was idle or open too long; a page's polling does not count as an act."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if signed_in_user(request) is not None:
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
    """Forbid storing pages of a signed-in user, except map tiles, which name their own rules."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if getattr(response, "keeps_cache_headers", False):
            return response
        if signed_in_user(request) is not None or request.path.startswith("/api/"):
            add_never_cache_headers(response)
            response["Cache-Control"] = "private, no-store"
        if request.method == "POST" and request.path.endswith("/logout/"):
            # unsent form data on the device must not outlive signing out
            response["Clear-Site-Data"] = '"storage"'
        return response

    return middleware


def fragment_sign_in(get_response: Handler) -> Handler:
    """A fragment whose session has ended redirects the whole page to the sign-in.

    A form that was sent too late leads back to its own page, not to its target.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        sign_in = resolve_url(settings.LOGIN_URL)
        doors = (f"{sign_in}?", f"{reverse('admin:login')}?")
        if response.status_code != 302 or not response["Location"].startswith(doors):
            return response
        if is_fragment(request):
            here = _page_of(request.headers.get("HX-Current-URL", "/"))
            return lead(request, f"{sign_in}?{urlencode({'next': here})}")
        source = urlsplit(request.headers.get("Referer", ""))
        if request.method == "POST" and source.netloc == request.get_host():
            response["Location"] = f"{sign_in}?{urlencode({'next': _page_of(source.geturl())})}"
        return response

    return middleware


def _page_of(address: str) -> str:
    page = urlsplit(address)
    return f"{page.path}?{page.query}" if page.query else page.path


def fault(request: HttpRequest) -> HttpResponse:
    """The page of an unexpected error: a number for the log, nothing of the request or the data."""
    error = sys.exc_info()[1]
    if is_outage(error):
        return unavailable(request, error)
    reference = getattr(request, "request_id", "")
    if request.path.startswith("/api/"):
        text = _("A fault of the portal. Nothing was saved. Tell Pusdatin the number %(number)s.")
        return problem.answer(500, "error", text % {"number": reference})
    return HttpResponse(render_to_string("500.html", {"reference": reference}), status=500)


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page of a request that cannot be read. It uses neither session nor database."""
    text = _(
        "The address or the form holds characters that the portal cannot store, or it is not"
        " complete. Type it again instead of pasting it, then send it again."
    )
    if request.path.startswith(problem.PREFIX):
        return problem.answer(400, "unreadable", text)
    return HttpResponse(render_to_string("400.html", {"text": text}), status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same page, byte for byte, for an object outside the user's region and a missing one."""
    if request.path.startswith(problem.PREFIX):
        return problem.answer(404, "not_found", _("There is nothing under this address."))
    return render(request, "404.html", status=404)
