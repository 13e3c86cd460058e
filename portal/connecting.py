"""Connection options for PostgreSQL: those of the address are kept, and TLS is required.

Imported by the settings; imports nothing of Django's models.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

# libpq's names for an encrypted connection; "prefer" and "allow" fall back to plain text.
ENCRYPTED: Final = {"require", "verify-ca", "verify-full"}


def options(
    database: Mapping[str, Any], defaults: str, *, name: str, is_plain_allowed: bool
) -> dict[str, Any]:
    """The options of an address like `…?sslmode=verify-full&sslrootcert=…`, beside our defaults.

    Raises: ImproperlyConfigured for a database on another machine without TLS.
    """
    given = dict(database.get("OPTIONS") or {})
    # the address comes last, so that it takes precedence
    given["options"] = f"{defaults} {given.get('options', '')}".strip()
    mode = str(given.get("sslmode") or os.environ.get("PGSSLMODE", ""))
    if not is_plain_allowed and mode not in ENCRYPTED and (host := _remote(database, given)):
        raise ImproperlyConfigured(
            f"{name} names a database on another machine ({host}) without TLS: rows and passwords"
            " would cross the network in plain text. Add ?sslmode=verify-full&sslrootcert=FILE to"
            " it, or set DATABASE_WITHOUT_TLS=true where the network itself is encrypted."
        )
    return given


def _remote(database: Mapping[str, Any], given: Mapping[str, Any]) -> str:
    """The first host that is not this machine, in libpq's order; "" if there is none."""
    told = (
        given.get("hostaddr"),
        database.get("HOST"),
        given.get("host"),
        given.get("service") or os.environ.get("PGSERVICE"),
        os.environ.get("PGHOSTADDR"),
        os.environ.get("PGHOST"),
    )
    named = next((str(one) for one in told if one), "")
    return next((host for host in named.split(",") if not is_local(host)), "")


def is_local(host: str) -> bool:
    """Whether a host is a unix socket or the loopback address."""
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
