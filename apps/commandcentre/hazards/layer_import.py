"""A file with the area of a hazard: polygons, a grid of intensities, or a rupture.

The file is read by a child process without network, with limits of memory and time. Its classes
become bands that do not overlap. Another file of the same event is its next version.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from apps.audit.subjects import By
from apps.commandcentre import intensity
from apps.commandcentre.hazards import bands, rupture, severity
from apps.commandcentre.hazards.intake import Message, request_assessment, take_message
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import Hazard
from apps.commandcentre.states import FootprintMethod, HazardKind, HazardStatus, Measure
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files.sandbox import Child, ChildDied
from apps.common.staging import Staging
from apps.common.tabular.drivers import GRID_ENVIRONMENT
from apps.common.tabular.limits import Limits
from apps.jobs.models import Job

SOURCE: Final = "file"
LIMITS: Final = Limits(
    file_bytes=200_000_000, unpacked_bytes=1_000_000_000, rows=None, clock_s=120, cpu_s=120
)
GRID_TARGET: Final = "apps.common.reader.grid:serve"
GRID_STARTS: Final = (b"\x1f\x8b", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
# What a grid's values are where nobody says it, by the kind of hazard; else an index.
OF_KIND: Final = {HazardKind.EARTHQUAKE: Meaning.MMI, HazardKind.FLOOD: Meaning.DEPTH_M}
# The lower bounds of the classes, and the greatest value that can be true.
CLASSES: Final[Mapping[Meaning, tuple[tuple[float, ...], float]]] = {
    Meaning.MMI: (tuple(band - intensity.HALF for band in intensity.BANDS), 12.0),
    Meaning.DEPTH_M: ((0.1, 0.7, 1.5), 100.0),
    Meaning.INDEX: ((0.001, 0.333, 0.666), 1.0),
}
COLUMNS: Final = {
    "row_number": "bigint",
    "severity": "text",
    "shape": "geometry(MultiPolygon, 4326)",
    "flag": "text",
}


@dataclass(frozen=True)
class Request:
    """What is known beside the file. `event` is the name of the event: the next file under the same
    name is its next version; empty: the file is an event of its own.
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
    """The hazard, its bands with their areas, and the job that assesses it (None: known before)."""

    hazard: Hazard
    is_new: bool
    is_changed: bool
    bands: list[dict[str, Any]]
    left_out: int
    job: Job | None


def import_file(path: Path, request: Request, *, by: By, now: datetime) -> Imported:
    """Store a hazard, or the next version of one, with the areas of a file.

    Raises: DomainError, FileRefused.
    """
    if request.occurred_at > now and request.status == HazardStatus.ACTUAL:
        raise DomainError("hazard_in_future", moment=request.occurred_at)
    with path.open("rb") as file:
        head = file.read(rupture.HEAD_BYTES)
        digest = hashlib.sha256(head + file.read()).hexdigest()
    if rupture.looks_like(head):
        return _import_rupture(path, request, digest, by=by, now=now)
    is_grid = head.startswith(GRID_STARTS) or head[:200].lstrip().lower().startswith(b"ncols")
    with transaction.atomic(), Staging(f"hazard_{digest[:16]}", ["shapes"]) as staging:
        sql.create(staging["shapes"], COLUMNS)
        if is_grid or path.suffix.lower() in (".asc", ".tif", ".tiff"):
            meaning, method = _stage_grid(path, request, staging), FootprintMethod.GRID
        else:
            meaning, method = _stage_layer(path, request, staging), FootprintMethod.PUBLISHED
        return _store(request, digest, staging, meaning, method, by=by, now=now)


