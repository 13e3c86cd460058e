"""The child's part for PDFs: draws the first pages as one picture, one below the other.

The PDF is the standard input. PDFium draws without JavaScript, forms and network; what a page links
to or embeds is not opened.
"""

from __future__ import annotations

import io
import sys
from typing import Any

from apps.common.reader import wire
from apps.common.reader.refusal import Refusal

GAP_PX = 8
BETWEEN = "#9AA5AF"
QUALITY = 82
# A page is at most so many times as high as wide: a roll of paper is drawn narrower.
MOST_SLENDER = 3


def serve(request: dict[str, Any], missing: list[str]) -> None:
    """Answer with the number of pages and a JPEG of the first ones, and leave at once."""
    wire.serve_picture(missing, lambda: _drawn(sys.stdin.buffer.read(), **request))


def _drawn(content: bytes, *, most_pages: int, width_px: int) -> tuple[dict[str, Any], bytes]:
    import pypdfium2  # noqa: PLC0415  only here
    from PIL import Image  # noqa: PLC0415

    try:
        pdf = pypdfium2.PdfDocument(content)
        count = len(pdf)
        pages = [_page(pdf[place], width_px) for place in range(min(count, most_pages))]
        height = sum(page.height + GAP_PX for page in pages) - GAP_PX
        sheet = Image.new("RGB", (width_px, height), BETWEEN)
        top = 0
        for page in pages:
            sheet.paste(page, ((width_px - page.width) // 2, top))
            top += page.height + GAP_PX
        out = io.BytesIO()
        sheet.save(out, "JPEG", quality=QUALITY)
    except MemoryError:
        raise
    except Exception as broken:  # a broken PDF may make its reader raise anything
        raise Refusal("picture_broken") from broken
    return {"pages": count, "width": width_px, "height": height}, out.getvalue()


def _page(page: Any, width_px: int) -> Any:
    wide, high = page.get_size()
    scale = min(width_px / wide, MOST_SLENDER * width_px / high)
    return page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
