"""Roads, railways and rivers from a local extract: imported by command, drawn as public tiles.

Read are the line layers of a GeoPackage or shapefile whose lines say what they are: OpenStreetMap
extracts (`fclass`, `highway`, `waterway`) and BIG's RBI layers (JALAN_LN, SUNGAI_LN … with REMARK).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.db import transaction

from apps.common import sql, tabular
from apps.common.errors import DomainError
from apps.common.staging import Staging
from apps.common.tabular import Layer
from apps.maps import packed
from apps.maps.grid import Tile
from apps.maps.models import BaseLayer, BaseLine

KEEP_S: Final = 7 * 24 * 3600
CLASS_FIELDS: Final = ("fclass", "highway", "waterway", "railway", "remark", "kelas", "jenis")
NAME_FIELDS: Final = ("name", "nama", "namobj", "nmjalan", "nmsungai")
# What a line says of itself → kind and rank; the first match counts, lines without one are left
# out. Lower case; the name of the layer comes before the line's own class, as in "sungai_ln: ".
_ROAD, _RAIL, _RIVER = BaseLine.Kind.ROAD, BaseLine.Kind.RAIL, BaseLine.Kind.RIVER
CLASSES: Final[Sequence[tuple[str, str, int]]] = (
    (r"rail|kereta|rel_", _RAIL, 1),
    (r"motorway|trunk|tol\M|arteri|nasional", _ROAD, 0),
    (r"primary|kolektor|provinsi", _ROAD, 1),
    (r"secondary|lokal|kabupaten", _ROAD, 2),
    (r": *(river|sungai)\M", _RIVER, 1),
    (r"waterway|river|sungai|kanal|canal|stream|irigasi", _RIVER, 2),
    (
        r"tertiary|residential|unclassified|living|service|jalan|road|highway|track|path|foot",
        _ROAD,
        3,
    ),
)
# The zoom from which on the lines of each rank are drawn.
ZOOMS: Final = (7, 9, 11, 13)
_LINES: Final = re.compile(r"line", re.IGNORECASE)


@dataclass(frozen=True)
class Imported:
    """What an import did: lines that are drawn, and those without a known class or a line."""

    layer: BaseLayer
    read: int
    stored: int


def import_layer(path: Path, *, file_name: str, attribution: str, now: datetime) -> Imported:
    """Store the lines of a file; they replace those of the import before.

    Raises: DomainError where no layer of the file has lines with a class.
    """
    kind = tabular.sniff(
        path, file_name, formats=tabular.BOUNDARY_FORMATS, limits=tabular.BOUNDARY_FILE
    )
    layers = tabular.peek_layers(path, kind)
    chosen = [layer for layer in layers if _LINES.search(str(layer.geometry_type))]
    if not chosen:
        names = ", ".join(layer.name for layer in layers)[:300]
        raise DomainError("no_lines", names=names)
    with Staging("base_layer", ("rows",)) as tables:
        tables.run("maps/stage_lines")
        read = sum(_copy(path, kind, layer, tables) for layer in chosen)
        with transaction.atomic():
            made = BaseLayer.objects.create(
                file_name=file_name[:200], attribution=attribution[:200], imported_at=now
            )
            stored = _store(made, tables)
            if not stored:
                raise DomainError("no_known_lines", fields=", ".join(CLASS_FIELDS))
            BaseLayer.objects.exclude(pk=made.pk).delete()
            made.lines, made.is_ready = stored, True
            made.save(update_fields=["lines", "is_ready"])
    return Imported(made, read, stored)


def current() -> BaseLayer | None:
    """The base layer that is drawn. Queries: one."""
    return BaseLayer.objects.filter(is_ready=True).order_by("-pk").first()


def tile(number: int, at: Tile) -> bytes | None:
    """The compressed tile; None if this import was replaced."""
    key = f"tile:base:{number}:{at}"

    def draw() -> bytes:
        if not BaseLayer.objects.filter(pk=number, is_ready=True).exists():
            raise _Gone
        rank = max((rank for rank, zoom in enumerate(ZOOMS) if zoom <= at.z), default=-1)
        return bytes(sql.scalar("maps/draw_base", {**at.box, "layer": number, "rank": rank}) or b"")

    try:
        return packed.kept(key, draw, seconds=KEEP_S)
    except _Gone:
        return None


class _Gone(Exception):
    """The lines of this import were replaced."""


def _copy(path: Path, kind: tabular.FileKind, layer: Layer, tables: Staging) -> int:
    """Copy one layer's lines into the staging table; returns how many."""
    by_lower = {field.lower(): field for field in reversed(layer.fields)}
    found = [by_lower[name] for name in (*CLASS_FIELDS, *NAME_FIELDS) if name in by_lower]
    classes = [field for field in found if field.lower() in CLASS_FIELDS][:1]
    names = [field for field in found if field.lower() in NAME_FIELDS][:1]
    columns = ["row_number", *(["class"] if classes else []), *(["name"] if names else [])]
    stream = tabular.stream_lines(path, kind, layer.name, [*classes, *names])
    for block in stream:
        sql.copy_in(tables["rows"], [*columns, "shape", "flag"], [block])
    tables.run("maps/name_lines", {"layer": f"{layer.name.lower()}: "})
    return stream.last_row


def _store(layer: BaseLayer, tables: Staging) -> int:
    patterns, kinds, ranks = zip(*CLASSES, strict=True)
    values = {
        "layer": layer.pk,
        "patterns": list(patterns),
        "kinds": [str(kind) for kind in kinds],
        "ranks": list(ranks),
    }
    stored: int = tables.scalar("maps/store_lines", values)
    return stored
