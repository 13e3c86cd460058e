"""What the coverage rests on, so that it is computed again when any of it changes, and says so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.models import CoverageState, ZoneEdition
from apps.commandcentre.nearest import places
from apps.commandcentre.states import HazardKind
from apps.common import sql
from apps.regions.editions import shapes
from apps.regions.models import BoundaryEdition

# What each part is called where a page says that it changed.
PARTS: Final = {
    "day": _("the day"),
    "sources": _("stock or facilities"),
    "family_event": _("the register"),
    "zones": _("hazard-prone zones"),
    "boundaries": _("boundaries"),
    "shape_set": _("boundaries"),
    "penalty_km": _("the penalty for a sea crossing"),
}


@dataclass(frozen=True)
class Basis:
    """The state of everything that the coverage is computed from.

    `sources` is a digest of the facilities with usable stock and their places: a movement that
    empties or fills none changes nothing. `family_event` is the last event of the register's
    families, `zones` the current editions (number, kind, name), `boundaries` the edition that came
    into force last and when, `shape_set` the outlines from which islands are known.
    """

    day: str
    sources: str
    family_event: int
    zones: list[list[Any]]
    boundaries: list[str]
    shape_set: int
    penalty_km: float

    @classmethod
    def now(cls, at: datetime) -> Basis:
        """For workers. Queries: five. Read before computing: what is written meanwhile counts as
        changed.
        """
        zones = ZoneEdition.objects.filter(is_current=True).order_by("kind", "name", "pk")
        last = BoundaryEdition.objects.filter(activated_at__isnull=False).order_by("activated_at")
        edition, outlines = last.last(), shapes.current_set()
        return cls(
            day=f"{timezone.localdate(at)}",
            sources=_digest(),
            family_event=int(sql.scalar("commandcentre/coverage/read_last_family_event") or 0),
            zones=[[one.pk, one.kind, str(one)] for one in zones],
            boundaries=[edition.name, f"{edition.activated_at:%Y-%m-%dT%H:%M:%S.%f}"]
            if edition is not None
            else [],
            shape_set=outlines.pk if outlines is not None else 0,
            penalty_km=float(settings.SEA_CROSSING_PENALTY_KM),
        )

    @property
    def stored(self) -> dict[str, Any]:
        """As `CoverageState` keeps it."""
        return asdict(self)

    def changes_since(self, stored: Mapping[str, Any]) -> list[str]:
        """The names of the parts that differ from a stored basis, in the order of `PARTS`."""
        return [one.name for one in fields(self) if stored.get(one.name) != getattr(self, one.name)]


def _digest() -> str:
    """A digest of the facilities that have usable stock, with their places. Queries: one."""
    numbers, stores = places.sources()
    told = hashlib.sha256(repr(numbers).encode())
    for column in (stores.longitude, stores.latitude, stores.island, stores.regency):
        told.update(column.tobytes())
    return told.hexdigest()


@dataclass(frozen=True)
class Told:
    """A stored basis in words; empty where nothing is known of it."""

    boundaries: str
    zones: list[str]
    changed: list[str]


def describe_basis(state: CoverageState) -> Told:
    """What a coverage rests on, and what of it changed since."""
    boundaries, zones = state.basis.get("boundaries") or [""], state.basis.get("zones") or []
    kinds = dict(HazardKind.choices)
    changed = dict.fromkeys(str(PARTS[part]) for part in state.changed if part in PARTS)
    return Told(
        boundaries=boundaries[0],
        zones=[f"{kinds.get(kind, kind)}: {name}" for _number, kind, name in zones],
        changed=list(changed),
    )
