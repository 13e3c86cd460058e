"""What a reader can compute who keeps everything that the portal gave at two dates, between which a
few families changed: all formats of the maps and the pockets, cells and open features.

Each number that is found in any format is learnt as an equation; a number that another format
leaves out is learnt, too. The counts of both dates are the unknowns of one linear programme.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pypdfium2
import pytest
from django.contrib.gis.geos import GEOSGeometry
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_matrix, hstack, vstack

from apps.demo.country import CODES
from apps.indicators.measures import catalogue, counting
from apps.indicators.models import SuppressedRegion
from apps.indicators.pockets.activation import editions_in_force
from apps.proposals.models import Proposal
from apps.regions.models import COUNTRY
from apps.registry.models import Enrolment, Family
from tests.conftest import as_role
from tests.indicators.pockets import test_attack as attack
from tests.indicators.pockets import world
from tests.indicators.pockets.test_attack import COUNTS, THRESHOLD, VILLAGES, Reader
from tests.maps.tiles import outlined

pytestmark = pytest.mark.django_db
POCKETS = "/indicators/pockets"
OPEN = f"{POCKETS}/open/collections/pocket-villages/items/?limit=1000"
CELLS = f"{POCKETS}/open/collections/pocket-cells/items/?limit=1000"
# Maps of each level, with the region in which they are asked for.
MAPS = (
    ("province", COUNTRY), ("regency", COUNTRY), ("district", COUNTRY),
    *(("village", code) for code in sorted({code[:5] for code in VILLAGES})),
)  # fmt: skip
# Measures of which every format is read; of the others the CSV.
WHOLE = ("families", "enrolled_share")
HIDDEN = {"", "None", "nan"}


class Archive:
    """All that one reader gets on one day: columns of the counts, and which are left out."""

    def __init__(self, browser: Client, true: dict[str, dict[str, int]], period: str = "") -> None:
        self.browser, self.period = browser, period
        self.reader = Reader(true)
        self.cells: list[dict[str, Any]] = []
        self.left_out: set[tuple[str, str]] = set()

    def read(self) -> Archive:
        self._read_maps()
        if not self.period:
            self._read_pockets()
        return self

    def _get(self, address: str) -> bytes:
        answer = self.browser.get(address)
        assert answer.status_code == 200, address
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    def _learn(self, name: str, region: str, number: Any) -> None:
        if str(number) in HIDDEN:
            self.left_out.add((name, region))
        elif name in COUNTS:
            self.reader.learn(name, region, int(float(number)))

    def _read_maps(self) -> None:
        for measure in catalogue.catalogue():
            definition = measure.definition
            if definition is None:
                continue
            for level, within in MAPS:
                query = f"measure={measure.code}&level={level}&within={within}"
                query += f"&period={self.period}" if self.period else ""
                rows = _csv(self._get(f"/maps/figures.csv?{query}"))
                self._learn_rows(rows, definition)
                if measure.code in WHOLE and not self.period:
                    self._read_formats(query, rows, definition)

    def _learn_rows(self, rows: list[dict[str, Any]], definition: Any) -> None:
        for row in rows:
            self._learn(definition.numerator, row["kode"], row["pembilang"])
            if definition.denominator and str(row["penyebut"]) not in HIDDEN:
                self._learn(definition.denominator, row["kode"], row["penyebut"])

    def _read_formats(self, query: str, rows: list[dict[str, Any]], definition: Any) -> None:
        """Every other format shows the values of the CSV, and no more."""
        shown = {row["kode"]: row["nilai"] not in HIDDEN for row in rows}
        names = {row["kode"]: row["wilayah"] for row in rows}
        collection = json.loads(self._get(f"/maps/figures.geojson?{query}"))
        self._learn_rows([one["properties"] for one in collection["features"]], definition)
        self._learn_rows(_gpkg(self._get(f"/maps/figures.gpkg?{query}")), definition)
        values = json.loads(self._get(f"/maps/values.json?{query}"))
        by_name = dict(zip(values["names"], values["texts"], strict=True))
        outlines = json.loads(self._get(f"/maps/outlines.json?{query}"))["features"]
        texts = {one["properties"]["name"]: one["properties"]["text"] for one in outlines}
        table = self._get(f"/maps/?{query}&view=table").decode()
        lines = _pdf(self._get(f"/maps/figures.pdf?{query}"))
        for code, is_shown in shown.items():
            name = names[code]
            if is_shown:
                continue
            for words in (by_name[name], texts.get(name, "")):
                assert not re.search(r"\d", words), (query, code)
            cell = re.search(rf"<td>{re.escape(code)}</td>\s*<td[^>]*>([^<]*)", table)
            assert cell is not None
            assert not re.search(r"\d", cell[1]), (query, code)
            assert f"{name} (" not in lines, (query, code)

    def _read_pockets(self) -> None:
        for row in _csv(self._get(f"{POCKETS}/coverage.csv")):
            code, families = row["kode_desa"], row["keluarga"]
            self._learn("families", code, families)
            self._learn("families_enrolled", code, row["penerima"])
            self._learn("families_located", code, row["bertitik"])
            self._learn("families_inside", code, row["titik_di_dalam"])
            self._learn("families_near", code, row["titik_dekat_batas"])
            self._learn("families_without_proposal", code, row["tanpa_usulan"])
            if row["tanpa_program"] not in HIDDEN and families not in HIDDEN:
                self._learn("families_enrolled", code, int(families) - int(row["tanpa_program"]))
        told = [(row["kode_desa"], row["keluarga"], row["jiwa"], row["keluarga_dihitung"])
                for row in _csv(self._get(f"{POCKETS}/differences.csv"))]  # fmt: skip
        for address in ("map.json", "differences.geojson"):
            for one in json.loads(self._get(f"{POCKETS}/{address}"))["features"]:
                about = one["properties"]
                if about.get("what") == "village":
                    told.append((one["id"], *map(about.get, ("families", "persons", "counted"))))
        for one in json.loads(Client().get(OPEN).content)["features"]:
            about = one["properties"]
            told.append((one["id"], *map(about.get, ("keluarga", "jiwa", "keluarga_dihitung"))))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "kantong.gpkg"
            path.write_bytes(self._get(f"{POCKETS}/pockets.gpkg"))
            for about in _layer(path, "pocket_villages"):
                told.append(tuple(
                    about[name] for name in ("kode_desa", "keluarga", "jiwa", "keluarga_dihitung")
                ))  # fmt: skip
        computed = set(world_villages())
        for code, families, persons, counted in told:
            self._learn("families", code, families)
            if code in computed:
                self._learn("persons", code, persons)
                self._learn("counted", code, counted)
        self.cells = json.loads(Client().get(CELLS).content)["features"]


def world_villages() -> list[str]:
    """The villages of our edition in force."""
    computed = editions_in_force().computed
    assert computed is not None
    return list(computed.villages.values_list("village_id", flat=True))


def _csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def _gpkg(content: bytes) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.gpkg"
        path.write_bytes(content)
        return _layer(path)


def _layer(path: Path, layer: str | None = None) -> list[dict[str, Any]]:
    meta, _ids, _shapes, columns = pyogrio.raw.read(path, layer=layer)
    names = meta["fields"].tolist()
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _pdf(content: bytes) -> str:
    pdf = pypdfium2.PdfDocument(content)
    return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def changed(true: dict[str, dict[str, int]]) -> dict[str, dict[str, int]]:
    """The counts after a few families came, went, and were enrolled."""
    after = {code: dict(counts) for code, counts in true.items()}
    world.families("A", 2, persons=attack.PERSONS)
    after[CODES["A"]]["000"] += 2
    after[CODES["A"]]["unproposed"] += 2
    after[CODES["A"]]["persons"] += 2 * attack.PERSONS
    world.families("K", 1, persons=attack.PERSONS)
    attack.enrol(CODES["K"], 1, ["PKH"])
    after[CODES["K"]]["100"] += 1
    after[CODES["K"]]["unproposed"] += 1
    after[CODES["K"]]["persons in PKH"] += 1
    after[CODES["K"]]["persons"] += attack.PERSONS
    with as_role("worker"):
        # one without point, programme and proposal leaves
        known = Family.objects.filter(village=CODES["M"], location=None).exclude(
            members__in=Enrolment.objects.values("person")
        )
        known = known.exclude(kk__in=list(Proposal.objects.values_list("kk", flat=True)))
        if (family := known.order_by("pk").first()) is not None:
            change = world.a_change()
            family.members.update(status="removed", change=change)
            Family.objects.filter(pk=family.pk).update(is_active=False, change=change)
            after[CODES["M"]]["000"] -= 1
            after[CODES["M"]]["unproposed"] -= 1
            after[CODES["M"]]["persons"] -= attack.PERSONS
    return after


def published(browser: Client, true: dict[str, dict[str, int]], folder: Path, name: str) -> Archive:
    """Count, compute the pockets, put them in force, and read everything."""
    edition = world.computed(name=name, programmes=attack.METHOD, per_km2=5.0, percent=40.0)
    world.in_force(world.listed(folder, "".join(CODES), f"BIG {name}"), edition)
    return Archive(browser, true).read()


class BothDates:
    """The equations of two archives over the counts of two dates. `same`: villages of which the
    reader knows that nobody came or went.
    """

    def __init__(self, first: Reader, second: Reader, same: set[str] = frozenset()) -> None:
        self.readers = (first, second)
        size = len(VILLAGES) * len(attack.NAMES)
        rows = block_diag([csr_matrix(np.array(one.rows)) for one in self.readers])
        kept = [
            place
            for number, code in enumerate(VILLAGES)
            if code in same
            for place in range(number * len(attack.NAMES), (number + 1) * len(attack.NAMES))
        ]
        unit = csr_matrix(np.eye(size)[kept])
        self.rows = vstack([rows, hstack([unit, -unit])]) if kept else rows
        self.sums = [*first.sums, *second.sums, *[0] * len(kept)]

    def small(self) -> Iterator[tuple[str, np.ndarray]]:
        """Every number of 1 to 4 of either date."""
        size = len(VILLAGES) * len(attack.NAMES)
        for number, reader in enumerate(self.readers):
            for what, weights in reader.small():
                both = np.zeros(2 * size)
                both[number * size : (number + 1) * size] = weights
                yield f"{what}, date {number + 1}", both

    def narrow(self) -> set[str]:
        return {what for what, weights in self.small() if self._width(weights) < THRESHOLD - 1e-6}

    def _width(self, weights: np.ndarray) -> float:
        ends = [
            linprog(sign * weights, A_eq=self.rows, b_eq=self.sums, bounds=(0, attack.MOST))
            for sign in (1, -1)
        ]
        assert all(end.status == 0 for end in ends)
        return float(-ends[1].fun - ends[0].fun)


@pytest.fixture
def planner(signed_in):
    cache.clear()  # other tests have counts of the same version
    outlined()
    browser = signed_in("planner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_nothing_small_follows_from_all_formats_of_two_dates(seed, planner, tmp_path):
    now = timezone.now()
    true = attack.registered(seed)
    with as_role("worker"):
        counting.refresh(now=now)
    before = published(planner, true, tmp_path, "Register 1")
    hidden = dict(SuppressedRegion.objects.values_list("region_id", "tables"))
    after = changed(true)
    with as_role("worker"):
        counting.refresh(now=now + timedelta(days=32))
    later = published(planner, after, tmp_path, "Register 2")
    # the first month, as it is shown after the second count
    again = Archive(planner, true, period=f"{timezone.localtime(now):%Y-%m}").read()
    assert len(before.reader.shown) > 50
    assert len(later.reader.shown) > 50
    assert BothDates(before.reader, later.reader).narrow() == set()
    assert BothDates(again.reader, later.reader).narrow() == set()
    # what was hidden is at no date shown again, not in the month before either
    for region, tables in SuppressedRegion.objects.values_list("region_id", "tables"):
        assert set(hidden.get(region, ())) <= set(tables)
        for table in tables:
            assert (table, region) not in later.reader.shown
            assert (table, region) not in again.reader.shown
    for archive in (before, later):
        _refuse_cells_that_tell(archive)


def _refuse_cells_that_tell(archive: Archive) -> None:
    """Cells are rounded, and hold counted families of no village whose number is hidden."""
    told = {code for name, code in archive.reader.shown if name == "counted"}
    for cell in archive.cells:
        inside = Family.objects.filter(
            location__coveredby=GEOSGeometry(json.dumps(cell["geometry"])),
            members__enrolments__programme__in=attack.METHOD,
        )
        assert set(inside.values_list("village_id", flat=True)) <= told
        about = cell["properties"]
        assert about["keluarga_dihitung"] % 5 == about["jiwa"] % 5 == 0
        assert about["keluarga_dihitung"] >= THRESHOLD


@pytest.mark.slow
@pytest.mark.long
def test_who_knows_where_nobody_changed_reads_what_became_small(planner, tmp_path):
    """The limit of the rule (docs/reliability.md, 33): two families in a village that had none. The
    counts beside them, which are left out with them, were shown the day before.
    """
    now = timezone.now()
    true = {code: dict.fromkeys(attack.NAMES, 0) for code in VILLAGES}
    for letter in CODES:
        if letter != "C":
            world.families(letter, 20, persons=attack.PERSONS)
            true[CODES[letter]] |= {
                **{"000": 20, "unproposed": 20},
                "persons": 20 * attack.PERSONS,
            }
    with as_role("worker"):
        counting.refresh(now=now)
    before = Archive(planner, true)
    before._read_maps()
    world.families("C", 2, persons=attack.PERSONS)
    two = {"000": 2, "unproposed": 2, "persons": 2 * attack.PERSONS}
    after = true | {CODES["C"]: true[CODES["C"]] | two}
    with as_role("worker"):
        counting.refresh(now=now + timedelta(days=1))
    later = Archive(planner, after)
    later._read_maps()
    assert ("families", CODES["C"]) not in later.reader.shown
    assert BothDates(before.reader, later.reader).narrow() == set()
    others = set(VILLAGES) - {CODES["C"]}
    assert BothDates(before.reader, later.reader, same=others).narrow() != set()
