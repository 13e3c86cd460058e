"""The jobs page: what runs, why it failed, resumed and cancelled by those who may."""

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.jobs import kinds, messages
from apps.jobs.models import Job
from tests.jobs.doing import a_job

pytestmark = pytest.mark.django_db
JOBS = "/admin/jobs/job/"
BULK = "proposals.decide_many"


@pytest.fixture
def chief(signed_in):
    return signed_in("administrator")


@pytest.fixture
def job():
    return a_job(
        kind=BULK,
        subject="proposals.Batch:1",
        subject_name="usulan.csv",
        actor="user:1",
        region_code="97.01",
    )


def failed(job, code="gave_up", **params):
    Job.objects.filter(pk=job.pk).update(status="running")
    Job.objects.filter(pk=job.pk).update(
        status="failed", message_code=code, message_params=params or {"attempts": 5}
    )


def test_the_list_says_what_runs_and_how_far(chief, job):
    Job.objects.filter(pk=job.pk).update(status="running", done=1, total=4)
    page = chief.get(JOBS).content.decode()
    assert "usulan.csv" in page
    assert "25%" in page


def test_a_failed_job_says_why_in_words(chief, job):
    failed(job)
    page = chief.get(f"{JOBS}{job.pk}/change/").content.decode()
    assert messages.ending(Job.objects.get(pk=job.pk)) in page
    assert reverse("admin:jobs_job_resume", args=[job.pk]) in page


@pytest.mark.parametrize("code", ["empty_file", "not_yours", "anything"])
def test_a_reason_of_any_app_has_words(job, code):
    failed(job, code, region="97.01")
    words = messages.ending(Job.objects.get(pk=job.pk))
    assert len(words) > 20
    assert "%(" not in words


def test_a_failed_job_is_resumed_and_the_trail_says_by_whom(chief, job):
    failed(job)
    chief.post(f"{JOBS}{job.pk}/resume/")
    assert Job.objects.get(pk=job.pk).status == Job.Status.WAITING
    assert Entry.objects.get(action=Action.CHANGE).details == {"step": "resumed"}


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_stop(chief, job):
    running = a_job(kind=BULK, subject="proposals.Batch:2", actor="user:1")
    Job.objects.filter(pk=running.pk).update(status="running")
    for each in (job, running):
        chief.post(f"{JOBS}{each.pk}/cancel/")
    assert Job.objects.get(pk=job.pk).status == Job.Status.CANCELLED
    assert Job.objects.get(pk=running.pk).cancel_asked


@pytest.mark.parametrize(
    ("verb", "status", "why"),
    [
        ("resume", "waiting", "Only failed work can be resumed; this is: Waiting."),
        ("cancel", "done", "This work has already ended: Done."),
    ],
)
def test_a_button_that_comes_too_late_says_so(chief, job, verb, status, why):
    Job.objects.filter(pk=job.pk).update(status="running")
    Job.objects.filter(pk=job.pk).update(status=status)
    chief.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = chief.post(f"{JOBS}{job.pk}/{verb}/", follow=True)
    (message,) = page.context["messages"]
    assert message.level_tag == "error"
    assert str(message).startswith(why)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("role", ["determiner", "pusdatin_verifier"])
def test_others_at_pusdatin_read_and_change_nothing(signed_in, job, role):
    browser = signed_in(role)
    assert browser.get(f"{JOBS}{job.pk}/change/").status_code == 200
    assert browser.post(f"{JOBS}{job.pk}/cancel/").status_code == 403
    assert not Job.objects.get(pk=job.pk).cancel_asked


def test_regional_roles_see_no_jobs(signed_in, job):
    assert signed_in("verifier").get(JOBS).status_code == 403


def test_work_that_is_requested_again_says_where(chief):
    job = a_job(kind="proposals.fix_rows", subject="proposals.Fix:1", actor="user:1")
    failed(job)
    chief.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = chief.post(f"{JOBS}{job.pk}/resume/", follow=True).content.decode()
    assert Job.objects.get(pk=job.pk).status == Job.Status.FAILED
    assert "This work cannot be resumed here." in page
    assert "send the correction file again" in page
    assert not kinds.named(job.kind).is_resumable
