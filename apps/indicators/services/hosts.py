"""Which hosts of services may be asked: wanted by a planner, allowed by an administrator.

The spelling of an address is checked when it is given, without a look-up of its name; where the
name leads is checked by each request (`common.outgoing`), whoever allowed the host.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from apps.accounts.models import Grant
from apps.accounts.roles import PERMISSIONS, Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor, subject_of
from apps.casework import notices
from apps.common.errors import DomainError
from apps.indicators.models import HostStatus, ServiceHost

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A name under a top-level domain: no number in any base, and nothing without a dot.
NAME: Final = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
# Names that are used inside networks.
INNER: Final = frozenset(
    ("local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "private")
) | {"arpa", "onion", "test", "invalid"}
STAND_IN: Final = "127.0.0.1"
# What an address is made of (RFC 3986); no space, control character or backslash.
ADDRESS: Final = re.compile(r"[A-Za-z0-9\-._~:/?\[\]!$&'()*+,;=%]{1,500}")
LONGEST_NAME: Final = 253


def host_of(url: str) -> str:
    """The host of an address of a service, with its port where that is not 443. Asks nobody.

    Raises: `service_address_form` for what is no HTTPS address of a named host.
    """
    refused = DomainError("service_address_form")
    if not ADDRESS.fullmatch(url):
        raise refused
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
    except ValueError:
        raise refused from None
    is_stand_in = settings.SERVICE_STAND_IN_ALLOWED and name == STAND_IN
    if parts.scheme != "https" and not (is_stand_in and parts.scheme == "http"):
        raise refused
    is_name = (
        len(name) <= LONGEST_NAME
        and NAME.fullmatch(name) is not None
        and name.rpartition(".")[2] not in INNER
    )
    if not (is_name or is_stand_in) or port == 0:
        raise refused
    return name if port in (None, 443) else f"{name}:{port}"


def ask_for_host(url: str, *, by: By, now: datetime) -> ServiceHost:
    """The host of an address; one that is not known waits for an administrator, and each gets a
    notice of it.

    Raises: `service_address_form`.
    """
    host, is_new = _known_or_new(url, by=by, now=now)
    if is_new:
        _notify(host, now)
    return host


def _known_or_new(url: str, *, by: By, now: datetime) -> tuple[ServiceHost, bool]:
    """Raises: `service_address_form`."""
    name, actor = host_of(url), describe_actor(by)
    host, is_new = ServiceHost.objects.get_or_create(
        name=name,
        defaults={
            "asked_by": actor.key or record.origin().actor,
            "asked_by_name": actor.name[:200],
            "asked_at": now,
        },
    )
    if is_new:
        record.entry(Action.CREATE, about=host, by=by, step="wanted")
    return host, is_new


def _notify(host: ServiceHost, now: datetime) -> None:
    """Tell those who may allow it, but for whoever wants it. Queries: two."""
    roles = [role for role, held in PERMISSIONS.items() if Permission.ALLOW_HOST in held]
    grants = Grant.objects.at(now).filter(role__in=roles, user__is_active=True)
    users = grants.values_list("user_id", flat=True)
    notices.write_notices(
        dict.fromkeys((pk for pk in users if pk and f"user:{pk}" != host.asked_by), 1),
        kind=notices.Kind.HOST_WAITS,
        subject=subject_of(host),
        url=f"/admin/indicators/servicehost/{host.pk}/change/",
        now=now,
        host=host.name,
    )


@transaction.atomic
def decide_host(host: ServiceHost, *, is_allowed: bool, by: By, now: datetime) -> ServiceHost:
    """Allow a host, or refuse it; then none of its services is asked any more.

    Raises: `service_host_own` for whoever wanted it. Locks: the host.
    """
    host = ServiceHost.objects.select_for_update().get(pk=host.pk)
    actor = describe_actor(by)
    if is_allowed and actor.key and actor.key == host.asked_by:
        raise DomainError("service_host_own", name=host.name)
    host.status = HostStatus.ALLOWED if is_allowed else HostStatus.REFUSED
    host.decided_by = actor.key or record.origin().actor
    host.decided_by_name, host.decided_at = actor.name[:200], now
    host.save()
    record.entry(Action.CHANGE, about=host, by=by, step="allowed" if is_allowed else "refused")
    return host


def allow_by_command(url: str, *, by: By, now: datetime) -> ServiceHost:
    """The host of a service that an administrator defines by a command: it is allowed with it.

    Raises: `service_address_form`.
    """
    host, _is_new = _known_or_new(url, by=by, now=now)
    if not host.is_allowed:
        host.status, host.decided_at = HostStatus.ALLOWED, now
        host.decided_by = host.asked_by
        host.save()
        record.entry(Action.CHANGE, about=host, by=by, step="allowed")
    return host
