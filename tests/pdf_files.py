"""PDFs of tests: pages with text, as scanners and offices make them, and odd ones."""

from __future__ import annotations

import io

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen import canvas

A4 = (595.28, 841.89)


def pdf(pages: int = 1, *, size: tuple[float, float] = A4, password: str = "") -> bytes:
    """A PDF with a line of text on each page. Units of `size`: points."""
    out = io.BytesIO()
    lock = StandardEncryption(password) if password else None
    drawn = canvas.Canvas(out, pagesize=size, encrypt=lock)
    for number in range(1, pages + 1):
        drawn.setFont("Helvetica", 20)
        drawn.drawString(60, size[1] - 100, f"AKTA KEMATIAN {number}")
        drawn.showPage()
    drawn.save()
    return out.getvalue()
