"""Areas by file: polygons, grids and ruptures become bands, and another file the next version."""

from __future__ import annotations

import gzip
import json
from io import StringIO
from json import loads
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.commandcentre.models import AffectedVillage, Assessment, Footprint, Hazard
from apps.demo.country import CODES
from tests.commandcentre.hazards.areas import grid_of, over, write_geojson, write_grid
from tests.commandcentre.hazards.test_rupture import ABOUT, RING
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_worker(role):
    with role("worker"):
        yield


def imported(path: Path, *options: str) -> dict:
    out = StringIO()
    call_command("import_hazard", str(path), "--json", *options, stdout=out)
    found: dict = loads(out.getvalue().splitlines()[-1])
    return found


def affected(hazard: int) -> set[str]:
    last = Assessment.objects.filter(hazard=hazard).order_by("-pk").first()
    names = {code: letter for letter, code in CODES.items()}
    codes = AffectedVillage.objects.filter(assessment=last).values_list("village_id", flat=True)
    return {names[code] for code in codes}


def refusal(path: Path, *options: str) -> str:
    with pytest.raises(CommandError) as refused:
        call_command("import_hazard", str(path), *options)
    assert refused.value.returncode == 2
    assert not Hazard.objects.exists()
    return str(refused.value)


def test_a_flood_layer_is_graded_by_its_column_and_assessed(tmp_path):
    a_person(CODES["C"])
    shapes = [(over("A"), {"state": 2}), (over("C"), {"state": 4}), (over("C", 0.3), {"state": 2})]
    path = write_geojson(tmp_path / "banjir.geojson", shapes)
    told = imported(path, "--kind", "flood")
    assert [band["label"] for band in told["bands"]] == ["10–70 cm", "> 150 cm"]
    assert affected(told["hazard"]) == {"A", "C"}
    hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.level, hazard.revision) == ("flood", "awas", 1)
    weak, strong = Footprint.objects.order_by("lower")
    assert not weak.area.overlaps(strong.area)


def test_the_next_file_of_an_event_is_its_next_version(tmp_path):
    first = write_geojson(tmp_path / "08.geojson", [(over("A"), {"state": 2})])
    later = write_geojson(tmp_path / "13.geojson", [(over("B"), {"state": 3})])
    options = ("--kind", "flood", "--event", "Banjir uji")
    one, two = imported(first, *options), imported(later, *options)
    assert (one["hazard"], one["revision"]) == (two["hazard"], two["revision"] - 1)
    assert affected(two["hazard"]) == {"B"}
    assert Hazard.objects.get().title == "Banjir uji"


def test_an_earlier_state_that_comes_late_turns_nothing_back(tmp_path):
    first = write_geojson(tmp_path / "08.geojson", [(over("A"), {"state": 2})])
    later = write_geojson(tmp_path / "13.geojson", [(over("B"), {"state": 3})])
    options = ("--kind", "flood", "--event", "Banjir uji", "--occurred")
    imported(first, *options, "2026-01-01T08:00:00+07:00")
    imported(later, *options, "2026-01-01T13:00:00+07:00")
    late = imported(first, *options, "2026-01-01T08:00:00+07:00")
    assert (late["is_changed"], late["revision"]) == (False, 2)
    assert late["occurred_at"] == "2026-01-01T01:00:00+00:00"
    assert affected(late["hazard"]) == {"B"}


def test_times_of_states_are_compared_whatever_their_zone(tmp_path):
    first = write_geojson(tmp_path / "10.geojson", [(over("A"), {"state": 2})])
    later = write_geojson(tmp_path / "11.geojson", [(over("B"), {"state": 3})])
    options = ("--kind", "flood", "--event", "Banjir uji", "--occurred")
    imported(first, *options, "2026-01-01T10:00:00+07:00")
    newer = imported(later, *options, "2026-01-01T04:00:00+00:00")
    assert (newer["is_changed"], newer["revision"]) == (True, 2)
    # 08.00 in Jakarta, which as text is later than 04.00
    late = imported(first, *options, "2026-01-01T08:00:00+07:00")
    assert (late["is_changed"], late["is_late"], late["revision"]) == (False, True, 2)
    assert affected(late["hazard"]) == {"B"}


