"""A thematic map as file: CSV, GeoJSON, GeoPackage, PNG and PDF, each with its sources inside."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio
import shapely
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common import tabular
from apps.common.files.attachments import as_attachment
from apps.indicators.measures.region_figures import Figure, State
from apps.maps.thematic import areas, page, sheet
from apps.maps.thematic.areas import Area
from apps.maps.thematic.bivariate import Bivariate
from apps.maps.thematic.theme import Theme

SUBJECT: Final = "indicators.Measure"
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "png": "image/png",
    "pdf": "application/pdf",
}
HEADER: Final = (
    *("kode", "wilayah", "nilai", "satuan", "pembilang", "penyebut", "keterangan"),
    *("ukuran", "periode", "sumber", "edisi_batas", "catatan"),
)
# What a map of two measures has besides.
SECOND: Final = (
    *("nilai_2", "satuan_2", "pembilang_2", "penyebut_2", "keterangan_2", "ukuran_2", "periode_2"),
    "kelas",
)
NUMBERS: Final = (*("nilai", "pembilang", "penyebut", "nilai_2", "pembilang_2", "penyebut_2"),)
# Words of a figure's state inside files, which have Indonesian columns.
STATES: Final = {State.SHOWN: "", State.HIDDEN: "disamarkan", State.MISSING: "tidak ada data"}


def export(theme: Theme, ending: str, *, by: User) -> HttpResponse:
    """The file as a response. The export is recorded. No row is about a person."""
    asked = theme.asked
    other = theme.other.measure.code if isinstance(theme, Bivariate) else ""
    record.entry(
        Action.EXPORT,
        about=Subject(SUBJECT, asked.measure.code, region=asked.within),
        by=by,
        measure=asked.measure.code,
        other=other,
        level=str(asked.level),
        within=asked.within,
        period=asked.period.key if asked.period else "",
        rows=len(theme.rows),
        hidden=theme.count_of(State.HIDDEN),
        filter={name: value for name, value in asked.region_filter.params().items() if value},
        format=ending,
    )
    answer = HttpResponse(_content(theme, ending, by), content_type=TYPES[ending])
    period = asked.period.key if asked.period else "tanpa-periode"
    measures = "-".join(filter(None, (asked.measure.code, other)))
    return as_attachment(answer, f"{measures}-{asked.within}-{asked.level}-{period}.{ending}")


def codes(theme: Theme) -> list[str]:
    """The codes of the regions of a map."""
    return [row.code for row in theme.rows]


def collection(theme: Theme, known: Mapping[str, Area]) -> dict[str, Any]:
    """The areas with class and text, for a browser that draws them itself; of counts the places and
    radii of their circles, too.
    """
    most = 0.0 if theme.measure.is_rate else theme.largest
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": _geometry(known[row.code]),
                "properties": {
                    "name": row.name,
                    "text": theme.words_of(row),
                    "class": theme.class_of(row),
                    **_circle(row, known[row.code], most),
                },
            }
            for row in theme.rows
            if row.code in known
        ],
    }


def _circle(row: Figure, area: Area, most: float) -> dict[str, Any]:
    """Place and radius of the circle of a count; nothing without one."""
    radius = page.radius_of(row.value, most)
    return {"place": [area.x, area.y], "radius": radius} if radius else {}


def _content(theme: Theme, ending: str, by: User) -> bytes:
    if ending == "csv":
        told = " | ".join(page.sources(theme))
        rows = (list(_fields(theme, row, told).values()) for row in theme.rows)
        return b"".join(tabular.csv_blocks(rows, columns_of(theme)))
    if ending == "geojson":
        return b"".join(tabular.geojson_blocks(_features(theme)))
    if ending == "gpkg":
        return _geopackage(theme)
    drawing = sheet.Sheet.of(theme, notes(theme, by))
    return sheet.as_png(drawing) if ending == "png" else sheet.as_pdf(drawing)


def notes(theme: Theme, by: User) -> list[str]:
    """The sources of a sheet, its day, and who made it."""
    at = date_format(timezone.localtime(), "j M Y, H:i")
    return [*page.sources(theme), _("As of %(at)s WIB, %(name)s") % {"at": at, "name": by}]


def _fields(theme: Theme, row: Figure, told: str) -> dict[str, Any]:
    """One row of a file; `told` are its notes."""
    asked, measure = theme.asked, theme.measure
    value = None if row.value is None else round(row.value, measure.decimals + 2)
    period = asked.period
    texts = (
        *(row.code, row.name, value, theme.unit, row.numerator, row.denominator),
        *(STATES[row.state], measure.name, period.label if period else ""),
        (period.source if period else "") or measure.source,
        theme.state.edition.name if theme.state else "",
        told,
    )
    return dict(zip(columns_of(theme), (*texts, *_second(theme, row)), strict=True))


def columns_of(theme: Theme) -> tuple[str, ...]:
    """The columns of a map's files."""
    return (*HEADER, *SECOND) if isinstance(theme, Bivariate) else HEADER


def _second(theme: Theme, row: Figure) -> tuple[Any, ...]:
    """The columns of the second measure; none where there is one measure."""
    if not isinstance(theme, Bivariate):
        return ()
    other, found = theme.other, theme.other_of(row)
    value = None if found.value is None else round(found.value, other.measure.decimals + 2)
    period = other.asked.period
    return (
        *(value, other.unit, found.numerator, found.denominator, STATES[found.state]),
        *(other.measure.name, period.label if period else "", theme.class_words(row)),
    )


def _features(theme: Theme) -> list[dict[str, Any]]:
    known = areas.areas(codes(theme), theme.asked.level)
    told = " | ".join(page.sources(theme))
    return [
        {
            "id": row.code,
            "geometry": _geometry(known[row.code]) if row.code in known else None,
            "properties": _fields(theme, row, told),
        }
        for row in theme.rows
    ]


def _geometry(area: Area) -> Any:
    shape = shapely.set_precision(shapely.from_wkb(area.wkb), 0.00001, mode="pointwise")
    return shapely.geometry.mapping(shape)


def _geopackage(theme: Theme) -> bytes:
    """One layer of the areas with the rows and columns of the CSV; values that are not shown are
    empty, and so is the area of a region without an outline.
    """
    known = areas.areas(codes(theme), theme.asked.level)
    rows = theme.rows
    names = columns_of(theme)
    told = " | ".join(page.sources(theme))
    fields = [_fields(theme, row, told) for row in rows]
    columns = {name: [one[name] for one in fields] for name in names}
    data = [
        np.array([np.nan if one is None else one for one in columns[name]], dtype=float)
        if name in NUMBERS
        else np.array([str(one) for one in columns[name]], dtype=object)
        for name in names
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "figures.gpkg"
        pyogrio.raw.write(
            path,
            np.array(
                [known[row.code].wkb if row.code in known else None for row in rows], dtype=object
            ),
            data,
            list(names),
            layer=theme.measure.code,
            driver="GPKG",
            geometry_type="MultiPolygon",
            crs="EPSG:4326",
            metadata={"DESCRIPTION": told},
        )
        return path.read_bytes()
