"""Outlines for maps: simplified along common lines, one state after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely
from django.utils import timezone

from apps.common.files import sandbox
from apps.common.reader import coverage
from apps.demo import country
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.regions.editions import shapes
from apps.regions.models import BAND_ZOOMS, BoundaryEdition, BoundaryShape, Region, ShapeSet
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.regions.editions import enforce, read, square, toy, write

pytestmark = pytest.mark.django_db
# Another group of islands than the toy country's, whose codes begin with 9.
ISLAND = {"8": "Pulau", "87.01": "Kabupaten Pulau", "87.01.01": "Pulau Satu"}
ISLAND_VILLAGE = "87.01.01.2001"


@pytest.fixture(autouse=True)
def _worker(role, _web_role):
    with role("worker"):
        yield


@pytest.fixture
def file(tmp_path):
    return lambda features, name="batas.geojson": write(tmp_path / name, features)


def asked() -> list[Job]:
    return list(Job.objects.filter(kind=shapes.BUILD_SHAPES).order_by("pk"))


def activated(path: Any, name: str, **more: Any) -> ShapeSet:
    """An edition in force and its outlines."""
    enforce(read(path, name, **more))
    do(asked()[-1])
    current = shapes.current_set()
    assert current is not None
    return current


def drawn(zoom: int, level: str, number: int | None = None) -> dict[str, Any]:
    """The outlines of a level in the present state, or in another one, by code."""
    number = number or shapes.current_set().pk
    rows = BoundaryShape.objects.filter(zoom=zoom, level=level, since__lte=number)
    return {
        row.code: shapely.from_wkb(bytes(row.shape.wkb))
        for row in rows
        if row.until_id is None or row.until_id > number
    }


def meet(outlines: dict[str, Any]) -> bool:
    """Whether no outline overlaps another one, and neighbours have the same vertices."""
    return bool(shapely.coverage_is_valid(np.array(list(outlines.values()), dtype=object)))


def island() -> list[tuple[str, Any]]:
    with as_role("owner"):
        codes = [("87", "Nusa Jauh"), *ISLAND.items(), (ISLAND_VILLAGE, "Karang")]
        for code, name in codes:
            if len(code) > 1:
                levels = {2: "province", 5: "regency", 8: "district", 13: "village"}
                parent = {2: "ID", 5: "87", 8: "87.01", 13: "87.01.01"}[len(code)]
                Region.objects.create(
                    code=code, name=name, level=levels[len(code)], parent_id=parent
                )
    return [(ISLAND_VILLAGE, shapely.box(112.0, -7.9, 112.02, -7.88))]


@pytest.mark.long
def test_an_activation_makes_the_outlines_of_every_level(file):
    current = activated(file(toy()), "Juli")
    assert str(current) == f"{current.edition_id}-{current.pk}"
    counts = {
        (zoom, level): len(drawn(zoom, level))
        for zoom in (11, 10, 9, 8, 5, 0)
        for level in ("village", "district", "regency", "province")
    }
    # H has no polygon, and its district only G's
    every = {"village": 15, "district": 8, "regency": 4, "province": 2}
    assert counts == {
        **{(zoom, level): every[level] for zoom in (11, 10, 9, 8) for level in every},
        **{(5, level): every[level] * (level in ("regency", "province")) for level in every},
        **{(0, level): every[level] * (level == "province") for level in every},
        (8, "district"): 0,
    }


def test_an_outline_is_as_fine_as_a_pixel_of_the_highest_zoom_it_is_drawn_at():
    """The outlines of zoom 11 are also the ones of 12; closer up there are the polygons."""
    assert sorted(band.zoom for band in shapes.BANDS) == sorted(BAND_ZOOMS)
    tops = dict(zip(BAND_ZOOMS, (*(zoom - 1 for zoom in BAND_ZOOMS[1:]), 12), strict=True))
    for band in shapes.BANDS:
        pixel_m = 40_075_017 / 512 / 2 ** tops[band.zoom]
        assert 0.2 * pixel_m < band.tolerance_m < 1.3 * pixel_m, band


@pytest.mark.long
def test_neighbours_meet_where_their_polygons_overlap(file):
    activated(file(toy()), "Juli")
    assert not meet(dict(country.villages()))
    for zoom in (11, 10, 9, 8):
        for level in ("village", "district", "regency", "province"):
            assert meet(drawn(zoom, level)), (zoom, level)


@pytest.mark.long
def test_a_narrow_gap_is_closed_and_a_lake_stays(file):
    """C ends 33 m before D; the sea in the middle is enclosed by land."""
    activated(file(toy(C=square("C", 0, 0, 0.97, 1))), "Juli")
    villages = drawn(11, "village")
    assert villages[CODES["C"]].touches(villages[CODES["D"]])
    whole = shapely.coverage_union_all(list(villages.values()))
    assert sum(len(part.interiors) for part in shapely.get_parts(whole)) == 1


@pytest.mark.long
def test_a_higher_region_is_the_union_of_its_villages(file):
    activated(file(toy()), "Juli")
    for zoom in (11, 10, 9):
        villages, districts = drawn(zoom, "village"), drawn(zoom, "district")
        for code, outline in districts.items():
            parts = [shape for village, shape in villages.items() if village.startswith(code)]
            assert shapely.equals(outline, shapely.coverage_union_all(parts)), code


@pytest.mark.long
def test_a_name_is_inside_its_region(file):
    activated(file(toy()), "Juli")
    for row in BoundaryShape.objects.filter(zoom=11):
        assert row.shape.contains(row.label)
        assert 0 < row.label_radius_m <= row.shape.area**0.5
    beji = BoundaryShape.objects.get(zoom=11, code=CODES["B"])
    assert beji.name == "Beji"
    assert beji.label_radius_m == pytest.approx(556, rel=0.02)  # half of a side


@pytest.mark.long
def test_only_the_provinces_that_share_land_with_a_change_are_built_again(file):
    both = file([*toy(), *island()], "semua.geojson")
    first = activated(both, "Semua")
    second = activated(file(toy(A=square("A", 0, 0, 0.5, 1))), "Agustus")
    assert (first.groups, second.groups) == (["8", "9"], ["9"])
    since = dict(BoundaryShape.objects.filter(zoom=11, until=None).values_list("code", "since"))
    assert since[ISLAND_VILLAGE] == first.pk
    assert {since[code] for code in CODES.values() if code in since} == {second.pk}
    assert drawn(11, "village", first.pk).keys() == drawn(11, "village", second.pk).keys()
    assert (
        drawn(11, "village", second.pk)[CODES["A"]].area
        < drawn(11, "village", first.pk)[CODES["A"]].area
    )


@pytest.mark.long
def test_the_state_before_stays_readable_and_older_ones_go(file):
    numbers = []
    for share in (1, 0.9, 0.8):
        current = activated(file(toy(A=square("A", 0, 0, share, 1))), f"Ke-{share}")
        numbers.append((current.pk, current.edition_id))
    assert [shapes.is_readable(*one) for one in numbers] == [False, True, True]
    assert not BoundaryShape.objects.filter(since=numbers[0][0]).exists()
    assert not shapes.is_readable(numbers[2][0], numbers[0][1])


@pytest.mark.long
def test_nothing_is_made_when_nothing_changed(file):
    activated(file(toy()), "Juli")
    edition = BoundaryEdition.objects.get(name="Juli")
    enforce(edition)
    assert len(asked()) == 1


@pytest.mark.long
def test_work_that_stopped_goes_on_with_the_next_group(file, monkeypatch):
    enforce(read(file([*toy(), *island()]), "Semua"))
    job = asked()[-1]
    plain, made = shapes._build_group, []

    def broken(wanted: ShapeSet, group: str, lease: Any) -> None:
        made.append(group)
        if group == "9" and made.count("9") == 1:
            raise ZeroDivisionError
        plain(wanted, group, lease)

    monkeypatch.setattr(shapes, "_build_group", broken)
    with pytest.raises(ZeroDivisionError):
        do(job)
    assert shapes.current_set() is None  # nothing of an unfinished state is shown
    do(job)
    assert made == ["8", "9", "9"]
    assert len(drawn(11, "village")) == 16


@pytest.mark.long
def test_a_state_that_a_newer_one_replaced_is_discarded(file):
    enforce(read(file(toy()), "Juli"))
    enforce(read(file(toy(A=square("A", 0, 0, 0.5, 1))), "Agustus"))
    late, newer = asked()
    do(newer)
    do(late)
    late.refresh_from_db()
    assert late.result == {"shapes": 0, "replaced_by": int(newer.subject.rpartition(":")[2])}
    assert shapes.current_set().edition.name == "Agustus"
    assert not BoundaryShape.objects.filter(since=late.subject_pk).exists()


@pytest.mark.long
def test_a_region_without_villages_is_drawn_by_its_own_polygon(file):
    activated(file([(code, shape) for code, shape in toy() if not code.startswith("98")]), "Barat")
    with as_role("owner"):
        BoundaryShape.objects.all().delete()
        ShapeSet.objects.all().delete()
    # the toy country's own edition still holds the villages of 98
    edition = BoundaryEdition.objects.get(name="Barat")
    shapes.enqueue_shapes(edition=edition, codes=["98"], by="tests", now=timezone.now())
    do(asked()[-1])
    assert CODES["I"] in drawn(11, "village")


@pytest.mark.long
def test_a_simplification_that_stops_is_told_in_words(file, monkeypatch):
    enforce(read(file(toy()), "Juli"))
    monkeypatch.setattr(shapes, "LIMITS", sandbox.ChildLimits(memory_bytes=64 << 20))
    job = asked()[-1]
    do(job)
    job.refresh_from_db()
    assert (job.status, job.message_code) == (Job.Status.FAILED, "shapes_failed")
    assert shapes.current_set() is None


@pytest.mark.long
def test_the_real_yogyakarta_meets_at_every_zoom(real_data, tmp_path):
    """438 villages; as published, they overlap and leave 2,287 gaps."""
    import pyogrio  # noqa: PLC0415 (only where the data is)

    path = real_data / "boundaries" / "batas_desa_34.gdb.zip"
    wkb, fields = pyogrio.raw.read(f"/vsizip/{path}", columns=["KDEPUM"])[2:]
    plain = shapely.transform(shapely.from_wkb(wkb), lambda degrees: degrees * 111_320)
    rows = sorted(zip(fields[0], plain, strict=True))
    lines = [f"{code}\t1\t{shapely.to_wkb(shape, hex=True)}\n" for code, shape in rows]
    (tmp_path / "outlines").write_text("".join(lines))
    assert not shapely.coverage_is_valid(plain)
    bands = [{"zoom": b.zoom, "tolerance_m": b.tolerance_m, "sizes": b.sizes} for b in shapes.BANDS]
    found: dict[tuple[int, int], list[Any]] = {}
    counts = {13: 438, 8: 78, 5: 5, 2: 1}
    for block in coverage.blocks_of(tmp_path / "outlines", shapes.GAP_M, bands):
        for line in block.decode().splitlines():
            code, zoom, _id, shape, _label, _radius = line.split("\t")
            found.setdefault((int(zoom), len(code)), []).append(shapely.from_wkb(shape))
    assert {key: len(some) for key, some in found.items()} == {
        (band.zoom, size): counts[size] for band in shapes.BANDS for size in band.sizes
    }
    for key, some in found.items():
        assert shapely.coverage_is_valid(np.array(some, dtype=object)), key
        assert shapely.is_valid(some).all(), key
    sizes = {zoom: shapely.get_num_coordinates(found[zoom, 13]).sum() for zoom in (11, 10, 9, 8)}
    assert sizes[8] < sizes[9] < sizes[10] < sizes[11]
