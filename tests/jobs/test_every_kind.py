"""A real worker receives every kind of long work from the broker, and every name is somebody's.

A task that is not registered is thrown away by the worker without a word: no function that a test
calls itself would show that.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import translation

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.accounts.people import account_notices
from apps.jobs import messages, wake_up, work
from apps.jobs.models import Job
from apps.proposals.checks import recheck
from apps.proposals.civil import civil_check
from apps.proposals.decree import determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import row_fixes
from apps.proposals.models import CivilMatch, Decree, Proposal
from apps.proposals.returned import amendment
from apps.proposals.review import decisions
from apps.proposals.selection import Selection
from apps.proposals.steps import Step
from apps.proposals.submitting import submission
from apps.proposals.upload import intake
from apps.reconciliation import tasks
from apps.reconciliation.conflicts import answers, detection
from apps.reconciliation.deliveries import datasets, reverting
from apps.reconciliation.duplicates import deduplication, person_groups
from apps.reconciliation.duplicates.person_groups import Chosen
from apps.reconciliation.linkage import register_runs, runs, thresholds
from apps.reconciliation.models import Authority, Dataset, Run
from apps.reconciliation.survivorship import field_rules
from apps.regions import boundaries
from tests import workers
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import persona
from tests.proposals import factory, forms, sending
from tests.reconciliation import sample_deliveries as deliveries
from tests.reconciliation import sample_duplicates as doubles
from tests.reconciliation.answering import answer, steward, take
from tests.reconciliation.linked import found, meeting
from tests.regions import editions
from tests.registry.people import a_person
from tests.registry.rows import row, write

ROOT = Path(__file__).resolve().parents[2]
ENDS_WITHIN_S = 60
DAY = date(2026, 11, 20)


def by_role(role: str, name: str = "") -> Any:
    with as_role("owner"):
        return persona(role, name=name)


# --- how each kind of work is asked for; the set-up before it may be done in place ---------------


def a_batch(folder: Path) -> Job:
    return sending.receive(sending.as_csv([sending.row()]), by_role("regency_officer")).job


def a_draft(folder: Path) -> Job:
    officer = by_role("village_officer")
    with transaction.atomic():
        open_gate(officer)
        draft = forms.draft_of(officer)
        job = remarks.enqueue_draft_check(draft=draft, by=officer)
    assert job is not None
    return job


def a_fix(folder: Path) -> Job:
    officer = by_role("regency_officer")
    batch = sending.send([sending.row()], officer)
    with transaction.atomic():
        open_gate(officer)
        _fix, job = row_fixes.edit(
            batch=batch, row_number=1, cells={"rt": "009"}, seen=0, by=officer, now=NOW
        )
    return job


def a_decision(folder: Path) -> Job:
    verifier = by_role("verifier")
    batch = factory.batch(by_role("regency_officer"), status="submitted")
    factory.proposals(batch, 3, status="submitted")
    with transaction.atomic():
        open_gate(verifier)
        return decisions.enqueue_bulk_decision(
            selection=Selection(batch=batch.pk), step=Step.VERIFY, by=verifier, now=NOW, expected=3
        )


def an_amendment(folder: Path) -> Job:
    officer, verifier = by_role("regency_officer"), by_role("verifier")
    batch = sending.send([sending.row()], officer)
    with transaction.atomic():
        open_gate(officer)
        submission.submit(batch=batch, by=officer, now=NOW)
    with transaction.atomic():
        open_gate(verifier)
        row = Proposal.objects.get()
        decisions.decide(
            proposal=row, step=Step.RETURN, by=verifier, now=NOW, reason="wrong_point", note="Ulang"
        )
    with transaction.atomic():
        open_gate(officer)
        row = Proposal.objects.get()
        _amendment, job = amendment.amend(proposal=row, values={"rt": "009"}, by=officer, now=NOW)
    return job


def a_decree(folder: Path) -> Job:
    determiner = by_role("determiner")
    batch = factory.batch(by_role("regency_officer"), status="submitted")
    factory.proposals(batch, 3, status="accepted", step_by=by_role("pusdatin_verifier"))
    with transaction.atomic():
        open_gate(determiner)
        _decree, job = determination.enqueue_decree(
            number="88/HUK/2026",
            date=DAY,
            region_code="97",
            by=determiner,
            now=NOW,
            civil_reason="Dukcapil belum dapat ditanya.",
        )
    return job


def a_civil_check(folder: Path) -> Job:
    batch = factory.batch(by_role("regency_officer"), status="submitted")
    factory.proposals(batch, 3, status="endorsed", step_by=by_role("head_of_office"))
    known = [
        deliveries.row(
            NIK=factory.nik_of(n), NAMA_LGKP=f"WARGA {n}", TGL_LHR="02-01-1990", ID=str(n)
        )
        for n in (1, 2)
    ]
    deliveries.loaded(known)
    pusdatin = by_role("pusdatin_verifier")
    with transaction.atomic():
        open_gate(pusdatin)
        return civil_check.enqueue_check(selection=Selection(batch=batch.pk), by=pusdatin, now=NOW)


def two_deliveries() -> tuple[Dataset, Dataset]:
    right = deliveries.loaded(deliveries.rows(4))
    theirs = [one | {"ID": f"P{one['ID'][1:]}"} for one in deliveries.rows(3)]
    return deliveries.loaded(theirs, deliveries.a_source("PKH")), right


def a_run(folder: Path) -> Job:
    left, right = two_deliveries()
    with as_role("worker"):
        _run, job = runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)
    return job


def other_thresholds(folder: Path) -> Job:
    job = a_run(folder)
    with as_role("worker"):
        tasks.reconcile(job_id=job.pk)
        run = Run.objects.select_related("pairing").get()
        floor = float(run.settings["floor"])
        return thresholds.move(run, floor + 1, floor + 30, by=by_role("steward"), now=NOW)


def a_delivery(folder: Path) -> Job:
    return deliveries.receive(deliveries.as_csv(deliveries.rows(3))).job


def a_delivery_taken_back(folder: Path) -> Job:
    dataset = deliveries.loaded(deliveries.rows(3))
    with as_role("worker"):
        return reverting.enqueue_revert(dataset=dataset, by=by_role("steward"), now=NOW)


def the_questions_of_a_run(folder: Path) -> Job:
    with as_role("owner"):
        person = a_person()
    met = meeting()
    met.link(person, name="CONTOH SATOE")
    with as_role("worker"), transaction.atomic():
        job = detection.enqueue_detection(met.run)
    assert job is not None
    return job


def answers_taken_over(folder: Path) -> Job:
    with as_role("owner"):
        person = a_person()
    met = meeting()
    met.link(person, name="CONTOH SATOE")
    met.find()
    answer(found(), "theirs")
    return take(found())


def values_taken_over(folder: Path) -> Job:
    with as_role("owner"):
        person = a_person()
    met = meeting()
    with as_role("owner"):
        Authority.objects.filter(source=met.source, field="name").update(is_automatic=True)
    met.link(person, name="CONTOH SATOE")
    met.find()
    with as_role("owner"):
        total = sum(one.count for one in field_rules.propose(met.source))
        return field_rules.ask_to_take(source=met.source, expected=total, by=steward())


def the_questions_of_a_decree(folder: Path) -> Job:
    write("1", row(1))
    change, _counts = write("88/HUK/2026", row(1, name="ORANG LAIN"), source="proposals")
    with as_role("worker"), transaction.atomic():
        decree = Decree.objects.create(
            number="88/HUK/2026",
            date=DAY,
            region_id="97",
            user=by_role("determiner"),
            created_at=NOW,
            status=Decree.Status.IN_FORCE,
            in_force_at=NOW,
            change=change,
        )
        job = detection.enqueue_for_decree(decree)
    assert job is not None
    return job


def a_picture(folder: Path) -> Job:
    by = by_role("steward")
    with as_role("owner"):
        a_person(name="ORANG 1"), a_person(name="ORANG 2")
    return register_runs.enqueue_register_run(by=by)


def a_merge(folder: Path) -> Job:
    by = by_role("steward")
    with as_role("owner"):
        one, two = a_person(name="ORANG 1"), a_person(name="ORANG 2")
        doubles.joined(one, two)
        shown = person_groups.preview(Chosen(), by)
        return deduplication.ask_merge(
            chosen=Chosen(),
            by=by,
            seen=shown.seen,
            expected=len(shown.pairs),
            keep_id=None,
            reason="",
        )


def an_unmerge(folder: Path) -> Job:
    with as_role("owner"):
        merged = doubles.a_merge(a_person(name="ORANG 1"), a_person(name="ORANG 2"))
        return deduplication.ask_unmerge(
            merged=merged, keeps=None, by=by_role("steward"), reason="Dua orang yang berbeda"
        )


def an_edition(folder: Path) -> Job:
    path = editions.write(folder / "batas.geojson", editions.toy())
    with as_role("worker"):
        _edition, job = editions.receive(path, "Toy 2026-07")
    return job


def an_activation(folder: Path) -> Job:
    path = editions.write(folder / "batas.geojson", editions.toy())
    with as_role("worker"):
        edition = editions.read(path)
        return boundaries.ask_activation(edition=edition, by="tests")


def held_rows_again(folder: Path) -> Job:
    """An edition lacks village A: its rows have no polygon. The next one brings it back."""
    with as_role("worker"):
        without = editions.toy(A=None)
        first = editions.write(folder / "tanpa.geojson", without)
        editions.enforce(editions.read(first, "Tanpa A", covers="97"))
    sending.send([sending.row(9001), sending.row(9002, nik="12")], by_role("regency_officer"))
    path = editions.write(folder / "batas.geojson", editions.toy())
    with as_role("worker"):
        editions.enforce(editions.read(path, "Lengkap"))
        return Job.objects.get(task=recheck.TASK)


def a_letter(folder: Path) -> Job:
    head = by_role("head_of_office")
    with as_role("owner"):
        User.objects.filter(pk=head.pk).update(email="kepala@dinas.example")
    head.refresh_from_db()
    account_notices.notify_owner(user=head, what="password_reset", now=NOW)
    return Job.objects.get(task=account_notices.TASK)


ASKED: dict[str, Callable[[Path], Job]] = {
    account_notices.TASK: a_letter,
    intake.TASK: a_batch,
    remarks.TASK: a_draft,
    row_fixes.TASK: a_fix,
    recheck.TASK: held_rows_again,
    decisions.BULK_TASK: a_decision,
    amendment.TASK: an_amendment,
    determination.TASK: a_decree,
    civil_check.TASK: a_civil_check,
    runs.TASK: a_run,
    thresholds.TASK: other_thresholds,
    datasets.TASK: a_delivery,
    reverting.TASK: a_delivery_taken_back,
    detection.TASK: the_questions_of_a_run,
    detection.TASK_OF_DECREE: the_questions_of_a_decree,
    answers.TASK: answers_taken_over,
    field_rules.TASK: values_taken_over,
    register_runs.TASK: a_picture,
    deduplication.MERGE_TASK: a_merge,
    deduplication.UNMERGE_TASK: an_unmerge,
    boundaries.IMPORT_TASK: an_edition,
    boundaries.ACTIVATE_TASK: an_activation,
}


@pytest.fixture(scope="module")
def running(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One worker of both queues for all tests of this module."""
    with django_db_blocker.unblock():
        current_app.control.purge()
        with workers.worker():
            yield


