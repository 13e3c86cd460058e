"""The faults of a made-up batch: what each does to a row and what a check must find.

A fault is `readable` (another notation: nothing to correct), `doubtful` (a verdict or flag of the
point: to be checked, but not refused for it alone) or `wrong` (a person must correct the row). A
row has one fault, on a person without family in the batch, so that it causes no other finding.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from apps.demo import boundaries
from apps.demo.population import names
from apps.demo.population.drafts import DATE_FORM, Draft, Office
from apps.demo.population.people import Person
from apps.demo.population.places import Spot

READABLE, DOUBTFUL, WRONG = "readable", "doubtful", "wrong"
BOTH, PORTAL_ONLY, SIKSNG_ONLY = "both", "portal", "siksng"
EXCEL_EPOCH = date(1899, 12, 30)
FILLERS = ("9999999999999999", "0000000000000000", "1111111111111111", "1234567890123456")
MISSPELT = ("PKHH", "SEMBAKOO", "PKH2", "PIB-JK", "BANSOS", "SEMBKO")
SYNONYMS = {"SEMBAKO": ("BPNT", "BSP"), "PBI-JK": ("PBI",)}
LONG_CELL = 6000
TRIES = 3  # a village without sea near it cannot show a point at sea, but the next one may
SAME_COARSE_OR_OFFICE = 3  # rows on one point at most: more would make it a shared one

Spoil = Callable[[Draft, Office], bool]


class Fault(NamedTuple):
    """`make` returns a row with the fault; None if this country cannot show it."""

    code: str
    field: str
    effect: str
    share: float
    templates: str
    textual: bool
    make: Callable[[Office], Draft | None]


CATALOGUE: dict[str, Fault] = {}


def _fault(
    code: str,
    field: str,
    effect: str,
    share: float,
    *,
    sex: str = "",
    templates: str = BOTH,
    textual: bool = False,
) -> Callable[[Spoil], Spoil]:
    """Register a function that adds a fault to a good row of one person of that sex; it returns
    False if it cannot.
    """

    def register(spoil: Spoil) -> Spoil:
        def make(office: Office) -> Draft | None:
            for _ in range(TRIES):
                draft = office.single(sex=sex)
                if spoil(draft, office):
                    return draft
            return None

        CATALOGUE[code] = Fault(code, field, effect, share, templates, textual, make)
        return spoil

    return register


def _spotted(code: str, share: float, *, effect: str = DOUBTFUL) -> Callable[[Spoil], Spoil]:
    return _fault(code, "latitude", effect, share, templates=PORTAL_ONLY)


# The point


@_spotted("near_border", 0.015)
def _near_border(draft: Draft, office: Office) -> bool:
    return _moved(draft, office.places.near_border(draft.claimed))


@_spotted("neighbour", 0.010)
def _neighbour(draft: Draft, office: Office) -> bool:
    other = office.places.other(draft.claimed, "", office.rng)
    return bool(other) and _moved(draft, office.places.within(draft.claimed, other))


@_spotted("elsewhere", 0.008)
def _elsewhere(draft: Draft, office: Office) -> bool:
    levels = ["district", "regency", "province"]
    office.rng.shuffle(levels)
    others = (office.places.other(draft.claimed, level, office.rng) for level in levels)
    other = next(filter(None, others), "")
    return bool(other) and _moved(draft, office.places.within(draft.claimed, other))


@_spotted("unmapped", 0.005)
def _unmapped(draft: Draft, office: Office) -> bool:
    return _moved(draft, office.places.unmapped(draft.claimed))


@_spotted("no_polygon", 0.002)
def _no_polygon(draft: Draft, office: Office) -> bool:
    if not office.unsurveyed:
        return False
    office.claim(draft, office.rng.choice(office.unsurveyed))
    spot = office.places.judge(draft.claimed, draft.spot.longitude, draft.spot.latitude)
    return _moved(draft, spot)


@_spotted("no_point", 0.005)
def _no_point(draft: Draft, office: Office) -> bool:
    draft.put(Spot(0.0, 0.0, "no_point"))
    draft.cells |= {"latitude": "", "longitude": "", "accuracy_m": ""}
    return True


@_spotted("axes_swapped", 0.003)
def _axes_swapped(draft: Draft, office: Office) -> bool:
    # A latitude beyond the pole is in no village, and a distance to it has no meaning.
    draft.put(Spot(draft.spot.latitude, draft.spot.longitude, "unmapped"))
    draft.flags = ("axes_swapped",)
    return True


@_spotted("sign_flipped", 0.002)
def _sign_flipped(draft: Draft, office: Office) -> bool:
    spot = office.places.judge(draft.claimed, draft.spot.longitude, -draft.spot.latitude)
    draft.put(spot._replace(distance_m=None))  # hundreds of km: the plane is not accurate so far
    draft.flags = ("sign_flipped",)
    return draft.spot.verdict == "unmapped"


@_spotted("coarse", 0.003)
def _coarse(draft: Draft, office: Office) -> bool:
    point = office.places.coarse(draft.claimed)
    if point is None:
        return False
    draft.put(office.places.judge(draft.claimed, *point))
    draft.cells |= {"longitude": f"{point[0]:.3f}", "latitude": f"{point[1]:.3f}"}
    draft.flags = ("coarse",)
    return draft.spot.verdict == "inside"


@_spotted("office_point", 0.002)
def _office_point(draft: Draft, office: Office) -> bool:
    point = office.places.offices.get(draft.claimed)
    if point is None or office.count("office", draft.claimed) > SAME_COARSE_OR_OFFICE:
        return False
    draft.put(office.places.judge(draft.claimed, point.x, point.y))
    draft.flags = ("office_point",)
    return draft.spot.verdict == "inside"


@_fault("decimal_comma", "latitude", READABLE, 0.005, templates=PORTAL_ONLY, textual=True)
def _decimal_comma(draft: Draft, office: Office) -> bool:
    for column in ("latitude", "longitude"):
        draft.cells[column] = draft.cells[column].replace(".", ",")
    return True


@_fault("dms", "latitude", READABLE, 0.002, templates=PORTAL_ONLY, textual=True)
def _dms(draft: Draft, office: Office) -> bool:
    latitude, longitude = draft.spot.latitude, draft.spot.longitude
    south, west = ("S", "W") if office.rng.random() < 0.5 else ("LS", "BB")
    north, east = ("N", "E") if south == "S" else ("LU", "BT")
    draft.cells["latitude"] = sexagesimal(latitude, south if latitude < 0 else north)
    draft.cells["longitude"] = sexagesimal(longitude, west if longitude < 0 else east)
    return True


# NIK and KK


@_fault("nik_short", "nik", WRONG, 0.001)
def _nik_short(draft: Draft, office: Office) -> bool:
    return _set(draft, nik=draft.person.nik[:-1])


@_fault("nik_long", "nik", WRONG, 0.001)
def _nik_long(draft: Draft, office: Office) -> bool:
    return _set(draft, nik=draft.person.nik + "7")


@_fault("nik_letter", "nik", WRONG, 0.001)
def _nik_letter(draft: Draft, office: Office) -> bool:
    digit, letter = next(pair for pair in ("0O", "1l", "9g", "5S") if pair[0] in draft.person.nik)
    return _set(draft, nik=draft.person.nik.replace(digit, letter, 1))


@_fault("nik_float", "nik", WRONG, 0.001)
def _nik_float(draft: Draft, office: Office) -> bool:
    nik = draft.person.nik
    return _set(draft, nik=f"{nik[0]},{nik[1:6]}E+15")


@_fault("nik_apostrophe", "nik", READABLE, 0.002)
def _nik_apostrophe(draft: Draft, office: Office) -> bool:
    return _set(draft, nik=f"'{draft.person.nik}")


@_fault("nik_serial_zero", "nik", WRONG, 0.001)
def _nik_serial_zero(draft: Draft, office: Office) -> bool:
    return _set(draft, nik=draft.person.nik[:12] + "0000")


@_fault("nik_filler", "nik", WRONG, 0.001)
def _nik_filler(draft: Draft, office: Office) -> bool:
    # Each filler is used once: twice in one file it would be a duplicate, too.
    used = office.count("filler", "")
    return used <= len(FILLERS) and _set(draft, nik=FILLERS[used - 1])


@_fault("nik_sex", "nik", WRONG, 0.001, sex="P")
def _nik_sex(draft: Draft, office: Office) -> bool:
    return _set(draft, nik=_renumbered(draft.person, draft.person.birth_date, "L"))


@_fault("nik_birth_date", "birth_date", WRONG, 0.001)
def _nik_birth_date(draft: Draft, office: Office) -> bool:
    days = office.rng.randrange(2, 300)
    return _set_birth_date(draft, draft.person.birth_date - timedelta(days=days))


@_fault("nik_is_kk", "kk", WRONG, 0.001)
def _nik_is_kk(draft: Draft, office: Office) -> bool:
    return _set(draft, kk=draft.person.nik)


@_fault("kk_short", "kk", WRONG, 0.001)
def _kk_short(draft: Draft, office: Office) -> bool:
    return _set(draft, kk=draft.person.kk[:-1])


# Dates


@_fault("date_impossible", "birth_date", WRONG, 0.001)
def _date_impossible(draft: Draft, office: Office) -> bool:
    day = office.rng.choice(("31/02", "30/02", "31/11", "32/01", "15/13"))
    return _set(draft, birth_date=f"{day}/{draft.person.birth_date.year}")


@_fault("date_future", "birth_date", WRONG, 0.001)
def _date_future(draft: Draft, office: Office) -> bool:
    born = draft.person.birth_date
    year = office.as_of.year + office.rng.randrange(5, 20)
    unborn = born.replace(year=year, day=min(born.day, 28))
    draft.cells["nik"] = _renumbered(draft.person, unborn, draft.person.sex)
    return _set_birth_date(draft, unborn)


@_fault("date_dashes", "birth_date", READABLE, 0.002)
def _date_dashes(draft: Draft, office: Office) -> bool:
    return _set(draft, birth_date=draft.person.birth_date.strftime("%d-%m-%Y"))


@_fault("date_iso", "birth_date", READABLE, 0.002)
def _date_iso(draft: Draft, office: Office) -> bool:
    return _set(draft, birth_date=draft.person.birth_date.isoformat())


@_fault("date_serial", "birth_date", READABLE, 0.001)
def _date_serial(draft: Draft, office: Office) -> bool:
    return _set(draft, birth_date=str((draft.person.birth_date - EXCEL_EPOCH).days))


# The village


@_fault("village_plain", "village_code", READABLE, 0.003, templates=PORTAL_ONLY)
def _village_plain(draft: Draft, office: Office) -> bool:
    return _set(draft, village_code=draft.claimed.replace(".", ""))


@_fault("village_lost_zeros", "village_code", READABLE, 0.001, templates=PORTAL_ONLY)
def _village_lost_zeros(draft: Draft, office: Office) -> bool:
    shortened = ".".join(part.lstrip("0") for part in draft.claimed.split("."))
    return shortened != draft.claimed and _set(draft, village_code=shortened)


@_fault("village_bps", "village_code", WRONG, 0.001, templates=PORTAL_ONLY)
def _village_bps(draft: Draft, office: Office) -> bool:
    return _set(draft, village_code=boundaries.bps_code(draft.claimed))


@_fault("village_unknown", "village_code", WRONG, 0.001, templates=PORTAL_ONLY)
def _village_unknown(draft: Draft, office: Office) -> bool:
    _set(draft, village_code=f"{draft.claimed[:8]}.2{office.rng.randrange(900, 999)}")
    return _unclaimed(draft) and draft.cells["village_code"] not in office.names


@_fault("village_outside_scope", "village_code", WRONG, 0.001, templates=PORTAL_ONLY)
def _village_outside_scope(draft: Draft, office: Office) -> bool:
    if not office.foreign:
        return False
    office.claim(draft, office.rng.choice(office.foreign))
    return _moved(draft, office.places.judge(draft.claimed, *office.places.home(draft.claimed)))


@_fault("village_ambiguous", "village_name", WRONG, 0.002, templates=SIKSNG_ONLY)
def _village_ambiguous(draft: Draft, office: Office) -> bool:
    if not office.namesakes:
        return False
    office.claim(draft, office.rng.choice(office.namesakes))
    return _unclaimed(draft)


@_fault("village_name_unknown", "village_name", WRONG, 0.002, templates=SIKSNG_ONLY)
def _village_name_unknown(draft: Draft, office: Office) -> bool:
    draft.cells["village_name"] = f"{draft.cells['village_name'][::-1]}QX"
    return _unclaimed(draft)


# Programmes, state and other fields


@_fault("programme_misspelt", "programme", WRONG, 0.001)
def _programme_misspelt(draft: Draft, office: Office) -> bool:
    return _set(draft, programme=office.rng.choice(MISSPELT))


@_fault("programme_synonym", "programme", READABLE, 0.003)
def _programme_synonym(draft: Draft, office: Office) -> bool:
    programme = office.rng.choice(sorted(SYNONYMS))
    return _set(draft, programme=office.rng.choice(SYNONYMS[programme]))


@_fault("rt_not_number", "rt", WRONG, 0.001)
def _rt_not_number(draft: Draft, office: Office) -> bool:
    return _set(draft, rt=office.rng.choice(("III", "A1", "RT SATU", "?")))


@_fault("ppks_unknown", "ppks", WRONG, 0.001, templates=PORTAL_ONLY)
def _ppks_unknown(draft: Draft, office: Office) -> bool:
    return _set(draft, ppks=office.rng.choice(("27", "24;27", "0")))


@_fault("pregnant_man", "pregnant", WRONG, 0.001, sex="L")
def _pregnant_man(draft: Draft, office: Office) -> bool:
    since = office.as_of - timedelta(days=100)
    return _set(draft, pregnant="YA", pregnancy_date=since.strftime(DATE_FORM))


@_fault("disability_without_kind", "disability_kind", WRONG, 0.001)
def _disability_without_kind(draft: Draft, office: Office) -> bool:
    return _set(draft, disability="YA", disability_kind="")


@_fault("name_titled", "name", READABLE, 0.003)
def _name_titled(draft: Draft, office: Office) -> bool:
    return _set(draft, name=names.titled(draft.person.name, draft.person.sex, office.rng))


@_fault("name_digits", "name", WRONG, 0.001)
def _name_digits(draft: Draft, office: Office) -> bool:
    name = draft.person.name
    return _set(draft, name=name.replace("I", "1", 1) if "I" in name else f"{name} 2")


# Duplicates


@_fault("duplicate_in_file", "nik", WRONG, 0.003)
def _duplicate_in_file(draft: Draft, office: Office) -> bool:
    """Repeat an earlier row; the first of the two has no fault of its own."""
    if not office.typed:
        return False
    draft.duplicate_of, first = office.rng.choice(office.typed)
    draft.cells, draft.person = dict(first.cells), first.person
    draft.claimed, draft.spot, draft.flags = first.claimed, first.spot, first.flags
    return True


@_fault("already_registered", "nik", WRONG, 0.003)
def _already_registered(draft: Draft, office: Office) -> bool:
    """A registered person, proposed for a programme that they already have."""
    for person in office.registered:
        if names.is_titled(person.name):
            continue
        known = office.draft(person, office.rng.choice(person.programmes))
        draft.cells, draft.person = known.cells, person
        draft.claimed, draft.spot = known.claimed, known.spot
        return True
    return False


# Cells that a spreadsheet or a parser may misread


@_fault("formula_text", "address", READABLE, 0.0005)
def _formula_text(draft: Draft, office: Office) -> bool:
    formulas = ("=1+1", '=HYPERLINK("http://contoh.invalid";"klik")', "@SUM(A1:A9)", "+62-8")
    return _set(draft, address=office.rng.choice(formulas))


@_fault("long_cell", "address", WRONG, 0.0005)
def _long_cell(draft: Draft, office: Office) -> bool:
    return _set(draft, address="JL. PANJANG " * (LONG_CELL // 12))


@_fault("multiline_cell", "address", READABLE, 0.0005)
def _multiline_cell(draft: Draft, office: Office) -> bool:
    return _set(draft, address=f'{draft.cells["address"]}\n(BELAKANG "WARUNG", SEBELAH KIRI)')


@_fault("spaced_cell", "name", READABLE, 0.001)
def _spaced_cell(draft: Draft, office: Office) -> bool:
    return _set(draft, name=f"  {draft.person.name.replace(' ', '  ')}\u00a0")


DEFAULT_SHARES = {fault.code: fault.share for fault in CATALOGUE.values()} | {"shared_point": 0.004}


def sexagesimal(degrees: float, hemisphere: str) -> str:
    """Degrees, minutes and seconds with two decimals (0.3 m): `7°46'52.31" LS`."""
    hundredths = round(abs(degrees) * 360_000)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}°{minutes % 60:02d}'{rest / 100:05.2f}\" {hemisphere}"


def _set(draft: Draft, **cells: str) -> bool:
    draft.cells |= cells
    return True


def _set_birth_date(draft: Draft, born: date) -> bool:
    return _set(draft, birth_date=born.strftime(DATE_FORM))


def _renumbered(person: Person, born: date, sex: str) -> str:
    """The person's NIK for another date or sex, with a serial that is not used here."""
    day = born.day + (40 if sex == "P" else 0)
    return f"{person.nik[:6]}{day:02d}{born:%m%y}94{person.nik[14:]}"


def _moved(draft: Draft, spot: Spot | None) -> bool:
    if spot is None:
        return False
    draft.put(spot)
    return True


def _unclaimed(draft: Draft) -> bool:
    """Mark that the intended village cannot be known, so no verdict is expected."""
    draft.claimed = ""
    draft.spot = draft.spot._replace(verdict="", actual="", distance_m=None, level="")
    return True
