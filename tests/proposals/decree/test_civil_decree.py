"""Before the decree: others than matched are determined with a reason only, and are listed."""

from __future__ import annotations

import base64
import csv
import io
import re
import zlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.civilregister.states import CivilStatus
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals.civil.civil_check import CivilAnswer
from apps.proposals.decree import determination
from apps.proposals.models import Decree
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.civil.test_civil import MATCHED, NOT_MATCHED, note, note_four
from tests.proposals.decree.test_determination import DATE, run

pytestmark = pytest.mark.django_db

REASON = "Dinas telah mengunjungi keluarga yang berbeda."
DETERMINE = reverse("admin:proposals_decree_determine")


@pytest.fixture
def accepter(person):
    return person("pusdatin_verifier")


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), status="submitted")


@pytest.fixture
def rows(batch, accepter):
    return factory.proposals(batch, 4, status="accepted", step_by=accepter)


@pytest.fixture
def determiner(person, gate):
    user = person("determiner")
    gate(user)
    return user


@pytest.fixture
def browser(signed_in):
    browser = signed_in("determiner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def ask(by, reason=""):
    return determination.enqueue_decree(
        number="9/HUK/2026", date=DATE, region_code="97", by=by, now=NOW, civil_reason=reason
    )


def all_matched(rows):
    note(*(CivilAnswer(row.pk, MATCHED) for row in rows))


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_is_determined_while_one_is_not_matched(rows, determiner, reason):
    note_four(rows)
    with pytest.raises(DomainError, match="^civil_reason_missing") as refused:
        ask(determiner, reason)
    assert refused.value.params["others"] == 3
    assert not Decree.objects.exists()


def test_where_all_are_matched_no_reason_is_asked(rows, determiner):
    all_matched(rows)
    decree = run(ask(determiner)[1])
    assert decree.counts["civil"] == {
        "not_checked": 0,
        "matched": 4,
        "not_matched": 0,
        "failed": 0,
    }


def test_rows_that_the_determiner_accepted_need_no_reason(batch, accepter, determiner):
    all_matched(factory.proposals(batch, 2, status="accepted", step_by=accepter))
    factory.proposal(batch, first=5, status="accepted", step_by=determiner)
    assert run(ask(determiner)[1]).counts["left_out"] == {"own": 1}


def test_the_reason_and_the_counts_stay_with_the_decree_and_its_entry(rows, determiner):
    note_four(rows)
    decree = run(ask(determiner, f"  {REASON} ")[1])
    assert decree.civil_reason == REASON
    assert decree.counts["determined"] == 4
    assert decree.counts["civil"] == dict.fromkeys(CivilStatus.values, 1)
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.DECIDE)
        assert (entry.reason, entry.details["civil"]["not_matched"]) == (REASON, 1)
    # what was said stands still from then on
    assert note(*(CivilAnswer(row.pk, MATCHED) for row in rows)) == 0


def test_what_is_no_longer_matched_when_the_work_is_done_waits(rows, determiner):
    all_matched(rows)
    _decree, job = ask(determiner)
    note(CivilAnswer(rows[1].pk, NOT_MATCHED, ("deceased",)))
    decree = run(job)
    assert (decree.counts["determined"], decree.counts["left_out"]) == (3, {"civil": 1})
    assert decree.counts["left_out_rows"] == [[rows[1].pk, "civil"]]
    assert factory.status_of(rows[1]) == "accepted"


def test_of_two_rows_for_one_person_the_matched_one_is_taken(batch, accepter, determiner):
    nik = factory.nik_of(70)
    first, second = factory.proposals(batch, 2, status="accepted", step_by=accepter, nik=nik)
    all_matched([first, second])
    _decree, job = ask(determiner)
    note(CivilAnswer(first.pk, NOT_MATCHED, ("name",)))
    run(job)
    assert [factory.status_of(row) for row in (first, second)] == ["accepted", "determined"]


def test_the_annex_says_of_each_row_what_the_civil_register_said(rows, determiner):
    note_four(rows)
    decree = run(ask(determiner, REASON)[1])
    text = (Path(settings.MEDIA_ROOT) / decree.annex_csv.name).read_text("utf-8-sig")
    found = [(line["padan_dukcapil"], line["beda_dukcapil"]) for line in _lines(text)]
    assert sorted(found) == [
        ("belum diperiksa", ""),
        ("layanan gagal", ""),
        ("padan", ""),
        ("tidak padan", "nama, tanggal lahir"),
    ]


def test_the_annex_on_paper_bears_the_reason(rows, determiner):
    note_four(rows)
    decree = run(ask(determiner, REASON)[1])
    paper = (Path(settings.MEDIA_ROOT) / decree.annex_pdf.name).read_bytes()
    text = b"".join(
        zlib.decompress(base64.a85decode(part, adobe=False))
        for part in re.findall(rb"stream\r?\n(.*?)~>", paper, re.DOTALL)
    )
    assert REASON.encode() in text
    assert text.count(b"tidak padan") == 1


def _lines(text):
    return csv.DictReader(io.StringIO(text))


def test_the_page_counts_asks_for_the_reason_in_words_and_lists_the_rows(rows, browser):
    note_four(rows)
    assert dict(browser.get(DETERMINE).context["civil"]) == dict.fromkeys(CivilStatus.values, 1)
    form = {"number": "9/HUK/2026", "date": "20-11-2026", "region": "97"}
    text = browser.post(DETERMINE, form).content.decode()
    assert "3 of 4 accepted proposals in region 97" in text
    assert 'href="#civil_reason"' in text
    checked = browser.post(DETERMINE, form | {"civil_reason": REASON})
    assert dict(checked.context["preview"].civil) == dict.fromkeys(CivilStatus.values, 1)
    assert not Job.objects.exists()
    confirmed = form | {"civil_reason": REASON, "expected": "4"}
    assert browser.post(DETERMINE, confirmed).status_code == 302
    with as_role("worker"):
        do(Job.objects.get())
        decree = Decree.objects.get()
    shown = browser.get(reverse("admin:proposals_decree_change", args=[decree.pk]))
    assert REASON in shown.content.decode()
    assert {row.pk for row in shown.context["other_rows"]} == {
        rows[0].pk,
        rows[2].pk,
        rows[3].pk,
    }
    listed = browser.get(shown.context["others_address"] + "&view=table").content.decode()
    assert rows[2].name in listed
    assert rows[1].name not in listed


def command(*more):
    out = io.StringIO()
    call_command(
        *("determine", "--as", "determiner-ID", "--decree", "9/HUK/2026"),
        *("--date", "2026-11-20", *more),
        stdout=out,
    )
    return out.getvalue()


def test_the_command_refuses_in_words_without_a_reason_and_ends_with_two(
    batch, accepter, determiner
):
    """Of the four only the counts are named."""
    row = factory.proposal(batch, status="accepted", step_by=accepter)
    with as_role("worker"), pytest.raises(CommandError) as refused:
        command()
    assert refused.value.returncode == 2
    assert row.nik not in str(refused.value)
