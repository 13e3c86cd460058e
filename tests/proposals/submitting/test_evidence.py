"""Evidence of villages on its page: one document for several, several documents at once."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.audit.models import Action, Entry
from apps.casework.models import Document
from tests.conftest import as_role
from tests.pdf_files import pdf
from tests.proposals.sending import A, B, C, as_csv, check, point, receive, row

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


@pytest.fixture
def batch(person):
    """A file about three villages that have no evidence yet."""
    with as_role("owner"):
        Document.objects.all().delete()
    rows = [
        row(9001),
        row(9002, village_code=B, **point("B")),
        row(9003, village_code=C, **point("C")),
    ]
    return check(receive(as_csv(rows), person("regency_officer")))


@pytest.fixture
def browser(signed_in):
    return signed_in("regency_officer")


def paper(name: str = "ba.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def stored() -> list[tuple[str, str, str]]:
    with as_role("owner"):
        rows = Document.objects.order_by("region_id")
        return list(rows.values_list("region_id", "kind", "number"))


def test_one_document_is_stored_for_each_village_that_it_is_about(browser, batch):
    path = f"/proposals/batches/{batch.pk}/evidence/"
    page = browser.get(path).content.decode()
    assert f"village={A}&amp;village={B}&amp;village={C}" in page
    form = browser.get(f"{path}?village={A}&village={B}").content.decode()
    assert form.count('type="checkbox"') == 2
    answer = browser.post(
        path,
        {
            "village": [A, B],
            "kind": "minutes",
            "number": "7",
            "date": "01-11-2026",
            "file": paper(),
        },
    )
    assert answer.status_code == 302
    assert stored() == [(A, "minutes", "7"), (B, "minutes", "7")]


@pytest.mark.parametrize("villages", [[], ["98.01.01.2001"], [A, "98.01.01.2001"]])
def test_a_village_that_is_not_in_the_file_stores_nothing(browser, batch, villages):
    answer = browser.post(
        f"/proposals/batches/{batch.pk}/evidence/",
        {
            "village": villages,
            "kind": "minutes",
            "number": "7",
            "date": "01-11-2026",
            "file": paper(),
        },
    )
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert stored() == []


def test_several_documents_are_stored_at_once(browser, batch):
    path = f"/proposals/batches/{batch.pk}/evidence/"
    page = browser.get(f"{path}?several=1").content.decode()
    assert page.count('type="file"') == 3
    sent = {"several": "1", "kind": "statement"}
    for number, code in enumerate((A, C), 1):
        sent |= {
            f"{code}-number": f"{number}/BA",
            f"{code}-date": "01-11-2026",
            f"{code}-file": paper(f"{number}.pdf", PDF + b"%" + str(number).encode()),
        }
    assert browser.post(path, sent).status_code == 302
    assert stored() == [(A, "statement", "1/BA"), (C, "statement", "2/BA")]


def test_villages_beyond_those_of_one_request_are_said_and_reached(browser, batch, monkeypatch):
    monkeypatch.setattr("apps.proposals.submitting.views.MOST_DOCUMENTS", 2)
    path = f"/proposals/batches/{batch.pk}/evidence/"
    first = browser.get(f"{path}?several=1")
    assert [one["village"].code for one in first.context["document_lines"]] == [A, B]
    assert first.context["following"] == 1
    text = first.content.decode()
    assert 'id="more-villages"' in text
    assert f"several=1&amp;after={B}" in text
    rest = browser.get(f"{path}?several=1&after={B}")
    assert [one["village"].code for one in rest.context["document_lines"]] == [C]
    assert 'id="more-villages"' in rest.content.decode()
    sent = {"several": "1", "kind": "minutes", f"{C}-number": "3", f"{C}-date": "01-11-2026"}
    browser.post(f"{path}?several=1&after={B}", sent | {f"{C}-file": paper()})
    assert stored() == [(C, "minutes", "3")]
    assert 'id="more-villages"' not in browser.get(f"{path}?several=1").content.decode()


def test_a_faulty_document_holds_no_other_back_and_its_fault_is_shown_at_its_village(
    browser, batch
):
    sent = {"several": "1", "kind": "minutes"}
    for code, content in ((A, PDF), (B, b"MZ no document"), (C, PDF + b"%2")):
        sent |= {
            f"{code}-number": "" if code == C else "1",
            f"{code}-date": "01-11-2026",
            f"{code}-file": paper("surat.pdf", content),
        }
    answer = browser.post(f"/proposals/batches/{batch.pk}/evidence/?several=1", sent)
    page = answer.content.decode()
    assert [region for region, _kind, _number in stored()] == [A]
    assert f'href="#{B}-file"' in page
    assert f'href="#{C}-number"' in page
    assert f'id="{B}-file-wrong"' in page
    assert f'id="{A}-file"' not in page


def test_no_document_at_all_is_told(browser, batch):
    answer = browser.post(f"/proposals/batches/{batch.pk}/evidence/?several=1", {"several": "1"})
    assert 'role="alert"' in answer.content.decode()
    assert stored() == []


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [(pdf(2), 200, "image/jpeg"), (PDF, 422, "text/plain; charset=utf-8")],
)
def test_a_pdf_is_shown_as_a_picture_of_its_pages_never_itself(
    browser, batch, content, status, kind
):
    given = {"village": A, "kind": "minutes", "number": "7", "date": "01-11-2026"}
    path = f"/proposals/batches/{batch.pk}/evidence/"
    browser.post(path, {**given, "file": paper("ba.pdf", content)})
    with as_role("owner"):
        document = Document.objects.get()
    drawn = browser.get(f"{path}{document.pk}/?show=1")
    assert (drawn.status_code, drawn["Content-Type"]) == (status, kind)
    assert drawn["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"%PDF" not in drawn.content
    whole = browser.get(f"{path}{document.pk}/")
    assert whole["Content-Disposition"].startswith("attachment")
    assert b"".join(whole.streaming_content) == content
    with as_role("owner"):
        read = Entry.objects.filter(action=Action.READ, subject=document.subject)
        assert read.count() == 2
