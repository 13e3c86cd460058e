"""Authentication of agencies by token. A deactivated client or agency is refused at once."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.models import AccessToken
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts.access import may
from apps.accounts.models import Agency


class AgencyAuthentication(OAuth2Authentication):
    """`request.user` is the agency, `request.auth` its token."""

    def authenticate(self, request: Request) -> tuple[Agency, AccessToken] | None:
        result = super().authenticate(request)
        if result is None:
            return None
        token = result[1]
        client = token.application
        if client is None or not client.is_active or not client.agency.is_active:
            return None
        return client.agency, token


class HasScope(BasePermission):
    """The token has the scope that the view requires for this method (`scopes_by_method`)."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "scopes_by_method", {}).get(method)
        token = request.auth
        return isinstance(token, AccessToken) and needed is not None and token.is_valid([needed])


class HoldsPermission(BasePermission):
    """The agency has the permission required for this method (`permissions_by_method`) in some
    region.

    The permissions are those of the pages (`ui.permissions.requires`). The query limits the rows.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "permissions_by_method", {}).get(method)
        return needed is not None and may(request.user, needed)


class AgencyScheme(OpenApiAuthenticationExtension):
    """Description of the tokens on the OpenAPI page."""

    target_class = "apps.api.authentication.AgencyAuthentication"
    name = "client_credentials"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/api/oauth/token/",
                    "scopes": {
                        "proposals:write": "Send proposals",
                        "proposals:read": "Read what this agency sent",
                    },
                }
            },
        }
