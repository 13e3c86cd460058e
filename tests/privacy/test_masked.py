"""A number that is masked stays masked on every page, in every order, filter, file and error."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client as Browser
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.demo import batches, country
from apps.demo.population import people
from apps.proposals.decree import determination
from apps.proposals.models import Batch, HeldRow, Proposal
from apps.registry.models import Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import OWN, SIBLING, persona
from tests.privacy import traces, words
from tests.privacy.crawl import pages
from tests.proposals import factory
from tests.proposals.checks.test_truth import register
from tests.proposals.sending import check, receive

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ROWS, SEED = 420, 7
NUMBER = re.compile(r"(?<!\d)\d{16}(?!\d)")
WHO = (
    *("village_officer", "regency_officer", "verifier", "head_of_office", "pusdatin_verifier"),
    *("determiner", "data_protection_officer", "administrator", "user_administrator"),
)
# Nine seconds each: these every time, all of them in `make prove`.
EVERY_TIME = ("village_officer", "verifier", "pusdatin_verifier", "data_protection_officer")
CRAWLERS = [
    role if role in EVERY_TIME else pytest.param(role, marks=pytest.mark.scale) for role in WHO
]
PROPOSALS = "/admin/proposals/proposal/"


@pytest.fixture(scope="module")
def month(lasting, tmp_path_factory) -> int:
    """A month with every fault, persons who are registered already, and a decree in force."""
    with lasting():
        return made(tmp_path_factory.mktemp("bulan") / "usulan.csv").pk


def made(path: Path) -> Batch:
    villages = country.villages()
    known = [p for p in people.people(villages, 60, SEED) if p.village_code.startswith(OWN)]
    with as_role("worker"):
        register(known)
    batches.write_batch(path, villages, ROWS, SEED, register=known, scope=OWN)
    sent = check(receive(path.read_bytes(), persona("regency_officer")))
    other = factory.batch(persona("regency_officer"), status="submitted")
    accepted = {"status": "accepted", "step_at": timezone.now()}
    factory.proposals(other, 5, first=600, **accepted)
    by = persona("determiner")
    with as_role("worker"):
        decree, job = determination.enqueue_decree(
            number="1/HUK/2026",
            date=timezone.localdate(),
            region_code=OWN,
            by=by,
            now=timezone.now(),
            civil_reason="belum ditanya",
        )
        do(job)
    return sent


@pytest.fixture
def batch(month) -> Batch:
    with as_role("owner"):
        return Batch.objects.get(pk=month)


@pytest.fixture(scope="module")
def numbers(month, lasting) -> set[str]:
    """Every whole NIK and KK that the portal holds."""
    with lasting():
        found = {number for pair in Proposal.objects.values_list("nik", "kk") for number in pair}
        for values in HeldRow.objects.values_list("values", flat=True):
            found |= set(NUMBER.findall(str(values)))
        found |= set(Person.objects.values_list("nik", flat=True))
        found |= set(Person.objects.values_list("family__kk", flat=True))
    assert len(found) > ROWS
    return found


@pytest.fixture
def browsers(signed_in) -> dict[str, Browser]:
    return {role: signed_in(role) for role in WHO}


@pytest.mark.parametrize("role", CRAWLERS)
@pytest.mark.long
def test_no_page_shows_a_whole_number(role, batch, numbers, browsers):
    count, known, wrong = 0, words.names(), set()
    for address, answer in pages(browsers[role], "/", "/admin/", "/proposals/new/"):
        assert answer.status_code < 500, address
        shown = _text(answer)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            page = answer.content.decode()
            found = words.raw(page, known) | words.english(page, known)
            wrong |= {f"{address}: {one}" for one in found}
        assert not numbers & set(NUMBER.findall(shown)), address
        asked = browsers[role].options(address)
        assert not numbers & set(NUMBER.findall(_text(asked))), address
        count += 1
    assert count > 10
    assert not wrong, "\n".join(sorted(wrong))


def _text(answer) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace") + str(answer.headers)


@pytest.mark.long
def test_the_pages_with_findings_and_held_rows_show_no_whole_number(batch, numbers, browsers):
    officer = browsers["regency_officer"]
    for code in batch.counts["findings"]:
        shown = _text(officer.get(f"/proposals/batches/{batch.pk}/findings/{code}/"))
        assert not numbers & set(NUMBER.findall(shown)), code
    query = ""
    for _page in range(10):
        answer = officer.get(f"/proposals/batches/{batch.pk}/held/?{query}")
        assert not numbers & set(NUMBER.findall(_text(answer)))
        query = answer.context["page"].after
        if not query:
            break


@pytest.mark.long
def test_every_proposals_page_and_the_maps_show_no_whole_number(batch, numbers, browsers):
    with as_role("owner"):
        some = list(Proposal.objects.filter(batch=batch).values_list("pk", flat=True)[:40])
    officer = browsers["regency_officer"]
    picked = f"picked/?at={','.join(map(str, some))}"
    for path in (*(f"{pk}/change/" for pk in some), picked, "outlines.json", "?view=table"):
        assert not numbers & set(NUMBER.findall(_text(officer.get(PROPOSALS + path)))), path
    for path in ("12/3299/2136", "11/1649/1068", "9/412/267", "4/12/8"):
        tile = officer.get(f"/tiles/proposals/{path}.mvt").content.decode("latin-1")
        assert not numbers & set(NUMBER.findall(tile)), path
    assert not numbers & set(NUMBER.findall(_text(officer.get("/tiles/away.json"))))


@pytest.mark.parametrize(
    "guess",
    [
        *("o=nik", "o=-nik", "sort=nik", "order_by=nik", "ordering=nik", "fields=nik", "nik=NIK"),
        *("nik__startswith=9701", "q=NIK", "kk=KK", "name=NAME", "search=NIK", "format=csv"),
    ],
)
@pytest.mark.long
def test_nothing_of_a_number_is_told_by_order_or_filter(guess, batch, browsers):
    """The list under a guess is the list without it: neither its rows nor their order answer."""
    with as_role("owner"):
        one = Proposal.objects.filter(batch=batch).latest("nik")
    guess = guess.replace("NIK", one.nik).replace("KK", one.kk).replace("NAME", one.name)
    browser = browsers["regency_officer"]
    plain, guessed = browser.get(PROPOSALS), browser.get(f"{PROPOSALS}?{guess}")
    assert guessed.status_code == 200
    assert _rows(guessed) == _rows(plain)
    for address in ("/admin/proposals/batch/", "/admin/registry/person/", "/admin/accounts/user/"):
        answer = browser.get(f"{address}?{guess}")
        echoed = (guess, quote(guess, safe=""))  # the address itself, in links
        shown = answer.content.decode()
        for text in echoed:
            shown = shown.replace(text, "")
        assert one.nik not in shown
    tile = "/tiles/proposals/12/3299/2136.mvt"
    assert browser.get(f"{tile}?{guess}").content == browser.get(tile).content


def _rows(answer) -> list[str]:
    found = re.findall(r"/admin/proposals/proposal/(\d+)/change/", answer.content.decode())
    assert found
    return found


def test_a_search_shows_back_only_what_was_typed(batch, numbers, browsers):
    with as_role("owner"):
        one = Person.objects.filter(village__code__startswith=OWN).first()
        typed = {"kk": one.family.kk}
        by_name = {"name": one.name, "birth_date": f"{one.birth_date:%d-%m-%Y}"}
    for form in (typed, by_name, {"nik": one.nik}, {"nik": one.nik[:-1]}):
        shown = _text(browsers["verifier"].post("/admin/registry/person/", form))
        assert numbers & set(NUMBER.findall(shown)) <= set(form.values())


def test_a_refusal_shows_no_number(batch, numbers, browsers):
    with as_role("owner"):
        one = Proposal.objects.filter(batch=batch).first()
    wrong = {"step": "verify", "seen": "submitted"}
    answers = [
        browsers["verifier"].post(f"{PROPOSALS}{one.pk}/decide/", wrong, follow=True),
        browsers["verifier"].get(f"{PROPOSALS}{one.nik}/change/"),
        browsers["verifier"].get(f"/admin/registry/person/{one.nik}/change/"),
    ]
    for answer in answers:
        assert not numbers & set(NUMBER.findall(_text(answer)))


def test_the_annex_shows_masked_numbers_only(batch, numbers, browsers):
    with as_role("owner"):
        decree = Proposal.objects.exclude(decree=None).first().decree
    answer = browsers["determiner"].get(f"/admin/proposals/decree/{decree.pk}/annex/csv/")
    text = _text(answer)
    assert len(list(csv.DictReader(io.StringIO(text)))) >= 5
    assert traces.found_in(text, numbers) == []


def test_a_reveal_is_on_record_with_its_reason_and_for_those_who_may(batch, browsers, signed_in):
    with as_role("owner"):
        one = Proposal.objects.filter(batch=batch).first()
        person = Person.objects.filter(village__code__startswith=OWN).first()
    for told, (path, nik) in enumerate(
        (
            (f"{PROPOSALS}{one.pk}/reveal/", one.nik),
            (f"/admin/registry/person/{person.pk}/reveal/", person.nik),
        ),
        start=1,
    ):
        for reason in ("", "because", "verification "):
            shown = browsers["verifier"].post(path, {"reason": reason})
            assert nik not in shown.content.decode()
        assert nik not in browsers["verifier"].get(path).content.decode()
        foreign = signed_in("verifier", SIBLING).post(path, {"reason": "complaint"})
        assert foreign.status_code == 404
        with as_role("owner"):
            before = Entry.objects.filter(action=Action.REVEAL).count()
        assert nik in browsers["verifier"].post(path, {"reason": "complaint"}).content.decode()
        with as_role("owner"):
            entry = Entry.objects.filter(action=Action.REVEAL).latest("pk")
            assert Entry.objects.filter(action=Action.REVEAL).count() == before + 1 == told
            assert (entry.reason, entry.details["field"]) == ("complaint", "nik")
            assert nik not in str(Entry.objects.filter(pk=entry.pk).values())