def ended(job: Job) -> Job:
    """The job as the worker left it; nobody else does it."""
    until = time.monotonic() + ENDS_WITHIN_S
    with as_role("owner"):
        while not job.is_finished:
            assert time.monotonic() < until, f"{job.task} is {job.status} after {ENDS_WITHIN_S} s"
            time.sleep(0.05)
            job.refresh_from_db()
    return job


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("task", sorted(messages.kinds()))
def test_a_worker_takes_it_from_the_broker_and_does_it(running, task, tmp_path):
    assert task in ASKED, "a new kind of work: say here how it is asked for"
    job = ASKED[task](tmp_path)
    assert (job.task, job.attempt) == (task, 0)
    wake_up.send_wake_up(job)
    job = ended(job)
    assert (job.status, job.attempt) == (Job.Status.DONE, 1), messages.ending(job)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_civil_register_is_asked_by_the_worker_and_its_answers_stand(running, tmp_path):
    job = a_civil_check(tmp_path)
    wake_up.send_wake_up(job)
    assert ended(job).result["checked"] == 3
    with as_role("owner"):
        said = CivilMatch.objects.order_by("proposal_id").values_list("status", flat=True)
        assert list(said) == ["matched", "matched", "not_matched"]


# --- names ---------------------------------------------------------------------------------------


