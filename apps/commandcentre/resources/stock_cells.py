"""Cells of files about stock: which facility, which good, how many units.

Files of counted stock and of minimum levels share them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from rapidfuzz import process

from apps.commandcentre.models import Facility, Good
from apps.common.text.headings import plain
from apps.imports import cells
from apps.imports.cells import Unreadable
from apps.imports.findings import Findings

Unit = Good.Unit
FACILITY_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "reference": (
        "KODE FASILITAS", "ID Fasilitas", "Kode Lumbung", "ID Lumbung", "Kode Gudang",
        "Facility code",
    ),
    "facility": (
        "NAMA FASILITAS", "Fasilitas", "Nama Lumbung", "Lumbung", "Lumbung Sosial", "Nama Gudang",
        "Gudang", "Nama Sentra", "Lokasi Penyimpanan", "Facility", "Facility name",
    ),
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Wilayah", "Kode Kemendagri",
        "Village code",
    ),
}  # fmt: skip
GOOD_HEADINGS: Final = (
    "BARANG", "Nama Barang", "Jenis Barang", "Jenis Bantuan", "Logistik", "Jenis Logistik",
    "Uraian", "Uraian Barang", "Item", "Good", "Goods",
)  # fmt: skip
# Words for units, and how many of the catalogue's units one of them is. Goods that are counted are
# counted in any of the first ones.
_COUNTED: Final = frozenset((Unit.PACKAGE, Unit.SHEET, Unit.PIECE))
_COUNTING: Final = frozenset(
    ("paket", "pkt", "pak", "lembar", "lbr", "buah", "bh", "unit", "pcs", "pc", "set", "potong",
     "stel", "bungkus", "bks", "package", "packages", "sheet", "sheets", "piece", "pieces")
)  # fmt: skip
_MEASURES: Final[dict[str, tuple[Good.Unit, Decimal]]] = {
    **dict.fromkeys(("kg", "kilo", "kilogram"), (Unit.KILOGRAM, Decimal(1))),
    **dict.fromkeys(("t", "ton"), (Unit.KILOGRAM, Decimal(1_000))),
    **dict.fromkeys(("kuintal", "kw", "kwintal"), (Unit.KILOGRAM, Decimal(100))),
    **dict.fromkeys(("l", "lt", "ltr", "liter", "litre", "litres"), (Unit.LITRE, Decimal(1))),
}
CELL_FAULTS: Final = {
    "number": "cell_number",
    "negative": "cell_negative",
    "ambiguous": "cell_ambiguous",
}


class KnownFacilities:
    """Facilities by reference and by name. Queries: one."""

    def __init__(self) -> None:
        self._by_reference: dict[str, int] = {}
        self._by_name: dict[str, list[tuple[int, str]]] = defaultdict(list)
        rows = Facility.objects.active().values_list("pk", "reference", "name", "village_id")
        for key, reference, name, village in rows:
            if reference:
                self._by_reference[reference] = key
            self._by_name[plain(name)].append((key, village or ""))

    def find(self, reference: str, name: str, village: str) -> list[int]:
        """The keys of the facilities that are meant; one village decides between several."""
        if reference:
            known = self._by_reference.get(reference)
            return [] if known is None else [known]
        found = self._by_name.get(plain(name), [])
        here = [key for key, home in found if village and home == village]
        return here or [key for key, _home in found]


class KnownGoods:
    """The catalogue by code, name and synonym. Queries: one."""

    def __init__(self) -> None:
        goods = list(Good.objects.all())
        self._names = [good.name for good in goods]
        self._known = {
            plain(name): good for good in goods for name in (*good.synonyms, good.code, good.name)
        }

    def named(self, text: str) -> Good | None:
        return self._known.get(plain(text))

    def near(self, text: str) -> str:
        """The most similar names, for a message."""
        return ", ".join(one[0] for one in process.extract(text, self._names, limit=3))


def read_facility(
    number: int, row: Mapping[str, str], village: str, known: KnownFacilities, findings: Findings
) -> int:
    """The key of the row's facility; 0 with a finding where it is not known."""
    found = known.find(row["reference"], row["facility"], village)
    if len(found) == 1:
        return found[0]
    column = "reference" if row["reference"] else "facility"
    if not row[column]:
        findings.refuse(number, "cell_missing", column)
    elif found:
        findings.refuse(number, "stock_facility_several", column, row[column], several=len(found))
    else:
        findings.refuse(number, "stock_facility", column, row[column])
    return 0


def read_good(
    number: int, row: Mapping[str, str], known: KnownGoods, findings: Findings
) -> Good | None:
    """The good of the catalogue; None with a finding where the cell names another thing."""
    good = known.named(row["good"])
    if good is None:
        code = "stock_good" if row["good"] else "cell_missing"
        findings.refuse(number, code, "good", row["good"], near=known.near(row["good"]))
    return good


def read_quantity(
    number: int, row: Mapping[str, str], good: Good | None, findings: Findings
) -> int | None:
    """Whole units of the good; None with a finding where the cell holds something else."""
    text = row["quantity"]
    if not text:
        findings.refuse(number, "cell_missing", "quantity")
        return None
    try:
        amount, unit = cells.quantity(text)
    except Unreadable as why:
        findings.refuse(number, CELL_FAULTS[str(why)], "quantity", text)
        return None
    if good is None:
        return None
    words = {"good": good.name, "unit": str(good.get_unit_display())}
    factor = factor_of(unit or row["unit"], good)
    if factor is None:
        findings.refuse(number, "stock_unit", "quantity", unit or row["unit"], **words)
        return None
    whole = amount * factor
    if whole != whole.to_integral_value():
        findings.refuse(number, "stock_fraction", "quantity", text, **words)
        return None
    return int(whole)


def factor_of(unit: str, good: Good) -> Decimal | None:
    """How many units of a good one of these is; None for a unit of something else."""
    word = plain(unit)
    if not word:
        return Decimal(1)
    if word in _COUNTING:
        return Decimal(1) if good.unit in _COUNTED else None
    measure, factor = _MEASURES.get(word, (None, Decimal(0)))
    return factor if measure == good.unit else None
