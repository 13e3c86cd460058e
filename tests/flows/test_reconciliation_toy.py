"""From two files of other ministries to a corrected register: every step by a real worker.

Files are loaded, a picture of the register is taken, pairs are linked, questions asked; the officer
answers with evidence, the steward takes over, and the register changes by one Change an answer.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone

from apps.jobs import waiting, wake_up
from apps.jobs.models import Job
from apps.reconciliation.conflicts import answers, detection
from apps.reconciliation.linkage import runs
from apps.reconciliation.models import Conflict, Dataset, RecordPair, Run, Source
from apps.registry.models import Change, Claim, Enrolment, Person
from tests import workers
from tests.conftest import as_role
from tests.flows.steps import wait
from tests.reconciliation.answering import PDF
from tests.reconciliation.sample_deliveries import a_source, as_csv, receive, row
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

VILLAGE = "97.01.01.2001"
NAMES = ("SUMIATI LESTARI", "BAMBANG WIDODO", "ROHAETI KOKOM", "YOHANES PETRUS")


def _ended(job: Job) -> None:
    assert waiting.wait_for(job, seconds=60).status == Job.Status.DONE, job.message_code


def _loaded(source: Source, rows: list[dict[str, str]]) -> Dataset:
    received = receive(as_csv(rows), source)
    wake_up.send_wake_up(received.job)
    _ended(received.job)
    return received.dataset


def _matched(dataset: Dataset) -> Run:
    """A run against the register as it is, and the questions that it raises."""
    with as_role("worker"):
        dataset.refresh_from_db()
        run, job = runs.enqueue_run(left=dataset, by=None, by_name="tests", now=timezone.now())
    wake_up.send_wake_up(job)
    _ended(job)
    with as_role("worker"):
        asking = Job.objects.filter(kind=detection.FIND_CONFLICTS, subject=run.subject).latest("pk")
    _ended(asking)
    return run


def _told(one: Person, **cells: str) -> dict[str, str]:
    return (
        row(
            one.pk,
            NIK=one.nik or "",
            NO_KK=one.family.kk or "",
            NAMA_LGKP=one.name,
            NAMA_LGKP_IBU="",
            TGL_LHR=one.birth_date.strftime("%d-%m-%Y") if one.birth_date else "",
            KODE_DESA=VILLAGE,
        )
        | cells
    )


@pytest.fixture
def people() -> list[Person]:
    with as_role("worker"):
        return [a_person(VILLAGE, name=name, programme="PKH") for name in NAMES]


def _answer(browser: Browser, conflict: Conflict) -> None:
    form: dict[str, Any] = {"choice": "theirs", "reason": "Dikunjungi 20-11-2026"}
    form["file"] = SimpleUploadedFile("bukti.pdf", PDF)
    answer = browser.post(f"/reconciliation/conflicts/{conflict.pk}/", form)
    assert answer.status_code == 302


@pytest.mark.long
def test_two_files_become_a_corrected_register(person, people):
    dead, renamed, servant, same = people
    officers, stewards = Browser(), Browser()
    officers.force_login(person("regency_officer"))
    stewards.force_login(person("steward"))
    civil, staff = a_source("DUKCAPIL"), a_source("BKN", kind=Source.Kind.EMPLOYEES)
    with workers.worker():
        first = _matched(
            _loaded(
                civil,
                [
                    _told(dead, TGL_MATI="01-08-2026"),
                    _told(renamed, NAMA_LGKP="BAMBANG WIBOWO"),
                    _told(servant, NIK=""),
                    _told(same),
                ],
            )
        )
        _matched(_loaded(staff, [_told(servant)]))
        with as_role("owner"):
            linked = RecordPair.objects.all().of(first).filter(status="linked")
            assert set(linked.values_list("right__source_ref", flat=True)) == {
                str(one.pk) for one in people
            }
            asked = list(Conflict.objects.order_by("pk"))
        assert {(one.kind, one.person_id) for one in asked} == {
            ("deceased", dead.pk),
            ("name_differs", renamed.pk),
            ("civil_servant", servant.pk),
        }
        for conflict in asked:
            _answer(officers, conflict)
        stewards.post("/reconciliation/conflicts/take/?status=answered", {"expected": "3"})
        assert wait(answers.SUBJECT).result["resolved"] == 3
        with as_role("owner"):
            now = {one.pk: Person.objects.get(pk=one.pk) for one in people}
            assert now[dead.pk].status == "removed"
            assert now[renamed.pk].name == "BAMBANG WIBOWO"
            assert now[same.pk].change_id == same.change_id
            claimed = set(Claim.objects.values_list("person", "field", "value"))
            assert claimed == {(renamed.pk, "name", "BAMBANG WIDODO")}
            ended = Enrolment.objects.exclude(active_until=None).values_list("person", flat=True)
            assert set(ended) == {dead.pk, servant.pk}
            assert Change.objects.filter(kind="resolution").count() == 3
        # the next run sees the register as it is now and asks nothing again
        with transaction.atomic(), as_role("worker"):
            again = Dataset.objects.get(source=civil)
        _matched(again)
    with as_role("owner"):
        assert set(Conflict.objects.values_list("status", flat=True)) == {"resolved"}
