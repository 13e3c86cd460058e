"""Uploads in parts: exactly at the offset, nothing doubled, nobody else's, and swept at last."""

from __future__ import annotations

import hashlib
import os
import re
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone

from apps.common.text.identity import masked
from apps.jobs.models import Job
from apps.proposals import columns
from apps.proposals.models import Batch, Upload
from apps.proposals.upload import column_mapping, template, upload_parts
from apps.regions.models import ForeignCode
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import FOREIGN, OWN, grant
from tests.proposals.sending import as_csv, row

pytestmark = pytest.mark.django_db

UPLOADS = "/proposals/uploads/"


@pytest.fixture
def signed_in(signed_in):
    """In English, whatever catalogue is compiled."""

    def make(*args, **kwargs):
        browser = signed_in(*args, **kwargs)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    return make


CONTENT = as_csv(row(9001 + n) for n in range(40))


def begun(browser, content=CONTENT, name="usulan.csv", **more):
    form = {"file_name": name, "size": len(content), "modified_ms": 1_700_000_000_000}
    form |= {"region": OWN, "sha256": hashlib.sha256(content).hexdigest()}
    return browser.post(UPLOADS, form | more)


def part(browser, address, offset, data):
    return browser.generic(
        "POST", address, data, "application/octet-stream", headers={"Upload-Offset": str(offset)}
    )


def sent(browser, content=CONTENT, step=1000, **more):
    """All parts of a file; returns the state after the last."""
    answer = begun(browser, content, **more).json()
    while (at := answer["offset"]) < len(content):
        answer = part(browser, answer["address"], at, content[at : at + step]).json()
    return answer


def test_parts_become_the_very_file(signed_in):
    browser = signed_in("regency_officer")
    answer = sent(browser)
    to = browser.post(answer["finish"]).json()["next"]
    batch = Batch.objects.get()
    assert to == f"/proposals/batches/{batch.pk}/"
    assert batch.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert batch.file.read() == CONTENT
    assert browser.get(to).status_code == 200


def test_a_part_with_another_offset_is_told_the_true_one(signed_in):
    browser = signed_in("regency_officer")
    address = begun(browser).json()["address"]
    assert part(browser, address, 0, CONTENT[:700]).json()["offset"] == 700
    for wrong in (0, 699, 701):
        answer = part(browser, address, wrong, CONTENT[wrong : wrong + 100])
        assert (answer.status_code, answer.json()["offset"]) == (409, 700)
    assert browser.get(address)["Upload-Offset"] == "700"
    assert browser.head(address)["Upload-Offset"] == "700"


def test_more_than_announced_is_not_taken(signed_in):
    browser = signed_in("regency_officer")
    address = begun(browser).json()["address"]
    answer = part(browser, address, 0, CONTENT + b"x")
    assert (answer.status_code, answer.json()["offset"]) == (409, 0)


def test_a_part_larger_than_allowed_is_refused(signed_in):
    browser = signed_in("regency_officer")
    content = b"NIK,NAMA\n" + b"1,A\n" * 400_000
    address = begun(browser, content).json()["address"]
    answer = part(browser, address, 0, content[: upload_parts.PART_BYTES + 1])
    assert (answer.status_code, answer.json()["most"]) == (413, upload_parts.PART_BYTES)


def test_the_same_file_another_day_goes_on_where_it_stopped(signed_in, person):
    first = begun(signed_in("regency_officer")).json()
    part(signed_in("regency_officer"), first["address"], 0, CONTENT[:900])
    again = begun(signed_in("regency_officer")).json()
    assert (again["id"], again["offset"]) == (first["id"], 900)
    page = signed_in("regency_officer").get("/proposals/batches/upload/").content.decode()
    assert 'data-name="usulan.csv"' in page
    assert f"1 kB of {round(len(CONTENT) / 1000)} kB have arrived" in page


def test_bytes_of_a_lost_transaction_are_written_over(signed_in):
    browser = signed_in("regency_officer")
    address = begun(browser).json()["address"]
    part(browser, address, 0, CONTENT[:900])
    with upload_parts.path_of(Upload.objects.get()).open("ab") as lost:
        lost.write(b"?" * 77)
    assert part(browser, address, 900, CONTENT[900:]).json()["offset"] == len(CONTENT)
    assert upload_parts.path_of(Upload.objects.get()).read_bytes() == CONTENT


