"""The parent's side of reading: starts the child, passes its blocks on, reports how it ended.

It never reads a file itself. A ZIP around a spatial file is unpacked into a folder of its own under
`scratch` (the caller's protected storage), which is removed when the reading ends.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from apps.common.files.limits import BOUNDARY_FILE, FULL, ROW_FILE, Limits
from apps.common.files.refused import FileRefused
from apps.common.files.sandbox import Child, ChildDied
from apps.common.files.stored_files import Stored
from apps.common.tabular.drivers import ENVIRONMENT

TARGET = "apps.common.reader.main:serve"
logger = logging.getLogger(__name__)
LATITUDE, LONGITUDE = "__latitude", "__longitude"  # pseudo-columns of spatial row files
SCRATCH_PREFIX = "unpacked-"
_STORED_NAME = re.compile(r"[0-9a-f]{32}")
_UNPACKED_NAME = re.compile(r"(data\.gdb/)?[A-Za-z0-9][A-Za-z0-9._-]{0,80}")


class Format(StrEnum):
    """The positive list."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    GPKG = "gpkg"
    SHAPEFILE = "shapefile"
    FILEGDB = "filegdb"
    PARQUET = "parquet"


# For offices and agencies; for other ministries; for boundaries.
ROW_FORMATS = frozenset(Format) - {Format.PARQUET}
TABLE_FORMATS = frozenset({Format.CSV, Format.XLSX, Format.PARQUET})
BOUNDARY_FORMATS = frozenset({Format.GEOJSON, Format.GPKG, Format.SHAPEFILE, Format.FILEGDB})
_WITH_NEIGHBOURS = {Format.SHAPEFILE, Format.FILEGDB}


@dataclass(frozen=True)
class FileKind:
    """What a file is, detected by its content."""

    format: Format
    is_zipped: bool = False


@dataclass(frozen=True)
class Peek:
    """The first look at a row file. `layers` are a workbook's sheets or a spatial file's layers.

    Row n of the file is on its line `header_line` + n.
    """

    header: list[str]
    samples: list[list[str]]
    layers: list[str]
    row_count: int | None
    layer: str | None
    header_line: int = 1


@dataclass(frozen=True)
class InspectedFile:
    """A file in the protected storage, and what its first rows show."""

    stored: Stored
    file_name: str
    kind: FileKind
    first: Peek


@dataclass(frozen=True)
class Layer:
    """A layer of a boundary file; `crs` is its authority code or WKT, None without one."""

    name: str
    geometry_type: str | None
    fields: tuple[str, ...]
    count: int
    crs: str | None


@dataclass
class Stream:
    """Blocks of COPY text, once. After each block `last_row` is the last row that was read.

    `summary` is filled at the end: rows, sent, removed_characters, cut_cells, long_rows; for
    features rows, missing, not_polygon, unreadable (those that occurred).
    """

    _blocks: Iterator[bytes]
    last_row: int = 0
    summary: dict[str, int] = field(default_factory=dict)

    def __iter__(self) -> Iterator[bytes]:
        with contextlib.closing(self._blocks):  # type: ignore[type-var]
            for block in self._blocks:
                start = block.rfind(b"\n", 0, -1) + 1
                self.last_row = int(block[start : block.index(b"\t", start)])
                yield block


def sniff(
    path: Path,
    filename: str = "",
    *,
    formats: frozenset[Format] = ROW_FORMATS,
    limits: Limits = ROW_FILE,
) -> FileKind:
    """What the file is. Raises: FileRefused, with `filename` among its parameters."""
    try:
        answer = json.loads(_answer("sniff", path, None, limits))
        kind = FileKind(Format(answer["format"]), answer["is_zipped"])
        if kind.format not in formats:
            raise FileRefused("wrong_type", found=kind.format.value.upper())
    except FileRefused as refused:
        refused.params.setdefault("filename", filename or path.name)
        raise
    return kind


