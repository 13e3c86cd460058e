"""The people of the tests: one for each role, in the toy country.

`persona("verifier")` works in the own regency 97.01 (villages A–D); `region="97.02"` is the sibling
in the same province, `region="98.01"` belongs to the other province.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.accounts.models import Agency, Client, Grant, User
from apps.accounts.roles import NATIONAL_ROLES, Role
from apps.demo import country
from apps.regions.models import COUNTRY

OWN, SIBLING, FOREIGN = "97.01", "97.02", "98.01"
PASSWORD = "kata-sandi-uji-coba"  # noqa: S105 (made up, tests only)
CLIENT_SECRET = "rahasia-uji-coba-yang-panjang"  # noqa: S105 (made up, tests only)


def home_of(role: Role, regency: str = OWN) -> str:
    """The region in which a persona of this role works, inside a regency."""
    if role in NATIONAL_ROLES:
        return COUNTRY
    if role == Role.VILLAGE_OFFICER:
        return min(code for code in country.CODES.values() if code.startswith(regency))
    if role == Role.DISTRICT_MONITOR:
        return f"{regency}.01"
    return regency[:2] if role == Role.PROVINCE_MONITOR else regency


def persona(role: Role | str, regency: str = OWN, *, region: str = "", name: str = "") -> User:
    """A user with one grant; the same arguments give the same user. Made as the owner."""
    role = Role(role)
    region = region or home_of(role, regency)
    username = name or f"{role.value}-{region}"
    user = User.objects.filter(username=username).first()
    if user is None:
        user = User.objects.create_user(username, PASSWORD, full_name=username.title())
        grant(user, role, region)
    return user


def nik_of(user: User) -> str:
    """A made-up number that belongs to this account alone."""
    return f"970101{1 + user.pk // 1000 % 28:02}0166{9000 + user.pk % 1000}"


def grant(user: User, role: Role | str, region: str) -> Grant:
    now = timezone.now()
    if not user.nik:
        user.nik = nik_of(user)
        User.objects.filter(pk=user.pk).update(nik=user.nik)
    return Grant.objects.create(
        user=user,
        role=role,
        region_id=region,
        active_from=now - timedelta(days=1),
        active_until=now + timedelta(days=365),
        granted_by="tests",
        granted_at=now,
    )


def agency_client(region: str = OWN, scopes: tuple[str, ...] = ()) -> tuple[Client, str]:
    """An agency with one client, and the client's secret."""
    agency, _created = Agency.objects.get_or_create(
        code=f"agency-{region}".replace(".", "-").lower(), defaults={"name": f"Agency {region}"}
    )
    now = timezone.now()
    Grant.objects.get_or_create(
        agency=agency,
        role=Role.AGENCY,
        region_id=region,
        defaults={
            "active_from": now - timedelta(days=1),
            "active_until": now + timedelta(days=365),
            "granted_by": "tests",
            "granted_at": now,
        },
    )
    client = Client.objects.create(
        agency=agency,
        name=f"client {region}",
        client_type=Client.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Client.GRANT_CLIENT_CREDENTIALS,
        client_secret=CLIENT_SECRET,
        allowed_scopes=list(scopes or ("proposals:write", "proposals:read")),
    )
    return client, CLIENT_SECRET
