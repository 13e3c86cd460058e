"""How two records are compared: the levels of each comparison, and how a model weighs them. Pure.

A comparison looks at one property of two records and returns one of a few levels: the highest whose
condition holds, -1 where either side has no value. Conditions are SQL of DuckDB over the columns of
`PREPARED`, which has one row for each record of a side (`_l` and `_r`). The weight of a level is
learnt (Fellegi and Sunter 1969; Splink estimates it by expectation maximisation).

There are two kinds of properties. A person's own are NIK, name, date of birth and sex. Family card,
mother's name, village and place of birth are shared with relatives and neighbours. The model adds
weights as if properties agreed independently of each other. This holds for two random people, but
not for two people of one family. Therefore shared properties count only where no own property shows
that the two differ (`OTHER`). For pairs that differ there are separate levels, whose weight is set
and not learnt (dependence as levels of a comparison: Winkler 1993, Improved decision rules in the
Fellegi-Sunter model).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log2
from typing import Any, Final

from apps.common.text.person_names import name_key

__all__ = [
    "BLOCKS",
    "WIDE_BLOCKS",
    "COMPARISONS",
    "PREPARED",
    "Bar",
    "Comparison",
    "Level",
    "Model",
    "name_key",
]

NOTHING: Final = -1


@dataclass(frozen=True)
class Level:
    """One possible result of a comparison; `code` names it in messages."""

    value: int
    code: str
    condition: str  # "" : all remaining pairs
    weight: float | None = None  # fixed, not learnt
    is_after: bool = False  # computed from other results (`gamma_…`), replaces their level
    most_m: float = 1.0  # how often two records of one person are like this, at most


@dataclass(frozen=True)
class Comparison:
    """One property.

    `column` is empty when there is nothing to compare; `rare` names the column whose rarity adds to
    the highest level.
    """

    name: str
    column: str
    levels: tuple[Level, ...]
    rare: str = ""


def _levels(prefix: str, *conditions: tuple[str, str]) -> tuple[Level, ...]:
    """Levels from the closest down; the last one covers the remaining pairs."""
    top = len(conditions)
    listed = [
        Level(top - place, f"{prefix}_{code}", condition)
        for place, (code, condition) in enumerate(conditions)
    ]
    made = (*listed, Level(0, f"{prefix}_else", ""))
    return tuple(
        replace(
            level,
            weight=SET.get(level.code),
            is_after=level.code in AFTER,
            most_m=MOST_M.get(level.code, 1.0),
        )
        for level in made
    )


# How often two records of one person disagree, at most. What a model learns depends on the
# register: where pairs of relatives outnumber those of one person, expectation maximisation treats
# a different name or sex as usual. On synthetic registers with known truth (first_model.json) these
# levels hold for at most one in a thousand (a date of the same year, another NIK: one in two
# hundred). Ten times that is allowed, and one tenth for another NIK: few people have two, and
# finding them is the purpose of comparing a register with itself.
MOST_M: Final = {
    "nik_else": 0.1,
    "name_else": 0.01,
    "birth_date_year": 0.005,
    "birth_date_else": 0.01,
    "sex_else": 0.01,
}
# Weights that are set. Shared properties add nothing to two who differ. The same mother or card
# even subtracts: names of brothers and sisters are alike about thirty times as often as those of
# two random people (log2). The dates of two relatives agree in one of a hundred pairs (twins),
# those of one person in nearly all: log2(100). A number that is nearly equal agrees in the date,
# which counts already, and in the serial, which is mostly a small number, so little evidence is
# left. Numbers of one district and day with other serials are those of twins, unless the name is
# equal.
SET: Final = {
    "nik_twins": -10.0,
    "nik_near": 2.0,
    "birth_date_twins": 6.6,
    "mother_relatives": -5.0,
    "mother_relatives_close": -5.0,
    "kk_relatives": -5.0,
    "village_relatives": 0.0,
    "birth_place_relatives": 0.0,
}
# Levels that replace another level, once all comparisons are made.
AFTER: Final = frozenset(SET) - {"nik_near"}


def _near(number: str) -> str:
    """At most two slips apart, and not in the serial.

    Two people, or families, of one district and day differ in the serial alone, so that is no
    similarity. Distances are slow, so they come last in the condition.
    """
    left, right = f"{number}_l", f"{number}_r"
    halves = " OR ".join(f"{half}({left}, 8) = {half}({right}, 8)" for half in ("left", "right"))
    return (
        f"right({left}, 4) = right({right}, 4) AND ({halves})"
        f" AND damerau_levenshtein({left}, {right}) <= 2"
    )


def _part(prefix: str) -> str:
    """All words of one name are in the other. Ends come first: lists are slow to compare."""
    ours, theirs = (f"string_split({prefix}_key_{side}, ' ')" for side in "lr")
    return (
        f"({prefix}_first_l IN ({prefix}_first_r, {prefix}_last_r)"
        f" OR {prefix}_last_l IN ({prefix}_first_r, {prefix}_last_r))"
        f" AND (list_has_all({ours}, {theirs}) OR list_has_all({theirs}, {ours}))"
    )


# The own properties, by the results of the comparisons (`gamma_…`: the levels as Splink numbers
# them, -1 where one side has no value).
_NAME_SAME: Final = "gamma_name >= 4"
_BORN_SAME: Final = "gamma_birth_date >= 3"
_MOTHER_SAME: Final = "gamma_mother_name >= 4"
# Whether an own property shows that two records differ: another name; another sex, date or number,
# unless the name and one of date and mother's name are exactly equal (then it is a slip); both date
# and number; slips in both name and date, which indicate brothers or sisters. Records with equal
# numbers never count as different here: equal numbers are not decided by weights (`BASIS`).
_NUMBER_OTHER: Final = f"(gamma_nik = 0 OR gamma_nik = 1 AND NOT {_BORN_SAME})"
_BORN_OTHER: Final = "gamma_birth_date IN (0, 1)"
OTHER: Final = (
    "(gamma_nik < 2 AND (gamma_name IN (0, 1)"
    f" OR gamma_birth_date BETWEEN 0 AND 2 AND NOT {_NAME_SAME}"
    f" OR {_BORN_OTHER} AND {_NUMBER_OTHER}"
    f" OR ({_BORN_OTHER} OR {_NUMBER_OTHER} OR gamma_sex = 0)"
    f" AND NOT ({_NAME_SAME} AND ({_BORN_SAME} OR {_MOTHER_SAME}))))"
)


def _name_levels(prefix: str) -> tuple[Level, ...]:
    key, joined = f"{prefix}_key", f"{prefix}_joined"
    shared = [
        ("relatives_close", f"gamma_mother_name = 3 AND {OTHER}"),
        ("relatives", f"gamma_mother_name IN (4, 5) AND {OTHER}"),
    ]
    return _levels(
        prefix,
        *(shared if prefix == "mother" else []),
        ("exact", f"{key}_l = {key}_r"),
        ("joined", f"{joined}_l = {joined}_r"),
        ("close", f"jaro_winkler_similarity({joined}_l, {joined}_r) >= 0.93"),
        ("part", _part(prefix)),
        ("alike", f"jaro_winkler_similarity({joined}_l, {joined}_r) >= 0.82"),
    )


# In the order of the pages and of the levels stored with a pair.
COMPARISONS: Final = (
    Comparison(
        "nik",
        "nik",
        _levels(
            "nik",
            (
                "twins",
                "gamma_nik = 0 AND length(nik_l) = 16 AND left(nik_l, 12) = left(nik_r, 12)"
                f" AND NOT {_NAME_SAME}",
            ),
            ("exact", "nik_l = nik_r"),
            ("near", _near("nik")),
        ),
    ),
    Comparison("name", "name_key", _name_levels("name"), rare="name_key"),
    Comparison(
        "birth_date",
        "born",
        _levels(
            "birth_date",
            (
                "twins",
                f"gamma_birth_date = 4 AND (gamma_kk = 2 OR {_MOTHER_SAME}) AND {OTHER}",
            ),
            ("exact", "born_l = born_r"),
            ("swapped", "born_l = swapped_r"),
            (
                "digit",
                "(left(born_l, 4) = left(born_r, 4) OR right(born_l, 5) = right(born_r, 5))"
                " AND damerau_levenshtein(born_l, born_r) <= 1",
            ),
            ("year", "left(born_l, 4) = left(born_r, 4)"),
        ),
    ),
    Comparison("mother_name", "mother_key", _name_levels("mother"), rare="mother_key"),
    Comparison(
        "kk",
        "kk",
        _levels(
            "kk",
            ("relatives", f"gamma_kk = 2 AND {OTHER}"),
            ("exact", "kk_l = kk_r"),
            ("near", _near("kk")),
        ),
    ),
    Comparison(
        "village",
        "village",
        _levels(
            "village",
            ("relatives", f"gamma_village = 3 AND {OTHER}"),
            ("exact", "village_l = village_r"),
            ("district", "left(village_l, 8) = left(village_r, 8)"),
            ("regency", "left(village_l, 5) = left(village_r, 5)"),
        ),
    ),
    Comparison("sex", "sex", _levels("sex", ("exact", "sex_l = sex_r"))),
    Comparison(
        "birth_place",
        "birth_place",
        _levels(
            "birth_place",
            ("relatives", f"gamma_birth_place = 1 AND {OTHER}"),
            ("exact", "birth_place_l = birth_place_r"),
        ),
        rare="birth_place",
    ),
)

# The compared values, prepared once for each record; empty is NULL, so that it counts as no value.
PREPARED: Final[dict[str, str]] = {
    "unique_id": "id",
    "nik": "nullif(nik, '')",
    "kk": "nullif(kk, '')",
    "name_key": "nullif(name_key, '')",
    "name_joined": "nullif(replace(name_key, ' ', ''), '')",
    "name_first": "split_part(nullif(name_key, ''), ' ', 1)",
    "name_last": "split_part(nullif(name_key, ''), ' ', -1)",
    "name4": "left(nullif(replace(name_key, ' ', ''), ''), 4)",
    "mother_key": "nullif(mother_key, '')",
    "mother_joined": "nullif(replace(mother_key, ' ', ''), '')",
    "mother_first": "split_part(nullif(mother_key, ''), ' ', 1)",
    "mother_last": "split_part(nullif(mother_key, ''), ' ', -1)",
    "born": "nullif(born, '')",
    "swapped": "nullif(left(born, 5) || right(born, 2) || '-' || substr(born, 6, 2), '-')",
    "year": "nullif(left(born, 4), '')",
    "day_or_month": (
        "nullif(least(substr(born, 6, 2), right(born, 2))"
        " || greatest(substr(born, 6, 2), right(born, 2)), '')"
    ),
    "village": "nullif(village, '')",
    "district": "nullif(left(village, 8), '')",
    "sex": "nullif(sex, '')",
    "birth_place": "nullif(upper(trim(birth_place)), '')",
}

# Only pairs that agree on one of these rules are compared. Measured on two synthetic registers of a
# million with 700,000 persons in common: 1.36 million pairs, of which 699,881 are one person.
BLOCKS: Final[tuple[tuple[str, ...], ...]] = (
    ("nik",),
    ("kk", "name4"),
    ("kk", "year"),
    ("born", "name4"),
    ("village", "name_joined"),
    ("village", "year", "day_or_month"),
)
# Wider rules. Each is used only where it compares few pairs for each record, as it does among
# thousands of records but not among millions.
WIDE_BLOCKS: Final[tuple[tuple[str, ...], ...]] = (
    ("born",),
    ("kk",),
    ("name_joined",),
    ("mother_key", "year"),
    ("name_first",),
    ("name_last",),
)
PAIRS_OF_WIDE: Final = 3  # for each record


# Why a pair is linked, as DuckDB conditions over its levels. An equal NIK links when a name (2 and
# more: one holds the other, or closer) or a date of birth (2 and more: one digit off, swapped,
# equal) confirms it. Without that it is a question for people, even if everything else agrees.
BASIS: Final = (
    "CASE WHEN levels[1] = 2 AND (levels[2] >= 2 OR levels[3] >= 2) THEN 'nik'"
    " WHEN levels[1] = 2 THEN 'nik_alone' ELSE 'weight' END"
)


def pair_status(basis: str, weight: str, *, lower: float, upper: float) -> str:
    """SQL for the status of a pair by itself; same rule as move_thresholds.sql for stored ones."""
    return (
        f"CASE WHEN {basis} = 'nik' THEN 'linked' WHEN {basis} = 'nik_alone' THEN 'review'"
        f" WHEN {weight} >= {upper!r} THEN 'linked'"
        f" WHEN {weight} >= {lower!r} THEN 'review' ELSE 'below' END"
    )


@dataclass(frozen=True)
class Bar:
    """The contribution of one comparison to the weight of a pair, in log2 of the odds."""

    comparison: str
    level: int
    code: str
    weight: float
    rarity: float = 0.0


@dataclass(frozen=True)
class Model:
    """A learnt model: the weight of each level, and the start of the sum (two random records).

    Stored as JSON with every run: `{start, comparisons: [{name, has_rarity, levels: [{value, code,
    m, u, weight}]}], splink: {…}}`; `splink` is Splink's own form, to repeat the computation.
    """

    start: float
    weights: Mapping[str, Mapping[int, float]]
    splink: Mapping[str, Any]

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Model:
        return cls(
            start=float(stored["start"]),
            weights={
                comparison["name"]: {
                    level["value"]: float(level["weight"]) for level in comparison["levels"]
                }
                for comparison in stored["comparisons"]
            },
            splink=stored.get("splink", {}),
        )

    def bars(self, levels: Sequence[int], rarity: Sequence[float] = ()) -> list[Bar]:
        """One bar for each comparison, in the order of the model."""
        added = [*rarity, *[0.0] * len(COMPARISONS)]
        return [
            Bar(
                comparison.name,
                level,
                code_of(comparison, level),
                self.weights[comparison.name].get(level, 0.0),
                added[place],
            )
            for place, (comparison, level) in enumerate(zip(COMPARISONS, levels, strict=True))
        ]


def code_of(comparison: Comparison, level: int) -> str:
    """The code of a level; `<name>_nothing` where there was nothing to compare."""
    found = {one.value: one.code for one in comparison.levels}
    return found.get(level, f"{comparison.name}_nothing")


def probability(weight: float) -> float:
    """The probability that a pair of this weight is one person."""
    return 1.0 / (1.0 + 2.0**-weight)


def weight_of(m: float, u: float) -> float:
    """The weight of a level with these two probabilities."""
    return log2(m / u)
