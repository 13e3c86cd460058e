"""The map of one file: single points, and counts of cells where there are too many."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from tests.proposals import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), file_name="november.csv")


@pytest.fixture
def points(signed_in, batch):
    def read(**params):
        answer = signed_in("regency_officer").get(
            reverse("proposals:batch-points", args=[batch.pk]), params
        )
        assert answer.status_code == 200
        return json.loads(answer.content)

    return read


def test_the_map_has_positions_and_verdicts_and_no_name_or_number(batch, points):
    row = factory.proposal(batch, verdict="inside")
    found = points()
    (point,) = found["points"]
    assert point[:2] == [round(row.location.x, 5), round(row.location.y, 5)]
    assert found["verdicts"][point[2]] == "inside"
    assert point[3] == row.row_number
    assert row.name not in json.dumps(found)
    assert row.nik not in json.dumps(found)


def test_too_many_points_become_counts(batch, points, monkeypatch):
    factory.proposals(batch, 6, verdict="inside")
    factory.proposals(batch, 2, first=10, verdict="elsewhere", village="D")
    monkeypatch.setattr("apps.proposals.maps.MOST_POINTS", 5)
    found = points()
    assert "points" not in found
    assert found["total"] == 8
    assert sum(sum(counts) for _x, _y, counts in found["cells"]) == 8


def test_a_circle_is_amid_its_points_and_a_box_narrows_them(batch, points, monkeypatch):
    rows = factory.proposals(batch, 6)
    factory.proposals(batch, 6, first=10, village="D")
    monkeypatch.setattr("apps.proposals.maps.MOST_POINTS", 5)
    ((x, y, _counts),) = points(box="110.0,-7.77,110.01,-7.76")["cells"]
    assert (x, y) == (round(rows[0].location.x, 5), round(rows[0].location.y, 5))


@pytest.mark.parametrize("box", ["x", "1,2,3", "9,9,1,1", "nan,0,1,1", "1e400,0,2e400,1"])
def test_a_strange_box_is_ignored(batch, points, box):
    factory.proposal(batch)
    assert len(points(box=box)["points"]) == 1
