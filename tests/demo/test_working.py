"""The demo does no long work itself: a worker does it, or the demo says that there is none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from apps.demo import working
from apps.jobs.models import Job
from tests import workers
from tests.conftest import as_role
from tests.jobs.doing import a_job
from tests.proposals import sending

DEMO = Path(working.__file__).parent


@pytest.mark.django_db
def test_without_a_worker_it_says_so_and_nothing_was_begun(monkeypatch):
    monkeypatch.setattr(working, "UNCLAIMED_S", 0.05)
    job = a_job(kind="proposals.check_batch", subject="proposals.Batch:1", actor="x")
    with pytest.raises(working.NotDone, match="make run"):
        working.done(job, show=None)
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Job.Status.WAITING, 0)


@pytest.mark.django_db
def test_work_that_was_put_aside_is_told_in_words():
    job = a_job(kind="proposals.check_batch", subject="proposals.Batch:1", actor="x")
    Job.objects.filter(pk=job.pk).update(status="running")
    Job.objects.filter(pk=job.pk).update(
        status="failed", message_code="gave_up", message_params={"attempts": 3}
    )
    job.refresh_from_db()
    with pytest.raises(working.NotDone, match=r"3 kali|3 times"):
        working.done(job, show=None)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_worker_does_what_the_demo_asks(person):
    received = sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))
    with workers.worker(), as_role("owner"):
        assert working.done(received.job, show=None).result["rows"] == 1


def test_no_part_of_the_demo_does_a_workers_work():
    """Neither what runs a job nor falling back on it is known to it."""
    for path in DEMO.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported = {f"{node.module}.{one.name}" for one in node.names}
                assert imported.isdisjoint({"apps.jobs.work", "apps.jobs.work.run"}), path
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                keywords = {one.arg for one in node.keywords}
                assert not (called == "wait_for" and "may_run" in keywords), path
                names = [one.value for one in node.args if isinstance(one, ast.Constant)]
                commands = {"import_regions", "import_register"}  # which ask no worker
                assert called != "call_command" or set(names[:1]) <= commands, path
