"""Which columns of a file name the regions, and which hold the figures of which indicator.

Indicators are known by the headings of the catalogue, by their code and by their name; a planner
may name others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from apps.common import tabular
from apps.common.files.limits import Limits
from apps.common.text.headings import PLACES, Vocabulary, plain
from apps.imports.layouts import Layout
from apps.indicators.figures import numerals
from apps.indicators.figures.published_indicators import HEADINGS
from apps.indicators.figures.region_names import NAME_COLUMNS
from apps.indicators.models import Indicator
from apps.regions.models import CodeSystem

CODE, YEAR = "region_code", "year"
_CODES: Final[dict[str, tuple[str, ...]]] = {
    CodeSystem.KEMENDAGRI: (
        "KODE WILAYAH", "Kode Kemendagri", "Kode", "Kode Kab", "Kode Kabupaten", "Kode Kab/Kota",
        "Kode Kabupaten/Kota", "Kode Desa", "Kode Kecamatan", "Kode Provinsi", "Kode Prov",
        "Kode Daerah", "KDPKAB", "KDBPUM", "KDEPUM", "KDCPUM", "KDPPUM", "kode_kemdagri",
        "id_wilayah", "adm_code", "Region code", "Code",
    ),
    CodeSystem.BPS: (
        "KODE BPS", "Kode Wilayah BPS", "Kode Wilayah", "Kode", "idkab", "id_kab", "kdkab",
        "idprov", "iddesa", "idkec", "kode_bps", "bps_kode", "KDEBPS", "KDBBPS", "KDPBPS",
        "kode_bps_kab", "kode_bps_kabkota", "Region code", "Code",
    ),
}  # fmt: skip
_NAMES: Final = {
    "province_name": (*PLACES["province_name"], "WADMPR"),
    "regency_name": (
        *PLACES["regency_name"], "WADMKK", "Wilayah", "Nama Wilayah", "Daerah", "Region",
        "Nama Daerah", "Kab./Kota",
    ),
    "district_name": (*PLACES["district_name"], "WADMKC"),
    "village_name": (*PLACES["village_name"], "WADMKD"),
}  # fmt: skip
_YEARS: Final = ("TAHUN", "Year", "Periode", "Tahun Data")
PLACE_COLUMNS: Final = (CODE, *NAME_COLUMNS, YEAR)
VALUE: Final = "value_"
FORMATS: Final = frozenset(tabular.Format) - {tabular.Format.PARQUET}
LIMITS: Final = Limits(
    file_bytes=200_000_000, unpacked_bytes=1_000_000_000, rows=200_000, clock_s=120, cpu_s=120
)
# A column of figures has a figure in at least this share of its filled cells.
FIGURES: Final = 0.8


def places(system: str) -> Vocabulary:
    """The columns that name a region, for codes of a system."""
    codes = _CODES.get(system, _CODES[CodeSystem.KEMENDAGRI])
    return Vocabulary({CODE: codes, **_NAMES, YEAR: _YEARS})


def match(header: Sequence[str], system: str, *, by_code: bool = True) -> dict[str, int]:
    """Our columns that name the region, with their positions in a header."""
    found = places(system).match(header)
    if not by_code:
        found.pop(CODE, None)
    return found


def match_values(
    header: Sequence[str], samples: Sequence[Sequence[str]], used: Collection[int]
) -> dict[str, int]:
    """The code of each indicator that a heading names, with its position, where cells are figures.

    Queries: one.
    """
    known = {plain(name): code for code, names in HEADINGS.items() for name in names}
    published = Indicator.objects.filter(origin=Indicator.Origin.PUBLISHED)
    for code, *names in published.values_list("code", "name", "name_en"):
        known |= {plain(text): code for text in (code, *names) if text}
    found: dict[str, int] = {}
    for position, heading in enumerate(header):
        code = known.get(plain(heading), "")
        if code and position not in used and code not in found and is_figures(samples, position):
            found[code] = position
    return found


def is_figures(samples: Sequence[Sequence[str]], position: int) -> bool:
    """Whether the first cells of a column are numbers."""
    cells = [row[position] for row in samples if len(row) > position]
    filled = [text for text in cells if not numerals.is_nothing(text)]
    if not filled:
        return False
    numbers = sum(1 for text in filled if numerals.is_number(text))
    return numbers >= FIGURES * len(filled)


def layout_of(system: str, values: Collection[str]) -> Layout:
    """The layout of a file whose columns are known already; values are `value_<indicator>`."""
    words = places(system)
    headings = {name: words.headings[name] for name in words.columns}
    headings |= {f"{VALUE}{code}": (code,) for code in values}
    return Layout(
        words=Vocabulary(headings),
        holds={},
        needed=((CODE, *NAME_COLUMNS),),
        formats=FORMATS,
        limits=LIMITS,
        joined={},
    )


def positions(mapping: Mapping[str, int], values: Mapping[str, int]) -> dict[str, int]:
    """The mapping of a layout: the columns of the region and those of the figures."""
    return {**mapping, **{f"{VALUE}{code}": at for code, at in values.items()}}
