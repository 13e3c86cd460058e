"""Intensity by magnitude and distance: falls with distance, close to another published relation."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.commandcentre import intensity

magnitudes = st.floats(5.0, 7.9)
depths_km = st.floats(0, 35)


def by_atkinson_worden_wald(magnitude: float, distance_km: float) -> float:
    """Atkinson, Worden & Wald (2014), Bull. Seismol. Soc. Am. 104, 3084–3093, for California."""
    far_km = math.hypot(distance_km, 14)
    return (
        0.309
        + 1.864 * magnitude
        - 1.672 * math.log10(far_km)
        - 0.00219 * far_km
        + 1.77 * max(0.0, math.log10(far_km / 50))
        - 0.383 * magnitude * math.log10(far_km)
    )


@pytest.mark.parametrize("magnitude", [5.0, 5.5, 6.0, 6.5, 7.0, 7.5])
@pytest.mark.parametrize("distance_km", [10, 20, 50, 100, 200])
def test_the_relation_is_within_about_one_unit_of_another_published_one(magnitude, distance_km):
    ours = intensity.at_hypocentral_distance(magnitude, distance_km)
    assert ours == pytest.approx(by_atkinson_worden_wald(magnitude, distance_km), abs=1.01)


# Reckoned apart from the program, from the published coefficients: magnitude, distance (km), by
# distance to the hypocentre, by distance to the rupture.
RECKONED = [
    *((5.0, 10, 5.97, 5.95), (5.0, 60, 3.50, 3.98), (5.5, 50, 4.45, 4.64), (6.0, 20, 6.41, 6.10)),
    *((6.2, 75, 4.91, 4.83), (6.3, 13, 7.29, 6.81), (6.5, 100, 4.96, 4.79), (7.0, 30, 7.16, 6.55)),
    *((7.5, 200, 5.46, 4.93), (7.9, 300, 5.50, 4.85)),
]


@pytest.mark.parametrize(("magnitude", "distance_km", "hypocentre", "rupture"), RECKONED)
def test_both_relations_give_what_their_coefficients_give(
    magnitude, distance_km, hypocentre, rupture
):
    by_hypocentre = intensity.at_hypocentral_distance(magnitude, distance_km)
    assert by_hypocentre == pytest.approx(hypocentre, abs=0.01)
    assert intensity.at_rupture_distance(magnitude, distance_km) == pytest.approx(rupture, abs=0.01)


@pytest.mark.parametrize(
    ("distance_km", "hypocentre", "rupture"),
    [(0, 1.19, 0.95), (22.9, 1.005, 0.902), (300, 0.822, 0.725)],
)
def test_both_spreads_give_what_their_coefficients_give(distance_km, hypocentre, rupture):
    assert intensity.spread(distance_km) == pytest.approx(hypocentre, abs=0.005)
    assert intensity.spread_at_rupture(distance_km) == pytest.approx(rupture, abs=0.005)


def test_bantul_2006_shakes_as_strongly_as_was_observed_within_the_spread():
    # M 6.3 at 12.5 km: VIII to IX near Bantul; V to VI in Yogyakarta's north, 30 km away
    near = intensity.at_hypocentral_distance(6.3, 13)
    far = intensity.at_hypocentral_distance(6.3, math.hypot(30, 12.5))
    assert 8 - near <= 2 * intensity.spread(13)
    assert 5 <= far <= 6.5


@given(magnitudes, depths_km)
def test_bands_touch_each_other_and_the_strongest_is_in_the_middle(magnitude, depth_km):
    bands = intensity.bands_around_point(magnitude, depth_km)
    for weaker, stronger in zip(bands, bands[1:], strict=False):
        assert weaker.inner_km == stronger.outer_km
        assert weaker.upper == stronger.lower
    assert all(band.inner_km < band.outer_km for band in bands)
    assert not bands or bands[-1].inner_km == 0


@given(magnitudes, depths_km)
def test_at_the_outer_edge_of_a_band_its_lower_bound_is_reached(magnitude, depth_km):
    for band in intensity.bands_around_point(magnitude, depth_km):
        at_edge = intensity.at_hypocentral_distance(magnitude, math.hypot(band.outer_km, depth_km))
        assert at_edge == pytest.approx(band.lower, abs=0.01)


@given(magnitudes, depths_km, st.floats(0.1, 1))
def test_a_stronger_earthquake_reaches_farther(magnitude, depth_km, more):
    weak = intensity.bands_around_point(magnitude, depth_km)
    strong = intensity.bands_around_point(magnitude + more, depth_km)
    assert max((b.outer_km for b in strong), default=0) >= max(
        (b.outer_km for b in weak), default=0
    )


def test_a_weak_or_very_deep_earthquake_has_no_bands():
    assert intensity.bands_around_point(3.0, 10) == []
    assert intensity.bands_around_point(5.0, 300) == []


@pytest.mark.parametrize("depth_km", [0, 0.1, 1, 5])
def test_a_weak_earthquake_at_the_surface_does_not_shake_like_a_strong_one(depth_km):
    weak = intensity.at_hypocentral_distance(3.0, depth_km)
    assert weak < 6
    assert weak < intensity.at_hypocentral_distance(5.0, depth_km)
    labels = {band.label for band in intensity.bands_around_point(3.0, depth_km)}
    assert labels <= {"MMI V", "MMI VI"}


@pytest.mark.parametrize(
    ("magnitude", "depth_km", "odd"),
    [(6.0, 10, []), (4.2, 10, ["magnitude"]), (9.0, 25, ["magnitude"]), (6.7, 163, ["depth"])],
)
def test_what_the_relation_was_not_made_for_is_said(magnitude, depth_km, odd):
    assert intensity.outside_range(magnitude, depth_km) == odd


@pytest.mark.parametrize(("value", "band"), [(4.49, 4), (4.5, 5), (5.49, 5), (5.5, 6), (9.7, 10)])
def test_an_intensity_is_rounded_to_its_class(value, band):
    assert intensity.band_of(value) == band


def test_single_places_differ_less_from_the_relation_by_distance_to_the_rupture():
    for distance_km in (5, 50, 300):
        assert intensity.spread_at_rupture(distance_km) < intensity.spread(distance_km) + 0.05
    assert intensity.spread_at_rupture(0) == pytest.approx(0.95)
    assert intensity.spread_at_rupture(44.7) == pytest.approx(0.835)


def test_near_a_rupture_the_shaking_depends_on_the_distance_to_it():
    bands = intensity.bands_around_rupture(6.4, 0)
    assert [band.label for band in bands][:3] == ["MMI V", "MMI VI", "MMI VII"]
    assert bands[0].outer_km > bands[1].outer_km > bands[2].outer_km > 0
