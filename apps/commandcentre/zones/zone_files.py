"""Files of hazard-prone zones: polygons, or a grid of an index, as InaRISK publishes them.

A file becomes an edition of its kind and name, which replaces the one before; each village then has
its class by it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Max

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.commandcentre.hazards import area_files
from apps.commandcentre.hazards.area_files import AreaFile
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import Zone, ZoneEdition
from apps.commandcentre.states import HazardKind, Measure
from apps.commandcentre.zones import classes
from apps.commandcentre.zones.classes import class_of
from apps.commandcentre.zones.village_zones import classify
from apps.common import locks
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.common.staging import Staging


@dataclass(frozen=True)
class ZoneFile:
    """A file of zones. `name` is that of the zones, such as "InaRISK banjir DKI Jakarta"; `layer`,
    `column` and `meaning` are what a person said about the file.
    """

    path: Path
    file_name: str
    kind: HazardKind
    name: str
    layer: str = ""
    column: str = ""
    meaning: Meaning | None = None


@dataclass(frozen=True)
class ImportedZones:
    """`area_km2` is by class. `is_new` is false where the file is the current edition already."""

    edition: ZoneEdition
    is_new: bool
    villages: int
    area_km2: dict[int, float]
    left_out: int


def import_zones(file: ZoneFile, *, by: By, now: datetime) -> ImportedZones:
    """Store the next edition of some zones. Raises: DomainError, FileRefused."""
    digest = hashlib.sha256(file.path.read_bytes()).hexdigest()
    areas = AreaFile(
        file.path,
        file.file_name,
        layer=file.layer,
        column=file.column,
        meaning=file.meaning,
        classes=classes.OF_GRID,
    )
    with transaction.atomic(), Staging(f"zones_{digest[:16]}", ["shapes"]) as staging:
        locks.hold(Lock.ZONES)
        current = ZoneEdition.objects.filter(kind=file.kind, name=file.name, is_current=True)
        known = current.filter(sha256=digest).first()
        if known is not None:
            return ImportedZones(known, False, known.villages.count(), {}, 0)
        meaning, _method = area_files.stage_areas(areas, staging)
        if meaning not in (*classes.BOUNDS, Meaning.PRONE):
            raise DomainError("area_meaning", filename=file.file_name)
        values, left_out = area_files.list_severities(staging)
        found = {value: one for value in values if (one := class_of(value, meaning))}
        if not found:
            raise DomainError("hazard_no_areas", filename=file.file_name, left_out=left_out)
        edition = _next_edition(file, digest, meaning, by=by, now=now)
        stored = staging.run(
            "commandcentre/zones/store_zones",
            {
                "edition": edition.pk,
                "values": list(found),
                "classes": [int(one) for one in found.values()],
            },
        )
        villages = classify(edition)
        record.entry(Action.CREATE, about=edition, by=by, kind=file.kind, villages=villages)
    area_km2 = {hazard_class: round(area, 1) for hazard_class, area in stored}
    return ImportedZones(edition, True, villages, area_km2, left_out)


def _next_edition(
    file: ZoneFile, digest: str, meaning: Meaning, *, by: By, now: datetime
) -> ZoneEdition:
    """A new current edition; the areas of the one before are removed, its classes stay."""
    former = ZoneEdition.objects.filter(kind=file.kind, name=file.name)
    last = former.aggregate(last=Max("number"))["last"] or 0
    Zone.objects.filter(edition__in=former).delete()
    former.update(is_current=False)
    return ZoneEdition.objects.create(
        kind=file.kind,
        name=file.name,
        number=last + 1,
        measure=Measure(meaning.measure),
        file_name=file.file_name[:200],
        sha256=digest,
        received_at=now,
        received_by=describe_actor(by).name[:200],
    )