def _stage_layer(path: Path, request: Request, staging: Staging) -> Meaning:
    """Copy the polygons of a layer; returns what its column of severity means.

    Raises: DomainError, FileRefused.
    """
    scratch = Path(settings.MEDIA_ROOT) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hazard-", dir=scratch) as folder:
        kind = tabular.sniff(
            path, request.file_name, formats=tabular.BOUNDARY_FORMATS, limits=LIMITS
        )
        layers = tabular.peek_layers(path, kind, limits=LIMITS, scratch=Path(folder))
        layer = _layer_of(layers, request)
        column = severity.recognise(layer.fields, request.field)
        if request.field and column is None:
            known = ", ".join(layer.fields)[:300]
            raise DomainError("hazard_no_field", name=request.field[:60], names=known)
        fields = [column[0]] if column is not None else []
        names = ["row_number", *(["severity"] if fields else []), "shape", "flag"]
        stream = tabular.stream_features(
            path, kind, layer.name, fields, limits=LIMITS, scratch=Path(folder)
        )
        sql.copy_in(staging["shapes"], names, stream)
    if column is None:
        return Meaning.CLASS
    return request.meaning or column[1]


def _layer_of(layers: list[tabular.Layer], request: Request) -> tabular.Layer:
    """The named layer, else the first with polygons, else the first. Raises: DomainError."""
    if request.layer:
        for layer in layers:
            if layer.name == request.layer:
                return layer
        names = ", ".join(layer.name for layer in layers)[:200]
        raise DomainError("layer_unknown", name=request.layer[:80], names=names)
    areas = [layer for layer in layers if "Polygon" in str(layer.geometry_type)]
    return (areas or layers)[0]


def _stage_grid(path: Path, request: Request, staging: Staging) -> Meaning:
    """Copy the classes of a grid as polygons. Raises: DomainError."""
    meaning = request.meaning or OF_KIND.get(request.kind, Meaning.INDEX)
    bounds, greatest = CLASSES[meaning]
    task = {"path": str(path.resolve()), "bounds": list(bounds), "greatest": greatest}
    summary: dict[str, Any] = {}

    def blocks(child: Child) -> Any:
        for letter, payload in child.frames():
            if letter == "r":
                refusal = json.loads(payload)
                params = {"filename": request.file_name} | refusal["params"]
                raise DomainError(refusal["code"], **params)
            if letter == "d":
                yield payload
            elif letter == "s":
                summary.update(json.loads(payload))

    with Child(
        GRID_TARGET,
        task,
        limits=LIMITS.child(),
        readable=[path.resolve()],
        environment=GRID_ENVIRONMENT,
    ) as child:
        try:
            sql.copy_in(staging["shapes"], list(COLUMNS), blocks(child))
        except ChildDied as death:
            raise DomainError("grid_unreadable", filename=request.file_name) from death
    if not summary.get("shapes"):
        found = round(float(summary.get("greatest", 0)), 2)
        raise DomainError("hazard_below_bands", filename=request.file_name, found=found)
    return meaning


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
    counted = staging.run("commandcentre/hazards/list_severities")
    left_out = sum(count for is_used, _value, count in counted if not is_used)
    found = _bands_of_values([value for is_used, value, _count in counted if is_used], meaning)
    if not found:
        raise DomainError("hazard_no_areas", filename=request.file_name, left_out=left_out)
    taken = take_message(_message(request, digest), by=by, now=now)
    if not taken.is_new and not taken.is_changed:
        return Imported(taken.hazard, False, False, [], left_out, None)
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
        request_assessment(taken.hazard, by=by),
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
        received={"file": request.file_name, "sha256": digest, "layer": request.layer},
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
    message = _message(
        request,
        digest,
        magnitude=found.magnitude,
        depth_km=found.depth_km,
        latitude=found.latitude,
        longitude=found.longitude,
    )
    with transaction.atomic():
        taken = take_message(message, by=by, now=now)
        if not taken.is_new and not taken.is_changed:
            return Imported(taken.hazard, False, False, [], 0, None)
        stored = bands.store_bands_of_rupture(taken.hazard, found.wkt, found.top_km)
        job = request_assessment(taken.hazard, by=by)
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
        "bands": imported.bands,
        "left_out": imported.left_out,
        "occurred_at": hazard.occurred_at.isoformat(),
    }
