"""Who knocks: a browser or an agency's program, and how each door answered."""

from __future__ import annotations

import re
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.accounts.models import Client, User
from apps.accounts.roles import PERMISSIONS, Role
from tests.access.addresses import Address
from tests.access.objects import IN_VILLAGE, village_of
from tests.access.table import AGENCY, EVERYBODY, NOBODY, SIGNED_OUT, STAFF, Line, Who
from tests.personas import FOREIGN, OWN, SIBLING, home_of

OFFICERS = [role for role in Role if role != Role.AGENCY]
ANONYMOUS = "anonymous"
PERSONAS = [ANONYMOUS, *map(str, Role)]
REGIONS = (OWN, SIBLING, FOREIGN)
MISSING = 10**12
OPEN, SIGN_IN, CLOSED, NOT_THERE, WRONG_METHOD = "open", "sign in", "closed", "404", "405"
SHUT = {SIGN_IN, CLOSED, NOT_THERE, WRONG_METHOD}
KIND_OF_STATUS = {401: SIGN_IN, 403: CLOSED, 404: NOT_THERE, 405: WRONG_METHOD}
FORM = "application/x-www-form-urlencoded"
# What differs from one answer to the next, whoever asks.
RANDOM = re.compile(
    rb'\bname="csrfmiddlewaretoken" value="\w+"|\bnonce="[^"]*"|"X-CSRFToken": "\w+"'
    # whose page it is and until when; the keys of a second factor that is being set up
    rb'|\bdata-person="\w+"|"left_s": \d+, "ends": "[^"]*"|data:image/svg\+xml;base64,[\w+/=]+'
    rb'|otpauth://[^"]+|<code class="secret">[^<]+|<script id="passkey-options"[^<]+'
    # what /readyz measures at that moment
    rb'|"(?:free_bytes|silent_s|skew_s|oldest_s)": -?[\d.]+'
    # when an open collection was read
    rb'|"timeStamp": "[^"]+"'
)


class Answer(NamedTuple):
    """How a door was. `body` without what is random, and without the name of who asked."""

    kind: str
    status: int
    location: str
    body: bytes


class Visitor:
    """One persona at the doors. Whatever an answer changes is rolled back."""

    def __init__(self, user: User | None = None, token: str = "") -> None:
        self.user = user
        self.browser = Browser(raise_request_exception=True)
        self._names = [] if user is None else [user.username.encode(), str(user).encode()]
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        if user is not None:
            self.browser.force_login(user)
            session = self.browser.session
            # so late that no request writes it anew, however long the tests take
            session["seen"] = (timezone.now() + timedelta(hours=1)).timestamp()
            session["began"] = timezone.now().timestamp()
            session.save()
        self._cookies = {key: morsel.value for key, morsel in self.browser.cookies.items()}

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> Answer:
        self.browser.cookies = SimpleCookie(self._cookies)
        with transaction.atomic():
            answer: Any = self.browser.generic(
                method, path, urlencode(form or {}), FORM, headers=self.headers
            )
            body = b"" if answer.streaming else answer.content
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            raise AssertionError(f"{method} {path}: {answer.status_code}")
        location = answer.headers.get("Location", "")
        kind = KIND_OF_STATUS.get(answer.status_code, OPEN)
        if answer.status_code == 302 and "/login/" in location:
            kind = SIGN_IN
        for own in self._names:
            body = body.replace(own, b"NAME")
        return Answer(kind, answer.status_code, location, RANDOM.sub(b"", body))


def token_of(client: Client, secret: str, scope: str = "proposals:write proposals:read") -> str:
    """A token of 15 minutes, as the client gets it."""
    form = {"grant_type": "client_credentials", "scope": scope}
    form |= {"client_id": client.client_id, "client_secret": secret}
    token: str = Browser().post("/api/oauth/token/", form).json()["access_token"]
    return token


def is_allowed(who: Who, name: str) -> bool:
    """Whether the table lets a persona in."""
    is_officer = name not in (ANONYMOUS, Role.AGENCY)
    if who in (EVERYBODY, SIGNED_OUT):
        return who == EVERYBODY or not is_officer
    if who == AGENCY:
        return name == Role.AGENCY
    if who == NOBODY or not is_officer:
        return False
    return who == STAFF or not PERMISSIONS[Role(name)].isdisjoint(who)  # type: ignore[arg-type]


def reaches(line: Line, name: str, region: str) -> bool:
    """Whether the persona's home holds the object of an address, made in a regency."""
    if name == ANONYMOUS or not line.target or not line.is_regional:
        return True
    home = OWN if name == Role.AGENCY else home_of(Role(name))
    place = village_of(region) if line.target in IN_VILLAGE else region
    return home == "ID" or place.startswith(home)


def path_of(address: Address, line: Line, key: Any) -> str:
    return address.at(**values_of(address, line, key)) + line.query


def values_of(address: Address, line: Line, key: Any) -> dict[str, Any]:
    """What stands in an address: one id, or those of an object and what it belongs to."""
    values: dict[str, Any] = dict(line.extra)
    if not line.target:
        return values
    if isinstance(key, dict):
        return values | key
    return dict.fromkeys(address.parameters, key) | values
