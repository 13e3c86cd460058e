"""Classes of a legend."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.indicators.measures.classes import (
    BARS,
    Method,
    bounds_of,
    class_of,
    counts_of,
    histogram_of,
)

VALUES = st.lists(st.floats(0, 100).map(lambda one: round(one, 1)), min_size=1, max_size=60)


def test_quantiles_have_as_many_regions_in_each_class():
    values = list(range(1, 101))
    bounds = bounds_of(values, Method.QUANTILE)
    assert counts_of(values, bounds) == [20] * 5


def test_equal_steps_are_equal():
    assert bounds_of([0, 3, 100], Method.EQUAL) == [0, 20, 40, 60, 80, 100]


def test_own_breaks_are_all_kept_with_empty_classes():
    bounds = bounds_of([0, 50, 100], Method.FIXED, fixed=[500, 10, 90, 10])
    assert bounds == [0, 10, 90, 500, 500]
    assert counts_of([0, 50, 100], bounds) == [1, 1, 1, 0]
    assert bounds_of([50], Method.FIXED, fixed=[90]) == [50, 90, 90]
    assert class_of(90, [50, 90, 90]) == 1


@pytest.mark.parametrize("method", Method)
def test_no_values_have_no_classes_and_one_value_has_one(method):
    assert bounds_of([], method) == []
    assert counts_of([7.0, 7.0], bounds_of([7.0, 7.0], method)) == [2]


@given(VALUES, st.sampled_from(list(Method)))
def test_every_value_is_in_one_class(values, method):
    bounds = bounds_of(values, method)
    assert bounds == sorted(bounds)
    assert sum(counts_of(values, bounds)) == len(values)
    assert all(bounds[0] <= value <= bounds[-1] for value in values)
    assert class_of(bounds[-1], bounds) == len(bounds) - 2


def spread(values, bounds):
    grouped = [[] for _ in bounds[1:]]
    for value in values:
        grouped[class_of(value, bounds)].append(value)
    return sum(np.var(group) * len(group) for group in grouped if group)


@given(st.lists(st.integers(0, 30), min_size=6, max_size=9))
def test_natural_breaks_are_the_best_ones(values):
    """Against every choice of two bounds between three classes."""
    found = bounds_of(values, Method.NATURAL, count=3)
    distinct = sorted(set(values))
    others = [
        [distinct[0], *cuts, distinct[-1]]
        for cuts in itertools.combinations(distinct[1:], min(2, len(distinct) - 1))
    ]
    best = min((spread(values, bounds) for bounds in others), default=0.0)
    assert spread(values, found) <= best + 1e-6


def test_a_histogram_counts_every_value():
    values = [0, 1, 1, 50, 100]
    counts = histogram_of(values, least=0, most=100)
    assert len(counts) == BARS
    assert sum(counts) == 5
    assert counts[0] == 3


def test_a_histogram_has_values_beyond_its_ends_in_the_outer_bars():
    counts = histogram_of([-5, 1, 50, 100, 900], least=0, most=100)
    assert sum(counts) == 5
    assert (counts[0], counts[-1]) == (2, 2)
