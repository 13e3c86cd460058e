"""Pairs of records by Splink, computed in DuckDB inside one protected folder.

A `LinkageSession` is a DuckDB file in the folder of a run: no network, no extensions, no file
outside the folder, and deleted with it. Both sides are read from files of tab-separated text
(`COLUMNS`), the pairs are written to one. Splink's estimates depend on the rows and the seed.

The rarity of a value is taken from the right side only. A value that agrees is on both sides, so a
few changed records on the left get the same weight as in a full comparison.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from apps.reconciliation.linkage.comparisons import (
    BASIS,
    BLOCKS,
    COMPARISONS,
    PAIRS_OF_WIDE,
    PREPARED,
    WIDE_BLOCKS,
    Comparison,
    Level,
    Model,
    pair_status,
    weight_of,
)

Blocks = Sequence[Sequence[str]]
RARE: Final = tuple(sorted({one.rare for one in COMPARISONS if one.rare}))

# Columns of a side's file, in this order; empty text is no value.
COLUMNS: Final = (
    "id",
    "nik",
    "kk",
    "name_key",
    "mother_key",
    "born",  # YYYY-MM-DD
    "sex",
    "village",
    "birth_place",
)
# Columns of the file of pairs, as in `RecordPair`.
PAIR_COLUMNS: Final = ("left_id", "right_id", "basis", "status", "weight", "levels", "rarity")
SIDES: Final = ("a", "b")  # left before right in Splink's order of sources
THREADS: Final = 2
MEMORY: Final = "2200MB"
SAMPLED_PAIRS: Final = 1.2e6
LEARNT_PAIRS: Final = 3e5
# Training rules: pairs that agree on the NIK train the other comparisons, and the reverse. Without
# NIKs the family card is used, although relatives share it.
TEACHERS: Final = ((("nik",), ("kk",)), (("born", "name4"),))
# Within one register, relatives share a family card. Two records of one card whose names begin
# alike are mostly one person.
TEACHERS_WITHIN: Final = ((("nik",), ("kk", "name4")), (("born", "name4"),))
# A rule is used for training where it finds this many times the pairs expected by chance.
MOST_BY_CHANCE: Final = 0.5
# Rules whose pairs are nearly always one person, and the share of people that they are assumed to
# find. (Twins also share card and day.)
SURE: Final = (("nik",), ("name_key", "born"), ("kk", "born", "name4"))
SURE_RECALL: Final = 0.8
FEW_TO_LEARN: Final = 500  # records on a side; with fewer nothing is learnt
LEAST_U: Final = 1e-6
LEAST_M: Final = 5e-4  # no difference is impossible for one person: even the sex is mistyped
RAREST: Final = 1e-5  # a value found once is hardly rarer than one found ten times
# The other bound: the commonest name, when equal, does not weigh less than one that is nearly
# equal.
COMMONEST: Final = {"name_key": 0.004, "mother_key": 0.004}
FEW_TO_BE_RARE: Final = 2_000  # records; with fewer, rarity cannot be estimated


class LinkageSession:
    """One open DuckDB file and its contents."""

    def __init__(self, connection: Any, folder: Path, seed: int) -> None:
        self.connection = connection
        self.folder = folder
        self.seed = seed
        self._sizes: dict[str, int] = {}
        self._is_rareness_kept = self._is_rare_known = False

    def load_side(self, side: str, path: Path) -> int:
        """Read one side's file and prepare the compared values; returns the number of records."""
        self.run(f"CREATE OR REPLACE TABLE {side} AS {_of_file(path)}")
        self._sizes[side] = int(self.scalar(f"SELECT count(*) FROM {side}"))
        return self._sizes[side]

    def load_blocked_side(self, side: str, path: Path, rules: Blocks) -> int:
        """As `load_side`, but keep only records that share a block with side `a`.

        For few records against many. Rarity is taken from the whole file; returns the size of that
        file.
        """
        everybody = f"({_of_file(path)})"
        self.keep_rareness(everybody)
        shared = (
            "({0}) IN (SELECT ({0}) FROM {1} WHERE {2})".format(
                ", ".join(rule), SIDES[0], " AND ".join(f"{name} IS NOT NULL" for name in rule)
            )
            for rule in rules
        )
        self.run(
            f"CREATE OR REPLACE TABLE {side} AS SELECT * FROM {everybody}"
            f" WHERE {' OR '.join(shared)}"
        )
        self._sizes[side] = int(self.scalar(f"SELECT count(*) FROM {everybody}"))
        return self._sizes[side]

    def run(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows of the result: DuckDB begins no statement before the last one is fetched."""
        rows: list[tuple[Any, ...]] = self.connection.execute(statement, params).fetchall()
        return rows

    def scalar(self, statement: str) -> Any:
        return self.run(statement)[0][0]

    def records(self, *, is_within: bool) -> int:
        """Number of records on both sides together, as in their files."""
        return sum(self._sizes[side] for side in _sides(is_within))

    def choose_blocks(self, *, is_within: bool) -> list[list[str]]:
        """The blocking rules for these sides: all narrow ones, and the wide ones with few pairs."""
        most = PAIRS_OF_WIDE * self.records(is_within=is_within)
        wide = self.count_blocks(WIDE_BLOCKS, is_within=is_within)
        cheap = [rule for rule in WIDE_BLOCKS if wide[" + ".join(rule)] <= most]
        return [list(rule) for rule in (*BLOCKS, *cheap)]

    def count_blocks(self, rules: Blocks, *, is_within: bool) -> dict[str, int]:
        """The number of pairs that each blocking rule would compare, without creating them."""
        other = _sides(is_within)[-1]
        counts = {}
        for columns in rules:
            keys = ", ".join(columns)
            known = " AND ".join(f"{column} IS NOT NULL" for column in columns)
            grouped = "(SELECT {0}, count(*) AS n FROM {1} WHERE {2} GROUP BY {0})"
            left, right = (grouped.format(keys, side, known) for side in (SIDES[0], other))
            pairs = self.scalar(
                f"SELECT coalesce(sum(x.n * y.n), 0) FROM {left} x JOIN {right} y USING ({keys})"
            )
            counts[" + ".join(columns)] = int(pairs)
        return counts

    def versions(self) -> dict[str, str]:
        """Versions of the programs used; the same versions repeat a run exactly."""
        return {name: version(name) for name in ("splink", "duckdb")}

    def train(self, *, is_within: bool) -> dict[str, Any]:
        """Learn a model from the loaded records. Returns its stored form (`comparisons.Model`).

        With too few records the first model is used, with the start of these sides. Levels that no
        training pair showed are also taken from the first model.
        """
        from splink import block_on  # noqa: PLC0415 (only who links needs it: it takes a second)

        blocks = self.choose_blocks(is_within=is_within)
        sides = _sides(is_within)
        counts = [self._sizes[side] for side in sides]
        prior = self._prior(counts, is_within=is_within)
        if min(counts) < FEW_TO_LEARN:
            return {**started(first_model(), prior), "blocks": blocks}
        settings = _settings(is_within=is_within)
        settings.probability_two_random_records_match = prior
        training = self._linker(settings, is_within=is_within).training
        training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=self.seed)
        for rules in TEACHERS_WITHIN if is_within else TEACHERS:
            able = (rule for rule in rules if self._teaches(rule, is_within=is_within))
            if rule := next(able, None):
                training.estimate_parameters_using_expectation_maximisation(
                    block_on(*rule),
                    estimate_without_term_frequencies=True,
                    max_pairs=LEARNT_PAIRS,
                )
        return {**stored(training._linker.misc.save_model_to_json(), prior), "blocks": blocks}

    def _prior(self, counts: Sequence[int], *, is_within: bool) -> float:
        """The probability that two random records are one person, from nearly certain rules."""
        both = [f"({self._pairs_of(rule, is_within=is_within)})" for rule in SURE]
        found = self.scalar(f"SELECT count(*) FROM ({' UNION '.join(both)})")
        pairs = counts[0] * (counts[0] - 1) / 2 if is_within else counts[0] * counts[1]
        return min(0.5, max(1.0, float(found)) / SURE_RECALL / max(pairs, 2.0))

    def _teaches(self, rule: Sequence[str], *, is_within: bool) -> bool:
        """Whether the pairs that agree on a rule are many, and mostly not by chance."""
        found = self._agreeing(rule, is_within=is_within)
        if found < FEW_TO_LEARN // 4:
            return False
        if not is_within or len(rule) == 1:
            return True
        everybody = self._sizes[SIDES[0]] ** 2 / 2
        chance = everybody
        for column in rule:
            chance *= self._agreeing((column,), is_within=True) / everybody
        return chance <= MOST_BY_CHANCE * found

    def _agreeing(self, rule: Sequence[str], *, is_within: bool) -> int:
        return int(
            self.scalar(f"SELECT count(*) FROM ({self._pairs_of(rule, is_within=is_within)})")
        )

    def _pairs_of(self, rule: Sequence[str], *, is_within: bool) -> str:
        left, right = SIDES[0], _sides(is_within)[-1]
        same = " AND ".join(f"l.{column} = r.{column}" for column in rule)
        once = " AND l.unique_id < r.unique_id" if is_within else ""
        return (
            f"SELECT l.unique_id AS x, r.unique_id AS y FROM {left} l JOIN {right} r"
            f" ON {same}{once}"
        )

    def compare(self, model: Mapping[str, Any], *, floor: float, is_within: bool) -> int:
        """Weigh the pairs that share a block; those at or above `floor` are in table `pairs`.

        Columns of `pairs`: left_id, right_id, weight, levels, rarity. Returns their number.
        """
        from splink import SettingsCreator, block_on  # noqa: PLC0415 (as above)

        if not self._is_rareness_kept:
            self.keep_rareness(_sides(is_within)[-1])
        known = model["splink"] if self._is_rare_known else _without_rareness(model["splink"])
        settings = SettingsCreator.from_path_or_dict(dict(known))
        settings.blocking_rules_to_generate_predictions = [
            block_on(*rule) for rule in blocks_of(model)
        ]
        settings.link_type = "dedupe_only" if is_within else "link_only"
        settings.retain_intermediate_calculation_columns = True
        settings.retain_matching_columns = True  # the levels come with them
        linker = self._linker(settings, is_within=is_within)
        found = linker.inference.predict(threshold_match_weight=floor, warning_mode="never")
        self.run(
            "CREATE OR REPLACE TABLE pairs AS SELECT * FROM"
            f" ({_weighed_pairs(found.physical_name, model, is_rare_known=self._is_rare_known)})"
            f" WHERE weight >= {floor!r}"
        )
        found.drop_table_from_database_and_remove_from_cache()
        return int(self.scalar("SELECT count(*) FROM pairs"))

    def export_pairs(
        self,
        path: Path,
        *,
        thresholds: tuple[float, float],
        is_one_source: bool,
        more: Mapping[str, str] | None = None,
    ) -> int:
        """Write the pairs as COPY text: `PAIR_COLUMNS`, then the columns of `more` (column → SQL).

        Within one source each pair is written once, the smaller id left, and no record with itself.
        """
        once = (
            "SELECT DISTINCT ON (left_id, right_id) * FROM (SELECT * REPLACE ("
            "least(left_id, right_id) AS left_id, greatest(left_id, right_id) AS right_id)"
            " FROM pairs WHERE left_id <> right_id)"
        )
        rows = f"({once})" if is_one_source else "pairs"
        lower, upper = thresholds
        columns = ", ".join(
            (
                "left_id",
                "right_id",
                f"{BASIS} AS basis",
                pair_status("basis", "weight", lower=lower, upper=upper),
                "weight",
                "'{' || array_to_string(levels, ',') || '}'",
                "'{' || array_to_string(rarity, ',') || '}'",
                *(more or {}).values(),
            )
        )
        written = self.run(
            f"COPY (SELECT {columns} FROM {rows})"
            f" TO '{path}' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '', ESCAPE '')"
        )
        return int(written[0][0])

    def keep_rareness(self, side: str) -> None:
        """Store the rarity of values from this side now, independent of its later changes."""
        for column in RARE:
            most = COMMONEST.get(column, 1.0)
            self.run(
                f"CREATE OR REPLACE TABLE rare_{column} AS SELECT {column},"
                f" least({most}, count(*) / (SELECT count({column}) FROM {side})) AS tf_{column}"
                f" FROM {side} WHERE {column} IS NOT NULL GROUP BY {column}"
            )
        self._is_rare_known = int(self.scalar(f"SELECT count(*) FROM {side}")) >= FEW_TO_BE_RARE
        self._is_rareness_kept = True

    def _linker(self, settings: Any, *, is_within: bool) -> Any:
        from splink import DuckDBAPI, Linker  # noqa: PLC0415 (as above)

        api = DuckDBAPI(self.connection)
        sides = _sides(is_within)
        frames = [api.register(side, dataset_display_name=side) for side in sides]
        linker = Linker(frames[0] if is_within else frames, settings, log_level=logging.ERROR)
        if not self._is_rareness_kept:
            self.keep_rareness(sides[-1])
        for column in RARE:
            linker.table_management.register_term_frequency_lookup(
                api.register(f"rare_{column}"), column
            )
        return linker


def is_current(model: Mapping[str, Any]) -> bool:
    """Whether a stored model has all current comparisons and levels; else it is learnt again."""
    if not model or model.get("prepared") != sorted(PREPARED):
        return False
    known = {level["code"] for one in model["comparisons"] for level in one["levels"]}
    return known == {level.code for one in COMPARISONS for level in one.levels}


def blocks_of(model: Mapping[str, Any]) -> Blocks:
    """The blocking rules that a model was trained with."""
    return [tuple(rule) for rule in model.get("blocks", BLOCKS)]


def _without_rareness(splink: Mapping[str, Any]) -> dict[str, Any]:
    """The model without rarity, for sides too small to estimate it."""
    model = copy.deepcopy(dict(splink))
    for comparison in model["comparisons"]:
        for level in comparison["comparison_levels"]:
            for name in [key for key in level if key.startswith("tf_")]:
                del level[name]
    return model


def _of_file(path: Path) -> str:
    """A query that prepares the compared values from one side's file."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS)
    prepared = ", ".join(f"{what} AS {name}" for name, what in PREPARED.items())
    named = str(path).replace("'", "''")
    return (
        f"SELECT {prepared} FROM read_csv('{named}', columns={{{columns}}}, delim='\t',"
        " header=false, quote='', escape='', nullstr='\\N', auto_detect=false)"
    )


def _weighed_pairs(table: str, model: Mapping[str, Any], *, is_rare_known: bool) -> str:
    """A query: Splink's pairs with the replacing levels, and their weights.

    No replacing level weighs more than the level that it replaces, so that no pair is missed.
    """
    weights = Model.of(model).weights
    levels, rarity, more = [], [], ["match_weight"]
    for one in COMPARISONS:
        said = f"gamma_{one.name}"
        rare = f"mw_tf_adj_{one.name}" if one.rare and is_rare_known else "0"
        after = [level for level in one.levels if level.is_after]
        if not after:
            levels.append(said)
            rarity.append(f"round({rare}, 3)")
            continue
        own = weights[one.name]
        known = " ".join(
            f"WHEN {level.value} THEN {own.get(level.value, 0.0)!r}"
            for level in one.levels
            if not level.is_after
        )
        cases = [(level, f"WHEN {level.condition} THEN") for level in after]
        levels.append(f"CASE {' '.join(f'{w} {v.value}' for v, w in cases)} ELSE {said} END")
        rarity.append(f"round(CASE {' '.join(f'{w} 0' for _v, w in cases)} ELSE {rare} END, 3)")
        instead = " ".join(
            f"{w} {own[v.value]!r} - (CASE {said} {known} ELSE 0 END) - {rare}" for v, w in cases
        )
        more.append(f"CASE {instead} ELSE 0 END")
    return (
        f"SELECT unique_id_l AS left_id, unique_id_r AS right_id, round({' + '.join(more)}, 3)"
        f" AS weight, [{', '.join(levels)}] AS levels, [{', '.join(rarity)}] AS rarity FROM {table}"
    )


def _sides(is_within: bool) -> tuple[str, ...]:
    return SIDES[:1] if is_within else SIDES


@contextmanager
def open_session(folder: Path, *, seed: int, memory: str = MEMORY) -> Iterator[LinkageSession]:
    """A DuckDB file in a folder of its own, without access to anything else.

    The file is created again each time: what a killed worker left in it is not used.
    """
    import duckdb  # noqa: PLC0415 (only who links needs it)

    path = folder / "work.duckdb"
    for old in folder.glob("work.duckdb*"):
        old.unlink()
    connection = duckdb.connect(
        str(path),
        config={
            "threads": THREADS,
            "memory_limit": memory,
            "temp_directory": str(folder / "spill"),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        },
    )
    # in this order: the allowed paths cannot be set after access is locked
    made = LinkageSession(connection, folder, seed)
    # short-lived tables: compressing them takes longer than reading them uncompressed
    made.run("SET force_compression = 'uncompressed'")
    made.run("SET allowed_directories = [?]", [str(folder)])
    made.run("SET enable_external_access = false")
    made.run("SET lock_configuration = true")
    try:
        yield made
    finally:
        connection.close()


def _settings(*, is_within: bool) -> Any:
    from splink import SettingsCreator, block_on  # noqa: PLC0415 (as above)

    return SettingsCreator(
        link_type="dedupe_only" if is_within else "link_only",
        comparisons=[_comparison(one) for one in COMPARISONS],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in BLOCKS],
        em_convergence=0.001,
        retain_matching_columns=False,
    )


