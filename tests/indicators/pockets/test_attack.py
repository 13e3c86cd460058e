"""All that the maps and the pockets publish, together, as one linear programme.

The register is real rows, the outputs are those that people get: figures of every measure, level
and programme, the lines and sums of the pockets, and the open features. What a reader knows of a
village are its families by the programmes that they are in (eight kinds of three programmes), and
the other counts. No number of 1 to 4 that is not shown may lie in an interval below five.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from django.test import Client
from scipy.optimize import linprog

from apps.accounts.access import Scope
from apps.demo.country import CODES
from apps.indicators.measures import catalogue, region_figures
from apps.indicators.models import PocketVillage
from apps.indicators.pockets import coverage, differences, disclosure
from apps.indicators.pockets.activation import editions_in_force
from apps.regions.models import COUNTRY
from tests.conftest import as_role
from tests.indicators.measures.registered import counted
from tests.indicators.pockets import world

pytestmark = pytest.mark.django_db
EVERYWHERE = Scope(("",))
THRESHOLD, MOST = 5, 500
PROGRAMMES = ("PKH", "SEMBAKO", "PBI-JK")
METHOD = PROGRAMMES[:2]
# Families by the programmes that they are in, then the other counts of a village.
KINDS = tuple(product((False, True), repeat=len(PROGRAMMES)))
OTHERS = ("located", "inside", "near_border", "persons")
NAMES = (*("".join("01"[one] for one in kind) for kind in KINDS), *OTHERS)
VILLAGES = tuple(sorted(CODES.values()))
REGIONS = sorted({COUNTRY} | {code[:size] for code in VILLAGES for size in (2, 5, 8, 13)})
PERSONS = 2


def kinds_in(*programmes: str) -> tuple[str, ...]:
    """The kinds of families that are in one of some programmes."""
    places = [PROGRAMMES.index(one) for one in programmes]
    return tuple(
        name for name, kind in zip(NAMES, KINDS, strict=False) if any(kind[at] for at in places)
    )


# What is published of a village or region, as sums of what a reader looks for.
FAMILIES = NAMES[: len(KINDS)]
COUNTS: dict[str, tuple[str, ...]] = {
    "families": FAMILIES,
    "families_enrolled": kinds_in(*PROGRAMMES),
    "counted": kinds_in(*METHOD),
    **{f"programme_{one}": kinds_in(one) for one in PROGRAMMES},
    "families_located": ("located",),
    "families_inside": ("inside",),
    "families_near": ("near_border",),
    "persons": ("persons",),
}
# Counts that follow from two others, and are small though neither is.
RESTS = (
    *(("families", name) for name in ("families_enrolled", "counted", "families_located")),
    *(("families_enrolled", f"programme_{one}") for one in PROGRAMMES),
    ("families_enrolled", "counted"),
    *(("counted", f"programme_{one}") for one in METHOD),
)


def registered(seed: int) -> dict[str, dict[str, int]]:
    """Families of random kinds in all villages; returns the true counts. Where the seed is odd the
    second programme does not reach some districts.
    """
    random, true = Random(seed), {}
    unreached = {code[:8] for code in VILLAGES if seed % 2 and random.random() < 0.4}
    for letter, code in CODES.items():
        mean, counts = random.choice([8, 25, 60]), dict.fromkeys(NAMES, 0)
        shares = [random.choice([0, 0.1, 0.4, 0.8]) for _each in PROGRAMMES]
        if code[:8] in unreached:
            shares[1] = 0
        for kind in (
            tuple(random.random() < share for share in shares)
            for _one in range(random.randint(0, 2 * mean))
        ):
            counts[NAMES[KINDS.index(kind)]] += 1
        for name, kind in zip(NAMES, KINDS, strict=False):
            number = counts[name]
            spots = [(0.5, 0.5)] * sum(random.random() < 0.8 for _one in range(number))
            verdict = random.choice(["inside", "near_border"])
            world.families(letter, number, spots=spots, verdict=verdict, persons=PERSONS)
            enrol(code, number, [one for one, is_in in zip(PROGRAMMES, kind, strict=True) if is_in])
            counts["located"] += len(spots)
            counts["inside" if verdict == "inside" else "near_border"] += len(spots)
            counts["persons"] += PERSONS * number
        true[code] = counts
    return true


def enrol(village: str, number: int, programmes: list[str]) -> None:
    """Enrol one person of each of the newest families of a village."""
    with as_role("worker"):
        newest = world.Family.objects.filter(village_id=village).order_by("-pk")[:number]
        change = world.a_change()
        world.Enrolment.objects.bulk_create(
            world.Enrolment(
                person=family.members.earliest("pk"),
                village_id=village,
                programme_id=programme,
                active_from="2026-01-01",
                change=change,
            )
            for family in newest
            for programme in programmes
        )


class Reader:
    """What is published, as equations over the counts of all villages."""

    def __init__(self, true: dict[str, dict[str, int]]) -> None:
        self.true = true
        self.rows: list[np.ndarray] = []
        self.sums: list[int] = []
        self.shown: set[tuple[str, str]] = set()

    def value(self, weights: np.ndarray) -> int:
        counts = [self.true[code][name] for code in VILLAGES for name in NAMES]
        return int(np.dot(weights, counts))

    def weights(self, names: tuple[str, ...], region: str) -> np.ndarray:
        found = np.zeros((len(VILLAGES), len(NAMES)))
        for place, code in enumerate(VILLAGES):
            if region == COUNTRY or code.startswith(region):
                found[place, [NAMES.index(name) for name in names]] = 1
        return found.ravel()

    def learn(self, name: str, region: str, number: int | None) -> None:
        """A number that is shown of a region; it has to be the true one."""
        if number is None:
            return
        weights = self.weights(COUNTS[name], region)
        assert number == self.value(weights), (name, region)
        if (name, region) not in self.shown:
            self.shown.add((name, region))
            self.rows.append(weights)
            self.sums.append(number)

    def read_maps(self) -> None:
        for measure in catalogue.catalogue():
            definition = measure.definition
            if definition is None:
                continue
            period = catalogue.periods_of(measure)[0]
            for level in (*measure.levels, "country"):
                for row in region_figures.figures(
                    measure, period, level, COUNTRY, scope=EVERYWHERE
                ):
                    for column, number in (
                        (definition.numerator, row.numerator),
                        (definition.denominator, row.denominator),
                    ):
                        if column in COUNTS:
                            self.learn(column, row.code, number)

    def read_pockets(self) -> None:
        in_force = editions_in_force()
        rows = coverage.coverage_of(in_force, coverage.Selection(), EVERYWHERE)
        for row in rows or ():
            line = coverage.line_of(row)
            code = row.village_id
            self.learn("families", code, line.families)
            for column, name in (
                ("enrolled", "families_enrolled"),
                ("located", "families_located"),
                ("inside", "families_inside"),
                ("near_border", "families_near"),
            ):
                self.learn(name, code, line.parts[column])
        assert in_force.pair is not None
        for row in differences.differences_of(in_force.pair, EVERYWHERE):
            line = differences.line_of(row)
            if PocketVillage.objects.filter(
                edition=in_force.computed, village=row.village_id
            ).exists():
                self.learn("counted", row.village_id, line.counted)
                self.learn("persons", row.village_id, line.persons)
        address = "/indicators/pockets/open/collections/pocket-villages/items/?limit=100"
        for one in Client().get(address).json()["features"]:
            about = one["properties"]
            self.learn("families", one["id"], about["keluarga"])
            self.learn("counted", one["id"], about["keluarga_dihitung"])
            self.learn("persons", one["id"], about["jiwa"])

    def small(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every number of 1 to 4: of the counts, of their rests, of who is in both programmes."""
        asked = {name: (parts, ()) for name, parts in COUNTS.items()}
        asked |= {f"{one} - {two}": (COUNTS[one], COUNTS[two]) for one, two in RESTS}
        asked["in both"] = (
            tuple(set(COUNTS["programme_PKH"]) & set(COUNTS["programme_SEMBAKO"])),
            (),
        )
        for what, (more, less) in asked.items():
            for region in REGIONS:
                weights = self.weights(more, region) - self.weights(less, region)
                if 0 < self.value(weights) < THRESHOLD:
                    yield f"{what} of {region}", weights

    def width(self, weights: np.ndarray) -> float:
        """How wide the interval is in which a reader knows a sum to lie."""
        ends = [self._least(sign * weights) for sign in (1, -1)]
        return -ends[1] - ends[0]

    def _least(self, weights: np.ndarray) -> float:
        orders = []
        for place in range(len(VILLAGES)):
            base = place * len(NAMES)
            row = np.zeros(len(VILLAGES) * len(NAMES))
            # points inside and near are points, points are families
            row[[base + NAMES.index("inside"), base + NAMES.index("near_border")]] = 1
            row[base + NAMES.index("located")] = -1
            orders.append(row)
            row = np.zeros(len(VILLAGES) * len(NAMES))
            row[base + NAMES.index("located")] = 1
            row[base : base + len(KINDS)] = -1
            orders.append(row)
        found = linprog(
            weights,
            A_ub=np.array(orders),
            b_ub=np.zeros(len(orders)),
            A_eq=np.array(self.rows),
            b_eq=self.sums,
            bounds=(0, MOST),
        )
        assert found.status == 0
        return float(found.fun)


