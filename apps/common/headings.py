"""Which column of a file is which of ours, told by its heading; every app has its words. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

# Under which headings files name where somebody lives, where they do not bring a code.
PLACES: Final[dict[str, tuple[str, ...]]] = {
    "province_name": ("PROVINSI", "Nama Provinsi", "Prov", "Propinsi", "Province"),
    "regency_name": (
        "KABUPATEN", "Kabupaten/Kota", "Kab/Kota", "Kab Kota", "Nama Kabupaten",
        "Nama Kabupaten/Kota", "Kota", "Regency",
    ),
    "district_name": ("KECAMATAN", "Nama Kecamatan", "Kec", "Kapanewon", "Distrik", "District"),
    "village_name": (
        "KELURAHAN", "Desa", "Kelurahan/Desa", "Desa/Kelurahan", "Kel/Desa", "Desa/Kel",
        "Nama Desa", "Nama Kelurahan", "Nama Desa/Kelurahan", "Kalurahan", "Village",
    ),
}  # fmt: skip
DBF_LENGTH: Final = 10  # a shapefile cuts the names of its columns
_NOISE = re.compile(r"[^a-z0-9]+")


def plain(heading: str) -> str:
    """A heading without case, spaces and signs: `Tgl. Lahir` and `TGL_LAHIR` are one."""
    decomposed = unicodedata.normalize("NFKD", heading)
    return _NOISE.sub("", decomposed.casefold())


class Vocabulary:
    """Our columns, in their order, and the headings under which files bring them.

    The first heading of a column is our own. `fixed` are headings that need no likeness, e.g. the
    pseudo-columns of a geometry.
    """

    def __init__(
        self,
        headings: Mapping[str, Sequence[str]],
        fixed: Mapping[str, str] | None = None,
    ) -> None:
        self.columns = tuple(headings)
        self._own = {column: plain(names[0]) for column, names in headings.items()}
        self._fixed = dict(fixed or {})
        self._column_of = {
            plain(name): column for column, names in headings.items() for name in (*names, column)
        }

    def match(self, header: Sequence[str]) -> dict[str, int]:
        """Which position of a header holds which of our columns, as far as the names tell.

        The first of several columns with the same meaning counts, but a heading of our own before
        a synonym, and a fixed one before both.
        """
        found: dict[str, tuple[int, int]] = {}
        for position, heading in enumerate(header):
            column, rank = self._meaning(heading)
            if column and (column not in found or rank < found[column][0]):
                found[column] = (rank, position)
        return {column: found[column][1] for column in self.columns if column in found}

    def _meaning(self, heading: str) -> tuple[str, int]:
        if heading in self._fixed:
            return self._fixed[heading], 0
        name = plain(heading)
        column = self._column_of.get(name, "")
        if column:
            return column, 1 if name == self._own[column] else 2
        if len(heading) == DBF_LENGTH:
            whole = {c for full, c in self._column_of.items() if full.startswith(name)}
            if len(whole) == 1:
                return whole.pop(), 3
        return "", 9

    def positions(self, mapping: Mapping[str, int]) -> list[int | None]:
        """A mapping in the order of our columns."""
        return [mapping.get(column) for column in self.columns]

    def named(self, mapping: Mapping[str, str | int], header: Sequence[str]) -> dict[str, int]:
        """A mapping that names headings (or positions), as positions in this header.

        Raises: KeyError with the column or heading that does not exist.
        """
        known = {plain(heading): position for position, heading in enumerate(header)}
        known |= {heading: position for position, heading in enumerate(header)}
        result: dict[str, int] = {}
        for column, where in mapping.items():
            if column not in self.columns:
                raise KeyError(column)
            position = where if isinstance(where, int) else _position(where, known)
            if not 0 <= position < len(header):
                raise KeyError(str(where))
            result[column] = position
        return result


def _position(heading: str, known: Mapping[str, int]) -> int:
    return known.get(heading, known.get(plain(heading), -1))
