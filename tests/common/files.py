"""Makers of ordinary and ugly files, and a decoder of COPY text that shares no code with ours."""

import io
import sqlite3
import struct
import warnings
import zipfile
import zlib

import numpy as np
import pyogrio.raw
import shapely
import xlsxwriter

UNESCAPED = {"N": "", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}


def decode_copy(data):
    """PostgreSQL's text format (NULL '' or \\N) → rows of str or None, read letter by letter."""
    rows, row, cell = [], [], ""
    letters = iter(data.decode())
    for letter in letters:
        if letter == "\\":
            cell += UNESCAPED[next(letters)]
        elif letter in "\t\n":
            row.append(cell or None)
            cell = ""
            if letter == "\n":
                rows.append(row)
                row = []
        else:
            cell += letter
    assert not row and not cell, "the last line has no end"
    return rows


def xlsx(path, rows, *, sheets=None):
    """A workbook; `sheets` maps names to rows, `rows` is one sheet."""
    with xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy"}) as book:
        for name, content in (sheets or {"Sheet1": rows}).items():
            page = book.add_worksheet(name)
            for number, row in enumerate(content):
                page.write_row(number, 0, row)
    return path


def sparse_xlsx(path, far_cell, *, attributes="", value="<v>1</v>"):
    """A tiny workbook with one cell far out."""
    xlsx(path, [["a", "b"], [1, 2]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    row = "".join(filter(str.isdigit, far_cell))
    cell = f'<c r="{far_cell}"{attributes}>{value}</c>' if value else f'<c r="{far_cell}" s="1"/>'
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(
        b"</sheetData>", f'<row r="{row}">{cell}</row></sheetData>'.encode()
    )
    return zipped(path, parts)


def one_long_tag(path, attributes=130_000):
    """A few kB that unpack to one tag of a megabyte, full of places far out."""
    xlsx(path, [["a", "b"], [1, 2]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    tag = b"<row " + b'x="AAA1"' * attributes + b"/>"
    parts[sheet] = parts[sheet].replace(b"</sheetData>", tag + b"</sheetData>")
    return zipped(path, parts)


def many_layers(path, layers):
    """A GeoPackage of empty layers: one that GDAL made, and copies of its entries."""
    spatial(path, [shapely.Point(1, 2)], {"n": ["a"]}, driver="GPKG")
    with sqlite3.connect(path) as database:
        name = database.execute("SELECT table_name FROM gpkg_contents").fetchone()[0]
        columns = "fid INTEGER PRIMARY KEY, geom POINT, n TEXT"
        for number in range(1, layers):
            copy = f"layer{number}"
            database.execute(f"CREATE TABLE {copy} ({columns})")
            for table in ("gpkg_contents", "gpkg_geometry_columns"):
                known = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                given = ", ".join(
                    f"'{copy}'" if column in ("table_name", "identifier") else column
                    for column in known
                )
                database.execute(
                    f"INSERT INTO {table} SELECT {given} FROM {table} WHERE table_name = ?", [name]
                )
    return path


def zipped(path, parts, *, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def spatial(path, shapes, fields, *, driver, crs="EPSG:4326", geometry_type="Point", **options):
    """A spatial file of any driver; `shapes` are shapely geometries or raw WKB."""
    wkb = [s if isinstance(s, bytes | None) else shapely.to_wkb(s) for s in shapes]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no CRS is what some tests are about
        pyogrio.raw.write(
            path,
            np.array(wkb, dtype=object),
            [np.array(values) for values in fields.values()],
            list(fields),
            driver=driver,
            geometry_type=geometry_type,
            crs=crs,
            **options,
        )
    return path


def zipped_folder(path, folder, *, prefix=""):
    return zipped(path, {prefix + p.name: p.read_bytes() for p in sorted(folder.iterdir())})


def ole2(path, stream):
    """As much of the old container as tells what is inside."""
    name = stream.encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + name + bytes(1000))
    return path


def encrypted_zip(path, name):
    """A ZIP whose one member says that it is locked."""
    buffer = io.BytesIO()
    zipped(buffer, {name: b"secret"}, compression=zipfile.ZIP_STORED)
    data = bytearray(buffer.getvalue())
    local, central = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    struct.pack_into("<H", data, local + 6, 1)
    struct.pack_into("<H", data, central + 8, 1)
    path.write_bytes(data)
    return path


def large_png(width, height):
    """A picture of few bytes and many pixels."""

    def chunk(name, data):
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    packed = zlib.compressobj(9)
    line = bytes(1 + width * 4)
    data = b"".join(packed.compress(line) for _ in range(height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