def test_an_actual_event_under_the_name_of_a_scenario_is_refused(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [(over("A"), {"state": 2})])
    options = ("--kind", "flood", "--event", "Banjir uji", "--status")
    imported(path, *options, "scenario")
    with pytest.raises(CommandError, match="another name"):
        imported(path, *options, "actual")
    assert Hazard.objects.get().status == "scenario"


def test_the_same_file_again_is_the_same_hazard(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [(over("A"), {})])
    one, two = imported(path), imported(path)
    assert (one["hazard"], two["is_new"], two["is_changed"]) == (two["hazard"], False, False)
    assert Assessment.objects.count() == 1


def test_the_same_file_or_event_under_another_kind_is_its_next_version(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [(over("A"), {"state": 2})])
    one, two = imported(path, "--kind", "landslide"), imported(path, "--kind", "flood")
    assert (one["hazard"], two["kind"], two["revision"]) == (two["hazard"], "flood", 2)
    assert affected(two["hazard"]) == {"A"}
    for kind in ("landslide", "flood"):
        imported(path, "--event", "Banjir uji", "--kind", kind)
    assert Hazard.objects.count() == 2


def test_a_layer_without_a_column_of_severity_is_one_band(tmp_path):
    path = write_geojson(tmp_path / "abu.geojson", [(over("A"), {"nama": "x"})])
    told = imported(path, "--kind", "volcano")
    assert [band["label"] for band in told["bands"]] == ["–"]
    assert affected(told["hazard"]) == {"A"}


def test_an_unclosed_or_crossing_ring_is_repaired(tmp_path):
    (west, south, east, north) = over("A").bounds
    bow = [[west, south], [east, north], [east, south], [west, north], [west, south]]
    feature = {
        "type": "Feature",
        "geometry": {"type": "Polygon", "coordinates": [bow]},
        "properties": {},
    }
    path = tmp_path / "silang.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert affected(imported(path)["hazard"]) == {"A"}
    assert Footprint.objects.get().area.valid


@pytest.mark.parametrize("driver", ["GPKG", "ESRI Shapefile"])
@pytest.mark.long
def test_geopackage_and_shapefile_are_read_in_their_own_reference_system(tmp_path, driver):
    import pyproj  # noqa: PLC0415 (only here)

    to_utm = pyproj.Transformer.from_crs(4326, 32749, always_xy=True).transform
    shape = shapely.transform(over("F"), to_utm, interleaved=False)
    path = tmp_path / ("zona.gpkg" if driver == "GPKG" else "zona.shp")
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array([shape])),
        [np.array(["tinggi"], dtype=object)],
        ["kelas"],
        geometry_type="Polygon",
        crs="EPSG:32749",
        driver=driver,
    )
    told = imported(path, "--kind", "landslide")
    assert [band["label"] for band in told["bands"]] == ["tinggi"]
    assert affected(told["hazard"]) == {"F"}


def test_points_are_no_area(tmp_path):
    path = write_geojson(tmp_path / "titik.geojson", [(over("A").centroid, {"state": 2})])
    assert "holds no polygon" in refusal(path)


def test_an_unknown_column_is_refused_with_those_that_are_there(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [(over("A"), {"zona": 2})])
    assert "Its columns: zona" in refusal(path, "--field", "kelas")


def test_a_time_in_the_future_is_refused_but_for_a_scenario(tmp_path):
    path = write_geojson(tmp_path / "a.geojson", [(over("A"), {})])
    assert "future" in refusal(path, "--occurred", "2099-01-01T00:00:00+00:00")
    told = imported(path, "--occurred", "2099-01-01T00:00:00+00:00", "--status", "scenario")
    assert Hazard.objects.get(pk=told["hazard"]).status == "scenario"


# --- grids ---


def test_a_grid_of_intensities_becomes_bands_along_its_cells(tmp_path):
    # one cell of VI in G's south-west corner, its neighbours V, one of IV that is no band
    grid = grid_of((0, 15, 6.0), (1, 15, 5.0), (0, 14, 4.9), (1, 14, 4.0))
    told = imported(write_grid(tmp_path / "shake.asc", grid), "--kind", "earthquake")
    assert [band["label"] for band in told["bands"]] == ["MMI V", "MMI VI"]
    assert affected(told["hazard"]) == {"G"}
    strong = Footprint.objects.get(lower=5.5)
    assert strong.area.area == pytest.approx(0.0025**2)
    assert strong.method == "grid"


