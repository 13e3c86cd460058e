"""A digest over rows as they are now, to detect that they are no longer those that were shown.

The database computes it for the page, and again, row by row, while the rows are decided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat


def of_rows() -> Any:
    """For `aggregate` over proposals; null without rows."""
    between = Value(":", TextField())
    by = Cast(Coalesce("step_by_id", 0), TextField())
    row = Concat(
        *(Cast("pk", TextField()), between, Cast("status", TextField()), between),
        *(by, between, Cast("verdict", TextField())),
        output_field=TextField(),
    )
    return MD5(StringAgg(row, delimiter=";", order_by="pk"))


def of_waiting() -> Any:
    """The same for rows that wait for a decree, including the answers of the civil register, the
    comparison with our register, and the reviewers' answers about it.
    """
    between = Value(":", TextField())
    parts: list[Any] = []
    for name in ("pk", "status", "step_by_id", "verdict", *_SAID):
        parts += [Coalesce(Cast(name, TextField()), Value("", TextField())), between]
    row = Concat(*parts, output_field=TextField())
    return MD5(StringAgg(row, delimiter=";", order_by="pk"))


_SAID = (
    "civil_match__status",
    "registered_match__likely",
    "registered_match__differs",
    "registered_match__move",
    "identity_note",
)


class Growing:
    """The same digest for rows that are added in chunks, in the order of their ids."""

    def __init__(self) -> None:
        self._digest = hashlib.md5(usedforsecurity=False)
        self._between = b""

    def add(self, rows: Iterable[tuple[int, str, int | None, str]]) -> None:
        """Rows as (id, status, who took the last step, verdict)."""
        text = ";".join(f"{pk}:{status}:{by or 0}:{verdict}" for pk, status, by, verdict in rows)
        if text:
            self._digest.update(self._between + text.encode())
            self._between = b";"

    def text(self) -> str:
        return self._digest.hexdigest() if self._between else ""
