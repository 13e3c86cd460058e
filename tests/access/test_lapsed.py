"""A grant that has run out or was ended, and an account that was closed, open nothing.

With a lapsed grant one gets, byte for byte, what a person without any grant gets; with a closed
account what nobody in particular gets. The same for agencies, their clients and tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps.accounts.models import Agency, Client, Grant, User
from apps.accounts.people import agencies, grants, users
from apps.accounts.roles import Role
from tests.access.addresses import Address, addresses
from tests.access.conftest import Objects
from tests.access.table import TABLE
from tests.access.visitors import (
    OFFICERS,
    Answer,
    Visitor,
    is_allowed,
    path_of,
    token_of,
)
from tests.conftest import as_role
from tests.personas import CLIENT_SECRET, FOREIGN, OWN, agency_client, persona

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# (like whom, method, path) → what is answered
Expected = dict[tuple[str, str, str], Answer]
ALL = addresses()
API = [address for address in ALL if address.route.startswith("api/")]


def ended_by_time(user: User) -> None:
    now = timezone.now()
    Grant.objects.filter(user=user).update(
        active_from=now - timedelta(days=2), active_until=now - timedelta(seconds=1)
    )


def ended_by_hand(user: User) -> None:
    grants.end_grant(grant=Grant.objects.get(user=user), by=None, now=timezone.now())


def closed(user: User) -> None:
    users.disable(user=user, by=persona("administrator", name="chief"), now=timezone.now())


LAPSES: dict[str, Callable[[User], None]] = {
    "expired": ended_by_time,
    "revoked": ended_by_hand,
    "disabled": closed,
}


@pytest.fixture
def lapsed(objects) -> Callable[[str, str], Visitor]:
    """`lapsed("verifier", "expired")`: signed in while the grant was in force."""

    def make(name: str, lapse: str) -> Visitor:
        with as_role("owner"):
            user = persona(name, name=f"{name}-{lapse}")
            visitor = Visitor(user)
            LAPSES[lapse](user)
        return visitor

    return make


@pytest.fixture(scope="module")
def expected() -> Expected:
    """What each door answered to somebody without access, once for the module."""
    return {}


@pytest.fixture
def without_grant() -> Visitor:
    with as_role("owner"):
        return Visitor(User.objects.create_user("tanpa-akses", full_name="Tanpa-Akses"))


@pytest.mark.parametrize("lapse", LAPSES)
@pytest.mark.long
def test_a_lapsed_grant_opens_nothing_that_it_opened(
    lapse, lapsed, without_grant, objects, expected
):
    """Each address is asked by one of the roles to which it was open, in turn, if to any."""
    visitors: dict[str, Visitor] = {}

    def turns() -> Iterator[tuple[Visitor, Address, str]]:
        for index, address in enumerate(ALL):
            for method in ("GET", "POST"):
                role = _in_turn(address, method, index)
                if not role:
                    continue
                if role not in visitors:
                    visitors[role] = lapsed(role, lapse)
                yield visitors[role], address, method

    measure = Visitor() if lapse == "disabled" else without_grant
    _compare(turns(), measure, objects, expected)


def _in_turn(address: Address, method: str, index: int) -> str:
    line = TABLE[address.name]
    who = line.ask if method == "GET" else line.send
    allowed = [role for role in OFFICERS if is_allowed(who, role) and is_allowed(line.sees, role)]
    return str(allowed[index % len(allowed)]) if allowed else ""


@pytest.mark.scale
@pytest.mark.parametrize("lapse", LAPSES)
@pytest.mark.parametrize("name", [str(role) for role in OFFICERS])
def test_no_lapsed_grant_opens_anything(name, lapse, lapsed, without_grant, objects, expected):
    visitor = lapsed(name, lapse)
    _compare(
        ((visitor, address, method) for address in ALL for method in ("GET", "POST")),
        Visitor() if lapse == "disabled" else without_grant,
        objects,
        expected,
    )


def _compare(
    turns: Iterable[tuple[Visitor, Address, str]],
    measure: Visitor,
    objects: Objects,
    expected: Expected,
) -> None:
    """The measure is asked again only where its answer is not the one that it gave before."""
    wrong = []
    like = "person" if measure.user else "token" if measure.headers else "anonymous"
    for visitor, address, method in turns:
        line = TABLE[address.name]
        path = path_of(address, line, objects[OWN].get(line.target))
        door = (like, method, path)
        got = visitor.ask(method, path)
        if got != expected.get(door):
            expected[door] = measure.ask(method, path)
        if got != expected[door]:
            wrong.append(f"{method} {address.name}: {_difference(got, expected[door])}")
    assert not wrong, "\n".join(wrong)


def _difference(got: Answer, expected: Answer) -> str:
    if got[:3] != expected[:3]:
        return f"{got[:3]}, expected {expected[:3]}"
    pairs = zip(got.body.split(b"\n"), expected.body.split(b"\n"), strict=False)
    return next((f"{one!r}, expected {two!r}" for one, two in pairs if one != two), "length")


# --- agencies --------------------------------------------------------------------------------


def _agency_expired(client: Client) -> None:
    Grant.objects.filter(agency=client.agency).update(
        active_until=timezone.now() - timedelta(seconds=1),
        active_from=timezone.now() - timedelta(days=2),
    )


def _agency_revoked(client: Client) -> None:
    grants.end_grant(grant=Grant.objects.get(agency=client.agency), by=None, now=timezone.now())


def _agency_disabled(client: Client) -> None:
    _switch_off(client.agency)


def _client_disabled(client: Client) -> None:
    _switch_off(client)


def _switch_off(row: Agency | Client) -> None:
    chief = persona("administrator", name="chief")
    agencies.switch(row=row, is_active=False, by=chief, now=timezone.now())


def _flag_alone(client: Client) -> None:
    """As by hand in the database: the token is still there."""
    Client.objects.filter(pk=client.pk).update(is_active=False)


def _token_expired(client: Client) -> None:
    AccessToken.objects.filter(application=client).update(
        expires=timezone.now() - timedelta(seconds=1)
    )


def _token_revoked(client: Client) -> None:
    AccessToken.objects.get(application=client).revoke()


AGENCY_LAPSES = {
    "grant expired": (_agency_expired, "agency without grant"),
    "grant revoked": (_agency_revoked, "agency without grant"),
    "agency disabled": (_agency_disabled, "anonymous"),
    "client disabled": (_client_disabled, "anonymous"),
    "client disabled by hand": (_flag_alone, "anonymous"),
    "token expired": (_token_expired, "anonymous"),
    "token revoked": (_token_revoked, "anonymous"),
}


@pytest.mark.parametrize("lapse", AGENCY_LAPSES)
def test_a_lapsed_agency_opens_nothing_of_the_api(lapse, objects, expected):
    _compare_agency(lapse, API, objects, expected)


@pytest.mark.scale
@pytest.mark.parametrize("lapse", AGENCY_LAPSES)
def test_a_lapsed_agency_opens_nothing_at_all(lapse, objects, expected):
    _compare_agency(lapse, ALL, objects, expected)


def _compare_agency(lapse: str, asked: list[Address], objects: Objects, expected: Expected) -> None:
    act, like = AGENCY_LAPSES[lapse]
    client = Client.objects.get(pk=objects[OWN]["client"])
    visitor = Visitor(token=token_of(client, CLIENT_SECRET))
    with as_role("owner"):
        act(client)
    measure = Visitor() if like == "anonymous" else _agency_without_grant()
    turns = ((visitor, address, method) for address in asked for method in ("GET", "POST"))
    _compare(turns, measure, objects, expected)


def _agency_without_grant() -> Visitor:
    with as_role("owner"):
        client, secret = agency_client(FOREIGN)
        Grant.objects.filter(agency=client.agency).delete()
    return Visitor(token=token_of(client, secret))


def test_a_lapsed_agency_is_given_no_token(objects):
    """Closed, it is refused; without a grant it may ask, and its token opens nothing."""
    client = Client.objects.get(pk=objects[OWN]["client"])
    assert token_of(client, CLIENT_SECRET)
    with as_role("owner"):
        _client_disabled(client)
    with pytest.raises(KeyError):
        token_of(client, CLIENT_SECRET)


def test_the_roles_of_the_table_are_all_here():
    assert len(OFFICERS) == len(Role) - 1 == 14
