"""From a file to the register in the toy country: pages, people, one real worker process."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import python_calamine
from django.core.management import call_command
from django.test import Client as Browser

from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.audit.seal import seal_entries
from apps.demo import batches, boundaries, country
from apps.demo.batches import Truth
from apps.demo.population import people
from apps.jobs.models import Job
from apps.proposals.models import Batch, Decision, Decree, Proposal, Verdict
from apps.proposals.steps import ReturnReason
from apps.regions.models import ForeignCode
from apps.registry.models import Change, Enrolment, Family, Person
from tests import workers
from tests.conftest import as_role
from tests.flows.steps import decide_all, determine, events_of, upload, wait
from tests.personas import OWN
from tests.proposals.checks.test_truth import compare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ROWS, REGISTERED, SEED = 600, 400, 11
NUMBER = "88/HUK/2026"
CHAIN = ("regency_officer", "verifier", "head_of_office", "pusdatin_verifier", "determiner")
LOOKED_AT_ONE_BY_ONE = (Verdict.ELSEWHERE, Verdict.UNMAPPED)


@pytest.fixture
def chain(person) -> dict[str, tuple[User, Browser]]:
    """The five people of the way, each in a browser of their own."""
    found = {}
    for role in CHAIN:
        user, browser = person(role), Browser()
        browser.force_login(user)
        found[role] = (user, browser)
    return found


@pytest.fixture
def registered(tmp_path) -> list[people.Person]:
    """A register that exists already, loaded by its command; BPS codes beside it."""
    path = tmp_path / "register.csv"
    people.write_register(path, country.villages(), REGISTERED, SEED)
    with as_role("owner"):
        ForeignCode.objects.bulk_create(
            ForeignCode(region_id=code, system="bps", code=boundaries.bps_code(code), vintage="x")
            for code in country.CODES.values()
        )
    with as_role("worker"):
        call_command("import_register", str(path), source="DTKS", stdout=io.StringIO())
    everyone = people.people(country.villages(), REGISTERED, SEED)
    return [one for one in everyone if one.village_code.startswith(OWN)]


def written(folder: Path, registered: list[people.Person]) -> tuple[Path, list[Truth]]:
    path = folder / "november.csv"
    truth = batches.write_batch(
        path, country.villages(), ROWS, SEED, register=registered, scope=OWN
    )
    return path, truth


def test_a_file_becomes_register_through_the_pages_and_a_real_worker(chain, registered, tmp_path):
    path, truth = written(tmp_path, registered)
    officer, browser = chain["regency_officer"]
    with workers.worker():
        batch = upload(browser, path, OWN)
        assert wait(batch.subject).status == Job.Status.DONE
        batch = found_as_planted(batch, truth)
        given_back_with_its_findings(browser, batch, truth)
        submitted = submitted_all(browser, batch)
        decided(chain, batch, submitted)
        before = {table: len(events_of(table)) for table in ("family", "person", "enrolment")}
        decree = determine(chain["determiner"][1], NUMBER, OWN)
    assert decree.status == Decree.Status.IN_FORCE
    determined = in_the_register(decree)
    one_event_for_each_row(decree, chain["determiner"][0], before)
    the_annex_lists_them(chain["determiner"][1], decree, determined)
    the_same_file_is_the_same_batch(browser, path, batch)
    found_by_nik(chain["pusdatin_verifier"][1], determined)
    every_step_is_on_record(chain, batch, decree)
    the_trail_is_sound()
    assert officer.pk == batch.user_id


def found_as_planted(batch: Batch, truth: list[Truth]) -> Batch:
    """Every fault where it was planted, none elsewhere; the counts are those of the truth."""
    with as_role("owner"):
        batch = Batch.objects.get(pk=batch.pk)
    compare(batch, truth)
    wrong = sum(one.is_wrong for one in truth)
    counts = batch.counts
    assert (counts["rows"], counts["ready"], counts["held"]) == (ROWS, ROWS - wrong, wrong)
    with as_role("owner"):
        codes = Counter(batch.findings.values_list("code", flat=True))
    assert counts["findings"] == dict(codes)
    planted = Counter(one.verdict for one in truth if one.verdict and not one.is_wrong)
    with as_role("owner"):
        ready = Counter(Proposal.objects.filter(batch=batch).values_list("verdict", flat=True))
    assert ready == planted
    return batch


def given_back_with_its_findings(browser: Browser, batch: Batch, truth: list[Truth]) -> None:
    answer = browser.get(f"/proposals/batches/{batch.pk}/download/")
    assert answer.status_code == 200
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(b"".join(answer.streaming_content))
    )
    header, *lines = book.get_sheet_by_index(0).to_python()
    assert len(lines) == ROWS
    # Baris is the line of the officer's own spreadsheet, whose headings are line 1
    told = {int(line[len(batch.header)]) - 1: line[len(batch.header) + 1] for line in lines}
    assert all(told[one.row] for one in truth if one.is_wrong)
    assert not any(told[one.row] for one in truth if not one.faults)


def submitted_all(browser: Browser, batch: Batch) -> int:
    answer = browser.post(f"/proposals/batches/{batch.pk}/submit/")
    assert answer.status_code == 302
    with as_role("owner"):
        rows = Proposal.objects.filter(batch=batch)
        moved = rows.filter(status=Proposal.Status.SUBMITTED).count()
        note = Entry.objects.get(subject=batch.subject, details__step="submit")
    assert note.details["moved"] == moved
    assert moved + sum(note.details["held_back"].values()) == batch.counts["ready"]
    return moved


def decided(chain: dict[str, tuple[User, Browser]], batch: Batch, submitted: int) -> None:
    """Points elsewhere are sent back; all others pass the three desks, as many as each showed."""
    filters = {"batch": str(batch.pk)}
    contradicting = ",".join(verdict.value for verdict in LOOKED_AT_ONE_BY_ONE)
    verifier = chain["verifier"][1]
    returned = decide_all(
        verifier,
        "return",
        filters | {"status": "submitted", "verdict": contradicting},
        reason=ReturnReason.WRONG_POINT.value,
        note="Titik berada di luar desa.",
    )
    passed = decide_all(verifier, "verify", filters)
    assert returned > 0
    assert passed == submitted - returned
    assert decide_all(chain["head_of_office"][1], "endorse", filters) == passed
    assert decide_all(chain["pusdatin_verifier"][1], "accept", filters) == passed
    with as_role("owner"):
        accepted = Proposal.objects.filter(batch=batch, status=Proposal.Status.ACCEPTED).count()
        steps = Counter(
            Decision.objects.filter(proposal__batch=batch).values_list("to_status", "by")
        )
    assert accepted == passed
    assert steps == {
        ("submitted", chain["regency_officer"][0].pk): submitted,
        ("returned", chain["verifier"][0].pk): returned,
        ("verified", chain["verifier"][0].pk): passed,
        ("endorsed", chain["head_of_office"][0].pk): passed,
        ("accepted", chain["pusdatin_verifier"][0].pk): passed,
    }


def in_the_register(decree: Decree) -> list[Proposal]:
    """Each determined row is what the register says of this person and programme."""
    with as_role("owner"):
        rows = list(Proposal.objects.filter(decree=decree).order_by("pk"))
        assert {row.status for row in rows} == {Proposal.Status.DETERMINED}
        assert not Proposal.objects.filter(status=Proposal.Status.ACCEPTED).exists()
        persons = {one.nik: one for one in Person.objects.filter(status="active")}
        enrolled = set(
            Enrolment.objects.filter(active_until=None).values_list("person", "programme")
        )
    assert len(rows) == decree.counts["determined"] > ROWS / 2
    for row in rows:
        if row.kind == Proposal.Kind.REMOVAL:
            assert row.nik not in persons, row
        else:
            person = persons[row.nik]
            assert person.name == row.name, row
            assert (person.pk, row.programme_id) in enrolled, row
    return rows


def one_event_for_each_row(decree: Decree, determiner: User, before: dict[str, int]) -> None:
    """The history grew by one event for each changed row, all of the decree's one Change."""
    change = decree.change
    assert change is not None
    assert (change.kind, change.reference) == (Change.Kind.DECREE, NUMBER)
    assert (change.actor, change.actor_name) == (f"user:{determiner.pk}", str(determiner))
    for table, model in (("family", Family), ("person", Person), ("enrolment", Enrolment)):
        with as_role("owner"):
            changed = set(model.objects.filter(change=change).values_list("pk", flat=True))
        events = Counter(row for row, _change in events_of(table, change.pk))
        assert set(events) == changed, table
        assert set(events.values()) == {1}, table
        assert len(events_of(table)) == before[table] + len(changed), table


