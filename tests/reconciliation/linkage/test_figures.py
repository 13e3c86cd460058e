"""What is computed without a database: letters that differ, bars, estimates and their intervals."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reconciliation.clerical import estimates, waterfall
from apps.reconciliation.clerical.estimates import Stratum
from apps.reconciliation.linkage import messages as linkage_messages
from apps.reconciliation.linkage.comparisons import COMPARISONS, Model
from apps.reconciliation.text_diff import letters_apart, marked
from tests.reconciliation.pairs import model, nothing, weight_of

TEXT = st.text(alphabet="ABCabcİß ÉÖ'-", max_size=12)


def written(parts) -> str:
    return "".join(f"[{part.text}]" if part.differs else part.text for part in parts)


@pytest.mark.parametrize(
    ("left", "right", "one", "other"),
    [
        ("CONTOH DUA", "CONTOH DUE", "CONTOH DU[A]", "CONTOH DU[E]"),
        ("SITI AMINAH", "SITI AMINA", "SITI AMINA[H]", "SITI AMINA"),
        ("Budi", "BUDI", "Budi", "BUDI"),
        ("12-01-1988", "21-01-1988", "[12]-01-1988", "[21]-01-1988"),
        ("", "BUDI", "", "BUDI"),
    ],
)
def test_letters_that_the_other_side_lacks_are_marked(left, right, one, other):
    ours, theirs = marked(left, right)
    if left.startswith("12-"):  # whichever way the two digits are told apart
        assert any(part.differs for part in ours) and written(ours).endswith("-01-1988")
    else:
        assert (written(ours), written(theirs)) == (one, other)


@given(TEXT, TEXT)
def test_the_parts_are_the_value_and_nothing_is_marked_where_values_are_equal(left, right):
    ours, theirs = marked(left, right)
    assert "".join(part.text for part in ours) == left
    assert "".join(part.text for part in theirs) == right
    if left and right:
        assert any(part.differs for part in (*ours, *theirs)) == bool(letters_apart(left, right))


@given(st.data())
def test_the_bars_lead_from_the_start_to_the_weight(data):
    known = Model.of(model())
    levels = [
        data.draw(st.sampled_from([-1, *known.weights[one.name]]), label=one.name)
        for one in COMPARISONS
    ]
    rarity = nothing()
    rarity[1] = data.draw(st.sampled_from([0.0, 2.5, -1.5]))
    shown = waterfall.of(model(), levels=levels, rarity=rarity, letters={})
    assert shown is not None
    assert shown.total == pytest.approx(weight_of(levels, rarity))
    assert shown.steps[-1].total == pytest.approx(shown.total)
    assert all(step.x >= -0.1 and step.x + step.width <= 201.1 for step in shown.steps)
    assert len(shown.steps) == len(COMPARISONS) + bool(rarity[1])


def test_every_level_of_the_comparisons_has_its_words():
    codes = {level.code for one in COMPARISONS for level in one.levels}
    assert codes - set(linkage_messages.SENTENCES) == set()
    assert {one.name for one in COMPARISONS} == set(linkage_messages.LABELS)


@pytest.mark.parametrize(
    ("chance", "words"),
    [(0.99999, "> 99.9 %"), (0.9987, "99.9 %"), (0.84, "84 %"), (0.0002, "< 0.1 %")],
)
def test_almost_certain_is_not_certain(chance, words, settings):
    settings.LANGUAGE_CODE = "en"
    assert waterfall.percent(chance) == words


# --- precision and recall ---


def test_without_an_answer_nothing_is_claimed():
    strata = [Stratum(12, True, 1000, 0, 0), Stratum(3, False, 50, 0, 0)]
    assert estimates.precision(strata) is None
    assert estimates.recall(strata) is None


def test_strata_count_by_their_pairs_and_not_by_their_answers():
    strata = [
        Stratum(12, True, 9_000, 90, 0),
        Stratum(9, True, 1_000, 5, 5),
        Stratum(4, False, 500, 20, 30),
        Stratum(-2, False, 7_000, 0, 100),
    ]
    precision, recall = estimates.precision(strata), estimates.recall(strata)
    assert precision is not None and recall is not None
    assert precision.value == pytest.approx(0.95)
    assert recall.value == pytest.approx(9_500 / 9_700)
    assert precision.low < 0.95 < precision.high < 1
    assert (precision.judged, precision.unknown, recall.judged) == (100, 0, 250)


def test_a_few_equal_answers_are_not_certainty():
    found = estimates.precision([Stratum(12, True, 100_000, 20, 0)])
    assert found is not None
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low < 0.9


def test_wilson_is_as_in_the_books():
    low, high = estimates.wilson(0.9, 50)
    assert (round(low, 4), round(high, 4)) == (0.7864, 0.9565)


@pytest.mark.slow
def test_the_interval_holds_the_truth_as_often_as_it_says():
    """2,000 made-up runs whose truth is known."""
    dice = random.Random(7)
    truth = [(14, True, 8_000, 0.999, 60), (10, True, 1_000, 0.95, 40), (5, False, 600, 0.5, 80)]
    whole = sum(pairs * share for _bin, _linked, pairs, share, _n in truth)
    linked = sum(pairs * share for _bin, is_linked, pairs, share, _n in truth if is_linked)
    held = 0
    for _ in range(2_000):
        strata = []
        for weight, is_linked, pairs, share, answers in truth:
            same = sum(dice.random() < share for _ in range(answers))
            strata.append(Stratum(weight, is_linked, pairs, same, answers - same))
        found = estimates.recall(strata)
        assert found is not None
        held += found.low <= linked / whole <= found.high
    assert held >= 0.93 * 2_000
