"""Intensity (MMI) from magnitude and distance by a published relation. Pure.

Source: T. I. Allen, D. J. Wald and C. B. Worden (2012), Intensity attenuation for active crustal
regions, Journal of Seismology 16, 409–433. Its data are of crustal earthquakes of magnitude 5.0 to
7.9 in active regions of the world, up to 300 km away. The relation by hypocentral distance serves
where only a point is known, the one by distance to the rupture where the rupture is known. Outside
that range of magnitudes, and for earthquakes below the crust (subduction), it is extrapolated, and
`outside_range` says so. Intensity V is 4.5 to 5.5, as in ShakeMap.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

SOURCE: Final = "Allen, Wald & Worden (2012), J. Seismol. 16, 409–433"
LEAST_MAGNITUDE: Final = 5.0
GREATEST_MAGNITUDE: Final = 7.9
DEEPEST_CRUST_KM: Final = 35.0
FARTHEST_KM: Final = 300.0
# From slight damage (V) to the strongest class of the bands (IX and more).
BANDS: Final = (5, 6, 7, 8, 9)
ROMAN: Final = {5: "V", 6: "VI", 7: "VII", 8: "VIII", 9: "IX"}
HALF: Final = 0.5
# No intensity of a band is reached farther away by any earthquake.
SEARCH_KM: Final = 2_000.0
_STEPS: Final = 60
# Magnitude and distance (km) → median intensity.
_Relation: TypeAlias = Callable[[float, float], float]


@dataclass(frozen=True)
class Band:
    """The places of one intensity around a point, or around a rupture.

    `lower` and `upper` are intensities (`upper` None: no upper bound), `inner_km` and `outer_km`
    distances on the surface, from the epicentre or from the rupture's projection.
    """

    lower: float
    upper: float | None
    label: str
    inner_km: float
    outer_km: float


def at_hypocentral_distance(magnitude: float, distance_km: float) -> float:
    """The median intensity so far (km) from the hypocentre."""
    # below the magnitudes of its data this term goes to zero, and the intensity there to infinity
    near_km = -0.209 + 2.042 * math.exp(max(magnitude, LEAST_MAGNITUDE) - 5)
    intensity = 2.085 + 1.428 * magnitude - 1.402 * math.log(math.hypot(distance_km, near_km))
    if distance_km > 50:
        intensity += 0.078 * math.log(distance_km / 50)
    return intensity


def at_rupture_distance(magnitude: float, distance_km: float) -> float:
    """The median intensity so far (km) from the nearest part of the rupture."""
    near_km = 1 + 0.813 * math.exp(magnitude - 5)
    return 3.950 + 0.913 * magnitude - 1.107 * math.log(math.hypot(distance_km, near_km))


def spread(distance_km: float) -> float:
    """One standard deviation of single observations around the median (hypocentral relation)."""
    return 0.82 + 0.37 / (1 + (distance_km / 22.9) ** 2)


def spread_at_rupture(distance_km: float) -> float:
    """The same of the relation by distance to the rupture."""
    return 0.72 + 0.23 / (1 + (distance_km / 44.7) ** 2)


def outside_range(magnitude: float, depth_km: float) -> list[str]:
    """What of an earthquake the relation was not made for: `magnitude`, `depth`."""
    odd = []
    if not LEAST_MAGNITUDE <= magnitude <= GREATEST_MAGNITUDE:
        odd.append("magnitude")
    if depth_km > DEEPEST_CRUST_KM:
        odd.append("depth")
    return odd


def bands_around_point(magnitude: float, depth_km: float, offset: float = 0.0) -> list[Band]:
    """The bands of an earthquake of which only hypocentre and magnitude are known.

    `offset` is added to every intensity: what felt reports say of this earthquake. The lowest band
    first; empty where no place reaches the lowest one.
    """
    return _bands(magnitude, depth_km, lambda m, km: at_hypocentral_distance(m, km) + offset)


def bands_around_rupture(magnitude: float, top_km: float) -> list[Band]:
    """The bands around the surface projection of a rupture whose upper edge is so deep."""
    return _bands(magnitude, top_km, at_rupture_distance)


def _bands(magnitude: float, depth_km: float, relation: _Relation) -> list[Band]:
    radii = [_radius_km(magnitude, depth_km, band - HALF, relation) for band in BANDS]
    found = []
    for number, (band, outer_km) in enumerate(zip(BANDS, radii, strict=True)):
        is_last = band == BANDS[-1]
        inner_km = 0.0 if is_last else radii[number + 1]
        if outer_km > inner_km:
            upper = None if is_last else band + HALF
            label = f"MMI {ROMAN[band]}" + ("+" if is_last else "")
            found.append(Band(band - HALF, upper, label, inner_km, outer_km))
    return found


def _radius_km(magnitude: float, depth_km: float, wanted: float, relation: _Relation) -> float:
    """How far from the epicentre this intensity is reached; 0 where it is reached nowhere.

    The relation falls with the distance, so that halving finds the place.
    """
    if relation(magnitude, depth_km) < wanted:
        return 0.0
    near_km, far_km = depth_km, math.hypot(SEARCH_KM, depth_km)
    if relation(magnitude, far_km) >= wanted:
        return SEARCH_KM
    for _ in range(_STEPS):
        middle_km = (near_km + far_km) / 2
        if relation(magnitude, middle_km) >= wanted:
            near_km = middle_km
        else:
            far_km = middle_km
    return math.sqrt(max(near_km**2 - depth_km**2, 0.0))


def band_of(intensity: float) -> int:
    """The class (V = 5 …) of an intensity: rounded, as ShakeMap does."""
    return math.floor(intensity + HALF)
