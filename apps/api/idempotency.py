"""Idempotency-Key: the same request sent again, or ten at once, has one effect and one answer.

A key belongs to a client and lives for a day. It is stored in the transaction that stores the row,
so that whichever of several equal requests comes first makes the batch, and the others wait for it.
A key that comes with another body is refused. What was refused before it was stored leaves no key.
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
    """The key was sent with another row before."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "idempotency_key_reused"
    default_detail = _(
        "This Idempotency-Key was sent with another row within the last 24 hours. Nothing was"
        " stored. Send each row with a key of its own."
    )


def key_of(request: Request) -> str:
    """The key of a request, "" where it has none. Raises: ParseError."""
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
    """The key's row: this request's own, or the one of an equal request before it.

    Locks: an equal request that has just begun is waited for until its row is stored.
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
    """The row as it is now; nobody else answers meanwhile. Locks: it."""
    return IdempotencyKey.objects.select_for_update().get(pk=claimed.pk)


def store(claimed: IdempotencyKey, *, code: int, body: dict[str, Any]) -> None:
    """What every later request with this key is answered."""
    IdempotencyKey.objects.filter(pk=claimed.pk).update(status=code, body=json.dumps(body))


def sweep(*, now: datetime) -> int:
    """Remove the keys that are older than a day; returns how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]


def _digest(values: Mapping[str, Any]) -> str:
    """Of what was sent, whatever the order of its fields."""
    return hashlib.sha256(json.dumps(dict(values), sort_keys=True).encode()).hexdigest()
