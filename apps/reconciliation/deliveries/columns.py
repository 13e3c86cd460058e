"""The fields of a person that a file can hold, and the column headings that other ministries use.
Pure.

Source of the headings: the published column lists of SIKS-NG's template and its city variant, of
DTKS/BDT (UDART), P3KE (persons) and DTSEN (members), and the records of Dukcapil's web service.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from apps.common.text import column_likeness as likeness
from apps.common.text.column_likeness import Holds, Match, Reason
from apps.common.text.headings import PLACES, Vocabulary

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "source_ref": (
        "ID", "ID Sumber", "ID Individu", "ID ART", "IDARTBDT", "ID DTKS", "ID ART DTKS",
        "ID DTSEN", "ID Anggota", "ID Peserta", "Nomor Peserta", "No Peserta", "NoPesertaPKH",
        "Nomor Kartu JKN", "No KKS", "NIP", "Record ID", "RecId", "unique_id",
    ),
    "nik": ("NIK", "No NIK", "Nomor NIK", "Nomor Induk Kependudukan", "No KTP", "Nomor KTP"),
    "kk": (
        "NO_KK", "NOKK", "KK", "Nomor KK", "No Kartu Keluarga", "Nomor Kartu Keluarga",
    ),
    "name": (
        "NAMA_LGKP", "Nama", "Nama Lengkap", "Nama Anggota Keluarga", "Nama ART", "Nama Peserta",
        "Nama Penerima", "Nama KPM", "Nama Pengurus", "Nama Pegawai", "Name", "Full name",
    ),
    "birth_place": (
        "TMPT_LHR", "Tempat Lahir", "Tmp Lahir", "TmpLahir", "Tmpt Lahir", "Kota Lahir",
        "Place of birth",
    ),
    "birth_date": (
        "TGL_LHR", "Tanggal Lahir", "Tgl Lahir", "Tanggal Lahir (31/01/2000)", "Date of birth",
        "Birth date", "DOB",
    ),
    "sex": (
        "JENIS_KLMIN", "Jenis Kelamin", "JK", "Jns Kel", "Jns Kelamin", "Kelamin",
        "Kd Jenis Kelamin", "Gender", "Sex", "L/P",
    ),
    "mother_name": (
        "NAMA_LGKP_IBU", "Ibu Kandung", "Nama Ibu Kandung", "Nama Ibu", "Nama Gadis Ibu Kandung",
        "Namagadis Ibukandung", "Mother's name",
    ),
    "village_code": (
        "KODE_DESA", "Kode Kelurahan", "Kode Desa/Kelurahan", "Kode Kemendagri", "Kode Kemdagri",
        "Kode Wilayah", "Kode Wil", "Kode Desa BPS", "Kode BPS", "KDEPUM", "KDEBPS",
        "KDGabungan4", "adm4", "Village code",
    ),
    **PLACES,
    "address": (
        "ALAMAT", "Alamat Lengkap", "Alamat Rumah", "Alamat KTP", "Alamat Tempat Tinggal",
        "Address",
    ),
    "rt": ("NO_RT", "RT"),
    "rw": ("NO_RW", "RW"),
    "relation": (
        "STAT_HBKEL", "Hubungan Keluarga", "Hubungan", "Hub Keluarga", "Hubkel", "Hub KRT", "SHDK",
        "Kd Hubungan Dg KK", "Hubungan dengan Kepala Keluarga", "Status Hubungan Dalam Keluarga",
        "Relation",
    ),
    "occupation": (
        "JENIS_PKRJN", "Jenis Pekerjaan", "Pekerjaan", "Status Pekerjaan", "Jabatan", "Occupation",
    ),
    "deceased": (
        # not `keberadaan`: its code 1 means that the person lives there
        "MENINGGAL", "Status Meninggal", "Status Penduduk", "Deceased",
    ),
    "death_date": (
        "TGL_MATI", "Tanggal Meninggal", "Tgl Meninggal", "Tanggal Kematian", "Tgl Kematian",
        "Date of death",
    ),
    "desil": (
        "DESIL", "Desil Kesejahteraan", "Desil Nasional", "Peringkat Kesejahteraan",
        "Kd Peringkat Kesejahteraan Keluarga", "Peringkat", "Decile",
    ),
    "programme": (
        "PROGRAM", "Program Bansos", "Jenis Bansos", "Jenis Program", "Bansos", "Programme",
    ),
    "is_pkh": ("PKH", "Penerima PKH", "Status PKH", "Ada PKH", "Kd PKH"),
    "is_sembako": (
        "SEMBAKO", "Penerima Sembako", "BPNT", "Penerima BPNT", "BSP", "Status BSP", "Kd BSS BNPT",
    ),
    "is_pbi": ("PBI", "Penerima PBI", "Status PBI", "Ada PBI", "Sta Kepesertaan PBI", "PBI-JK"),
}  # fmt: skip
# A column of yes or no, and the programme that a yes means.
FLAGS: Final = {"is_pkh": "PKH", "is_sembako": "SEMBAKO", "is_pbi": "PBI-JK"}
# Required to compare any record; besides it, one of the others must identify the person.
REQUIRED: Final = "name"
TELLING: Final = ("nik", "birth_date", "mother_name", "village_code", "village_name")

# Columns that identify a person. The user is asked about a column that looks like one of these.
ASKED: Final = (
    "nik", "kk", "name", "birth_date", "sex", "mother_name", "village_code", "village_name",
    "death_date",
)  # fmt: skip
_HOLDS: Final[dict[str, Holds]] = {
    "nik": Holds(likeness.is_number),
    "kk": Holds(likeness.is_number),
    "name": Holds(likeness.is_name, is_loose=True),
    "birth_date": Holds(likeness.is_date),
    "sex": Holds(likeness.is_sex, is_telling=True),
    "mother_name": Holds(likeness.is_name),
    "village_code": Holds(likeness.is_village_code, is_telling=True, is_loose=True),
    "village_name": Holds(likeness.is_name, is_loose=True),
    "district_name": Holds(likeness.is_name, is_loose=True),
    "regency_name": Holds(likeness.is_name, is_loose=True),
    "province_name": Holds(likeness.is_name, is_loose=True),
    "death_date": Holds(likeness.is_date),
}

WORDS: Final = Vocabulary(_HEADINGS)
COLUMNS: Final = WORDS.columns
OWN: Final[dict[str, str]] = {column: names[0] for column, names in _HEADINGS.items()}


def match(header: Sequence[str]) -> dict[str, str]:
    """Our columns and the file's headings that mean them, as far as the headings are known."""
    return {column: header[at] for column, at in WORDS.match(header).items()}


