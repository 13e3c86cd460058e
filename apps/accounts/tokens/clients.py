"""OAuth2 for agencies: client credentials only, with the scopes that the client was given."""

from __future__ import annotations

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2 import BackendApplicationServer


class AgencyValidator(OAuth2Validator):
    """Scopes are those of the client. A request without scopes gets none."""

    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Any,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        return bool(scopes) and set(scopes) <= set(client.allowed_scopes)


class ClientCredentialsServer(BackendApplicationServer):
    """A token endpoint without any other flow."""
