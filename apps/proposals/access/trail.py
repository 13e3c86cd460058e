"""Opening one proposal and revealing its NIK: both go on record before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

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

# Of so many points on a map the trail keeps each.
MOST_KEYS: Final = 500


def note_opened(proposal: Proposal, family: Sequence[Proposal] = ()) -> None:
    """Somebody looks at one proposal, and at the names of its family."""
    also: dict[str, Any] = {"proposals": [one.pk for one in family]} if family else {}
    record.entry(Action.READ, about=proposal, **also)


def note_listed(by: User, selection: Selection, rows: Sequence[Proposal]) -> None:
    """Somebody looks at a page of the list: names and masked numbers of these rows.

    Raises: read_limits.ReadingStopped, as all that list rows.
    """
    if rows:
        read_limits.count(by, read_limits.Kind.LIST, len(rows))
        record.entry(
            Action.READ,
            about=selection,
            selection=selection.params(),
            proposals=[row.pk for row in rows],
        )


def note_rows(by: User, batch: Batch, rows: Sequence[Finding | HeldRow]) -> None:
    """Somebody looks at these rows of an uploaded file."""
    note_numbers(by, batch, sorted({row.row_number for row in rows}))


def note_row(by: User, batch: Batch, row_number: int) -> None:
    """Somebody looks at one row of an uploaded file."""
    note_numbers(by, batch, [row_number])


def note_fix(by: User, batch: Batch, fix: Fix) -> None:
    """Somebody looks at the examples of a change."""
    note_numbers(by, batch, [one["row_number"] for one in fix.result["examples"]])


def note_numbers(by: User, batch: Batch, row_numbers: Sequence[int]) -> None:
    """Somebody looks at the rows of these numbers."""
    if row_numbers:
        read_limits.count(by, read_limits.Kind.LIST, len(row_numbers))
        record.entry(Action.READ, about=batch, rows=list(row_numbers))


def note_batch_mapped(batch: Batch, picture: Mapping[str, Any], box: maps.Box | None) -> None:
    """Somebody looks at points of an uploaded file on a map."""
    if count := _drawn(picture):
        record.entry(
            Action.READ,
            about=batch,
            points=count,
            # the map of a very large file names proposals, not rows
            **_shown(picture, box, "rows" if batch.rows_read <= maps.MOST_POINTS else "proposals"),
        )


def note_mapped(
    by: User, selection: Selection, picture: Mapping[str, Any], box: maps.Box | None
) -> None:
    """Somebody looks at points on a map; of more than MOST_KEYS, the place alone is kept."""
    if count := _drawn(picture):
        record.entry(
            Action.READ,
            about=selection,
            selection=selection.params(),
            points=count,
            scope=list(scope_of(by, Permission.VIEW_PROPOSAL).prefixes),
            **_shown(picture, box, "proposals"),
        )


def _drawn(picture: Mapping[str, Any]) -> int:
    return int(picture.get("total") or len(picture.get("points", ())))


def _shown(picture: Mapping[str, Any], box: maps.Box | None, keys: str) -> dict[str, Any]:
    """The keys of the points, or the box that they lie in; cells with counts show nobody."""
    points = picture.get("points", ())
    if not points:
        return {}
    if len(points) <= MOST_KEYS:
        return {keys: [point[3] for point in points]}
    return {"box": [box.west, box.south, box.east, box.north] if box else list(EVERYWHERE)}


def reveal(*, proposal: Proposal, by: User, reason: str) -> str:
    """The whole NIK of a proposal, against a reason on record; after many, a second factor, too.

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