def the_annex_lists_them(browser: Browser, decree: Decree, rows: list[Proposal]) -> None:
    answer = browser.get(f"/admin/proposals/decree/{decree.pk}/annex/csv/")
    content = b"".join(answer.streaming_content)
    assert hashlib.sha256(content).hexdigest() == decree.annex_csv_sha256
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [line["nomor"] for line in lines] == [str(n) for n in range(1, len(rows) + 1)]
    assert {int(line["usulan"]) for line in lines} == {row.pk for row in rows}
    paper = b"".join(
        browser.get(f"/admin/proposals/decree/{decree.pk}/annex/pdf/").streaming_content
    )
    assert hashlib.sha256(paper).hexdigest() == decree.annex_pdf_sha256


def the_same_file_is_the_same_batch(browser: Browser, path: Path, batch: Batch) -> None:
    assert upload(browser, path, OWN).pk == batch.pk
    with as_role("owner"):
        assert Batch.objects.count() == 1
        assert Job.objects.filter(subject=batch.subject).count() == 1


def found_by_nik(browser: Browser, rows: list[Proposal]) -> None:
    """A person of the decree is found by the number; the page names the decree and masks it."""
    row = next(row for row in rows if row.kind == Proposal.Kind.NEW)
    answer = browser.post("/admin/registry/person/", {"nik": row.nik}).content.decode()
    with as_role("owner"):
        person = Person.objects.get(nik=row.nik)
    address = f"/admin/registry/person/{person.pk}/change/"
    assert address in answer
    page = browser.get(address).content.decode()
    assert person.name in page
    assert NUMBER in page
    assert "proposals" in page
    assert row.nik not in page


