"""The columns of a proposal row and their headings in files. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds, RecognisedColumns
from apps.common.text.column_likeness import Reason as Reason
from apps.common.text.column_likeness import left_out as left_out
from apps.common.text.headings import PLACES, Vocabulary
from apps.common.text.headings import plain as plain
from apps.imports import joined_cells

# Column of staging: (heading in our template, other headings found in files).
# Source: SIKS-NG proposal template (21 columns) as used by two city applications; the rest is ours.
_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "nik": (
        "NIK", "No NIK", "Nomor NIK", "Nomor Induk Kependudukan", "No Induk Kependudukan",
        "No Induk", "Nomor Induk", "No KTP", "Nomor KTP", "KTP", "NIK KTP", "NIK KPM", "NIK ART",
        "NIK Penerima", "NIK Peserta", "NIK Warga", "NIK Anggota Keluarga", "NIK Individu",
        "NIK Usulan", "No Identitas", "National ID", "National ID number", "ID number",
    ),
    "programme": (
        "PROGRAM BANSOS", "Program", "Jenis Bansos", "Jenis Program", "Bansos", "Usulan Program",
        "Program Bantuan", "Jenis Bantuan", "Bantuan", "Nama Program", "Program yang Diusulkan",
        "Usulan Bansos", "Usulan Bantuan", "Program Bantuan Sosial", "Bantuan Sosial",
        "Jenis Bantuan Sosial", "Program Sosial", "Programme", "Program applied for",
    ),
    "kk": (
        "NOKK", "No KK", "KK", "Nomor KK", "No Kartu Keluarga", "Nomor Kartu Keluarga",
        "Kartu Keluarga", "No KK KPM", "Nomor Keluarga", "Family card", "Family card number",
    ),
    "name": (
        "NAMA", "Nama Lengkap", "Nama Anggota Keluarga", "Nama ART", "Nama Usulan", "Nama KPM",
        "Nama Penerima", "Nama Peserta", "Nama Warga", "Nama Penduduk", "Nama Individu",
        "Nama Calon Penerima", "Nama Penerima Manfaat", "Nama Penerima Bantuan", "Nama KTP",
        "Nama Pemohon", "Nama yang Diusulkan", "Nama PM", "Nama Calon KPM", "Nama Lgkp",
        "Nama Anggota Rumah Tangga", "Nama Anggota", "Name", "Full name",
    ),
    "birth_place": (
        "TEMPAT LAHIR", "Tmp Lahir", "Tmpt Lahir", "Kota Lahir", "Place of birth", "Birth place",
    ),
    "birth_date": (
        "TANGGAL LAHIR", "Tgl Lahir", "Tgllahir", "Tgl Lhr", "Tanggal Kelahiran",
        "Tanggal Bulan Tahun Lahir", "Tgl Bln Thn Lahir", "Date of birth", "Birth date", "DOB",
    ),
    "mother_name": (
        "IBU KANDUNG", "Nama Ibu Kandung", "Nama Ibu", "Nama Gadis Ibu Kandung", "Nama Ibu KK",
        "Namagadis Ibukandung", "Nama Lgkp Ibu", "Nama Lengkap Ibu", "Ibu", "Mother's name",
        "Mother name", "Mother's maiden name",
    ),
    "sex": (
        "JENIS KELAMIN", "JK", "Jns Kelamin", "Jns Kel", "Jenis Kel", "J Kel", "Jekel", "Jenkel",
        "Kelamin", "Gender", "Sex", "L/P", "LP", "Kd Jenis Kelamin",
    ),
    "occupation": (
        "JENIS PEKERJAAN", "Pekerjaan", "Mata Pencaharian", "Jenis Pkrjn", "Pekerjaan ID",
        "Occupation", "Job",
    ),
    "marital_status": (
        "STATUS KAWIN", "Status Perkawinan", "Status Pernikahan", "Status Nikah", "Stat Kwn",
        "Perkawinan", "Kawin", "Marital status",
    ),
    "address": (
        "ALAMAT", "Alamat Lengkap", "Alamat Rumah", "Alamat KTP", "Alamat Tempat Tinggal",
        "Alamat Domisili", "Jalan", "Address", "Street address",
    ),
    "rt": ("RT", "No RT"),
    "rw": ("RW", "No RW"),
    **PLACES,
    "disability": (
        "STATUS DISABILITAS", "Disabilitas", "Penyandang Disabilitas", "Difabel", "Disability",
    ),
    "disability_kind": (
        "KODE JENIS DISABILITAS", "Jenis Disabilitas", "Kode Disabilitas", "Ragam Disabilitas",
        "Jenis Cacat", "Disability kind",
    ),
    "pregnant": ("STATUS HAMIL", "Hamil", "Status Kehamilan", "Ibu Hamil", "Bumil", "Pregnant"),
    "pregnancy_date": (
        "TGL MULAI HAMIL", "Tanggal Mulai Hamil", "Mulai Hamil", "Tanggal Hamil", "HPHT",
        "Pregnant since",
    ),
    "village_code": (
        "KODE DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Kelurahan/Desa",
        "Kode Kemendagri", "Kode Kemdagri", "Kode Wilayah", "Kode Wil", "Kode Desa BPS", "Kode BPS",
        "Kode Kel", "Kode Wilayah Desa", "ID Desa", "ID Kelurahan", "Kode PUM", "KDGabungan4",
        "Kode", "KDEPUM", "KDEBPS", "adm4", "Village code",
    ),
    "latitude": (
        "LINTANG", "Latitude", "Lat", "Koordinat Lintang", "Garis Lintang", "Titik Lintang",
        "Koordinat Y", "Latitude Y", "Lintang Y", "Y",
    ),
    "longitude": (
        "BUJUR", "Longitude", "Long", "Lon", "Lng", "Koordinat Bujur", "Garis Bujur",
        "Titik Bujur", "Koordinat X", "Longitude X", "Bujur X", "X",
    ),
    "ppks": ("KODE PPKS", "PPKS", "Jenis PPKS", "PMKS", "Kode PMKS", "Jenis PMKS"),
    "kind": ("JENIS USULAN", "Jenis Usul", "Usulan", "Kind"),
    "relation": (
        "HUBUNGAN KELUARGA", "Hubungan", "Hub Keluarga", "SHDK", "Status Hubungan Dalam Keluarga",
        "Hubungan Dalam Keluarga", "Stat Hbkel", "Hub Kel", "Hub KRT", "Hubungan KRT",
        "Hubungan Dengan Kepala Keluarga", "Hub Dgn KK", "Status Keluarga", "KK Level",
        "Status Dalam Keluarga", "Relation", "Relation to head of household",
    ),
    "accuracy_m": ("AKURASI (m)", "Akurasi", "Akurasi GPS", "Accuracy", "Ketelitian"),
    "identity_note": ("PENJELASAN IDENTITAS", "Keterangan Identitas", "Identity note"),
    "reason": (
        "ALASAN", "Alasan Usul Hapus", "Alasan Hapus", "Alasan Penghapusan", "Alasan Usulan",
        "Alasan Usulan Hapus", "Keterangan Hapus", "Sebab", "Reason", "Reason for removal",
    ),
    "reason_date": (
        "TANGGAL KEJADIAN", "Tgl Kejadian", "Tanggal Meninggal", "Tgl Meninggal",
        "Tanggal Kematian", "Tanggal Pindah", "Tgl Pindah", "Date of event",
    ),
    "evidence_kind": (
        "JENIS BUKTI", "Bukti", "Dokumen Bukti", "Jenis Dokumen", "Bukti Pendukung",
        "Dokumen Pendukung", "Jenis Surat", "Evidence", "Kind of evidence",
    ),
    "evidence_number": (
        "NOMOR BUKTI", "No Bukti", "Nomor Dokumen", "No Dokumen", "Nomor Surat", "No Surat",
        "No Akta Kematian", "Nomor Akta Kematian", "Evidence number",
    ),
}  # fmt: skip
# A column of a file that holds several of ours, and its headings.
POINT: Final = ("latitude", "longitude")
BIRTH: Final = ("birth_place", "birth_date")
NEIGHBOURHOOD: Final = ("rt", "rw")
_JOINED: Final[dict[tuple[str, ...], tuple[str, ...]]] = {
    POINT: (
        "Titik Koordinat", "Koordinat", "Koordinat Lokasi", "Titik Lokasi", "Koordinat Rumah",
        "Titik Koordinat Rumah", "Koordinat GPS", "Titik GPS", "GPS", "Lokasi GPS", "Geotag",
        "Geotagging", "Share Lokasi", "Shareloc", "Link Google Maps", "Google Maps", "Link Maps",
        "Maps", "Lat Long", "LatLng", "Lat Lon", "Lintang Bujur", "Coordinates", "Location",
        "Coordinate",
    ),
    BIRTH: (
        "TTL", "Tempat Tanggal Lahir", "Tempat/Tanggal Lahir", "Tempat dan Tanggal Lahir",
        "Tmp Tgl Lahir", "Tempat Tgl Lahir", "Kelahiran",
    ),
    NEIGHBOURHOOD: ("RT/RW", "RTRW", "RT RW"),
}  # fmt: skip
# Spellings of programmes, to recognise their column if its heading is unknown.
_PROGRAMMES: Final = (
    "PKH", "Program Keluarga Harapan", "BPNT", "BSP", "Sembako", "Program Sembako", "BPNT/Sembako",
    "BSP/BPNT", "PBI", "PBI-JK", "PBI JKN", "PBIJK", "BST", "BLT", "Non Bansos", "ATENSI", "YAPI",
    "Bantuan Pangan Non Tunai",
)  # fmt: skip
_KINDS: Final = ("baru", "usul baru", "usulan baru", "new", "-", "perbaikan", "usul perbaikan",
                 "correction", "hapus", "usul hapus", "penghapusan", "removal")  # fmt: skip
_YES_NO: Final = ("ya", "tidak", "tdk", "y", "t", "n", "-", "0", "1", "hamil", "ada", "tidak ada")
HOLDS: Final[dict[str, Holds]] = {
    "nik": Holds(likeness.is_number),
    "kk": Holds(likeness.is_number),
    "birth_date": Holds(likeness.is_date, is_varied=True),
    "pregnancy_date": Holds(likeness.is_date),
    "name": Holds(likeness.is_name, is_loose=True, is_varied=True),
    "mother_name": Holds(likeness.is_name),
    "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
    "province_name": Holds(likeness.is_name, is_loose=True),
    "regency_name": Holds(likeness.is_name, is_loose=True),
    "district_name": Holds(likeness.is_name, is_loose=True),
    "village_name": Holds(likeness.is_name, is_loose=True),
    "sex": Holds(likeness.is_sex, is_telling=True),
    "programme": Holds(likeness.one_of(_PROGRAMMES), is_telling=True),
    "latitude": Holds(likeness.is_latitude, is_telling=True, partner="longitude"),
    "longitude": Holds(likeness.is_longitude, is_telling=True, partner="latitude"),
    "rt": Holds(likeness.is_small_number),
    "rw": Holds(likeness.is_small_number),
    "kind": Holds(likeness.one_of(_KINDS), is_loose=True),
    "pregnant": Holds(likeness.one_of(_YES_NO)),
    "disability": Holds(likeness.one_of(_YES_NO)),
}
HOLDS_JOINED: Final[dict[tuple[str, ...], Holds]] = {
    POINT: Holds(joined_cells.is_point, is_telling=True),
    BIRTH: Holds(joined_cells.is_birth, is_telling=True),
    NEIGHBOURHOOD: Holds(joined_cells.is_neighbourhood),
}
COLUMNS: Final = tuple(_HEADINGS)
TEMPLATE: Final[dict[str, str]] = {column: names[0] for column, names in _HEADINGS.items()}
SIKSNG: Final = COLUMNS[:21]

MARK: Final = "TEMPLAT DTKS"  # the last heading of our template, before its version

# Every proposal needs these; the sender of a file that lacks one is asked to match the columns.
REQUIRED: Final = ("nik", "kk", "name", "birth_date", "sex", "programme")
# A file that says of each row what it is and why may be a list of removals: the register has the
# rest of each person. Its new rows, if any, get a finding for each cell that is missing.
SAYS_CHANGES: Final = ("kind", "reason")
OF_CHANGES: Final = ("nik", "name", *SAYS_CHANGES)
# A file names the village by its code or by its name.
VILLAGE: Final = ("village_code", "village_name")
# The columns of a spatial file's geometry (tabular.LATITUDE, tabular.LONGITUDE).
GEOMETRY: Final = {"__latitude": "latitude", "__longitude": "longitude"}

_WORDS: Final = Vocabulary(_HEADINGS, fixed=GEOMETRY, joined=_JOINED)


def match(header: Sequence[str]) -> dict[str, int]:
    """Our columns that a header's names identify, with their positions."""
    return _WORDS.match(header)


