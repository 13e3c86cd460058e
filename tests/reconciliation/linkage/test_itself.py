"""The register compared with itself: one button, the form of runs, and the clock after decrees."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.models import Decree
from apps.reconciliation.linkage import register_runs, runs
from apps.reconciliation.models import REGISTER, Run
from portal import tasks
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
LIST, FORM = "/reconciliation/duplicates/", "/reconciliation/runs/new/"


@pytest.fixture
def steward(signed_in):
    return signed_in("steward", name="penata")


@pytest.fixture
def twice():
    """Somebody who stands in the register twice, and a brother of theirs."""
    with as_role("owner"):
        one = a_person(name="SITI AMINAH RAHAYU")
        other = a_person(name="SITI AMINAH RAHAYU")
        a_person(name="BUDI SANTOSO")
    return one, other


def asked(number: int = 1, hours: int = 0) -> Decree:
    """A decree that came into force so many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    with as_role("owner"):
        return Decree.objects.create(
            number=f"{number}/HUK/2026",
            date=at.date(),
            region_id="97",
            user=persona("determiner"),
            created_at=at,
            status=Decree.Status.IN_FORCE,
            in_force_at=at,
        )


def work() -> Run:
    """What the worker does with the waiting jobs, the picture's and then the run's."""
    with as_role("worker"):
        do(Job.objects.get(kind=register_runs.COMPARE_REGISTER, status="waiting"))
        do(Job.objects.get(kind=runs.RECONCILE, status="waiting"))
        return Run.objects.latest("pk")


def test_the_button_on_the_page_of_duplicates_compares_the_register_with_itself(steward, twice):
    before = steward.get(LIST).content.decode()
    assert 'name="left" value="register"' in before
    answer = steward.post(FORM, {"left": "register"})
    assert answer["Location"] == LIST
    meanwhile = steward.get(LIST)
    assert meanwhile.context["compared"].is_under_way
    assert 'name="left" value="register"' not in meanwhile.content.decode()
    run = work()
    assert (run.status, run.left_id) == ("done", run.right_id)
    assert (run.pairing.left_id, run.pairing.right_id) == (REGISTER, REGISTER)
    after = steward.get(LIST)
    assert f"/reconciliation/runs/{run.pk}/" in after.content.decode()
    assert [sorted(group.ids) for group, *_rest in after.context["rows"]] == [
        sorted(one.pk for one in twice)
    ]


def test_the_form_of_runs_offers_the_register_also_before_any_delivery(steward):
    shown = steward.get(FORM).content.decode()
    assert '<option value="register">' in shown
    assert (
        '<option value="register" selected>'
        in steward.get(f"{FORM}?left=register").content.decode()
    )


def test_who_asks_twice_is_told_and_one_run_is_made(steward, twice):
    steward.post(FORM, {"left": "register"})
    again = steward.post(FORM, {"left": "register"})
    assert again.status_code == 200
    assert "sedang berjalan" in again.content.decode()
    assert Job.objects.filter(kind=register_runs.COMPARE_REGISTER).count() == 1


@pytest.mark.parametrize("role", ["pusdatin_verifier", "regency_officer"])
def test_who_may_not_start_runs_finds_no_button_and_is_refused(signed_in, role):
    browser = signed_in(role)
    assert browser.post(FORM, {"left": "register"}).status_code in (403, 404)
    assert not Job.objects.filter(kind=register_runs.COMPARE_REGISTER).exists()


def test_several_decrees_make_one_run_and_the_next_decree_makes_another(twice):
    with as_role("worker"):
        assert register_runs.enqueue_after_decrees() is None  # nothing was decreed
    asked(1, hours=2), asked(2, hours=1), asked(3)
    with as_role("worker"):
        tasks.compare_after_decrees()
        tasks.compare_after_decrees()
        assert Job.objects.filter(kind=register_runs.COMPARE_REGISTER).count() == 1
    assert work().status == "done"
    with as_role("worker"):
        assert register_runs.enqueue_after_decrees() is None
    asked(4)
    with as_role("worker"):
        tasks.compare_after_decrees()
        assert (
            Job.objects.filter(kind=register_runs.COMPARE_REGISTER, status="waiting").count() == 1
        )


def test_while_a_decree_is_worked_on_the_run_waits_for_it(twice):
    asked(1)
    with as_role("worker"):
        Job.objects.create(
            kind=determination.DETERMINE,
            subject="proposals.Decree:1",
            actor="user:1",
            created_at=timezone.now(),
            heartbeat_at=timezone.now(),
        )
        assert register_runs.enqueue_after_decrees() is None
