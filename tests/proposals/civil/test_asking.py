"""Proposals against the civil register: a delivery, the service, outages, kills, resumes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from apps.audit.models import Action, Entry
from apps.common.text.person_names import name_key
from apps.demo.dukcapil import Known, write_people
from apps.jobs.models import Job
from apps.proposals.civil import asking
from apps.proposals.civil import civil_check as said
from apps.proposals.models import CivilMatch, Proposal
from apps.proposals.selection import Selection
from apps.reconciliation.models import ROWS_OF_DATASET, Dataset, Record, Source
from tests import workers
from tests.civilregister.standin import CLIENT, SECRET, standin
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import factory

ROWS = 12
BORN = date(1990, 1, 2)


@pytest.fixture
def rows(person):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("head_of_office")
    return factory.proposals(batch, ROWS, status="endorsed", step_by=by)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Knows the first four alike, the fifth by another name, the sixth as deceased; no others."""
    people = tmp_path_factory.mktemp("civil") / "people.csv"
    names = {5: "ORANG LAIN"}
    write_people(
        people,
        [
            Known(
                *(factory.nik_of(n), names.get(n, f"WARGA {n}"), BORN.isoformat()),
                *("L", "97.01.01.2001", str(int(n == 6))),
            )
            for n in range(1, 7)
        ],
    )
    with standin(people) as running:
        yield running


@pytest.fixture
def served(service, settings):
    """The portal asks the stand-in, four at a time, without much patience."""
    cache.clear()
    service.is_well()
    settings.DUKCAPIL_URL = service.url
    settings.DUKCAPIL_CLIENT, settings.DUKCAPIL_SECRET = CLIENT, SECRET
    settings.DUKCAPIL_BATCH, settings.DUKCAPIL_PER_SECOND = 4, 1_000
    settings.DUKCAPIL_TIMEOUT_S, settings.DUKCAPIL_PAUSE_S = 0.5, 0.01
    settings.DUKCAPIL_TRIES = 2
    return service


def check_due() -> Job | None:
    """What the clock does, and the worker."""
    with as_role("worker"):
        job = asking.enqueue_due_check()
        if job is None:
            return None
        do(job)
        job.refresh_from_db()
        return job


def statuses() -> dict[str, int]:
    with as_role("owner"):
        return {key: n for key, n in said.counts(Proposal.objects.all()).items() if n}


def known(nik: str) -> CivilMatch:
    with as_role("owner"):
        return CivilMatch.objects.get(proposal__nik=nik)


# --- a delivery ---


def delivery(people, *, number=1, status=Dataset.Status.LOADED) -> Dataset:
    """A loaded delivery of a civil register with these (nik, name) and more."""
    with as_role("owner"):
        kept, _made = Source.objects.get_or_create(
            code="CIVIL", defaults={"name": "Dukcapil", "kind": Source.Kind.CIVIL}
        )
        dataset = Dataset.objects.create(
            source=kept,
            number=number,
            status=status,
            as_of=date(2026, 10, number),
            received_at=timezone.now(),
        )
        Record.objects.filter(source=kept, until=None).update(until=number)
        Record.objects.bulk_create(
            Record(
                id=dataset.pk * ROWS_OF_DATASET + at,
                source=kept,
                dataset=dataset,
                number=number,
                source_ref=nik,
                nik=nik,
                name=name,
                name_key=name_key(name),
                birth_date=BORN,
                digest=uuid.uuid4(),
                **more,
            )
            for at, (nik, name, more) in enumerate(people)
        )
        return dataset


def some_people():
    return [(factory.nik_of(n), f"WARGA {n}", {"is_deceased": n == 3}) for n in range(1, 9)]


@pytest.mark.django_db
def test_the_last_delivery_answers_where_no_service_is_named(rows):
    delivery(some_people())
    job = check_due()
    assert (job.status, job.result["checked"], job.result["left"]) == ("done", ROWS, 0)
    assert statuses() == {"matched": 7, "not_matched": 5}
    assert known(factory.nik_of(3)).differs == ["deceased"]
    assert known(factory.nik_of(9)).differs == ["nik"]
    assert known(factory.nik_of(1)).source == "CIVIL:1"
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.RUN)
        assert (entry.actor, entry.details["checked"]) == ("system", ROWS)
    assert check_due() is None


@pytest.mark.django_db
def test_a_new_delivery_is_asked_about_everything_again(rows):
    delivery(some_people())
    check_due()
    delivery([*some_people(), (factory.nik_of(9), "WARGA 9", {})], number=2)
    check_due()
    assert statuses() == {"matched": 8, "not_matched": 4}
    assert known(factory.nik_of(1)).source == "CIVIL:2"


@pytest.mark.django_db
def test_a_delivery_that_is_not_loaded_answers_nothing(rows):
    delivery(some_people(), status=Dataset.Status.FAILED)
    assert check_due() is None


@pytest.mark.django_db
def test_without_anybody_to_ask_everything_stays_not_checked(rows, person, gate):
    assert check_due() is None
    by = person("pusdatin_verifier")
    gate(by)
    job = said.enqueue_check(selection=Selection(), by=by, now=timezone.now())
    with as_role("worker"):
        do(job)
    job.refresh_from_db()
    assert job.result == {"unconfigured": True}
    assert statuses() == {"not_checked": ROWS}


# --- the service ---


