"""What the pages of published figures show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.common import errors, tabular
from apps.common.files import stored_files
from apps.imports import column_choice
from apps.imports.column_choice import FileColumn, OurColumn
from apps.indicators.figures import figure_columns
from apps.indicators.models import Indicator, OpenRow, Publication, Release, RowFinding
from apps.regions.models import Region

FINDINGS: Final = 100
OPEN_ROWS: Final = 200


@dataclass(frozen=True)
class LikelyRegion:
    """A region that may be meant, with the names of those above it."""

    code: str
    path: str


@dataclass(frozen=True)
class RowQuestion:
    """An open row as its page asks about it."""

    row: OpenRow
    sentence: str
    figures: list[tuple[str, str]]
    candidates: list[LikelyRegion] = field(default_factory=list)


@dataclass(frozen=True)
class FigureColumn:
    """A column of the file, and the indicator whose figures it holds, if it is known."""

    column: FileColumn
    indicator: str


def name_of(indicator: Indicator) -> str:
    """The name in the language of the page."""
    is_english = (get_language() or "").startswith("en")
    return indicator.name_en if is_english and indicator.name_en else indicator.name


def listed_indicators() -> QuerySet[Indicator]:
    """Every indicator with the number of its releases and the latest period in force."""
    current = Q(releases__is_current=True)
    return Indicator.objects.annotate(
        in_force=Count("releases", filter=current),
        latest=Max("releases__period", filter=current),
    ).order_by("-in_force", "name")


def history_of(indicator: Indicator) -> QuerySet[Release]:
    """The releases of an indicator, the latest period first; of one period the one in force."""
    rows = Release.objects.filter(indicator=indicator).select_related("publication")
    return rows.order_by("-period_start", "-period", "-is_current", "-stored_at", "-pk")


def describe_held(publication: Publication) -> list[str]:
    """Why the whole publication waits."""
    return [errors.text(one["code"], one["params"]) for one in publication.held]


def list_findings(publication: Publication) -> list[tuple[RowFinding, str]]:
    """The first findings with their sentences, those that cost a figure first."""
    rows = publication.findings.order_by("-is_refusal", "row_number", "pk")[:FINDINGS]
    return [(one, errors.text(one.code, one.params)) for one in rows]


def ask_rows(publication: Publication) -> list[RowQuestion]:
    """The open rows without an answer, with likely regions. Queries: three."""
    rows = list(
        publication.open_rows.filter(region=None, is_left_out=False).order_by("row_number")[
            :OPEN_ROWS
        ]
    )
    paths = _paths({code for row in rows for code in row.candidates})
    names = dict(
        Indicator.objects.filter(pk__in=list(publication.values)).values_list("code", "name")
    )
    asked = list[RowQuestion]()
    for row in rows:
        figures = [
            (names[code], text)
            for code in publication.values
            if (text := row.written.get(f"{figure_columns.VALUE}{code}"))
        ]
        near = [LikelyRegion(code, paths[code]) for code in row.candidates if code in paths]
        asked.append(RowQuestion(row, errors.text(row.code, row.params), figures, near))
    return asked


def _paths(codes: set[str]) -> dict[str, str]:
    """`Kabupaten Mempawah, Kalimantan Barat` of each code."""
    above = {code[:length] for code in codes for length in (2, 5, 8) if len(code) > length}
    names = dict(Region.objects.filter(pk__in=codes | above).values_list("code", "name"))
    return {
        code: ", ".join(
            names[part]
            for part in (code, *(code[:one] for one in (8, 5, 2) if len(code) > one))
            if part in names
        )
        for code in codes
        if code in names
    }


def our_columns(publication: Publication, given: Mapping[str, int] | None) -> list[OurColumn]:
    """Our columns that name a region, with the column of the file that is chosen for each."""
    chosen = publication.mapping if given is None else given
    words = figure_columns.places(publication.code_system)
    labels = {name: words.headings[name][0].capitalize() for name in words.columns}
    return [
        OurColumn(name, labels[name], is_needed=False, position=chosen.get(name))
        for name in figure_columns.PLACE_COLUMNS
    ]


def figure_columns_of(
    publication: Publication,
    header: Sequence[str],
    samples: Sequence[Sequence[str]],
    given: Sequence[tuple[str, int]] | None,
) -> list[FigureColumn]:
    """The columns of the file that may hold figures, each with its indicator."""
    pairs = publication.values.items() if given is None else given
    chosen = {at: code for code, at in pairs}
    return [
        FigureColumn(column, chosen.get(column.position, ""))
        for column in column_choice.file_columns(header, samples)
        if column.position in chosen or figure_columns.is_figures(samples, column.position)
    ]


def taken_twice(
    places: Mapping[str, int], figures: Sequence[tuple[str, int]], header: Sequence[str]
) -> str:
    """A message that a column was chosen for several things, or several columns for one indicator;
    "" where none was.
    """
    names = dict(Indicator.objects.filter(pk__in=dict(figures)).values_list("code", "name"))
    by_code = Counter(code for code, _at in figures)
    if several := [code for code, count in by_code.items() if count > 1]:
        name = names.get(several[0], several[0])
        return errors.text("figures_indicator_twice", {"indicator": name})
    return column_choice.taken_twice(
        {**places, **dict(figures)}, header, lambda name: names.get(name, name.replace("_", " "))
    )


def counted(publication: Publication) -> list[tuple[str, int]]:
    """The numbers of a publication's rows, by what became of them."""
    words = {
        "rows": _("rows in the file"),
        "taken": _("regions with a figure"),
        "open": _("rows to be reviewed"),
        "refused": _("rows with something that was not taken"),
    }
    counts = publication.counts
    return [(label, counts[name]) for name, label in words.items() if name in counts]


def peek_of(publication: Publication) -> tabular.Peek:
    """The first rows of the stored file. Raises: FileRefused."""
    path = stored_files.kept(publication.file, publication.file_size)
    _kind, first = tabular.inspect_file(
        path,
        publication.file_name,
        formats=figure_columns.FORMATS,
        limits=figure_columns.LIMITS.look(),
        scratch=stored_files.folder("scratch"),
    )
    return first


def watch_context(publication: Publication) -> dict[str, Any]:
    """What the page of a publication shows when it is not being read."""
    asked, unanswered = ask_rows(publication), Q(region=None, is_left_out=False)
    return {
        "counted": counted(publication),
        "held": describe_held(publication),
        "asked": asked,
        "answered": publication.open_rows.exclude(unanswered).select_related("region")[:OPEN_ROWS],
        "open_count": publication.open_rows.filter(unanswered).count(),
        "findings": list_findings(publication),
        "findings_count": publication.findings.count(),
        "releases": publication.releases.select_related("indicator").order_by("indicator__name"),
    }
