"""The address that a request comes from, without trusting its headers."""

from __future__ import annotations

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The client's address. Trusts only as many proxies as `TRUSTED_PROXIES` names."""
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        address = _parsed(forwarded[-settings.TRUSTED_PROXIES])
        if address is not None:
            return address
    return _parsed(request.META.get("REMOTE_ADDR", ""))


def _parsed(text: str) -> str | None:
    """An address for the database, or None: a unix socket has none, a header may hold any text."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return None
