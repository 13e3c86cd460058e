"""Real hazards on real villages: the affected ones are those that shapely finds by itself."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import shapely
from django.core.management import call_command

from apps.commandcentre import intensity
from apps.commandcentre.models import Hazard
from tests.commandcentre.real_villages import put_in_force, read_villages
from tests.conftest import as_role

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

HOURS = ("21T08", "21T13", "22T00", "22T06")


def run(name: str, *arguments: str) -> dict[str, Any]:
    out = StringIO()
    with as_role("worker"):
        call_command(name, *arguments, "--json", stdout=out)
    told: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return told


def import_and_assess(path: Path, *options: str) -> tuple[dict[str, Any], set[str]]:
    told = run("import_hazard", str(path), *options)
    return told, set(run("assess", str(told["hazard"]))["villages"])


def met(polygons: dict[str, Any], shapes: Any) -> set[str]:
    """The codes of the villages that one of the shapes intersects."""
    codes = sorted(polygons)
    tree = shapely.STRtree([polygons[code] for code in codes])
    found = tree.query(shapes, predicate="intersects")[1]
    return {codes[number] for number in np.unique(found)}


@pytest.mark.long
def test_the_hours_of_the_jakarta_flood_are_versions_of_one_event(real_data):
    polygons = read_villages(real_data / "boundaries" / "village_31.gpkg", "desa", "kode")
    with as_role("owner"):
        put_in_force("Jakarta", polygons)
    for number, hour in enumerate(HOURS, start=1):
        path = real_data / "disaster" / f"jakarta_flood_2017-02-{hour}.geojson"
        told, villages = import_and_assess(path, "--kind", "flood", "--event", "Banjir 2017")
        assert (told["revision"], told["left_out"]) == (number, 0)
        features = json.loads(path.read_text())["features"]
        shapes = [shapely.make_valid(shapely.geometry.shape(f["geometry"])) for f in features]
        assert villages == met(polygons, shapes)
    assert Hazard.objects.count() == 1
    assert "> 150 cm" in {band["label"] for band in told["bands"]}


@pytest.mark.long
def test_the_palu_koro_grid_meets_the_villages_of_its_cells(real_data, tmp_path):
    source = real_data / "boundaries" / "batas_desa_nasional.gpkg.zip"
    polygons = read_villages(
        source, "ADMINISTRASI_AR_DESAKEL", "KDEPUM", "KDPPUM = '72' AND KDPKAB IN "
        "('72.71', '72.10', '72.03')",
    )  # fmt: skip
    assert len(polygons) > 300
    with as_role("owner"):
        put_in_force("Sulawesi Tengah", polygons)
    packed = real_data / "disaster" / "inasafe_palu_koro_6.5_shakemap.asc.gz"
    told, villages = import_and_assess(packed, "--kind", "earthquake")
    assert [band["label"] for band in told["bands"]][0] == "MMI V"
    assert villages == met(polygons, cells_of(packed, 4.5))


@pytest.mark.long
def test_the_mentawai_grid_meets_the_villages_of_its_cells_band_by_band(real_data):
    """The megathrust scenario: each village has the highest band that shapely finds in it."""
    source = real_data / "boundaries" / "batas_desa_nasional.gpkg.zip"
    polygons = read_villages(
        source, "ADMINISTRASI_AR_DESAKEL", "KDEPUM", "KDPPUM = '13' AND KDPKAB IN "
        "('13.09', '13.71', '13.01', '13.77')",
    )  # fmt: skip
    assert len(polygons) > 250
    with as_role("owner"):
        put_in_force("Sumatera Barat", polygons)
    packed = real_data / "disaster" / "inasafe_mentawai_9.0_shakemap.asc.gz"
    told, villages = import_and_assess(packed, "--kind", "earthquake", "--status", "scenario")
    hazard = Hazard.objects.get()
    assert (hazard.status, hazard.alarmed_at) == ("scenario", None)
    assert villages == met(polygons, cells_of(packed, 4.5))
    last = hazard.assessments.latest("pk")
    highest = dict(last.affected.values_list("village", "severity"))
    numbers = sorted({int(severity + 0.5) for severity in highest.values()})
    assert len(numbers) >= 2
    assert [band["label"] for band in told["bands"]][0].startswith("MMI ")
    for number in numbers:
        reached = met(polygons, cells_of(packed, number - 0.5))
        assert {code for code, severity in highest.items() if severity >= number - 0.5} == reached


def cells_of(packed: Path, least: float) -> Any:
    """Every cell of a packed ASCII grid that reaches an intensity, as a box."""
    with gzip.open(packed, "rt") as file:
        lines = (file.readline().split() for _ in range(6))
        header = {name.lower(): float(value) for name, value in lines}
        values = np.loadtxt(file)
    rows, columns = np.nonzero(values >= least)
    size = header["cellsize"]
    west = header["xllcorner"] + columns * size
    north = header["yllcorner"] + (header["nrows"] - rows) * size
    return shapely.box(west, north - size, west + size, north)


@pytest.mark.long
def test_the_rupture_of_2006_meets_the_villages_within_its_distances(real_data):
    polygons = read_villages(real_data / "boundaries" / "village_34.gpkg", "desa", "kode")
    with as_role("owner"):
        put_in_force("DIY", polygons)
    path = next((real_data / "disaster").glob("gem_rupture_*Yogyakarta.json"))
    told, villages = import_and_assess(path)
    bands = intensity.bands_around_rupture(6.3, 0.0)
    assert [band["label"] for band in told["bands"]] == [band.label for band in bands]
    # measured in a plane around the rupture: sure within a hundredth
    rings = json.loads(path.read_text())["features"][0]["geometry"]["coordinates"]
    edge = shapely.LineString([point[:2] for part in rings for ring in part for point in ring])
    plane = pyproj.Transformer.from_crs(
        4326, "+proj=aeqd +lat_0=-7.94 +lon_0=110.43 +ellps=WGS84", always_xy=True
    ).transform
    flat = shapely.transform(edge, plane, interleaved=False)
    for code, polygon in polygons.items():
        village = shapely.transform(polygon, plane, interleaved=False)
        distance_km = shapely.distance(village, flat) / 1000
        if distance_km < 0.99 * bands[0].outer_km:
            assert code in villages
        elif distance_km > 1.01 * bands[0].outer_km:
            assert code not in villages
