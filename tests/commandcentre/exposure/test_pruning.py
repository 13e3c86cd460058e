"""Villages of former assessments are removed after some days, where nothing rests on them."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from apps.commandcentre.exposure import pruning
from apps.commandcentre.models import AffectedVillage, Assessment, Hazard
from apps.commandcentre.planning import plans
from apps.commandcentre.readers import reader_of
from apps.commandcentre.reports import issuing
from portal.operations import leftovers
from tests.base import NOW
from tests.commandcentre.planning.needs import assessed
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
LATER = NOW + pruning.KEPT + timedelta(minutes=1)


@pytest.fixture
def assess():
    """A further version of a hazard, some minutes after the former one, with its assessment."""
    minutes = count(1)
    first = assessed({"A": 20, "B": 20})

    def run() -> Assessment:
        with as_role("worker"):
            hazard = Hazard.objects.get(pk=first.hazard_id)
            hazard.revision += 1
            hazard.save()
            found = assessed({"A": 20, "B": 20}, hazard=hazard)
            found.assessed_at = NOW + timedelta(minutes=next(minutes))
            found.save()
        return found

    return run


def swept(now=LATER) -> set[int]:
    """The assessments that have villages after a round."""
    with as_role("worker"):
        pruning.sweep(now=now)
    return set(AffectedVillage.objects.values_list("assessment", flat=True))


def test_only_the_last_one_keeps_its_villages_and_all_keep_their_sums(assess):
    former, last = assess(), assess()
    first = Assessment.objects.order_by("pk").first()
    assert swept(NOW) == {first.pk, former.pk, last.pk}
    assert swept(LATER + timedelta(hours=1)) == {last.pk}
    assert Assessment.objects.count() == 3
    assert Assessment.objects.get(pk=former.pk).villages == 2


def test_what_a_plan_or_an_issued_report_rests_on_stays(assess, person):
    operator, planned = person("operator"), assess()
    plans.make_plan(assessment=planned, days=3, by=operator, now=NOW)
    reported = assess()
    issuing.issue_report(
        hazard=Hazard.objects.get(pk=reported.hazard_id),
        corrects=None,
        reason="",
        reader=reader_of(operator),
        by=operator,
        now=NOW,
    )
    last = assess()
    assert swept(LATER + timedelta(hours=1)) == {planned.pk, reported.pk, last.pk}


def test_the_hourly_round_does_it(assess):
    former, last = assess(), assess()
    with as_role("worker"):
        assert leftovers.sweep(now=LATER + timedelta(hours=1))["villages"] == 4
    assert not AffectedVillage.objects.filter(assessment=former).exists()
    assert AffectedVillage.objects.filter(assessment=last).exists()
