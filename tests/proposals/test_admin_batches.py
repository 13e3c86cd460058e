"""Files in the admin: one list in two shells; each file has one page, which Pusdatin uses, too."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.demo.country import CODES, at
from apps.jobs.models import Job
from apps.proposals.models import Batch, Proposal
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory

pytestmark = pytest.mark.django_db

HEADER = (
    "NIK,PROGRAM BANSOS,NOKK,NAMA,TANGGAL LAHIR,JENIS KELAMIN,IBU KANDUNG,KODE DESA,LINTANG,BUJUR"
)
LIST = "/admin/proposals/batch/"


def row(serial: int, *, nik: str = "", village: str = "A", at_village: str = "") -> str:
    x, y = at(at_village or village, 0.31234, 0.7)
    nik = nik or f"970101020190{serial}"
    return (
        f"{nik},PKH,9701010301909{serial % 1000:03d},WARGA CONTOH,02-01-1990,L,IBU CONTOH,"
        f"{CODES[village]},{y},{x}"
    )


ROWS = [row(9001), row(9002), row(9003, at_village="B"), row(9004, nik="97010102019")]


def csv(rows: list[str] | None = None, header: str = HEADER) -> SimpleUploadedFile:
    text = "\n".join([header, *(ROWS if rows is None else rows)]) + "\n"
    return SimpleUploadedFile("berkas.csv", text.encode(), "text/csv")


@pytest.fixture
def officer(english):
    return english("regency_officer")


def upload(browser, file=None, **given):
    known = {"file": file or csv(), "region": "97.01", "code_system": "kemendagri"}
    return browser.post(reverse("proposals:upload-page"), known | given)


def the_batch() -> Batch:
    with as_role("owner"):
        return Batch.objects.latest("pk")


def the_job() -> Job:
    return Job.objects.latest("pk")


def check() -> Batch:
    """Do what a worker does."""
    with as_role("worker"):
        do(the_job())
    return the_batch()


def page(batch: Batch, name: str = "", *more: str) -> str:
    return reverse(f"proposals:batch{name and '-'}{name}", args=[batch.pk, *more])


# --- the list ---


def test_the_list_of_the_admin_leads_to_the_page_of_each_file(officer, english):
    upload(officer)
    batch = check()
    browser = english("pusdatin_verifier")
    shown = browser.get(LIST)
    assert "admin/base.html" in {template.name for template in shown.templates}
    text = shown.content.decode()
    assert "berkas.csv" in text
    assert f'href="{page(batch)}"' in text
    old = browser.get(reverse("admin:proposals_batch_change", args=[batch.pk]))
    assert old["Location"] == page(batch)
    assert browser.get(page(batch)).status_code == 200


def test_the_list_of_the_admin_is_of_the_whole_region_until_one_asks_for_less(english, person):
    factory.batch(person("village_officer"), region="97.01.01.2001", file_name="desa.csv")
    factory.batch(person("regency_officer"), file_name="kabupaten.csv", status="failed")
    browser = english("administrator")
    assert "desa.csv" in browser.get(LIST).content.decode()
    assert "desa.csv" not in browser.get(LIST, {"of": "mine"}).content.decode()
    failed = browser.get(LIST, {"status": "failed"}).content.decode()
    assert "kabupaten.csv" in failed
    assert "desa.csv" not in failed
    assert "desa.csv" not in browser.get(LIST, {"status": "no such"}).content.decode()


def test_what_waits_on_the_home_page_is_what_its_link_lists(officer):
    upload(officer)
    batch = check()
    line = next(line for line in officer.get("/").context["waiting"] if "must be" in line.label)
    assert line.count == 1
    assert str(batch) in officer.get(line.url).content.decode()


@pytest.mark.long
def test_the_list_costs_the_same_for_many_batches(officer, person, django_assert_max_num_queries):
    upload(officer)
    with django_assert_max_num_queries(30) as one:
        officer.get(LIST)
    limit = len(one)
    for serial in range(9100, 9106):
        upload(officer, csv([row(serial)]))
    with django_assert_max_num_queries(limit):
        officer.get(LIST)


# --- Pusdatin's whole job with a file ---


def test_pusdatin_uploads_watches_and_submits_a_file_of_its_own(english):
    browser = english("pusdatin_verifier")
    assert reverse("proposals:upload-page") in browser.get(LIST).content.decode()
    answer = upload(browser)
    batch = the_batch()
    assert answer["Location"] == page(batch)
    shown = browser.get(page(batch)).content.decode()
    assert "Waiting for a free worker" in shown
    assert "This page may be closed" in shown
    batch = check()
    assert (batch.counts["ready"], batch.counts["held"]) == (3, 1)
    answer = browser.post(page(batch, "submit"), follow=True)
    assert "3 rows submitted for review." in answer.content.decode()
    with as_role("owner"):
        assert Proposal.objects.filter(batch=batch, status="submitted").count() == 3


def test_who_does_not_upload_has_no_endpoint(english):
    browser = english("verifier")
    assert browser.get(reverse("proposals:upload-page")).status_code == 403
    assert upload(browser).status_code == 403
    assert "Upload a file" not in browser.get("/").content.decode()


# --- the file that goes back ---


def test_the_file_goes_back_with_its_findings_and_leaves_nothing_behind(officer):
    upload(officer)
    batch = check()
    answer = officer.get(page(batch, "download"))
    assert answer["Content-Disposition"] == 'attachment; filename="berkas-temuan.xlsx"'
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert not list((Path(settings.MEDIA_ROOT) / "returned").iterdir())
    with as_role("owner"):
        assert Entry.objects.filter(action=Action.EXPORT, subject=batch.subject).exists()


def test_only_the_senders_side_gets_the_file(officer, english):
    upload(officer)
    batch = check()
    verifier = english("verifier")
    assert verifier.get(page(batch, "download")).status_code == 403
    assert "Download file" not in verifier.get(page(batch)).content.decode()
    assert english("regency_officer", "97.02").get(page(batch, "download")).status_code == 404


# --- scope ---


def test_a_batch_of_another_regency_does_not_exist(officer, english):
    upload(officer)
    batch = check()
    other = english("regency_officer", "97.02")
    for name in ("", "progress", "held"):
        assert other.get(page(batch, name)).status_code == 404
    assert other.post(page(batch, "submit")).status_code == 404
    assert other.get(reverse("admin:proposals_batch_change", args=[batch.pk])).status_code == 404
    assert "berkas.csv" not in other.get(LIST).content.decode()


def test_the_verifier_sees_findings_without_buttons_of_the_sender(officer, english):
    upload(officer)
    batch = check()
    browser = english("verifier")
    assert page(batch, "submit") not in browser.get(page(batch)).content.decode()
    assert browser.post(page(batch, "submit")).status_code == 403
