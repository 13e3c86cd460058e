"""Whether the boundaries that editions of pockets were made with are still those in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from apps.indicators.models import PocketEdition
from apps.indicators.pockets.activation import InForce
from apps.regions.models import BoundaryEdition


@dataclass(frozen=True)
class BoundaryNote:
    """An edition of pockets that is older than boundaries in force: its own, and the newer ones,
    with the day from which these are in force.
    """

    edition: PocketEdition
    own: str
    newer: str
    since: datetime


def boundary_notes(in_force: InForce) -> list[BoundaryNote]:
    """Which of the editions in force do not fit the boundaries that maps draw.

    An edition from a list of villages has no boundaries, and fits. Queries: one at most.
    """
    editions = [one for one in (in_force.published, in_force.computed) if one is not None]
    asked = [one for one in editions if one.boundaries]
    if not asked:
        return []
    known = BoundaryEdition.objects.filter(status=BoundaryEdition.Status.ACTIVE)
    rows = list(known.order_by("activated_at").values_list("name", "activated_at"))
    found = []
    for edition in asked:
        newer = [(name, at) for name, at in rows if at and at > edition.stored_at]
        if newer:
            names = ", ".join(name for name, _at in newer)
            found.append(BoundaryNote(edition, names_of(edition), names, newer[-1][1]))
    return found


def names_of(*editions: PocketEdition) -> str:
    """The boundary editions with which these were made, each once."""
    names: Sequence[str] = sorted({name for one in editions for name in one.boundaries})
    return ", ".join(names)
