"""Batches in the admin: upload, match columns, watch, findings, submit."""

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
from apps.proposals.upload import parking
from tests.conftest import as_role
from tests.jobs.doing import do

pytestmark = pytest.mark.django_db

HEADER = (
    "NIK,PROGRAM BANSOS,NOKK,NAMA,TANGGAL LAHIR,JENIS KELAMIN,IBU KANDUNG,KODE DESA,LINTANG,BUJUR"
)


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
    return SimpleUploadedFile("november.csv", text.encode(), "text/csv")


@pytest.fixture
def english(signed_in):
    def browser(*args, **kwargs):
        browser = signed_in(*args, **kwargs)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    return browser


@pytest.fixture
def officer(english):
    return english("regency_officer")


def upload(browser, file=None, **given):
    known = {"file": file or csv(), "region": "97.01", "code_system": "kemendagri"}
    return browser.post(reverse("admin:proposals_batch_upload"), known | given)


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


def page(batch: Batch, name: str = "change", *more: str) -> str:
    return reverse(f"admin:proposals_batch_{name}", args=[batch.pk, *more])


# --- upload ---


def test_an_officer_finds_the_own_region_chosen(officer):
    shown = officer.get(reverse("admin:proposals_batch_upload")).content.decode()
    assert 'value="97.01" checked' in shown


def test_an_upload_leads_to_the_progress_of_its_check(officer):
    answer = upload(officer)
    batch = the_batch()
    assert answer["Location"] == page(batch)
    shown = officer.get(page(batch)).content.decode()
    assert "Waiting for a free worker" in shown
    assert "This page may be closed" in shown
    assert 'hx-trigger="load delay:' in shown


def test_a_missing_file_and_region_are_told_in_words(officer):
    answer = officer.post(reverse("admin:proposals_batch_upload"), {"region": "98.01"})
    text = answer.content.decode()
    assert "There is a problem" in text
    assert "No file was chosen" in text
    assert "Choose the region" in text


def test_a_region_can_be_typed_by_code_without_a_script(officer):
    upload(officer, region="", region_text="97.01.02")
    assert the_batch().region_id == "97.01.02"


def test_the_same_file_again_leads_to_its_batch_and_says_who(officer):
    upload(officer)
    first = the_batch()
    answer = upload(officer)
    assert answer["Location"] == page(first)
    text = officer.get(answer["Location"]).content.decode()
    assert "You uploaded this file on" in text
    assert "Regency_Officer-97.01" in text


def test_what_is_no_file_of_rows_is_refused_in_words(officer):
    answer = upload(officer, SimpleUploadedFile("a.csv", b"", "text/csv"))
    assert answer.status_code == 200
    assert "The file is empty" in answer.content.decode()
    assert not Job.objects.exists()


def test_who_does_not_upload_has_no_door(english):
    browser = english("verifier")
    assert browser.get(reverse("admin:proposals_batch_upload")).status_code == 403
    assert upload(browser).status_code == 403
    assert "Upload a file" not in browser.get("/").content.decode()


# --- columns ---


def test_unknown_columns_are_matched_by_hand_beside_their_values(officer):
    before = set(parking._folder().iterdir())
    strange = HEADER.replace("NIK,", "Nomor Penduduk,").replace("NAMA", "Siapa")
    answer = upload(officer, csv(header=strange))
    assert answer["Location"] == reverse("admin:proposals_batch_columns")
    shown = officer.get(answer["Location"]).content.decode()
    assert "Nomor Penduduk — 970101••••••9001" in shown
    chosen = {
        f"column_{column.name}": column.position
        for part in ("needed", "others")
        for column in officer.get(answer["Location"]).context[part]
        if column.position is not None and column.name != "name"
    }
    lacking = officer.post(answer["Location"], chosen | {"column_nik": "0"})
    assert "Still without a column: NAMA" in lacking.content.decode()
    done = officer.post(answer["Location"], chosen | {"column_nik": "0", "column_name": "3"})
    batch = the_batch()
    assert done["Location"] == page(batch)
    assert (batch.mapping["nik"], batch.mapping["name"]) == (0, 3)
    assert check().counts["rows"] == 4
    assert set(parking._folder().iterdir()) <= before


