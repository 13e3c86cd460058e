"""The toy country of the tests: sixteen square villages, so that verdicts are easy to see.

The codes are made up (no real province is 97 or 98). A square's side is about 1.1 km.
"""

from collections.abc import Mapping
from pathlib import Path

from shapely.geometry import Point, Polygon, box

from apps.demo import boundaries
from apps.demo.boundaries import Region, region

# West to east and north to south, one letter for a village, two villages in a district, two
# districts in a regency, two regencies in a province: ABCD EFGH form Nusa Barat (97), IJKL MNOP
# Nusa Timur (98). `~` is sea enclosed by land; `.` is land without a village: the place of H, which
# has no polygon. J extends 0.001 degrees (110 m) over its western neighbour I.
MAP = """
    A B I J
    C D K L
    E F ~ M N
    G . O P
"""
WEST, NORTH, SIDE = 110.0, -7.76, 0.01
OVERLAP = 0.001
WITHOUT_POLYGON = "H"

PROVINCES = ("Nusa Barat", "Nusa Timur")
REGENCIES = (
    ("Kabupaten Barat Lor", "Kabupaten Barat Kidul"),
    (
        "Kabupaten Timur Lor",
        "Kabupaten Timur Kidul",
    ),
)
VILLAGES = (
    "Ampel",
    "Beji",
    "Cemara",
    "Duku",
    "Elang",
    "Fajar",
    "Gambir",
    "Halim",
    "Ilalang",
    "Jambu",
    "Kenari",
    "Lontar",
    "Melati",
    "Nangka",
    "Ombak",
    "Padi",
)


def _code(letter: str) -> str:
    number = ord(letter) - ord("A")
    province, regency, district, village = (
        97 + number // 8,
        1 + number // 4 % 2,
        1 + number // 2 % 2,
        2001 + number % 2,
    )
    return f"{province}.{regency:02d}.{district:02d}.{village}"


CODES: Mapping[str, str] = {letter: _code(letter) for letter in "ABCDEFGHIJKLMNOP"}
_PLACES = {
    letter: (column, row)
    for row, line in enumerate(MAP.split("\n")[1:-1])
    for column, letter in enumerate(line.split())
} | {WITHOUT_POLYGON: (1, 3)}


def at(letter: str, east: float = 0.5, north: float = 0.5) -> tuple[float, float]:
    """Longitude and latitude of a point in a square: shares of its side from the south-west corner.

    `at("A", 1.01, 0.5)` is 11 m outside A to the east; `at("~")` is at sea.
    """
    column, row = _PLACES[letter]
    return (
        round(WEST + SIDE * (column + east), 7),
        round(NORTH - SIDE * (row + 1 - north), 7),
    )


def regions() -> list[Region]:
    """Two provinces, four regencies, eight districts, sixteen villages; parents come first."""
    tree = [region(str(97 + i), name) for i, name in enumerate(PROVINCES)]
    tree += [
        region(f"{97 + i}.{1 + j:02d}", name)
        for i, pair in enumerate(REGENCIES)
        for j, name in enumerate(pair)
    ]
    tree += [
        region(f"{regency.code}.{number:02d}", regency.name.removeprefix("Kabupaten ") + suffix)
        for regency in tree
        if regency.level == "regency"
        for number, suffix in ((1, " Satu"), (2, " Dua"))
    ]
    return tree + [region(CODES[name[0]], name) for name in VILLAGES]


def villages() -> dict[str, Polygon]:
    """Village polygons (lon, lat) by code; H has none."""
    return {CODES[letter]: _square(letter) for letter in CODES if letter != WITHOUT_POLYGON}


def offices() -> dict[str, Point]:
    """The village offices: the middle of each square, also of H's."""
    return {code: Point(at(letter)) for letter, code in CODES.items()}


def write_boundaries(path: Path, polygons: Mapping[str, Polygon] | None = None) -> int:
    """Write the villages (or other polygons of this country) in BIG's layout; returns
    the number.
    """
    chosen = villages() if polygons is None else polygons
    return boundaries.write_boundaries(path, chosen, regions())


def _square(letter: str) -> Polygon:
    west, south = at(letter, 0, 0)
    east, north = at(letter, 1, 1)
    return box(round(west - OVERLAP, 7) if letter == "J" else west, south, east, north)
