"""Issues situation reports: each with its number, time, operator and digest, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Final

from django.db import transaction
from django.db.models import Max, Prefetch
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Hazard, ReportFile, SituationReport
from apps.commandcentre.models.situation_report import ReportFormat
from apps.commandcentre.planning import plans
from apps.commandcentre.readers import Reader
from apps.commandcentre.reports import hazard_map, pdf, sheet, situation, svg, village_export
from apps.commandcentre.reports.hazard_map import Feature
from apps.commandcentre.reports.map_drawing import Drawing, Style, draw_map
from apps.commandcentre.reports.sheet import Sheet
from apps.commandcentre.reports.situation import Situation
from apps.commandcentre.states import TOPIC
from apps.common import locks, tabular
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.jobs import outbox

MEDIA_TYPES: Final = {
    ReportFormat.PDF: "application/pdf",
    ReportFormat.CSV: "text/csv; charset=utf-8",
    ReportFormat.GEOJSON: "application/geo+json; charset=utf-8",
    ReportFormat.SVG: "image/svg+xml; charset=utf-8",
}


@dataclass(frozen=True)
class Draft:
    """The report of now, which is not issued: its words, its map and what the map draws."""

    found: Situation
    sheet: Sheet
    drawing: Drawing
    features: Sequence[Feature]

    @property
    def help_features(self) -> list[Feature]:
        """From where help comes, of what the map draws."""
        return [one for one in self.features if one["properties"]["what"] in hazard_map.HELP]


def draft_report(
    hazard: Hazard, *, reader: Reader, at: datetime, facts: Sequence[str] = ()
) -> Draft:
    """The report of a hazard of now, as its reader may see it. Queries: about twenty."""
    found = situation.report(hazard, reader=reader, at=at)
    features = [
        *hazard_map.features(hazard, found.assessment, reader),
        *hazard_map.help_features(
            found.assessment, plans.live_plans(hazard) if reader.sees_all else []
        ),
    ]
    left_out = hazard_map.left_out(found.assessment, reader)
    drawing = draw_map(features, Style(margin=_margin(found, left_out)))
    return Draft(found, sheet.write_sheet(found, *facts), drawing, features)


def _margin(found: Situation, left_out: int) -> tuple[str, ...]:
    editions = ", ".join(found.assessment.editions) if found.assessment is not None else ""
    words = _("%(hazard)s, as of %(at)s. Boundaries: %(editions)s.")
    named = {
        "hazard": found.hazard.title,
        "at": sheet.moment(found.at),
        "editions": editions or "–",
    }
    lines = (
        words % named,
        _("Straight lines are not roads. Boundaries are indicative, not a legal reference."),
    )
    if not left_out:
        return lines
    part = _("Drawn are the %(most)s villages with most people; %(n)s more are in the files.")
    numbers = {"most": hazard_map.MOST_VILLAGES, "n": left_out}
    return *lines, part % {
        name: number_format(count, force_grouping=True) for name, count in numbers.items()
    }


@transaction.atomic
def issue_report(
    *,
    hazard: Hazard,
    corrects: SituationReport | None,
    reason: str,
    reader: Reader,
    by: User,
    now: datetime,
    seen: int | None = None,
) -> SituationReport:
    """Issue the report of now under the next number of its hazard.

    A correction names the report that it corrects and what was wrong. The row and its files are
    kept as they are: no role may change them. `seen` is the last number that the operator saw
    (None: it is not known): what is sent twice is issued once, and returned again.
    Raises: `report_reason`, `report_other_hazard`, `report_meanwhile`.
    """
    if corrects is not None and corrects.hazard_id != hazard.pk:
        raise DomainError("report_other_hazard")
    if corrects is not None and not reason.strip():
        raise DomainError("report_reason")
    locks.hold(Lock.REPORT, hazard.pk)
    if seen is not None and (issued := _issued_since(hazard, seen)) is not None:
        if _is_same(issued, corrects, reason, by):
            return issued
        raise DomainError("report_meanwhile", number=issued.number, name=str(issued.made_by))
    number = (hazard.situation_reports.aggregate(last=Max("number"))["last"] or 0) + 1
    words = _("Number %(number)s, issued %(at)s by %(name)s")
    facts = [words % {"number": number, "at": sheet.moment(now), "name": by}]
    if corrects is not None:
        words = _("Corrects number %(number)s: %(reason)s")
        facts.append(words % {"number": corrects.number, "reason": reason.strip()})
    draft = draft_report(hazard, reader=reader, at=now, facts=facts)
    report = SituationReport.objects.create(
        hazard=hazard,
        number=number,
        corrects=corrects,
        reason=reason.strip()[:300] if corrects is not None else "",
        revision=hazard.revision,
        assessment=draft.found.assessment,
        plan=draft.found.plan,
        content=draft.sheet.content,
        sha256=draft.sheet.sha256,
        made_at=now,
        made_by=by,
    )
    _store_files(report, draft, reader)
    record.entry(
        Action.CREATE, about=report, by=by, hazard=hazard.pk, number=number, sha256=report.sha256
    )
    outbox.publish(TOPIC, "report", f"commandcentre.Hazard:{hazard.pk}", number=number)
    return report


def _issued_since(hazard: Hazard, seen: int) -> SituationReport | None:
    newer = hazard.situation_reports.filter(number__gt=seen).select_related("made_by")
    return newer.order_by("number").first()


def _is_same(
    issued: SituationReport, corrects: SituationReport | None, reason: str, by: User
) -> bool:
    """Whether it is what an operator asks for again."""
    asked = corrects.pk if corrects is not None else None
    told = reason.strip()[:300] if corrects is not None else ""
    return (issued.made_by_id, issued.corrects_id, issued.reason) == (by.pk, asked, told)


def _store_files(report: SituationReport, draft: Draft, reader: Reader) -> None:
    assessment = draft.found.assessment
    mark = _("Number %(number)s, SHA-256 %(digest)s")
    words = mark % {"number": report.number, "digest": report.sha256}
    files = {
        ReportFormat.PDF: pdf.draw_pdf(draft.sheet, draft.drawing, mark=words),
        ReportFormat.SVG: svg.write_svg(draft.drawing),
    }
    features: Iterable[Feature] = draft.features
    if assessment is not None:
        # the map draws some of very many villages; the file has all
        features = chain(village_export.features(assessment, reader), draft.help_features)
        files[ReportFormat.CSV] = b"".join(village_export.csv_blocks(assessment, reader))
    files[ReportFormat.GEOJSON] = b"".join(tabular.geojson_blocks(features))
    ReportFile.objects.bulk_create(
        ReportFile(
            report=report,
            format=kind,
            content=content,
            size=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )
        for kind, content in files.items()
    )


def issued_reports(hazard: Hazard) -> list[SituationReport]:
    """The reports of a hazard, the last first, with their files (without content). Queries: two."""
    rows = hazard.situation_reports.select_related("made_by", "corrects").defer("content")
    files = ReportFile.objects.defer("content").order_by("format")
    return list(rows.prefetch_related(Prefetch("files", files)).order_by("-number"))
