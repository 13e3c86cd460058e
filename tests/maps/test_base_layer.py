"""Roads and rivers of a local extract under the maps: read by class, drawn by rank."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from shapely.geometry import LineString, Point

from apps.maps.models import BaseLayer, BaseLine
from tests.conftest import as_role
from tests.maps.tiles import address, fetched, over, read

pytestmark = pytest.mark.django_db
WEST, EAST, NORTH = 110.0, 110.02, -7.76


def line(north: float) -> LineString:
    return LineString([(WEST, north), (EAST, north)])


def written(path: Path, **layers: list[dict[str, object]]) -> Path:
    """A GeoPackage with these layers; each row has its geometry and texts."""
    for name, rows in layers.items():
        fields = [field for field in rows[0] if field != "geometry"]
        shapes = [row["geometry"] for row in rows]
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
            field_data=[np.array([row[field] for row in rows], dtype=object) for field in fields],
            fields=fields,
            layer=name,
            driver="GPKG",
            geometry_type=shapes[0].geom_type,
            crs="EPSG:4326",
            append=path.exists(),
        )
    return path


@pytest.fixture
def extract(tmp_path) -> Path:
    """An extract as OpenStreetMap's are cut, and one as BIG's RBI layers are."""
    roads = [
        {"fclass": "motorway", "name": "Tol Uji", "geometry": line(NORTH)},
        {"fclass": "residential", "name": "Jl. Uji", "geometry": line(NORTH - 0.001)},
        {"fclass": "unknown thing", "name": None, "geometry": line(NORTH - 0.002)},
    ]
    rivers = [{"REMARK": "Sungai", "NAMOBJ": "Kali Uji", "geometry": line(NORTH - 0.003)}]
    places = [{"name": "Ampel", "geometry": Point(WEST, NORTH)}]
    return written(tmp_path / "jalan.gpkg", ruas=roads, SUNGAI_LN=rivers, tempat=places)


def imported(path: Path) -> BaseLayer:
    with as_role("worker"):
        call_command("import_base_layer", str(path), attribution="Uji © 2026", verbosity=0)
    return BaseLayer.objects.get()


def drawn(layer: BaseLayer, zoom: int, tmp_path: Path) -> dict[str, str]:
    """Name or kind → kind, of the lines of one tile."""
    at = over("A", zoom)
    found = read(fetched(Browser(), f"base-{layer.pk}", at), at, tmp_path).get("line", [])
    return {row.get("name") or row["kind"]: row["kind"] for row in found}


def test_lines_are_read_by_what_they_say_of_themselves(extract):
    layer = imported(extract)
    assert set(BaseLine.objects.values_list("kind", "rank", "name")) == {
        ("road", 0, "Tol Uji"),
        ("road", 3, "Jl. Uji"),
        ("river", 1, "Kali Uji"),
    }
    assert (layer.lines, layer.attribution) == (3, "Uji © 2026")


def test_small_lines_are_drawn_close_up_only(extract, tmp_path):
    layer = imported(extract)
    assert drawn(layer, 6, tmp_path) == {}
    assert drawn(layer, 8, tmp_path) == {"road": "road"}
    assert drawn(layer, 14, tmp_path) == {
        "Tol Uji": "road",
        "Jl. Uji": "road",
        "Kali Uji": "river",
    }


@pytest.mark.long
def test_a_second_import_replaces_the_first_and_its_tiles(extract, tmp_path):
    first = imported(extract)
    second = imported(extract)
    assert BaseLine.objects.count() == 3
    assert second.pk != first.pk
    answer = Browser().get(address(f"base-{first.pk}", over("A", 14)))
    assert answer.status_code == 410


def test_a_tile_is_kept_for_ever_by_anybody(extract):
    answer = Browser().get(address(f"base-{imported(extract).pk}", over("A", 14)))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("number", ["x", "²", "9" * 40])
def test_an_address_that_is_no_import_is_refused_in_words(number):
    assert Browser().get(address(f"base-{number}", over("A", 14))).status_code in {400, 404, 410}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"name": "Ampel", "geometry": Point(WEST, NORTH)}], "has lines"),
        ([{"fclass": "unknown", "geometry": line(NORTH)}], "fclass"),
    ],
    ids=["no lines", "no known class"],
)
@pytest.mark.long
def test_a_file_without_known_lines_is_refused_and_the_former_layer_stays(
    extract, tmp_path, rows, words
):
    before = imported(extract)
    other = written(tmp_path / "other.gpkg", benda=rows)
    with pytest.raises(CommandError, match=words):
        imported(other)
    assert BaseLayer.objects.get() == before
    assert BaseLine.objects.count() == 3
