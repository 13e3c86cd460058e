"""Foreign pictures → JPEGs that hold only the picture, drawn by a sandboxed child."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from apps.common.files.sandbox import Child, ChildDied, ChildLimits

TARGET: Final = "apps.common.reader.picture:serve"
# The readers of WebP and HEIC hold fifty megapixels up to five times, at four bytes each.
LIMITS: Final = ChildLimits(memory_bytes=1 << 30, cpu_s=15, clock_s=20, niceness=10)
ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2"}

SCANS: Final = ("JPEG", "PNG")
PHOTOS: Final = ("JPEG", "PNG", "WEBP", "HEIF")
# The first bytes of an ISO file of pictures as Apple and Samsung write them.
_HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
TAIL_BYTES: Final = 65_557  # the end record of a ZIP with its longest comment


class PictureRefused(Exception):
    """Not a picture, a broken one, or one that is too large. The caller shows the text.

    `code`: `picture_too_large` (`pixels` by the header) or `picture_broken`.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True)
class Drawn:
    """A picture drawn again, and what its camera wrote before that was removed.

    Units: sides in pixels; `position` is latitude and longitude in degrees, WGS 84. `taken_at` has
    a time zone only if the camera wrote one.
    """

    jpeg: bytes
    width: int
    height: int
    position: tuple[float, float] | None = None
    taken_at: datetime | None = None


def drawn_anew(content: bytes, *, most_pixels: int, longest_side_px: int) -> bytes:
    """A JPEG or PNG as a JPEG: upright, no larger than requested, without camera metadata.

    This process does not decode the picture. Raises: PictureRefused.
    """
    drawn = draw(content, formats=SCANS, most_pixels=most_pixels, longest_side_px=longest_side_px)
    return drawn.jpeg


def draw(
    content: bytes,
    *,
    formats: Sequence[str],
    most_pixels: int,
    longest_side_px: int,
    most_bytes: int | None = None,
) -> Drawn:
    """A picture of one of these formats as a JPEG, with the camera's facts.

    This process does not decode the picture. `most_bytes` limits the JPEG; its quality, then its
    size are lowered until it fits. Raises: PictureRefused.
    """
    request = {
        "formats": list(formats),
        "most_pixels": most_pixels,
        "longest_side_px": longest_side_px,
        "most_bytes": most_bytes,
    }
    child = Child(TARGET, request, limits=LIMITS, environment=ENVIRONMENT, given=content)
    jpeg, facts = answer_of(child)
    position = facts.get("position")
    return Drawn(
        jpeg=jpeg,
        width=facts["width"],
        height=facts["height"],
        position=tuple(position) if position else None,
        taken_at=_moment(facts.get("taken")),
    )


def answer_of(child: Child) -> tuple[bytes, dict[str, Any]]:
    """The JPEG that a child draws, and what it says of it. Raises: PictureRefused."""
    jpeg, facts = b"", {}
    with child:
        try:
            for letter, payload in child.frames():
                if letter == "r":
                    refusal = json.loads(payload)
                    raise PictureRefused(refusal["code"], **refusal["params"])
                if letter == "j":
                    facts = json.loads(payload)
                else:
                    jpeg += payload
        except ChildDied as death:
            raise PictureRefused("picture_broken", death=death.reason) from death
    return jpeg, facts


def format_of(content: bytes) -> str:
    """The picture's format by its first bytes: a name of PHOTOS; "" for anything else."""
    if content.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return "WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIC_BRANDS:
        return "HEIF"
    return ""


def second_format(content: bytes) -> str:
    """What else a picture is at the same time: `PDF`, `ZIP` or `HTML`; "" for a plain picture.

    Such a file is made on purpose. Cameras append videos and further JPEGs; those are none of it.
    """
    if b"%PDF-" in content[:1024] or (b"%PDF-" in content and b"%%EOF" in content[-2048:]):
        return "PDF"
    tail = content[-TAIL_BYTES:]
    at = tail.rfind(b"PK\x05\x06")
    if at >= 0 and len(tail) - at >= 22 and b"PK\x01\x02" in content:
        return "ZIP"
    lower = content.lower()
    if any(mark in lower for mark in (b"<script", b"<?php", b"<!doctype html")):
        return "HTML"
    return ""


def _moment(written: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
