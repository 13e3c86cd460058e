"""The child's part for pictures: draws a picture again, so that only the picture remains.

The picture is the standard input. What the camera wrote about place and time is read before the
picture is made smaller, and is answered beside it. The memory needed is at most the picture three
times, at four bytes for each pixel.
"""

from __future__ import annotations

import io
import math
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from apps.common.reader import wire
from apps.common.reader.refusal import Refusal

# Qualities that are tried in this order until the picture has at most the requested bytes.
QUALITIES = (85, 75, 65, 50, 35)
SHRUNK = 0.8  # the sides of the next try, if no quality was enough
# Modes that can be made smaller as they are; others are converted first.
PLAIN_MODES = {"RGB", "RGBA", "L", "LA", "CMYK", "YCbCr"}
HEIF = "HEIF"


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer with the camera's facts and a JPEG, upright, and leave at once."""
    wire.serve_picture(missing, lambda: _drawn_anew(sys.stdin.buffer.read(), **request))


def _drawn_anew(
    content: bytes,
    *,
    formats: list[str],
    most_pixels: int,
    longest_side_px: int,
    most_bytes: int | None,
) -> tuple[dict[str, Any], bytes]:
    from PIL import Image  # noqa: PLC0415  only here

    Image.MAX_IMAGE_PIXELS = None  # the request's own limit counts, before a pixel is decoded
    if HEIF in formats:
        from pi_heif import register_heif_opener  # noqa: PLC0415  only where it is wanted

        register_heif_opener()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd notes of cameras; faults of the picture raise
            with Image.open(io.BytesIO(content), formats=formats) as picture:
                if picture.width * picture.height > most_pixels:
                    raise Refusal("picture_too_large", pixels=picture.width * picture.height)
                facts = _camera(picture)
                small = _upright(picture, longest_side_px)
        facts |= {"width": small.width, "height": small.height}
        return facts, _encoded(small, most_bytes)
    except (Refusal, MemoryError):
        raise
    except Exception as broken:  # a broken picture may make its reader raise anything
        raise Refusal("picture_broken") from broken


def _upright(picture: Any, longest_side_px: int) -> Any:
    from PIL import ExifTags, Image  # noqa: PLC0415

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    try:
        turn = turns.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # noqa: BLE001  broken notes of a camera; the picture itself may be sound
        turn = None
    picture.draft("RGB", (2 * longest_side_px, 2 * longest_side_px))
    small = picture if picture.mode in PLAIN_MODES else picture.convert("RGB")
    small.thumbnail((longest_side_px, longest_side_px))
    small = small.convert("RGB")
    return small if turn is None else small.transpose(turn)


def _encoded(picture: Any, most_bytes: int | None) -> bytes:
    """The JPEG with the best quality that fits into `most_bytes`."""
    while True:
        for quality in QUALITIES:
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=quality, optimize=True)
            if most_bytes is None or out.tell() <= most_bytes:
                return out.getvalue()
        picture = picture.resize(
            (max(1, int(picture.width * SHRUNK)), max(1, int(picture.height * SHRUNK)))
        )


# --- what the camera wrote -----------------------------------------------------------------------


def _camera(picture: Any) -> dict[str, Any]:
    """`position` (latitude, longitude in degrees WGS 84) or null; `taken` (ISO time, with its
    offset if the camera wrote one) or null.
    """
    from PIL import ExifTags  # noqa: PLC0415

    facts: dict[str, Any] = {"position": None, "taken": None}
    try:
        exif = picture.getexif()
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        detail = exif.get_ifd(ExifTags.IFD.Exif)
        facts["position"] = _position(place)
        facts["taken"] = _satellite_time(place) or _clock_time(detail)
    except Exception:  # noqa: BLE001  absent or broken notes are no fault of the picture
        return facts
    return facts


def _position(place: Mapping[int, Any]) -> tuple[float, float] | None:
    """(0, 0) is what receivers write that found no place."""
    latitude = _degrees(place.get(2), place.get(1), "S", 90)
    longitude = _degrees(place.get(4), place.get(3), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):
        return None
    return latitude, longitude


def _degrees(parts: Any, side: Any, negative: str, most: int) -> float | None:
    """Degrees, minutes and seconds as one signed number; None if they are no place."""
    if not parts or not isinstance(side, str) or len(parts) != 3:  # noqa: PLR2004
        return None
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return -value if side.strip("\x00 ").upper() == negative else value


def _satellite_time(place: Mapping[int, Any]) -> str | None:
    """The UTC time of the receiver, which no one has set by hand."""
    day, parts = place.get(29), place.get(7)
    if not isinstance(day, str) or not parts or len(parts) != 3:  # noqa: PLR2004
        return None
    hours, minutes, seconds = (int(float(part)) for part in parts)
    date = day.strip("\x00 ").replace(":", "-")
    return f"{date}T{hours:02}:{minutes:02}:{seconds:02}+00:00"


def _clock_time(detail: Mapping[int, Any]) -> str | None:
    """The time of the camera's clock, with its offset from UTC if the camera wrote it."""
    taken, offset = detail.get(36867), detail.get(36881)
    if not isinstance(taken, str):
        return None
    date, _space, clock = taken.strip("\x00 ").partition(" ")
    zone = offset.strip("\x00 ") if isinstance(offset, str) else ""
    return f"{date.replace(':', '-')}T{clock}{zone}"
