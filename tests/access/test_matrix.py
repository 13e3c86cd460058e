"""Every address × method × persona × region against one written table.

A closed door is 403 or 404, or the way to the sign-in; an object outside the scope is 404 with the
same bytes as one that does not exist.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client as Browser

from apps.accounts.models import User
from apps.accounts.roles import PERMISSIONS, Role
from tests.access.addresses import Address, addresses
from tests.access.objects import IN_VILLAGE, made_in, village_of
from tests.access.table import AGENCY, EVERYBODY, NOBODY, SIGNED_OUT, STAFF, TABLE, Line, Who
from tests.personas import FOREIGN, OWN, SIBLING, home_of, persona

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE = [role for role in Role if role != Role.AGENCY]
REGIONS = (OWN, SIBLING, FOREIGN)
MISSING = 10**12
OPEN, SIGN_IN, CLOSED, NOT_THERE, WRONG_METHOD = "open", "sign in", "closed", "404", "405"
SHUT = {SIGN_IN, CLOSED, NOT_THERE, WRONG_METHOD}
ALL = addresses()


def test_every_address_has_a_line_in_the_table_and_no_line_is_left_over():
    names = {address.name for address in ALL}
    assert names - set(TABLE) == set()
    assert set(TABLE) - names == set()


@pytest.fixture
def objects(role):
    with role("owner"):
        return {region: made_in(region) for region in REGIONS}


@pytest.fixture
def people(role) -> dict[str, User | None]:
    with role("owner"):
        return {"anonymous": None} | {str(one): persona(one) for one in PEOPLE}


def asked(browser: Browser, method: str, path: str) -> tuple[str, bytes]:
    """How the door was: the answer's kind and body; whatever it changed is rolled back."""
    with transaction.atomic():
        answer = browser.generic(method, path)
        body = b"" if answer.streaming else answer.content
        transaction.set_rollback(True)
    location = answer.headers.get("Location", "")
    if answer.status_code == 302 and "/login/" in location:
        return SIGN_IN, body
    kinds = {401: SIGN_IN, 403: CLOSED, 404: NOT_THERE, 405: WRONG_METHOD}
    if answer.status_code >= 500:
        raise AssertionError(f"{method} {path}: {answer.status_code}")
    return kinds.get(answer.status_code, OPEN), body


def is_allowed(who: Who, user: User | None, name: str) -> bool:
    if who in (EVERYBODY, SIGNED_OUT):
        return who == EVERYBODY or user is None
    if who in (NOBODY, AGENCY) or user is None:
        return False
    if who == STAFF:
        return True
    return not PERMISSIONS[Role(name)].isdisjoint(who)  # type: ignore[arg-type]


def path_of(address: Address, line: Line, key: Any) -> str:
    values = dict(line.extra)
    if line.target:
        values[line.parameter] = key
    return address.at(**values) + line.query


def regions_of(line: Line) -> tuple[str, ...]:
    return REGIONS if line.target and line.is_regional else (OWN,)


@pytest.mark.parametrize("address", ALL, ids=lambda address: address.name or address.route)
def test_the_table_holds(address, objects, people):
    line = TABLE[address.name]
    wrong = []
    for name, user in people.items():
        browser = Browser(raise_request_exception=True)
        if user is not None:
            browser.force_login(user)
        for method, who in (("GET", line.ask), ("POST", line.send)):
            allowed = is_allowed(who, user, name) and is_allowed(line.sees, user, name)
            for region in regions_of(line):
                key = objects[region].get(line.target)
                got, body = asked(browser, method, path_of(address, line, key))
                outside = not _reaches(name, line, region)
                if not allowed:
                    is_right = got in SHUT
                elif outside:
                    missing = path_of(address, line, MISSING)
                    is_right = got == NOT_THERE and body == asked(browser, method, missing)[1]
                else:
                    is_right = got == OPEN
                if not is_right:
                    wrong.append(f"{method} {name} {region}: {got}, allowed={allowed}")
    assert not wrong, "\n".join(wrong)


def _reaches(name: str, line: Line, region: str) -> bool:
    """Whether the persona's home holds the object of an address, made in a regency."""
    if name == "anonymous" or not line.target or not line.is_regional:
        return True
    home = home_of(Role(name))
    place = village_of(region) if line.target in IN_VILLAGE else region
    return home == "ID" or place.startswith(home)
