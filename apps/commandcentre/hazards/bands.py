"""The areas of an earthquake's intensities, estimated from magnitude, depth and place.

BMKG publishes no grid of intensities as data. Where magnitude or depth is missing the area is one
circle, and its method says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from apps.commandcentre import intensity
from apps.commandcentre.hazards import felt
from apps.commandcentre.hazards.felt import FeltPlace
from apps.commandcentre.models import Footprint, Hazard
from apps.commandcentre.states import FootprintMethod, Measure
from apps.common import sql

# Around an earthquake without magnitude or depth.
CIRCLE_KM: Final = 25.0
M_PER_KM: Final = 1000.0
# A rupture whose parts differ less in depth shakes as one at its top.
NEARLY_LEVEL_KM: Final = 5.0


def store_bands(hazard: Hazard) -> int:
    """Store the footprints of the present version of an earthquake; returns their number.

    None where no place reaches the lowest band.
    """
    if hazard.magnitude is None or hazard.depth_km is None:
        circle = intensity.Band(0, None, f"{CIRCLE_KM:.0f} km", 0, CIRCLE_KM)
        return _store(hazard, [circle], Measure.CLASS, FootprintMethod.CIRCLE, {})
    places = list(dict.fromkeys(felt.read(hazard.felt)))
    residuals = _residuals(hazard, places, hazard.magnitude, hazard.depth_km)
    offset = felt.offset(list(residuals.values()))
    found = intensity.bands_around_point(hazard.magnitude, hazard.depth_km, offset)
    relation = describe_relation(hazard.magnitude, hazard.depth_km, found)
    if places:
        relation |= {
            "offset": round(offset, 2),
            "felt_places": len(residuals),
            "felt_named": len(places),
            "felt_unknown": [place.name for place in places if place not in residuals],
        }
    return _store(hazard, found, Measure.MMI, FootprintMethod.RELATION, relation)


def keep_former(hazard: Hazard) -> int:
    """Give the present version the footprints of the one before; returns their number."""
    former = list(Footprint.objects.filter(hazard=hazard, revision=hazard.revision - 1))
    for one in former:
        one.pk, one.revision = None, hazard.revision
    return len(Footprint.objects.bulk_create(former))


def _residuals(
    hazard: Hazard, places: Sequence[FeltPlace], magnitude: float, depth_km: float
) -> dict[FeltPlace, float]:
    """Felt minus expected intensity, of each place that is recognised. Queries: one, or none."""
    if not places or hazard.epicentre is None:
        return {}
    rows = sql.run(
        "commandcentre/hazards/find_felt_places",
        {
            "names": [place.name for place in places],
            "longitude": hazard.epicentre.x,
            "latitude": hazard.epicentre.y,
            "farthest_m": intensity.FARTHEST_KM * M_PER_KM,
        },
    )
    metres = dict(rows)
    return {
        place: place.intensity
        - intensity.at_hypocentral_distance(
            magnitude, math.hypot(metres[place.name] / M_PER_KM, depth_km)
        )
        for place in places
        if place.name in metres
    }


def store_drawn(
    hazard: Hazard, areas: Sequence[tuple[str, float, str]], method: FootprintMethod
) -> int:
    """Store the areas of a message (WKT in degrees, severity, label) as one band for each severity;
    returns the number of bands.
    """
    wkts, severities, labels = zip(*areas, strict=True)
    stored = sql.run(
        "commandcentre/hazards/store_drawn",
        {
            "hazard": hazard.pk,
            "revision": hazard.revision,
            "wkts": list(wkts),
            "severities": list(severities),
            "labels": list(labels),
            "measure": Measure.CLASS,
            "method": method,
        },
    )
    return len(stored)


def describe_relation(
    magnitude: float,
    depth_km: float,
    found: list[intensity.Band],
    spread: Callable[[float], float] = intensity.spread,
) -> dict[str, Any]:
    """Source and spread of an estimate, and for what the relation was not made. `depth_km` is that
    of the hypocentre, or of the rupture's top, and `spread` that of the relation by it.
    """
    odd = intensity.outside_range(magnitude, depth_km)
    if found and found[0].outer_km > intensity.FARTHEST_KM:
        odd.append("distance")
    spreads = [spread(depth_km), spread(intensity.FARTHEST_KM)]
    return {
        "source": intensity.SOURCE,
        "spread": [round(one, 1) for one in spreads],
        "outside_range": odd,
    }


def store_bands_of_rupture(
    hazard: Hazard, wkt: str, top_km: float, bottom_km: float
) -> list[tuple[Any, ...]]:
    """Store the footprints around the edges of a rupture (WKT, degrees); `top_km` and `bottom_km`:
    its shallowest and its deepest part. All of it counts as being as shallow as its top, so that
    the shaking above a deep end is estimated too strong: `deep_end_km` says so.

    Returns label, lower and upper bound and square kilometres of each.
    """
    magnitude = hazard.magnitude or 0.0
    found = intensity.bands_around_rupture(magnitude, top_km)
    relation = describe_relation(magnitude, top_km, found, intensity.spread_at_rupture)
    if bottom_km - top_km > NEARLY_LEVEL_KM:
        relation["deep_end_km"] = round(bottom_km)
    values = _values(hazard, found, Measure.MMI, FootprintMethod.RELATION, relation)
    return sql.run("commandcentre/hazards/store_rupture", values | {"wkt": wkt})


def _store(
    hazard: Hazard,
    found: list[intensity.Band],
    measure: Measure,
    method: FootprintMethod,
    relation: dict[str, Any],
) -> int:
    assert hazard.epicentre is not None  # the caller looks
    place = {"longitude": hazard.epicentre.x, "latitude": hazard.epicentre.y}
    values = _values(hazard, found, measure, method, relation)
    return len(sql.run("commandcentre/hazards/store_rings", values | place))


def _values(
    hazard: Hazard,
    found: list[intensity.Band],
    measure: Measure,
    method: FootprintMethod,
    relation: dict[str, Any],
) -> dict[str, Any]:
    """The parameters that both statements share."""
    return {
        "hazard": hazard.pk,
        "revision": hazard.revision,
        "measure": measure,
        "method": method,
        "relation": sql.json(relation),
        "lowers": [float(band.lower) for band in found],
        "uppers": [band.upper for band in found],
        "labels": [band.label for band in found],
        "inners_m": [float(band.inner_km * M_PER_KM) for band in found],
        "outers_m": [band.outer_km * M_PER_KM for band in found],
    }