def test_a_parked_file_belongs_to_its_session(officer, english):
    upload(officer, csv(header=HEADER.replace("NIK,", "Nomor Penduduk,")))
    other = english("regency_officer", "97.02")
    answer = other.get(reverse("admin:proposals_batch_columns"))
    assert answer.status_code == 302


# --- the check and its findings ---


def test_the_fragment_tells_how_far_the_check_is_and_reloads_at_the_end(officer):
    upload(officer)
    batch = the_batch()
    fragment = officer.get(page(batch, "progress"), headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert "HX-Refresh" not in fragment
    check()
    assert officer.get(page(batch, "progress"))["HX-Refresh"] == "true"


def test_the_findings_page_counts_and_groups_by_cause(officer):
    upload(officer)
    batch = check()
    shown = officer.get(page(batch))
    text = shown.content.decode()
    assert (batch.counts["ready"], batch.counts["held"]) == (3, 1)
    assert "Submit 3 rows" in text
    assert "See 1 rows to fix" in text
    group = next(group for group in shown.context["groups"] if group.code == "nik_length")
    assert group.count == 1
    assert shown.context["groups"][0].severity == 3
    assert dict(shown.context["verdict_counts"])["neighbour"] == 1


def test_rows_of_a_cause_and_held_rows_are_told_in_words(officer):
    upload(officer)
    batch = check()
    rows = officer.get(page(batch, "finding", "nik_length"))
    assert rows.context["told"][0]["row"].row_number == 4
    held = officer.get(page(batch, "held"))
    assert held.context["held"][0]["messages"]
    assert "WARGA CONTOH" in held.content.decode()
    assert officer.get(page(batch, "finding", "no-such-code")).status_code == 404


def test_submitting_sends_exactly_the_ready_rows(officer):
    upload(officer)
    batch = check()
    answer = officer.post(page(batch, "submit"), follow=True)
    assert "3 rows submitted for review." in answer.content.decode()
    with as_role("owner"):
        assert Proposal.objects.filter(batch=batch, status="submitted").count() == 3


def test_a_check_that_stopped_can_be_resumed(officer):
    upload(officer)
    batch = the_batch()
    with as_role("worker"):
        Job.objects.filter(pk=the_job().pk).update(status="running")
        Job.objects.filter(pk=the_job().pk).update(status="failed", message_code="gave_up")
        Batch.objects.filter(pk=batch.pk).update(status="failed")
    shown = officer.get(page(batch)).content.decode()
    assert "The check stopped" in shown
    officer.post(page(batch, "resume"))
    assert check().counts["rows"] == 4


def test_a_waiting_check_can_be_cancelled(officer):
    upload(officer)
    batch = the_batch()
    answer = officer.post(page(batch, "cancel"), follow=True)
    assert "The check stops." in answer.content.decode()
    assert the_job().status == "cancelled"


# --- the file that goes back ---


def test_the_file_goes_back_with_its_findings_and_leaves_nothing_behind(officer):
    upload(officer)
    batch = check()
    answer = officer.get(page(batch, "download"))
    assert answer["Content-Disposition"] == 'attachment; filename="november-temuan.xlsx"'
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
    for name in ("change", "progress", "held"):
        assert other.get(page(batch, name)).status_code == 404
    assert other.post(page(batch, "submit")).status_code == 404
    assert "november.csv" not in other.get("/admin/proposals/batch/").content.decode()


def test_the_verifier_sees_findings_without_buttons_of_the_sender(officer, english):
    upload(officer)
    batch = check()
    browser = english("verifier")
    assert "Submit 3 rows" not in browser.get(page(batch)).content.decode()
    assert browser.post(page(batch, "submit")).status_code == 403


def test_what_waits_on_the_home_page_is_what_its_link_lists(officer):
    upload(officer)
    batch = check()
    line = next(line for line in officer.get("/").context["waiting"] if "must be" in line.label)
    assert line.count == 1
    assert str(batch) in officer.get(line.url).content.decode()


def test_the_list_costs_the_same_for_many_batches(officer, person, django_assert_max_num_queries):
    address = reverse("admin:proposals_batch_changelist")
    upload(officer)
    with django_assert_max_num_queries(30) as one:
        officer.get(address)
    limit = len(one)
    for serial in range(9100, 9106):
        upload(officer, csv([row(serial)]))
    with django_assert_max_num_queries(limit):
        officer.get(address)
