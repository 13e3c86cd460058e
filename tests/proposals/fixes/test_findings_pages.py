"""The officers' pages of a checked file: what they show to whom, and what a form changes."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.audit.models import Entry
from apps.casework.models import Document
from apps.demo.country import CODES
from apps.jobs.models import Job
from apps.proposals.fixes import row_fixes, rows
from apps.proposals.models import Batch, Fix, FixedRow, Proposal
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.proposals.sending import point, row, send

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def browser(signed_in, officer):
    answer = signed_in("regency_officer")
    answer.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return answer


@pytest.fixture(scope="module")
def sent(lasting):
    spot = point("A")
    turned = {"latitude": spot["longitude"], "longitude": spot["latitude"]}
    rows = [row(9000 + n, **turned) for n in range(1, 4)]
    rows += [row(9010, nik="12"), row(9011, nik="13"), row(9012)]
    with lasting():
        return send(rows, persona("regency_officer")).pk


@pytest.fixture
def batch(sent, officer, gate):
    gate(officer)
    return Batch.objects.get(pk=sent)


def work():
    with as_role("worker"):
        for job in Job.objects.filter(status="waiting", kind=row_fixes.FIX_ROWS):
            do(job)


def at(batch, *parts):
    return "/".join(["/proposals/batches", str(batch.pk), *map(str, parts)]) + "/"


def test_the_page_counts_and_lists_the_causes_largest_first(browser, batch):
    text = browser.get(at(batch)).content.decode()
    for count, words in ((4, "ready to submit"), (2, "must be fixed"), (3, "to be checked")):
        assert f'<span class="large">{count}</span> ' in text
        assert words in text
    assert text.index("Latitude and longitude are swapped") < text.index(
        "The NIK does not have 16 digits."
    )
    assert "Swap latitude and longitude for 3 rows" in text
    assert "Submit 4 rows" in text


def test_rows_that_are_under_review_elsewhere_are_not_offered_for_submitting(browser, batch):
    """The same rows came in another file, which was submitted first."""
    other = send([row(9001), row(9002), row(9060)], persona("regency_officer"))
    browser.post(at(other, "submit"))
    text = browser.get(at(batch)).content.decode()
    assert "Submit 2 rows" in text
    assert "2 rows stay: the same person and programme is under review already." in text
    browser.post(at(batch, "submit"))
    text = browser.get(at(batch)).content.decode()
    # what stays is ready still, but no button promises to submit it
    assert '<span class="large">2</span> ready to submit' in text
    assert at(batch, "submit") not in text


def test_who_only_looks_has_no_buttons(signed_in, batch):
    browser = signed_in("verifier")
    text = browser.get(at(batch)).content.decode()
    assert "<form" not in text.split('<main id="content"')[1]
    line = browser.get(at(batch, "findings", "nik_length")).content.decode()
    assert 'name="nik"' not in line


def test_a_whole_number_is_masked_and_a_broken_one_is_shown(browser, batch):
    text = browser.get(at(batch, "findings", "nik_length")).content.decode()
    assert 'value="12"' in text
    whole = browser.get(at(batch, "rows", 6)).content.decode()
    assert row(9012)["nik"] not in whole
    assert row(9012)["kk"] not in whole
    assert f"{row(9012)['nik'][:6]}••••••" in whole


def test_an_empty_field_over_a_masked_number_keeps_it(browser, batch):
    form = {"nik": "", "kk": "", "rt": "9", "seen": "0"}
    answer = browser.post(at(batch, "rows", 6), form)
    assert answer.status_code == 302
    work()
    with as_role("owner"):
        assert Proposal.objects.get(row_number=6).nik == row(9012)["nik"]
        assert FixedRow.objects.get().before == {"rt": "001"}
    text = browser.get(at(batch, "rows", 6)).content.decode()
    assert "before: 001" in text


def test_a_line_is_checked_again_and_says_so(browser, batch):
    form = {"nik": row(9010)["nik"], "seen": "0", "code": "nik_length"}
    answer = browser.post(at(batch, "rows", 4), form, headers=HTMX)
    assert "Being checked" in answer.content.decode()
    fix = Fix.objects.get()
    address = f"{at(batch, 'rows', 4)}?fix={fix.pk}&code=nik_length"
    assert "Being checked" in browser.get(address, headers=HTMX).content.decode()
    work()
    line = browser.get(address, headers=HTMX).content.decode()
    assert "ready to submit" in line
    assert "before: 12" in line


def test_a_line_that_missed_the_end_of_its_check_asks_once_more(browser, batch, monkeypatch):
    form = {"nik": row(9010)["nik"], "seen": "0", "code": "nik_length"}
    browser.post(at(batch, "rows", 4), form, headers=HTMX)
    address = f"{at(batch, 'rows', 4)}?fix={Fix.objects.get().pk}&code=nik_length"
    looked = rows.rows_of

    def then_work(*args, **more):
        found = looked(*args, **more)
        work()  # while the page is being made
        return found

    monkeypatch.setattr(rows, "rows_of", then_work)
    assert "hx-get" in browser.get(address, headers=HTMX).content.decode()
    monkeypatch.setattr(rows, "rows_of", looked)
    assert "ready to submit" in browser.get(address, headers=HTMX).content.decode()


def test_what_was_typed_stays_when_somebody_else_was_faster(browser, batch):
    form = {"nik": "44", "seen": "0", "code": "nik_length"}
    browser.post(at(batch, "rows", 4), form, headers=HTMX)
    work()
    answer = browser.post(at(batch, "rows", 4), form | {"nik": "4477"}, headers=HTMX)
    line = answer.content.decode()
    assert 'value="4477"' in line
    assert "was changed by" in line


def test_the_button_shows_first_and_acts_once(browser, batch):
    answer = browser.post(at(batch, "fixes"), {"code": "axes_swapped"})
    page = answer.headers["Location"]
    assert "is being worked out" in browser.get(page).content.decode()
    work()
    shown = browser.get(page).content.decode()
    assert "3 rows would change" in shown
    assert "Map: then" in shown
    drawn = browser.get(f"{page}points.json?when=after").json()
    assert {drawn["verdicts"][one[2]] for one in drawn["points"]} == {"inside"}
    for _press in range(2):
        browser.post(f"{page}apply/")
    work()
    done = browser.get(page).content.decode()
    assert "3 rows were changed" in done
    assert FixedRow.objects.count() == 3
    taken = browser.post(f"{page}undo/").headers["Location"]
    work()
    assert "3 rows were changed" in browser.get(taken).content.decode()
    assert "Taken back by" in browser.get(page).content.decode()


def test_a_button_of_another_finding_does_nothing(browser, batch):
    for code in ("nik_length", "no_such", ""):
        assert browser.post(at(batch, "fixes"), {"code": code}).status_code == 302
    assert Fix.objects.count() == 0


def test_submitting_twice_has_one_effect_and_says_when(browser, batch):
    work()
    first = browser.post(at(batch, "submit"), follow=True).content.decode()
    assert "4 rows submitted for review." in first
    second = browser.post(at(batch, "submit"), follow=True).content.decode()
    assert "submitted on" in second
    assert Proposal.objects.filter(status="submitted").count() == 4


def test_points_carry_row_numbers_and_no_protected_need(browser, officer, gate):
    gate(officer)
    batch = send([row(9001), row(9002, ppks="5"), row(9003, nik="1")], officer)
    drawn = browser.get(f"{at(batch)}points.json?of=all").json()
    assert sorted(one[3] for one in drawn["points"]) == [1, 3]
    assert drawn["protected"] == 1


def test_a_photo_as_correction_is_refused_in_words(browser, batch):
    photo = SimpleUploadedFile("foto.jpg", b"\xff\xd8\xff\xe0" + b"0" * 300)
    text = browser.post(at(batch, "corrections"), {"file": photo}).content.decode()
    assert 'id="wrong"' in text
    assert "foto.jpg" in text
    assert "No file was chosen" in browser.post(at(batch, "corrections")).content.decode()


def test_evidence_is_stored_once_and_opened_on_record(browser, batch):
    with as_role("owner"):
        Document.objects.filter(region_id=CODES["A"]).delete()
    assert (
        "Minutes were not uploaded for 1 of 1 villages" in browser.get(at(batch)).content.decode()
    )
    form = {"village": CODES["A"], "kind": "statement", "number": "3/SPTJM",
            "date": f"{timezone.localdate():%d-%m-%Y}"}  # fmt: skip
    for _time in range(2):
        file = io.BytesIO(b"%PDF-1.4\n%%EOF\n")
        file.name = "sptjm.pdf"
        assert browser.post(at(batch, "evidence"), form | {"file": file}).status_code == 302
    kept = Document.objects.get(region_id=CODES["A"])
    answer = browser.get(at(batch, "evidence", kept.pk))
    assert b"".join(answer.streaming_content) == b"%PDF-1.4\n%%EOF\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with as_role("owner"):
        assert Entry.objects.filter(subject=kept.subject, action="read").count() == 1


def test_an_empty_form_of_evidence_says_what_is_missing(browser, batch):
    text = browser.post(at(batch, "evidence")).content.decode()
    for words in ("The number is missing", "The date is missing", "No file was chosen"):
        assert words in text


def test_evidence_for_a_village_elsewhere_is_refused(browser, batch):
    form = {"village": CODES["I"], "kind": "minutes", "number": "1", "date": "02-11-2026"}
    file = io.BytesIO(b"%PDF-1.4\n%%EOF\n")
    file.name = "ba.pdf"
    text = browser.post(at(batch, "evidence"), form | {"file": file}).content.decode()
    assert "not among those" in text
    with as_role("owner"):
        assert not Document.objects.filter(number="1", region_id=CODES["I"]).exists()
