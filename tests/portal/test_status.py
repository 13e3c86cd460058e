"""Work that nobody takes is an alarm: on the status page, on the dashboard, in /readyz."""

from __future__ import annotations

import shutil
import subprocess
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from apps.jobs import alarms, heartbeats, wake_up, work
from apps.jobs.models import Heartbeat, Job
from apps.proposals.upload import intake
from apps.regions import boundaries
from portal.operations import readiness
from tests.conftest import as_role
from tests.jobs.doing import a_job
from tests.jobs.test_takeover import slow_worker
from tests.proposals import sending
from tests.workers import worker

pytestmark = pytest.mark.django_db


def asked(kind: str, minutes: float, **fields: Any) -> Job:
    """A job that has waited so long."""
    with as_role("owner"):
        job = a_job(kind=kind, subject="proposals.Batch:1", actor="user:1", **fields)
        since = timezone.now() - timedelta(minutes=minutes)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=since, created_at=since)
    return job


def told() -> dict[str, Any]:
    """What /readyz says of jobs, as seen by this test's own connection."""
    with translation.override("en"):
        return alarms.waits(now=timezone.now()).brief()


def asked_outside() -> dict[str, Any]:
    """What /readyz answers; it has a connection of its own, that sees what was committed."""
    time.sleep(readiness.KEPT_S + 0.1)
    answer = Browser().get("/readyz")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_without_waiting_jobs_there_is_no_alarm():
    assert told() == {
        "waiting": 0,
        "overdue": 0,
        "oldest_s": 0,
        "oldest_kind": "",
        "oldest_queue": "",
        "alarm": False,
    }


def test_a_wait_of_four_minutes_is_reported_without_an_alarm(signed_in):
    asked(intake.CHECK_BATCH, 4, queue="interactive")
    found = told()
    assert (found["waiting"], found["overdue"], found["alarm"]) == (1, 0, False)
    assert 235 <= found["oldest_s"] <= 260
    assert (found["oldest_kind"], found["oldest_queue"]) == ("Check of a batch", "interactive")
    assert 'id="alarm"' not in signed_in("administrator").get("/").content.decode()


def test_a_wait_of_more_than_five_minutes_is_an_alarm_and_names_the_oldest_job(signed_in):
    asked(intake.CHECK_BATCH, 2)
    oldest = asked(boundaries.IMPORT_EDITION, 12)
    asked(intake.CHECK_BATCH, 6)
    found = told()
    assert (found["waiting"], found["overdue"], found["alarm"]) == (3, 2, True)
    assert 715 <= found["oldest_s"] <= 740
    assert found["oldest_kind"] == "Import of boundaries"
    for role in ("administrator", "pusdatin_verifier"):
        browser = signed_in(role)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        for address in ("/", "/status/"):
            page = browser.get(address).content.decode()
            assert "2 jobs have waited longer than 5 minutes" in page
            assert f"number {oldest.pk} (Import of boundaries), has waited 12" in page
            assert "import_edition" not in page


def test_other_roles_see_no_alarm_and_no_status_page(signed_in):
    asked(intake.CHECK_BATCH, 12)
    browser = signed_in("regency_officer")
    assert 'id="alarm"' not in browser.get("/").content.decode()
    assert browser.get("/status/").status_code == 403
    assert Browser().get("/status/").status_code == 302


def test_a_job_that_ended_or_is_resumed_just_now_is_no_alarm():
    job = asked(intake.CHECK_BATCH, 12)
    with as_role("owner"):
        Job.objects.filter(pk=job.pk).update(status="running")
        Job.objects.filter(pk=job.pk).update(status="failed")
        assert told()["waiting"] == 0
        job.refresh_from_db()
        assert work.resume(job)
    assert (told()["waiting"], told()["alarm"]) == (1, False)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_long_statement_is_no_alarm_and_a_killed_worker_without_successor_is():
    with as_role("owner"):
        job = a_job(total=2)
    with slow_worker(job) as process:
        since = timezone.now() - timedelta(minutes=12)
        Job.objects.filter(pk=job.pk).update(heartbeat_at=since)
        assert told()["waiting"] == 0
        end(process)
    until = timezone.now() + timedelta(seconds=20)
    while not told()["alarm"]:
        assert timezone.now() < until
    assert told()["oldest_kind"] == "Other work"


def test_livez_never_queries_the_database(signed_in):
    browser = signed_in("administrator")
    with CaptureQueriesContext(connection) as questions:
        assert browser.get("/livez").content == b"ok"
        assert browser.get("/readyz").status_code == 200
        assert browser.post("/livez").status_code == 405
    assert not questions.captured_queries


