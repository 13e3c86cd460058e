"""Evidence of villages: what is taken, what is kept of it, who may bring it."""

from __future__ import annotations

import io
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from apps.accounts.access import Scope
from apps.audit.models import Entry
from apps.casework import documents
from apps.casework.calendar import calendar_on
from apps.casework.models import Cycle, Document
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.regions.models import Region
from tests.base import forget_cycles
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def bring(officer, content=PDF, name="ba.pdf", village="A", **fields):
    known = {
        "region_code": CODES[village],
        "kind": "minutes",
        "number": " 12/BA / 2026 ",
        "date": timezone.localdate(),
        "cycle": documents.cycle_at(timezone.localdate()),
        "file": io.BytesIO(content),
        "file_name": name,
        "by": officer,
        "now": timezone.now(),
    }
    return documents.receive(**known | fields)


def photo(size=(400, 300), kind="JPEG", **options):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "KAMERA RAHASIA"
    exif[0x0112] = 6  # turned by the phone
    Image.new("RGB", size, "white").save(out, kind, exif=exif, **options)
    return out.getvalue()


def test_a_pdf_is_kept_as_it_came_and_only_for_reading(officer):
    kept = bring(officer)
    path = Path(kept.file.path)
    assert path.read_bytes() == PDF
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (kept.number, kept.cycle.name, kept.by_name) == (
        "12/BA / 2026",
        "November 2026",
        str(officer),
    )
    assert kept.sha256 == kept.sent_sha256
    with as_role("owner"):
        assert Entry.objects.filter(subject=kept.subject, action="create").count() == 1


def test_a_photo_is_redrawn_without_the_metadata_of_its_camera(officer):
    sent = photo()
    kept = bring(officer, sent, "foto.jpg")
    stored = Path(kept.file.path).read_bytes()
    assert b"RAHASIA" in sent
    assert b"RAHASIA" not in stored
    assert kept.media_type == "image/jpeg"
    assert Image.open(io.BytesIO(stored)).size == (300, 400)


def test_a_large_photo_becomes_readable_and_small(officer):
    kept = bring(officer, photo((4000, 3000)), "foto.jpg")
    assert max(Image.open(kept.file.path).size) == documents.LONGEST_SIDE_PX


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "kosong.pdf", "document_empty"),
        (b"#!/bin/sh\nrm -rf /\n", "ba.pdf", "document_unknown"),
        (b"%PDF-1.4 cut off", "ba.pdf", "document_unknown"),
        (b"MZ\x90\x00", "foto.jpg", "document_unknown"),
        (b"\xff\xd8\xff\xe0 no picture", "foto.jpg", "document_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "foto.svg", "document_unknown"),
        (b"%PDF-" + b"0" * documents.MOST_BYTES, "besar.pdf", "document_too_large"),
    ],
)
def test_a_file_that_is_not_a_document_is_refused_and_not_stored(officer, content, name, code):
    before = Document.objects.count()
    with pytest.raises(DomainError) as refused:
        bring(officer, content, name)
    assert refused.value.code == code
    assert name in refused.value.text
    assert Document.objects.count() == before


def test_a_picture_that_would_fill_the_memory_is_refused(officer, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PIXELS", 1_000)
    with pytest.raises(DomainError):
        bring(officer, photo(), "foto.jpg")


@pytest.mark.parametrize("days", [1, -400])
def test_an_impossible_date_is_refused(officer, days):
    with pytest.raises(DomainError, match="document_date"):
        bring(officer, date=timezone.localdate() + timedelta(days=days))


def test_the_same_file_twice_is_one_document(officer):
    assert bring(officer) == bring(officer)


@pytest.mark.parametrize(
    "corrected", [{"number": "13/BA"}, {"kind": "statement"}, {"date": date(2026, 11, 1)}]
)
def test_the_same_file_with_a_corrected_entry_is_stored_and_counts(officer, corrected):
    first = bring(officer)
    second = bring(officer, **corrected)
    assert second != first
    ((name, value),) = corrected.items()
    assert getattr(second, name) == value
    assert second.sent_sha256 == first.sent_sha256
    assert Path(second.file.path).read_bytes() == PDF
    assert documents.latest_of([CODES["A"]], first.cycle) == {CODES["A"]: second}
    assert second in Document.objects.uncorrected()
    assert first not in Document.objects.uncorrected()


def test_an_older_document_that_is_sent_again_counts_again(officer):
    first = bring(officer)
    bring(officer, PDF + b"2\n%%EOF")
    again = bring(officer)
    assert again != first
    assert documents.latest_of([CODES["A"]], first.cycle) == {CODES["A"]: again}
    assert bring(officer) == again


def test_evidence_about_a_person_is_no_minutes_of_the_village(officer):
    """Both without a cycle, from the same file."""
    with as_role("owner"):
        forget_cycles()
    known = {"file": io.BytesIO(PDF), "file_name": "ba.pdf", "by": officer, "now": timezone.now()}
    village = Region.objects.get(code=CODES["A"])
    first = documents.receive_evidence(region=village, number="1", **known)
    assert bring(officer, cycle=None).kind == "minutes"
    again = documents.receive_evidence(
        region=village, number="1", **known | {"file": io.BytesIO(PDF)}
    )
    assert again == first


def test_a_later_document_counts(officer):
    first = bring(officer)
    second = bring(officer, PDF + b"2\n%%EOF")
    latest = documents.latest_of([CODES["A"]], first.cycle)
    assert latest == {CODES["A"]: second}


@pytest.mark.parametrize("village", ["I", "E"])
def test_evidence_for_a_village_outside_the_scope_is_refused(officer, village):
    with pytest.raises(DomainError, match="document_village"):
        bring(officer, village=village)


def test_evidence_for_a_regency_is_refused(officer):
    with pytest.raises(DomainError, match="document_village"):
        bring(officer, region_code="97.01")


def test_documents_elsewhere_are_out_of_sight(officer):
    assert not Document.objects.filter(region_id=CODES["I"]).exists()
    assert not Document.objects.within(Scope()).exists()


def test_of_two_open_cycles_the_one_that_closes_first_counts_for_evidence_and_batches(role):
    with role("owner"):
        today = timezone.localdate()
        sooner = Cycle.objects.create(
            name="Susulan",
            opens_date=today,
            cutoff_date=today + timedelta(days=3),
            draw_date=today + timedelta(days=4),
        )
    assert documents.cycle_at(today) == calendar_on(today).open == sooner
