"""The pages of the second factor: showing it, setting it up, recovery codes."""

from __future__ import annotations

import base64
from typing import Any

from allauth.mfa.totp.internal.auth import clear_totp_secret, get_totp_secret
from allauth.mfa.webauthn.internal import auth as webauthn
from django import forms
from django.contrib import messages as flash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.authentication import second_factors, sessions
from apps.accounts.authentication.adapters import FactorAdapter
from apps.accounts.models import User
from apps.accounts.signing_in import sign_in, step_up
from apps.accounts.signing_in.forms import CodesForm, NextForm
from apps.accounts.signing_in.limited_forms import MOST_ANSWER_LETTERS, FactorForm, read_answer
from apps.common.errors import DomainError
from apps.common.files.attachments import as_attachment
from apps.ui.requests import user_of

page = require_http_methods(["GET", "HEAD", "POST"])


class AppForm(forms.Form):
    """The first code of an app that was just set up."""

    code = forms.CharField(
        label=gettext_lazy("Code that the app shows now"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    """A new passkey, as the browser made it, with a name that the user chooses."""

    name = forms.CharField(label=gettext_lazy("Name of this passkey"), max_length=60)
    answer = forms.CharField(max_length=MOST_ANSWER_LETTERS, widget=forms.HiddenInput)


@page
def second_factor(request: HttpRequest) -> HttpResponse:
    """The page between the password and the portal."""
    waits = sessions.waiting(request)
    if waits is None:
        return redirect("login")
    user, target = waits
    form = FactorForm(request.POST or None, request=request, user=user)
    if request.method == "POST" and form.is_valid():
        return sign_in.sign_in(request, user=user, target=target, factor=form.method)
    context = {"form": form, "is_gate": True} | step_up.passkey_context(request, user)
    return form.answered(render(request, "accounts/signing_in/second_factor.html", context))


@page
@login_required
@step_up.confirmed
def set_up(request: HttpRequest) -> HttpResponse:
    """Set up an authenticator app or a passkey, for a user without one or with another one."""
    user = user_of(request)
    target = target_of(request)
    form = AppForm(request.POST or None)
    secret = get_totp_secret()
    if request.method == "POST" and form.is_valid():
        try:
            second_factors.set_app(user=user, secret=secret, code=form.cleaned_data["code"])
        except DomainError as refused:
            form.add_error("code", refused.text)
        else:
            clear_totp_secret(request)
            return _after_set_up(request, target)
    return render(
        request, "accounts/signing_in/factor_setup.html", _set_up_context(request, form, target)
    )


def _set_up_context(request: Any, form: forms.Form, target: str) -> dict[str, Any]:
    adapter, secret = FactorAdapter(), get_totp_secret()
    kinds = {row.type for row in second_factors.of(user_of(request))}
    link = adapter.build_totp_url(user_of(request), secret)
    picture = base64.b64encode(adapter.build_totp_svg(link).encode()).decode()
    return {
        "form": form,
        "passkey_form": PasskeyForm(
            initial={
                "name": adapter.generate_authenticator_name(
                    user_of(request), second_factors.Type.WEBAUTHN
                )
            }
        ),
        "passkey_options": webauthn.begin_registration(user_of(request), False),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "link": link,
        "picture": f"data:image/svg+xml;base64,{picture}",
        "has_factor": bool(kinds),
        "has_app": second_factors.Type.TOTP in kinds,
        "target": target,
    }


@require_POST
@login_required
@step_up.confirmed
def add_passkey(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form, target = PasskeyForm(request.POST), target_of(request)
    try:
        if not form.is_valid():
            raise DomainError("passkey_not_made")
        answer = read_answer(form.cleaned_data["answer"])
        second_factors.add_passkey(user=user, name=form.cleaned_data["name"], answer=answer)
    except DomainError as refused:
        flash.error(request, refused.text)
        return redirect("factor_setup")
    return _after_set_up(request, target)


def _after_set_up(request: HttpRequest, target: str) -> HttpResponse:
    """Go on after a set-up. Recovery codes follow unless they are on paper already."""
    user = user_of(request)
    step_up.stamp(request)
    codes = second_factors.recovery_codes(user)
    if codes is not None and not codes.did_view:
        request.session["after_codes"] = target
        return redirect("recovery_codes")
    flash.success(request, _("The second factor is set up."))
    return redirect(target)


@page
@login_required
@step_up.confirmed
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """The codes, until the user confirms that they are on paper; after that only new ones."""
    user = user_of(request)
    if CodesForm(request.POST).sent["act"] == "renew":
        return _renewed(request, user)
    codes = second_factors.recovery_codes(user)
    if request.method == "POST":
        second_factors.keep_recovery_codes(user=user)
        return redirect(request.session.pop("after_codes", None) or "profile")
    shown = codes.get_unused_codes() if codes is not None and not codes.did_view else []
    grouped = [f"{code[:5]} {code[5:]}" for code in shown]
    if shown and "file" in request.GET:
        return _as_file(user, grouped)
    return render(request, "accounts/signing_in/recovery_codes.html", {"codes": grouped})


def _renewed(request: HttpRequest, user: User) -> HttpResponse:
    try:
        second_factors.renew_recovery_codes(user=user)
    except DomainError as refused:
        flash.error(request, refused.text)
        return redirect("profile")
    return redirect("recovery_codes")


def _as_file(user: User, codes: list[str]) -> HttpResponse:
    lines = [_("Recovery codes of %(name)s for the DTKS portal") % {"name": user.username}, ""]
    lines += [*codes, "", _("Each works once. Keep them on paper, away from the telephone.")]
    answer = HttpResponse("\r\n".join(lines) + "\r\n", content_type="text/plain; charset=utf-8")
    return as_attachment(answer, "dtks-recovery-codes.txt")


@page
@login_required
@step_up.confirmed
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor again, for a fragment that has no room for that page."""
    return redirect(target_of(request))


def target_of(request: HttpRequest) -> str:
    """The next address: one of the portal, else its first page."""
    target = NextForm(request.POST).sent["next"] or NextForm(request.GET).sent["next"]
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # a word without a slash would be read as the name of a URL pattern
    return target if is_ours and "/" in target else reverse("home")
