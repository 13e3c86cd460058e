"""All that the maps and the pockets publish, together, as one linear programme.

The register is real rows, the outputs are those that people get: figures of every measure, level
and programme, the lines of the pockets, the sums of the coverage of every region, for the pockets
of both and each side, and the open features. What a reader knows of a village are its families by
the programmes that they are in (eight kinds of three programmes), and the other counts; of a cell,
the counted families that each of its villages has in it, within what its rounding leaves open. No
number of 1 to 4 that is not shown may lie in an interval below five.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from random import Random
from typing import Any

import numpy as np
import pytest
from django.test import Client
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from apps.accounts.access import Scope
from apps.demo.country import CODES
from apps.indicators.measures import catalogue, region_figures
from apps.indicators.models import PocketVillage
from apps.indicators.pockets import coverage, coverage_sums, differences, disclosure
from apps.indicators.pockets.activation import editions_in_force
from apps.proposals.models import Batch
from apps.regions.models import COUNTRY
from tests.conftest import as_role
from tests.indicators.measures.registered import counted
from tests.indicators.pockets import world
from tests.personas import persona
from tests.proposals import factory

pytestmark = pytest.mark.django_db
EVERYWHERE = Scope(("",))
THRESHOLD, MOST = 5, 500
# Registers of which many persons are shown, and so sums of programmes.
WITH_SUMS = (0, 7)
PROGRAMMES = ("PKH", "SEMBAKO", "PBI-JK")
METHOD = PROGRAMMES[:2]
# Families by the programmes that they are in, then the other counts of a village.
KINDS = tuple(product((False, True), repeat=len(PROGRAMMES)))
PLACES = ("located", "inside", "near_border")
OTHERS = (*PLACES, "unproposed", "persons", *(f"persons in {one}" for one in PROGRAMMES))
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
    "families_without_proposal": ("unproposed",),
    "persons": ("persons",),
    **{f"persons in {one}": (f"persons in {one}",) for one in PROGRAMMES},
}
# Counts that follow from two others, and are small though neither is.
RESTS = (
    *(("families", name) for name in ("families_enrolled", "counted", "families_located")),
    ("families", "families_without_proposal"),
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
    with as_role("owner"):
        batch = factory.batch(persona("regency_officer"), status="submitted")
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
            programmes = [one for one, is_in in zip(PROGRAMMES, kind, strict=True) if is_in]
            enrol(code, number, programmes)
            for one in programmes:
                counts[f"persons in {one}"] += number
            proposed = random.randint(0, number) if random.random() < 0.6 else 0
            propose(batch, letter, proposed)
            counts["unproposed"] += number - proposed
            counts["located"] += len(spots)
            counts["inside" if verdict == "inside" else "near_border"] += len(spots)
            counts["persons"] += PERSONS * number
        true[code] = counts
    return true


def propose(batch: Batch, letter: str, number: int) -> None:
    """Proposals of the newest families of a village."""
    with as_role("owner"):
        families = world.Family.objects.filter(village_id=CODES[letter]).order_by("-pk")[:number]
        known = batch.proposals.count()
        rows = factory.proposals(batch, number, village=letter, first=known + 1, status="submitted")
        for row, family in zip(rows, families, strict=True):
            row.kk = family.kk
        batch.proposals.bulk_update(rows, ["kk"])


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


# What a reader knows without being told: the first is no more than the second.
ORDERS = (
    (("inside", "near_border"), ("located",)),
    (("located",), FAMILIES),
    (("unproposed",), FAMILIES),
    *((kinds_in(one), (f"persons in {one}",)) for one in PROGRAMMES),
    *(((f"persons in {one}",), ("persons",)) for one in PROGRAMMES),
)


class Reader:
    """What is published, as equations over the counts of all villages."""

    def __init__(self, true: dict[str, dict[str, int]]) -> None:
        self.true = true
        self.rows: list[np.ndarray] = []
        self.sums: list[int] = []
        self.shown: set[tuple[str, str]] = set()
        self.cells: list[tuple[int, list[str]]] = []
        self.programme_sums = 0

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

    def learn_sum(self, name: str, villages: Iterable[str], number: int) -> None:
        """A sum of some villages, which the reader is taken to know."""
        weights = sum(
            (self.weights(COUNTS[name], code) for code in villages),
            np.zeros(len(VILLAGES) * len(NAMES)),
        )
        assert number == self.value(weights), (name, sorted(villages))
        if weights.any():
            self.rows.append(weights)
            self.sums.append(number)
            self.programme_sums += 1

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
            self.learn("families_without_proposal", code, line.without_proposal)
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
        address = "/indicators/pockets/open/collections/pocket-cells/items/?limit=1000"
        cells = dict(in_force.pair[1].areas.values_list("number", "villages"))
        for one in Client().get(address).json()["features"]:
            self.cells.append((one["properties"]["keluarga_dihitung"], cells[one["id"]]))

    def read_sums(self) -> None:
        """The sums of the coverage, of every region and side; those of a village's lines tell no
        more than the lines.
        """
        for by, region in product(("computed", "published"), REGIONS):
            selection = coverage.Selection.from_params({"by": by, "region": region})
            sums = coverage_sums.sums_of(editions_in_force(), selection, EVERYWHERE)
            rows = list(coverage.coverage_of(editions_in_force(), selection, EVERYWHERE) or ())
            for side in sums.sides:
                lines = [coverage.line_of(row) for row in rows if row.is_in is side.is_in]
                assert side.families == sum(line.families or 0 for line in lines)
                assert side.without_proposal == sum(line.without_proposal or 0 for line in lines)
                assert side.without_programme == sum(line.without_programme or 0 for line in lines)
                for name in ("enrolled", *PLACES):
                    told = sum(line.parts[name] or 0 for line in lines)
                    assert getattr(side, name) == told, (by, region, name)
            for line in sums.programmes:
                column = disclosure.programme_column(line.programme)
                shown = [
                    row.village_id
                    for row in rows
                    if row.is_in is line.is_in
                    and not {"families", "persons", column} & set(row.hidden)
                ]
                self.learn_sum(f"persons in {line.programme}", shown, line.enrolled)
                self.learn_sum("persons", shown, line.registered)

    def small(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every number of 1 to 4: of the counts, of their rests, of who is in both programmes."""
        asked = {name: (parts, ()) for name, parts in COUNTS.items()}
        asked |= {f"{one} - {two}": (COUNTS[one], COUNTS[two]) for one, two in RESTS}
        asked["points elsewhere"] = (("located",), ("inside", "near_border"))
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
        size = len(weights)
        # what of a village is in a cell comes after the counts of the villages
        parts = [(cell, code) for cell, (_n, codes) in enumerate(self.cells) for code in codes]
        in_cell = {
            key: np.array([key in part for part in parts], dtype=float)
            for key in (*VILLAGES, *range(len(self.cells)))
        }
        nothing = np.zeros(size)
        orders, most = list[np.ndarray](), list[float]()
        for code in VILLAGES:
            for smaller, larger in ORDERS:
                row = self.weights(smaller, code) - self.weights(larger, code)
                orders.append(np.concatenate([row, np.zeros(len(parts))]))
            counted = self.weights(COUNTS["counted"], code)
            orders.append(np.concatenate([-counted, in_cell[code]]))
        most += [0] * len(orders)
        for cell, (number, _codes) in enumerate(self.cells):
            for sign in (1, -1):
                orders.append(np.concatenate([nothing, sign * in_cell[cell]]))
                most.append(2 + sign * number)
        known = np.unique(np.column_stack([np.array(self.rows), self.sums]), axis=0)
        found = linprog(
            np.concatenate([weights, np.zeros(len(parts))]),
            A_ub=csr_matrix(np.array(orders)),
            b_ub=most,
            A_eq=csr_matrix(np.pad(known[:, :-1], ((0, 0), (0, len(parts))))),
            b_eq=known[:, -1],
            bounds=[(0, MOST)] * size + [(THRESHOLD, MOST)] * len(parts),
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
    reader.read_sums()
    return reader


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_nothing_small_follows_from_maps_and_pockets_together(seed, tmp_path):
    reader = published(seed, tmp_path)
    assert len(reader.shown) > 50
    assert reader.programme_sums > 50 or seed not in WITH_SUMS
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
