"""A register compared with itself, its truth known: doubles are found, relatives are not."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest
from shapely.geometry import box

from apps.common.text.person_names import name_key
from apps.demo.population import registered_twice
from apps.demo.population.people import people
from apps.reconciliation.linkage import comparisons, linkage_session, runs
from apps.reconciliation.linkage.comparisons import BASIS

# A few villages suffice for thousands of made-up people, and serials for their numbers.
VILLAGES = {
    f"97.{district:02d}.{part:02d}.20{village:02d}": box(
        110 + district, -7 + part, 110.1 + district, -6.9 + part
    )
    for district in range(1, 4)
    for part in range(1, 6)
    for village in range(1, 5)
}
LINKED, SEEN = 0.93, 0.95  # of those who stand twice: without people, and with what people see


def line(person) -> str:
    return "\t".join(
        (person.source_id, person.nik, person.kk, name_key(person.name),
         name_key(person.mother_name), person.birth_date.isoformat(), person.sex,
         person.village_code, person.birth_place)
    )  # fmt: skip


def compared(folder: Path, register: registered_twice.Register):
    """(pair → (weight, basis)) of everything that is kept, and the model."""
    path = folder / "a.tsv"
    path.write_text("".join(f"{line(person)}\n" for person in register.persons))
    with linkage_session.open_session(folder, seed=1) as session:
        session.load_side("a", path)
        model = session.train(is_within=True)
        session.compare(model, floor=-60, is_within=True)
        rows = session.run(f"SELECT left_id, right_id, weight, {BASIS} FROM pairs")
    return {
        registered_twice.pair(left, right): (weight, basis) for left, right, weight, basis in rows
    }, model


@pytest.mark.parametrize(
    "persons",
    [
        pytest.param(400, id="too-few-to-learn"),
        6_000,
        pytest.param(100_000, marks=pytest.mark.scale),
    ],
)
@pytest.mark.long
def test_relatives_are_no_doubles_and_doubles_are_found(tmp_path, persons, capsys):
    made = registered_twice.register(people(VILLAGES, persons, 5), persons, sorted(VILLAGES), 5)
    found, _model = compared(tmp_path, made)
    above = {
        made.traps[pair]: found[pair]
        for pair in made.traps
        if pair in found and found[pair][0] >= runs.LOWER
    }
    assert len(made.traps) >= persons / 100
    assert above == {}
    linked = {pair for pair, (weight, _basis) in found.items() if weight >= runs.UPPER}
    seen = {pair for pair, (weight, _basis) in found.items() if weight >= runs.LOWER}
    figures = {
        "persons": len(made.persons),
        "doubles": len(made.truth),
        "traps": dict(Counter(made.traps.values())),
        "precision": round(len(linked & made.truth) / len(linked), 4),
        "recall_linked": round(len(linked & made.truth) / len(made.truth), 4),
        "recall_seen": round(len(seen & made.truth) / len(made.truth), 4),
    }
    with capsys.disabled():
        sys.stdout.write(f"\n{figures}\n")
    assert figures["precision"] >= 0.999
    if persons > 1_000:
        assert figures["recall_linked"] >= LINKED
        assert figures["recall_seen"] >= SEEN


@pytest.mark.parametrize("is_within", [True, False])
def test_another_name_sex_or_date_costs_whatever_a_register_teaches(is_within):
    """Expectation maximisation on relatives takes what relatives do for usual."""
    settings = linkage_session._settings(is_within=is_within).create_settings_dict("duckdb")
    for comparison in settings["comparisons"]:
        for level in comparison["comparison_levels"]:
            if not level.get("is_null_level"):
                level |= {"m_probability": 0.9, "u_probability": 0.5}
    model = linkage_session.stored(settings, 1e-5)
    learnt = {
        level["code"]: level["weight"] for one in model["comparisons"] for level in one["levels"]
    }
    for code in ("name_else", "sex_else", "birth_date_else", "birth_date_year"):
        assert learnt[code] <= -5, code
    for code in ("kk_relatives", "mother_relatives", "village_relatives", "birth_place_relatives"):
        assert learnt[code] <= 0, code
    kept = {
        level["label_for_charts"]: (level["m_probability"], level["u_probability"])
        for one in model["splink"]["comparisons"]
        for level in one["comparison_levels"]
        if not level.get("is_null_level")
    }
    told = {
        level["code"]: (level["m"], level["u"])
        for one in model["comparisons"]
        for level in one["levels"]
    }
    # what Splink weighs by is bounded, too; the rest is said afterwards
    assert kept.items() <= told.items()
    assert {code for code in told if code not in kept} == comparisons.AFTER
