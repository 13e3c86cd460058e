"""Idempotency-Key: a request sent again, or ten times at once, has one effect and one answer.

A key belongs to a client and is valid for a day. It is stored in the transaction that stores the
row: the first of several equal requests makes the batch, and the others wait for it. A key with
another body is refused. A request that was refused before it was stored leaves no key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

from apps.accounts.models import Client
from apps.api.models import IdempotencyKey

HEADER: Final = "Idempotency-Key"
LONGEST: Final = 255
KEPT: Final = timedelta(hours=24)


class KeyReused(APIException):
    """The key was already sent with another row."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_reused"
    default_detail = _(
        "This Idempotency-Key was sent with another row within the last 24 hours. Nothing was"
        " stored. Send each row with a key of its own."
    )


def key_of(request: Request) -> str:
    """The key of a request; "" without a key. Raises: ParseError."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        raise ParseError(
            _("An Idempotency-Key has 1 to %(most)d printable ASCII characters.")
            % {"most": LONGEST}
        )
    return key


def claim(*, client: Client, key: str, values: Mapping[str, Any], now: datetime) -> IdempotencyKey:
    """The row of the key: a new one, or that of an earlier equal request.

    Locks: waits for an equal request that has just begun, until its row is stored.
    Raises: KeyReused.
    """
    digest = _digest(values)
    claimed, is_new = IdempotencyKey.objects.get_or_create(
        client=client, key=key, defaults={"digest": digest, "created_at": now}
    )
    if not is_new and claimed.digest != digest:
        raise KeyReused
    return claimed


def locked(claimed: IdempotencyKey) -> IdempotencyKey:
    """The current row, locked so that only one request answers. Locks: the row."""
    return IdempotencyKey.objects.select_for_update().get(pk=claimed.pk)


def store(claimed: IdempotencyKey, *, code: int, body: dict[str, Any]) -> None:
    """Store the answer for all later requests with this key."""
    IdempotencyKey.objects.filter(pk=claimed.pk).update(status=code, body=json.dumps(body))


def sweep(*, now: datetime) -> int:
    """Delete the keys that are older than a day. Returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _digest(values: Mapping[str, Any]) -> str:
    """The sha256 of the values; the order of the fields does not matter."""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()