def inspect_file(
    path: Path,
    filename: str = "",
    *,
    formats: frozenset[Format] = ROW_FORMATS,
    limits: Limits = ROW_FILE,
    scratch: Path | None = None,
) -> tuple[FileKind, Peek]:
    """`sniff` and `peek` of a row file, by one child if possible. Raises: FileRefused.

    All children of one look share its time limit.
    """
    started = time.monotonic()
    try:
        answer = json.loads(_answer("look", path, None, limits, layer=None))
        kind = FileKind(Format(answer["format"]), answer["is_zipped"])
        if kind.format not in formats:
            raise FileRefused("wrong_type", found=kind.format.value.upper())
    except FileRefused as refused:
        refused.params.setdefault("filename", filename or path.name)
        raise
    if "peek" not in answer:
        return kind, peek(path, kind, limits=limits.since(started), scratch=scratch)
    return kind, _peek_of(answer["peek"])


def peek(
    path: Path,
    kind: FileKind,
    *,
    layer: str | None = None,
    limits: Limits = ROW_FILE,
    scratch: Path | None = None,
) -> Peek:
    """Header and the first two hundred rows. Counts the rows; those of a large CSV by its lines."""
    started = time.monotonic()
    with _unpacked(path, kind, limits, scratch) as file:
        answer = json.loads(_answer("peek", file, kind, limits.since(started), layer=layer))
    return _peek_of(answer)


def _peek_of(answer: dict[str, Any]) -> Peek:
    return Peek(
        header=answer["header"],
        samples=answer["samples"],
        layers=answer["sheets"],
        row_count=answer["row_count"],
        layer=answer["sheet"],
        header_line=answer["header_line"],
    )


def stream(
    path: Path,
    kind: FileKind,
    columns: Sequence[int | None],
    *,
    layer: str | None = None,
    skip_rows: int = 0,
    limits: Limits = ROW_FILE,
    scratch: Path | None = None,
) -> Stream:
    """COPY text: row number, the requested columns (None: always empty), cells beyond the header.

    Row 1 is the first under the header. Rows without text count and are not emitted. Rows up to
    `skip_rows` are left out, so that an interrupted reading can continue.
    Cost: 100,000 rows of 25 columns (CSV, 21 MB) in 0.5 s on one core, including the start of the
    child.
    """
    request = {"columns": list(columns), "skip_rows": skip_rows, "layer": layer}
    return _stream("rows", path, kind, limits, scratch, request)


def peek_layers(
    path: Path, kind: FileKind, *, limits: Limits = BOUNDARY_FILE, scratch: Path | None = None
) -> list[Layer]:
    """The layers of a boundary file."""
    with _unpacked(path, kind, limits, scratch) as file:
        found = json.loads(_answer("layers", file, kind, limits))
    return [
        Layer(a["name"], a["geometry_type"], tuple(a["fields"]), a["count"], a["crs"])
        for a in found
    ]


def stream_features(
    path: Path,
    kind: FileKind,
    layer: str | None,
    fields: Sequence[str],
    *,
    skip_rows: int = 0,
    limits: Limits = BOUNDARY_FILE,
    scratch: Path | None = None,
) -> Stream:
    """Lines of COPY text: row number, fields, hex EWKB (MultiPolygon, 4326), flag.

    Flags: missing, not_polygon, unreadable. Rings are not repaired.
    """
    request = {"fields": list(fields), "skip_rows": skip_rows, "layer": layer, "wanted": "polygon"}
    return _stream("features", path, kind, limits, scratch, request)


def stream_lines(
    path: Path,
    kind: FileKind,
    layer: str | None,
    fields: Sequence[str],
    *,
    limits: Limits = BOUNDARY_FILE,
    scratch: Path | None = None,
) -> Stream:
    """Lines of COPY text: row number, fields, hex EWKB (MultiLineString, 4326), flag.

    Flags: missing, not_line, unreadable.
    """
    request = {"fields": list(fields), "skip_rows": 0, "layer": layer, "wanted": "line"}
    return _stream("features", path, kind, limits, scratch, request)


