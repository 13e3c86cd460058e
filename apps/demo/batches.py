"""Upload files with known faults, and the expected result of each row for testing the checks."""

import csv
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from apps.demo import country, regency, sheets
from apps.demo.boundaries import Region
from apps.demo.faults import BOTH, CATALOGUE, DEFAULT_SHARES, WRONG
from apps.demo.population import serials
from apps.demo.population.drafts import Draft, Office
from apps.demo.population.people import AS_OF, Person, Population
from apps.demo.population.places import Places
from apps.demo.sheets import Cells

SHARED_POINT = "shared_point"
SHARING_FAMILIES = 20
ROWS_OF_A_FAMILY = 2.2  # on average, as `Office.family` proposes them
BATCH_SEEDS = 1_000_000  # a batch and a register with one seed contain different people
EACH_FAULT_FROM = 400  # from this many rows on, every fault occurs at least once
NO_POINT = "no_point"


class Truth(NamedTuple):
    """The expected findings of a row. Units: metres, right to 0.1 %; None if none is expected.

    `verdict` is empty if the intended village cannot be known. A check that refuses a BPS code or a
    village outside the officer's scope needs no verdict either. `flags` are those of the point.
    `level` is where `actual` differs: district, regency or province. `duplicate_of` is the row that
    this one repeats; that first row has no fault, but a check may report it, too.
    """

    row: int
    faults: tuple[str, ...]
    verdict: str
    flags: tuple[str, ...]
    claimed: str
    actual: str
    distance_m: float | None
    level: str
    duplicate_of: int

    @property
    def is_wrong(self) -> bool:
        """Whether a person must correct the row."""
        return any(fault in CATALOGUE and CATALOGUE[fault].effect == WRONG for fault in self.faults)


def write_batch(
    path: Path,
    villages: Mapping[str, BaseGeometry],
    rows: int,
    seed: int,
    faults: Mapping[str, float] = DEFAULT_SHARES,
    *,
    register: Iterable[Person] = (),
    kind: str = "",
    template: str = "portal",
    regions: Iterable[Region] = (),
    offices: Mapping[str, Point] | None = None,
    scope: str | None = None,
    as_of: date = AS_OF,
    delimiter: str = ",",
    truth: Path | None = None,
) -> list[Truth]:
    """Write an upload file of this many rows; returns the expected result of each, in order.

    `villages` are all that the portal knows (a point outside them counts as `unmapped`). `scope` is
    the officer's area, by default the regency of the first village. `faults` are shares of the
    rows; a fault that this country, kind or template cannot show becomes a good row. `register` are
    persons of `people(…)`, for rows that propose registered persons. `kind` is csv, xlsx or
    geojson, by default the path's extension. `truth` is a CSV file for the expected results.

    Cost: measured on one core, CSV of 10,000 rows 0.7 s, of 100,000 4.7 s; XLSX three times that.
    """
    kind = kind or path.suffix.removeprefix(".").lower()
    own_seed = seed + BATCH_SEEDS
    places = Places(villages, own_seed, _known(offices, villages))
    numbered = serials.BATCH._replace(shift=seed * 37)
    population = Population(places, own_seed, as_of=as_of, numbered=numbered, titled_share=0.0)
    office = Office(
        population=population,
        places=places,
        regions=list(regions) or country.regions() + regency.regions(),
        scope=min(villages)[:5] if scope is None else scope,
        register=register,
        seed=own_seed,
        as_of=as_of,
        named_only=template == "siksng",
    )
    planned = _planned(rows, _possible(faults, template, kind), office.rng)
    truths: list[Truth] = []
    drafts = _numbered(_drafts(planned, rows, office), rows, office)
    cells = _noting(drafts, truths, is_pointless=template == "siksng")
    _write(path, kind, sheets.TEMPLATES[template], cells, delimiter)
    if truth:
        write_truth(truth, truths)
    return truths


