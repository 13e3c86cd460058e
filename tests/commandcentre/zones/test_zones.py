"""Hazard-prone zones by file: editions, and each village's class with the share of its area."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyogrio.raw
import pytest
import shapely
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.commandcentre.hazards.severity import Meaning
from apps.commandcentre.models import VillageZone, Zone, ZoneClass, ZoneEdition
from apps.commandcentre.zones import village_zones
from apps.commandcentre.zones.classes import class_of
from apps.demo.country import CODES
from apps.regions.models import BoundaryEdition
from tests.base import NOW
from tests.commandcentre.board.hazards import an_assessed_hazard
from tests.commandcentre.hazards.areas import grid_of, over, write_geojson, write_grid
from tests.commandcentre.real_villages import put_in_force, read_villages
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
LETTERS = {code: letter for letter, code in CODES.items()}


def import_zones(path: Path, *options: str, name: str = "Rawan banjir", kind: str = "flood") -> Any:
    with as_role("worker"):
        call_command("import_zones", str(path), "--kind", kind, "--name", name, *options)
        return ZoneEdition.objects.get(kind=kind, name=name, is_current=True)


def classes(edition: ZoneEdition) -> dict[str, tuple[str, float, float]]:
    with as_role("worker"):
        rows = list(VillageZone.objects.filter(edition=edition))
    return {
        LETTERS[row.village_id]: (
            ZoneClass(row.hazard_class).name,
            round(row.share_class, 3),
            round(row.share_any, 3),
        )
        for row in rows
    }


def test_a_village_has_its_highest_class_and_the_shares_of_its_area(tmp_path):
    shapes = [
        (over("A", 0, 0, 0.5), {"kelas": "tinggi"}),
        (over("A", 0, 0, 1), {"kelas": "rendah"}),
        (over("C", 0.5, 0.5, 0.5), {"kelas": "sedang"}),
    ]
    edition = import_zones(write_geojson(tmp_path / "rawan.geojson", shapes))
    found = classes(edition)
    assert found["A"] == ("HIGH", 0.25, 1.0)
    assert found["C"][:2] == ("MEDIUM", 0.25)
    # neighbours that a zone only touches are in none
    assert set(found) == {"A", "C"}


def test_a_polygon_that_is_said_to_be_safe_makes_no_village_prone(tmp_path):
    shapes = [(over("A"), {"kelas": "Aman"}), (over("C"), {"kelas": "sedang"})]
    assert set(classes(import_zones(write_geojson(tmp_path / "r.geojson", shapes)))) == {"C"}


@pytest.mark.long
def test_the_next_file_of_the_same_name_replaces_the_edition(tmp_path):
    one = write_geojson(tmp_path / "satu.geojson", [(over("A"), {"kelas": 3})])
    two = write_geojson(tmp_path / "dua.geojson", [(over("C"), {"kelas": 1})])
    first = import_zones(one)
    assert import_zones(one) == first
    second = import_zones(two)
    assert (first.number, second.number) == (1, 2)
    assert set(classes(second)) == {"C"}
    other = import_zones(one, name="Rawan longsor", kind="landslide")
    with as_role("worker"):
        assert not Zone.objects.filter(edition=first).exists()
        assert ZoneEdition.objects.filter(is_current=True).count() == 2
        prone = village_zones.proneness_of("flood", [CODES["A"], CODES["C"]])
        assert {code: one.hazard_class for code, one in prone.items()} == {
            CODES["C"]: ZoneClass.LOW
        }
        assert village_zones.proneness_of("landslide", [CODES["A"]])[CODES["A"]].edition == str(
            other
        )


def test_a_grid_of_an_index_is_classed(tmp_path):
    # the grid's corner is that of G; a cell is a quarter of a village's side
    cells = [(column, row, 0.8) for column in range(4) for row in range(12, 16)]
    path = write_grid(tmp_path / "indeks.asc", grid_of(*cells, (0, 11, 0.4), (1, 11, 0.2)))
    found = classes(import_zones(path))
    assert found["G"][0] == "HIGH"
    assert found["G"][1] == pytest.approx(1.0, abs=0.001)
    assert found["E"][0] == "MEDIUM"
    assert found["E"][1:] == pytest.approx((1 / 16, 2 / 16), abs=0.001)


def test_villages_are_classed_again_when_the_boundaries_change(tmp_path):
    edition = import_zones(write_geojson(tmp_path / "r.geojson", [(over("A"), {"kelas": 2})]))
    with as_role("worker"):
        assert village_zones.refresh() == 0
    with as_role("owner"):
        BoundaryEdition.objects.update(activated_at=NOW.replace(hour=9))
        VillageZone.objects.filter(edition=edition).delete()
    with as_role("worker"):
        assert village_zones.refresh() == 1
        assert village_zones.refresh() == 0
    assert set(classes(edition)) == {"A"}


@pytest.mark.parametrize(
    ("text", "meaning", "found"),
    [
        ("0", Meaning.INDEX, None),
        ("0.2", Meaning.INDEX, ZoneClass.LOW),
        ("0,5", Meaning.INDEX, ZoneClass.MEDIUM),
        ("0.9", Meaning.INDEX, ZoneClass.HIGH),
        ("Sedang", Meaning.CLASS, ZoneClass.MEDIUM),
        ("3", Meaning.CLASS, ZoneClass.HIGH),
        ("0", Meaning.CLASS, None),
        ("0.5", Meaning.DEPTH_M, ZoneClass.LOW),
        ("2", Meaning.DEPTH_M, ZoneClass.HIGH),
        ("YES", Meaning.PRONE, ZoneClass.PRONE),
        ("tidak", Meaning.PRONE, None),
        ("?", Meaning.INDEX, ZoneClass.PRONE),
    ],
)
def test_a_value_has_a_class(text, meaning, found):
    assert class_of(text, meaning) == found


def test_what_cannot_be_classed_is_refused_in_words(tmp_path):
    shaking = write_geojson(tmp_path / "mmi.geojson", [(over("A"), {"mmi": 7})])
    with pytest.raises(CommandError, match="Say what they mean"):
        import_zones(shaking)
    nothing = write_geojson(tmp_path / "nol.geojson", [(over("A"), {"indeks": 0})])
    with pytest.raises(CommandError, match="no polygon that can be used"):
        import_zones(nothing)
    assert not ZoneEdition.objects.exists()


def test_the_page_of_a_hazard_says_how_prone_its_villages_are(tmp_path, signed_in):
    with as_role("owner"):
        hazard = an_assessed_hazard(kind="flood")
    import_zones(write_geojson(tmp_path / "r.geojson", [(over("A"), {"kelas": "tinggi"})]))
    page = signed_in("operator").get(f"/command-centre/hazards/{hazard.pk}/").content.decode()
    assert "rawan: tinggi" in " ".join(page.split())


@pytest.mark.slow
@pytest.mark.long
def test_the_flooded_neighbourhoods_of_2007_class_the_villages_that_shapely_finds(real_data):
    polygons = read_villages(real_data / "boundaries" / "village_31.gpkg", "desa", "kode")
    with as_role("owner"):
        put_in_force("Jakarta", polygons)
    path = real_data / "disaster" / "inasafe_Jakarta_RW_2007flood.shp"
    edition = import_zones(path, name="Banjir 2007")
    with as_role("worker"):
        shares = dict(
            VillageZone.objects.filter(edition=edition).values_list("village", "share_any")
        )
        assert set(VillageZone.objects.values_list("hazard_class", flat=True)) == {ZoneClass.PRONE}
    _meta, _, geometry, fields = pyogrio.raw.read(path, columns=["FLOODPRONE"])
    flooded = [
        shapely.make_valid(shapely.from_wkb(wkb))
        for wkb, value in zip(geometry, fields[0], strict=True)
        if str(value).upper() == "YES"
    ]
    parts = shapely.get_parts(shapely.union_all(flooded))  # of a union: none overlaps another
    near = shapely.STRtree(parts)
    wanted = {}
    for code, polygon in polygons.items():
        met = shapely.intersection(polygon, parts[near.query(polygon)])
        share = shapely.area(met).sum() / shapely.area(polygon)
        if share > 1e-6:
            wanted[code] = share
    assert set(shares) == set(wanted)
    assert all(shares[code] == pytest.approx(wanted[code], abs=1e-6) for code in wanted)
