"""Settings for allauth: our rule for addresses, encrypted secrets, our names."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from apps.accounts.origin import client_address

PORTAL = "DTKS"
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 (a socket of the machine itself has none)


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed, and no page of the package is routed."""

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or UNKNOWN_ADDRESS

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of second factors are encrypted: the table or a backup alone does not reveal them."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises InvalidToken when SECRET_KEY has changed: such a factor must be reset."""
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        return PORTAL

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": PORTAL}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """A handle without the number of the account, because the key stores the handle."""
        handle = salted_hmac("passkey", str(user.pk), algorithm="sha256").digest()
        return {"id": handle, "display_name": str(user), "name": user.get_username()}


def _cipher() -> MultiFernet:
    """Encrypts with the present key; former keys still decrypt what they encrypted."""
    keys = [str(settings.SECRET_KEY), *map(str, settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(Fernet(_key(secret)) for secret in keys)


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(sha256(b"second-factor:" + secret.encode()).digest())
