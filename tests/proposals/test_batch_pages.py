"""The officers' list of files, and a file's page while it is checked."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from apps.jobs.models import Job
from apps.proposals.models import Batch
from apps.proposals.pages import batch_lists
from apps.proposals.pages.batch_lists import BatchFilter
from apps.ui.paging import PAGE, Page
from portal import tasks
from tests.conftest import as_role
from tests.personas import SIBLING
from tests.proposals import factory
from tests.proposals.sending import as_csv, receive, row

pytestmark = pytest.mark.django_db

LIST = "/proposals/batches/"


@pytest.fixture
def ask(signed_in):
    def asked(path=LIST, who="regency_officer", **query):
        browser = signed_in(who)
        return browser.get(path, query, headers={"accept-language": "en"}).content.decode()

    return asked


def test_an_empty_list_has_the_one_button(ask):
    page = ask()
    assert "No file is here yet." in page
    assert "Upload the first one" in page
    assert "Upload the first one" not in ask(who="verifier")


def test_what_waits_is_what_the_filter_shows(ask, person):
    officer = person("regency_officer")
    factory.batch(officer, file_name="perbaiki.csv", counts={"held": 3, "ready": 0})
    factory.batch(officer, file_name="ajukan.csv", counts={"held": 0, "ready": 4})
    factory.batch(officer, file_name="berhenti.csv", status="failed")
    shown = {waits: ask(waits=waits) for waits in ("", *batch_lists.WAITS)}
    for waits, name in (("held", "perbaiki"), ("ready", "ajukan"), ("failed", "berhenti")):
        assert [one in shown[waits] for one in ("perbaiki", "ajukan", "berhenti")] == [
            one == name for one in ("perbaiki", "ajukan", "berhenti")
        ]
        assert name in shown[""]


def test_ones_office_is_shown_and_the_whole_region_on_demand(ask, person):
    factory.batch(person("regency_officer"), file_name="kabupaten.csv")
    factory.batch(person("village_officer"), region="97.01.01.2001", file_name="desa.csv")
    factory.batch(person("regency_officer", SIBLING), region=SIBLING, file_name="tetangga.csv")
    mine, everything = ask(), ask(of="all")
    assert "kabupaten.csv" in mine
    assert "desa.csv" in everything
    assert "tetangga.csv" not in everything
    assert "kabupaten.csv" not in ask(who="village_officer")


def test_pages_go_on_from_a_key_and_back(person):
    officer = person("regency_officer")
    keys = [factory.batch(officer).pk for _ in range(PAGE * 2 + 5)][::-1]
    with as_role("owner"):
        everything = Batch.objects.all()

        def at(query: str) -> Page[Batch]:
            return batch_lists.page_of(everything, dict(parse_qsl(query)), BatchFilter())

        first = at("")
        second = at(first.after)
        third = at(second.after)
        back = at(third.before)
    shown = [[batch.pk for batch in page.rows] for page in (first, second, third)]
    assert sum(shown, []) == keys
    assert (first.before, third.after) == ("", "")
    assert [batch.pk for batch in back.rows] == shown[1]


def test_the_list_asks_the_database_as_often_for_fifty_as_for_one(
    signed_in, person, django_assert_max_num_queries
):
    browser = signed_in("regency_officer")
    for _ in range(30):
        factory.batch(person("regency_officer"), counts={"held": 1, "ready": 1})
    with django_assert_max_num_queries(15):
        browser.get(LIST)


def test_a_file_in_work_shows_how_far_it_is_and_can_be_cancelled(signed_in, person):
    received = receive(as_csv([row()]), person("regency_officer"), name="usulan_nov.csv")
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    address = f"{LIST}{received.batch.pk}/"
    page = " ".join(browser.get(address).content.decode().split())
    assert "<title> 0 % – usulan_nov – DTKS portal</title>" in page
    assert "This page may be closed" in page
    fragment = browser.get(f"{address}progress/")
    assert fragment.content.decode().lstrip().startswith("<title>0 % – usulan_nov")
    browser.post(f"{address}cancel/")
    assert Job.objects.get(pk=received.job.pk).status == Job.Status.CANCELLED
    with as_role("worker"):
        tasks.sweep()
    assert browser.get(f"{address}progress/")["HX-Refresh"] == "true"


def test_a_stopped_check_goes_on(signed_in, person):
    received = receive(as_csv([row()]), person("regency_officer"))
    with as_role("worker"):
        for status in ("running", "failed"):
            Job.objects.filter(pk=received.job.pk).update(status=status)
        Batch.objects.filter(pk=received.batch.pk).update(status="failed")
    browser = signed_in("regency_officer")
    address = f"{LIST}{received.batch.pk}/"
    assert f'action="{address}resume/"' in browser.get(address).content.decode()
    browser.post(f"{address}resume/")
    assert Job.objects.get(pk=received.job.pk).status == Job.Status.WAITING


def test_who_only_looks_cancels_nothing(signed_in, person):
    received = receive(as_csv([row()]), person("regency_officer"))
    browser = signed_in("verifier")
    assert browser.get(f"{LIST}{received.batch.pk}/").status_code == 200
    assert browser.post(f"{LIST}{received.batch.pk}/cancel/").status_code == 403
