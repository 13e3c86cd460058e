"""Published sets with known truth: what our linkage finds, beside the published examples' ways.

    PORTAL_REAL_DATA=… make bench ONLY=linkage_sets

FEBRL 1 to 3 (recordlinkage's own sets, deduplication) and Splink's fake_1000. Their columns are
brought to ours: what we call NIK is the social security number (fake_1000: the e-mail address,
which is one person's own, too), the family card is the house and street, which relatives share
(fake_1000: none), the village is postcode or town. One weight threshold for all. The peers run on
the same rows in the same process: recordlinkage as its documentation does it (pairs of a block,
similarities, a sum of agreements), Splink with the settings of its tutorial. Needs no server and
no database.
"""

from __future__ import annotations

import csv
import itertools
import json
import os
import re
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
warnings.simplefilter("ignore")

import pandas  # noqa: E402
import recordlinkage  # noqa: E402
import splink.comparison_library as cl  # noqa: E402
from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: E402

from apps.common.text.person_names import name_key  # noqa: E402
from apps.reconciliation.linkage.linkage_session import COLUMNS, open_session  # noqa: E402

LINKED_FROM = 0.0
Pairs = set[tuple[str, str]]
Row = dict[str, str]


def main() -> None:
    folder = os.environ.get("PORTAL_REAL_DATA")
    if not folder:
        print("PORTAL_REAL_DATA is not set: there are no sets to compare on.")
        return
    sets = Path(folder) / "linkage"
    for number in (1, 2, 3):
        rows = read(sets / "febrl" / f"dataset{number}.csv")
        truth = febrl_truth(rows)
        report(f"febrl{number}", rows, truth, febrl_columns, recordlinkage_pairs, "recordlinkage")
    rows = read(sets / "fake_1000.csv")
    truth = pairs_within(rows, key="unique_id", group=lambda row: row["cluster"])
    report("fake_1000", rows, truth, fake_columns, splink_pairs, "splink")


def report(
    name: str,
    rows: list[Row],
    truth: Pairs,
    columns: Callable[[Row], Row],
    peer: Callable[[list[Row]], Pairs],
    peer_name: str,
) -> None:
    started = time.perf_counter()
    ours = score(our_pairs(rows, columns), truth)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    theirs = score(peer(rows), truth)
    line = {
        "name": f"linkage_{name}",
        "rows": len(rows),
        "seconds": round(seconds, 2),
        **ours,
        "peer": peer_name,
        "peer_seconds": round(time.perf_counter() - started, 2),
        **{f"peer_{what}": figure for what, figure in theirs.items()},
        "ratio": round(ours["f1"] / theirs["f1"], 4),
    }
    print(json.dumps(line))


def our_pairs(rows: list[Row], columns: Callable[[Row], Row]) -> Pairs:
    with tempfile.TemporaryDirectory() as place, open_session(Path(place), seed=1) as session:
        path = Path(place) / "a.tsv"
        path.write_text(
            "".join(
                "\t".join(prepared.get(column, "") for column in COLUMNS) + "\n"
                for prepared in map(columns, rows)
            )
        )
        session.load_side("a", path)
        session.compare(session.train(is_within=True), floor=LINKED_FROM, is_within=True)
        return {ordered(*pair) for pair in session.run("SELECT left_id, right_id FROM pairs")}


def febrl_columns(row: Row) -> Row:
    born = row["date_of_birth"]
    name = name_key(f"{row['given_name']} {row['surname']}")
    return {
        "id": row["rec_id"],
        "nik": row["soc_sec_id"],
        "kk": f"{row['street_number']} {row['address_1']}".strip(),
        "name_key": name,
        "born": f"{born[:4]}-{born[4:6]}-{born[6:]}" if re.fullmatch(r"\d{8}", born) else "",
        "village": row["postcode"],
        "birth_place": row["suburb"],
    }


def fake_columns(row: Row) -> Row:
    return {
        "id": row["unique_id"],
        "nik": row["email"],
        "name_key": name_key(f"{row['first_name']} {row['surname']}"),
        "born": row["dob"],
        "village": row["city"],
    }


def febrl_truth(rows: list[Row]) -> Pairs:
    return pairs_within(rows, key="rec_id", group=lambda row: row["rec_id"].split("-")[1])


def recordlinkage_pairs(rows: list[Row]) -> Pairs:
    """As its documentation deduplicates FEBRL: block on the given name, compare, sum above 3."""
    frame = pandas.DataFrame(rows).set_index("rec_id").replace("", None)
    indexer = recordlinkage.Index()
    indexer.block(left_on="given_name")
    found = indexer.index(frame)
    compare = recordlinkage.Compare()
    compare.exact("given_name", "given_name", label="given_name")
    compare.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    compare.exact("date_of_birth", "date_of_birth", label="date_of_birth")
    compare.exact("suburb", "suburb", label="suburb")
    compare.exact("state", "state", label="state")
    compare.string("address_1", "address_1", threshold=0.85, label="address_1")
    features = compare.compute(found, frame)
    return {ordered(*pair) for pair in features[features.sum(axis=1) > 3].index}


def splink_pairs(rows: list[Row]) -> Pairs:
    """With the comparisons and rules of Splink's deduplication tutorial."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.NameComparison("first_name"),
            cl.NameComparison("surname"),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("city").configure(term_frequency_adjustments=True),
            cl.EmailComparison("email"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("first_name", "city"),
            block_on("surname"),
        ],
    )
    cleaned = [{key: value or None for key, value in row.items()} for row in rows]
    api = DuckDBAPI()
    linker = Linker(api.register(cleaned), settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("first_name", "dob"), "l.email = r.email"], recall=0.7
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("first_name", "surname"), block_on("dob")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_weight=LINKED_FROM)
    return {ordered(row["unique_id_l"], row["unique_id_r"]) for row in found.as_record_list()}


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {key.strip(): (value or "").strip() for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def pairs_within(rows: Iterable[Row], *, key: str, group: Callable[[Row], str]) -> Pairs:
    groups: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        groups[group(row)].append(row[key])
    return {ordered(*pair) for ids in groups.values() for pair in itertools.combinations(ids, 2)}


def ordered(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def score(found: Pairs, truth: Pairs) -> dict[str, float]:
    right = len(found & truth)
    precision = right / len(found) if found else 0.0
    recall = right / len(truth)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


if __name__ == "__main__":
    main()