def test_a_packed_grid_is_read(tmp_path):
    plain = write_grid(tmp_path / "shake.asc", grid_of((0, 15, 6.0)))
    path = tmp_path / "shake.asc.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    assert affected(imported(path, "--kind", "earthquake")["hazard"]) == {"G"}


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_geotiff_is_read(tmp_path):
    import rasterio  # noqa: PLC0415 (only here)
    from rasterio.transform import from_origin  # noqa: PLC0415

    from apps.demo.country import at  # noqa: PLC0415

    west, north = at("A", 0, 1)
    path = tmp_path / "mmi.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=2,
        height=2,
        count=1,
        dtype="float32",
        crs="EPSG:4326",
        transform=from_origin(west, north, 0.0025, 0.0025),
        nodata=-1,
    ) as grid:
        grid.write(np.array([[7.2, -1], [-1, -1]], dtype="float32"), 1)
    told = imported(path, "--kind", "earthquake")
    assert [band["label"] for band in told["bands"]] == ["MMI VII"]
    assert "A" in affected(told["hazard"])


@pytest.mark.parametrize(
    ("grid", "header", "words"),
    [
        (grid_of((0, 0, -3.0)), {}, "negative values"),
        (grid_of((0, 0, 55.0)), {}, "greatest possible one is 12"),
        (grid_of(), {}, "without a value"),
        (grid_of((0, 0, 2.0)), {}, "reaches the lowest band"),
        (grid_of((0, 0, 6.0)), {"ncols": None}, "no grid with a header"),
        (grid_of((0, 0, 6.0)), {"cellsize": "x"}, "damaged or cut off"),
        (grid_of((0, 0, 6.0)), {"xllcorner": 500_000, "yllcorner": 9_000_000}, "reference system"),
    ],
)
@pytest.mark.long
def test_a_grid_that_cannot_be_true_is_refused_in_words(tmp_path, grid, header, words):
    path = write_grid(tmp_path / "shake.asc", grid, **header)
    assert words in refusal(path, "--kind", "earthquake")


# --- a rupture ---


def test_a_rupture_gives_bands_around_it_and_the_earthquake_its_facts(tmp_path):
    path = tmp_path / "rupture.json"
    geometry = {"type": "MultiPolygon", "coordinates": [[[*RING, RING[0]]]]}
    told = {"metadata": ABOUT, "features": [{"geometry": geometry}]}
    path.write_text(json.dumps(told))
    found = imported(path)
    hazard = Hazard.objects.get()
    assert (hazard.kind, hazard.magnitude, hazard.occurred_at.year) == ("earthquake", 6.3, 2006)
    assert [band["label"] for band in found["bands"]][:2] == ["MMI V", "MMI VI"]
    bands = list(Footprint.objects.order_by("lower"))
    assert all(
        not one.area.overlaps(other.area) for one in bands for other in bands if one != other
    )
    assert "Allen" in bands[0].relation["source"]
    # the bands are rings of some ten kilometres around an edge of 20 km, without gaps between them
    whole = sum(band["area_km2"] for band in found["bands"])
    assert whole > 3.14 * 100**2
    assert all(one.area.touches(next_.area) for one, next_ in zip(bands, bands[1:], strict=False))


def write_rupture(path, **about):
    geometry = {"type": "MultiPolygon", "coordinates": [[[*RING, RING[0]]]]}
    told = {"metadata": ABOUT | about, "features": [{"geometry": geometry}]}
    path.write_text(json.dumps(told))
    return path


def test_that_a_rupture_goes_deep_is_said_beside_its_spread(tmp_path, signed_in):
    told = imported(write_rupture(tmp_path / "rupture.json"))
    assert {band.relation["deep_end_km"] for band in Footprint.objects.all()} == {15}
    page = signed_in("operator").get(f"/command-centre/hazards/{told['hazard']}/")
    assert "terlalu kuat" in page.content.decode()


