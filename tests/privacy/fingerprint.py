"""What the database holds, as one value; and an answer without what differs each time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db import connection

from tests.conftest import as_role

# Looking leaves entries and is counted, signing in leaves sessions: no effects of an id.
TRACES = {"audit_entry", "audit_seal", "django_session", "oauth2_provider_accesstoken"} | {
    "usersessions_usersession",
    "accounts_readcount",
}
# Reference data that a migration wrote and nobody may write (portal.privileges).
FIXED = {"proposals_calendar"}
ONCE = (
    re.compile(r'name="csrfmiddlewaretoken"\s+value="\w+"'),
    re.compile(r'"X-CSRFToken":\s*"\w+"'),
    re.compile(r'nonce="[^"]+"'),
    re.compile(r'\bdata-[\w-]*id="[^"]*"'),
)


def state() -> dict[str, tuple[int, str]]:
    """Rows and checksum of every table but the traces."""
    found = {}
    with as_role("owner"), connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - TRACES - FIXED):
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                f' FROM "{table}" AS t'
            )
            found[table] = cursor.fetchone()
    return found


def number_from(first: int) -> None:
    """The next row of every table gets this id; undone with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            cursor.execute(f'ALTER SEQUENCE "{name}" RESTART WITH {first}')


def changed(before: dict[str, tuple[int, str]]) -> set[str]:
    """The tables that are no longer what they were."""
    now = state()
    return {table for table in now if now[table] != before[table]}


def answer(response: Any, keys: Iterable[object]) -> tuple[int, str, str]:
    """Status, address and body, in which the asked keys are all the same word."""
    body = response.content.decode("utf-8", "replace")
    for pattern in ONCE:
        body = pattern.sub("", body)
    location = response.headers.get("Location", "")
    for key in keys:
        # the key, not the same digits inside a longer number
        whole = re.compile(rf"(?<![\d.]){re.escape(str(key))}(?![\d]|\.\d)")
        body, location = whole.sub("KEY", body), whole.sub("KEY", location)
    return response.status_code, location, body
