"""The demo's drawn photos: some at the house, one at another house, one without a position."""

import pytest

from apps.demo import house_pictures
from apps.proposals.models import Finding, HousePhoto, Proposal
from apps.proposals.photos import house_photos
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db


def test_open_rows_get_photos_once(person, monkeypatch):
    officer = person("regency_officer")
    batch = factory.batch(officer)
    factory.proposals(batch, 4, village="A", status="submitted")
    monkeypatch.setattr(
        house_pictures.working, "done", lambda job, show: house_pictures.working.work_off(job)
    )
    with as_role("worker"):
        house_pictures.add_pictures(batch, by=officer, show=None)
        assert house_pictures.add_pictures(batch, by=officer, show=None) == 0
        shown = [
            house_photos.of_proposal(one)[0]
            for one in Proposal.objects.filter(batch=batch).order_by("row_number")
        ]
        assert [one.band for one in shown] == ["near", "apart", "far", ""]
        assert HousePhoto.objects.filter(batch=batch, kind="inside").count() == 2
        assert Finding.objects.filter(batch=batch, code="photo_far").count() == 1
