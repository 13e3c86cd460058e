"""Tokens for agencies' clients: client credentials only, every try in the audit trail."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.models import AccessToken
from oauth2_provider.views import RevokeTokenView
from oauth2_provider.views import TokenView as PackageTokenView

from apps.accounts.limits import attempts
from apps.accounts.models import Client
from apps.accounts.origin import client_address
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.common.text.characters import is_storable


class TokenView(PackageTokenView):
    """`POST /api/oauth/token/`: a token of 15 minutes with the requested scopes."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            place = attempts.take_as_machine(address=client_address(request))
        except DomainError as refused:
            return _wait(request, refused)
        # not the package's `post`, which would also serve the device flow
        response: HttpResponse = self.authorization_flow_token_response(request)
        if response.status_code == HTTPStatus.OK:
            place.succeeded()
        else:
            _record_failure(request, _error(response))
        return response


class RevokeView(RevokeTokenView):
    """`POST /api/oauth/revoke/`: ends a token of the client that asks.

    The answer does not reveal whether the token existed; the trail does.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            place = attempts.take_as_machine(address=client_address(request))
        except DomainError as refused:
            return _wait(request, refused)
        was_there = _is_token(request)
        response: HttpResponse = super().post(request, *args, **kwargs)
        if response.status_code == HTTPStatus.OK and was_there and not _is_token(request):
            place.succeeded()
            _signed_out(request)
        else:
            _record_failure(request, _error(response) or "no_such_token")
        return response


def _is_token(request: HttpRequest) -> bool:
    checksum = hashlib.sha256(request.POST.get("token", "").encode()).hexdigest()
    return AccessToken.objects.filter(token_checksum=checksum).exists()


def _claimed(request: HttpRequest) -> Client | None:
    """The client that a request names, authenticated or not; None if there is no such client."""
    name = request.POST.get("client_id", "")
    scheme, _space, pair = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        with suppress(ValueError):
            name = unquote_plus(b64decode(pair).decode().partition(":")[0])
    return Client.objects.filter(client_id=name).first() if is_storable(name) else None


def _record_failure(request: HttpRequest, error: str) -> None:
    """One entry a minute for each client and address, for any number of wrong requests."""
    client = _claimed(request)
    account = f"oauth:{client.pk if client else ''}"
    if attempts.first_in_a_minute(account=account, address=client_address(request)):
        record.entry(Action.SIGN_IN_FAILED, about=client, channel="oauth", error=error)


def _signed_out(request: HttpRequest) -> None:
    client = _claimed(request)
    if client is not None:
        record.entry(
            Action.SIGN_OUT,
            about=client,
            by=client,
            channel="oauth",
        )


def _wait(request: HttpRequest, refused: DomainError) -> JsonResponse:
    """The refusal for too many failures from this address, or without a counter. Nothing was
    checked.
    """
    is_away = refused.code == "attempts_not_counted"
    if not is_away:
        _record_failure(request, refused.code)
    words = refused.text
    error = "temporarily_unavailable" if is_away else "slow_down"
    return JsonResponse(
        {"error": error, "error_description": words},
        status=503 if is_away else 429,
        headers={"Retry-After": str(refused.params.get("wait_s", 30))},
    )


def _error(response: HttpResponse) -> str:
    """The error's code; never what was sent, which may hold a secret."""
    with suppress(ValueError):
        return str(json.loads(response.content or b"{}").get("error", ""))[:40]
    return ""


def signed_in(sender: Any, request: Any, token: Any, **kwargs: Any) -> None:
    """Record which client was given a token, and for which scopes."""
    client: Client = token.application
    record.entry(
        Action.SIGN_IN,
        about=client,
        by=client,
        channel="oauth",
        scope=token.scope,
    )
