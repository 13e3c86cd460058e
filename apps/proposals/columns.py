"""The columns of a proposal row and the headers under which files bring them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apps.common.headings import PLACES, Vocabulary
from apps.common.headings import plain as plain

# Column of staging: (heading in our template, other headings met in files).
# Source: SIKS-NG proposal template (21 columns) as used by two city applications; the rest is ours.
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "nik": ("NIK", "No NIK", "Nomor NIK", "Nomor Induk Kependudukan", "No KTP", "Nomor KTP"),
    "programme": (
        "PROGRAM BANSOS",
        "Program",
        "Jenis Bansos",
        "Jenis Program",
        "Bansos",
        "Usulan Program",
        "Programme",
    ),
    "kk": ("NOKK", "No KK", "KK", "Nomor KK", "No Kartu Keluarga", "Nomor Kartu Keluarga"),
    "name": ("NAMA", "Nama Lengkap", "Nama Anggota Keluarga", "Nama ART", "Nama Usulan", "Name"),
    "birth_place": ("TEMPAT LAHIR", "Tmp Lahir", "Tmpt Lahir", "Kota Lahir", "Place of birth"),
    "birth_date": ("TANGGAL LAHIR", "Tgl Lahir", "Tgllahir", "Date of birth", "Birth date"),
    "mother_name": (
        "IBU KANDUNG",
        "Nama Ibu Kandung",
        "Nama Ibu",
        "Nama Gadis Ibu Kandung",
        "Namagadis Ibukandung",
        "Mother's name",
    ),
    "sex": ("JENIS KELAMIN", "JK", "Jns Kelamin", "Kelamin", "Gender", "Sex", "L/P"),
    "occupation": ("JENIS PEKERJAAN", "Pekerjaan", "Occupation"),
    "marital_status": ("STATUS KAWIN", "Status Perkawinan", "Status Pernikahan", "Marital status"),
    "address": ("ALAMAT", "Alamat Lengkap", "Alamat Rumah", "Alamat KTP", "Address"),
    "rt": ("RT", "No RT"),
    "rw": ("RW", "No RW"),
    **PLACES,
    "disability": ("STATUS DISABILITAS", "Disabilitas", "Penyandang Disabilitas", "Disability"),
    "disability_kind": (
        "KODE JENIS DISABILITAS",
        "Jenis Disabilitas",
        "Kode Disabilitas",
        "Disability kind",
    ),
    "pregnant": ("STATUS HAMIL", "Hamil", "Status Kehamilan", "Pregnant"),
    "pregnancy_date": (
        "TGL MULAI HAMIL",
        "Tanggal Mulai Hamil",
        "Mulai Hamil",
        "Pregnant since",
    ),
    "village_code": (
        "KODE DESA",
        "Kode Kelurahan",
        "Kode Desa/Kelurahan",
        "Kode Kemendagri",
        "Kode Kemdagri",
        "Kode Wilayah",
        "Kode Wil",
        "Kode Desa BPS",
        "Kode BPS",
        "Kode",
        "KDEPUM",
        "KDEBPS",
        "adm4",
        "Village code",
    ),
    "latitude": ("LINTANG", "Latitude", "Lat", "Koordinat Lintang", "Garis Lintang", "Y"),
    "longitude": (
        "BUJUR",
        "Longitude",
        "Long",
        "Lon",
        "Lng",
        "Koordinat Bujur",
        "Garis Bujur",
        "X",
    ),
    "ppks": ("KODE PPKS", "PPKS", "Jenis PPKS", "PMKS", "Kode PMKS"),
    "kind": ("JENIS USULAN", "Jenis Usul", "Usulan", "Kind"),
    "relation": (
        "HUBUNGAN KELUARGA",
        "Hubungan",
        "Hub Keluarga",
        "SHDK",
        "Status Hubungan Dalam Keluarga",
        "Relation",
    ),
    "accuracy_m": ("AKURASI (m)", "Akurasi", "Accuracy", "Accuracy m", "Ketelitian"),
    "identity_note": (
        "PENJELASAN IDENTITAS",
        "Penjelasan Perbedaan Identitas",
        "Keterangan Identitas",
        "Identity note",
    ),
}
COLUMNS: Final = tuple(_HEADINGS)
TEMPLATE: Final[dict[str, str]] = {column: names[0] for column, names in _HEADINGS.items()}
SIKSNG: Final = COLUMNS[:21]

# Without these no row can be proposed; a file that lacks one is asked to match its columns.
REQUIRED: Final = ("nik", "kk", "name", "birth_date", "sex", "programme")
# A file names the village by its code, or by its name.
VILLAGE: Final = ("village_code", "village_name")
# What spatial files bring as geometry (tabular.LATITUDE, tabular.LONGITUDE).
GEOMETRY: Final = {"__latitude": "latitude", "__longitude": "longitude"}

_WORDS: Final = Vocabulary(_HEADINGS, fixed=GEOMETRY)


def match(header: Sequence[str]) -> dict[str, int]:
    """Which position of a header holds which of our columns, as far as the names tell."""
    return _WORDS.match(header)


def missing(columns: Iterable[str]) -> list[str]:
    """What a mapping still lacks before its rows can be read."""
    known = set(columns)
    lacking = [column for column in REQUIRED if column not in known]
    return lacking if known & set(VILLAGE) else [*lacking, "village_code"]


def positions(mapping: Mapping[str, int]) -> list[int | None]:
    """A mapping in the order of the staging table."""
    return _WORDS.positions(mapping)


def named(mapping: Mapping[str, str | int], header: Sequence[str]) -> dict[str, int]:
    """A mapping that names headings (or positions), as positions in this header.

    Raises: KeyError with the column or heading that does not exist.
    """
    return _WORDS.named(mapping, header)
