"""Whole numbers leave the portal: whose batch it is, a second factor, a second person, the stop."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from apps.accounts.models import ReadCount
from apps.audit.models import Action, Entry
from apps.casework.models import Notice
from apps.proposals.models import Batch, ExportRequest
from tests.accounts import codes
from tests.accounts.codes import code, give_app
from tests.conftest import as_role
from tests.personas import SIBLING, home_of, persona
from tests.proposals import factory
from tests.proposals.sending import as_csv, check, receive, row, send

pytestmark = pytest.mark.django_db
CODE, ASKED_BY = "second_factor_code", "second_factor_asked_by"


@pytest.fixture(scope="module")
def sent(lasting) -> int:
    with lasting():
        return send([row(9001), row(9002), row(9003, nik="12")], persona("regency_officer")).pk


@pytest.fixture
def from_village(person):
    return send([row(9020)], person("village_officer"), region=home_of("village_officer")).pk


def fetch(browser: Browser, batch: int, **query: str):
    return browser.get(f"/proposals/batches/{batch}/download/", query)


def is_asked(answer) -> bool:
    return answer.status_code == 200 and b'name="second_factor_code"' in answer.content


def is_file(answer) -> bool:
    return answer.status_code == 200 and "attachment" in answer.get("Content-Disposition", "")


@pytest.mark.parametrize("role", ["administrator", "steward", "determiner", "pusdatin_verifier"])
@pytest.mark.parametrize("address", ["/proposals/batches/{}/download/"])
def test_pusdatin_gets_no_whole_numbers_of_a_regency(role, address, sent, signed_in):
    answer = signed_in(role).get(address.format(sent))
    assert answer.status_code == 403
    assert Entry.objects.filter(action=Action.EXPORT).count() == 0


def test_the_sender_and_a_colleague_who_may_reveal_get_the_file(sent, signed_in):
    assert is_file(fetch(signed_in("regency_officer"), sent))
    assert is_file(fetch(signed_in("regency_officer", name="rekan"), sent))


def test_a_colleague_who_reveals_no_numbers_mends_but_does_not_fetch(from_village, signed_in):
    own, colleague = signed_in("village_officer"), signed_in("village_officer", name="rekan-desa")
    assert is_file(fetch(own, from_village))
    assert fetch(colleague, from_village).status_code == 403
    page = colleague.get(f"/proposals/batches/{from_village}/")
    assert page.status_code == 200
    assert b"/download/" not in page.content
    assert colleague.get(f"/proposals/batches/{from_village}/corrections/").status_code == 200


@pytest.mark.parametrize("status", ["received", "failed"])
def test_a_file_whose_rows_nobody_has_counted_is_fetched_by_nobody(status, person, signed_in):
    received = receive(as_csv([row(9030), row(9031)]), person("regency_officer"))
    with as_role("owner"):
        Batch.objects.filter(pk=received.batch.pk).update(status=status)
    for name in ("regency_officer", "rekan"):
        browser = signed_in("regency_officer", name=name)
        for query in ({}, {"rows": "held"}):
            refused = fetch(browser, received.batch.pk, **query)
            page = f"/proposals/batches/{received.batch.pk}/"
            assert (refused.status_code, refused["Location"]) == (302, page)
        assert "berkas dengan temuan belum ada" in browser.get(page).content.decode()
    with as_role("owner"):
        assert not Entry.objects.filter(action=Action.EXPORT).exists()
        assert not ReadCount.objects.filter(kind="export").exists()


def test_the_file_is_counted_once_its_check_has_ended(person, signed_in):
    batch = check(receive(as_csv([row(9030), row(9031)]), person("regency_officer")))
    assert is_file(fetch(signed_in("regency_officer", name="rekan"), batch.pk))
    with as_role("owner"):
        assert ReadCount.objects.get(kind="export").count == 2


def test_the_file_is_fetched_after_the_second_factor(sent, person, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    user = person("regency_officer")
    give_app(user)
    browser = codes.sign_in(user)
    session = browser.session
    session["second_factor_at"] -= 301
    session.save()
    asked = fetch(browser, sent, rows="held")
    assert is_asked(asked)
    assert Entry.objects.filter(action=Action.EXPORT).count() == 0
    path = f"/proposals/batches/{sent}/download/?rows=held"
    confirmed = browser.post(path, {CODE: code(), ASKED_BY: "GET"})
    assert (confirmed.status_code, confirmed["Location"]) == (302, path)
    assert is_file(browser.get(path))


def ask(browser: Browser, answer, reason: str = "Dicocokkan dengan kartu keluarga"):
    return browser.post(
        "/proposals/exports/ask/", {"token": answer.context["token"], "reason": reason}
    )


def test_many_rows_need_a_second_person(sent, signed_in, settings):
    settings.SECOND_PERSON_ROWS = 2
    officer, other = signed_in("regency_officer"), signed_in("verifier")
    needed = fetch(officer, sent)
    assert needed.status_code == 200
    assert not is_file(needed)
    assert is_file(fetch(officer, sent, rows="held"))  # one row
    ask(officer, needed)
    asked = ExportRequest.objects.get()
    assert (asked.rows, asked.reason) == (3, "Dicocokkan dengan kartu keluarga")
    assert not is_file(fetch(officer, sent))
    answer = f"/proposals/exports/{asked.pk}/answer/"
    assert officer.post(answer, {"answer": "agree"}).status_code == 404  # one's own
    assert signed_in("verifier", SIBLING).post(answer, {"answer": "agree"}).status_code == 404
    assert signed_in("village_officer").post(answer, {"answer": "agree"}).status_code == 403
    assert str(asked.name) in other.get("/proposals/exports/").content.decode()
    assert other.get("/").content.decode().count("/proposals/exports/") == 1
    other.post(answer, {"answer": "agree"})
    assert is_file(fetch(officer, sent))
    assert not is_file(fetch(signed_in("regency_officer", name="rekan"), sent))  # the asker alone
    with as_role("owner"):
        trail = Entry.objects.filter(subject=asked.subject, details__part="all").order_by("pk")
        assert [one.action for one in trail] == [Action.CREATE, Action.DECIDE]


def test_what_was_not_agreed_to_stays(sent, signed_in, settings):
    settings.SECOND_PERSON_ROWS = 2
    officer = signed_in("regency_officer")
    ask(officer, fetch(officer, sent))
    asked = ExportRequest.objects.get()
    signed_in("verifier").post(f"/proposals/exports/{asked.pk}/answer/", {"answer": "refuse"})
    again = fetch(officer, sent)
    assert not is_file(again)
    assert again.context["token"]


def test_an_agreement_is_for_the_words_of_the_search_too(signed_in, settings, person):
    settings.SECOND_PERSON_ROWS = 1
    batch = factory.batch(person("regency_officer"))
    for number, name in enumerate(("SITI A", "SITI B", "BUDI A", "BUDI B"), 1):
        factory.proposal(batch, first=number, name=name)
    officer = signed_in("regency_officer")

    def export(words: str):
        found = officer.post("/proposals/review/search/", {"words": words})
        query = found["Location"].partition("?")[2] + "&kind=new&sort=name"
        return officer.post(f"/proposals/review/export/?{query}", {"ending": "csv"})

    ask(officer, export("siti"))
    asked = ExportRequest.objects.get()
    # who agrees sees which list it is, not for whom was searched; who asked finds it again
    assert (asked.query, asked.is_searched) == ("kind=new&sort=name", True)
    for browser in (officer, signed_in("verifier")):
        page = browser.get("/proposals/exports/").content.decode()
        assert 'href="/proposals/review/?kind=new&amp;sort=name"' in page
        assert "Baru · pencarian nama atau nomor · semua kolom · CSV · nomor disamarkan" in page
        assert "siti" not in page.lower()
    answer = f"/proposals/exports/{asked.pk}/answer/"
    signed_in("verifier").post(answer, {"answer": "agree"})
    assert is_file(export("siti"))
    assert not is_file(export("budi"))


def test_a_request_is_for_what_its_page_has_shown_to_that_person(sent, signed_in, settings):
    settings.SECOND_PERSON_ROWS = 2
    shown = fetch(signed_in("regency_officer"), sent)
    ask(signed_in("verifier"), shown)
    officer = signed_in("regency_officer")
    officer.post("/proposals/exports/ask/", {"token": "made:up", "reason": "x"})
    officer.post("/proposals/exports/ask/", {"token": shown.context["token"], "reason": ""})
    assert not ExportRequest.objects.exists()


def test_the_day_ends_for_who_exports_too_much_and_the_officer_of_data_protection_is_told(
    sent, signed_in, person, settings
):
    settings.READ_ALARM = settings.READ_ALARM | {"export": 3}
    settings.READ_STOP = settings.READ_STOP | {"export": 5}
    watching = person("data_protection_officer")
    browser = signed_in("regency_officer")
    assert is_file(fetch(browser, sent))  # three rows
    with as_role("owner"):
        assert Notice.objects.filter(user=watching, kind="much_reading").count() == 1
    stopped = fetch(browser, sent)
    assert stopped.status_code == 429
    assert not is_file(stopped)
    with as_role("owner"):
        count = ReadCount.objects.get(kind="export")
        assert (count.count, bool(count.stopped_at)) == (3, True)
        assert Notice.objects.filter(user=watching, kind="much_reading").count() == 2
        refused = Entry.objects.filter(action=Action.REFUSED).latest("pk")
    assert refused.details == {"kind": "export", "counted": 3, "asked": 3}
    officer = signed_in("data_protection_officer")
    page = f"/admin/accounts/readcount/{count.pk}/"
    assert b"/lift/" in officer.get(f"{page}change/").content
    officer.post(f"{page}lift/")
    assert is_file(fetch(browser, sent))


def test_the_rows_of_a_village_are_counted_where_they_are_listed(sent, signed_in):
    signed_in("regency_officer").get(f"/proposals/batches/{sent}/held/")
    with as_role("owner"):
        assert ReadCount.objects.get(kind="list").count == 1
