"""The map of one hazard as GeoJSON: bands, affected villages, outlines of their regencies."""

from __future__ import annotations

import json
from typing import Any, Final

from apps.accounts.access import Scope
from apps.commandcentre.models import Assessment, Hazard
from apps.common import sql

# Villages that are drawn; a screen shows no more, and the table has all.
MOST_VILLAGES: Final = 2_000
# How exactly lines are drawn, in degrees, by the number of villages.
FINE: Final = (300, 0.0003)
COARSE: Final = 0.002


def features(hazard: Hazard, assessment: Assessment | None, scope: Scope) -> list[dict[str, Any]]:
    """The features, drawn in this order. Queries: one."""
    few, fine = FINE
    count = assessment.villages if assessment is not None else 0
    rows = sql.run(
        "commandcentre/board/draw_hazard",
        {
            "hazard": hazard.pk,
            "revision": assessment.revision if assessment is not None else hazard.revision,
            "assessment": assessment.pk if assessment is not None else 0,
            "prefixes": list(scope.prefixes),
            "detail": fine if count <= few else COARSE,
            "most": MOST_VILLAGES,
        },
    )
    drawn = [_feature(row) for row in rows]
    if hazard.epicentre is not None:
        place = {"type": "Point", "coordinates": [hazard.epicentre.x, hazard.epicentre.y]}
        drawn.append({"geometry": place, "properties": {"what": "epicentre"}})
    return [{"type": "Feature", **one} for one in drawn]


def _feature(row: tuple[Any, ...]) -> dict[str, Any]:
    what, code, name, severity, persons, families, share, label, shape = row
    about = {
        "what": what,
        "code": code,
        "name": name,
        "severity": severity,
        "persons": persons,
        "families": families,
        "share": None if share is None else round(share, 4),
        "label": label,
    }
    known = {key: value for key, value in about.items() if value not in (None, "")}
    return {"geometry": json.loads(shape), "properties": known}