def _stream(
    operation: str,
    path: Path,
    kind: FileKind,
    limits: Limits,
    scratch: Path | None,
    request: Mapping[str, Any],
) -> Stream:
    def blocks() -> Iterator[bytes]:
        with _unpacked(path, kind, limits, scratch) as file:
            for letter, payload in _frames(operation, file, kind, limits, request):
                if letter == "d":
                    yield payload
                elif letter == "s":
                    result.summary = json.loads(payload)

    result = Stream(blocks(), last_row=int(request["skip_rows"]))
    return result


def _answer(
    operation: str, path: Path, kind: FileKind | None, limits: Limits, **request: Any
) -> bytes:
    answers = [p for letter, p in _frames(operation, path, kind, limits, request) if letter == "j"]
    if len(answers) != 1:
        raise FileRefused("reader_crash")
    return answers[0]


def _frames(
    operation: str, path: Path, kind: FileKind | None, limits: Limits, request: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """The child's frames; its refusals and its crash become FileRefused."""
    path = path.resolve()
    _must_be_there(path)
    task = {
        **request,
        "operation": operation,
        "path": str(path),
        "format": kind.format.value if kind else None,
        "limits": asdict(limits),
    }
    has_neighbours = kind is None or kind.format in _WITH_NEIGHBOURS
    readable = path.parent if has_neighbours and path.suffix.lower() == ".shp" else path
    with Child(
        TARGET, task, limits=limits.child(), readable=[readable], environment=ENVIRONMENT
    ) as child:
        try:
            for letter, payload in child.frames():
                if letter == "r":
                    _must_be_there(path)
                    refusal = json.loads(payload)
                    raise FileRefused(refusal["code"], **refusal["params"])
                yield letter, payload
        except ChildDied as death:
            _must_be_there(path)
            raise FileRefused(
                f"reader_{death.reason}",
                seconds=limits.cpu_s,  # a part of the time limit may be used already
                memory_mb=limits.memory_bytes >> 20,
            ) from death


def _must_be_there(path: Path) -> None:
    """A missing or unreadable file on the disk is not the file's fault. Raises: FileRefused."""
    try:
        if path.is_dir():
            os.scandir(path).close()
        else:
            with path.open("rb") as file:
                file.read(1)
    except OSError as fault:
        # by the name that the portal gave it; a user's file name may name a person
        name = path.name if _STORED_NAME.fullmatch(path.name) else "a file"
        logger.error("file_missing: %s (%s)", name, type(fault).__name__)
        raise FileRefused("file_missing") from fault


@contextlib.contextmanager
def _unpacked(path: Path, kind: FileKind, limits: Limits, scratch: Path | None) -> Iterator[Path]:
    if not kind.is_zipped:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX, dir=scratch) as folder:
        try:
            file = _unpack(path, kind, limits, Path(folder))
        except OSError as error:
            if error.errno not in FULL:
                raise
            free = shutil.disk_usage(folder).free
            raise FileRefused(
                "no_room",
                filename="",
                free_mb=round(free / 1e6),
                needed_mb=round(limits.unpacked_bytes / 1e6),
            ) from error
        yield file


def _unpack(path: Path, kind: FileKind, limits: Limits, folder: Path) -> Path:
    """Unpack a ZIP: the child unzips and may not write; this process writes and does not parse."""
    first: Path | None = None
    with contextlib.ExitStack() as stack:
        for letter, payload in _frames("unpack", path, kind, limits, {}):
            if letter == "f":
                stack.close()
                target = folder / _safe(payload.decode())
                target.parent.mkdir(exist_ok=True)
                file = stack.enter_context(target.open("xb"))
                first = first or target
            elif letter == "d":
                file.write(payload)
    if first is None:
        raise FileRefused("zip_without_data", found="")
    return first.parent if kind.format == Format.FILEGDB else first


def _safe(name: str) -> str:
    if not _UNPACKED_NAME.fullmatch(name):
        raise FileRefused("zip_unsafe_path", name=name[:80])
    return name
