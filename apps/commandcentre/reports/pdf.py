"""A situation report as PDF: its words, its tables with their sources, and the map."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Any, Final

from django.utils.html import escape
from django.utils.translation import gettext as _
from reportlab.graphics import shapes as graphics
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from apps.commandcentre.reports.map_drawing import Drawing, Shape
from apps.commandcentre.reports.sheet import Section, Sheet

MARGIN: Final = 42
WIDTH: Final = A4[0] - 2 * MARGIN
GRID: Final = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#8A97A3")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (1, 1), (-1, -1), "RIGHT"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
    ]
)


def draw_pdf(sheet: Sheet, drawing: Drawing | None, *, mark: str = "") -> bytes:
    """The report on A4. `mark` is at the foot of each page: the number and the digest of an issued
    report, or that it is none.
    """
    file = BytesIO()
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=sheet.title,
        invariant=True,
    )
    styles = getSampleStyleSheet()
    parts: list[Any] = [Paragraph(escape(sheet.title), styles["Title"])]
    parts += [Paragraph(escape(line), styles["BodyText"]) for line in sheet.facts]
    for number, section in enumerate(sheet.sections):
        parts += _section(section, styles)
        if number == 1 and drawing is not None:
            parts += [Spacer(0, 8), _graphic(drawing)]
    foot: Callable[..., None] = partial(_foot, mark=mark)
    document.build(parts, onFirstPage=foot, onLaterPages=foot)
    return file.getvalue()


def _section(section: Section, styles: Any) -> list[Any]:
    heading = [Spacer(0, 6), Paragraph(escape(section.heading), styles["Heading2"])]
    parts = [Paragraph(escape(line), styles["BodyText"]) for line in section.lines]
    if section.rows:
        rows = [section.header, *section.rows]
        parts.append(Table([list(row) for row in rows], style=GRID, hAlign="LEFT", repeatRows=1))
    if section.source:
        parts.append(Paragraph(f"<font size=7>{escape(_source(section))}</font>", styles["Italic"]))
    return [KeepTogether([*heading, *parts[:1]]), *parts[1:]]


def _source(section: Section) -> str:
    return _("Source: %(source)s") % {"source": section.source}


def _graphic(drawing: Drawing) -> graphics.Drawing:
    """The map in the width of the page."""
    scale = WIDTH / drawing.width
    made = graphics.Drawing(WIDTH, drawing.height * scale)
    group = graphics.Group()
    # y of a PDF goes up
    group.transform = (scale, 0, 0, -scale, 0, drawing.height * scale)
    for shape in drawing.shapes:
        for element in _elements(shape):
            group.add(element)
    made.add(group)
    return made


def _elements(shape: Shape) -> list[Any]:
    if shape.text:
        [[(x, y)]] = shape.rings
        words = graphics.String(
            0, 0, shape.text, fontSize=shape.size, fillColor=colors.HexColor(shape.fill)
        )
        upright = graphics.Group(words)
        upright.transform = (1, 0, 0, -1, x, y)
        return [upright]
    path = graphics.Path(
        fillColor=colors.HexColor(shape.fill) if shape.fill else None,
        fillOpacity=shape.opacity,
        strokeColor=colors.HexColor(shape.stroke) if shape.stroke else None,
        strokeWidth=shape.width or (1 if shape.stroke else 0),
        strokeDashArray=[shape.dash, shape.dash] if shape.dash else None,
        fillMode=0,  # even-odd: a hole is a hole
    )
    for ring in shape.rings:
        path.moveTo(*ring[0])
        for at in ring[1:]:
            path.lineTo(*at)
        if not shape.is_line:
            path.closePath()
    return [path]


def _foot(canvas: Any, document: Any, *, mark: str) -> None:
    canvas.setFont("Helvetica", 7)
    words = _("DTKS portal, Pusdatin Kesos. Boundaries: BIG, indicative, not a legal reference.")
    canvas.drawString(MARGIN, 24, words)
    canvas.drawString(MARGIN, 15, mark)
    canvas.drawRightString(A4[0] - MARGIN, 24, str(document.page))
