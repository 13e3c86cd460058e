"""Browsers in which a user has signed in before, so that strangers cannot lock the account.

Failures are counted by account. An attacker who knows a user name could keep it locked with five
wrong passwords every five minutes. A browser that the owner used before is therefore counted
separately. A cookie that only the portal can make identifies it. The cookie gives no access.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE: Final = "known-device"
KEPT: Final = timedelta(days=180)
# several people may share one machine; the oldest entry is dropped first
MOST_ACCOUNTS: Final = 5
SALT: Final = "known-device"


def known(request: HttpRequest, account: str) -> str:
    """The number of this browser for an account; empty if its owner never signed in here."""
    return _read(request).get(_digest(account), "")


def remember(request: HttpRequest, response: HttpResponse, account: str) -> None:
    """Mark this browser as known: the owner has shown password and second factor in it."""
    here = _read(request)
    name = _digest(account)
    number = here.pop(name, "") or secrets.token_urlsafe(9)
    kept = dict([*here.items(), (name, number)][-MOST_ACCOUNTS:])
    response.set_cookie(
        _cookie(),
        signing.dumps(kept, salt=SALT),
        max_age=KEPT,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        kept = signing.loads(request.COOKIES.get(_cookie(), ""), salt=SALT, max_age=KEPT)
    except signing.BadSignature:
        return {}
    return dict(kept) if isinstance(kept, dict) else {}


def _cookie() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def _digest(account: str) -> str:
    """A digest of the account name in any spelling: the cookie does not reveal the account."""
    plain = unicodedata.normalize("NFKC", account).strip().casefold()
    return salted_hmac("known-device", plain, algorithm="sha256").hexdigest()[:20]
