"""Detects which format of the positive list a file has, by its content. The name does not count."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from apps.common.reader import archive, geojson, geopackage, workbook
from apps.common.reader.refusal import Refusal

HEAD_BYTES = 1 << 16
CONTROLS, CONTROL_SHARE = 8, 0.005  # a text file has next to none
_CONTROLS = bytes({*range(32), 0x7F} - {9, 10, 13, 0x1A})
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE = {"EncryptedPackage": "password_protected", "Workbook": "xls", "Book": "xls"}
_OFFICE = (("xl/workbook.bin", "XLSB"), ("word/", "DOCX"), ("ppt/", "PPTX"))
_SIGNATURES = (
    (b"%PDF", "PDF"), (b"\x89PNG", "PNG"), (b"\xff\xd8\xff", "JPEG"), (b"GIF8", "GIF"),
    (b"II*\x00", "TIFF"), (b"MM\x00*", "TIFF"), (b"RIFF", "WEBP"), (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"), (b"7z\xbc\xaf", "7Z"), (b"\x7fELF", "ELF"), (b"MZ", "EXE"),
    (b"{\\rtf", "RTF"), (b"BZh", "BZIP2"), (b"\xfd7zXZ", "XZ"),
)  # fmt: skip
_PARQUET = b"PAR1"
_SHAPEFILE = b"\x00\x00\x27\x0a"
_SQLITE = b"SQLite format 3\x00"
_MARKUP = ((b"<html", "HTML"), (b"<!doctype html", "HTML"), (b"<kml", "KML"), (b"<svg", "SVG"))


@dataclass(frozen=True)
class FoundKind:
    """A format, and the data set to unpack first if the file is a ZIP around it.

    `rows` is the approximate number of rows of a workbook's members.
    """

    format: str
    data_set: archive.DataSet | None = None
    rows: dict[str, int] = field(default_factory=dict)


def kind_of(path: Path, *, unpacked_bytes: int, file_bytes: int) -> FoundKind:
    """Detects the format and runs its guards. Raises: Refusal for everything else."""
    if path.is_dir():
        return _folder(path)
    size = path.stat().st_size
    if size == 0:
        raise Refusal("empty_file")
    if size > file_bytes:
        raise Refusal("too_large", size_mb=_mb(size), limit_mb=_mb(file_bytes))
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zip(path, unpacked_bytes)
    return FoundKind(_plain(path, head))


def told_early(head: bytes) -> str:
    """The kind of a file whose first bytes prove that it holds no rows; else "".

    Compares bytes and parses nothing, so that it needs no child.
    """
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return name
    lower = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:2048].lower()
    return "HTML" if lower.startswith((b"<!doctype html", b"<html")) else ""


def guard(path: Path, kind: str) -> None:
    """Run the guards again, for a file that was unpacked from a ZIP. Raises: Refusal."""
    if kind == "gpkg":
        geopackage.inspect(path)
    elif kind == "geojson":
        geojson.inspect(path)


def _plain(path: Path, head: bytes) -> str:
    if head.startswith(_SQLITE):
        guard(path, "gpkg")
        return "gpkg"
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(_SHAPEFILE):
        return _bare_shapefile(path)
    if head.startswith(_OLE2):
        _refuse_ole2(path)
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            raise Refusal("wrong_type", found=name)
    return _text(path, head)


def _text(path: Path, head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        lower = start[:2048].lower()
        names = [name for mark, name in _MARKUP if mark in lower]
        raise Refusal("wrong_type", found=names[0] if names else "XML")
    if start.startswith((b"{", b"[")):
        if not geojson.looks_like(head):
            raise Refusal("wrong_type", found="JSON")
        guard(path, "geojson")
        return "geojson"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "csv"
    controls = len(head) - len(head.translate(None, _CONTROLS))
    if controls > CONTROLS + CONTROL_SHARE * len(head):
        is_wide = head[:200].count(b"\x00") * 3 > len(head[:200])
        raise Refusal("encoding_unreadable") if is_wide else Refusal("wrong_type", found="?")
    if not start:
        raise Refusal("empty_file")
    return "csv"


def _zip(path: Path, unpacked_bytes: int) -> FoundKind:
    members = archive.inspect(path, unpacked_bytes=unpacked_bytes)
    names = {member.filename for member in members}
    for start, name in _OFFICE:
        if any(member.startswith(start) for member in names):
            raise Refusal("wrong_type", found=name)
    if "mimetype" in names and "content.xml" in names:
        raise Refusal("wrong_type", found="ODS")
    if "[Content_Types].xml" in names:
        return FoundKind("xlsx", rows=workbook.scan(path, members))
    wanted = archive.data_set(members)
    return FoundKind(wanted.format, wanted)


def _bare_shapefile(path: Path) -> str:
    present = {p.suffix.lower() for p in path.parent.glob(path.stem + ".*")}
    if missing := [ending for ending in (".shx", ".dbf") if ending not in present]:
        raise Refusal("shapefile_incomplete", missing=", ".join(missing))
    return "shapefile"


def _folder(path: Path) -> FoundKind:
    if path.suffix.lower() != ".gdb" or not any(path.glob("*.gdbtable")):
        raise Refusal("wrong_type", found="folder")
    return FoundKind("filegdb")


def _refuse_ole2(path: Path) -> None:
    """Refuse old Excel files and encrypted new ones; the names of the streams distinguish them."""
    with path.open("rb") as file:
        content = file.read(50 << 20)
    for word, code in _WIDE.items():
        if word.encode("utf-16-le") in content:
            if code == "password_protected":
                raise Refusal(code)
            raise Refusal("wrong_type", found="XLS")
    raise Refusal("wrong_type", found="OLE2")


def _mb(size: int) -> int:
    return -(-size // 10**6)
