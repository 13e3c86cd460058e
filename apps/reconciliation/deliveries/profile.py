"""The profile of a delivery: its counts, its warnings, and the reasons to refuse it.

Values that only the file shows (missing, unreadable) are counted while it is read; the others by
SQL over the records. Refused are: a column that mostly holds other values than expected, one NIK on
all rows, no names at all, more rows that repeat a person than do not. Everything else is a warning,
and the delivery is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from apps.common import sql
from apps.common.errors import DomainError
from apps.common.text.identity import masked
from apps.imports.blocks import FEW, REFUSED_ABOVE, Tally

# A share of the rows.
MIXED_ABOVE: Final = 0.05
TOP: Final = 8
# Columns whose cells have a fixed form, so that a wrong column is detected. Unknown villages are
# only a warning.
FORMED: Final = ("nik", "kk", "birth_date", "sex", "desil", "death_date", "deceased")
COUNTS: Final = ("rows", "nik", "named", "deceased", "nik_serial_zero", "nik_date", "nik_sex")
# Our column → the field of a record whose values are listed.
LISTED: Final = {
    "birth_place": "birth_place",
    "sex": "sex",
    "village_code": "village_code",
    "relation": "relation",
    "occupation": "occupation",
    "desil": "desil",
    "programme": "programmes",
}
# Fields for which the planner's estimate is enough; ANALYZE samples this many rows.
ESTIMATED: Final = {
    "name": "name_key", "birth_date": "birth_date", "kk": "kk", "mother_name": "mother_key",
    "address": "address",
}  # fmt: skip
EXACT_ROWS: Final = 30_000

Table = dict[str, Any]


def refuse_wrong_columns(tally: Tally, mapping: Mapping[str, str]) -> None:
    """Stop as soon as a column proves to hold other values. Raises: DomainError."""
    if wrong := tally.wrong_column(name for name in FORMED if name in mapping):
        raise DomainError(
            "dataset_wrong_column",
            column=wrong.column,
            heading=mapping[wrong.column],
            odd=wrong.odd,
            rows=wrong.rows,
        )


def profile(
    *,
    table: sql.Table,
    mapping: Mapping[str, str],
    tally: Tally,
    repeats: int,
) -> Table:
    """The content of `Dataset.profile`. Raises: DomainError where the delivery is implausible.

    Cost: 1,000,000 rows with twelve columns about 3 s of two cores.
    """
    counted = sql.run("reconciliation/deliveries/count_records", tables={"rows": table})[0]
    counts = dict(zip(COUNTS, counted, strict=True))
    if not counts["rows"]:
        raise DomainError("dataset_empty")
    columns = _columns(table, mapping, tally)
    born_twice, births = sql.run("reconciliation/deliveries/count_births", tables={"rows": table})[
        0
    ]
    repeated = {
        "nik": columns.get("nik", {}).get("shared", 0),
        "niks": columns.get("nik", {}).get("repeated", 0),
        "birth": int(born_twice),
        "births": births,
        "ref": repeats,
    }
    found = {"counts": counts, "columns": columns, "repeats": repeated, "beyond": tally.beyond}
    _refuse(found)
    found["nik_examples"] = columns.get("nik", {}).pop("examples", [])
    found["villages_unknown"] = [[code, n] for code, n in tally.villages.most_common(TOP)]
    found["warnings"] = _warnings(found, mapping, tally)
    return found


def _columns(table: sql.Table, mapping: Mapping[str, str], tally: Tally) -> dict[str, Table]:
    about = {"schema": table[0], "name": table[1], "rows": tally.rows}
    estimates = dict(sql.run("reconciliation/deliveries/estimate_values", about))
    columns: dict[str, Table] = {}
    for column, heading in mapping.items():
        told: Table = {"heading": heading, "missing": tally.missing[column], "odd": {}}
        for name, count in tally.odd.items():
            of, _colon, kind = name.partition(":")
            if of == column:
                told["odd"][kind] = count
        if column in ESTIMATED:
            different = estimates.get(ESTIMATED[column], 0)
            told |= {"different": different, "is_estimate": tally.rows > EXACT_ROWS}
        if column == "nik":
            told |= _counted(table, "nik")
        if column in LISTED:
            told |= _listed(table, LISTED[column])
        columns[column] = told
    return columns


def _counted(table: sql.Table, field: str) -> Table:
    """Counts of a column of identity numbers; the examples are masked."""
    tables = {"rows": table, "column": (field,)}
    row = sql.run("reconciliation/deliveries/count_values", {"limit": TOP}, tables=tables)[0]
    different, shared, repeated, most, values, counts = row
    examples = [[masked(value), n] for value, n in zip(values or [], counts or [], strict=True)]
    return {
        "different": different,
        "shared": int(shared),
        "repeated": repeated,
        "most": most,
        "examples": examples,
    }


def _listed(table: sql.Table, field: str) -> Table:
    tables = {"rows": table, "column": (field,)}
    rows = sql.run("reconciliation/deliveries/list_values", {"limit": TOP}, tables=tables)
    top = [[value.strip("{}"), count] for value, count, _different in rows]
    return {"different": rows[0][2] if rows else 0, "top": top}


def _refuse(found: Table) -> None:
    counts, repeats = found["counts"], found["repeats"]
    rows, with_nik = counts["rows"], counts["nik"]
    if not counts["named"]:
        raise DomainError("dataset_no_names", rows=rows)
    if with_nik >= FEW and found["columns"]["nik"]["different"] == 1:
        raise DomainError("dataset_one_nik", rows=with_nik)
    for by, count in (("nik", repeats["nik"]), ("birth", repeats["birth"])):
        if rows >= FEW and count > rows * REFUSED_ABOVE:
            percent = round(100 * count / rows)
            raise DomainError("dataset_repeats", percent=percent, rows=count, by=by)
    if rows >= FEW and repeats["ref"] > rows * REFUSED_ABOVE:
        percent = round(100 * repeats["ref"] / (rows + repeats["ref"]))
        raise DomainError("dataset_repeats", percent=percent, rows=repeats["ref"], by="source_ref")


def _warnings(found: Table, mapping: Mapping[str, str], tally: Tally) -> list[Table]:
    counts, repeats, rows = found["counts"], found["repeats"], found["counts"]["rows"]
    told: list[tuple[str, Table]] = []
    for column in (name for name in FORMED if name in mapping):
        filled, odd = tally.rows - tally.missing[column], tally.odd_of(column)
        if odd > filled * MIXED_ABOVE:
            cells = {"column": column, "heading": mapping[column], "odd": odd, "rows": filled}
            told.append(("mixed_column", cells))
    if repeats["nik"]:
        told.append(("nik_repeats", {"rows": repeats["nik"], "values": repeats["niks"]}))
    if repeats["birth"]:
        told.append(("birth_repeats", {"rows": repeats["birth"], "values": repeats["births"]}))
    if repeats["ref"]:
        told.append(("ref_repeats", {"rows": repeats["ref"]}))
    if counts["nik_date"]:
        told.append(("nik_date", {"rows": counts["nik_date"]}))
    if (without := rows - counts["nik"]) > rows * MIXED_ABOVE:
        told.append(("nik_missing", {"percent": round(100 * without / rows)}))
    told.extend(_unplaced(mapping, tally))
    if found["beyond"]:
        told.append(("cells_beyond", {"rows": found["beyond"]}))
    return [{"code": code, "params": params} for code, params in told]


def _unplaced(mapping: Mapping[str, str], tally: Tally) -> Iterator[tuple[str, Table]]:
    """Warnings about codes and names of villages that match none, where they are many."""
    for column, code in (
        ("village_code", "villages_unknown"),
        ("village_name", "village_names_unknown"),
    ):
        unknown, filled = tally.odd_of(column), tally.rows - tally.missing[column]
        if column in mapping and unknown > filled * MIXED_ABOVE:
            yield code, {"percent": round(100 * unknown / filled)}
