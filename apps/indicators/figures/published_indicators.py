"""The indicators that agencies publish most, with the headings of their tables.

Source: the tables of BPS by regency (poverty, education, health, housing, labour). The codes are
kept in addresses and files, and are never renamed; other indicators are added on the page.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from apps.indicators.models import Indicator

_Kind, _Limits = Indicator.Kind, Indicator.Limits


class Published(NamedTuple):
    """One indicator of the catalogue."""

    code: str
    name: str
    name_en: str
    kind: Indicator.Kind
    unit: str
    decimals: int
    denominator: str
    headings: tuple[str, ...]


PUBLISHED: Final = (
    Published(
        "poverty_rate", "Persentase penduduk miskin (P0)", "Poverty rate (P0)", _Kind.RATE, "%", 2,
        "penduduk",
        ("P0", "p0_persen", "Persentase Penduduk Miskin", "Persen Miskin", "Penduduk Miskin (%)",
         "Persentase Penduduk Miskin (P0) Menurut Kabupaten/Kota (Persen)"),
    ),
    Published(
        "poverty_gap", "Indeks kedalaman kemiskinan (P1)", "Poverty gap index (P1)", _Kind.RATE,
        "indeks", 2, "penduduk", ("P1", "p1_indeks", "Indeks Kedalaman Kemiskinan"),
    ),
    Published(
        "poverty_severity", "Indeks keparahan kemiskinan (P2)", "Poverty severity index (P2)",
        _Kind.RATE, "indeks", 2, "penduduk", ("P2", "p2_indeks", "Indeks Keparahan Kemiskinan"),
    ),
    Published(
        "poor_people", "Jumlah penduduk miskin", "Poor people", _Kind.COUNT, "jiwa", 0, "",
        ("Jumlah Penduduk Miskin", "Penduduk Miskin", "jumlah_miskin"),
    ),
    Published(
        "poverty_line", "Garis kemiskinan", "Poverty line", _Kind.AMOUNT, "Rp/kapita/bulan", 0, "",
        ("Garis Kemiskinan", "garis_kemiskinan", "GK"),
    ),
    Published(
        "extreme_poverty_rate", "Persentase penduduk miskin ekstrem", "Extreme poverty rate",
        _Kind.RATE, "%", 2, "penduduk",
        ("Persentase Penduduk Miskin Ekstrem", "Kemiskinan Ekstrem (%)", "miskin_ekstrem_persen"),
    ),
    Published(
        "mean_schooling", "Rata-rata lama sekolah", "Mean years of schooling", _Kind.RATE, "tahun",
        2, "penduduk 15 tahun ke atas",
        ("Rata-rata Lama Sekolah", "RLS", "rls_tahun"),
    ),
    Published(
        "expenditure", "Pengeluaran per kapita disesuaikan", "Adjusted expenditure per head",
        _Kind.AMOUNT, "ribu Rp/orang/tahun", 0, "penduduk",
        ("Pengeluaran per Kapita Disesuaikan", "Pengeluaran per Kapita", "pengeluaran_ribu"),
    ),
    Published(
        "life_expectancy", "Umur harapan hidup", "Life expectancy", _Kind.RATE, "tahun", 2,
        "penduduk", ("Umur Harapan Hidup", "UHH", "AHH", "Angka Harapan Hidup", "uhh_tahun"),
    ),
    Published(
        "sanitation", "Rumah tangga dengan sanitasi layak", "Households with proper sanitation",
        _Kind.RATE, "%", 2, "rumah tangga", ("Sanitasi Layak", "sanitasi_persen"),
    ),
    Published(
        "drinking_water", "Rumah tangga dengan air minum layak",
        "Households with safe drinking water", _Kind.RATE, "%", 2, "rumah tangga",
        ("Air Minum Layak", "airminum_persen", "air_minum_persen"),
    ),
    Published(
        "unemployment", "Tingkat pengangguran terbuka", "Open unemployment rate", _Kind.RATE, "%",
        2, "angkatan kerja", ("Tingkat Pengangguran Terbuka", "TPT", "tpt_persen"),
    ),
)  # fmt: skip
HEADINGS: Final = {one.code: one.headings for one in PUBLISHED}


def fill_indicators(**_kwargs: Any) -> None:
    """Add the indicators of this list that are missing, after each migration."""
    known = set(Indicator.objects.values_list("code", flat=True))
    Indicator.objects.bulk_create(
        Indicator(
            code=one.code,
            name=one.name,
            name_en=one.name_en,
            origin=Indicator.Origin.PUBLISHED,
            kind=one.kind,
            unit=one.unit,
            decimals=one.decimals,
            denominator=one.denominator,
            limits=_Limits.SHARE if one.unit == "%" else _Limits.OPEN,
        )
        for one in PUBLISHED
        if one.code not in known
    )
