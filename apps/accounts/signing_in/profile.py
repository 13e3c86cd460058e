"""The user's own account: second factors, recovery codes, password and sessions."""

from __future__ import annotations

from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.authentication import second_factors, sessions
from apps.accounts.models import User
from apps.accounts.signing_in import step_up
from apps.accounts.signing_in.forms import RemoveForm, SessionsForm, ShortcutsForm
from apps.common.errors import DomainError
from apps.ui.requests import signed_in_user, user_of

page = require_http_methods(["GET", "HEAD", "POST"])


@page
@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """The user's own password, second factor, recovery codes and sessions."""
    user = user_of(request)
    if request.method == "POST":
        if chosen := ShortcutsForm(request.POST).sent["shortcuts"]:
            return _choose_shortcuts(request, user, is_on=chosen == "on")
        return step_up.confirmation_page(request) or _remove(request, user)
    codes = second_factors.recovery_codes(user)
    context = {
        "factors": second_factors.of(user),
        "codes_left": len(codes.get_unused_codes()) if codes is not None else 0,
        "codes_kept": codes is not None and codes.did_view,
        "session_count": len(sessions.listed(request)),
    }
    return render(request, "accounts/signing_in/profile.html", context)


def _choose_shortcuts(request: HttpRequest, user: User, *, is_on: bool) -> HttpResponse:
    """Single letters as keys in lists of work: on or off."""
    user.uses_shortcuts = is_on
    user.save(update_fields=["uses_shortcuts"])
    flash.success(
        request,
        _("Letters are keys in lists of work.")
        if user.uses_shortcuts
        else _("Letters do nothing in lists of work."),
    )
    return redirect("profile")


def _remove(request: HttpRequest, user: User) -> HttpResponse:
    try:
        second_factors.remove(user=user, key=RemoveForm(request.POST).sent["remove"])
    except DomainError as refused:
        flash.error(request, refused.text)
    else:
        flash.success(request, _("It is removed. It opens nothing from now on."))
        if not second_factors.has(user):
            request.session.pop(sessions.FACTOR_AT, None)
    return redirect("profile")


@page
@login_required
def session_list(request: HttpRequest) -> HttpResponse:
    """The user's sessions, each with a button that ends it."""
    if request.method == "POST":
        given = SessionsForm(request.POST).sent
        if given["act"] == "others":
            sessions.end_others(request)
            flash.success(request, _("All other sessions were ended."))
        elif sessions.end_one(request, key=given["session"]):
            flash.success(request, _("The session was ended."))
        return redirect("sessions")
    here = request.session.session_key
    listed = [(one, sessions.browser_of(one.user_agent)) for one in sessions.listed(request)]
    context = {"sessions": listed, "here": here}
    return render(request, "accounts/signing_in/sessions.html", context)


@page
def session(request: HttpRequest) -> HttpResponse:
    """How long the session lasts. A POST counts as an act and prolongs it."""
    if request.method == "POST" and signed_in_user(request) is not None:
        sessions.touch(request, at_once=True)
    return JsonResponse(sessions.state(request))
