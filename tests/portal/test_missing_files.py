"""A stored file that is missing on the disk: the page says so and who can do what."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from apps.audit.models import Entry
from apps.casework.models import Document
from apps.jobs import messages
from apps.proposals.decree import determination
from apps.proposals.models import Decree
from portal import startup, tasks
from portal.operations import readiness
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import OWN
from tests.proposals import factory, sending
from tests.reconciliation.answering import answer
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db


def is_told(browser, address):
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    answered = browser.get(address)
    page = answered.content.decode()
    assert answered.status_code == 410, page[:300]
    assert "This file is missing" in page
    assert "Tell an administrator" in page
    assert str(settings.MEDIA_ROOT) not in page


def test_the_evidence_of_a_village(signed_in, person):
    officer = person("regency_officer")
    batch = sending.send([sending.row()], officer)
    with as_role("owner"):
        document = Document.objects.filter(region_id=sending.A).first()
        path = Path(document.file.path)
    assert not path.exists()  # the toy country's evidence has no files
    browser = signed_in("regency_officer")
    is_told(browser, f"/proposals/batches/{batch.pk}/evidence/{document.pk}/")
    with as_role("owner"):  # nobody read anything
        assert not Entry.objects.filter(subject=document.subject).exists()


def test_the_evidence_of_an_answer(signed_in):
    with as_role("owner"):
        person = a_person()
    met = meeting()
    met.link(person, name="CONTOH SATOE")
    met.find()
    given = answer(found(), "theirs")
    with as_role("owner"):
        Path(given.document.file.path).unlink()
    is_told(
        signed_in("steward"),
        reverse("reconciliation:conflict-document", args=[found().pk, given.document_id]),
    )


def test_the_annex_of_a_decree(signed_in, person, gate):
    by = person("determiner")
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 2, status="accepted", step_by=person("pusdatin_verifier"))
    gate(by)
    _decree, job = determination.enqueue_decree(
        number="1/HUK/2026",
        date=datetime.date(2026, 11, 20),
        region_code=OWN,
        by=by,
        now=NOW,
        civil_reason="belum ditanya",
    )
    with as_role("worker"):
        do(job)
    with as_role("owner"):
        decree = Decree.objects.get()
        Path(decree.annex_csv.path).unlink()
    browser = signed_in("determiner")
    browser.get("/")
    is_told(browser, f"/admin/proposals/decree/{decree.pk}/annex/csv/")


def test_the_file_of_a_batch_with_its_findings(signed_in, person):
    batch = sending.send([sending.row()], person("regency_officer"))
    with as_role("owner"):
        Path(batch.file.path).unlink()
    answered = signed_in("regency_officer").get(
        f"/proposals/batches/{batch.pk}/download/", follow=True
    )
    (told,) = answered.context["messages"]
    assert "hilang" in str(told) or "missing" in str(told)


def test_a_check_whose_file_is_missing_ends_in_words_at_once(person):
    received = sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))
    with as_role("owner"):
        Path(received.batch.file.path).unlink()
    sending.check(received)
    assert received.job.status == "failed"
    assert "backup" in messages.ending(received.job) or "cadangan" in messages.ending(received.job)


@pytest.mark.parametrize("kept", [0, 100])
def test_a_file_that_came_back_in_part_is_missing_and_not_broken(person, kept):
    received = sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))
    with as_role("owner"):
        path = Path(received.batch.file.path)
    path.write_bytes(path.read_bytes()[:kept])
    sending.check(received)
    assert (received.job.status, received.job.message_code) == ("failed", "file_missing")


def test_a_failed_job_is_a_warning_in_the_log_without_names(person, caplog):
    received = sending.receive(
        sending.as_csv([sending.row()]), person("regency_officer"), name="SITI AMINAH.csv"
    )
    with as_role("owner"):
        Path(received.batch.file.path).unlink()
    sending.check(received)
    told = [
        record
        for record in caplog.records
        if isinstance(record.msg, dict) and record.msg["event"] == "job_failed"
    ]
    assert [(one.levelname, one.msg["code"]) for one in told] == [("WARNING", "file_missing")]
    assert told[0].msg["job"] == received.job.pk
    assert "SITI" not in caplog.text


def test_a_worker_that_finds_none_of_the_files_is_an_alarm(person, settings, tmp_path, signed_in):
    sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))

    def after_a_heartbeat():
        with as_role("worker"):
            tasks.store_heartbeat(queue="batches")
        return "media_root" in readiness.for_people().alarms

    assert not after_a_heartbeat()
    settings.MEDIA_ROOT = tmp_path
    assert after_a_heartbeat()
    page = signed_in("administrator").get("/status/").content.decode()
    assert "Sebuah pekerja tidak menemukan berkas" in page


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_worker_whose_folder_is_not_the_web_s_says_so_when_it_starts(
    person, settings, tmp_path, caplog, is_shared
):
    sending.receive(sending.as_csv([sending.row()]), person("regency_officer"))
    if not is_shared:
        settings.MEDIA_ROOT = tmp_path
    with as_role("worker"):
        assert startup.look_at_storage(connection.connection) == is_shared
    assert ("media_root_is_another" in caplog.text) is not is_shared
    assert ("All machines of the portal need the same folder" in caplog.text) is not is_shared