def _comparison(comparison: Comparison) -> dict[str, Any]:
    """One comparison in Splink's form: the level without a value, then from the closest down."""
    levels: list[dict[str, Any]] = [
        {
            "sql_condition": f"{comparison.column}_l IS NULL OR {comparison.column}_r IS NULL",
            "label_for_charts": "nothing",
            "is_null_level": True,
        }
    ]
    for level in comparison.levels:
        if level.is_after:
            continue
        written: dict[str, Any] = {
            "sql_condition": level.condition or "ELSE",
            "label_for_charts": level.code,
        }
        if comparison.rare and level.code.endswith("_exact"):
            written |= {
                "tf_adjustment_column": comparison.rare,
                "tf_adjustment_weight": 1.0,
                "tf_minimum_u_value": RAREST,
            }
        levels.append(written)
    return {
        "output_column_name": comparison.name,
        "comparison_levels": levels,
        "comparison_description": comparison.name,
    }


def stored(splink: Mapping[str, Any], prior: float) -> dict[str, Any]:
    """A trained model as a run stores it: weights by our codes, and Splink's form."""
    learnt = {one["output_column_name"]: one for one in splink["comparisons"]}
    first = {one["name"]: one for one in (first_model() or {"comparisons": []})["comparisons"]}
    made = {
        "comparisons": [_learnt(one, learnt[one.name], first.get(one.name)) for one in COMPARISONS],
        "splink": dict(splink),
    }
    return started(made, prior)


