"""Recognises which column of a file is which of ours by its heading; every app has its own words.
Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

# Headings under which files name the place of residence when they have no code.
PLACES: Final[dict[str, tuple[str, ...]]] = {
    "province_name": ("PROVINSI", "Nama Provinsi", "Prov", "Propinsi", "Prop Name", "Province"),
    "regency_name": (
        "KABUPATEN", "Kabupaten/Kota", "Kab/Kota", "Kab Kota", "Nama Kabupaten", "Kab", "KabKot",
        "Nama Kabupaten/Kota", "Kota", "Nama Kab", "Kab Name", "Regency", "Regency/City",
    ),
    "district_name": (
        "KECAMATAN", "Nama Kecamatan", "Kec", "Kapanewon", "Kemantren", "Distrik", "District",
        "Nama Kec", "Kec Name", "Subdistrict",
    ),
    "village_name": (
        "KELURAHAN", "Desa", "Kelurahan/Desa", "Desa/Kelurahan", "Kel/Desa", "Desa/Kel", "Kel",
        "Nama Desa", "Nama Kelurahan", "Nama Desa/Kelurahan", "Kalurahan", "Nagari", "Gampong",
        "Kampung", "Pekon", "DesaKel", "KelDes", "Nama Kel", "Kel Name", "Village", "Village name",
    ),
}  # fmt: skip
DBF_LENGTH: Final = 10  # a shapefile cuts the names of its columns
_NOISE = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[a-z]+|[0-9]+")
# Text around a heading that does not change its meaning.
_BRACKETS = re.compile(r"[(\[{<]([^()\[\]{}<>]*)(?:[)\]}>]|$)")
_NUMBERING = re.compile(
    r"^\W*(?:(?:kol(?:om)?\W*)?\d{1,3}\s*[.):\-\s]|[a-z]\s*[.)])\W*(?=[a-z]{2})", re.I
)
_EXAMPLE = re.compile(
    r"\b(?:\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}"
    r"|(?:dd|hh|tgl)[/.\- ]?(?:mm|bb|bln)[/.\- ]?(?:y{2,4}|t{2,4}|thn))\b",
    re.I,
)
_AND = re.compile(r"[/|=,;&+]|\b(?:atau|dan|and|or)\b", re.I)
_ASIDE = re.compile(
    r"\b(?:sesuai|menurut|berdasarkan|format|contoh|cth|misal|wajib|harus|diisi)\b.*"
    r"|(?<=\w)\s+(?:(?:yang\s+|yg\s+)?diusulkan|tempat\s+tinggal|domisili|asal|saat\s+ini|sekarang)\s*$",
    re.I,
)
_UNITS: Final = frozenset(
    ("m", "meter", "metres", "derajat", "desimal", "decimal", "degrees", "wgs84", "dd")
)
# Brackets that name another person than that of the row: they do change the meaning.
_OTHER_PEOPLE: Final = frozenset(
    ("ayah", "ibu", "istri", "isteri", "suami", "kepala", "kk", "krt", "pasangan", "wali",
     "orangtua", "bapak", "pengurus", "anak")
)  # fmt: skip
_SHORT: Final = {
    short: full
    for full, shorts in {
        "no": "nomor nomer nmr num number", "nama": "nm nma", "tanggal": "tgl tggl tg",
        "tempat": "tmp tmpt tpt", "lahir": "lhr", "jenis": "jns jen", "kode": "kd cd",
        "kelamin": "klm klmn klmin", "alamat": "almt", "pekerjaan": "pkrjn pkerjaan pek kerja",
        "status": "sts stat", "hubungan": "hub", "keluarga": "klg klrg kel", "kecamatan": "kec",
        "kabupaten": "kab", "provinsi": "prov prop propinsi", "kelurahan": "kelrhn",
        "program": "prog programme", "penerima": "pnrm", "koordinat": "kordinat coord coordinates",
    }.items()
    for short in shorts.split()
}  # fmt: skip


def plain(heading: str) -> str:
    """A heading without case, spaces and punctuation: `Tgl. Lahir` and `TGL_LAHIR` are equal."""
    decomposed = unicodedata.normalize("NFKD", heading)
    return _NOISE.sub("", decomposed.casefold())


def bare(heading: str) -> str:
    """A heading without hints in brackets, examples, units and numbering."""
    text = " ".join(unicodedata.normalize("NFKC", heading).replace("\ufeff", "").split())
    text = _ASIDE.sub("", _EXAMPLE.sub("", _BRACKETS.sub(_hint, text)))
    text = _NUMBERING.sub("", text)
    while (last := re.search(r"[\W_]+([A-Za-z0-9]+)\W*$", text)) and last[1].casefold() in _UNITS:
        text = text[: last.start()]
    return text.strip(" *:.,-_/")


def _hint(found: re.Match[str]) -> str:
    words = set(words_of(found[1]))
    return f" {found[1]} " if words & _OTHER_PEOPLE else " "


def words_of(heading: str) -> list[str]:
    """The words of a heading with abbreviations expanded: `Tgl.Lahir` is `tanggal`, `lahir`."""
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKD", heading))
    return [_SHORT.get(word, word) for word in _WORD.findall(text.casefold())]


def written_out(heading: str) -> str:
    """The expanded words of the bare heading, joined: equal for different spellings of
    one heading.
    """
    return "".join(words_of(bare(heading)))


class Vocabulary:
    """Our columns, in their order, and the headings that files use for them.

    The first heading of a column is our own. `fixed` are headings that are only matched exactly,
    e.g. the pseudo-columns of a geometry. `joined` are headings of one column that holds several of
    ours, such as a point.
    """

    def __init__(
        self,
        headings: Mapping[str, Sequence[str]],
        fixed: Mapping[str, str] | None = None,
        joined: Mapping[tuple[str, ...], Sequence[str]] | None = None,
    ) -> None:
        self.columns = tuple(headings)
        self.headings = {column: tuple(names) for column, names in headings.items()}
        self.joined = dict(joined or {})
        self._own = {column: plain(names[0]) for column, names in headings.items()}
        self._fixed = dict(fixed or {})
        known = [(name, column) for column, names in headings.items() for name in (*names, column)]
        self._column_of = {plain(name): column for name, column in known}
        self._written_out: dict[str, str] = {}
        for name, column in known:
            self._written_out.setdefault(written_out(name), column)
        self._joined_of = {
            form: columns
            for columns, names in self.joined.items()
            for name in names
            for form in (plain(name), written_out(name))
        }

    def match(self, header: Sequence[str]) -> dict[str, int]:
        """Our columns and their positions in a header, as far as the names show them.

        The first of several columns with the same meaning counts. A heading of our own precedes a
        synonym, and a fixed one precedes both. One column may hold several of ours.
        """
        found: dict[str, tuple[int, int]] = {}
        for position, heading in enumerate(header):
            column, rank = self._meaning(heading)
            if column and (column not in found or rank < found[column][0]):
                found[column] = (rank, position)
        for position, heading in enumerate(header):
            columns = self.joined_in(heading)
            if columns and not any(column in found for column in columns):
                found |= dict.fromkeys(columns, (4, position))
        return {column: found[column][1] for column in self.columns if column in found}

    def joined_in(self, heading: str) -> tuple[str, ...]:
        """Our columns that one column with this heading holds together; usually none."""
        core = bare(heading)
        for form in (plain(heading), plain(core), written_out(heading)):
            if form in self._joined_of:
                return self._joined_of[form]
        meant = self._parts(core)
        return next((columns for columns in self.joined if meant == set(columns)), ())

    def _parts(self, core: str) -> set[str]:
        """Our columns for the parts of a heading like `Lat/Long`."""
        parts = [part for part in _AND.split(core) if part.strip()]
        if len(parts) < 2:
            return set()
        return {
            self._column_of.get(plain(part)) or self._written_out.get(written_out(part), "")
            for part in parts
        }

    def _meaning(self, heading: str) -> tuple[str, int]:
        if heading in self._fixed:
            return self._fixed[heading], 0
        name = plain(heading)
        if self.joined_in(heading):
            return "", 9
        column = self._column_of.get(name, "")
        if column:
            return column, 1 if name == self._own[column] else 2
        if column := self._as_written_out(heading):
            return column, 3
        if len(heading) == DBF_LENGTH:
            whole = {c for full, c in self._column_of.items() if full.startswith(name)}
            if len(whole) == 1:
                return whole.pop(), 5
        return "", 9

    def _as_written_out(self, heading: str) -> str:
        """Our column with this heading, ignoring text around it or two names for it."""
        core = bare(heading)
        for form in (plain(core), written_out(core)):
            if column := self._column_of.get(form) or self._written_out.get(form):
                return column
        meant = self._parts(core)
        return meant.pop() if len(meant) == 1 else ""

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