def recognise(header: Sequence[str], rows: Sequence[Sequence[str]]) -> RecognisedColumns:
    """Our columns in a file, recognised by its headings and the values of its first rows."""
    return likeness.recognise(header, rows, _WORDS, HOLDS, joined=HOLDS_JOINED)


def settled(found: RecognisedColumns) -> dict[str, int]:
    """The recognised columns used without asking; a needed column is used only if it is certain."""
    named = any(column in found.certain() for column in VILLAGE)
    return found.mapping((*REQUIRED, *(() if named else VILLAGE)))


def is_mark(heading: str) -> bool:
    """Whether a heading is only the mark of our template."""
    return heading.upper().startswith(MARK)


def missing(columns: Iterable[str]) -> list[str]:
    """The columns that a mapping still lacks before its rows can be read."""
    known = set(columns)
    needed = OF_CHANGES if known.issuperset(SAYS_CHANGES) else REQUIRED
    lacking = [column for column in needed if column not in known]
    return lacking if known & set(VILLAGE) else [*lacking, "village_code"]


def positions(mapping: Mapping[str, int]) -> list[int | None]:
    """A mapping in the order of the staging table."""
    return _WORDS.positions(mapping)


def named(mapping: Mapping[str, str | int], header: Sequence[str]) -> dict[str, int]:
    """A mapping that names headings (or positions), as positions in this header.

    Raises: KeyError with the column or heading that does not exist.
    """
    return _WORDS.named(mapping, header)
