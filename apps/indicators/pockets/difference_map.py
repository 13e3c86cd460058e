"""The differences as GeoJSON: for the page's map, for a file, and as open features."""

from __future__ import annotations

import json
from typing import Any, Final

from apps.accounts.access import Scope
from apps.common import sql
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import disclosure
from apps.indicators.pockets.boundary_notes import names_of
from apps.indicators.pockets.differences import Selection, rounded
from apps.regions.models import prefix_of

# Villages that are drawn; a screen shows no more, and the table has all.
MOST_DRAWN: Final = 2_000
MOST_IN_FILE: Final = 100_000
# How exactly lines are drawn, in degrees, by the number of villages.
FINE: Final = (300, 0.0003)
COARSE: Final = 0.002
# The row that counts areas.
AREAS: Final = "areas"


def features(
    pair: tuple[PocketEdition, PocketEdition],
    selection: Selection,
    scope: Scope,
    *,
    villages: int,
    is_file: bool = False,
) -> list[dict[str, Any]]:
    """The features of a selection of so many villages; a file has villages only. Queries: one."""
    rows = _rows(pair, selection, scope, villages, is_file=is_file)
    found = [_feature(*row) for row in rows if row[0] != AREAS]
    if is_file:
        published, computed = pair
        about = {
            "edisi_big": published.name,
            "edisi_kita": computed.name,
            "batas_big": names_of(published),
            "batas_kita": names_of(computed),
        }
        for one in found:
            one["properties"] |= about
    return found


def drawn(
    pair: tuple[PocketEdition, PocketEdition], selection: Selection, scope: Scope, *, villages: int
) -> dict[str, Any]:
    """What the map draws: `features`, and how many `areas` (cells, too) there are and are drawn.

    Queries: one.
    """
    rows = _rows(pair, selection, scope, villages, is_file=False)
    areas = next((row for row in rows if row[0] == AREAS), None)
    return {
        "areas": areas[4] if areas else 0,
        "drawn_areas": areas[5] if areas else 0,
        "features": [_feature(*row) for row in rows if row[0] != AREAS],
    }


def _rows(
    pair: tuple[PocketEdition, PocketEdition],
    selection: Selection,
    scope: Scope,
    villages: int,
    *,
    is_file: bool,
) -> list[tuple[Any, ...]]:
    if selection.is_nothing:
        return []
    published, computed = pair
    few, fine = FINE
    return sql.run(
        "indicators/pockets/draw_differences",
        {
            "published": published.pk,
            "computed": computed.pk,
            "prefixes": list(scope.prefixes),
            "region": prefix_of(selection.region),
            "kinds": list(selection.kind),
            "detail": fine if is_file or villages <= few else COARSE,
            "most": MOST_IN_FILE if is_file else MOST_DRAWN,
            "areas": not is_file,
        },
    )


def _feature(
    what: str,
    code: str,
    name: str,
    kind: str,
    families: int | None,
    persons: int | None,
    counted: int | None,
    per_km2: float | None,
    percent: float | None,
    answer: str,
    hidden: list[str] | None,
    shape: str | None,
) -> dict[str, Any]:
    shows = {
        column: hidden is None or disclosure.is_shown_among(hidden, column)
        for column in ("families", "persons", "counted")
    }
    about = {
        "what": what,
        "code": code,
        "name": name,
        "kind": kind,
        "families": families if shows["families"] else None,
        "persons": persons if shows["persons"] else None,
        "counted": counted if shows["counted"] else None,
        "per_km2": rounded(per_km2) if shows["counted"] else None,
        "percent": rounded(percent) if shows["counted"] else None,
        "answer": answer,
        "suppressed": None if all(shows.values()) else True,
    }
    return {
        "type": "Feature",
        "id": code,
        "geometry": json.loads(shape) if shape else None,
        "properties": {key: value for key, value in about.items() if value not in (None, "")},
    }
