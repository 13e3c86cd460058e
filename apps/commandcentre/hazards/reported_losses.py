"""The victims and damaged houses that BNPB's table gives for an event: what the source says of all
people, registered or not. Nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.hazards.event_files import SOURCE, said_on
from apps.commandcentre.models import Hazard, HazardRevision
from apps.imports import cells
from apps.imports.cells import Unreadable

SOURCE_NAME: Final = "BNPB, Data bencana"
# Columns of `event_files`, in the order of the table.
FIGURES: Final = {
    "dead": _("dead"),
    "missing": _("missing persons"),
    "injured": _("injured or ill"),
    "suffering": _("suffering"),
    "displaced": _("displaced"),
    "houses": _("damaged houses"),
}


@dataclass(frozen=True)
class Losses:
    """Words of each figure → the number. `as_of` is the day of which the table speaks, None where
    it gives none; `received_at` is when its file came.
    """

    figures: Mapping[str, int]
    as_of: date | None
    received_at: datetime
    source: str = SOURCE_NAME


def losses_of(hazard: Hazard) -> Losses | None:
    """The figures of the present version; None where the source gives none. Queries: one, none for
    hazards of other sources.
    """
    if hazard.source != SOURCE:
        return None
    version = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision).first()
    if version is None:
        return None
    figures = {}
    for name, words in FIGURES.items():
        count = _count(version.received.get(name))
        if count is not None:
            figures[str(words)] = count
    if not figures:
        return None
    said = said_on({"updated": "", "status_day": "", **version.received})
    return Losses(
        figures, timezone.localdate(said) if said is not None else None, version.received_at
    )


def _count(text: Any) -> int | None:
    """A whole number of zero or more; None for an empty cell and what is none."""
    try:
        number = cells.decimal(str(text or ""))
    except Unreadable:
        return None
    return int(number) if number >= 0 and number == int(number) else None
