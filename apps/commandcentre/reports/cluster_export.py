"""Clusters of affected villages with their nearest sufficient sources as a file: CSV, or GeoJSON
with the place from which their distances are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.conf import settings
from django.http import StreamingHttpResponse

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.commandcentre.models import Assessment
from apps.commandcentre.nearest import clusters, ranking
from apps.commandcentre.nearest.clusters import Cluster, Clusters
from apps.commandcentre.nearest.ranking import Source
from apps.commandcentre.readers import SUPPRESSED, Reader, facility_name
from apps.common import tabular
from apps.common.files.attachments import as_attachment

SOURCE: Final = ("sumber", "jarak_km", "lewat_laut", "kabupaten_sendiri")
HEADER: Final = (
    *("kelompok", "kode_kabupaten", "kabupaten", "jumlah_desa", "kode_desa", "desa", "tingkat"),
    *("nilai", "keluarga", "jiwa", "bujur", "lintang", "hari", "kebutuhan"),
    *(f"{name}_{place}" for place in range(1, ranking.MOST + 1) for name in SOURCE),
    *("desa_tidak_termasuk", "keterangan", "jarak_kelompok_km", "kejadian", "versi", "dinilai"),
    "edisi_batas",
)


def export_clusters(
    assessment: Assessment, ending: str, *, reader: Reader, days: int, by: User
) -> StreamingHttpResponse:
    """The file as a response. The export is recorded. No row is about a person."""
    found = clusters.clusters_of(assessment, reader, days=days)
    record.entry(
        Action.EXPORT,
        about=assessment.hazard,
        by=by,
        rows=found.count,
        format=ending,
        what="clusters",
    )
    name = f"kelompok-desa-{assessment.hazard_id}-{assessment.revision}.{ending}"
    lines = _lines(assessment, found, days, reader)
    if ending == "csv":
        blocks, kind = tabular.csv_blocks(lines, HEADER), "text/csv"
    else:
        blocks, kind = tabular.geojson_blocks(map(_feature, lines)), "application/geo+json"
    answer = StreamingHttpResponse(list(blocks), content_type=f"{kind}; charset=utf-8")
    return as_attachment(answer, name)


def _lines(
    assessment: Assessment, found: Clusters, days: int, reader: Reader
) -> Iterator[list[Any]]:
    """One row for each cluster, by HEADER."""
    for one in found.clusters:
        yield [
            *(one.number, one.regency, one.regency_name, len(one.villages)),
            " ".join(village.village_id for village in one.villages),
            ", ".join(village.village.name for village in one.villages),
            *(one.label, one.severity, one.families, one.persons),
            *(round(one.longitude, 5), round(one.latitude, 5), days, _needs(one)),
            *_sources(one, reader),
            *(found.left_out, SUPPRESSED if found.left_out else ""),
            *(settings.CLUSTER_DISTANCE_KM, assessment.hazard.title, assessment.revision),
            *(assessment.assessed_at, ", ".join(assessment.editions)),
        ]


def _needs(one: Cluster) -> str:
    return "; ".join(f"{good} {quantity}" for good, quantity in sorted(one.needs.items()))


def _sources(one: Cluster, reader: Reader) -> list[Any]:
    cells = [cell for source in one.found.sources for cell in _source(source, reader)]
    return cells + [None] * (len(SOURCE) * ranking.MOST - len(cells))


def _source(one: Source, reader: Reader) -> list[Any]:
    return [
        facility_name(one.facility, reader),
        round(one.distance_m / 1_000, 1),
        "ya" if one.crossings else "tidak",
        "ya" if one.is_own_regency else "tidak",
    ]


def _feature(line: list[Any]) -> dict[str, Any]:
    about = dict(zip(HEADER, line, strict=True))
    place = {"type": "Point", "coordinates": [about.pop("bujur"), about.pop("lintang")]}
    return {"geometry": place, "properties": {k: v for k, v in about.items() if v is not None}}