def uncertain_columns(
    header: Sequence[str], rows: Sequence[Sequence[str]], known: Mapping[str, str]
) -> list[Match]:
    """The needed columns that a mapping by names lacks or has elsewhere although the file has
    candidates.

    A candidate is a column that looks like the needed one by its heading or its cells.
    """
    found = likeness.recognise(header, rows, WORDS, _HOLDS).matches
    looked = [found[column] for column in ASKED if column in found]
    has_place = "village_code" in known or "village_code" in found
    return [
        match
        for match in looked
        if match.reason != Reason.EXACT
        and known.get(match.column) != header[match.position]
        and (match.column not in known or _is_belied(match, header, known))
        and not (match.column == "village_name" and has_place)
    ]


def _is_belied(match: Match, header: Sequence[str], known: Mapping[str, str]) -> bool:
    """Whether the cells contradict the heading that was matched."""
    return (
        match.reason == Reason.CONTENT
        and match.is_certain
        and (known[match.column] != header[match.position])
    )


def proposed(
    known: Mapping[str, str], doubted: Iterable[Match], header: Sequence[str]
) -> dict[str, str]:
    """A mapping by names with the uncertain columns filled in; each file column is used once."""
    new = {match.column: header[match.position] for match in doubted}
    taken = set(new.values())
    kept = {column: heading for column, heading in known.items() if heading not in taken}
    return kept | new


def carried(former: Mapping[str, str], header: Sequence[str]) -> dict[str, str]:
    """The mapping of a source's last file, as far as this file has its headings; else by name."""
    kept = {column: heading for column, heading in former.items() if heading in header}
    taken = set(kept.values())
    found = {column: heading for column, heading in match(header).items() if heading not in taken}
    return found | kept


def chosen(mapping: Mapping[str, str | int], header: Sequence[str]) -> dict[str, str]:
    """The mapping that a user gave, by the headings of this file.

    Raises: KeyError with the column or heading that does not exist.
    """
    return {column: header[at] for column, at in WORDS.named(mapping, header).items()}


def positions(mapping: Mapping[str, str], header: Sequence[str]) -> dict[str, int]:
    """The position of each mapped column in the file. Raises: KeyError as `chosen`."""
    return WORDS.named(mapping, header)


def missing(columns: Iterable[str]) -> list[str]:
    """The columns that a mapping still needs before its records can be compared."""
    known = set(columns)
    lacking = [] if REQUIRED in known else [REQUIRED]
    return lacking if known & set(TELLING) else [*lacking, "nik"]
