"""Asks for the second factor when it was not shown yet, and again before acts of legal effect.

    @step_up.confirmed                    a view: determine, export, …
    step_up.confirmation_page(request)    in the middle of one: the page to answer with, or None
    step_up.require_confirmation(by)      in a domain function, for every address leading to it

The page that asks has the same address and carries the sent form, so that the act goes on without
typing again. A user without a second factor (a demo) is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import actor_of
from apps.accounts.authentication import second_factors
from apps.accounts.authentication.sessions import FACTOR_AT
from apps.accounts.interposed_page import InterposedPage
from apps.accounts.models import User
from apps.accounts.signing_in.limited_forms import FactorForm
from apps.audit.models import Action, Entry
from apps.common.http import integer
from apps.ui.fragments import is_fragment, lead
from apps.ui.requests import signed_in_user, user_of

View = Callable[..., HttpResponseBase]
# The fields of this page. Every other field of the form belongs to the act.
CODE, PASSKEY, ASKED_BY = "second_factor_code", "second_factor_passkey", "second_factor_asked_by"
OWN_FIELDS = {CODE, PASSKEY, ASKED_BY, "csrfmiddlewaretoken"}
# What a user with a grant and without a second factor may still open.
OPEN_WITHOUT_FACTOR = {
    *("factor_setup", "passkey_add", "recovery_codes", "password_change"),
    *("login", "second_factor", "logout", "language", "session", "livez", "readyz"),
    *("help", "help_chapter"),
}
MANY_REVEALS, MANY_WITHIN = 10, timedelta(minutes=10)
MANY_LOOKUPS = 30
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
MOST_BYTES = 64_000
_served: ContextVar[HttpRequest | None] = ContextVar("stepup_served", default=None)


class ConfirmationNeeded(InterposedPage):
    """The second factor has to be shown before the act goes on."""

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        return confirmation_page(request)


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """Code inside belongs to this request, whose user can be asked."""
    token = _served.set(request)
    try:
        yield
    finally:
        _served.reset(token)


def confirmed(view: View) -> View:
    """A view that needs a second factor shown in the last five minutes.

    Put it outside `require_safe`, if the view has one: the page that asks is sent to the same
    address.
    """

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return confirmation_page(request) or view(request, *args, **kwargs)

    return asked


def gate(request: HttpRequest) -> HttpResponse | None:
    """Lead a user with a grant and no second factor to the page that sets one up."""
    user = signed_in_user(request)
    if user is None or not settings.SECOND_FACTOR_REQUIRED:
        return None
    match = request.resolver_match
    if FACTOR_AT in request.session or (match and match.view_name in OPEN_WITHOUT_FACTOR):
        return None
    if not user.is_staff:
        return None
    if second_factors.has(user):  # set up from another session: this one has to show it
        return confirmation_page(request)
    target = request.get_full_path() if request.method == "GET" else reverse("home")
    return lead(request, f"{reverse('factor_setup')}?{urlencode({'next': target})}")


def confirmation_page(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for the second factor, or None when it was shown recently.

    After a right code the request goes on as it was first sent. A page that was only read is loaded
    again.
    """
    user = signed_in_user(request)
    if user is None or is_fresh(request) or not second_factors.has(user):
        return None
    if is_fragment(request):  # a page does not fit into a fragment
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))._replace(scheme="", netloc="")
        return lead(request, f"{reverse('confirm')}?{urlencode({'next': here.geturl()})}")
    sent = request.method == "POST" and CODE in request.POST
    form = FactorForm(request.POST if sent else None, request=request, user=user)
    if sent and form.is_valid():
        stamp(request)
        if request.POST.get(ASKED_BY) == "GET":
            return redirect(request.get_full_path())
        _put_back(request)
        return None
    return form.answered(_page(request, form))


def answered(request: HttpRequest) -> HttpResponse | None:
    """The answer to a code on a page that was only read, for any method of that page: the page is
    loaded again. None for every other request.
    """
    is_small = integer(request.META.get("CONTENT_LENGTH"), most=MOST_BYTES) is not None
    if request.method != "POST" or request.content_type not in FORMS or not is_small:
        return None  # uploads are not read here
    if signed_in_user(request) is None or request.POST.get(ASKED_BY) != "GET":
        return None
    return confirmation_page(request) or redirect(request.get_full_path())


def require_confirmation(by: Any) -> None:
    """Go on only with a second factor shown recently. Raises: ConfirmationNeeded.

    A command on the server is not asked: its operator has no second factor here.
    """
    request = _served.get()
    if request is not None and not is_fresh(request) and second_factors.has(by):
        raise ConfirmationNeeded


def require_confirmation_after_many(by: Any, action: Action, most: int) -> None:
    """Ask when a user has done this many times within ten minutes. Queries: one.

    Counted in the audit trail, which includes every address at which it was done.
    Raises: ConfirmationNeeded.
    """
    if _served.get() is None:
        return
    done = Entry.objects.filter(
        actor=actor_of(by), action=action, at__gte=timezone.now() - MANY_WITHIN
    )
    if done[:most].count() >= most:
        require_confirmation(by)


def is_fresh(request: HttpRequest) -> bool:
    shown = request.session.get(FACTOR_AT, 0)
    return bool(timezone.now().timestamp() - shown <= settings.STEP_UP_S)


def stamp(request: HttpRequest) -> None:
    """Note that a second factor was shown now."""
    request.session[FACTOR_AT] = timezone.now().timestamp()


def _page(request: HttpRequest, form: FactorForm) -> HttpResponse:
    asked_by = request.POST.get(ASKED_BY) or request.method
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in OWN_FIELDS
        for value in values
    ]
    context = passkey_context(request) | {
        "form": form,
        "kept": kept,
        "asked_by": asked_by,
        "lost_files": bool(request.FILES),
        "user": user_of(request),
    }
    return TemplateResponse(request, "accounts/signing_in/step_up.html", context).render()


def passkey_context(request: HttpRequest, user: User | None = None) -> dict[str, Any]:
    """The challenge for the page's script, for a user who has a passkey."""
    user = user or user_of(request)
    kinds = {row.type for row in second_factors.of(user)}
    has_passkey = second_factors.Type.WEBAUTHN in kinds
    return {
        "has_app": second_factors.Type.TOTP in kinds,
        "has_passkey": has_passkey,
        "passkey_options": webauthn.begin_authentication(user) if has_passkey else None,
    }


def _put_back(request: HttpRequest) -> None:
    """Restore the form as it was first sent."""
    form = request.POST.copy()
    for name in (CODE, PASSKEY, ASKED_BY):
        form.pop(name, None)
    form._mutable = False
    request.POST = form  # type: ignore[assignment]
