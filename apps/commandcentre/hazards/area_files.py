"""The areas in a file: polygons with a column of severity, or a grid, staged for a statement.

The file is read by a child process without network, with limits of memory and time.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from apps.commandcentre import intensity
from apps.commandcentre.hazards import severity
from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.states import FootprintMethod
from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.files.limits import Limits
from apps.common.files.sandbox import Child, ChildDied
from apps.common.staging import Staging
from apps.common.tabular.drivers import GRID_ENVIRONMENT

LIMITS: Final = Limits(
    file_bytes=200_000_000, unpacked_bytes=1_000_000_000, rows=None, clock_s=120, cpu_s=120
)
GRID_TARGET: Final = "apps.common.reader.grid:serve"
GRID_STARTS: Final = (b"\x1f\x8b", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
GRID_ENDINGS: Final = (".asc", ".tif", ".tiff")
HEAD_BYTES: Final = 200
COLUMNS: Final = {
    "row_number": "bigint",
    "severity": "text",
    "shape": "geometry(MultiPolygon, 4326)",
    "flag": "text",
}
# By meaning: the lower bounds of a grid's classes, and the greatest value that can be true.
Classes = Mapping[Meaning, tuple[tuple[float, ...], float]]
CLASSES: Final[Classes] = {
    Meaning.MMI: (tuple(band - intensity.HALF for band in intensity.BANDS), 12.0),
    Meaning.DEPTH_M: ((0.1, 0.7, 1.5), 100.0),
    Meaning.INDEX: ((0.001, 0.333, 0.666), 1.0),
}


@dataclass(frozen=True)
class AreaFile:
    """A file with areas. `name` is the sender's name of it; `layer`, `column` and `meaning` are
    what a person said about it. `of_grid` is what a grid's values are where nobody says it.
    """

    path: Path
    name: str
    layer: str = ""
    column: str = ""
    meaning: Meaning | None = None
    of_grid: Meaning = Meaning.INDEX
    classes: Classes = field(default_factory=lambda: CLASSES)

    @property
    def is_grid(self) -> bool:
        with self.path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        is_text_grid = head.lstrip().lower().startswith(b"ncols")
        return (
            head.startswith(GRID_STARTS) or is_text_grid or self.name.lower().endswith(GRID_ENDINGS)
        )


def stage_areas(file: AreaFile, staging: Staging) -> tuple[Meaning, FootprintMethod]:
    """Fill the part `shapes` with the areas; returns what their severities mean, and their method.

    Raises: DomainError, FileRefused.
    """
    sql.create(staging["shapes"], COLUMNS)
    if file.is_grid:
        return _stage_grid(file, staging), FootprintMethod.GRID
    return _stage_layer(file, staging), FootprintMethod.PUBLISHED


def _stage_layer(file: AreaFile, staging: Staging) -> Meaning:
    """Copy the polygons of a layer; returns what its column of severity means.

    Raises: DomainError, FileRefused.
    """
    scratch = Path(settings.MEDIA_ROOT) / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="hazard-", dir=scratch) as folder:
        kind = tabular.sniff(file.path, file.name, formats=tabular.BOUNDARY_FORMATS, limits=LIMITS)
        layers = tabular.peek_layers(file.path, kind, limits=LIMITS, scratch=Path(folder))
        layer = _layer_of(layers, file)
        column = severity.recognise(layer.fields, file.column)
        if file.column and column is None:
            known = ", ".join(layer.fields)[:300]
            raise DomainError("hazard_no_field", name=file.column[:60], names=known)
        fields = [column[0]] if column is not None else []
        names = ["row_number", *(["severity"] if fields else []), "shape", "flag"]
        stream = tabular.stream_features(
            file.path, kind, layer.name, fields, limits=LIMITS, scratch=Path(folder)
        )
        sql.copy_in(staging["shapes"], names, stream)
    if column is None:
        return Meaning.CLASS
    return file.meaning or column[1]


def _layer_of(layers: list[tabular.Layer], file: AreaFile) -> tabular.Layer:
    """The named layer, else the first with polygons, else the first. Raises: DomainError."""
    if file.layer:
        for layer in layers:
            if layer.name == file.layer:
                return layer
        names = ", ".join(layer.name for layer in layers)[:200]
        raise DomainError("layer_unknown", name=file.layer[:80], names=names)
    areas = [layer for layer in layers if "Polygon" in str(layer.geometry_type)]
    return (areas or layers)[0]


def _stage_grid(file: AreaFile, staging: Staging) -> Meaning:
    """Copy the classes of a grid as polygons. Raises: DomainError."""
    meaning = file.meaning or file.of_grid
    if meaning not in file.classes:
        raise DomainError("area_meaning", filename=file.name)
    bounds, greatest = file.classes[meaning]
    task = {"path": str(file.path.resolve()), "bounds": list(bounds), "greatest": greatest}
    summary: dict[str, Any] = {}

    def blocks(child: Child) -> Any:
        for letter, payload in child.frames():
            if letter == "r":
                refusal = json.loads(payload)
                params = {"filename": file.name} | refusal["params"]
                raise DomainError(refusal["code"], **params)
            if letter == "d":
                yield payload
            elif letter == "s":
                summary.update(json.loads(payload))

    with Child(
        GRID_TARGET,
        task,
        limits=LIMITS.child(),
        readable=[file.path.resolve()],
        environment=GRID_ENVIRONMENT,
    ) as child:
        try:
            sql.copy_in(staging["shapes"], list(COLUMNS), blocks(child))
        except ChildDied as death:
            raise DomainError("grid_unreadable", filename=file.name) from death
    if not summary.get("shapes"):
        found = round(float(summary.get("greatest", 0)), 2)
        raise DomainError("hazard_below_bands", filename=file.name, found=found)
    return meaning


def list_severities(staging: Staging) -> tuple[list[str], int]:
    """The different severities of the staged polygons ("": none given), and how many polygons
    cannot be used.
    """
    counted = staging.run("commandcentre/hazards/list_severities")
    left_out = sum(count for is_used, _value, count in counted if not is_used)
    return [value for is_used, value, _count in counted if is_used], left_out
