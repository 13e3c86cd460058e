"""A corpus of files made to break a reader, more than two hundred, all made from ordinary ones.

`CORPUS` maps names to makers; a maker writes one file into a folder and returns its path. What a
file may reach, were it read as its maker hopes, is at `Traps`: a web address and a file beside it.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import shapely

from tests.common import files

SECRET: Final = "Rahasia-yang-dibuat-buat"  # noqa: S105 (made up, what no reader may show)
ROWS: Final = [["nik", "nama", "desa"], *[["1234567890123456", "SITI", "AMPEL"]] * 20]
CSV: Final = "\r\n".join(",".join(row) for row in ROWS).encode() + b"\r\n"
POINT: Final = shapely.Point(110.37, -7.8)
SHEET: Final = "xl/worksheets/sheet1.xml"
SEED: Final = 40


@dataclass(frozen=True)
class Traps:
    """What no file may reach: an address that notes every caller, and a file with a secret."""

    url: str
    secret: Path


Maker = Callable[[Path, Traps], Path]


def _written(content: bytes | str, suffix: str) -> Maker:
    def make(folder: Path, _traps: Traps) -> Path:
        path = folder / f"berkas{suffix}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def _good(kind: str, folder: Path) -> bytes:
    """The bytes of an ordinary file of a kind."""
    path = folder / f"baik.{kind}"
    if kind == "xlsx":
        files.xlsx(path, ROWS)
    elif kind == "csv":
        path.write_bytes(CSV)
    elif kind == "geojson":
        path.write_text(json.dumps(_collection()))
    elif kind == "gpkg":
        files.spatial(path, [POINT] * 3, {"nama": ["A", "B", "C"]}, driver="GPKG")
    else:
        inner = folder / "shape"
        inner.mkdir(exist_ok=True)
        files.spatial(inner / "a.shp", [POINT] * 3, {"n": ["A", "B", "C"]}, driver="ESRI Shapefile")
        files.zipped_folder(path, inner)
    content = path.read_bytes()
    path.unlink()
    return content


def _collection(**members: object) -> dict[str, object]:
    feature = {
        "type": "Feature",
        "properties": {"nama": "SITI"},
        "geometry": {"type": "Point", "coordinates": [110.37, -7.8]},
    }
    return {"type": "FeatureCollection", "features": [feature] * 5, **members}


def _cut(kind: str, share: float) -> Maker:
    def make(folder: Path, _traps: Traps) -> Path:
        content = _good(kind, folder)
        path = folder / f"terpotong.{kind}"
        path.write_bytes(content[: max(1, int(len(content) * share))])
        return path

    return make


def _flipped(kind: str, seed: int) -> Maker:
    """Some bytes are others, the same ones each time."""

    def make(folder: Path, _traps: Traps) -> Path:
        dice, content = random.Random(seed), bytearray(_good(kind, folder))  # noqa: S311
        for _turn in range(1 + len(content) // 200):
            content[dice.randrange(len(content))] = dice.randrange(256)
        path = folder / f"rusak.{kind}"
        path.write_bytes(content)
        return path

    return make


def _named(kind: str, suffix: str) -> Maker:
    """A file of one kind under the name of another."""

    def make(folder: Path, _traps: Traps) -> Path:
        path = folder / f"samaran{suffix}"
        path.write_bytes(_good(kind, folder))
        return path

    return make


def _sheet(change: Callable[[bytes], bytes], **parts: bytes) -> Maker:
    """A workbook whose sheet was changed, with more members where they are given."""

    def make(folder: Path, _traps: Traps) -> Path:
        path = files.xlsx(folder / "buku.xlsx", ROWS)
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        members[SHEET] = change(members[SHEET])
        return files.zipped(path, members | {k.replace("__", "/"): v for k, v in parts.items()})

    return make


def _into_sheet(cells: bytes) -> Maker:
    return _sheet(lambda sheet: sheet.replace(b"</sheetData>", cells + b"</sheetData>"))


def _prefixed(head: bytes) -> Maker:
    return _sheet(lambda sheet: head + sheet[sheet.index(b"<worksheet") :])


def _zip(parts: dict[str, bytes], suffix: str = ".zip") -> Maker:
    return lambda folder, _traps: files.zipped(folder / f"arsip{suffix}", dict(parts))


def _lying(field: int, value: int) -> Maker:
    """A ZIP whose directory says another number at a field of the only member's entry."""

    def make(folder: Path, _traps: Traps) -> Path:
        path = files.zipped(folder / "bohong.zip", {"a.geojson": bytes(500_000)})
        data = bytearray(path.read_bytes())
        at = data.index(b"PK\x01\x02") + field
        data[at : at + 4] = value.to_bytes(4, "little")
        path.write_bytes(data)
        return path

    return make


