"""Checks a ZIP before it is unpacked, and unpacks it with a limit on the bytes."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from apps.common.reader.refusal import Refusal

MAX_MEMBERS = 2_000
MAX_RATIO = 200
RATIO_FREE_BYTES = 1 << 20  # a small archive may have any compression ratio
DIRECTORY_BYTES = 1 << 20
TAIL_BYTES = 65_557  # the end record with its longest comment
PIECE_BYTES = 1 << 20
ENCRYPTED = 0x1
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
NESTED = (".zip", ".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".tar", ".kmz", ".jar")


@dataclass(frozen=True)
class DataSet:
    """One data set inside a ZIP: its format, its members and the names they are unpacked under."""

    format: str
    members: tuple[tuple[str, str], ...]


def inspect(path: Path, *, unpacked_bytes: int) -> list[zipfile.ZipInfo]:
    """The members of a harmless archive. Raises: Refusal for bombs, false sizes and
    locked members.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except (*BROKEN, ValueError) as error:
        raise Refusal("zip_broken") from error
    total = sum(member.file_size for member in members)
    if len(members) > MAX_MEMBERS:
        raise Refusal("zip_too_many_members", members=len(members), limit=MAX_MEMBERS)
    if total > unpacked_bytes or total > max(RATIO_FREE_BYTES, path.stat().st_size * MAX_RATIO):
        raise Refusal("zip_too_large", unpacked_mb=total // 10**6, limit_mb=unpacked_bytes // 10**6)
    for member in members:
        _check_member(member)
    return members


def data_set(members: list[zipfile.ZipInfo]) -> DataSet:
    """The one spatial data set of the archive. Raises: Refusal for none or several."""
    names = [m.filename for m in members if not m.is_dir() and not _is_clutter(m.filename)]
    found = [*_geodatabases(names), *_shapefiles(names), *_single_files(names)]
    if not found:
        raise Refusal("zip_without_data", found=", ".join(sorted(names)[:3])[:120])
    if len(found) > 1:
        raise Refusal("zip_several_data", count=len(found))
    return found[0]


def unpack(path: Path, wanted: DataSet, *, unpacked_bytes: int) -> Iterator[tuple[str, bytes]]:
    """(name to write under, piece) of each member. Counts the bytes that are really unpacked."""
    total = 0
    with zipfile.ZipFile(path) as archive:
        for member, name in wanted.members:
            yield name, b""
            try:
                with archive.open(member) as source:
                    while piece := source.read(PIECE_BYTES):
                        total += len(piece)
                        if total > unpacked_bytes:
                            raise Refusal("zip_too_large", **_sizes(total, unpacked_bytes))
                        yield name, piece
            except BROKEN as error:
                raise Refusal("zip_broken") from error


def _sizes(total: int, limit: int) -> dict[str, Any]:
    return {"unpacked_mb": total // 10**6, "limit_mb": limit // 10**6}


def _check_directory(path: Path) -> None:
    """Check the directory's size before zipfile loads all of it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise Refusal("zip_broken")
    entries, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    if entries > MAX_MEMBERS or directory_bytes > DIRECTORY_BYTES or entries == 0:
        code = "zip_without_data" if entries == 0 else "zip_too_many_members"
        raise Refusal(code, members=entries, limit=MAX_MEMBERS, found="")


def _check_member(member: zipfile.ZipInfo) -> None:
    name = member.filename.replace("\\", "/")
    if member.flag_bits & ENCRYPTED:
        raise Refusal("password_protected")
    if name.startswith("/") or ".." in PurePosixPath(name).parts or ":" in name[:3]:
        raise Refusal("zip_unsafe_path", name=name[:80])
    if name.lower().endswith(NESTED):
        raise Refusal("zip_nested", name=name[:80])


def _is_clutter(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in PurePosixPath(name).parts)


def _geodatabases(names: list[str]) -> list[DataSet]:
    folders: dict[str, list[str]] = {}
    for name in names:
        path = PurePosixPath(name)
        if path.parent.name.lower().endswith(".gdb"):
            folders.setdefault(str(path.parent), []).append(name)
    return [
        DataSet("filegdb", tuple((m, f"data.gdb/{PurePosixPath(m).name}") for m in inside))
        for inside in folders.values()
        if any(name.lower().endswith(".gdbtable") for name in inside)
    ]


def _shapefiles(names: list[str]) -> list[DataSet]:
    by_lower = {name.lower(): name for name in names}
    found = []
    for lower in sorted(by_lower):
        if not lower.endswith(".shp"):
            continue
        stem = lower[: -len("shp")]
        if missing := [e for e in ("shx", "dbf") if stem + e not in by_lower]:
            raise Refusal("shapefile_incomplete", missing=", ".join("." + e for e in missing))
        parts = [e for e in ("shp", "shx", "dbf", "prj", "cpg") if stem + e in by_lower]
        name = _layer_name(by_lower[lower])
        found.append(
            DataSet("shapefile", tuple((by_lower[stem + e], f"{name}.{e}") for e in parts))
        )
    return found


def _layer_name(member: str) -> str:
    """A shapefile's name is its layer's name: kept as far as it is harmless."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", PurePosixPath(member).stem)[:60].strip("_-") or "data"


def _single_files(names: list[str]) -> list[DataSet]:
    endings = {".gpkg": ("gpkg", "data.gpkg"), ".geojson": ("geojson", "data.geojson")}
    endings[".json"] = endings[".geojson"]
    return [
        DataSet(endings[ending][0], ((name, endings[ending][1]),))
        for name in names
        if (ending := PurePosixPath(name.lower()).suffix) in endings
    ]
