"""A foreign PDF → a JPEG of its first pages, drawn by a sandboxed child."""

from __future__ import annotations

from typing import Final

from apps.common.files.pictures import ENVIRONMENT, Drawn, answer_of
from apps.common.files.sandbox import Child, ChildLimits

TARGET: Final = "apps.common.reader.pdf_picture:serve"
LIMITS: Final = ChildLimits(memory_bytes=1 << 30, cpu_s=10, clock_s=15, niceness=10)
# Six pages of A4 below each other are 7,000 pixels high; a JPEG has 65,000 at most.
MOST_PAGES: Final = 6
WIDTH_PX: Final = 1_000


def draw(content: bytes) -> Drawn:
    """The first pages of a PDF, one below the other. This process does not parse the PDF.

    Raises: PictureRefused: broken, locked by a password, or too much for the child.
    """
    request = {"most_pages": MOST_PAGES, "width_px": WIDTH_PX}
    child = Child(TARGET, request, limits=LIMITS, environment=ENVIRONMENT, given=content)
    jpeg, facts = answer_of(child)
    return Drawn(jpeg=jpeg, width=facts["width"], height=facts["height"])