def _geojson(**members: object) -> Maker:
    return _written(json.dumps(_collection(**members)), ".geojson")


def _geometry(kind: str, coordinates: object) -> Maker:
    feature = {
        "type": "Feature",
        "properties": {"nama": "SITI"},
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    return _geojson(features=[feature])


def _text_of_geojson(change: Callable[[str, Traps], str]) -> Maker:
    def make(folder: Path, traps: Traps) -> Path:
        path = folder / "titik.geojson"
        path.write_text(change(json.dumps(_collection()), traps))
        return path

    return make


def _disguised(text: str, suffix: str) -> Maker:
    """A description of data that lie elsewhere: `URL` and `SECRET` become what it is after."""

    def make(folder: Path, traps: Traps) -> Path:
        path = folder / f"sumber{suffix}"
        path.write_text(text.replace("URL", traps.url).replace("SECRET", str(traps.secret)))
        return path

    return make


def _geopackage(*statements: str) -> Maker:
    def make(folder: Path, traps: Traps) -> Path:
        path = files.spatial(folder / "a.gpkg", [POINT] * 3, {"nama": list("ABC")}, driver="GPKG")
        with sqlite3.connect(path) as database:
            if any("UPDATE a" in statement for statement in statements):
                _drop_triggers(database)
            for statement in statements:
                database.execute(statement.replace("SECRET", str(traps.secret)))
        return path

    return make


def _drop_triggers(database: sqlite3.Connection) -> None:
    """GDAL's own need functions of GDAL."""
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in found:
        database.execute(f'DROP TRIGGER "{name}"')


def _shape(**parts: bytes | None) -> Maker:
    """A zipped shapefile with some of its parts replaced, or left out (None)."""

    def make(folder: Path, _traps: Traps) -> Path:
        inner = folder / "shape"
        inner.mkdir()
        files.spatial(inner / "a.shp", [POINT] * 3, {"n": list("ABC")}, driver="ESRI Shapefile")
        for suffix, content in parts.items():
            if content is None:
                (inner / f"a.{suffix}").unlink(missing_ok=True)
            else:
                (inner / f"a.{suffix}").write_bytes(content)
        return files.zipped_folder(folder / "a.zip", inner)

    return make


def _gzip_bomb(folder: Path, _traps: Traps) -> Path:
    path = folder / "bom.csv"
    path.write_bytes(gzip.compress(bytes(100_000_000)))
    return path


def _nested_zip(depth: int) -> Maker:
    def make(folder: Path, _traps: Traps) -> Path:
        content = CSV
        for _level in range(depth):
            buffer = io.BytesIO()
            files.zipped(buffer, {"isi.zip": content})
            content = buffer.getvalue()
        path = folder / "bersarang.zip"
        path.write_bytes(content)
        return path

    return make


def _overlapping(folder: Path, _traps: Traps) -> Path:
    """Many entries of the directory that name the same compressed bytes."""
    path = files.zipped(folder / "tumpuk.zip", {"a.geojson": bytes(2_000_000)})
    data = path.read_bytes()
    at, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entry, many = data[at:end], 500
    tail = bytearray(data[end:])
    struct.pack_into("<HHLL", tail, 8, many, many, len(entry) * many, at)
    path.write_bytes(data[:at] + entry * many + bytes(tail))
    return path


def _bomb(megabytes: int, name: str) -> Maker:
    def make(folder: Path, _traps: Traps) -> Path:
        return files.zipped(folder / "bom.zip", {name: bytes(megabytes * 1_000_000)})

    return make


def _laughs(levels: int) -> bytes:
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(levels)
    )
    return f"<!DOCTYPE x [{entities}]>".encode()


