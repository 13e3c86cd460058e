"""Counts of the register by region: right, only where something changed, sums above."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.demo.country import CODES
from apps.indicators.measures import counting, region_figures
from apps.indicators.models import CountState, MonthCount, RegionCount, VillageChange
from apps.jobs.models import Job
from apps.proposals.models import Batch
from apps.regions.models import Level, Region
from apps.registry.models import Canary, Enrolment, Family, Person
from portal import tasks
from tests.conftest import as_role
from tests.indicators.measures.registered import counted, registered
from tests.jobs.doing import do
from tests.proposals import factory
from tests.registry.people import a_change, a_person

pytestmark = pytest.mark.django_db


def of(code: str) -> RegionCount:
    return RegionCount.objects.get(region=CODES.get(code, code))


def test_families_persons_points_and_enrolments_of_a_village_are_counted():
    with as_role("owner"):
        registered("A", 12, located=8, enrolled=5, elderly=6)
        registered("A", 3, located=3, verdict="near_border")
    done = counted()
    assert (done.villages, done.is_whole) == (16, True)
    row = of("A")
    assert (row.families, row.persons, row.families_located) == (15, 15, 11)
    assert (row.families_inside, row.families_near) == (8, 3)
    assert (row.families_enrolled, row.by_programme) == (5, {"PKH": 5})
    assert (row.elderly, row.under_five) == (6, 0)


def test_upper_levels_are_the_sums_of_their_villages():
    with as_role("owner"):
        registered("A", 7, enrolled=2)
        registered("B", 5, enrolled=1)
        registered("E", 3)
        registered("I", 4)
    counted()
    found = {code: of(code).families for code in ("97.01.01", "97.01", "97", "98", "ID")}
    assert found == {"97.01.01": 12, "97.01": 12, "97": 15, "98": 4, "ID": 19}
    assert of("97").by_programme == {"PKH": 3}
    assert RegionCount.objects.filter(level=Level.VILLAGE).count() == 16


def test_nothing_is_counted_where_nothing_changed():
    with as_role("owner"):
        registered("A", 5)
    counted()
    assert counted() == counting.Refreshed()
    assert CountState.objects.get().version == 1


def test_only_the_villages_of_changed_persons_are_counted():
    with as_role("owner"):
        registered("A", 5)
        registered("B", 5)
    counted()
    with as_role("owner"):
        registered("B", 2)
    done = counted()
    assert (done.villages, done.is_whole) == (1, False)
    assert of("B").families == 7
    assert of("ID").families == 12


def test_a_family_that_moved_is_counted_where_it_is_and_no_longer_where_it_was():
    with as_role("owner"):
        [person, *_rest] = registered("A", 6)
    counted()
    with as_role("owner"):
        change = a_change()
        Family.objects.filter(pk=person.family_id).update(village=CODES["I"], change=change)
        Person.objects.filter(pk=person.pk).update(village=CODES["I"], change=change)
    assert counted().villages == 2
    assert [of(letter).families for letter in "AI"] == [5, 1]
    assert [of(code).persons for code in ("97", "98", "ID")] == [5, 1, 6]


def test_an_enrolment_that_ends_is_no_longer_counted():
    with as_role("owner"):
        registered("A", 6, enrolled=6)
    counted()
    with as_role("owner"):
        one = Enrolment.objects.first()
        Enrolment.objects.filter(pk=one.pk).update(
            active_until=timezone.localdate(), change=a_change()
        )
    counted()
    assert of("A").families_enrolled == 5


def test_a_proposal_of_the_village_is_a_proposal_of_its_family(person):
    officer = person("regency_officer")
    with as_role("owner"):
        [one, *_rest] = registered("A", 6)
    counted()
    assert of("A").families_without_proposal == 6
    with as_role("owner"):
        batch = factory.batch(officer, status="submitted")
        [row] = factory.proposals(batch, 1, status="submitted")
        type(row).objects.filter(pk=row.pk).update(
            kk=Family.objects.get(pk=one.family_id).kk, village=CODES["A"]
        )
    done = counted()
    assert not done.is_whole
    assert (of("A").families_without_proposal, of("A").proposals_open) == (5, 1)


def a_batch(person, letters: str) -> Batch:
    """A proposal that was sent for each of some villages."""
    with as_role("owner"):
        batch = factory.batch(person("regency_officer"), status="submitted")
        for first, letter in enumerate(letters, 1):
            factory.proposals(batch, 1, first=first, village=letter, status="submitted")
    return batch


def changed(proposals, **values) -> counting.Refreshed:
    """What is counted after a change of proposals."""
    with as_role("owner"):
        proposals.update(**values)
    return counted()


def test_only_the_villages_of_changed_proposals_are_counted(person):
    """Of one regency with four villages; a step of the review changes no count."""
    rows = a_batch(person, "ABC").proposals
    counted()
    assert changed(rows.filter(village=CODES["A"]), status="rejected").villages == 1
    assert [of(letter).proposals_open for letter in "ABC"] == [0, 1, 1]
    step = {"status": "verified", "step_by": person("verifier")}
    assert changed(rows.filter(status="submitted"), **step) == counting.Refreshed()
    assert changed(rows.filter(village=CODES["B"]), village=CODES["D"]).villages == 2
    assert [of(code).proposals_open for code in "BCD"] == [0, 1, 1]
    assert of("97.01").proposals_open == 2
    assert changed(rows.filter(village=CODES["C"]), status="withdrawn").villages == 1
    with as_role("owner"):
        rows.filter(village=CODES["D"]).delete()
    assert counted().villages == 1
    assert of("ID").proposals_open == 0
    assert listed() == set()


def listed() -> set[str]:
    """The villages that wait for a count."""
    with as_role("worker"):
        return set(VillageChange.objects.values_list("village_id", flat=True))


def test_a_draft_is_not_counted_until_it_is_sent(person):
    rows = a_batch(person, "A").proposals
    with as_role("owner"):
        VillageChange.objects.all().delete()
        factory.proposals(rows.first().batch, 1, first=50, village="B", status="draft")
    assert listed() == set()
    assert changed(rows.filter(status="draft"), status="submitted").written
    assert of("B").proposals_open == 1


def test_a_change_of_proposals_is_no_change_of_other_measures(person):
    """What was kept of these stays good."""
    with as_role("owner"):
        registered("A", 40, enrolled=20)
    counted()
    codes = ("proposals_open", "without_proposal_share", "enrolled_share", "elderly_share")
    before = [region_figures.version(code) for code in codes]
    a_batch(person, "A" * 6)
    done = counted()
    assert done.tables == {"proposals_open"}
    after = [region_figures.version(code) for code in codes]
    assert [new > old for old, new in zip(before, after, strict=True)] == [True] + [False] * 3


def test_values_of_a_map_are_kept_while_other_measures_change(person, signed_in):
    with as_role("owner"):
        registered("A", 40, enrolled=20)
    counted()
    browser = signed_in("planner")
    addresses = [f"/maps/values.json?measure={one}" for one in ("enrolled_share", "proposals_open")]
    tags = [browser.get(one)["ETag"] for one in addresses]
    a_batch(person, "A" * 6)
    counted()
    answers = [
        browser.get(one, HTTP_IF_NONE_MATCH=tag).status_code
        for one, tag in zip(addresses, tags, strict=True)
    ]
    assert answers == [304, 200]


def test_the_partial_count_equals_the_whole_one():
    with as_role("owner"):
        registered("A", 9, located=4, enrolled=3)
        registered("K", 6, elderly=6)
    counted()
    with as_role("owner"):
        registered("A", 4, located=4, enrolled=1, elderly=2)
        registered("K", 2, located=1, verdict="near_border")
    counted()
    columns = [field.attname for field in RegionCount._meta.fields if field.attname != "id"]
    partial = list(RegionCount.objects.order_by("region").values_list(*columns))
    with as_role("owner"):
        CountState.objects.all().delete()
        RegionCount.objects.all().delete()
    assert counted().is_whole
    assert list(RegionCount.objects.order_by("region").values_list(*columns)) == partial


def an_enrolment(person: Person, programme: str) -> None:
    Enrolment.objects.create(
        person=person,
        village_id=person.village_id,
        programme_id=programme,
        active_from=date(2026, 1, 1),
        change=a_change(),
    )


def test_made_up_persons_never_count():
    with as_role("owner"):
        registered("A", 5)
        canary = a_person(CODES["A"])
        Canary.objects.create(person=canary, district_id="97.01.01", made_at=timezone.now())
    # a whole count, then one of the touched villages
    for programme in ("PKH", "SEMBAKO"):
        with as_role("owner"):
            an_enrolment(canary, programme)
        counted()
        row = of("A")
        assert (row.families, row.persons, row.families_enrolled) == (5, 5, 0)


def test_each_month_keeps_its_counts():
    with as_role("owner"):
        registered("A", 5)
    with time_machine.travel("2026-12-30 03:00", tick=False):
        counted()
    with as_role("owner"):
        registered("A", 1)
    with time_machine.travel("2027-01-02 03:00", tick=False):
        assert counted().is_whole
    rows = RegionCount.objects.filter(region=CODES["A"]).order_by("period_start")
    assert [(f"{row.period_start:%Y-%m}", row.families) for row in rows] == [
        ("2026-12", 5),
        ("2027-01", 6),
    ]


def test_a_village_that_ended_is_not_counted_any_more():
    with as_role("owner"):
        Region.objects.filter(pk=CODES["P"]).update(
            valid_until=timezone.localdate() - timedelta(days=1)
        )
    counted()
    assert not RegionCount.objects.filter(region=CODES["P"]).exists()


def test_what_is_hidden_is_looked_at_again_where_only_a_village_ended():
    """No row is written, and yet a hidden one beside it could be the rest of a sum."""
    with as_role("owner"):
        registered("P", 20)
        counted()
        before = CountState.objects.get().version
        ended = timezone.localdate() - timedelta(days=1)
        Region.objects.filter(pk=CODES["P"]).update(valid_until=ended)
        CountState.objects.update(counted_date=ended)
    counted()
    assert CountState.objects.get().version == before + 1


def test_each_month_keeps_the_time_of_its_last_count():
    with as_role("owner"):
        registered("P", 20)
    with as_role("worker"):
        counting.refresh(now=datetime(2026, 11, 30, 16, 30, tzinfo=UTC))  # 23.30 in Jakarta
        counting.refresh(now=datetime(2026, 11, 30, 17, 30, tzinfo=UTC))
    known = dict(MonthCount.objects.values_list("period_start", "counted_at"))
    assert {start: at.hour for start, at in known.items()} == {
        date(2026, 11, 1): 16,
        date(2026, 12, 1): 17,
    }


def test_the_sums_of_regions_that_ended_are_removed():
    """Of district, regency and province: a sum without a village stays nowhere."""
    with as_role("owner"):
        registered("P", 20)
        registered("O", 20)
        counted()
        above = [CODES["P"][:size] for size in (8, 5, 2)]
        assert RegionCount.objects.filter(region__in=above).count() == 3
        ended = timezone.localdate() - timedelta(days=1)
        Region.objects.filter(code__startswith=above[1]).update(valid_until=ended)
        CountState.objects.update(counted_date=ended)
    counted()
    assert not RegionCount.objects.filter(region__code__startswith=above[1]).exists()
    assert RegionCount.objects.get(region_id=above[2]).families == 0
    assert RegionCount.objects.get(region_id="ID").families == 0


def test_the_schedule_asks_for_one_refresh_where_something_changed():
    with as_role("owner"):
        registered("A", 5)
    with as_role("worker"):
        tasks.refresh_measures()
        tasks.refresh_measures()
        [job] = Job.objects.filter(kind=counting.REFRESH_MEASURES)
        do(job)
        job.refresh_from_db()
        assert (job.status, job.result["villages"]) == (Job.Status.DONE, 16)
        tasks.refresh_measures()
        assert Job.objects.filter(kind=counting.REFRESH_MEASURES).count() == 1