def test_a_known_file_is_said_before_a_byte_is_sent(signed_in):
    browser = signed_in("regency_officer")
    browser.post(sent(browser)["finish"])
    answer = begun(browser, name="lain.csv").json()
    assert answer["batch"] == f"/proposals/batches/{Batch.objects.get().pk}/"
    assert "You uploaded this file on" in answer["text"]


def test_finishing_twice_is_one_batch(signed_in):
    browser = signed_in("regency_officer")
    finish = sent(browser)["finish"]
    first, second = browser.post(finish).json(), browser.post(finish).json()
    assert first == second
    assert Batch.objects.count() == 1


def test_a_file_changed_on_its_way_is_not_kept(signed_in):
    browser = signed_in("regency_officer")
    answer = begun(browser).json()
    part(browser, answer["address"], 0, CONTENT[:-1] + b"?")
    refused = browser.post(answer["finish"])
    assert refused.status_code == 422
    assert "was changed while it was sent" in refused.json()["wrong"]["file"]
    assert not Upload.objects.exists()


def test_finishing_early_tells_the_offset(signed_in):
    browser = signed_in("regency_officer")
    answer = begun(browser).json()
    part(browser, answer["address"], 0, CONTENT[:100])
    early = browser.post(answer["finish"])
    assert (early.status_code, early.json()["offset"]) == (409, 100)


@pytest.mark.parametrize("other", ["regency_officer", "pusdatin_verifier"])
def test_anothers_upload_is_not_there(signed_in, person, other):
    answer = begun(signed_in("regency_officer")).json()
    stranger = signed_in(other, name="orang-lain")
    assert stranger.get(answer["address"]).status_code == 404
    assert part(stranger, answer["address"], 0, b"x").status_code == 404
    for verb in ("finish", "settle", "remove"):
        assert stranger.post(f"{answer['address']}{verb}/").status_code == 404
    with as_role("owner"):
        assert Upload.objects.get().received == 0


def test_the_database_shows_no_upload_of_another(signed_in, person, gate):
    begun(signed_in("regency_officer"))
    with transaction.atomic():
        gate(person("pusdatin_verifier"))
        assert not Upload.objects.exists()
        gate(person("regency_officer"))
        assert Upload.objects.count() == 1


def test_an_ended_session_is_said_and_nothing_is_lost(signed_in, client):
    browser = signed_in("regency_officer")
    answer = begun(browser).json()
    part(browser, answer["address"], 0, CONTENT[:500])
    refused = part(client, answer["address"], 500, CONTENT[500:])
    assert refused.status_code == 401
    assert refused.json()["sign_in"].endswith("?next=%2Fproposals%2Fbatches%2Fupload%2F")
    assert begun(signed_in("regency_officer")).json()["offset"] == 500


def test_a_region_that_is_not_ones_own_is_refused(signed_in):
    answer = begun(signed_in("regency_officer"), region=FOREIGN)
    assert answer.status_code == 422
    assert "region" in answer.json()["wrong"]


def test_what_is_not_offered_is_not_stored(signed_in):
    browser = signed_in("regency_officer")
    begun(browser, user="1", user_id="1", received="9", parts="7", batch="1", batch_id="1", id="x")
    stored = Upload.objects.get()
    assert (stored.received, stored.parts, stored.batch_id) == (0, 0, None)
    assert str(stored.user) == str(browser.get("/").wsgi_request.user)


