"""Waiting for a job: what a command does when no worker comes."""

import io

import pytest

from apps.jobs import waiting
from apps.jobs.models import Job
from tests.jobs.doing import a_job, declared, do

pytestmark = pytest.mark.django_db


@pytest.fixture
def job():
    return a_job(total=10)


def finish(lease):
    lease.progress(5, stage="reading")
    lease.finish(rows=10)


@pytest.mark.slow
def test_a_job_that_nobody_claims_is_done_here(job, monkeypatch):
    monkeypatch.setattr(waiting, "UNCLAIMED_S", 0.05)
    with declared(finish):
        assert waiting.wait_for(job, may_run=True).result == {"rows": 10}


def test_a_finished_job_is_not_waited_for(job):
    with declared(finish):
        do(job)
    assert waiting.wait_for(job).status == Job.Status.DONE


@pytest.mark.slow
def test_patience_has_an_end(job):
    assert waiting.wait_for(job, seconds=0.1).status == Job.Status.WAITING


@pytest.mark.slow
def test_progress_is_shown_on_a_terminal_only(job):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal, pipe = Terminal(), io.StringIO()
    for show in (terminal, pipe):
        waiting.wait_for(job, seconds=0.05, show=show)
    assert "waiting 0%" in terminal.getvalue()
    assert pipe.getvalue() == ""
