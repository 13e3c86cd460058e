"""The situation report as PDF."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape
from django.utils.translation import gettext as _
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

from apps.commandcentre.reports.situation import MOST_VILLAGES, Situation

MARGIN: Final = 42
GRID: Final = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.3, colors.HexColor("#8A97A3")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("ALIGN", (1, 1), (-1, -1), "RIGHT"),
    ]
)


def draw(found: Situation) -> bytes:
    """The report on A4, in the language that is active."""
    file = BytesIO()
    title = _("Situation report: %(hazard)s") % {"hazard": found.hazard.title}
    document = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        invariant=True,
    )
    styles = getSampleStyleSheet()
    parts: list[Any] = [Paragraph(escape(title), styles["Title"])]
    parts += [Paragraph(escape(line), styles["BodyText"]) for line in _facts(found)]
    for heading, table in _tables(found):
        parts += [Spacer(0, 10), Paragraph(escape(heading), styles["Heading2"]), table]
    document.build(parts, onFirstPage=_foot, onLaterPages=_foot)
    return file.getvalue()


def _facts(found: Situation) -> list[str]:
    hazard, assessment = found.hazard, found.assessment
    lines = [
        _("Report of %(at)s") % {"at": _time(found.at)},
        _("%(kind)s, %(status)s, %(source)s; occurred %(at)s, version %(revision)s")
        % {
            "kind": hazard.get_kind_display(),
            "status": hazard.get_status_display(),
            "source": hazard.source,
            "at": _time(hazard.occurred_at),
            "revision": hazard.revision,
        },
    ]
    if assessment is None:
        return [*lines, _("It has not been assessed yet.")]
    lines.append(
        _("Assessed %(at)s over the boundaries %(editions)s; the register of that moment.")
        % {"at": _time(assessment.assessed_at), "editions": ", ".join(assessment.editions) or "–"}
    )
    if found.is_outdated:
        lines.append(_("The source changed the hazard after this assessment."))
    lines += [f"{one.label}: {one.get_method_display()}" + _spread(one) for one in found.footprints]
    lines.append(
        _(
            "Affected are all villages that an area meets, with all their registered families,"
            " whatever part of the village it is. People who are not registered are not in these"
            " numbers."
        )
    )
    return lines


def _spread(footprint: Any) -> str:
    named = footprint.relation.get("source") if footprint.relation else ""
    return f" ({named})" if named else ""


def _tables(found: Situation) -> list[tuple[str, Table]]:
    tables: list[tuple[str, Table]] = []
    header: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    if found.assessment is not None:
        tables.append((_("Affected"), _table([(_("What"), _("Number")), *_totals(found)])))
    if found.goods:
        header = (_("Good"), _("Needed"), _("Sent"), _("Missing"))
        rows = [
            (f"{one.name} ({one.unit})", one.needed, one.sent, one.missing) for one in found.goods
        ]
        tables.append((_("Needs"), _table([header, *rows])))
    for heading, counts in ((_("Shipments"), found.shipments), (_("Calls"), found.calls)):
        if counts:
            tables.append((heading, _table([(_("Status"), _("Number")), *counts.items()])))
    if found.villages:
        header = (_("Village"), _("Level"), _("Share of the area"), _("Families"), _("Persons"))
        rows = [
            (
                f"{one.village.name} {one.village_id}",
                one.footprint.label,
                f"{round(one.share_area * 100)} %",
                one.families,
                one.persons,
            )
            for one in found.villages
        ]
        heading = _("Villages, the most severely met first (at most %(most)s)")
        tables.append((heading % {"most": MOST_VILLAGES}, _table([header, *rows])))
    return tables


def _totals(found: Situation) -> list[tuple[str, int]]:
    assessment = found.assessment
    assert assessment is not None  # noqa: S101  the caller has looked
    totals = assessment.totals
    return [
        (_("Villages"), assessment.villages),
        (_("Registered families"), assessment.families),
        (_("of these without a point"), totals.get("families_without_point", 0)),
        (_("Registered persons"), assessment.persons),
        (_("Under five"), totals.get("under_five", 0)),
        (_("Elderly"), totals.get("elderly", 0)),
        (_("With a disability"), totals.get("disability", 0)),
    ]


def _table(rows: list[tuple[Any, ...]]) -> Table:
    cells = [[_cell(value) for value in row] for row in rows]
    return Table(cells, style=GRID, hAlign="LEFT", repeatRows=1)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return number_format(value, force_grouping=True) if isinstance(value, int) else str(value)


def _time(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y H:i") + " WIB"


def _foot(canvas: Any, document: Any) -> None:
    canvas.setFont("Helvetica", 7)
    words = _("DTKS portal, Pusdatin Kesos. Boundaries: BIG, indicative, not a legal reference.")
    canvas.drawString(MARGIN, 24, words)
    canvas.drawRightString(A4[0] - MARGIN, 24, str(document.page))
