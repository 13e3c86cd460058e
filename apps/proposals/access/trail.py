"""Audit entries for viewing proposals and rows and for revealing a NIK, written before display."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import scope_of
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.about import EVERYWHERE
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.proposals import maps
from apps.proposals.models import Batch, Finding, Fix, HeldRow, Proposal
from apps.proposals.selection import Selection
from apps.registry.reading import RevealReason

# Up to this many points on a map, the trail stores the key of each.
MOST_KEYS: Final = 500
# What was read on a day is remembered until its end.
KEEP_READ_S: Final = 24 * 3600


def count_read(by: User, keys: Iterable[int | str]) -> None:
    """Add the proposals (keys), and other things (`photo:7`), that a user reads for the first time
    today to what is limited. Who opens a
    row of a list, and then its family, reads nobody new. Each read is recorded all the same.

    Which ones were read is in the cache; without it, or of two requests at once, rows count again.
    Raises: read_limits.ReadingStopped.
    """
    key = f"read-proposals:{by.pk}:{timezone.localdate()}"
    known: frozenset[int | str] = cache.get(key, frozenset())
    new = set(keys) - known
    read_limits.count(by, read_limits.Kind.LIST, len(new))
    if new:
        cache.set(key, known | new, KEEP_READ_S)


def note_opened(proposal: Proposal, beside: Sequence[Proposal] = (), *, by: User) -> None:
    """Count and record that a user views a proposal, and the names beside it: of its family, of
    other rows of the same person, of other families at its point.

    Raises: read_limits.ReadingStopped.
    """
    count_read(by, [proposal.pk, *(one.pk for one in beside)])
    also: dict[str, Any] = {"proposals": sorted({one.pk for one in beside})} if beside else {}
    record.entry(Action.READ, about=proposal, **also)


def note_listed(by: User, selection: Selection, rows: Sequence[Proposal]) -> None:
    """Record that a user views a page of the list: names and masked numbers of these rows.

    Raises: read_limits.ReadingStopped, as every listing of rows.
    """
    if rows:
        count_read(by, [row.pk for row in rows])
        record.entry(
            Action.READ,
            about=selection,
            selection=selection.params(),
            proposals=[row.pk for row in rows],
        )


def note_rows(by: User, batch: Batch, rows: Sequence[Finding | HeldRow]) -> None:
    """Record that a user views these rows of an uploaded file."""
    note_numbers(by, batch, sorted({row.row_number for row in rows}))


def note_row(by: User, batch: Batch, row_number: int) -> None:
    """Record that a user views one row of an uploaded file."""
    note_numbers(by, batch, [row_number])


def note_fix(by: User, batch: Batch, fix: Fix) -> None:
    """Record that a user views the example rows of a change."""
    note_numbers(by, batch, [one["row_number"] for one in fix.result["examples"]])


def note_numbers(by: User, batch: Batch, row_numbers: Sequence[int]) -> None:
    """Record that a user views the rows with these numbers."""
    if row_numbers:
        read_limits.count(by, read_limits.Kind.LIST, len(row_numbers))
        record.entry(Action.READ, about=batch, rows=list(row_numbers))


def note_batch_mapped(batch: Batch, picture: Mapping[str, Any], box: maps.Box | None) -> None:
    """Record that the user views points of an uploaded file on a map."""
    if count := _drawn(picture):
        record.entry(
            Action.READ,
            about=batch,
            points=count,
            # the map of a very large file names proposals, not rows
            **_shown(picture, box, "rows" if batch.rows_read <= maps.MOST_POINTS else "proposals"),
        )


def note_tile(
    by: User, selection: Selection, proposals: Sequence[int], count: int, box: maps.Box
) -> None:
    """Record that the user views `count` points on a map tile; above MOST_KEYS, only its area."""
    if not count:
        return
    is_few = len(proposals) == count <= MOST_KEYS
    shown: dict[str, Any] = (
        {"proposals": list(proposals)}
        if is_few
        else {"box": [box.west, box.south, box.east, box.north]}
    )
    record.entry(
        Action.READ,
        about=selection,
        selection=selection.params(),
        points=count,
        scope=list(scope_of(by, Permission.VIEW_PROPOSAL).prefixes),
        **shown,
    )


def _drawn(picture: Mapping[str, Any]) -> int:
    return int(picture.get("total") or len(picture.get("points", ())))


def _shown(picture: Mapping[str, Any], box: maps.Box | None, keys: str) -> dict[str, Any]:
    """The keys of the points, or their box. Cells with counts show no person and are left out."""
    points = picture.get("points", ())
    if not points:
        return {}
    if len(points) <= MOST_KEYS:
        return {keys: [point[3] for point in points]}
    return {"box": [box.west, box.south, box.east, box.north] if box else list(EVERYWHERE)}


def reveal(*, proposal: Proposal, by: User, reason: str) -> str:
    """The unmasked NIK of a proposal. The reason is recorded; frequent use needs a second factor.

    Raises: `reason_missing`, `not_yours`, step_up.ConfirmationNeeded, read_limits.ReadingStopped.
    """
    if reason not in RevealReason.values:
        raise DomainError("reason_missing")
    if not scope_of(by, Permission.REVEAL_NIK).contains(proposal.village_id):
        raise DomainError("not_yours", region=proposal.village_id)
    step_up.require_confirmation_after_many(by, Action.REVEAL, step_up.MANY_REVEALS)
    read_limits.count(by, read_limits.Kind.REVEAL)
    record.entry(Action.REVEAL, about=proposal, reason=reason, field="nik")
    return proposal.nik
