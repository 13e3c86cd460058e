"""Recognises the columns of a list of regions or a crosswalk. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SYNONYMS: dict[str, tuple[str, ...]] = {
    "code": ("code", "kode", "kode_wilayah", "kode_kemendagri", "kode_kemdagri"),
    "name": ("name", "nama", "nama_wilayah"),
    "decree": ("decree", "kepmendagri", "dasar_hukum"),
    "valid_from": ("valid_from", "berlaku_mulai", "mulai"),
    "valid_until": ("valid_until", "berlaku_sampai", "sampai"),
    "bps_code": ("kode_bps", "bps_code", "bps", "code_bps"),
    "kemendagri_code": ("kode_kemendagri", "kode_kemdagri", "kemendagri_code", "kode", "code"),
}
# Known decrees by the year that lists use for them. Source: the Ministry of Home Affairs.
DECREE_OF_YEAR = {
    2018: "Permendagri 137/2017",
    2020: "Permendagri 72/2019",
    2022: "Kepmendagri 050-145/2022",
    2023: "Kepmendagri 100.1.1-6117/2022",
    2025: "Kepmendagri 300.2.2-2430/2025",
}
_NAME_OF_YEAR = re.compile(r"(?:nama|name)_((?:19|20)\d\d)")


@dataclass(frozen=True)
class DecreeColumn:
    """A column that holds the names of one year's decree."""

    index: int
    year: int

    @property
    def name(self) -> str:
        return DECREE_OF_YEAR.get(self.year, str(self.year))


@dataclass(frozen=True)
class Columns:
    """Column positions by meaning; `decrees` are in the order of their years."""

    by_name: dict[str, int]
    decrees: tuple[DecreeColumn, ...] = ()


def recognise(header: Sequence[str]) -> Columns | None:
    """The columns of a list of regions; None without codes or without names."""
    found = _positions(header, ("code", "name", "decree", "valid_from", "valid_until"))
    decrees = [
        DecreeColumn(index, int(match[1]))
        for index, title in enumerate(map(_key, header))
        if (match := _NAME_OF_YEAR.fullmatch(title))
    ]
    if "code" not in found or ("name" not in found and not decrees):
        return None
    return Columns(found, tuple(sorted(decrees, key=lambda column: column.year)))


def recognise_crosswalk(header: Sequence[str]) -> tuple[int, int] | None:
    """Positions of the BPS code and of the Kemendagri code."""
    found = _positions(header, ("bps_code", "kemendagri_code"))
    return (found["bps_code"], found["kemendagri_code"]) if len(found) == 2 else None


def _positions(header: Sequence[str], names: Sequence[str]) -> dict[str, int]:
    titles = [_key(title) for title in header]
    return {
        name: titles.index(synonym)
        for name in names
        if (synonym := next((each for each in SYNONYMS[name] if each in titles), None))
    }


def _key(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", title.strip().lower()).strip("_")
