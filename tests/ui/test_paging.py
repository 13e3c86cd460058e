"""Keyset pages: every row once, in both directions, whatever the order."""

from __future__ import annotations

from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from apps.proposals.models import Proposal
from apps.ui.paging import BY_ID, NEWEST_FIRST, Order, Page, cut_page, read_page
from tests.proposals import factory

FARTHEST = Order.by("-distance_m", "pk", nullable=["distance_m"])
NEAREST = Order.by("distance_m", "pk", nullable=["distance_m"])
BY_NAME = Order.by("name", "-pk")


@pytest.fixture
def rows(person, gate):
    batch = factory.batch(person("regency_officer"))
    distances = [7.0, None, 7.0, 0.0, None, 40.5, 7.0, 3.25, None, 40.5, 1e6]
    for number, distance in enumerate(distances, 1):
        factory.proposal(batch, first=number, distance_m=distance, name=f"NAMA {number % 3}")
    gate(person("verifier"))
    return Proposal.objects.all()


def _walk(rows, order, side, query):
    """Pages from an address onwards, in the direction of `side`."""
    pages: list[Page[Proposal]] = []
    while not pages or query:
        page = read_page(rows, order, dict(parse_qsl(query)), size=3)
        pages.append(page)
        query = getattr(page, side)
    return pages


@pytest.mark.django_db
@pytest.mark.parametrize("order", [BY_ID, NEWEST_FIRST, FARTHEST, NEAREST, BY_NAME])
def test_pages_hold_every_row_once_forwards_and_backwards(rows, order):
    expected = [row.pk for row in rows.order_by(*order.expressions())]
    forwards = _walk(rows, order, "after", "")
    assert [row.pk for page in forwards for row in page.rows] == expected
    assert [page.number for page in forwards] == [1, 2, 3, 4]
    backwards = _walk(rows, order, "before", forwards[-1].before)
    assert [row.pk for page in reversed(backwards) for row in page.rows] == expected[:-2]
    assert backwards[-1].number == 1


@pytest.mark.django_db
def test_rows_without_a_value_are_last_in_both_directions(rows):
    for order in (FARTHEST, NEAREST):
        distances = [row.distance_m for row in read_page(rows, order, {}, size=20).rows]
        assert distances[-3:] == [None, None, None]
        assert None not in distances[:-3]


@pytest.mark.django_db
def test_an_address_names_no_value_of_a_row_but_its_number(rows):
    page = read_page(rows, BY_NAME, {}, query={"verdict": "inside"}, size=3)
    assert dict(parse_qsl(page.after)) == {
        "verdict": "inside", "after": str(page.rows[-1].pk), "p": "2",
    }  # fmt: skip


@pytest.mark.django_db
def test_the_edge_may_have_left_the_filter_but_not_ones_scope(rows):
    edge = rows.order_by("name", "-pk")[4]
    others = rows.exclude(pk=edge.pk)
    on = read_page(others, BY_NAME, {"after": str(edge.pk)}, known=rows, size=3)
    everyone = list(rows.order_by("name", "-pk"))
    assert [row.pk for row in on.rows] == [row.pk for row in everyone[5:8]]
    hidden = read_page(others, BY_NAME, {"after": str(edge.pk)}, known=others, size=3)
    assert hidden.rows == read_page(others, BY_NAME, {}, size=3).rows


@pytest.mark.django_db
@pytest.mark.parametrize("edge", ["", "x", "-1", "1e3", "99999999999999999999", "1,2", "٣"])
def test_an_address_that_cannot_be_read_is_the_first_page(rows, edge):
    for side in ("after", "before"):
        page = read_page(rows, FARTHEST, {side: edge, "p": edge}, size=3)
        assert page.rows == read_page(rows, FARTHEST, {}, size=3).rows
        assert (page.number, page.before) == (1, "")


@pytest.mark.django_db
def test_a_deep_page_reads_no_more_than_the_first(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        read_page(rows, BY_ID, {}, size=3)
    last = rows.order_by("-pk")[3]
    with django_assert_num_queries(1):
        assert len(read_page(rows, BY_ID, {"after": str(last.pk)}, size=3).rows) == 3


@pytest.mark.django_db
def test_an_order_that_changes_while_it_is_worked_on_carries_its_values(rows):
    carried = Order.by("-severity", "row_number", is_carried=True)
    page = read_page(rows.values("severity", "row_number"), carried, {}, size=3)
    assert dict(parse_qsl(page.after))["after"] == "0-3"
    on = read_page(rows.values("severity", "row_number"), carried, {"after": "0-3"}, size=3)
    assert [row["row_number"] for row in on.rows] == [4, 5, 6]


def test_rows_in_memory_are_cut_by_the_same_addresses():
    items = [SimpleNamespace(pk=number) for number in (9, 4, 7, 1, 8)]

    def at(query: str) -> Page[SimpleNamespace]:
        return cut_page(items, lambda item: item.pk, dict(parse_qsl(query)), size=2)

    first = at("")
    second, third = at(first.after), at("after=1&p=3")
    assert [[item.pk for item in page.rows] for page in (first, second, third)] == [
        [9, 4], [7, 1], [8],
    ]  # fmt: skip
    assert (first.before, third.after) == ("", "")
    assert [item.pk for item in at(third.before).rows] == [7, 1]
    assert at("after=77").rows == first.rows