@pytest.mark.django_db
def test_the_service_answers_in_batches(rows, served):
    job = check_due()
    assert job.result["checked"] == ROWS
    assert statuses() == {"matched": 4, "not_matched": 8}
    assert known(factory.nik_of(5)).differs == ["name"]
    assert known(factory.nik_of(6)).differs == ["deceased"]
    assert served.asked() == [4, 4, 4]
    assert known(factory.nik_of(1)).source == "DUKCAPIL"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fault",
    [
        *["silent", "drip", "drip_head", "cut", "server_error", "html", "html_as_json", "half"],
        *["list", "redirect", "no_sign_in", "busy", "busy_long", "huge"],
    ],
)
@pytest.mark.long
def test_an_outage_is_never_an_answer(rows, served, fault):
    served.goes_wrong(fault)
    job = check_due()
    assert job.status == "done"
    found = statuses()
    assert set(found) <= {"failed", "not_checked"}
    assert found["failed"] >= 4
    assert len(served.asked()) <= 6 if fault != "no_sign_in" else 12


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["wrong_types", "incomplete", "contradicts"])
def test_only_those_of_whom_something_clear_is_said_have_an_answer(rows, served, fault):
    served.goes_wrong(fault, times=1)
    check_due()
    found = statuses()
    assert found["failed"] >= 1
    assert sum(found.values()) == ROWS
    assert known(factory.nik_of(1)).status == "failed"
    assert known(factory.nik_of(1)).fault == "incomplete"


@pytest.mark.django_db
def test_once_the_breaker_is_open_the_rest_is_left_and_asked_again_later(rows, served, settings):
    settings.DUKCAPIL_BATCH = 2
    served.goes_wrong("server_error")
    job = check_due()
    assert job.result["paused"]
    assert job.result["left"] == statuses()["not_checked"] == ROWS - 6
    assert len(served.asked()) == 5
    served.is_well()
    cache.clear()  # the pause is over
    with as_role("owner"):
        CivilMatch.objects.update(checked_at=timezone.now() - timedelta(minutes=6))
    check_due()
    assert statuses() == {"matched": 4, "not_matched": 8}


@pytest.mark.django_db
def test_a_button_asks_at_once_about_what_failed_and_about_what_is_known(
    rows, served, person, gate
):
    served.goes_wrong("server_error")
    check_due()
    served.is_well()
    cache.clear()
    with as_role("owner"):
        CivilMatch.objects.update(checked_at=timezone.now() - timedelta(minutes=2))
    by = person("pusdatin_verifier")
    gate(by)
    job = said.enqueue_check(selection=Selection(region="97.01"), by=by, now=timezone.now())
    with as_role("worker"):
        do(job)
    assert statuses() == {"matched": 4, "not_matched": 8}


@pytest.mark.django_db
def test_a_long_question_goes_on_as_another_job(rows, served, person, gate, monkeypatch):
    monkeypatch.setattr(asking, "WORK_S", 0.0)
    by = person("pusdatin_verifier")
    gate(by)
    job = said.enqueue_check(selection=Selection(region="97.01"), by=by, now=timezone.now())
    seen = []
    while job is not None:
        with as_role("worker"):
            do(job)
        job.refresh_from_db()
        seen.append(job.result["checked"])
        job = Job.objects.unfinished().first()
        assert len(seen) < 9
    assert sum(seen) == ROWS
    assert served.asked() == [4, 4, 4]


@pytest.mark.django_db
def test_no_number_travels_in_a_job(rows, served):
    job = check_due()
    told = f"{job.parameters} {job.result} {job.subject_name} {job.message_params}"
    assert not any(row.nik in told for row in rows)


WORK = """
import django, sys
django.setup()
from apps.jobs import work
work.run(int(sys.argv[1]), "proposals.check_civil")
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_killed_in_the_middle_it_asks_only_about_what_was_not_answered(rows, served):
    """One NIK a request, one request a second; killed after the third or so."""
    with as_role("worker"):
        job = asking.enqueue_due_check()
    environment = workers.environment() | {
        "DUKCAPIL_URL": served.url,
        "DUKCAPIL_CLIENT": CLIENT,
        "DUKCAPIL_SECRET": SECRET,
        "DUKCAPIL_BATCH": "1",
        "DUKCAPIL_PER_SECOND": "3",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", WORK, str(job.pk)],
        cwd=workers.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ends = time.monotonic() + 60
    while len(served.asked()) < 3:
        assert time.monotonic() < ends
        assert process.poll() is None
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = statuses()
    answered = ROWS - before["not_checked"]
    assert 0 < answered < ROWS
    served.is_well()
    ends = time.monotonic() + 30
    while True:  # the dead worker's lock goes with its session
        with as_role("worker"):
            do(job)
        job.refresh_from_db()
        if job.is_finished:
            break
        assert time.monotonic() < ends
        time.sleep(0.2)
    assert sum(served.asked()) == ROWS - answered
    assert statuses() == {"matched": 4, "not_matched": 8}


@pytest.mark.scale
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_against_a_delivery_in_lots(person, figure):
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, 100_000, status="endorsed", step_by=person("head_of_office"))
    delivery([])
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reconciliation_record (id, source_id, dataset_id, number, source_ref, nik,"
            " kk, name, name_key, mother_name, mother_key, birth_place, birth_date, sex,"
            " village_code, address, rt, rw, relation, occupation, is_deceased, programmes, digest)"
            " SELECT p.id, 'CIVIL', d.id, 1, p.id::text, p.nik, '', p.name, '', '', '', '',"
            " p.birth_date, p.sex, p.village_id, '', '', '', '', '', false, '{}',"
            " gen_random_uuid() FROM proposals_proposal p, reconciliation_dataset d"
        )
    began = time.monotonic()
    job = check_due()
    took = time.monotonic() - began
    figure("100,000 proposals against a civil delivery", took, "s", "< 60")
    assert job.result["checked"] == 100_000
    assert statuses() == {"matched": 100_000}
    assert took < 60
