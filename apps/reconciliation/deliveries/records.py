"""Turns rows of a file into records in COPY format, a block at a time and column by column.

Pure, except for the names of villages, which `Places` looks up.

A block of the reader (some thousand rows) becomes one list per column. Each column is read in one
pass in C, and only irregular cells are handled one by one. `Tally` counts what the records do not
show: missing and unreadable values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final

from apps.common.text.identity import NIK_LENGTH, is_number
from apps.imports import cells
from apps.imports.blocks import Column, Tally, read_block
from apps.imports.cells import NOTHING, Known, Unreadable
from apps.imports.villages import Places, read_code
from apps.reconciliation.deliveries import columns
from apps.reconciliation.name_keys import name_keys

# The fields that describe the person, in the order in which the digest is computed.
MEANING: Final = (
    "nik", "kk", "name", "mother_name", "birth_place", "birth_date", "sex", "village_code",
    "address", "rt", "rw", "relation", "occupation", "is_deceased", "death_date", "desil",
    "programmes", "given",
)  # fmt: skip
COLUMNS: Final = (
    "id", "source_id", "dataset_id", "number", "source_ref", "name_key", "mother_key", "digest",
    *MEANING,
)  # fmt: skip
# Longest text of a field; longer ones are cut and counted as odd.
LENGTHS: Final = {
    "source_ref": 60, "name": 200, "mother_name": 200, "birth_place": 120, "address": 300,
    "relation": 40, "occupation": 120,
}  # fmt: skip
# Columns with parts of the address, in the order of `places.Written`.
PLACE: Final = ("village_name", "district_name", "regency_name", "province_name")
_PARTS: Final = re.compile(r"[;,|/+]")


@dataclass(frozen=True)
class Delivery:
    """The source and dataset of the rows, and the meaning of their codes."""

    source: str
    dataset: int
    number: int
    first_id: int
    programme: str = ""
    villages: Mapping[str, str] = field(default_factory=dict)
    programmes: Mapping[str, str] = field(default_factory=dict)
    places: Places | None = None


class Records:
    """Turns blocks of the reader into blocks of records.

    `wanted` are our columns that the file has, in the order in which they are read.
    """

    def __init__(self, delivery: Delivery, wanted: list[str], tally: Tally) -> None:
        self._delivery, self._wanted, self.tally = delivery, wanted, tally
        self._constant = f"\t{delivery.source}\t{delivery.dataset}\t{delivery.number}\t"
        self._longest = 0  # row of the block in hand: no cell of it is longer
        self._programmes = Known(self._codes, "{}")
        self._known: dict[str, Known] = {
            "birth_date": Known(cells.day, NOTHING),
            "death_date": Known(cells.day, NOTHING),
            "sex": Known(cells.sex),
            "village_code": Known(self._village),
            "deceased": Known(cells.dead, "f"),
            "desil": Known(cells.desil, NOTHING),
            "rt": Known(cells.short),
            "rw": Known(cells.short),
            **{name: Known(cells.yes, "f") for name in columns.FLAGS},
        }

    def block(self, data: bytes) -> bytes:
        """The records of a block of rows."""
        read = read_block(data, self._wanted)
        self.tally.add(read)
        self._longest = read.longest
        return self._lines(read.rows, read.given, read.is_escaped)

    def _lines(self, rows: Column, given: dict[str, Column], is_escaped: bool) -> bytes:
        odd: dict[int, dict[str, str]] = {}
        fields = self._fields(given, len(rows), odd)
        refs = self._texts("source_ref", given, odd) or [""] * len(rows)
        if "" in refs:
            refs = [ref or f"row:{row}" for ref, row in zip(refs, rows, strict=True)]
        keys = [name_keys(fields[name]) for name in ("name", "mother_name")]
        fields["given"] = [NOTHING] * len(rows)
        for at, texts in odd.items():
            fields["given"][at] = json.dumps(texts, ensure_ascii=False).replace("\\", "\\\\")
        if is_escaped:
            for name in ("name", "mother_name", "birth_place", "address", "relation", "occupation"):
                fields[name] = [cell.replace("\\", "\\\\") for cell in fields[name]]
            refs = [ref.replace("\\", "\\\\") for ref in refs]
        meanings = map("\t".join, zip(*(fields[name] for name in MEANING), strict=True))
        first, constant = self._delivery.first_id, self._constant
        return "".join(
            [
                f"{first + int(row)}{constant}{ref}\t{key}\t{mother}"
                f"\t{md5(meaning.encode()).hexdigest()}\t{meaning}\n"  # noqa: S324 (no secret)
                for row, ref, key, mother, meaning in zip(rows, refs, *keys, meanings, strict=True)
            ]
        ).encode()

    def _fields(
        self, given: dict[str, Column], count: int, odd: dict[int, dict[str, str]]
    ) -> dict[str, Column]:
        """The descriptive fields except `given`, each in COPY format."""
        nothing, empty = [NOTHING] * count, [""] * count
        fields: dict[str, Column] = {}
        for name in ("nik", "kk"):
            fields[name] = self._numbers(name, given[name], odd) if name in given else empty
        for name in ("name", "mother_name", "birth_place", "address", "relation", "occupation"):
            fields[name] = self._texts(name, given, odd) or empty
        for name in ("birth_date", "death_date", "desil"):
            fields[name] = self._read(name, given[name], odd) if name in given else nothing
        for name in ("sex", "village_code", "rt", "rw"):
            fields[name] = self._read(name, given[name], odd) if name in given else empty
        if "village_name" in given and self._delivery.places is not None:
            fields["village_code"] = self._placed(fields["village_code"], given, odd)
        fields["is_deceased"] = self._deceased(given, fields["death_date"], odd)
        fields["programmes"] = self._programmes_of(given, count, odd)
        return fields

    def _read(self, name: str, column: Column, odd: dict[int, dict[str, str]]) -> Column:
        known = self._known[name]
        read = known.column(column)
        if known.wrong:
            self._collect_odd(name, column, known.wrong, odd)
        return read

    def _collect_odd(
        self, name: str, column: Column, wrong: Mapping[str, str], odd: dict[int, dict[str, str]]
    ) -> None:
        """Store unreadable values with their record, and count them."""
        if wrong.keys().isdisjoint(column):
            return
        for at, cell in enumerate(column):
            if cell in wrong:
                odd.setdefault(at, {})[name] = cell[:100]
                self.tally.odd[f"{name}:{wrong[cell]}"] += 1
                if name == "village_code":
                    self.tally.villages[cell[:20]] += 1

    def _numbers(self, name: str, column: Column, odd: dict[int, dict[str, str]]) -> Column:
        read = column
        for at in _odd_numbers(column):
            if read is column:
                read = column.copy()
            try:
                read[at] = cells.number(column[at])
            except Unreadable as unreadable:
                read[at] = ""
                odd.setdefault(at, {})[name] = column[at][:100]
                self.tally.odd[f"{name}:{unreadable}"] += 1
        return read

    def _texts(self, name: str, given: dict[str, Column], odd: dict[int, dict[str, str]]) -> Column:
        """A column of text, cut at its longest length; empty where the file has no such column."""
        column, longest = given.get(name, []), LENGTHS[name]
        if column and self._longest > longest and max(map(len, column)) > longest:
            self.tally.odd[f"{name}:too_long"] += sum(len(cell) > longest for cell in column)
            return [cell[:longest] for cell in column]
        return column

    def _deceased(
        self, given: dict[str, Column], death_dates: Column, odd: dict[int, dict[str, str]]
    ) -> Column:
        """True where the column states it or a day of death is given."""
        if "deceased" in given:
            said = self._read("deceased", given["deceased"], odd)
            return [
                "f" if s == "f" and d == NOTHING else "t"
                for s, d in zip(said, death_dates, strict=True)
            ]
        if "death_date" in given:
            return ["f" if died == NOTHING else "t" for died in death_dates]
        return ["f"] * len(death_dates)

    def _programmes_of(
        self, given: dict[str, Column], count: int, odd: dict[int, dict[str, str]]
    ) -> Column:
        flags = [name for name in columns.FLAGS if name in given]
        if not flags and "programme" not in given:
            own = self._delivery.programme
            return ["{" + own + "}" if own else "{}"] * count
        said = ["{}"] * count
        if "programme" in given:
            said = self._programmes.column(given["programme"])
            if self._programmes.wrong:
                self._collect_odd("programme", given["programme"], self._programmes.wrong, odd)
        for name in flags:
            code = columns.FLAGS[name]
            is_said = self._read(name, given[name], odd)
            said = [
                _with(codes, code) if y == "t" else codes
                for codes, y in zip(said, is_said, strict=True)
            ]
        return said

    def _village(self, text: str) -> str:
        return read_code(self._delivery.villages, text)

    def _placed(
        self, codes: Column, given: dict[str, Column], odd: dict[int, dict[str, str]]
    ) -> Column:
        """Village codes; where there is none, the code of the village that the row names."""
        pairs = zip(codes, given["village_name"], strict=True)
        named = [at for at, (code, name) in enumerate(pairs) if name and not code]
        if not named or self._delivery.places is None:
            return codes
        nothing = [""] * len(codes)
        village, district, regency, province = (given.get(name, nothing) for name in PLACE)
        places = [(village[at], district[at], regency[at], province[at]) for at in named]
        codes = codes.copy()
        for at, place, (code, why) in zip(
            named, places, self._delivery.places.codes(places), strict=True
        ):
            codes[at] = code
            if why:
                odd.setdefault(at, {})["village_name"] = place[0][:100]
                self.tally.odd[f"village_name:{why}"] += 1
                self.tally.villages[", ".join(filter(None, place))[:120]] += 1
        return codes

    def _codes(self, text: str) -> str:
        """A COPY array (`{PKH,SEMBAKO}`) from a list of programmes in one cell."""
        known = self._delivery.programmes
        whole = known.get(text.upper().strip())
        if whole:
            return "{" + whole + "}"
        names = [part.strip().upper() for part in _PARTS.split(text)]
        codes = {known[name] for name in names if name in known}
        if not codes or any(name and name not in known for name in names):
            raise Unreadable("unknown")
        return "{" + ",".join(sorted(codes)) + "}"


def _odd_numbers(column: Column) -> list[int]:
    """Positions of the cells that are not sixteen plain digits."""
    together = "".join(column)
    if together.isdigit() and together.isascii():
        return [at for at, cell in enumerate(column) if len(cell) != NIK_LENGTH and cell]
    return [at for at, cell in enumerate(column) if cell and not is_number(cell)]


def _with(codes: str, code: str) -> str:
    """A COPY array with one more code."""
    known = set(codes[1:-1].split(",")) - {""}
    return "{" + ",".join(sorted(known | {code})) + "}"