def published(seed: int, tmp_path: Any) -> Reader:
    reader = Reader(registered(seed))
    counted()
    edition = world.computed(programmes=METHOD, per_km2=5.0, percent=40.0)
    world.in_force(world.listed(tmp_path, "".join(CODES)), edition)
    reader.read_maps()
    reader.read_pockets()
    return reader


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_nothing_small_follows_from_maps_and_pockets_together(seed, tmp_path):
    reader = published(seed, tmp_path)
    assert len(reader.shown) > 50
    narrow = {what for what, weights in reader.small() if reader.width(weights) < THRESHOLD - 1e-6}
    assert narrow == set()


@pytest.mark.slow
def test_the_attack_finds_who_is_in_two_programmes_where_all_their_counts_are_shown():
    """It is one: with every count of villages of two programmes the overlap follows."""
    village = VILLAGES[0]
    true = {code: dict.fromkeys(NAMES, 0) for code in VILLAGES}
    true[village] |= {"000": 30, "100": 9, "010": 8, "110": 2}
    reader = Reader(true)
    for name in ("families", "families_enrolled", *(f"programme_{one}" for one in PROGRAMMES)):
        reader.learn(name, village, reader.value(reader.weights(COUNTS[name], village)))
    [weights] = [weights for what, weights in reader.small() if what == f"in both of {village}"]
    assert reader.width(weights) < 1


@pytest.mark.parametrize(
    ("families", "counted", "is_hidden"),
    [
        ((20, 18), 35, True),  # three are in both
        ((20, 18), 30, False),
        ((30, 18), 33, True),  # three are in the second alone
        ((20, 18), 38, True),  # two are in another programme alone
        ((30,), 30, False),
    ],
)
def test_counted_families_are_hidden_where_they_tell_small_numbers_of_programmes(
    families, counted, is_hidden
):
    plain = {"families": 90, "persons": 180, "enrolled": 40, "counted": 15}
    counts = dict.fromkeys(VILLAGES, plain | dict.fromkeys(OTHERS, 0) | {"proposed": 0})
    counts = counts | {VILLAGES[0]: counts[VILLAGES[0]] | {"counted": counted}}
    by_programme = {
        programme: dict.fromkeys(VILLAGES, 15) | {VILLAGES[0]: number}
        for programme, number in zip(METHOD, families, strict=False)
    }
    method = disclosure.Method(tuple(by_programme), by_programme)
    found = disclosure.hidden_columns(counts, {}, method)
    assert ("counted" in found.get(VILLAGES[0], ())) == is_hidden
    assert "families" not in found.get(VILLAGES[0], ())
