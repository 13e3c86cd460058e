"""Our pockets for others, without signing in: the parts Core and GeoJSON of OGC API – Features.

Only aggregates of our edition in force are open: villages that are pockets by numbers that are
shown, and cells of the grid, small numbers and their complements left out (adr/0030).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.common import sql
from apps.common.geo import COUNTRY_BOX
from apps.common.http import decimal, integer
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import disclosure
from apps.indicators.pockets.differences import rounded

VILLAGES: Final = "pocket-villages"
CELLS: Final = "pocket-cells"
COLLECTIONS: Final = (VILLAGES, CELLS)
CONFORMS_TO: Final = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
DEFAULT_LIMIT, MOST = 100, 1_000
MOST_SKIPPED: Final = 10_000_000
NUMBER: Final = re.compile(r"[0-9.:-]{1,40}")
WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
Feature = dict[str, Any]


class BadQueryError(ValueError):
    """A parameter that the standard does not allow; the argument says which and why."""


@dataclass(frozen=True)
class Query:
    """The asked page of a collection; the box is west, south, east, north in degrees."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0
    box: tuple[float, float, float, float] = WORLD


def read_query(params: Mapping[str, Any]) -> Query:
    """The parameters of a request. Raises: BadQueryError."""
    if unknown := sorted(set(params) - {"limit", "offset", "bbox", "f"}):
        raise BadQueryError(_("There is no parameter {name}.").format(name=unknown[0][:40]))
    limit = integer(params.get("limit", str(DEFAULT_LIMIT)), most=MOST_SKIPPED)
    offset = integer(params.get("offset", "0"), most=MOST_SKIPPED)
    if not limit or offset is None:
        raise BadQueryError(_("limit and offset are whole numbers; limit is at least 1."))
    if params.get("f", "json") not in ("json", "geojson"):
        raise BadQueryError(_("Only f=json is known."))
    return Query(min(limit, MOST), offset, _box(params.get("bbox", "")))


def _box(text: str) -> tuple[float, float, float, float]:
    if not text:
        return WORLD
    sides = [decimal(part) for part in text.split(",")]
    if len(sides) != 4 or None in sides:
        raise BadQueryError(_("bbox holds four numbers: west, south, east, north in degrees."))
    west, south, east, north = (side for side in sides if side is not None)
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadQueryError(_("bbox holds four numbers: west, south, east, north in degrees."))
    return west, south, east, north


def read_features(
    edition: PocketEdition, collection: str, query: Query, *, number: str = ""
) -> tuple[int, list[Feature]]:
    """(how many match, the features of the page). Queries: one, two where the page is empty."""
    if number and not NUMBER.fullmatch(number):
        return 0, []
    west, south, east, north = query.box
    values = {
        "edition": edition.pk,
        **{"west": west, "south": south, "east": east, "north": north},
        "code": number,
        "most": query.limit,
        "skipped": query.offset,
    }
    rows = _rows(collection, values)
    if not rows and query.offset:
        first = _rows(collection, values | {"most": 1, "skipped": 0})
        return (first[0][0] if first else 0), []
    made = _village if collection == VILLAGES else _cell
    return (rows[0][0] if rows else 0), [made(edition, *row[1:]) for row in rows]


def _rows(collection: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    if collection == VILLAGES:
        return sql.run("indicators/pockets/draw_open_villages", values)
    return sql.run("indicators/pockets/draw_open_cells", values)


def _village(
    edition: PocketEdition,
    code: str,
    name: str,
    regency: str | None,
    families: int,
    persons: int,
    counted: int,
    per_km2: float | None,
    percent: float | None,
    hidden: list[str],
    shape: str | None,
) -> Feature:
    shows = {
        column: disclosure.is_shown_among(hidden, column)
        for column in ("families", "persons", "counted")
    }
    about = {
        "kode_desa": code,
        "desa": name,
        "kabupaten": regency,
        "keluarga": families if shows["families"] else None,
        "jiwa": persons if shows["persons"] else None,
        "keluarga_dihitung": counted if shows["counted"] else None,
        "per_km2": rounded(per_km2) if shows["counted"] else None,
        "persen": rounded(percent) if shows["counted"] else None,
        "disamarkan": not all(shows.values()),
    }
    return _feature(edition, code, shape, about)


def _cell(
    edition: PocketEdition,
    number: str,
    families: int,
    persons: int,
    per_km2: float | None,
    shape: str,
) -> Feature:
    about = {"keluarga_dihitung": families, "jiwa": persons, "per_km2": rounded(per_km2)}
    return _feature(edition, number, shape, about)


def _feature(
    edition: PocketEdition, number: str, shape: str | None, about: dict[str, Any]
) -> Feature:
    return {
        "type": "Feature",
        "id": number,
        "geometry": json.loads(shape) if shape else None,
        "properties": {
            **about,
            "edisi": edition.name,
            "tanggal": edition.published_date.isoformat(),
            "batas": ", ".join(edition.boundaries),
        },
    }


def describe_collection(name: str, edition: PocketEdition | None) -> dict[str, Any]:
    """The metadata of a collection, without its links."""
    titles = {
        VILLAGES: _("Villages that are pockets of extreme poverty by the register"),
        CELLS: _("Cells of a hexagon grid that are pockets by the register"),
    }
    west, south, east, north = COUNTRY_BOX
    told = _(
        "Numbers below five and their complements are left out, and villages whose number of"
        " counted families is; cells are rounded to fives."
    )
    if edition is not None:
        told = f"{edition.name}, {edition.published_date.isoformat()}. {told}"
    return {
        "id": name,
        "title": titles[name],
        "description": told,
        "itemType": "feature",
        "crs": ["http://www.opengis.net/def/crs/OGC/1.3/CRS84"],
        "extent": {"spatial": {"bbox": [[west, south, east, north]]}},
    }