def test_the_status_page_shows_which_process_is_silent_and_since_when(signed_in):
    with as_role("worker"):
        heartbeats.record_heartbeat(heartbeats.BEAT)
        heartbeats.record_heartbeat(heartbeats.of_queue("batches"))
        Heartbeat.objects.filter(name=heartbeats.BEAT).update(
            at=timezone.now() - timedelta(minutes=3)
        )
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = " ".join(browser.get("/status/").content.decode().split())
    assert "Last sign of life 180 seconds ago." in page
    assert "Nothing happens at its time" in page
    assert "Last sign of life 0 seconds ago. </dd>" in page
    assert "Entries of the audit trail wait for their seal." in page
    assert readiness.version() in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_readyz_names_problems_for_the_operator_and_stays_200(settings, tmp_path):
    settings.ANCHOR_DIR = tmp_path  # whose chain no other test cut
    found = asked_outside()
    assert found["database"]
    assert found["migrations"] == {"missing": []}
    assert found["version"] == readiness.version()
    assert abs(found["clock"]["skew_s"]) < 5
    assert found["disk"]["files"]["free_bytes"] > 0
    silent = set(readiness.MEASURES)
    assert {"beat", "queue:interactive", "queue:batches", "seal", "anchor"} <= silent
    assert silent == set(found["signs"]) == set(found["alarms"]) - {"disk:files"}
    with as_role("worker"):
        for name in silent:
            heartbeats.record_heartbeat(name)
        Heartbeat.objects.filter(name="seal").update(at=timezone.now() - timedelta(minutes=3))
    found = asked_outside()
    assert set(found["alarms"]) - {"disk:files"} == {"seal"}
    assert found["signs"]["seal"]["silent_s"] >= 180


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_clock_that_is_wrong_and_a_disk_that_is_nearly_full_are_alarms(monkeypatch):
    usage = shutil.disk_usage("/")._replace(total=1000, used=901, free=99)
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: usage)
    with time_machine.travel(timezone.now() + timedelta(seconds=9)):
        found = asked_outside()
    assert {"clock", "disk:files"} <= set(found["alarms"])
    assert found["clock"]["skew_s"] == pytest.approx(9, abs=2)
    usage = usage._replace(used=800, free=200)
    assert not {"clock", "disk:files"} & set(asked_outside()["alarms"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_with_a_missing_migration_readyz_refuses():
    time.sleep(readiness.KEPT_S + 0.1)
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'jobs' AND name = '0002_row_security'"
            " RETURNING id, app"
        )
        gone = cursor.fetchone()
    try:
        answer = Browser().get("/readyz")
    finally:
        with as_role("owner"), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (id, app, name, applied)"
                " VALUES (%s, %s, '0002_row_security', now())",
                gone,
            )
    assert answer.status_code == 503
    assert answer.json()["migrations"] == {"missing": ["jobs.0002_row_security"]}


@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_worker_inside_a_long_statement_is_not_silent():
    with as_role("owner"):
        job = a_job(total=2)
    with as_role("worker"):
        heartbeats.record_heartbeat(heartbeats.of_queue("batches"))
        Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=30))
    with slow_worker(job):
        assert asked_outside()["signs"]["queue:batches"] == {"silent_s": 0, "alarm": False}
    until = timezone.now() + timedelta(seconds=20)
    while not asked_outside()["signs"]["queue:batches"]["alarm"]:
        assert timezone.now() < until


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_a_queue_without_a_worker_is_an_alarm_until_one_comes(person):
    received = sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))
    with as_role("owner"):
        Job.objects.update(
            queue="batches", heartbeat_at=timezone.now() - alarms.ALARM_AFTER - timedelta(seconds=1)
        )
        job = Job.objects.get(pk=received.job.pk)
    with current_app.connection_for_write() as broker:
        # the message for the queue in which it waited at first
        broker.default_channel.queue_purge("interactive")
    wake_up.send_wake_up(job)
    with worker("interactive"):
        assert told()["alarm"]
        assert told()["oldest_queue"] == "batches"
    wake_up.send_wake_up(job)
    with worker("batches"):
        until = timezone.now() + timedelta(seconds=30)
        while told()["waiting"]:
            assert timezone.now() < until


def test_readyz_tells_when_the_backup_is_not_in_order(settings, tmp_path):
    settings.BACKUP_REPOSITORY = str(tmp_path)
    settings.BACKUP_STATE = tmp_path
    assert {"backup_old", "mark_old"} <= set(readiness.for_people().alarms)
    settings.BACKUP_REPOSITORY = ""
    assert not {"backup_old", "mark_old"} & set(readiness.for_people().alarms)