def write_truth(path: Path, truths: Iterable[Truth]) -> None:
    """Write one line per row; several faults or flags are joined by spaces."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(Truth._fields)
        for each in truths:
            distance_m = "" if each.distance_m is None else f"{each.distance_m:.2f}"
            faults, flags = " ".join(each.faults), " ".join(each.flags)
            place = (each.claimed, each.actual, distance_m, each.level)
            repeated = each.duplicate_of or ""
            writer.writerow([each.row, faults, each.verdict, flags, *place, repeated])


def _known(
    offices: Mapping[str, Point] | None, villages: Mapping[str, BaseGeometry]
) -> Mapping[str, Point]:
    if offices is not None:
        return offices
    known = country.offices() | regency.offices()
    return {code: point for code, point in known.items() if code in villages}


def _possible(faults: Mapping[str, float], template: str, kind: str) -> dict[str, float]:
    """The faults that this template and kind of file can contain."""
    possible = {}
    for code, share in faults.items():
        if code == SHARED_POINT:
            fits = template == "portal"
        else:
            fault = CATALOGUE[code]
            fits = fault.templates in (BOTH, template) and not (fault.textual and kind == "geojson")
        if fits and share > 0:
            possible[code] = share
    return possible


def _planned(rows: int, shares: Mapping[str, float], rng: random.Random) -> list[str]:
    """The planned faults, in reverse order of use."""
    if sum(shares.values()) > 1 + 1e-9:
        raise ValueError(f"the shares of the faults add up to {sum(shares.values()):.3f}, above 1")
    counts: Counter[str] = Counter()
    for code, share in shares.items():
        wanted = rows * share / _size(code)
        least = 1 if rows >= EACH_FAULT_FROM else 0
        counts[code] = max(int(wanted + rng.random()), least) if wanted % 1 else int(wanted)
    planned = list(counts.elements())
    rng.shuffle(planned)
    return planned


def _drafts(planned: list[str], rows: int, office: Office) -> Iterator[Draft]:
    """Good families with the faults distributed among them; an impossible fault becomes
    a good row.
    """
    good = rows - sum(map(_size, planned))
    while planned or good > 0:
        families = max(good, 0) / ROWS_OF_A_FAMILY
        if office.rng.random() * (len(planned) + families) < len(planned):
            code = planned.pop()
            drafts = _spoilt(code, office)
            good += 0 if drafts else _size(code)
        else:
            drafts = list(islice(office.family(), good))
            good -= len(drafts)
        yield from drafts


def _spoilt(code: str, office: Office) -> list[Draft]:
    if code == SHARED_POINT:
        return _shared_point(office)
    draft = CATALOGUE[code].make(office)
    if draft is None:
        return []
    draft.faults.append(code)
    return [draft]


def _size(code: str) -> int:
    return SHARING_FAMILIES if code == SHARED_POINT else 1


def _shared_point(office: Office) -> list[Draft]:
    """Twenty families of one village, all on one point."""
    drafts = [office.single(office.rng.choice(office.villages))]
    drafts += [office.single(drafts[0].claimed) for _ in range(SHARING_FAMILIES - 1)]
    for draft in drafts:
        draft.put(drafts[0].spot)
        draft.faults.append(SHARED_POINT)
        draft.flags = (SHARED_POINT,)
    return drafts


def _numbered(drafts: Iterable[Draft], rows: int, office: Office) -> Iterator[tuple[int, Draft]]:
    for row, draft in zip(range(1, rows + 1), drafts, strict=False):
        if not draft.faults:
            office.remember(row, draft)
        yield row, draft


def _noting(
    drafts: Iterable[tuple[int, Draft]], truths: list[Truth], *, is_pointless: bool
) -> Iterator[Cells]:
    for row, draft in drafts:
        spot = draft.spot
        if is_pointless and spot.verdict:
            spot = spot._replace(verdict=NO_POINT, actual="", distance_m=None, level="")
        faults, flags = tuple(draft.faults), () if is_pointless else draft.flags
        place = (draft.claimed, spot.actual, spot.distance_m, spot.level)
        truths.append(Truth(row, faults, spot.verdict, flags, *place, draft.duplicate_of))
        yield draft.cells


def _write(
    path: Path, kind: str, columns: dict[str, str], cells: Iterable[Cells], delimiter: str
) -> None:
    if kind == "csv":
        sheets.write_csv(path, columns, cells, delimiter)
    elif kind == "xlsx":
        sheets.write_xlsx(path, columns, cells)
    elif kind == "geojson":
        sheets.write_geojson(path, columns, cells)
    else:
        raise ValueError(f"{kind}: write csv, xlsx or geojson")
