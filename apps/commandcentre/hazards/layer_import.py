"""A file with the area of a hazard: polygons, a grid of intensities, or a rupture.

A layer or a grid is read by a child process without network, with limits of memory and time; a
rupture is JSON of some megabytes at most, and read here. The classes become bands that do not
overlap. Another file of the same event is its next version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from apps.audit.subjects import By
from apps.commandcentre.hazards import area_files, bands, handling, rupture, severity
from apps.commandcentre.hazards.area_files import AreaFile
from apps.commandcentre.hazards.intake import Message, enqueue_assessment, take_message
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import FootprintMethod, HazardKind, HazardStatus, Measure
from apps.common.errors import DomainError
from apps.common.staging import Staging
from apps.jobs.models import Job

SOURCE: Final = "file"
# What a grid's values are where nobody says it, by the kind of hazard; else an index.
OF_KIND: Final = {HazardKind.EARTHQUAKE: Meaning.MMI, HazardKind.FLOOD: Meaning.DEPTH_M}


@dataclass(frozen=True)
class Request:
    """What is known beside the file. `event` is the name of the event: the next file under the same
    name is its next version, unless it tells of an earlier time; empty: the file is an event of its
    own. `occurred_at` is the time of which the file tells.
    """

    file_name: str
    kind: HazardKind
    occurred_at: datetime
    title: str = ""
    event: str = ""
    status: HazardStatus = HazardStatus.ACTUAL
    layer: str = ""
    field: str = ""
    meaning: Meaning | None = None


@dataclass(frozen=True)
class Imported:
    """The hazard, its bands with their areas, and the job that assesses it (None: known before).
    `is_late`: the file tells of an earlier time than the present version, so that it changed
    nothing.
    """

    hazard: Hazard
    is_new: bool
    is_changed: bool
    bands: list[dict[str, Any]]
    left_out: int
    job: Job | None
    is_late: bool = False


def import_file(path: Path, request: Request, *, by: By, now: datetime) -> Imported:
    """Store a hazard, or the next version of one, with the areas of a file.

    Raises: DomainError (`hazard_other_status` among others), FileRefused.
    """
    _need_past(request, now)
    with path.open("rb") as opened:
        head = opened.read(rupture.HEAD_BYTES)
        digest = hashlib.sha256(head + opened.read()).hexdigest()
    if rupture.looks_like(head):
        return _import_rupture(path, request, digest, by=by, now=now)
    file = AreaFile(
        path,
        request.file_name,
        layer=request.layer,
        column=request.field,
        meaning=request.meaning,
        of_grid=OF_KIND.get(request.kind, Meaning.INDEX),
    )
    with transaction.atomic(), Staging(f"hazard_{digest[:16]}", ["shapes"]) as staging:
        meaning, method = area_files.stage_areas(file, staging)
        return _store(request, digest, staging, meaning, method, by=by, now=now)


def _need_past(request: Request, now: datetime) -> None:
    if request.occurred_at > now and request.status == HazardStatus.ACTUAL:
        raise DomainError("hazard_in_future", moment=request.occurred_at)


def _store(
    request: Request,
    digest: str,
    staging: Staging,
    meaning: Meaning,
    method: FootprintMethod,
    *,
    by: By,
    now: datetime,
) -> Imported:
    severities, left_out = area_files.list_severities(staging)
    if odd := severity.impossible(severities, meaning):
        raise DomainError("hazard_impossible", filename=request.file_name, found=odd)
    found = _bands_of_values(severities, meaning)
    if severities and not found:
        most = severity.greatest(severities, meaning)[:60]
        raise DomainError("hazard_below_bands", filename=request.file_name, found=most)
    if not found:
        raise DomainError("hazard_no_areas", filename=request.file_name, left_out=left_out)
    message = _message(request, digest, sent=request.occurred_at, is_state=True)
    handling.need_status(SOURCE, message.source_id, request.status)
    taken = take_message(message, by=by, now=now)
    if not taken.is_new and not taken.is_changed:
        return Imported(taken.hazard, False, False, [], left_out, None, taken.is_late)
    rows = staging.run(
        "commandcentre/hazards/store_areas",
        {
            "hazard": taken.hazard.pk,
            "revision": taken.hazard.revision,
            "measure": Measure(meaning.measure),
            "method": method,
            "values": list(found),
            "lowers": [float(band.lower) for band in found.values()],
            "uppers": [
                None if band.upper is None else float(band.upper) for band in found.values()
            ],
            "labels": [band.label for band in found.values()],
        },
    )
    return Imported(
        taken.hazard,
        taken.is_new,
        taken.is_changed,
        [_describe_band(row) for row in rows],
        left_out,
        enqueue_assessment(taken.hazard, by=by),
    )


def _bands_of_values(values: list[str], meaning: Meaning) -> dict[str, severity.SeverityBand]:
    """The band of each value; a value below the lowest band has none."""
    known = severity.bands_of(values, meaning)
    if meaning is Meaning.CLASS and "" in known:
        known[""] = severity.AREA  # the layer has no column of severity
    return {value: band for value, band in known.items() if band is not None}


def _message(request: Request, digest: str, **more: Any) -> Message:
    name = request.event or digest[:32]
    return Message(
        source=SOURCE,
        feed=SOURCE,
        source_id=name,
        kind=request.kind,
        status=request.status,
        title=request.title or request.event or request.file_name,
        occurred_at=request.occurred_at,
        received={
            "file": request.file_name,
            "sha256": digest,
            "layer": request.layer,
            "kind": str(request.kind),
        },
        area=digest,
        **more,
    )


def _import_rupture(
    path: Path, request: Request, digest: str, *, by: By, now: datetime
) -> Imported:
    """Store an earthquake whose rupture is known. Raises: DomainError."""
    try:
        found = rupture.read(path)
    except rupture.NoRupture as odd:
        raise DomainError(odd.code, filename=request.file_name, **odd.params) from odd
    title = f"Gempa M{found.magnitude:.1f}, {found.title or request.file_name}"
    request = replace(
        request,
        kind=HazardKind.EARTHQUAKE,
        title=request.title or title,
        event=request.event or found.number,
        occurred_at=found.occurred_at or request.occurred_at,
    )
    _need_past(request, now)
    message = _message(
        request,
        digest,
        magnitude=found.magnitude,
        depth_km=found.depth_km,
        latitude=found.latitude,
        longitude=found.longitude,
    )
    handling.need_status(SOURCE, message.source_id, request.status)
    with transaction.atomic():
        taken = take_message(message, by=by, now=now)
        if not taken.is_new and not taken.is_changed:
            return Imported(taken.hazard, False, False, [], 0, None, taken.is_late)
        stored = bands.store_bands_of_rupture(
            taken.hazard, found.wkt, found.top_km, found.bottom_km
        )
        job = enqueue_assessment(taken.hazard, by=by)
    told = [_describe_band(row) for row in stored]
    return Imported(taken.hazard, taken.is_new, taken.is_changed, told, 0, job)


def _describe_band(row: tuple[Any, ...]) -> dict[str, Any]:
    """A stored band as a command says it."""
    label, lower, upper, area_km2 = row
    return {"label": label, "lower": lower, "upper": upper, "area_km2": round(area_km2, 1)}


def in_brief(imported: Imported) -> dict[str, Any]:
    """What a command says of an import."""
    hazard = imported.hazard
    return {
        "hazard": hazard.pk,
        "kind": hazard.kind,
        "title": hazard.title,
        "revision": hazard.revision,
        "is_new": imported.is_new,
        "is_changed": imported.is_changed,
        "is_late": imported.is_late,
        "bands": imported.bands,
        "left_out": imported.left_out,
        "occurred_at": hazard.occurred_at.isoformat(),
    }