def _corpus() -> Iterator[tuple[str, Maker]]:
    yield from _truncated()
    yield from _encodings()
    yield from _tables()
    yield from _workbooks()
    yield from _archives()
    yield from _disguises()
    yield from _geojsons()
    yield from _geometries()
    yield from _databases()
    yield from _shapefiles()
    yield from _polyglots()


def _truncated() -> Iterator[tuple[str, Maker]]:
    for kind in ("xlsx", "geojson", "gpkg", "zip"):
        for share in (0.001, 0.1, 0.3, 0.5, 0.8, 0.95, 0.999):
            yield f"{kind} cut at {share}", _cut(kind, share)
    for kind in ("csv", "xlsx", "geojson", "gpkg", "zip"):
        for seed in range(8):
            yield f"{kind} with other bytes, {seed}", _flipped(kind, SEED + seed)
    for kind in ("xlsx", "gpkg", "zip"):
        for suffix in (".csv", ".geojson", ".pdf"):
            yield f"{kind} named {suffix}", _named(kind, suffix)


def _encodings() -> Iterator[tuple[str, Maker]]:
    text = CSV.decode()
    for name in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-7", "cp037", "shift_jis"):
        yield (
            f"csv in {name}",
            _written(text.encode(name), ".csv"),
        )
    yield "csv of NULs", _written(bytes(100_000), ".csv")
    yield "csv with NULs inside", _written(CSV.replace(b"SITI", b"SI\0TI"), ".csv")
    yield "csv with halves of surrogates", _written(CSV.replace(b"SITI", b"\xed\xa0\x80"), ".csv")
    yield "csv with overlong letters", _written(CSV.replace(b"SITI", b"\xc0\xaf\xc1\x81"), ".csv")
    yield "csv with two byte order marks", _written(b"\xef\xbb\xbf\xff\xfe" + CSV, ".csv")
    yield "csv with broken UTF-8", _written(CSV.replace(b"SITI", b"\xe2\x28\xa1\xff\xfe"), ".csv")
    yield (
        "csv with direction marks",
        _written(CSV.replace(b"SITI", "\u202e\u2066X".encode()), ".csv"),
    )
    yield "noise", _written(random.Random(SEED).randbytes(200_000), ".csv")  # noqa: S311
    yield "an odd half of UTF-16", _written(b"\xff\xfen\x00i\x00k\x00,", ".csv")


def _tables() -> Iterator[tuple[str, Maker]]:
    head = b"nik,nama,desa\r\n"
    yield "csv, empty", _written(b"", ".csv")
    yield "csv, one byte", _written(b"n", ".csv")
    yield "csv, blanks", _written(b" \r\n" * 5_000, ".csv")
    yield "csv, headings alone", _written(head, ".csv")
    yield "csv, a quote never closed", _written(head + b'"' + b"x" * 3_000_000, ".csv")
    yield "csv, quotes in quotes", _written(head + b'"' * 1_000_001, ".csv")
    yield "csv, one line of 20 MB", _written(b"x" * 20_000_000, ".csv")
    yield "csv, one cell of 20 MB", _written(head + b"1," + b"x" * 20_000_000 + b",A\r\n", ".csv")
    yield "csv, 100,000 columns", _written(b"a," * 100_000 + b"\r\n" + b"1," * 100_000, ".csv")
    yield "csv, headings all alike", _written(b"nik,nik,nik\r\n1,2,3\r\n", ".csv")
    yield "csv, only separators", _written(b"," * 2_000_000, ".csv")
    yield "csv, only line ends", _written(b"\r" * 2_000_000, ".csv")
    yield "csv, all three line ends", _written(head + b"1,A,B\n2,A,B\r3,A,B\r\n", ".csv")
    yield "csv, rows longer than the head", _written(head + b"1,A,B,C,D,E\r\n" * 50, ".csv")
    yield "csv, 600,000 rows", _written(head + b"1,A,B\r\n" * 600_000, ".csv")
    for mark in ("=", "+", "-", "@", "\t=", "＝"):
        cell = f"{mark}cmd|'/c calc'!A1".encode()
        yield f"csv, formula {mark!r}", _written(head + b"1," + cell + b",A\r\n", ".csv")
    yield "csv, numbers beyond all", _written(head + b"1e99999,NaN," + b"9" * 9_000, ".csv")


