"""Tokens for agencies' clients: client credentials alone, every attempt in the audit trail."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.views import RevokeTokenView
from oauth2_provider.views import TokenView as PackageTokenView

from apps.accounts import attempts, messages
from apps.accounts.access import actor_of
from apps.accounts.models import Client
from apps.accounts.origin import client_address
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError

# The body or the header named no client that we know, or not its secret.
REFUSED = (400, 401)
WRONG_SECRET = 401


def _unreadable(request: HttpRequest) -> bool:
    """PostgreSQL knows no NUL; a token request has no honest use for one."""
    return any("\0" in value for values in request.POST.lists() for value in values[1])


class TokenView(PackageTokenView):
    """`POST /api/oauth/token/`: a token of 15 minutes with the scopes that were asked for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _unreadable(request):
            return JsonResponse({"error": "invalid_request"}, status=400)
        try:
            place = attempts.take_as_machine(address=client_address(request))
        except DomainError as refused:
            return _wait(refused)
        # not the package's `post`, which would also serve the device flow
        response: HttpResponse = self.authorization_flow_token_response(request)
        if response.status_code in REFUSED:
            record.entry(Action.SIGN_IN_FAILED, door="oauth", error=_error(response))
        if response.status_code != WRONG_SECRET:
            place.succeeded()
        return response


class RevokeView(RevokeTokenView):
    """`POST /api/oauth/revoke/`: ends a token of the client that asks."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if _unreadable(request):
            return JsonResponse({"error": "invalid_request"}, status=400)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


def _wait(refused: DomainError) -> JsonResponse:
    """Too many failures from this address, or nobody can count them: nothing was tried."""
    is_away = isinstance(refused, attempts.NotCounted)
    words = messages.text(refused.code, refused.params)
    error = "temporarily_unavailable" if is_away else "slow_down"
    return JsonResponse(
        {"error": error, "error_description": words},
        status=503 if is_away else 429,
        headers={"Retry-After": str(refused.params.get("wait_s", 30))},
    )


def _error(response: HttpResponse) -> str:
    """The error's code; never what was sent, which may hold a secret."""
    return str(json.loads(response.content or b"{}").get("error", ""))[:40]


def signed_in(sender: Any, request: Any, token: Any, **kwargs: Any) -> None:
    """Note which client was given a token, and for what."""
    client: Client = token.application
    record.entry(
        Action.SIGN_IN,
        subject=record.subject_of(client),
        subject_name=client.name,
        by=actor_of(client),
        by_name=str(client.agency),
        door="oauth",
        scope=token.scope,
    )
