"""The register's own pockets against a computation by shapely and pyproj."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime
from io import StringIO
from json import loads
from random import Random

import pyproj
import pytest
import shapely
from django.core.management import call_command
from shapely.geometry import Point, Polygon

from apps.common.errors import DomainError
from apps.indicators.models import (
    PocketDifference,
    PocketEdition,
    PocketVillage,
    SuppressedRegion,
)
from apps.indicators.pockets.reception import Method, enqueue_computation
from apps.registry.models import Canary
from tests.base import EDITION, NOW
from tests.conftest import as_role
from tests.indicators.measures.registered import counted
from tests.indicators.pockets import world

pytestmark = pytest.mark.django_db
AREA_KM2 = 1.2  # of each village of the toy country
EQUAL_AREA = pyproj.CRS("+proj=cea +lon_0=90 +lat_ts=0 +ellps=WGS84 +units=m")


def rows_of(edition: PocketEdition) -> dict[str, PocketVillage]:
    return {world.LETTERS[row.village_id]: row for row in edition.villages.all()}


def test_villages_are_pockets_by_density_and_share_together():
    families = {"A": (12, 0), "B": (12, 13), "C": (6, 0), "D": (7, 0), "E": (4, 0), "F": (0, 30)}
    for letter, (enrolled, others) in families.items():
        world.families(letter, enrolled, programme="PKH")
        world.families(letter, others)
    edition = world.computed(per_km2=5.5, percent=50)
    # by hand: density of the enrolled, share of the registered, and never fewer than five
    wanted = {
        letter
        for letter, (enrolled, others) in families.items()
        if enrolled / AREA_KM2 >= 5.5 and 100 * enrolled / (enrolled + others) >= 50
        if enrolled >= 5
    }
    assert world.pockets(edition) == "".join(sorted(wanted)) == "AD"
    rows = rows_of(edition)
    assert set(rows) == set(families)
    assert (rows["B"].families, rows["B"].counted, rows["B"].persons) == (25, 12, 50)
    assert rows["B"].per_km2 == pytest.approx(10)
    assert rows["B"].percent == pytest.approx(48)
    assert edition.boundaries == [EDITION]
    assert edition.parameters["per_km2"] == 5.5
    assert edition.summary["in_pockets"] == 19


def test_made_up_persons_are_in_no_number_of_a_pocket():
    made = world.families("A", 13, programme="PKH")
    with as_role("owner"):
        person = made[0].members.earliest("pk")
        Canary.objects.create(person=person, district_id="97.01.01", made_at=NOW)
    row = rows_of(world.computed())["A"]
    assert (row.families, row.persons, row.counted, row.enrolled) == (12, 24, 12, 12)
    assert row.enrolled_persons == {"PKH": 12}


def test_what_the_thematic_maps_hide_is_hidden_here():
    for letter in "ABC":
        world.families(letter, 30, programme="PKH")
    with as_role("worker"):
        SuppressedRegion.objects.create(
            region_id=world.CODES["B"], tables=["places", "families_enrolled"]
        )
    rows = rows_of(world.computed())
    assert {"enrolled", "inside", "near_border"} <= set(rows["B"].hidden)
    assert "families" not in rows["B"].hidden


@pytest.mark.parametrize("status", ["ready", "active", "superseded"])
@pytest.mark.long
def test_what_the_thematic_maps_hide_later_is_hidden_in_every_edition_that_is_kept(
    tmp_path, status
):
    """The edition, its differences and the sums of programmes follow the next count of the maps."""
    for letter in "ABCD":
        world.families(letter, 30, programme="PKH")
    counted()
    edition = world.computed()
    published = world.listed(tmp_path, "AB")
    if status != "ready":
        world.in_force(published, edition)
    if status == "superseded":
        world.in_force(world.computed("later", percent=10))
    assert not rows_of(edition)["A"].hidden
    with as_role("worker"):
        # A is left with two families in the programme
        families = world.Family.objects.filter(village_id=world.CODES["A"]).order_by("pk")[2:]
        change = world.a_change()
        for one in world.Enrolment.objects.filter(person__family__in=list(families)):
            world.Enrolment.objects.filter(pk=one.pk).update(
                active_until="2026-11-01", change=change
            )
    counted()
    rows = rows_of(edition)
    hidden = SuppressedRegion.objects.get(region_id=world.CODES["A"]).tables
    assert {"families_enrolled", "programme_PKH"} <= set(hidden)
    assert {"enrolled", "counted", "programme_PKH"} <= set(rows["A"].hidden)
    assert "families" not in rows["A"].hidden
    differences = PocketDifference.objects.filter(computed=edition)
    assert differences.exists() == (status != "ready")
    for row in differences:
        assert set(row.hidden) == set(rows[world.LETTERS[row.village_id]].hidden)


def test_persons_of_a_programme_are_hidden_by_the_tree_of_regions():
    """B's three cannot be told from the sum of the district: A's are hidden, too."""
    world.families("A", 20, programme="PKH")
    world.families("B", 17)
    world.families("B", 3, programme="PKH")
    for letter in "CD":
        world.families(letter, 20, programme="PKH")
    rows = rows_of(world.computed())
    assert {letter for letter, row in rows.items() if "programme_PKH" in row.hidden} == {"A", "B"}
    assert not any("families" in row.hidden for row in rows.values())


def test_the_method_may_count_every_family_or_another_programme_and_leave_a_threshold_out():
    world.families("A", 8, programme="PKH")
    world.families("B", 8, programme="SEMBAKO")
    world.families("C", 8)
    assert world.pockets(world.computed("all", programmes=(), percent=0)) == "ABC"
    assert world.pockets(world.computed("two", programmes=("PKH", "SEMBAKO"))) == "AB"
    assert world.pockets(world.computed("share", per_km2=0)) == "A"


def test_a_village_without_a_boundary_has_no_density_and_is_a_pocket_by_its_share_alone():
    world.families("H", 9, programme="PKH")
    assert world.pockets(world.computed("density")) == ""
    edition = world.computed("share", per_km2=0)
    assert world.pockets(edition) == "H"
    assert rows_of(edition)["H"].per_km2 is None


def test_ended_families_persons_and_enrolments_do_not_count():
    kept = world.families("A", 6, programme="PKH")
    with world.as_role("worker"):
        change = world.a_change()
        world.Family.objects.filter(pk=kept[0].pk).update(is_active=False, change=change)
        world.Person.objects.filter(family=kept[1]).update(status="removed", change=change)
        person = world.Person.objects.filter(family=kept[2]).earliest("pk")
        world.Enrolment.objects.filter(person=person).update(
            active_until="2026-02-01", change=change
        )
    row = rows_of(world.computed())["A"]
    assert (row.families, row.counted, row.enrolled, row.persons) == (5, 3, 3, 8)


def hexagons(side: float, points: list[Point]) -> dict[tuple[int, int], Polygon]:
    """Every hexagon around these points, by column and row, drawn corner by corner."""
    west, south, east, north = shapely.union_all(points).bounds
    height = math.sqrt(3) * side
    cells = {}
    for i in range(int(west / (1.5 * side)) - 2, int(east / (1.5 * side)) + 3):
        for j in range(int(south / height) - 3, int(north / height) + 3):
            x, y = 1.5 * side * i, height * (j + (0.5 if i % 2 else 0))
            corners = [math.radians(60 * k) for k in range(6)]
            cells[i, j] = Polygon(
                [(x + side * math.cos(a), y + side * math.sin(a)) for a in corners]
            )
    return cells


@pytest.mark.long
def test_the_cells_are_those_of_another_computation():
    random, side = Random(13), 300.0
    spots = {}
    for letter in "ABCDIJ":
        number = 90 if letter in "AJ" else 25
        spots[letter] = [
            (random.betavariate(2, 5), random.betavariate(2, 3)) for _n in range(number)
        ]
        world.families(letter, number, programme="PKH", spots=spots[letter])
        # counted in the share alone
        world.families(letter, 20, spots=[(random.random(), random.random()) for _n in range(20)])
    edition = world.computed(per_km2=20.0, percent=50.0, side_m=side)

    to_metres = pyproj.Transformer.from_crs(4326, EQUAL_AREA, always_xy=True).transform
    with world.as_role("worker"):
        places = list(
            world.Family.objects.values_list(
                "location", "members__enrolments__id", "village_id", "pk"
            ).order_by("pk")
        )
    by_family = {}
    for place, enrolment, village, pk in places:
        point, is_counted, _village = by_family.get(
            pk, (Point(to_metres(place.x, place.y)), False, village)
        )
        by_family[pk] = point, is_counted or enrolment is not None, world.LETTERS[village]
    points = [point for point, _counted, _village in by_family.values()]
    cells = hexagons(side, points)
    tree, names = shapely.STRtree(list(cells.values())), list(cells)
    all_, counted, parts = Counter(), Counter(), {}
    for point, is_counted, letter in by_family.values():
        (found,) = tree.query(point, predicate="within")
        all_[names[found]] += 1
        counted[names[found]] += is_counted
        parts.setdefault(names[found], Counter())[letter] += is_counted
    parts = {name: +among for name, among in parts.items()}
    area = next(iter(cells.values())).area / 1e6
    told = {code for code, row in rows_of(edition).items() if row.is_pocket is not None}
    wanted = {
        f"{i}:{j}": 5 * round(n / 5)
        for (i, j), n in counted.items()
        if n >= 5 and n / area >= 20 and n / all_[i, j] >= 0.5
        if all(letter in told and part >= 5 for letter, part in parts[i, j].items())
    }
    # where fewer than five of a village are beside its cells, its smallest cell is left out
    short = set()
    for letter in told:
        of_cells = {
            (n, name)
            for name, among in parts.items()
            if f"{name[0]}:{name[1]}" in wanted and (n := among[letter])
        }
        if 0 < rows_of(edition)[letter].counted - sum(n for n, _name in of_cells) < 5:
            short.add(min(of_cells)[1])
    wanted = {key: n for key, n in wanted.items() if tuple(map(int, key.split(":"))) not in short}
    assert dict(edition.areas.values_list("number", "families")) == wanted
    assert len(wanted) >= 5
    assert len(wanted) < len(counted)
    for cell in edition.areas.all():
        i, j = map(int, cell.number.split(":"))
        drawn = shapely.from_wkb(bytes(cell.area.wkb))
        in_metres = shapely.transform(drawn, lambda xy: [to_metres(*one) for one in xy])
        assert (
            in_metres.symmetric_difference(cells[i, j]).area < 5.0
        )  # square metres: a few millimetres
        assert cell.area_km2 == pytest.approx(area)
        assert cell.per_km2 == pytest.approx(cell.families / area)


def test_a_cell_of_four_families_is_not_stored_however_dense_it_is():
    world.families("A", 4, programme="PKH", spots=[(0.5, 0.5)] * 4)
    world.families("B", 12, programme="PKH")  # hidden in the place of C, or A's would follow
    world.families("C", 5, programme="PKH", spots=[(0.5, 0.5)] * 5)
    edition = world.computed(per_km2=0.1)
    assert edition.areas.count() == 1
    assert edition.areas.get().families == 5


def test_cells_have_an_area_that_is_even_over_the_country():
    metres = pyproj.Transformer.from_crs(EQUAL_AREA, 4326, always_xy=True).transform
    geod = pyproj.Geod(ellps="WGS84")
    for north in (0.0, 1_200_000.0, -1_200_000.0):
        (cell,) = [
            Polygon(
                [
                    metres(
                        5_000_000 + 1000 * math.cos(math.radians(60 * k)),
                        north + 1000 * math.sin(math.radians(60 * k)),
                    )
                    for k in range(6)
                ]
            )
        ]
        assert abs(geod.geometry_area_perimeter(cell)[0]) / 1e6 == pytest.approx(2.598, rel=1e-3)


def test_a_second_run_stores_the_same_and_another_method_needs_another_name():
    world.families("A", 8, programme="PKH")
    edition = world.computed()
    assert world.computed().pk == edition.pk
    with pytest.raises(DomainError) as refused:
        world.computed(percent=10)
    assert refused.value.code == "pocket_name_taken"


@pytest.mark.parametrize(
    ("method", "code"),
    [
        (Method(per_km2=0, percent=0), "pocket_no_threshold"),
        (Method(programmes=("PKHX",)), "pocket_programme_unknown"),
    ],
)
def test_a_method_that_cannot_be_is_refused(method, code):
    with pytest.raises(DomainError) as refused:
        enqueue_computation(name="x", method=method, by=world.BY, now=NOW)
    assert refused.value.code == code
    assert "%(" not in refused.value.text


def test_the_command_computes_and_puts_in_force():
    world.families("A", 8, programme="PKH")
    out = StringIO()
    known = {"edition": "Register", "per_km2": 5.0, "activate": True, "json": True}
    with world.as_role("worker"):
        call_command("compute_pockets", stdout=out, **known)
    told = loads(out.getvalue().splitlines()[-1])
    assert (told["villages"], told["counted_villages"]) == (1, 1)
    assert PocketEdition.objects.get().status == "active"


def test_a_planner_computes_by_the_form(signed_in):
    page = "/indicators/pockets/editions/compute/"
    browser = signed_in("planner")
    form = {"name": "Register", "programmes": "pkh; sembako", "per_km2": "5", "percent": "50"}
    sent = browser.post(page, form | {"side_m": "500"})
    edition = PocketEdition.objects.get()
    assert sent.headers["Location"] == f"/indicators/pockets/editions/{edition.pk}/"
    assert edition.parameters["programmes"] == ["PKH", "SEMBAKO"]
    wrong = browser.post(page, form | {"name": "B", "side_m": "500", "programmes": "PKHX"})
    assert "PKHX" in wrong.content.decode()
    assert PocketEdition.objects.count() == 1


def test_an_edition_has_the_day_of_the_country_also_after_midnight():
    """At 20:00 UTC it is three in the morning of the next day in western Indonesia."""
    now = datetime(2026, 11, 29, 20, tzinfo=UTC)
    edition, _job = enqueue_computation(name="x", method=Method(), by=world.BY, now=now)
    assert edition.published_date == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("inside", "near", "is_hidden"), [(18, 0, True), (10, 8, True), (10, 5, False)]
)
def test_points_elsewhere_are_hidden_where_they_are_few(inside, near, is_hidden):
    """The maps were counted before the points came: the edition hides the small rest itself."""
    for letter in "ABCD":
        world.families(letter, 40)
    counted()
    spots = [(0.5, 0.5)]
    elsewhere = 20 - inside - near
    for letter in "ABCD":
        parts = (inside, near, elsewhere) if letter == "A" else (30, 20, 15)
        for number, verdict in zip(parts, ("inside", "near_border", "neighbour"), strict=True):
            world.families(letter, number, spots=spots * number, verdict=verdict)
    row = rows_of(world.computed(programmes=()))["A"]
    assert (row.located, row.inside, row.near_border) == (20, inside, near)
    assert "located" not in row.hidden
    assert ({"inside", "near_border"} <= set(row.hidden)) == is_hidden
