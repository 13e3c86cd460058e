"""Signing in, signing out and choosing a new password."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth import authenticate, update_session_auth_hash
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.authentication import known_devices, second_factors, sessions
from apps.accounts.models import User
from apps.accounts.people import users
from apps.accounts.signing_in.limited_forms import CountedForm, note_failure
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import text
from apps.ui.requests import signed_in_user


class SignInForm(CountedForm, AuthenticationForm):
    """User name and password. The answer does not reveal which was wrong, or if the name exists."""

    error_messages = AuthenticationForm.error_messages | {
        "invalid_login": _(
            "User name and password do not match. Check both, also the Caps Lock key, and type them"
            " again."
        ),
    }

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username")
        password = self.cleaned_data.get("password")
        if username is None or not password:
            return self.cleaned_data
        place = self.take_place(self.request, username)
        self.user_cache = authenticate(self.request, username=username, password=password)
        if self.user_cache is None:
            note_failure(username, why="no_match")
            raise self.get_invalid_login_error()
        if users.is_over(self.user_cache, timezone.now()):
            self.user_cache = None
            note_failure(username, why="password_over")
            raise ValidationError(text("password_over", {}), code="password_over")
        place.succeeded()
        return self.cleaned_data


class OwnPasswordForm(CountedForm, PasswordChangeForm):
    """The old password, counted like a sign-in, and a new one."""

    error_messages = PasswordChangeForm.error_messages | {
        "password_incorrect": _(
            "The old password is not the one you signed in with. Type it again."
        ),
    }
    request: HttpRequest

    def clean_old_password(self) -> str:
        place = self.take_place(self.request, self.user.username)
        try:
            password = str(super().clean_old_password())
        except ValidationError:
            note_failure(self.user.username, why="old_password")
            raise
        place.succeeded()
        return password

    def save(self, commit: bool = True) -> User:
        users.change_own_password(user=self.user, password=self.cleaned_data["new_password1"])
        return self.user


class _RefusedStatus:
    """429 or 503 with Retry-After when the password was not checked."""

    def form_invalid(self, form: Any) -> HttpResponse:
        return form.answered(super().form_invalid(form))  # type: ignore[misc]


class SignIn(_RefusedStatus, auth_views.LoginView):
    """The only sign-in page for people; the admin leads here, too."""

    template_name = "accounts/signing_in/login.html"
    authentication_form = SignInForm
    extra_context = {"is_gate": True}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_demo": not settings.SECOND_FACTOR_REQUIRED}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """The password is right: sign in, or ask for the second factor of a user who has one."""
        user: Any = form.get_user()
        target = self.get_success_url()
        if second_factors.has(user):
            sessions.begin_waiting(self.request, user=user, target=target)
            return redirect("second_factor")
        return sign_in(self.request, user=user, target=target)


def sign_in(request: HttpRequest, *, user: User, target: str, factor: str = "") -> HttpResponse:
    """Open the session, record it, and go to the requested address."""
    sessions.begin(request, user=user, factor=factor)
    details = {"factor": factor} if factor else {}
    record.entry(
        Action.SIGN_IN,
        about=user,
        by=user,
        channel="web",
        **details,
    )
    if user.factor_reset_at:
        flash.warning(
            request,
            _(
                "Your user administrator reset your second factor. If you did not ask for it, tell"
                " the administrator at Pusdatin today."
            ),
        )
    # a word without a slash would be read as the name of a URL pattern
    onward = target if "/" in target else settings.LOGIN_REDIRECT_URL
    answer = redirect("password_change" if user.password_is_temporary else onward)
    known_devices.remember(request, answer, user.username)
    return answer


class SignOut(auth_views.LogoutView):
    """Ends the session on the server. POST only, like Django's."""

    def post(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        user = signed_in_user(request)
        if user is not None:
            record.entry(Action.SIGN_OUT, about=user)
            sessions.forget(request)
        return super().post(request, *args, **kwargs)


class ChangePassword(_RefusedStatus, auth_views.PasswordChangeView):
    """Change the user's own password; sessions on other machines end."""

    template_name = "accounts/signing_in/password_change.html"
    form_class = OwnPasswordForm

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.request = self.request
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.save()
        update_session_auth_hash(self.request, user)
        flash.success(self.request, _("Your password was changed. Other sessions were ended."))
        return redirect(settings.LOGIN_REDIRECT_URL)
