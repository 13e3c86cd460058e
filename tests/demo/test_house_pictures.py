"""The demo's drawn photos: some at the house, one at another house, one without a position."""

import pytest

from apps.demo import house_pictures, working
from apps.proposals.models import Finding, HousePhoto, Proposal
from apps.proposals.photos import house_photos
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory

pytestmark = pytest.mark.django_db


def test_open_rows_get_photos_once(person, monkeypatch):
    officer = person("regency_officer")
    batch = factory.batch(officer)
    for number in range(1, 5):
        factory.proposal(batch, first=number, kk=factory.nik_of(number), status="submitted")
    # the worker of the test does the job in place
    monkeypatch.setattr(working, "done", lambda job, *, show: do(job))
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
