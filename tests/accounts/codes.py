"""An authenticator app for tests: RFC 6238 written out, so that the portal is not its own judge."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client as Browser

from apps.accounts.models import User
from tests.conftest import as_role
from tests.personas import PASSWORD

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, SECOND = "/accounts/login/", "/accounts/second-factor/"


def code(secret: str = SECRET, *, step: int = 0) -> str:
    """The code that an app shows now, or `step` half minutes from now."""
    counter = int(time.time()) // 30 + step
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", counter), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def wrong_code(secret: str = SECRET) -> str:
    """Six digits that are none of the codes that count around now."""
    near = {code(secret, step=step) for step in range(-3, 4)}
    return next(f"{number:06d}" for number in range(999_999) if f"{number:06d}" not in near)


def give_app(user: User, secret: str = SECRET) -> None:
    """An app for a user, as one who set it up long ago; their recovery codes are on paper."""
    with as_role("owner"):
        TOTP.activate(user, secret)
        RecoveryCodes.activate(user).mark_as_viewed()


def recovery_codes(user: User) -> list[str]:
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return list(row.wrap().get_unused_codes())


def forget_counter(user: User) -> None:
    """As if half a minute had gone by: the app shows a new code."""
    row = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    row.data.pop("last_counter", None)
    row.save()


def password(browser: Browser, user: User, **more: str) -> Any:
    return browser.post(LOGIN, {"username": user.username, "password": PASSWORD} | more)


def second(browser: Browser, typed: str, **headers: str) -> Any:
    return browser.post(SECOND, {"second_factor_code": typed}, headers=headers)


def sign_in(user: User, **more: str) -> Browser:
    """A browser in which somebody with an app is signed in by password and code."""
    browser = Browser()
    password(browser, user, **more)
    assert second(browser, code()).status_code == 302
    forget_counter(user)
    return browser
