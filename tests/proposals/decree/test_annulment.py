"""A decree is annulled by another one, by somebody else, on its page."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.audit.models import Entry
from apps.casework.models import Notice
from apps.jobs.models import Job
from apps.proposals.decree import annulment
from apps.proposals.families import family_states
from apps.proposals.models import Decree, Proposal
from apps.registry.models import Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory
from tests.proposals.decree.test_admin_decrees import NUMBER, determine, page

pytestmark = pytest.mark.django_db

GIVEN = {
    "number": "99/HUK/2026",
    "date": "27-11-2026",
    "reason": "Lampirannya memuat desa yang salah.",
}


@pytest.fixture
def decree(signed_in, person):
    """In force, with five persons, by the determiner."""
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 5, status="accepted", step_by=person("pusdatin_verifier"))
    determine(signed_in("determiner"))
    with as_role("worker"):
        do(Job.objects.get())
    return current()


@pytest.fixture
def other(signed_in):
    """A browser of a second person who may determine."""
    browser = signed_in("determiner", name="second-determiner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def current() -> Decree:
    with as_role("owner"):
        return Decree.objects.get()


def annul(browser, decree, **given):
    return browser.post(page(decree, "annul"), GIVEN | given)


def ended(browser, decree):
    annul(browser, decree)
    with as_role("worker"):
        do(Job.objects.get(kind=annulment.ANNUL))
    return current()


def statuses():
    with as_role("owner"):
        return sorted(Person.objects.values_list("status", flat=True))


def test_the_page_counts_what_would_leave_the_register_before_anything_is_done(decree, other):
    shown = other.get(page(decree, "annul")).content.decode()
    assert "persons leave the register" in shown
    assert statuses() == ["active"] * 5
    assert current().status == Decree.Status.IN_FORCE


def test_another_determiner_brings_the_register_back(decree, other):
    row = ended(other, decree)
    assert statuses() == ["removed"] * 5
    assert row.status == Decree.Status.ANNULLED
    shown = other.get(page(row)).content.decode()
    assert "This decree was annulled" in shown
    assert GIVEN["reason"] in shown
    assert page(row, "annul") not in shown


def test_the_regency_of_its_rows_is_told(decree, other, person, signed_in):
    told = [person("verifier"), person("head_of_office")]
    person("verifier", "97.02")
    ended(other, decree)
    with as_role("owner"):
        found = Notice.objects.filter(kind="decree_annulled")
        assert {one.user for one in found} == set(told)
        assert {one.count for one in found} == {5}
    browser = signed_in("verifier")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    words = browser.get("/proposals/notices/").content.decode()
    assert f"Decree {NUMBER}, which determined 5 proposals of your region, was annulled" in words
    assert "by decree 99/HUK/2026 of" in words


def test_a_page_counts_no_decree_of_very_many_rows(decree, other, monkeypatch):
    monkeypatch.setattr(annulment, "MOST_COUNTED", 4)
    with CaptureQueriesContext(connection) as asked:
        shown = other.get(page(decree, "annul")).content.decode()
    assert "The decree put 5 proposals into the register" in shown
    assert "persons leave the register" not in shown
    assert not any("registry_personversion" in one["sql"] for one in asked)
    assert "Write the number of the other" in annul(other, decree, number=NUMBER).content.decode()
    assert ended(other, decree).status == Decree.Status.ANNULLED


def test_who_determined_does_not_annul(decree, signed_in):
    browser = signed_in("determiner")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "You determined decree" in browser.get(page(decree, "annul")).content.decode()
    annul(browser, decree)
    assert not Job.objects.filter(kind=annulment.ANNUL).exists()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"number": NUMBER}, "Write the number of the other decree"),
        ({"reason": "salah"}, "shorter than 10"),
        ({"date": "31-02-2026"}, "There is a problem"),
    ],
)
def test_what_is_missing_is_said_and_the_input_stays(decree, other, given, words):
    shown = annul(other, decree, **given).content.decode()
    assert words in shown
    assert not Job.objects.filter(kind=annulment.ANNUL).exists()


def test_two_who_annul_make_one_job_and_a_second_annulment_is_refused(decree, other):
    annul(other, decree)
    assert "under way already" in annul(other, decree).content.decode()
    assert Job.objects.filter(kind=annulment.ANNUL).count() == 1
    with as_role("worker"):
        do(Job.objects.get(kind=annulment.ANNUL))
    assert "Only a decree that is in force" in annul(other, decree).content.decode()


def test_the_list_of_differences_is_masked_and_its_download_is_on_record(decree, other):
    row = ended(other, decree)
    answer = other.get(page(row, "annex", "differences"))
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(StringIO(text)))
    persons = [one for one in rows if one["jenis"] == "orang"]
    assert {one["tindakan"] for one in persons} == {"keluar dari data induk"}
    assert len({one["nomor"] for one in persons}) == 5
    with as_role("owner"):
        niks = list(Proposal.objects.values_list("nik", flat=True))
        assert Entry.objects.filter(details__file="differences").count() == 1
    assert not any(nik in text for nik in niks)


def test_the_village_officer_reads_that_the_family_can_be_proposed_again(decree, other):
    ended(other, decree)
    with as_role("owner"):
        row = Proposal.objects.select_related("decree").first()
        words = family_states._determined(row)
    assert "99/HUK/2026" in words
    assert GIVEN["reason"] in words


def test_the_command_counts_first_and_then_annuls(decree, other, capsys):
    given = {"username": "second-determiner", "decree": NUMBER}
    with as_role("worker"):
        call_command("annul_decree", **given, check=True)
        assert "5 " in capsys.readouterr().out
        assert current().status == Decree.Status.IN_FORCE
        with pytest.raises(CommandError):
            call_command("annul_decree", **given, by="99/HUK/2026", reason="salah")
        call_command("annul_decree", **given, by="99/HUK/2026", reason=GIVEN["reason"], json=True)
    assert '"persons_removed": 5' in capsys.readouterr().out
    assert current().status == Decree.Status.ANNULLED


def test_the_address_of_a_foreign_decree_is_not_found(decree, signed_in):
    assert signed_in("verifier").get(page(decree, "annul")).status_code in (403, 404)
    assert reverse("admin:proposals_decree_annul", args=[decree.pk]).endswith("/annul/")
