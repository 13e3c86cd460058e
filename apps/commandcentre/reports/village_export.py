"""The affected villages as a file: CSV, or GeoJSON with the villages' polygons."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from django.http import StreamingHttpResponse

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.exposure import village_figures
from apps.commandcentre.exposure.village_figures import Rows, VillageFigures
from apps.commandcentre.exposure.village_filter import VillageFilter
from apps.commandcentre.models import Assessment
from apps.commandcentre.readers import SUPPRESSED, Reader
from apps.commandcentre.reports import hazard_map
from apps.commandcentre.reports.hazard_map import Feature
from apps.common import tabular
from apps.common.files.attachments import as_attachment

HEADER: Final = (
    *("kode_desa", "desa", "tingkat", "nilai", "bagian_luas", "bagian_keluarga", "keluarga"),
    *("keluarga_tanpa_titik", "jiwa", "balita", "lansia", "disabilitas", "tanpa_tanggal_lahir"),
    *("keterangan", "kejadian", "versi", "dinilai", "edisi_batas"),
)
FORMATS: Final = ("csv", "geojson")
# How exactly the lines of a file are, in degrees: some 30 m.
DETAIL: Final = hazard_map.FINE[1]
ROWS_AT_ONCE: Final = 1_000


def export_villages(
    assessment: Assessment, ending: str, chosen: VillageFilter, *, reader: Reader, by: User
) -> StreamingHttpResponse:
    """The file of the villages that a filter selects as a response. The export is recorded. No row
    is about a person; counts that the reader may not see are empty, and `keterangan` says so.
    """
    rows = chosen.apply(village_figures.rows_of(assessment, reader))
    record.entry(
        Action.EXPORT,
        about=assessment.hazard,
        by=by,
        rows=rows.count(),
        format=ending,
        selection=chosen.query,
    )
    name = f"desa-terdampak-{assessment.hazard_id}-{assessment.revision}.{ending}"
    if ending == "csv":
        blocks, kind = _csv_blocks(assessment, rows, reader), "text/csv"
    else:
        drawn = _features(assessment, rows, reader)
        blocks, kind = tabular.geojson_blocks(drawn), "application/geo+json"
    answer = StreamingHttpResponse(list(blocks), content_type=f"{kind}; charset=utf-8")
    return as_attachment(answer, name)


def csv_blocks(assessment: Assessment, reader: Reader) -> Iterator[bytes]:
    """All affected villages as CSV, in pieces."""
    return _csv_blocks(assessment, village_figures.rows_of(assessment, reader), reader)


def _csv_blocks(assessment: Assessment, rows: Rows, reader: Reader) -> Iterator[bytes]:
    return tabular.csv_blocks(_lines(assessment, rows, reader), HEADER)


def features(assessment: Assessment, reader: Reader) -> Iterator[Feature]:
    """All affected villages with the columns of the CSV and their polygons; before them the
    outlines of their regencies and the bands, after them the epicentre. Queries: three, and one
    for a thousand villages.
    """
    return _features(assessment, village_figures.rows_of(assessment, reader), reader)


def _features(assessment: Assessment, rows: Rows, reader: Reader) -> Iterator[Feature]:
    codes = rows.order_by().values_list("village_id", flat=True)
    regencies = {code[: hazard_map.REGENCY] for code in codes}
    yield from hazard_map.areas(assessment.hazard, assessment, regencies, DETAIL)
    ordered = _worst_first(rows, reader)
    while some := list(islice(ordered, ROWS_AT_ONCE)):
        shapes = hazard_map.village_shapes([row.village_id for row in some], DETAIL)
        for row in some:
            about = dict(zip(HEADER, _line(assessment, row), strict=True))
            yield {
                "geometry": shapes.get(row.village_id),
                "properties": {"what": "village", "code": row.village_id, **about},
            }
    yield from hazard_map.epicentre(assessment.hazard)


def _lines(assessment: Assessment, rows: Rows, reader: Reader) -> Iterator[list[Any]]:
    return (_line(assessment, row) for row in _worst_first(rows, reader))


def _worst_first(rows: Rows, reader: Reader) -> Iterator[VillageFigures]:
    named = rows.select_related("village", "footprint").defer("footprint__area")
    ordered = named.order_by(*village_figures.WORST_FIRST.expressions())
    return village_figures.figures_of(ordered.iterator(chunk_size=ROWS_AT_ONCE), reader)


def _line(assessment: Assessment, row: VillageFigures) -> list[Any]:
    share = row.share_families
    return [
        *(row.village_id, row.village.name, row.footprint.label, row.severity),
        *(round(row.share_area, 4), None if share is None else round(share, 4)),
        *(row.families, row.families_without_point, row.persons, row.under_five),
        *(row.elderly, row.disability, row.birth_unknown),
        *(SUPPRESSED if row.is_withheld else "", assessment.hazard.title),
        *(assessment.revision, assessment.assessed_at, ", ".join(assessment.editions)),
    ]
