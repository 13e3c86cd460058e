"""A publication with an open row, a former release, a confirmed name and a service, for pages."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.base import ContentFile

from apps.indicators.models import (
    Indicator,
    KnownName,
    OpenRow,
    Publication,
    Release,
    RowFinding,
    Service,
    ServiceHost,
    Value,
)
from tests.base import NOW

TABLE = b"provinsi,kabkota,Persen miskin\nNUSA BARAT,Barat Purba,18.98\n"
PERIOD = {"period": "2021", "period_start": date(2021, 1, 1)}


def figure_objects(regency: str) -> dict[str, Any]:
    """Kind of object → its key. Written as the owner."""
    publication = Publication.objects.create(
        **PERIOD,
        source="BPS",
        status=Publication.Status.REVIEW,
        file=ContentFile(TABLE, name=f"p0-{regency}.csv"),
        file_name="p0.csv",
        file_size=len(TABLE),
        sha256="2" * 64,
        header=["provinsi", "kabkota", "Persen miskin"],
        mapping={"province_name": 0, "regency_name": 1},
        values={"poverty_rate": 2},
        code_system="kemendagri",
        counts={"rows": 1, "taken": 0, "open": 1, "refused": 0, "unchanged": []},
        held=[{"code": "figures_mixed", "params": {"column": "Persen miskin"}}],
        received_at=NOW,
        received_by="command:tests",
    )
    told = {"line": 2, "value": "Barat Purba"}
    OpenRow.objects.create(
        publication=publication,
        row_number=1,
        line=2,
        code="figure_name_unknown",
        params=told,
        written={"regency_name": "Barat Purba", "value_poverty_rate": "18.98"},
        name_key=f"{regency}/BARATPURBA",
        level="regency",
        candidates=[regency],
    )
    RowFinding.objects.create(
        publication=publication, row_number=2, code="figure_note_row", params=told
    )
    release = Release.objects.create(
        **PERIOD,
        indicator=Indicator.objects.get(pk="poverty_rate"),
        publication=publication,
        level="regency",
        source="BPS",
        code_system="kemendagri",
        stored_at=NOW,
        values_count=1,
    )
    Value.objects.create(release=release, region_id=regency, value=18.98)
    name = KnownName.objects.create(
        name_key=f"{regency}/LAMA",
        written="Lama",
        region_id=regency,
        confirmed_by="tests",
        confirmed_at=NOW,
    )
    host, _is_new = ServiceHost.objects.get_or_create(
        name="layanan.example",
        defaults={"status": "allowed", "asked_by": "command:tests", "asked_at": NOW},
    )
    service = Service.objects.create(
        name=f"layanan-{regency.replace('.', '')}",
        kind="arcgis",
        url="https://layanan.example/rest/services/p0/FeatureServer",
        source="BPS",
        period="2021",
        code="service_timeout",
        params={"page": "4", "seconds": 60},
        failures=1,
        host=host,
        fields={"region_code": "KDPKAB"},
        values={"poverty_rate": "P0"},
        preview={"fields": ["KDPKAB", "P0"], "rows": [["97.01", "18.98"]], "total": 1},
        previewed_at=NOW,
    )
    return {
        "indicator": "poverty_rate",
        "release": release.pk,
        "publication": publication.pk,
        "knownname": name.pk,
        "service": service.pk,
        "servicehost": host.pk,
    }


def more_figures(kinds: dict[str, Any], numbers: range) -> None:
    """More of what the pages of figures list, around the objects of one regency."""
    publication = Publication.objects.get(pk=kinds["publication"])
    release = Release.objects.get(pk=kinds["release"])
    for number in numbers:
        row = publication.open_rows.order_by("pk")[0]
        row.pk, row.row_number, row.line = None, 100 + number, 101 + number
        row.candidates = [f"97.0{1 + number % 2}", "98.01"]
        row.save()
        RowFinding.objects.create(
            publication=publication,
            row_number=200 + number,
            code="figure_note_row",
            params={"line": 201 + number, "value": "Sumber"},
        )
        other = Publication.objects.get(pk=publication.pk)
        other.pk, other.sha256 = None, f"{number:064}"
        other.save()
        another = Release.objects.get(pk=release.pk)
        another.pk, another.publication = None, other
        another.save()
        region = f"97.01.01.{2001 + number % 2}" if number < 2 else f"98.0{1 + number % 2}"
        Value.objects.get_or_create(
            release=release, region_id=region, defaults={"value": 10 + number}
        )
        Service.objects.get_or_create(
            name=f"layanan-{number}",
            defaults={"kind": "wfs", "url": "https://a.example/", "source": "BPS", "period": "1"},
        )
