"""The affected villages as rows and as features."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.gis.db.models.functions import AsGeoJSON
from django.db.models import OuterRef, Subquery

from apps.commandcentre.models import AffectedVillage, Assessment
from apps.commandcentre.reports import situation
from apps.regions.models import Boundary

HEADER: Final = (
    *("kode_desa", "desa", "kecamatan", "kabupaten", "tingkat", "bagian_luas", "bagian_keluarga"),
    *("keluarga", "jiwa", "balita", "lansia", "disabilitas", "keluarga_tanpa_titik"),
)
# Decimals of a degree: about a metre.
DECIMALS: Final = 5


def rows(assessment: Assessment) -> Iterator[tuple[Any, ...]]:
    """One row for each village, in the order of `HEADER`. Shares are parts of one."""
    for one in situation.affected(assessment).iterator(chunk_size=2_000):
        yield _values(one)


def features(assessment: Assessment) -> Iterator[dict[str, Any]]:
    """One feature for each village, with its border in force; none where it has no polygon."""
    border = Boundary.objects.filter(region=OuterRef("village"), is_current=True)
    drawn = situation.affected(assessment).annotate(
        drawn=Subquery(border.annotate(text=AsGeoJSON("boundary", DECIMALS)).values("text")[:1])
    )
    for one in drawn.iterator(chunk_size=500):
        yield {
            "id": one.village_id,
            "geometry": json.loads(one.drawn) if one.drawn else None,
            "properties": dict(zip(HEADER, _values(one), strict=True)),
        }


def _values(one: AffectedVillage) -> tuple[Any, ...]:
    district = one.village.parent
    regency = district.parent if district is not None else None
    share = one.share_families
    return (
        one.village_id,
        one.village.name,
        district.name if district is not None else "",
        regency.name if regency is not None else "",
        one.footprint.label,
        round(one.share_area, 4),
        None if share is None else round(share, 4),
        one.families,
        one.persons,
        one.under_five,
        one.elderly,
        one.disability,
        one.families_without_point,
    )
