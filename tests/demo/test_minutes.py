"""The demo's villages bring their minutes, so that its month can be submitted."""

import pytest
from django.utils import timezone

from apps.casework.models import Document
from apps.demo import minutes
from apps.demo.country import CODES
from apps.proposals.submitting.submission import submit
from tests.conftest import as_role
from tests.proposals import factory

pytestmark = pytest.mark.django_db


def test_each_village_of_a_batch_gets_minutes_once(person):
    officer = person("regency_officer")
    batch = factory.batch(officer)
    factory.proposals(batch, 2, village="A")
    factory.proposals(batch, 2, village="B", first=10)
    with as_role("owner"):
        Document.objects.filter(region_id=CODES["A"]).delete()
    with as_role("worker"):
        assert minutes.add_minutes(batch, by=officer) == 1
        assert minutes.add_minutes(batch, by=officer) == 0
        assert submit(batch=batch, by=officer, now=timezone.now()).moved == 4
