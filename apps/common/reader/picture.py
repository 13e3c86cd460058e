"""The child's part for pictures: draws a picture again, so that only the picture remains.

The picture is the standard input. The memory needed is at most the picture twice, at four bytes for
each pixel.
"""

from __future__ import annotations

import io
import os
import sys
import warnings
from typing import Any

from apps.common.reader import wire
from apps.common.reader.refusal import Refusal

PIECE_BYTES = 1 << 20


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer with a JPEG, upright, and leave at once."""
    out = wire.Wire()
    if missing:
        out.send_json(wire.MISSING, missing)
    try:
        out.send(wire.DATA, _drawn_anew(sys.stdin.buffer.read(), **request))
    except Refusal as refusal:
        out.send_json(wire.REFUSED, {"code": refusal.code, "params": refusal.params})
    os._exit(0)


def _drawn_anew(content: bytes, *, most_pixels: int, longest_side_px: int) -> bytes:
    from PIL import ExifTags, Image  # noqa: PLC0415  only here

    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    sides = (longest_side_px, longest_side_px)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > most_pixels:
                    raise Refusal("picture_too_large", pixels=picture.width * picture.height)
                picture.draft("RGB", (2 * longest_side_px, 2 * longest_side_px))
                turn = turns.get(picture.getexif().get(ExifTags.Base.Orientation, 1))
                small = picture.convert("RGB")
        small.thumbnail(sides)
        out = io.BytesIO()
        (small if turn is None else small.transpose(turn)).save(
            out, "JPEG", quality=85, optimize=True
        )
    except (Refusal, MemoryError):
        raise
    except Exception as broken:  # a broken picture may make its reader raise anything
        raise Refusal("picture_broken") from broken
    return out.getvalue()
