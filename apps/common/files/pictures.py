"""Foreign pictures → JPEGs that hold only the picture, drawn by a sandboxed child."""

from __future__ import annotations

import json
from typing import Any, Final

from apps.common.files.sandbox import Child, ChildDied, ChildLimits

TARGET: Final = "apps.common.reader.picture:serve"
# Twice fifty megapixels of four bytes, and Python's own memory.
LIMITS: Final = ChildLimits(memory_bytes=640 << 20, cpu_s=10, clock_s=10, niceness=10)
ENVIRONMENT: Final = {"MALLOC_ARENA_MAX": "2"}


class PictureRefused(Exception):
    """Not a picture, a broken one, or one that is too large. The caller shows the text."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


def drawn_anew(content: bytes, *, most_pixels: int, longest_side_px: int) -> bytes:
    """A JPEG or PNG as a JPEG: upright, no larger than requested, without camera metadata.

    This process does not decode the picture. Raises: PictureRefused.
    """
    request = {"most_pixels": most_pixels, "longest_side_px": longest_side_px}
    drawn = b""
    child = Child(TARGET, request, limits=LIMITS, environment=ENVIRONMENT, given=content)
    with child:
        try:
            for letter, payload in child.frames():
                if letter == "r":
                    refusal = json.loads(payload)
                    raise PictureRefused(refusal["code"], **refusal["params"])
                drawn += payload
        except ChildDied as death:
            raise PictureRefused("picture_broken", death=death.reason) from death
    return drawn