def every_step_is_on_record(
    chain: dict[str, tuple[User, Browser]], batch: Batch, decree: Decree
) -> None:
    """Each step under the name of whoever took it."""
    with as_role("owner"):
        notes = set(Entry.objects.values_list("action", "details__step", "subject", "actor"))
    actor = {role: f"user:{user.pk}" for role, (user, _browser) in chain.items()}
    person = next(
        subject for _a, _s, subject, _w in notes if subject.startswith("registry.Person:")
    )
    expected = {
        (Action.CREATE, None, batch.subject, actor["regency_officer"]),
        (Action.RUN, None, batch.subject, actor["regency_officer"]),
        (Action.EXPORT, None, batch.subject, actor["regency_officer"]),
        (Action.DECIDE, "submit", batch.subject, actor["regency_officer"]),
        (Action.DECIDE, "return", batch.subject, actor["verifier"]),
        (Action.DECIDE, "verify", batch.subject, actor["verifier"]),
        (Action.DECIDE, "endorse", batch.subject, actor["head_of_office"]),
        (Action.DECIDE, "accept", batch.subject, actor["pusdatin_verifier"]),
        (Action.CREATE, None, decree.subject, actor["determiner"]),
        (Action.DECIDE, "determine", decree.subject, actor["determiner"]),
        (Action.EXPORT, None, decree.subject, actor["determiner"]),
        (Action.SEARCH, None, "registry.Person", actor["pusdatin_verifier"]),
        (Action.READ, None, person, actor["pusdatin_verifier"]),
    }
    assert expected - notes == set()


def the_trail_is_sound() -> None:
    with as_role("worker"):
        assert seal_entries() > 0
    out = io.StringIO()
    with as_role("owner"):
        call_command("verify_audit", "--json", stdout=out)
    report = json.loads(out.getvalue().splitlines()[-1])
    assert (report["ok"], report["unsealed"]) == (True, 0)


@pytest.mark.long
def test_the_date_of_the_decree_is_the_first_day_of_aid(chain, person, tmp_path):
    """A small file, so that the day can be looked at row by row."""
    path = tmp_path / "kecil.csv"
    batches.write_batch(path, country.villages(), 20, SEED + 1, faults={}, scope=OWN)
    with workers.worker():
        batch = upload(chain["regency_officer"][1], path, OWN)
        wait(batch.subject)
        chain["regency_officer"][1].post(f"/proposals/batches/{batch.pk}/submit/")
        for role, step in zip(CHAIN[1:4], ("verify", "endorse", "accept"), strict=True):
            decide_all(chain[role][1], step, {"batch": str(batch.pk)})
        determine(chain["determiner"][1], NUMBER, OWN)
    with as_role("owner"):
        days = set(Enrolment.objects.values_list("active_from", "active_until"))
    assert days == {(date(2026, 11, 24), None)}