@pytest.mark.parametrize(
    ("name", "start", "words"),
    [
        ("rumah.jpg", b"\xff\xd8\xff\xe0" + b"\x00" * 90, "This is a photo (JPEG)"),
        ("surat.pdf", b"%PDF-1.7" + b"\x00" * 90, "This is a file of type PDF"),
    ],
)
def test_the_first_part_tells_what_is_no_table(signed_in, name, start, words):
    browser = signed_in("regency_officer")
    content = start + b"\x00" * 5_000
    address = begun(browser, content, name).json()["address"]
    refused = part(browser, address, 0, content[:1000])
    assert refused.status_code == 422
    assert words in refused.json()["wrong"]["file"]
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("size", "words"), [(0, "The file is empty"), (74_000_000, "File of 74 MB, the limit is 50 MB")]
)
def test_empty_and_too_large_are_refused_at_once(signed_in, size, words):
    answer = begun(signed_in("regency_officer"), size=size)
    assert answer.status_code == 422
    assert words in answer.json()["wrong"]["file"]


def test_so_many_files_may_wait_and_no_more(signed_in, monkeypatch):
    monkeypatch.setattr(upload_parts, "MOST_UNFINISHED", 2)
    browser = signed_in("regency_officer")
    answers = [begun(browser, CONTENT + b"\n" * n).status_code for n in range(3)]
    assert answers == [200, 200, 422]


# --- without a script ---------------------------------------------------------------------------


def form(content=CONTENT, name="usulan.csv", **more):
    return {"file": SimpleUploadedFile(name, content), "region": OWN} | more


def test_without_a_script_the_form_sends_the_whole_file(signed_in):
    browser = signed_in("regency_officer")
    to = browser.post("/proposals/batches/upload/", form())["Location"]
    again = browser.post("/proposals/batches/upload/", form(), follow=True)
    assert again.redirect_chain[-1][0] == to
    assert "You uploaded this file on" in again.content.decode()
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("given", [{}, {"region": OWN}, {"file": "x"}])
def test_the_form_says_what_is_missing(signed_in, given):
    if "file" in given:
        given = {"file": SimpleUploadedFile("a.csv", CONTENT)}
    page = signed_in("pusdatin_verifier").post("/proposals/batches/upload/", given)
    assert "There is a problem" in page.content.decode()
    assert not Upload.objects.exists()


# --- what its sender is asked ---------------------------------------------------------------------


def settled(browser, content=CONTENT, name="usulan.csv"):
    """The page with the questions about a file, and its address."""
    to = browser.post("/proposals/batches/upload/", form(content, name))["Location"]
    assert to.endswith("/settle/"), to
    return browser.get(to).content.decode(), to


def columns_of(content):
    return {f"column_{name}": str(at) for at, name in enumerate(template.columns.COLUMNS)}


def test_the_file_of_another_month_is_asked_about_and_not_refused(signed_in):
    browser = signed_in("regency_officer")
    page, to = settled(browser, name="usulan_oktober_2026.csv")
    assert "October 2026, but the open cycle is November 2026" in page
    answer = browser.post(to, columns_of(CONTENT))
    assert answer["Location"] == f"/proposals/batches/{Batch.objects.get().pk}/"


def test_a_template_of_last_year_is_told_with_what_changed(signed_in):
    browser = signed_in("regency_officer")
    mark = b",TEMPLAT DTKS 2025.1\r\n"
    old = CONTENT.replace(b"PPKS", b"GOLONGAN LAMA").replace(b"\r\n", mark, 1)
    page, _to = settled(browser, old)
    assert "This is the template 2025.1" in page
    assert "New since then: KODE PPKS" in page
    assert "No longer read: KODE GOLONGAN LAMA" in page


def test_unknown_columns_are_matched_by_their_samples(signed_in):
    browser = signed_in("regency_officer")
    content = CONTENT.replace(b",NAMA,", b",A1,", 1)
    page, to = settled(browser, content)
    assert "Not certain from line 1: NAMA" in page
    assert f"NIK — {masked(row(9001)['nik'])}" in page
    assert "A1 — SITI AMINAH" in page
    assert row(9001)["nik"] not in page
    assert "Columns of the file that are not used: A1." in page
    wrong = browser.post(to, columns_of(content) | {"column_name": ""})
    assert "Still without a column: NAMA" in wrong.content.decode()
    browser.post(to, columns_of(content))
    assert Batch.objects.get().mapping["name"] == 3


