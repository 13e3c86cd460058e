"""The stewards' pages of sources and deliveries: a draft, a profile, a mended mapping."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.audit.models import Entry
from apps.reconciliation.deliveries import datasets, source_forms, sources
from apps.reconciliation.models import Dataset, Source
from tests.conftest import as_role
from tests.reconciliation.sample_deliveries import (
    a_source,
    as_csv,
    held,
    load,
    loaded,
    receive,
    row,
    rows,
)

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"reconciliation:{name}", args=args)


@pytest.fixture
def steward(signed_in):
    return signed_in("steward")


def upload(browser, given, code="DUKCAPIL", **said):
    file = SimpleUploadedFile("padan.csv", as_csv(given))
    data = {"file": file, "code_system": "kemendagri", **said}
    return browser.post(at("dataset-upload", code), data)


def the_dataset() -> Dataset:
    return Dataset.objects.get()


def as_worker(dataset):
    return load(datasets.Received(dataset, datasets.job_of(dataset), False))


def test_a_steward_describes_a_source_and_activates_it(steward):
    answer = steward.post(
        at("source-new"), {"code": "BKN-ASN", "name": "Pegawai ASN", "kind": "employees"}
    )
    assert answer.url == at("source", "BKN-ASN")
    assert "ASN" in steward.get(at("sources")).content.decode()
    source = Source.objects.get()
    form = source_forms.SourceForm(instance=source)
    values = {name: form[name].value() or "" for name in form.fields}
    values |= {
        "ministry": "BKN", "purpose": "Memastikan", "legal_basis": "UU 20/2023", "rank_name": "3",
        "is_one_to_one": "on",
    }  # fmt: skip
    values.pop("needs_two")
    assert steward.post(at("source", "BKN-ASN"), values).status_code == 302
    assert sources.ranks(source) == {"name": 3, "occupation": 1}
    steward.post(at("source-activate", "BKN-ASN"))
    source.refresh_from_db()
    assert (source.is_draft, source.ministry) == (False, "BKN")


def test_activating_says_what_is_missing(steward):
    a_source()
    page = steward.post(at("source-activate", "DUKCAPIL"), follow=True).content.decode()
    assert "note check" in page
    assert Source.objects.get().is_draft


@pytest.mark.parametrize("code", ["", "a/b", "-x", "x" * 41])
def test_a_code_that_no_address_can_hold_is_refused(steward, code):
    answer = steward.post(at("source-new"), {"code": code, "name": "X", "kind": "civil"})
    assert answer.status_code == 200
    assert Source.objects.count() == 0


def test_a_delivery_is_brought_loaded_and_shown(steward):
    a_source()
    answer = upload(steward, [*rows(30), row(9001, ID="C1")], period="2026-T3")
    dataset = the_dataset()
    assert answer.url == at("dataset", dataset.pk)
    waiting = steward.get(answer.url).content.decode()
    assert at("dataset-progress", dataset.pk) in waiting
    as_worker(dataset)
    page = steward.get(answer.url).content.decode()
    assert "NAMA_LGKP" in page
    # NIKs that are met twice are told masked
    assert "970101••••••9001" in page
    assert row(9001)["NIK"] not in page
    # and the watching page loads itself anew
    assert steward.get(at("dataset-progress", dataset.pk))["HX-Refresh"] == "true"


def test_missing_columns_lead_to_the_page_that_matches_them(steward):
    a_source()
    given = [{"X": one["NIK"], "Y": one["NAMA_LGKP"]} for one in rows(3)]
    answer = upload(steward, given)
    dataset = the_dataset()
    assert answer.url == at("dataset-columns", dataset.pk)
    page = steward.get(answer.url).content.decode()
    assert "970101••••••9001" in page
    assert rows(1)[0]["NIK"] not in page
    wrong = steward.post(answer.url, {"column_nik": "0"})
    assert 'id="error-summary"' in wrong.content.decode()
    done = steward.post(answer.url, {"column_nik": "0", "column_name": "1"})
    assert done.url == at("dataset", dataset.pk)
    assert as_worker(dataset).counts["rows"] == 3


def test_what_looks_like_a_needed_column_is_proposed_on_the_page_before_anything_is_loaded(steward):
    a_source()
    given = [
        {"NOMOR INDUK": one["NIK"], "NAMA PESERTA": one["NAMA_LGKP"], "DESA": one["KODE_DESA"]}
        for one in rows(12)
    ]
    answer = upload(steward, given)
    dataset = the_dataset()
    assert answer.url == at("dataset-columns", dataset.pk)
    with as_role("worker"):
        assert datasets.job_of(dataset).status == "waiting"
    assert as_worker(dataset).status == "failed"
    refused = steward.get(at("dataset", dataset.pk)).content.decode()
    assert "NOMOR INDUK → NIK" in refused
    page = steward.get(answer.url)
    ours = {
        one.name: ("" if one.position is None else dataset.header[one.position], bool(one.reason))
        for one in page.context["ours"]
    }
    assert ours["nik"] == ("NOMOR INDUK", True)
    assert ours["village_code"] == ("DESA", True)
    assert ours["village_name"] == ("", False)
    assert ours["name"] == ("NAMA PESERTA", False)
    assert page.content.decode().count("disarankan menurut isinya") >= 2
    chosen = {"column_nik": "0", "column_name": "1", "column_village_code": "2"}
    assert steward.post(answer.url, chosen).url == at("dataset", dataset.pk)
    assert as_worker(dataset).counts["rows"] == 12
    assert {one.village_code for one in held(dataset)} == {"97.01.01.2001"}


def test_one_column_is_not_taken_for_two_things(steward):
    a_source()
    answer = upload(steward, [{"X": one["NIK"], "Y": one["NAMA_LGKP"]} for one in rows(3)])
    page = steward.post(answer.url, {"column_nik": "1", "column_name": "1"}).content.decode()
    assert "Y" in page.split('id="error-summary"')[1].split("</div>")[0]
    assert len(re.findall(r'<option value="1"\s+selected', page)) == 2
    with as_role("owner"):
        assert the_dataset().mapping == {}


def test_looking_at_the_first_rows_is_on_record(steward):
    dataset = receive(as_csv(rows(3))).dataset
    steward.get(at("dataset-columns", dataset.pk))
    with as_role("owner"):
        assert Entry.objects.about(dataset.subject).filter(action="read").exists()


def test_what_was_refused_says_why_and_is_loaded_again(steward):
    given = [one | {"NIK": one["NAMA_LGKP"], "NOMOR": one["NIK"]} for one in rows(30)]
    dataset = loaded(given)
    page = steward.get(at("dataset", dataset.pk)).content.decode()
    assert "note fix" in page
    assert at("dataset-columns", dataset.pk) in page
    # as it is it would be refused once more
    assert at("dataset-resume", dataset.pk) not in page
    header = dataset.header
    chosen = {f"column_{name}": str(header.index(h)) for name, h in dataset.mapping.items()}
    steward.post(
        at("dataset-columns", dataset.pk), chosen | {"column_nik": str(header.index("NOMOR"))}
    )
    assert held(as_worker(dataset))[0].nik == rows(1)[0]["NIK"]


def test_a_loaded_dataset_is_not_matched_again(steward):
    dataset = loaded(rows(3))
    page = steward.get(at("dataset-columns", dataset.pk)).content.decode()
    assert 'type="submit" class="act">' not in page.split("</h1>")[1]
    again = steward.post(at("dataset-columns", dataset.pk), {"column_name": "3", "column_nik": "1"})
    assert 'id="error-summary"' in again.content.decode()


def test_a_loading_is_cancelled_and_taken_up(steward):
    dataset = receive(as_csv(rows(3))).dataset
    steward.post(at("dataset-cancel", dataset.pk))
    assert datasets.job_of(dataset).status == "cancelled"
    steward.post(at("dataset-resume", dataset.pk))
    assert as_worker(dataset).status == Dataset.Status.LOADED


def test_a_file_of_the_wrong_type_stays_on_the_form_in_words(steward):
    a_source()
    file = SimpleUploadedFile("a.pdf", b"%PDF-1.7 nothing")
    answer = steward.post(
        at("dataset-upload", "DUKCAPIL"), {"file": file, "code_system": "kemendagri"}
    )
    assert "PDF" in answer.content.decode()
    assert Dataset.objects.count() == 0


def test_a_file_too_large_for_the_page_names_who_loads_it(steward, monkeypatch):
    a_source()
    monkeypatch.setattr(source_forms, "UPLOAD_BYTES", 10)
    assert "Administrator Pusdatin" in upload(steward, rows(2)).content.decode()
    assert Dataset.objects.count() == 0


def test_officers_of_a_region_see_nothing_of_it(signed_in):
    a_source()
    for name in ("regency_officer", "verifier"):
        assert signed_in(name).get(at("sources")).status_code == 403


def test_nothing_is_brought_for_the_register_itself(steward):
    with as_role("worker"):
        Source.objects.create(code="REGISTER", name="Data induk", kind="register")
    assert steward.get(at("dataset-upload", "REGISTER")).status_code == 404
    assert steward.get(at("source", "REGISTER")).status_code == 200


def test_the_admin_lists_lead_to_the_pages(steward):
    dataset = loaded(rows(3))
    page = steward.get(reverse("admin:reconciliation_dataset_changelist"))
    assert page.status_code == 200
    answer = steward.get(reverse("admin:reconciliation_dataset_change", args=[dataset.pk]))
    assert answer.url == at("dataset", dataset.pk)
