"""The nearest sufficient sources against brute force, on the sphere and on the ellipsoid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

from apps.commandcentre.nearest import search
from apps.commandcentre.nearest.search import NO_ISLAND, Places, distance_matrix, rank

ROOT = Path(__file__).resolve().parents[3]
INDONESIA = ((95.0, 141.0), (-11.0, 6.0))


def anywhere(seed: int, count: int, *, islands: int = 5, regencies: int = 20) -> Places:
    draw = np.random.default_rng(seed)
    return Places(
        draw.uniform(*INDONESIA[0], count),
        draw.uniform(*INDONESIA[1], count),
        draw.integers(NO_ISLAND, islands, count),
        draw.integers(0, regencies, count),
    )


def brute(sources, villages, stock, need, k, penalty_m, regency_first):
    metres, crossings = distance_matrix(sources, villages)
    answer = []
    for village in range(len(villages)):
        enough = (stock >= need[village]).all(axis=1)
        keys = sorted(
            (
                bool(regency_first and sources.regency[one] != villages.regency[village]),
                metres[one, village] + crossings[one, village] * penalty_m,
                one,
            )
            for one in np.flatnonzero(enough)
        )
        answer.append([one for *_rest, one in keys[:k]])
    return answer


@pytest.mark.parametrize("regency_first", [False, True], ids=["any regency", "own regency first"])
@pytest.mark.parametrize("penalty_m", [0.0, 200_000.0], ids=["no penalty", "penalty"])
@pytest.mark.parametrize("stocked", [0.05, 0.5, 1.0], ids=["few have enough", "half", "all"])
def test_the_ranking_is_that_of_brute_force(regency_first, penalty_m, stocked):
    sources, villages = anywhere(1, 300), anywhere(2, 120)
    draw = np.random.default_rng(3)
    stock = draw.integers(0, 100, (300, 3)) * (draw.random((300, 1)) < stocked)
    need = draw.integers(0, 30, (120, 3))
    found = rank(
        sources,
        villages,
        stock=stock,
        need=need,
        k=5,
        penalty_m=penalty_m,
        regency_first=regency_first,
    )
    wanted = brute(sources, villages, stock, need, 5, penalty_m, regency_first)
    assert [[one for one in row if one >= 0] for row in found.source.tolist()] == wanted


# The sphere's metres differ by at most 0.56 % from geodesic ones: two prices that are nearer to one
# another than twice that may change places, and no others.
NEAR = 1.0113


def geodesic_m(sources: Places, villages: Places) -> np.ndarray:
    """Metres on the ellipsoid WGS 84 of every village (rows) to every source."""
    village, source = np.meshgrid(np.arange(len(villages)), np.arange(len(sources)), indexing="ij")
    _out, _back, metres = Geod(ellps="WGS84").inv(
        villages.longitude[village],
        villages.latitude[village],
        sources.longitude[source],
        sources.latitude[source],
    )
    return np.asarray(metres)


@pytest.mark.parametrize("regency_first", [False, True], ids=["any regency", "own regency first"])
@pytest.mark.parametrize("penalty_m", [0.0, 200_000.0], ids=["no penalty", "penalty"])
def test_the_order_is_that_of_geodesic_distances(regency_first, penalty_m):
    sources, villages, k = anywhere(11, 400, regencies=4), anywhere(12, 500, regencies=4), 5
    found = rank(
        sources,
        villages,
        stock=np.ones((400, 1), dtype=int),
        need=np.ones((500, 1), dtype=int),
        k=k,
        penalty_m=penalty_m,
        regency_first=regency_first,
    )
    crosses = (
        (sources.island[None, :] != villages.island[:, None])
        & (sources.island[None, :] != NO_ISLAND)
        & (villages.island[:, None] != NO_ISLAND)
    )
    price = geodesic_m(sources, villages) + crosses * penalty_m
    is_far = regency_first & (sources.regency[None, :] != villages.regency[:, None])
    best = np.lexsort((price, is_far), axis=1)[:, : k + 1]
    prices, fars = (np.take_along_axis(one, best, axis=1) for one in (price, is_far))
    # at each place is a source as near as the right one, but for the ellipsoid's share
    assert (np.take_along_axis(is_far, found.source, axis=1) == fars[:, :k]).all()
    assert (np.take_along_axis(price, found.source, axis=1) <= prices[:, :k] * NEAR).all()
    # where no two of the first six are nearly equal, the order is exactly the geodesic one
    is_apart = (prices[:, 1:] > prices[:, :-1] * NEAR) | (fars[:, 1:] != fars[:, :-1])
    is_clear = is_apart.all(axis=1)
    assert is_clear.mean() > 0.6
    assert (found.source[is_clear] == best[is_clear, :k]).all()
    assert (found.source == best[:, :k]).all(axis=1).mean() > 0.9


def test_metres_are_within_six_thousandths_of_the_geodesic():
    sources, villages = anywhere(4, 40), anywhere(5, 50)
    metres, _crossings = distance_matrix(sources, villages)
    places = np.meshgrid(np.arange(40), np.arange(50), indexing="ij")
    one, other = (place.ravel() for place in places)
    _out, _back, geodesic = Geod(ellps="WGS84").inv(
        sources.longitude[one],
        sources.latitude[one],
        villages.longitude[other],
        villages.latitude[other],
    )
    assert np.abs(metres.ravel() / geodesic - 1).max() < 0.006


def test_a_source_over_the_sea_comes_after_a_farther_one_on_the_same_island():
    village = Places(np.array([110.0]), np.array([-7.0]), np.array([1]), np.array([0]))
    sources = Places(
        np.array([110.1, 110.5]), np.array([-7.0, -7.0]), np.array([2, 1]), np.array([1, 1])
    )
    asked = {"stock": np.ones((2, 1)), "need": np.ones((1, 1)), "k": 2, "regency_first": False}
    assert rank(sources, village, penalty_m=100_000, **asked).source.tolist() == [[1, 0]]
    found = rank(sources, village, penalty_m=0, **asked)
    assert found.source.tolist() == [[0, 1]]
    assert found.crossings.tolist() == [[1, 0]]


def test_places_whose_island_is_not_known_are_no_crossing_apart():
    one = Places(np.array([110.0]), np.array([-7.0]), np.array([NO_ISLAND]), np.array([0]))
    other = Places(np.array([111.0]), np.array([-7.0]), np.array([3]), np.array([0]))
    assert distance_matrix(one, other)[1].tolist() == [[0]]


@pytest.mark.parametrize(("sources", "villages"), [(0, 3), (3, 0), (0, 0), (2, 3)])
def test_fewer_sources_than_asked_for_are_no_fault(sources, villages):
    found = rank(
        anywhere(1, sources),
        anywhere(2, villages),
        stock=np.ones((sources, 1), dtype=int),
        need=np.ones((villages, 1), dtype=int),
        k=5,
        penalty_m=1.0,
        regency_first=True,
    )
    assert found.source.shape == (villages, 5)
    assert (found.source >= 0).sum() == sources * villages


def test_a_tree_and_every_distance_rank_the_same(monkeypatch):
    sources, villages = anywhere(6, 900, islands=2), anywhere(7, 700, islands=2)
    draw = np.random.default_rng(8)
    asked = {
        "stock": draw.integers(0, 100, (900, 2)),
        "need": draw.integers(0, 60, (700, 2)),
        "k": 5,
        "penalty_m": 300_000.0,
        "regency_first": True,
    }
    by_tree = rank(sources, villages, **asked)
    monkeypatch.setattr(search, "MOST_COMPARED", 10**9)
    monkeypatch.setattr(search, "MOST_PAIRED", 0)
    compared = rank(sources, villages, **asked)
    assert (by_tree.source == compared.source).all()
    assert (by_tree.crossings == compared.crossings).all()


def test_sources_at_one_point_are_ranked_by_their_order():
    village = Places(np.array([110.0]), np.array([-7.0]), np.array([1]), np.array([0]))
    same = Places(
        np.full(4, 110.2), np.full(4, -7.0), np.ones(4, dtype=int), np.zeros(4, dtype=int)
    )
    found = rank(
        same,
        village,
        stock=np.ones((4, 1)),
        need=np.ones((1, 1)),
        k=3,
        penalty_m=1.0,
        regency_first=True,
    )
    assert found.source.tolist() == [[0, 1, 2]]


def test_the_villages_of_a_page_are_ranked_without_the_large_library():
    """A web process never loads scipy for a page."""
    code = (
        "import sys, numpy as np; from apps.commandcentre.nearest.search import Places, rank;"
        "d = np.random.default_rng(1);"
        "p = lambda n: Places(d.uniform(95, 141, n), d.uniform(-11, 6, n), d.integers(0, 9, n),"
        " d.integers(0, 9, n));"
        "rank(p(20000), p(25), stock=np.ones((20000, 1)), need=np.ones((25, 1)), k=5,"
        " penalty_m=2e5, regency_first=True); print('scipy' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert told.stdout.strip() == "False"