@pytest.mark.parametrize(("value", "meaning"), [(-3, "mmi"), (40, "mmi"), (-1, "depth_m")])
def test_a_severity_that_cannot_be_is_refused(tmp_path, value, meaning):
    path = write_geojson(
        tmp_path / "a.geojson", [(over("A"), {"nilai": 6}), (over("B"), {"nilai": value})]
    )
    options = ("--kind", "earthquake", "--field", "nilai", "--measure", meaning)
    assert "cannot be" in refusal(path, *options)
    assert not Hazard.objects.exists()


def test_an_unknown_depth_is_not_called_a_shallow_one(tmp_path):
    shapes = [(over("A"), {"depth_m": 0.2}), (over("B"), {"depth_m": None})]
    told = imported(write_geojson(tmp_path / "a.geojson", shapes), "--kind", "flood")
    assert [band["label"] for band in told["bands"]] == ["?", "10–70 cm"]


def test_intensities_in_roman_numerals_raise_their_alarm(tmp_path):
    a_person(CODES["A"])
    shapes = [(over("A"), {"intensitas": "VII-VIII"}), (over("B"), {"intensitas": "V"})]
    told = imported(write_geojson(tmp_path / "a.geojson", shapes), "--kind", "earthquake")
    assert [band["label"] for band in told["bands"]] == ["MMI V", "MMI VIII"]
    assert Hazard.objects.get().level == "awas"


@pytest.mark.parametrize("column", ["mmi", "depth_m", "indeks", "kelas"])
def test_a_severity_that_cannot_be_read_is_an_alarm_whatever_is_measured(tmp_path, column):
    a_person(CODES["A"])
    a_person(CODES["B"])
    weak = {"mmi": 4.4, "depth_m": 0.2, "indeks": 0.1, "kelas": 1}[column]
    shapes = [(over("A"), {column: "parah"}), (over("B"), {column: str(weak)})]
    imported(write_geojson(tmp_path / "a.geojson", shapes), "--kind", "flood")
    assert Hazard.objects.get().level == "siaga"


@pytest.mark.parametrize(
    ("column", "safe", "met"), [("gridcode", 0, 3), ("indeks", 0, 0.8), ("depth_m", 0.0, 1.2)]
)
def test_a_polygon_without_hazard_affects_nobody(tmp_path, column, safe, met):
    a_person(CODES["A"])
    shapes = [(over("A"), {column: safe}), (over("B"), {column: met})]
    told = imported(write_geojson(tmp_path / "a.geojson", shapes), "--kind", "flood")
    assert affected(told["hazard"]) == {"B"}
    assert Hazard.objects.get().level == "normal"


def test_a_layer_of_safe_places_alone_is_refused_with_its_greatest_value(tmp_path):
    shapes = [(over("A"), {"depth_m": 0.0}), (over("B"), {"depth_m": 0.04})]
    path = write_geojson(tmp_path / "a.geojson", shapes)
    assert "Greatest value: 0.04" in refusal(path, "--kind", "flood")


def test_the_spread_is_that_of_the_relation_by_distance_to_the_rupture(tmp_path):
    imported(write_rupture(tmp_path / "rupture.json"))
    relation = Footprint.objects.latest("pk").relation
    # at its top, 2 km deep, and 300 km away
    assert relation["spread"] == [0.9, 0.7]


@pytest.mark.parametrize(
    ("about", "words"),
    [
        ({"depth": 12_500}, "a depth of 12500"),
        ({"lat": -796.1}, "no longitude and latitude"),
        ({"time": "2090-01-01T00:00:00Z"}, "lies in the future"),
    ],
)
def test_a_rupture_whose_facts_cannot_be_true_is_refused_in_words(tmp_path, about, words):
    assert words in refusal(write_rupture(tmp_path / "rupture.json", **about))
    assert not Hazard.objects.exists()


def test_a_broken_rupture_is_refused(tmp_path):
    path = tmp_path / "rupture.json"
    path.write_text('{"metadata": {"mag": 6}, "features": [1]}')
    assert "cannot be read as a rupture" in refusal(path)