def test_what_only_looks_like_a_needed_column_is_proposed_and_asked_for(signed_in):
    browser = signed_in("regency_officer")
    page, _to = settled(browser, CONTENT.replace(b",NAMA,", b",NAMA PENGUSUL,", 1))
    assert "Not certain from line 1: NAMA" in page
    label = page[page.index('<label for="column_name">') :].partition("</label>")[0]
    assert "proposed by its heading" in label


def test_a_column_told_by_its_cells_is_used_without_asking_and_named(signed_in):
    browser = signed_in("regency_officer")
    content = CONTENT.replace(b"NIK,", b"A1,", 1).replace(b"KODE PPKS", b"CATATAN", 1)
    to = browser.post("/proposals/batches/upload/", form(content))["Location"]
    batch = Batch.objects.get()
    assert (to, batch.mapping["nik"]) == (f"/proposals/batches/{batch.pk}/", 0)
    with as_role("worker"):
        do(Job.objects.latest("pk"))
    page = browser.get(to).content.decode()
    assert "Not used: CATATAN." in page
    assert "NIK = “A1”" in page


def test_who_works_for_several_regions_chooses_among_them_and_is_told_of_a_slip(signed_in, person):
    with as_role("owner"):
        grant(person("regency_officer"), "regency_officer", "97.02")
    browser = signed_in("regency_officer")
    page = browser.get("/proposals/batches/upload/").content.decode()
    offered = re.findall('type="radio" name="region" value="([0-9.]+)"', page)
    assert sorted(offered) == ["97.01", "97.02"]
    content = as_csv(row(9001 + n, village_code="97.02.01.2001") for n in range(3))
    page, _to = settled(browser, content)
    assert "Most of the first rows are of another region of yours: 97.02 " in page
    assert "(3)" in page


def test_codes_of_bps_are_recognised_and_chosen(signed_in):
    with as_role("owner"):
        ForeignCode.objects.create(
            region_id=row()["village_code"], system="bps", code="9701099009", vintage="2026"
        )
    browser = signed_in("regency_officer")
    content = as_csv(row(9001 + n, village_code="9701099009") for n in range(3))
    page, to = settled(browser, content)
    assert "Code 9701099009 is not in Kemendagri" in page
    assert 'value="bps" checked' in " ".join(page.split()).replace('value="bps" ', 'value="bps" ')
    browser.post(to, columns_of(content) | {"code_system": "bps"})
    assert Batch.objects.get().code_system == "bps"


def test_another_file_may_be_chosen_instead(signed_in):
    browser = signed_in("regency_officer")
    _page, to = settled(browser, name="usulan_oktober_2026.csv")
    browser.post(to.replace("settle", "remove"))
    assert not Upload.objects.exists()


# --- sweeping -------------------------------------------------------------------------------------


def test_what_nobody_came_back_for_is_swept(signed_in, django_capture_on_commit_callbacks):
    browser = signed_in("regency_officer")
    address = begun(browser).json()["address"]
    part(browser, address, 0, CONTENT[:500])
    path = upload_parts.path_of(Upload.objects.get())
    stray, fresh = path.with_name("f" * 32), path.with_name("e" * 32)
    for one in (stray, fresh):
        one.write_bytes(b"x")
    yesterday = time.time() - upload_parts.ORPHAN_S - 60
    os.utime(stray, (yesterday, yesterday))
    with as_role("worker"), django_capture_on_commit_callbacks(execute=True):
        assert (
            upload_parts.sweep(now=timezone.now() + upload_parts.KEPT - timedelta(minutes=1)) == 1
        )
    assert (stray.exists(), fresh.exists(), path.exists()) == (False, True, True)
    with as_role("worker"), django_capture_on_commit_callbacks(execute=True):
        assert (
            upload_parts.sweep(now=timezone.now() + upload_parts.KEPT + timedelta(minutes=1)) == 1
        )
    assert not path.exists()
    with as_role("worker"):
        assert not Upload.objects.exists()


def test_the_village_is_needed_by_its_code_or_by_its_name():
    ours = {one.name: one for one in column_mapping.our_columns({})}
    assert ours["village_code"].other == columns.TEMPLATE["village_name"]
    assert ours["village_name"].other == columns.TEMPLATE["village_code"]
    assert ours["nik"].is_needed
    assert not ours["nik"].other
