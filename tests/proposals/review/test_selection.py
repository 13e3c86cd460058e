"""One filter for list, map, bulk and address."""

import re

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from apps.demo.country import at
from apps.proposals.models import Finding, Proposal
from apps.proposals.selection import Selection
from tests.conftest import as_role, look
from tests.proposals import factory


def found(params):
    query = QueryDict(params) if isinstance(params, str) else params
    rows = Selection.from_params(query).apply(Proposal.objects.all())
    return set(rows.values_list("row_number", flat=True))


@pytest.fixture
def rows(person, gate):
    batch = factory.batch(person("regency_officer"))
    factory.proposal(batch, first=1, village="A", verdict="inside", severity=0)
    factory.proposal(batch, first=2, village="B", verdict="elsewhere", flags=["axes_swapped"])
    factory.proposal(batch, first=3, village="C", status="submitted", programme_id="SEMBAKO")
    factory.proposal(batch, first=4, village="C", kind="removal", severity=2)
    with as_role("worker"):
        Finding.objects.create(batch=batch, row_number=4, code="nik_length", severity=2)
    gate(person("verifier"))
    return batch


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("", {1, 2, 3, 4}),
        ("region=97.01.01", {1, 2}),
        ("region=97.01.02.2001", {3, 4}),
        ("region=ID", {1, 2, 3, 4}),
        ("status=submitted", {3}),
        ("status=draft&verdict=inside,elsewhere&kind=new", {1, 2}),
        ("verdict=inside&verdict=elsewhere&region=97.01.01", {1, 2}),
        ("flag=axes_swapped", {2}),
        ("finding=nik_length", {4}),
        ("severity=2", {4}),
        ("programme=SEMBAKO", {3}),
        ("kind=removal", {4}),
        ("page=3&csrf=x&batch=", {1, 2, 3, 4}),
    ],
)
def test_each_field_narrows_and_other_parameters_are_ignored(rows, params, expected):
    assert found(params) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    "params",
    [
        "region=%25",
        "region=97.0",
        "region=_7.01",
        "region=97.01,98.01",
        "region=97.01%00",
        "batch=1e3",
        "batch=-1",
        "batch=1,2",
        "batch=9999999999999999999",
        "batch=%D9%A1",
        "status=%25",
        "status=submitted,nonsense",
        "verdict=inside%00",
        "flag=*",
        "finding=nik%25",
        "severity=5",
        "programme=PKH' OR 1=1",
        "nothing=0",
    ],
)
def test_a_value_that_cannot_be_read_selects_nothing_and_stays_so_in_the_address(rows, params):
    selection = Selection.from_params(QueryDict(params))
    assert found(params) == set()
    assert Selection.from_params(selection.params()) == selection


@pytest.mark.django_db
def test_a_lone_surrogate_selects_nothing(rows):
    assert found({"finding": "\udc80"}) == set()


@pytest.mark.django_db
def test_a_batch_is_selected_by_its_number(rows):
    assert found(f"batch={rows.pk}") == {1, 2, 3, 4}
    assert found(f"batch={rows.pk + 1}") == set()


@pytest.mark.django_db
def test_a_spot_selects_the_rows_on_it_but_no_protected_need(rows):
    longitude, latitude = at("A", 0.5, 0.25)
    east_of = Point(longitude + 0.0009, latitude, srid=4326)  # 99 m
    for number, (place, ppks) in enumerate(
        [(Point(longitude, latitude, srid=4326), []), (east_of, []), (east_of, [16])], 10
    ):
        factory.proposal(rows, first=number, location=place, ppks=ppks)
    for letter in "BCD":
        factory.proposal(rows, first=20 + ord(letter), village=letter)
    spot = f"near={longitude},{latitude}"
    assert found(f"{spot},3") == {10}
    assert found(f"{spot},90") == {10}
    assert found(f"{spot},110") == {10, 11}
    assert found(f"{spot},110&verdict=elsewhere") == set()
    (chip,) = Selection.from_params(QueryDict(f"{spot},2.4")).chips()
    assert f"3 m dari {latitude:.5f}, {longitude:.5f}" in chip.text


@pytest.mark.parametrize(
    "spot", ["1,2", "1,2,3,4", "1,91,3", "181,2,3", "1,2,0", "1,2,2001", "x,2,3"]
)
def test_a_spot_that_cannot_be_read_selects_nothing(spot):
    assert Selection.from_params(QueryDict(f"near={spot}")).is_nothing


@pytest.mark.django_db
def test_a_spot_on_the_edge_of_map_tiles_has_the_rows_of_all_of_them(rows):
    corner = Point(112.5, 0.0, srid=4326)  # where four tiles meet
    for number, (x, y) in enumerate([(1, 1), (1, -1), (-1, 1), (-1, -1)], 31):
        place = Point(corner.x + x * 0.00001, corner.y + y * 0.00001, srid=4326)
        factory.proposal(rows, first=number, location=place)
    assert found("near=112.5,0,5") == {31, 32, 33, 34}
    assert Selection.from_params(QueryDict("near=112.5,0.00001,5")).query == (
        "near=112.5%2C1e-05%2C5"
    )
    assert found("near=112.5,1e-05,5") == {31, 32, 33, 34}


def box(west, south, east, north):
    return f"{west},{south},{east},{south},{east},{north},{west},{north}"


@pytest.mark.django_db
def test_an_area_finds_its_points_whatever_cells_it_touches(rows):
    edge = 3305 * 360 / 4096 - 180  # between two columns of cells
    places = [(edge - 0.01, -7.0), (edge, -7.0), (edge + 0.01, -7.0), (edge + 0.3, -6.5)]
    for number, place in enumerate(places, 40):
        factory.proposal(rows, first=number, location=Point(*place, srid=4326))
    assert found(f"area={box(edge - 0.02, -7.1, edge + 0.02, -6.9)}") == {40, 41, 42}
    assert found(f"area={box(edge - 0.001, -7.1, edge + 0.4, -6.4)}") == {41, 42, 43}
    assert found(f"area={box(edge - 0.02, -7.1, edge + 8, -6.9)}") == {40, 41, 42}
    assert found(f"area={box(-180, -90, 180, 90)}") == {1, 2, 3, 4, 40, 41, 42, 43}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("params", "column"),
    [
        ("region=97.01", "village_id"),
        (f"area={box(110, -7, 110.5, -6.5)}", "tile_cell"),
        (f"area={box(100, -7, 110, -6.5)}", "tile_cell"),
    ],
)
def test_row_level_security_keeps_the_index_of_a_region_and_of_an_area(rows, params, column):
    # of a table of four rows any other plan is as good
    factory.many_proposals(rows, 2000, first=100)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("ANALYZE proposals_proposal")
    look("no")
    asked = Selection.from_params(QueryDict(params)).apply(Proposal.objects.all())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = asked.explain()
    condition = plan.split("Index Cond", 1)[-1].splitlines()[0]
    assert re.search(rf"{column}\)?(::text)? >=", condition), plan


@given(
    st.dictionaries(
        st.sampled_from(["batch", "region", "status", "verdict", "flag", "severity", "kind", "x"]),
        st.one_of(
            st.text(max_size=12),
            st.sampled_from(["inside", "draft,submitted", "97.01", "7", "2", "new"]),
        ),
    )
)
def test_params_give_the_same_selection_again_in_one_spelling(params):
    selection = Selection.from_params(params)
    again = Selection.from_params(selection.params())
    assert again == selection
    assert again.params() == selection.params()
