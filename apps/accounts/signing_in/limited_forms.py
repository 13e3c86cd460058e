"""Forms that check a secret: each try is counted first, and failures are recorded."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.accounts.authentication import known_devices, second_factors
from apps.accounts.limits import attempts
from apps.accounts.models import User
from apps.accounts.origin import client_address
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.common.text.characters import Unreadable, read_json

MOST_ANSWER_LETTERS = 20_000


class SecretRefused(ValidationError):
    """A sign-in that was not checked. The answer says when to try again."""

    def __init__(self, error: DomainError) -> None:
        super().__init__(error.text, code=error.code)
        self.status = 503 if error.code == "attempts_not_counted" else 429
        self.wait_s = int(error.params.get("wait_s", 30))


class CountedForm:
    """A form that checks a secret: it takes a place first and records a failure."""

    refused: SecretRefused | None = None

    def take_place(self, request: HttpRequest | None, account: str) -> attempts.Attempt:
        if request is None:
            raise ValueError("a sign-in comes from an address")
        address = client_address(request)
        try:
            device = known_devices.known(request, account)
            return attempts.count_attempt(account=account, address=address, device=device)
        except DomainError as error:
            self.refused = SecretRefused(error)
            if error.code == "too_many_attempts" and attempts.first_in_a_minute(
                account=account, address=address
            ):
                note_failure(account, why=error.code)
            raise self.refused from error

    def answered(self, response: HttpResponse) -> HttpResponse:
        """429 or 503 with Retry-After when the secret was not checked."""
        if self.refused is not None:
            response.status_code = self.refused.status
            response["Retry-After"] = str(self.refused.wait_s)
        return response


class FactorForm(CountedForm, forms.Form):
    """A code of the app, a recovery code, or a passkey's answer. `method` says which it was."""

    second_factor_code = forms.CharField(
        label=_("Code"),
        max_length=40,
        required=False,
        help_text=_("6 digits from your authenticator app, or one of your recovery codes."),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )
    second_factor_passkey = forms.CharField(
        max_length=MOST_ANSWER_LETTERS, required=False, widget=forms.HiddenInput
    )
    method = ""

    def __init__(self, *args: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
        self.request, self.user = request, user
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        code = self.cleaned_data.get("second_factor_code", "")
        answer = self.cleaned_data.get("second_factor_passkey", "")
        if not code and not answer:
            raise ValidationError(_("No code was typed. Open your authenticator app and copy it."))
        place = self.take_place(self.request, self.user.username)
        self.method = (
            second_factors.match_passkey(user=self.user, answer=read_answer(answer))
            if answer
            else second_factors.match_code(user=self.user, code=code)
        )
        if not self.method:
            note_failure(self.user.username, why="second_factor")
            raise ValidationError(
                _(
                    "This code does not match, or it was used before. Wait for the next code in the"
                    " app, check the clock of the telephone, or use a recovery code."
                )
            )
        place.succeeded()
        return self.cleaned_data


def read_answer(text: str) -> dict[str, Any]:
    """The answer of the browser's passkey dialogue, or an empty dict."""
    try:
        answer = read_json(text)
    except Unreadable:
        return {}
    return answer if isinstance(answer, dict) else {}


def note_failure(username: str, *, why: str) -> None:
    """Record a failed try. An unknown name is left out, because it may be a password."""
    user = User.objects.find_for_sign_in(username=username)
    record.entry(Action.SIGN_IN_FAILED, about=user, channel="web", why=why)
