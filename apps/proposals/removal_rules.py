"""What removals and corrections must prove: reasons, papers, and their words in files. Pure.

The checks are SQL (`checks/sql/find_faults`, `find_request_faults`) and take these as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Paper:
    """A kind of evidence. The first word is ours. `needs_number`: its number must be given."""

    words: tuple[str, ...]
    needs_number: bool = True


@dataclass(frozen=True)
class Reason:
    """A reason of a removal: its words (the first is ours) and the papers that prove it.

    `needs_date`: the day of the event must be given. `may_end_enrolment`: with a programme named,
    only that programme ends, and the person stays registered.
    """

    words: tuple[str, ...]
    papers: tuple[str, ...]
    needs_date: bool = False
    may_end_enrolment: bool = False


# Source: usul hapus of SIKS-NG; papers of the civil registration by UU 24/2013 and Perpres 96/2018.
PAPERS: Final[dict[str, Paper]] = {
    "death_certificate": Paper(("AKTA KEMATIAN", "AKTE KEMATIAN", "DEATH CERTIFICATE")),
    "moving_letter": Paper(("SURAT PINDAH", "SKPWNI", "SURAT KETERANGAN PINDAH", "MOVING LETTER")),
    "statement": Paper(
        ("SURAT KETERANGAN DESA", "SURAT KETERANGAN", "SURAT KETERANGAN KELURAHAN",
         "SURAT KETERANGAN KEMATIAN", "SURAT KEMATIAN", "STATEMENT")
    ),
    "own_statement": Paper(
        ("SURAT PERNYATAAN", "PERNYATAAN", "SURAT PENGUNDURAN DIRI", "OWN STATEMENT")
    ),
    "minutes": Paper(
        ("BERITA ACARA", "BERITA ACARA MUSDES", "BERITA ACARA MUSKEL", "BA MUSDES", "MINUTES")
    ),
    "work_certificate": Paper(
        ("SK PENGANGKATAN", "SK", "SURAT KETERANGAN KERJA", "WORK CERTIFICATE")
    ),
    "identity_card": Paper(("KTP", "KTP-EL", "E-KTP", "EKTP", "IDENTITY CARD"), needs_number=False),
    "family_card": Paper(("KK", "KARTU KELUARGA", "FAMILY CARD"), needs_number=False),
    "birth_certificate": Paper(("AKTA KELAHIRAN", "AKTE KELAHIRAN", "BIRTH CERTIFICATE")),
    "marriage_certificate": Paper(
        ("BUKU NIKAH", "AKTA NIKAH", "AKTA PERKAWINAN", "AKTA CERAI", "AKTA PERCERAIAN",
         "MARRIAGE CERTIFICATE")
    ),
    "medical_letter": Paper(
        ("SURAT KETERANGAN DOKTER", "SURAT DOKTER", "MEDICAL LETTER")
    ),
}  # fmt: skip
REASONS: Final[dict[str, Reason]] = {
    "deceased": Reason(
        ("MENINGGAL", "MENINGGAL DUNIA", "WAFAT", "ALM", "DECEASED"),
        ("death_certificate", "statement"),
        needs_date=True,
    ),
    "moved": Reason(
        ("PINDAH", "PINDAH DOMISILI", "PINDAH ALAMAT", "MOVED"),
        ("moving_letter", "statement"),
        needs_date=True,
    ),
    "able": Reason(
        ("MAMPU", "SUDAH MAMPU", "KELUARGA MAMPU", "SEJAHTERA", "GRADUASI", "ABLE"),
        ("minutes", "own_statement", "statement"),
        may_end_enrolment=True,
    ),
    "resigned": Reason(
        ("MENGUNDURKAN DIRI", "MUNDUR", "MENOLAK", "RESIGNED"),
        ("own_statement",),
        may_end_enrolment=True,
    ),
    "employed": Reason(
        ("ASN/TNI/POLRI", "ASN", "PNS", "PPPK", "TNI", "POLRI", "TNI/POLRI", "BUMN", "BUMD",
         "EMPLOYED"),
        ("work_certificate", "statement"),
        may_end_enrolment=True,
    ),
    "duplicate": Reason(
        ("GANDA", "DATA GANDA", "DUPLIKAT", "DUPLICATE"),
        ("identity_card", "family_card", "statement"),
    ),
    "not_found": Reason(
        ("TIDAK DITEMUKAN", "ALAMAT TIDAK DITEMUKAN", "NOT FOUND"),
        ("minutes", "statement"),
    ),
}  # fmt: skip
# The papers that prove a correction.
OF_CORRECTIONS: Final = (
    "identity_card", "family_card", "birth_certificate", "marriage_certificate", "statement",
    "medical_letter", "minutes",
)  # fmt: skip
# The fields that a correction can change, with the column of a row that gives the value.
FIELDS: Final[dict[str, str]] = {
    "name": "name",
    "birth_place": "birth_place",
    "birth_date": "birth_date",
    "sex": "sex",
    "mother_name": "mother_name",
    "relation": "relation",
    "occupation": "occupation",
    "marital_status": "marital_status",
    "disability_kind": "disability_kind",
    "ppks": "ppks",
    "kk": "kk",
    "village": "village_code",
    "address": "address",
    "rt": "rt",
    "rw": "rw",
    "location": "latitude",
}
# Of these, the ones of the family: a correction changes them for all its members.
OF_FAMILY: Final = frozenset({"village", "address", "rt", "rw", "location"})


def accepted(kind: str, reason: str = "") -> tuple[str, ...]:
    """The papers that prove a correction, or a removal for a reason."""
    if kind == "correction":
        return OF_CORRECTIONS
    return REASONS[reason].papers if reason in REASONS else ()


def left_alone(kind: str, ends: str, changes: Mapping[str, Any] | None) -> set[str]:
    """The columns that a stored removal or correction took from the register, not from its row."""
    if kind == "new" or (kind == "correction" and changes is None):
        return set()
    own = {FIELDS[field] for field in changes or ()} | {"name", "village_code"}
    taken = set(FIELDS.values()) | {"longitude", "disability", "pregnant", "programme"}
    taken |= {"pregnancy_date", "accuracy_m"}
    if "latitude" in own:
        own |= {"longitude", "accuracy_m"}
    if "disability_kind" in own:
        own |= {"disability"}
    if ends == "enrolment":
        own |= {"programme"}
    return taken - own


def words(things: Mapping[str, Reason | Paper]) -> dict[str, str]:
    """Every word of some reasons or papers, with its code."""
    return {word: code for code, thing in things.items() for word in thing.words}


def reading() -> dict[str, Any]:
    """The parameters of `checks/tidy_rows`."""
    return {
        "reasons": words(REASONS),
        "papers": words(PAPERS),
        "partial": [code for code, one in REASONS.items() if one.may_end_enrolment],
    }


def bounds() -> dict[str, Any]:
    """The parameters of `checks/find_faults` about reasons and papers."""
    return {
        "accepted": {"": list(OF_CORRECTIONS)}
        | {code: list(one.papers) for code, one in REASONS.items()},
        "dated": [code for code, one in REASONS.items() if one.needs_date],
        "numbered": [code for code, one in PAPERS.items() if one.needs_number],
    }