def _workbooks() -> Iterator[tuple[str, Maker]]:
    for cell in ("XFD1048576", "A1048576", "XFD1", "ZZZ1", "A99999999", "AAAAAAAAAA1"):
        yield f"xlsx, a cell at {cell}", lambda f, _t, c=cell: files.sparse_xlsx(f / "a.xlsx", c)
    yield "xlsx, one long tag", lambda f, _t: files.one_long_tag(f / "a.xlsx")
    yield "xlsx, a laugh", _prefixed(_laughs(12))
    entity = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    yield "xlsx, an entity of a file", _prefixed(entity.encode())
    yield "xlsx, tags never closed", _into_sheet(b'<row r="30">' * 100_000)
    yield "xlsx, a million empty rows", _into_sheet(b"<row/>" * 1_000_000)
    yield (
        "xlsx, rows in no order",
        _into_sheet(
            b'<row r="9"><c r="A9"><v>1</v></c></row><row r="3"><c r="B3"><v>2</v></c></row>'
        ),
    )
    yield "xlsx, a cell twice", _into_sheet(b'<row r="2"><c r="A2"><v>1</v></c></row>' * 1_000)
    yield (
        "xlsx, a shared text that is not there",
        _into_sheet(b'<row r="40"><c r="A40" t="s"><v>99999999</v></c></row>'),
    )
    yield (
        "xlsx, a shared text below zero",
        _into_sheet(b'<row r="40"><c r="A40" t="s"><v>-1</v></c></row>'),
    )
    yield (
        "xlsx, an unknown type of cell",
        _into_sheet(b'<row r="40"><c r="A40" t="zz"><v>x</v></c></row>'),
    )
    yield (
        "xlsx, a day of the year 10^300",
        _into_sheet(b'<row r="40"><c r="A40" s="1"><v>1e300</v></c></row>'),
    )
    yield "xlsx, row 0", _into_sheet(b'<row r="0"><c r="A0"><v>1</v></c></row>')
    yield "xlsx, row below 0", _into_sheet(b'<row r="-5"><c r="A-5"><v>1</v></c></row>')
    yield "xlsx, a cell without place", _into_sheet(b'<row r="40"><c><v>1</v></c></row>')
    yield (
        "xlsx, a text of 5 MB",
        _into_sheet(
            b'<row r="40"><c r="A40" t="inlineStr"><is><t>'
            + b"x" * 5_000_000
            + b"</t></is></c></row>"
        ),
    )
    yield "xlsx, deep tags", _into_sheet(b"<a>" * 200_000)
    yield "xlsx, no sheet", _sheet(lambda _sheet: b"")
    yield "xlsx, a sheet of noise", _sheet(lambda _s: random.Random(SEED).randbytes(9_000))  # noqa: S311
    yield "xlsx, a sheet in UTF-16", _sheet(lambda sheet: sheet.decode().encode("utf-16"))
    yield (
        "xlsx, a merge over everything",
        _sheet(
            lambda sheet: sheet.replace(
                b"</sheetData>",
                b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>',
            )
        ),
    )
    yield (
        "xlsx, a dimension that lies",
        _sheet(
            lambda sheet: sheet.replace(
                b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'
            )
        ),
    )
    yield (
        "xlsx, a link outside",
        _sheet(lambda s: s, xl__externalLinks__externalLink1=b"<x/>"),
    )
    yield "xlsx, macros", _sheet(lambda s: s, xl__vbaProject=b"\xd0\xcf\x11\xe0" + bytes(500))
    yield "xls", lambda f, _t: files.ole2(f / "a.xls", "Workbook")
    yield "xlsx with a password", lambda f, _t: files.ole2(f / "a.xlsx", "EncryptedPackage")
    many = {f"xl/worksheets/sheet{n}.xml": b"<worksheet/>" for n in range(2, 2_100)}
    yield "xlsx, 2,100 sheets", _zip({"[Content_Types].xml": b"<a/>"} | many, ".xlsx")