def started(model: Mapping[str, Any], prior: float) -> dict[str, Any]:
    """The model with the start for `prior`, the chance that two random records are one person."""
    return {
        **model,
        "prepared": sorted(PREPARED),
        "start": weight_of(prior, 1 - prior),
        "splink": {**model["splink"], "probability_two_random_records_match": prior},
    }


@cache
def first_model() -> dict[str, Any]:
    """The model learnt from synthetic registers of 100,000 persons (made by bench/linkage.py)."""
    path = Path(__file__).with_name("first_model.json")
    made: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return made


def _learnt(
    comparison: Comparison, learnt: Mapping[str, Any], first: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The levels of a comparison within their bounds, also in Splink's form."""
    found = {level["label_for_charts"]: level for level in learnt["comparison_levels"]}
    known = {level["code"]: level for level in (first or {"levels": []})["levels"]}
    for level in comparison.levels:
        # replacing levels are not learnt
        learnt_of = found.setdefault(level.code, {}) if level.is_after else found[level.code]
        _complete(learnt_of, known.get(level.code, {}))
        _bound(learnt_of, level)
    return {
        "name": comparison.name,
        "has_rarity": bool(comparison.rare),
        "levels": [
            {"value": level.value, "code": level.code}
            | _weighed(found[level.code]["m_probability"], found[level.code]["u_probability"])
            for level in comparison.levels
        ],
    }


def _complete(level: dict[str, Any], first: Mapping[str, Any]) -> None:
    """Complete a level that was not learnt from the first model."""
    for name, short, least in (("m_probability", "m", LEAST_M), ("u_probability", "u", LEAST_U)):
        level[name] = max(level.get(name) or first.get(short) or least, least)


def _bound(learnt: dict[str, Any], level: Level) -> None:
    """Set fixed weights, and limit how often records of one person disagree to plausible values."""
    if level.weight is not None:
        learnt["m_probability"] = learnt["u_probability"] * 2.0**level.weight
    learnt["m_probability"] = min(learnt["m_probability"], level.most_m)


def _weighed(m: float, u: float) -> dict[str, float]:
    return {"m": m, "u": u, "weight": weight_of(m, u)}
