"""What each rule about a single row means, said briefly in Python: the measure for the SQL.

Takes the cells as text and says (code, column) of every finding. Knows nothing of other rows, of
the register or of boundaries. Written from the rules, not from the statements.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from apps.demo import country
from apps.proposals.rules import LONGEST, LONGEST_PREGNANCY, OLDEST_YEARS, PPKS_KINDS

DISTRICTS = {code[:8].replace(".", "") for code in country.CODES.values()}
VILLAGES = set(country.CODES.values())
SEXES = {
    "L": ["L", "LK", "LAKI", "LAKI-LAKI", "PRIA", "M", "MALE", "1"],
    "P": ["P", "PR", "PEREMPUAN", "WANITA", "F", "FEMALE", "2"],
}
PROGRAMMES = {"PKH", "SEMBAKO", "BPNT", "BSP", "PBI-JK", "PBI", "PBIJK", "BST", "NON-BANSOS"}
YES, NO = {"YA", "Y", "1"}, {"TIDAK", "T", "0", "-"}
KINDS = {"BARU", "PERBAIKAN", "HAPUS"}
CHANGES = {"PERBAIKAN", "HAPUS"}
# Some reasons, and the kind, with the papers that prove them.
PROOF = {
    "MENINGGAL": {"AKTA KEMATIAN", "SURAT KETERANGAN DESA"},
    "PINDAH": {"SURAT PINDAH", "SURAT KETERANGAN DESA"},
    "MAMPU": {"BERITA ACARA", "SURAT PERNYATAAN", "SURAT KETERANGAN DESA"},
    "PERBAIKAN": {"KTP", "KK", "SURAT KETERANGAN DESA", "BERITA ACARA"},
}
PAPERS = {paper for papers in PROOF.values() for paper in papers}
FILLERS = {"1234567890123456", "0123456789012345"} | {digit * 16 for digit in "0123456789"}


def findings(row: dict[str, str], *, scope: str, today: date) -> set[tuple[str, str]]:
    """Everything that the rules say about one row by itself."""
    cells = {name: text.strip() for name, text in row.items() if text.strip()}
    born = day(cells.get("birth_date", ""))
    found = set(_number(cells, "nik")) | set(_number(cells, "kk"))
    found |= set(_nik_and_person(cells, born))
    found |= set(_name(cells)) | set(_birth(cells, born, today)) | set(_village(cells, scope))
    found |= set(_words(cells)) | set(_state(cells, born, today)) | set(_point(cells))
    found |= set(_request(cells, today))
    if kind_of(cells) in CHANGES:  # the register has what is empty
        found -= {("missing", field) for field in ("kk", "birth_date", "sex", "programme")}
    return found


def kind_of(cells: dict[str, str]) -> str:
    return cells.get("kind", "BARU").upper()


def bare(text: str) -> str:
    """A number without the signs that people put between or before its digits."""
    return re.sub(r"[ .\-'’‘`\u00a0]", "", text)


MONTHS = {"januari": 1, "mei": 5, "agt": 8, "agustus": 8, "des": 12, "december": 12}


def day(text: str) -> date | None:
    """A date in any of the forms that are read."""
    if re.fullmatch(r"\d{2,5}", text) and int(text) >= 61:
        serial = date(1899, 12, 30) + timedelta(days=int(text))
        return serial if serial.year < 2050 else None
    if worded := re.fullmatch(r"(\d{1,2})[-/. ]([A-Za-z]+)[-/. ](\d{4})", text):
        month = MONTHS.get(worded[2].lower(), 0)
        text = f"{worded[1]}-{month}-{worded[3]}"
    parts = re.fullmatch(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", text)
    iso = re.fullmatch(r"(\d{4})[-/. ](\d{1,2})[-/. ](\d{1,2})", text)
    if not parts and not iso:
        return None
    d, m, y = map(int, parts.groups() if parts else iso.groups()[::-1])  # type: ignore[union-attr]
    try:
        return date(y, m, d) if 1900 <= y < 2050 else None
    except ValueError:
        return None


def _number(cells: dict[str, str], field: str) -> Iterator[tuple[str, str]]:
    number = bare(cells.get(field, ""))
    if not number:
        yield "missing", field
    elif re.fullmatch(r"\d+(,\d+)?[eE]\+?\d+", number):
        yield f"{field}_float", field
    elif not number.isdecimal():
        yield f"{field}_letters", field
    elif len(number) != 16:
        yield f"{field}_length", field
    else:
        if number != cells[field]:
            yield "number_tidied", field
        yield from _digits(number, field, bare(cells.get("nik", "")))


def _digits(number: str, field: str, nik: str) -> Iterator[tuple[str, str]]:
    """Sixteen digits: fillers, what Excel rounds, a serial of none, an unknown district."""
    if number in FILLERS:
        yield f"{field}_filler", field
        return
    is_rounded = number.endswith("0" * 10)
    if is_rounded:
        yield f"{field}_float", field
    elif field == "nik" and number.endswith("0000"):
        yield "nik_serial_zero", field
    if field == "kk" and is_rounded:
        return
    if field == "kk" and number == nik:
        yield "nik_is_kk", "kk"
    elif number[:6] not in DISTRICTS:
        yield f"{field}_prefix_unknown", field


def _nik_and_person(cells: dict[str, str], born: date | None) -> Iterator[tuple[str, str]]:
    nik = bare(cells.get("nik", ""))
    if not re.fullmatch(r"\d{16}", nik) or born is None:
        return
    if nik in FILLERS or nik.endswith("0" * 10):
        return
    inside, sex = nik[6:12], sex_of(cells)
    as_man, as_woman = (f"{born.day + plus:02d}{born:%m%y}" for plus in (0, 40))
    if inside in {as_man, as_woman}:
        if sex in "LP" and sex and inside != {"L": as_man, "P": as_woman}[sex]:
            yield "nik_sex", "sex"
    elif not (1 <= int(inside[:2]) <= 31 or 41 <= int(inside[:2]) <= 71) or not (
        1 <= int(inside[2:4]) <= 12
    ):
        yield "nik_date_impossible", "nik"
    else:
        yield "nik_birth_date", "birth_date"


def sex_of(cells: dict[str, str]) -> str:
    text = cells.get("sex", "").upper()
    return next((sex for sex, words in SEXES.items() if text in words), "?" if text else "")


def _name(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    name = re.sub(r"\s+", " ", cells.get("name", "")).upper().strip()
    if not name:
        yield "missing", "name"
        return
    titles = []
    while match := re.match(r"(DRS|DRA|DR|IR|HJ|H|ALM|ALMH)(?:\. ?| )(\S.*)", name):
        titles.append(match[1])
        name = match[2]
    if match := re.fullmatch(r"([^,]+?) ?, ?((?:[A-Z]{1,4}\.)+[A-Z]*|SH|MM)", name):
        name = match[1]
        titles.append(match[2])
    if titles:
        deceased = {"ALM", "ALMH"} & set(titles)
        yield ("name_deceased" if deceased else "name_titled"), "name"
    if re.search(r"\d", name):
        yield "name_digits", "name"
    elif re.search(r"[^\w '’`.\-]|_", name):
        yield "name_symbols", "name"
    elif len(re.sub(r"[ .\-]", "", name)) < 2:
        yield "name_short", "name"


def _birth(cells: dict[str, str], born: date | None, today: date) -> Iterator[tuple[str, str]]:
    if not cells.get("birth_date"):
        yield "missing", "birth_date"
    else:
        yield from _past_day(cells["birth_date"], "birth_date", today)


def _past_day(text: str, field: str, today: date) -> Iterator[tuple[str, str]]:
    known = day(text)
    if known is None:
        yield _unread(text), field
    elif known > today:
        yield "date_future", field
    elif known < date(today.year - OLDEST_YEARS, 1, 1):
        yield "date_too_old", field
    if known is not None and text.isdecimal():
        yield "date_serial", field


def _request(cells: dict[str, str], today: date) -> Iterator[tuple[str, str]]:
    kind, reason = kind_of(cells), cells.get("reason", "-").upper()
    if kind not in CHANGES:
        if reason != "-":
            yield "reason_unneeded", "reason"
        return
    paper, number = cells.get("evidence_kind", "-").upper(), cells.get("evidence_number", "-")
    if paper == "-":
        yield "evidence_missing", "evidence_kind"
    elif paper not in PAPERS:
        yield "evidence_unknown", "evidence_kind"
    elif number == "-" and paper not in {"KTP", "KK"}:
        yield "evidence_number_missing", "evidence_number"
    proving = PROOF.get(reason) if kind == "HAPUS" else PROOF["PERBAIKAN"]
    if proving and paper in PAPERS and paper not in proving:
        yield "evidence_unfit", "evidence_kind"
    if kind == "HAPUS":
        yield from _removal(cells, reason, today)


def _removal(cells: dict[str, str], reason: str, today: date) -> Iterator[tuple[str, str]]:
    if reason == "-":
        yield "reason_missing", "reason"
    elif reason not in PROOF:
        yield "reason_unknown", "reason"
    if cells.get("reason_date"):
        yield from _past_day(cells["reason_date"], "reason_date", today)
    elif reason in {"MENINGGAL", "PINDAH"}:
        yield "reason_date_missing", "reason_date"


def _unread(text: str) -> str:
    if re.fullmatch(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}|\d{4}[-/. ]\d{1,2}[-/. ]\d{1,2}", text):
        year = int(re.search(r"\d{4}", text)[0])  # type: ignore[index]
        return (
            "date_too_old" if year < 1900 else "date_future" if year > 2049 else "date_impossible"
        )
    if re.fullmatch(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2}", text):
        return "date_short_year"
    return "date_unreadable"


def _village(cells: dict[str, str], scope: str) -> Iterator[tuple[str, str]]:
    text = bare(cells.get("village_code", "")) if "village_code" in cells else ""
    if not text:
        if "village_name" not in cells:
            yield "missing", "village_code"
        return
    written = re.sub(r"[ '’`\u00a0]", "", cells["village_code"])
    parts = written.split(".")
    padded = ".".join(p.zfill(2) for p in parts) if len(parts) == 4 else ""
    digits = re.sub(r"\D", "", written)
    dotted = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}" if len(digits) == 10 else ""
    code = next((c for c in (written, padded, dotted) if c in VILLAGES), "")
    if not code:
        is_larger = len(digits) in {2, 4, 6} and any(
            c.replace(".", "").startswith(digits) for c in VILLAGES
        )
        yield ("village_level" if is_larger else "village_unknown"), "village_code"
        return
    if not re.fullmatch(r"\d\d\.\d\d\.\d\d\.\d{4}|\d{10}", written):
        yield "village_repaired", "village_code"
    if not code.startswith(scope):
        yield "village_outside_scope", "village_code"


def _words(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    if not sex_of(cells):
        yield "missing", "sex"
    elif sex_of(cells) == "?":
        yield "sex_unknown", "sex"
    programme = cells.get("programme", "").upper()
    if not programme:
        yield "missing", "programme"
    elif programme not in PROGRAMMES:
        yield "programme_unknown", "programme"
    if cells.get("kind", "BARU").upper() not in KINDS:
        yield "kind_unknown", "kind"
    yield from _address(cells)


def _address(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    for field in ("rt", "rw"):
        text = cells.get(field, "-").upper()
        if text != "-" and not re.fullmatch(rf"({field.upper()}[ .:]*)?\d{{1,3}}", text):
            yield f"{field}_not_number", field
    for field, limit in LONGEST.items():
        if field != "name" and len(cells.get(field, "")) > limit:
            yield "too_long", field
    for field in ("address", "birth_place", "mother_name", "occupation"):
        if cells.get(field, "")[:1] in ("=", "+", "@") and cells.get(field):
            yield "formula_text", field


def _state(cells: dict[str, str], born: date | None, today: date) -> Iterator[tuple[str, str]]:
    ppks = cells.get("ppks", "-")
    if ppks != "-":
        if not re.fullmatch(r"\d{1,2}([;,/ ]+\d{1,2})*[;, ]*", ppks):
            yield "ppks_unreadable", "ppks"
        elif not all(1 <= int(kind) <= PPKS_KINDS for kind in re.findall(r"\d+", ppks)):
            yield "ppks_unknown", "ppks"
    disabled, kind = cells.get("disability", "TIDAK").upper(), cells.get("disability_kind", "-")
    if disabled not in YES | NO:
        yield "disability_unknown", "disability"
    elif disabled in YES and kind == "-":
        yield "disability_without_kind", "disability_kind"
    elif disabled in NO and kind not in {"-", "0", "00"}:
        yield "disability_kind_unneeded", "disability_kind"
    yield from _pregnancy(cells, born, today)


def _pregnancy(cells: dict[str, str], born: date | None, today: date) -> Iterator[tuple[str, str]]:
    pregnant, since = cells.get("pregnant", "TIDAK").upper(), cells.get("pregnancy_date", "")
    if pregnant not in YES | NO:
        yield "pregnant_unknown", "pregnant"
    elif pregnant in YES and sex_of(cells) == "L":
        yield "pregnant_man", "pregnant"
    elif pregnant in YES and born and not 10 <= _years(born, today) <= 55:
        yield "pregnant_age", "pregnant"
    if pregnant in NO and since:
        yield "pregnancy_date_unneeded", "pregnancy_date"
    if pregnant in YES:
        yield from _begun(since, today)


def _begun(since: str, today: date) -> Iterator[tuple[str, str]]:
    begun = day(since)
    if not since:
        yield "pregnancy_date_missing", "pregnancy_date"
    elif begun is None:
        is_date = re.fullmatch(r"\d{1,2}[-/. ]\d{1,2}[-/. ]\d{4}", since)
        yield ("date_impossible" if is_date else "date_unreadable"), "pregnancy_date"
    elif begun > today:
        yield "date_future", "pregnancy_date"
    elif begun < today - LONGEST_PREGNANCY:
        yield "pregnancy_date_old", "pregnancy_date"
    if begun and since.isdecimal():
        yield "date_serial", "pregnancy_date"


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _point(cells: dict[str, str]) -> Iterator[tuple[str, str]]:
    latitude, longitude = cells.get("latitude", ""), cells.get("longitude", "")
    if bool(latitude) != bool(longitude):
        yield "coordinate_half", "longitude" if latitude else "latitude"
    if latitude and longitude:
        for field, text in (("latitude", latitude), ("longitude", longitude)):
            if degrees(text) is None:
                yield "coordinate_unreadable", field
    accuracy = cells.get("accuracy_m", "0")
    if not re.fullmatch(r"\d{1,5}([.,]\d+)?( ?m)?", accuracy):
        yield "accuracy_unreadable", "accuracy_m"


def degrees(text: str) -> float | None:
    """Decimal degrees, or degrees-minutes-seconds with a hemisphere; comma or point."""
    plain = text.upper().replace(",", ".")
    match = re.fullmatch(
        r"(-?)(\d{1,3}(?:\.\d+)?)°?(?: ?(\d{1,2}(?:\.\d+)?)')?(?: ?(\d{1,2}(?:\.\d+)?)\")? ?"
        r"(LS|LU|BT|BB|S|N|E|W)?",
        plain,
    )
    if not match:
        return None
    sign, whole, minutes, seconds, side = match.groups()
    if float(minutes or 0) >= 60 or float(seconds or 0) >= 60:
        return None
    value = float(whole) + float(minutes or 0) / 60 + float(seconds or 0) / 3600
    return -value if sign or side in {"LS", "S", "BB", "W"} else value
