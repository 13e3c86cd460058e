"""Decrees in the admin: what waits per regency, the decree's page, its annex."""

from __future__ import annotations

import hashlib

import pytest
from django.urls import reverse

from apps.audit.models import Action, Entry
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.models import Decree
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory

pytestmark = pytest.mark.django_db

NUMBER = "88/HUK/2026"
REASON = "Dukcapil belum dapat ditanya."


@pytest.fixture
def accepted(person):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("pusdatin_verifier")
    return factory.proposals(batch, 5, status="accepted", step_by=by)


def determine(browser, **given):
    known = {"number": NUMBER, "date": "20-11-2026", "region": "97", "civil_reason": REASON}
    shown = browser.post(reverse("admin:proposals_decree_determine"), known | given)
    if "preview" not in (shown.context or {}):
        return shown
    preview = shown.context["preview"]
    confirmed = known | given | {"expected": preview.waiting, "seen": preview.seen}
    return browser.post(reverse("admin:proposals_decree_determine"), confirmed)


def decree() -> Decree:
    with as_role("owner"):
        return Decree.objects.get()


def in_force() -> Decree:
    with as_role("worker"):
        do(Job.objects.get())
    return decree()


def page(row: Decree, name: str = "change", *more: str) -> str:
    return reverse(f"admin:proposals_decree_{name}", args=[row.pk, *more])


def test_a_page_that_missed_the_end_asks_once_more_and_reloads(english, accepted):
    """The decree was read before the worker's last transaction, its job after it."""
    browser = english("determiner")
    determine(browser)
    with as_role("owner"):
        Job.objects.update(status=Job.Status.RUNNING)
        Job.objects.update(status=Job.Status.DONE)
    asks = page(decree(), "progress")
    assert f'hx-get="{asks}"' in browser.get(page(decree())).content.decode()
    assert browser.get(asks)["HX-Refresh"] == "true"
    with as_role("owner"):
        Decree.objects.update(status=Decree.Status.IN_FORCE)
    assert "hx-get" not in browser.get(page(decree())).content.decode()


def test_a_cancelled_decree_says_so_and_is_resumed_on_its_page(english, accepted):
    browser = english("determiner")
    determine(browser)
    with as_role("owner"):
        work.cancel(Job.objects.get())
    shown = browser.get(page(decree())).content.decode()
    assert "The determination was cancelled" in shown
    assert f'action="{page(decree(), "resume")}"' in shown
    browser.post(page(decree(), "resume"))
    with as_role("worker"):
        do(Job.objects.latest("pk"))
    assert decree().counts["determined"] == 5


def test_the_page_counts_what_waits_in_each_regency(english, accepted):
    shown = english("determiner").get(reverse("admin:proposals_decree_determine"))
    assert shown.context["accepted"] == [("97.01", "Kabupaten Barat Lor", 5)]


def test_a_decree_puts_the_rows_into_the_register_and_offers_its_annex(english, accepted):
    browser = english("determiner")
    answer = determine(browser)
    assert answer["Location"] == page(decree())
    assert "The register is being changed" in browser.get(answer["Location"]).content.decode()
    shown = browser.get(page(in_force())).content.decode()
    assert "In force" in shown
    assert decree().annex_csv_sha256 in shown
    assert factory.status_of(accepted[0]) == "determined"


def test_fetching_the_annex_is_on_record(english, accepted):
    browser = english("determiner")
    determine(browser)
    row = in_force()
    answer = browser.get(page(row, "annex", "csv"))
    assert answer["Content-Disposition"] == 'attachment; filename="lampiran-88huk2026.csv"'
    assert answer["Cache-Control"] == "private, no-store"
    assert accepted[0].name in b"".join(answer.streaming_content).decode()
    pdf = browser.get(page(row, "annex", "pdf"))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    with as_role("owner"):
        found = Entry.objects.filter(action=Action.EXPORT).values_list("details__file", flat=True)
        assert sorted(found) == ["csv", "pdf"]


def test_whole_numbers_are_for_those_who_may_reveal_them_and_on_record_with_their_number(
    english, accepted
):
    browser = english("determiner")
    determine(browser)
    row = in_force()
    for kind in ("csv", "pdf"):
        answer = browser.get(page(row, "annex", f"whole-{kind}"))
        content = b"".join(answer.streaming_content)
        assert hashlib.sha256(content).hexdigest() == getattr(row, f"whole_{kind}_sha256")
        assert answer["Content-Disposition"].endswith(f'-88huk2026-lengkap.{kind}"')
        if kind == "csv":
            assert all(one.nik in content.decode() for one in accepted)
    text = browser.get(page(row)).content.decode()
    assert row.whole_pdf_sha256 in text
    assert "Download whole annex (CSV)" in text
    with as_role("owner"):
        found = Entry.objects.filter(action=Action.EXPORT, details__numbers="whole")
        assert {(one.details["file"], one.details["rows"]) for one in found} == {
            ("whole-csv", 5),
            ("whole-pdf", 5),
        }


def test_who_may_not_reveal_numbers_gets_the_masked_annex_alone(english, accepted, person):
    determine(english("determiner"), region="97.01")
    row = in_force()
    head = english("head_of_office")
    text = head.get(page(row)).content.decode()
    assert "whole-csv" not in text
    assert row.whole_csv_sha256 in text  # whoever is shown the whole one can be believed
    assert head.get(page(row, "annex", "csv")).status_code == 200
    for kind in ("whole-csv", "whole-pdf"):
        assert head.get(page(row, "annex", kind)).status_code == 404
    with as_role("owner"):
        assert not Entry.objects.filter(details__numbers="whole").exists()


@pytest.mark.parametrize("kind", ["xlsx", "number", "status", "whole", "whole-xlsx"])
def test_nothing_but_the_annex_is_fetched(english, accepted, kind):
    browser = english("determiner")
    determine(browser)
    assert browser.get(page(in_force(), "annex", kind)).status_code == 404


def test_an_annex_that_is_not_made_yet_is_missing(english, accepted):
    browser = english("determiner")
    determine(browser)
    assert browser.get(page(decree(), "annex", "csv")).status_code == 404


def test_a_number_that_exists_is_refused_in_words_and_nothing_typed_is_lost(english, accepted):
    browser = english("determiner")
    determine(browser)
    answer = determine(browser, date="21-11-2026")
    text = answer.content.decode()
    assert "exists already" in text
    assert "21-11-2026" in text


def test_an_american_date_is_refused(english, accepted):
    assert determine(english("determiner"), date="11/20/2026").status_code == 200
    assert not Job.objects.exists()


def test_who_does_not_determine_has_no_button_and_no_door(english, accepted):
    browser = english("pusdatin_verifier")
    assert determine(browser).status_code == 403
    listed = browser.get(reverse("admin:proposals_decree_changelist"))
    assert "Determine by decree" not in listed.content.decode()


def test_a_decree_of_a_province_is_outside_a_regency(english, accepted):
    determine(english("determiner"))
    row = in_force()
    head = english("head_of_office")
    assert head.get(page(row)).status_code == 404
    assert head.get(page(row, "annex", "csv")).status_code == 404