def constants() -> dict[str, str]:
    """Every text of the code that names a task, and where it stands."""
    named: dict[str, str] = {}
    for folder in ("apps", "portal"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                text = getattr(node, "value", None) if isinstance(node, ast.Constant) else None
                if isinstance(text, str) and re.fullmatch(
                    r"(apps|portal)\.(\w+\.)*tasks\.\w+", text
                ):
                    named.setdefault(text, str(path.relative_to(ROOT)))
    return named


def takes_a_job(node: ast.FunctionDef) -> bool:
    return "job_id" in [one.arg for one in node.args.kwonlyargs]


def functions() -> set[str]:
    """Every public function of a module of tasks that takes a job."""
    found = set()
    for path in sorted((ROOT / "apps").glob("*/tasks.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and takes_a_job(node):
                found.add(f"{module}.{node.name}")
    return found


def test_every_task_that_the_code_names_is_registered():
    current_app.autodiscover_tasks(force=True)
    known = constants()
    assert known.keys() >= messages.kinds().keys()
    assert {name: at for name, at in known.items() if name not in current_app.tasks} == {}


def test_what_the_clock_rings_is_registered_and_has_a_worker():
    current_app.autodiscover_tasks(force=True)
    served = set(re.findall(r"worker\(\"(\w+)\"\)", (ROOT / "bin/run").read_text()))
    assert served == {"interactive", "batches", "rounds"}
    for name, entry in current_app.conf.beat_schedule.items():
        assert entry["task"] in current_app.tasks, name
        assert entry["options"]["queue"] in served, name
    assert settings.CELERY_TASK_DEFAULT_QUEUE in served
    assert Job._meta.get_field("queue").default in served


def test_every_task_that_takes_a_job_is_described_and_asked_for_here():
    assert functions() == messages.kinds().keys() == ASKED.keys()


# --- descriptions --------------------------------------------------------------------------------


def test_a_kind_that_is_described_twice_is_refused():
    known = messages.kinds()[civil_check.TASK]
    with pytest.raises(ValueError, match="described twice"):
        messages.describe(civil_check.TASK, known)


@pytest.mark.parametrize("task", sorted(messages.kinds()))
def test_every_kind_has_a_name_and_says_who_can_do_what_in_both_languages(task):
    kind = messages.kinds()[task]
    said = {}
    for language in ("id", "en"):
        with translation.override(language):
            said[language] = (str(kind.label), str(kind.remedy))
    for indonesian, english in zip(said["id"], said["en"], strict=True):
        assert indonesian != english
        assert "_" not in english
    assert len(said["en"][1]) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("task", [*sorted(messages.kinds()), "apps.strange.tasks.do_it"])
@pytest.mark.parametrize("code", ["gave_up", "kept_failing", "never_heard_of"])
def test_no_page_of_jobs_names_a_task(signed_in, task, code):
    with as_role("owner"):
        job = work.create_job(task=task, subject="proposals.FormDraft:7", by="user:1")
        Job.objects.filter(pk=job.pk).update(status="running")
        Job.objects.filter(pk=job.pk).update(
            status="failed", message_code=code, message_params={"attempts": 3}
        )
    browser = signed_in("administrator")
    for address in ("/admin/jobs/job/", f"/admin/jobs/job/{job.pk}/change/"):
        page = browser.get(address).content.decode()
        assert task not in page
        assert task.rpartition(".")[2] not in page
        assert code not in page
        assert "FormDraft" not in page