def _archives() -> Iterator[tuple[str, Maker]]:
    for megabytes, name in ((200, "a.shp"), (600, "a.geojson"), (50, "a.gpkg")):
        yield f"zip, {megabytes} MB of zeros as {name}", _bomb(megabytes, name)
    yield "gzip, 100 MB of zeros", _gzip_bomb
    yield "zip of overlapping members", _overlapping
    for depth in (1, 2, 30):
        yield f"zip in zip, {depth} deep", _nested_zip(depth)
    for field, words in ((24, "size"), (20, "packed size"), (42, "place"), (16, "sum")):
        for value in (0, 1_000, 2**32 - 1):
            yield f"zip that lies, {words} {value}", _lying(field, value)
    names = ("../a.shp", "/etc/a.shp", "a/../../b.shp", "C:\\a.shp", "..\\a.shp", "a\n.shp")
    for name in (*names, "\u202egpj.shp", "con.shp", "x" * 300 + ".shp", ".shp", "~/.ssh/a.shp"):
        yield f"zip, member {name[:20]!r}", _zip({name: b"x"})
    yield "zip, 2,001 members", _zip({f"{n}.txt": b"" for n in range(2_001)})
    yield "zip, locked", lambda f, _t: files.encrypted_zip(f / "a.zip", "a.geojson")
    yield "zip, empty", _zip({})
    yield "zip, rows", _zip({"usulan.csv": CSV})
    yield "zip, two data sets", _zip({"a.geojson": b"{}", "b.geojson": b"{}"})
    yield "zip, letters", _zip({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<a/>"})
    yield (
        "zip, odd folder of a geodatabase",
        _zip({"a.gdb/gdb": b"x", "a.gdb/a00000001.gdbtable": b"x"}),
    )
    yield "zip with a comment of 65,535 bytes", _commented
    yield "zip with a link", _linked


def _commented(folder: Path, _traps: Traps) -> Path:
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("usulan.csv", CSV)
        archive.comment = b"PK\x05\x06" + b"x" * 65_531
    return path


def _linked(folder: Path, traps: Traps) -> Path:
    """A member that is a symbolic link to a file outside."""
    path = folder / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        member = zipfile.ZipInfo("a.geojson")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, str(traps.secret))
    return path


def _disguises() -> Iterator[tuple[str, Maker]]:
    layer = "<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>{}</SrcDataSource>"
    layer += "</OGRVRTLayer></OGRVRTDataSource>"
    sources = ("SECRET", "/vsicurl/URL", "/vsizip//vsicurl/URL", "WFS:URL", "/vsistdin/")
    for suffix in (".geojson", ".csv"):
        for source in sources:
            yield f"VRT of {source} named {suffix}", _disguised(layer.format(source), suffix)
    services = {
        "WFS": "<OGRWFSDataSource><URL>URL</URL></OGRWFSDataSource>",
        "WMS": "<GDAL_WMS><Service name='WMS'><ServerUrl>URL</ServerUrl></Service></GDAL_WMS>",
        "KML": "<kml><NetworkLink><Link><href>URL</href></Link></NetworkLink></kml>",
        "SVG": "<svg xmlns:x='a'><image href='URL'/></svg>",
        "GML": "<gml:FeatureCollection xmlns:gml='a'><x href='URL'/></gml:FeatureCollection>",
        "HTML": "<!DOCTYPE html><html><table><tr><td>nik</td></tr></table></html>",
        "XML with an entity": "<!DOCTYPE a [<!ENTITY e SYSTEM 'file://SECRET'>]><a>&e;</a>",
        "TopoJSON": '{"type": "Topology", "objects": {}, "arcs": []}',
        "ESRI JSON": '{"geometryType": "esriGeometryPoint", "features": []}',
        "service of features": '{"currentVersion": 10, "serviceDescription": "URL"}',
        "PostgreSQL": "PG:host=127.0.0.1 dbname=portal",
        "file list": "SECRET",
    }
    for name, text in services.items():
        yield f"{name} named .geojson", _disguised(text, ".geojson")


def _geojsons() -> Iterator[tuple[str, Maker]]:
    link = {"href": "URL", "type": "proj4"}
    for kind in ("link", "url"):
        crs = json.dumps({"type": kind, "properties": link | {"url": "URL"}})
        yield (
            f"geojson, crs of type {kind}",
            _text_of_geojson(
                lambda text, traps, crs=crs: (
                    text[:-1] + f', "crs": {crs.replace("URL", traps.url)}}}'
                )
            ),
        )
        yield (
            f"geojson, crs of type {kind} in escapes",
            _text_of_geojson(
                lambda text, traps, crs=crs: (
                    text[:-1] + f', "\\u0063rs": {crs.replace("URL", traps.url)}}}'
                )
            ),
        )
    for name in ("EPSG:999999", "URL", "urn:ogc:def:crs:EPSG::0", "+init=epsg:4326", "A" * 9_000):
        yield (
            f"geojson, crs {name[:12]}",
            _geojson(crs={"type": "name", "properties": {"name": name}}),
        )
    yield (
        "geojson, deep",
        _written('{"type":"FeatureCollection","features":[' + "[" * 500_000, ".geojson"),
    )
    yield "geojson, deep coordinates", _geometry("Point", json.loads("[" * 400 + "1" + "]" * 400))
    yield (
        "geojson, one name twice",
        _written('{"type":"FeatureCollection","type":"x","features":[]}', ".geojson"),
    )
    yield "geojson, no features", _geojson(features=[])
    yield "geojson, features that are none", _geojson(features=[None, 1, "a", [], {}])
    yield (
        "geojson, properties of 5 MB",
        _geojson(
            features=[{"type": "Feature", "properties": {"n": "x" * 5_000_000}, "geometry": None}]
        ),
    )
    columns = {f"k{n}": n for n in range(5_000)}
    yield (
        "geojson, 5,000 properties",
        _geojson(features=[{"type": "Feature", "properties": columns, "geometry": None}]),
    )
    yield (
        "geojson, a number of 100,000 digits",
        _text_of_geojson(lambda text, _t: text.replace("110.37", "1" * 100_000, 1)),
    )
    yield "geojson, NaN", _text_of_geojson(lambda text, _t: text.replace("110.37", "NaN"))
    yield (
        "geojson, broken escapes",
        _text_of_geojson(lambda text, _t: text.replace("SITI", "\\ud800")),
    )
    yield (
        "geojson, a NUL in a name",
        _text_of_geojson(lambda text, _t: text.replace("nama", "a\\u0000")),
    )


def _geometries() -> Iterator[tuple[str, Maker]]:
    shapes: dict[str, tuple[str, object]] = {
        "beyond the earth": ("Point", [1e300, -1e300]),
        "at infinity": ("Point", [1e400, 0]),
        "without numbers": ("Point", ["a", None]),
        "of one number": ("Point", [1]),
        "of a thousand numbers": ("Point", [1] * 1_000),
        "empty": ("Point", []),
        "a line of one point": ("LineString", [[1, 1]]),
        "a ring of two points": ("Polygon", [[[0, 0], [1, 1]]]),
        "a ring not closed": ("Polygon", [[[0, 0], [1, 0], [1, 1]]]),
        "a bow tie": ("Polygon", [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]),
        "no rings": ("Polygon", []),
        "10,000 holes": ("Polygon", [[[0, 0], [9, 0], [9, 9], [0, 0]]] * 10_000),
        "a kind that is none": ("Cube", [1, 2]),
        "a collection of itself": ("GeometryCollection", []),
        "200,000 vertices": ("LineString", [[n / 1e4, n / 1e5] for n in range(200_000)]),
    }
    for name, (kind, coordinates) in shapes.items():
        yield f"geometry, {name}", _geometry(kind, coordinates)


def _databases() -> Iterator[tuple[str, Maker]]:
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i fid FROM n"
    told = "INSERT INTO gpkg_contents (table_name, data_type) VALUES ('v', 'attributes')"
    yield "gpkg, an endless view", _geopackage(f"CREATE VIEW v AS {endless}", told)
    yield "gpkg, a view", _geopackage("CREATE VIEW v AS SELECT 1 AS fid")
    yield "gpkg, a trigger", _geopackage("CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END")
    yield (
        "gpkg, a column that is worked out",
        _geopackage(
            "CREATE TABLE b (fid INTEGER PRIMARY KEY, x AS (zeroblob(900000000)))",
            told.replace("'v'", "'b'"),
        ),
    )
    yield "gpkg, a virtual table", _geopackage("CREATE VIRTUAL TABLE x USING fts5(y)", told)
    yield "gpkg, no layers", _geopackage("DELETE FROM gpkg_contents")
    yield "gpkg, a layer that is not there", _geopackage(told)
    yield "gpkg, an unknown system", _geopackage("UPDATE gpkg_geometry_columns SET srs_id = 999999")
    yield (
        "gpkg, a system in no words",
        _geopackage(
            "UPDATE gpkg_spatial_ref_sys SET definition = 'PROJCS[[[[', organization = 'X'"
        ),
    )
    yield "gpkg, geometry of noise", _geopackage("UPDATE a SET geom = randomblob(500)")
    yield "gpkg, geometry of 50 MB", _geopackage("UPDATE a SET geom = zeroblob(20000000)")
    yield "gpkg, text where numbers are", _geopackage("UPDATE gpkg_contents SET min_x = 'a'")
    yield (
        "gpkg, layers of one name",
        _geopackage(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('gpkg_contents', 'features', 'x')"
        ),
    )
    for layers in (51, 1_900):
        yield f"gpkg, {layers} layers", partial(_layers, layers)
    yield "sqlite that is no gpkg", _sqlite
    yield (
        "sqlite of one page of noise",
        _written(
            b"SQLite format 3\x00" + random.Random(SEED).randbytes(8_000),
            ".gpkg",  # noqa: S311
        ),
    )


def _layers(layers: int, folder: Path, _traps: Traps) -> Path:
    return files.many_layers(folder / "a.gpkg", layers)


def _sqlite(folder: Path, _traps: Traps) -> Path:
    with sqlite3.connect(folder / "a.gpkg") as database:
        database.execute("CREATE TABLE a (b)")
    return folder / "a.gpkg"


def _shapefiles() -> Iterator[tuple[str, Maker]]:
    for part in ("shx", "dbf", "prj"):
        yield f"shapefile without .{part}", _shape(**{part: None})
        yield f"shapefile, .{part} of noise", _shape(**{part: random.Random(SEED).randbytes(3_000)})  # noqa: S311
    yield "shapefile, .shp of noise", _shape(shp=b"\x00\x00\x27\x0a" + bytes(200))
    yield (
        "shapefile, a system that leads away",
        _shape(prj=b'PROJCS["/vsicurl/http://127.0.0.1:9/"]'),
    )
    yield "shapefile, an odd character set", _shape(cpg=b"utf-7\0../../x")
    yield "shapefile, .shp alone", _written(b"\x00\x00\x27\x0a" + bytes(100), ".shp")
    header = bytearray(32) + b"\x0d"
    header[0], header[4:8] = 3, (2**31 - 1).to_bytes(4, "little")
    yield "shapefile, two billion rows", _shape(dbf=bytes(header))


def _polyglots() -> Iterator[tuple[str, Maker]]:
    heads = {
        "PDF": b"%PDF-1.7\n",
        "PNG": b"\x89PNG\r\n\x1a\n",
        "JPEG": b"\xff\xd8\xff\xe0",
        "GIF": b"GIF89a",
        "ELF": b"\x7fELF\x02\x01\x01",
        "EXE": b"MZ\x90\x00",
        "RAR": b"Rar!\x1a\x07",
        "7Z": b"7z\xbc\xaf\x27\x1c",
        "XZ": b"\xfd7zXZ\x00",
        "RTF": b"{\\rtf1",
        "script": b"#!/bin/sh\nrm -rf /\n",
        "pickle": b"\x80\x04\x95",
    }
    for name, head in heads.items():
        yield f"{name} and table in one", _written(head + CSV, ".csv")
    for name in ("PDF", "PNG", "HTML"):
        head = heads.get(name, b"<html>")
        yield f"{name} before a workbook", partial(_before_workbook, head)
    yield "parquet of noise", _written(b"PAR1" + bytes(500) + b"PAR1", ".parquet")


def _before_workbook(head: bytes, folder: Path, _traps: Traps) -> Path:
    path = folder / "a.xlsx"
    path.write_bytes(head + _good("xlsx", folder))
    return path


CORPUS: Final[dict[str, Maker]] = dict(_corpus())
