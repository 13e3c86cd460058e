"""Photos as telephones make them, and files that only look like photos. All are made here."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from datetime import datetime
from functools import cache
from typing import Any

import pillow_heif
from PIL import Image, ImageDraw

KINDS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF"}
CAMERA = "KAMERA RAHASIA"

pillow_heif.register_heif_opener()


@cache
def _house(size: tuple[int, int], shade: int) -> Image.Image:
    picture = Image.new("RGB", size, (120, 170, 220))
    draw = ImageDraw.Draw(picture)
    wide, high = size
    draw.rectangle((0, high * 3 // 4, wide, high), fill=(90, 120 + shade % 100, 60))
    draw.rectangle((wide // 4, high // 2, wide * 3 // 4, high * 3 // 4), fill=(200, 180, 140))
    roof = [(wide // 5, high // 2), (wide // 2, high // 4), (wide * 4 // 5, high // 2)]
    draw.polygon(roof, fill=(150, 60, 40 + shade % 100))
    return picture


def exif(
    position: tuple[float, float] | None = None,
    taken: datetime | None = None,
    orientation: int = 1,
    **more: Any,
) -> Image.Exif:
    """What a camera writes. `position` is latitude and longitude."""
    notes = Image.Exif()
    notes[0x010F], notes[0x0112] = CAMERA, orientation
    if position is not None:
        place = notes.get_ifd(0x8825)
        for first, value, sides in ((1, position[0], "NS"), (3, position[1], "EW")):
            place[first] = sides[value < 0]
            place[first + 1] = sexagesimal(abs(value))
        place.update(more.get("place", {}))
    if taken is not None:
        notes.get_ifd(0x8769)[36867] = f"{taken:%Y:%m:%d %H:%M:%S}"
    return notes


def sexagesimal(degrees: float) -> tuple[float, float, float]:
    minutes = degrees % 1 * 60
    return float(int(degrees)), float(int(minutes)), round(minutes % 1 * 60, 6)


def photo(
    ending: str = "jpg",
    *,
    size: tuple[int, int] = (800, 600),
    position: tuple[float, float] | None = None,
    taken: datetime | None = None,
    shade: int = 0,
    **more: Any,
) -> bytes:
    """A photo of a drawn house. Each `shade` is another file."""
    out = io.BytesIO()
    notes = exif(position, taken, **more)
    _house(size, shade).save(out, KINDS[ending], exif=notes)
    return out.getvalue()


def noise(side: int = 1_500) -> bytes:
    """A picture that hardly becomes smaller."""
    out = io.BytesIO()
    pixels = random.Random(1).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG whose header promises this many pixels, and holds next to none."""

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1000))
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose header says that it is large."""
    content = bytearray(photo(size=(16, 16)))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def with_zip(content: bytes) -> bytes:
    """A picture that is an archive at the same time."""
    out = io.BytesIO(content)
    out.seek(0, io.SEEK_END)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("run.js", "alert(1)")
    return out.getvalue()


def archive(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"
# name of the case: (the file, the code of its refusal)
BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "photo_empty"),
    "a PDF": (PDF, "photo_unknown"),
    "a web page": (b"<!doctype html><script>alert(1)</script>", "photo_unknown"),
    "a drawing with a script": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo_unknown"),
    "a GIF": (b"GIF89a" + bytes(50), "photo_unknown"),
    "a TIFF": (b"II*\x00" + bytes(50), "photo_unknown"),
    "a program": (b"MZ\x90\x00" + bytes(50), "photo_unknown"),
    "an archive": (archive({"a.jpg": b"x"}), "photo_unknown"),
    "a video": (b"\x00\x00\x00\x18ftypmp42" + bytes(50), "photo_unknown"),
    "zeros": (bytes(1000), "photo_unknown"),
    "text": (b"3506081450010001;SITI", "photo_unknown"),
    "a JPEG that is an archive": (with_zip(photo()), "photo_two_formats"),
    "a JPEG that is a PDF": (photo() + PDF, "photo_two_formats"),
    "a PDF inside a JPEG's beginning": (
        photo().replace(CAMERA.encode(), b"%PDF-1.7 XXXXX", 1),
        "photo_two_formats",
    ),
    "a PNG that is a page": (photo("png") + b"<script>alert(1)</script>", "photo_two_formats"),
    "a WebP that is a program": (photo("webp") + b"<?php system($_GET[0]);", "photo_two_formats"),
    "a JPEG cut off": (photo()[:2000], "photo_broken"),
    "a PNG cut off": (photo("png")[:300], "photo_broken"),
    "a WebP cut off": (photo("webp")[:300], "photo_broken"),
    "a HEIC cut off": (photo("heic")[:300], "photo_broken"),
    "a HEIC without anything": (b"\x00\x00\x00\x18ftypheic" + bytes(60), "photo_broken"),
    "a JPEG of words": (b"\xff\xd8\xff\xe0 no picture", "photo_broken"),
    "a JPEG of noise": (b"\xff\xd8\xff" + random.Random(2).randbytes(5000), "photo_broken"),
    "200 megapixels in a PNG's header": (png_of(20_000, 10_000), "photo_too_many_pixels"),
    "4,000 megapixels in a JPEG's header": (jpeg_of(65_000, 65_000), "photo_too_many_pixels"),
    "a PNG that promises more than it holds": (png_of(4_000, 3_000), "photo_broken"),
    "a large file": (b"\xff\xd8\xff" + bytes(12_000_000), "photo_too_large"),
}
