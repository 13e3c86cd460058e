"""A real worker receives every kind of long work from the broker, and every name is somebody's.

A worker loads its kinds by itself and throws a task that it does not know away without a word: no
function that a test calls itself would show that.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import translation

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.accounts.people import account_notices
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.hazards.intake import ASSESS_HAZARD
from apps.commandcentre.planning import plans
from apps.commandcentre.uploads import reception
from apps.indicators.figures import intake as figure_intake
from apps.indicators.measures import counting
from apps.indicators.models import Service
from apps.indicators.pockets import reception as pocket_reception
from apps.indicators.services import previews, syncing
from apps.jobs import kinds, messages, wake_up
from apps.jobs.models import Job
from apps.proposals.checks import recheck
from apps.proposals.civil import civil_check
from apps.proposals.decree import annulment, determination
from apps.proposals.entry import remarks
from apps.proposals.fixes import row_fixes
from apps.proposals.models import CivilMatch, Decree, Proposal
from apps.proposals.photos import photo_findings, photo_zip
from apps.proposals.returned import amendment
from apps.proposals.review import bulk_undo, decisions
from apps.proposals.selection import Selection
from apps.proposals.steps import Step
from apps.proposals.submitting import submission
from apps.proposals.upload import intake
from apps.reconciliation.conflicts import answers, detection
from apps.reconciliation.deliveries import datasets, reverting
from apps.reconciliation.duplicates import deduplication, person_groups
from apps.reconciliation.duplicates.person_groups import GroupFilter
from apps.reconciliation.linkage import register_runs, runs, thresholds
from apps.reconciliation.models import Authority, Dataset, Run
from apps.reconciliation.survivorship import field_rules
from apps.regions import boundaries
from apps.regions.editions import shapes
from portal.operations import sealing
from tests import photo_files, workers
from tests.base import NOW
from tests.commandcentre.hazards import messages as hazard_messages
from tests.commandcentre.planning.needs import assessed
from tests.conftest import as_role
from tests.indicators.figures import tables
from tests.indicators.figures.objects import figure_objects
from tests.indicators.pockets import world
from tests.jobs.doing import a_job, do
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


def an_undone_decision(folder: Path) -> Job:
    verifier = by_role("verifier")
    batch = factory.batch(by_role("regency_officer"), status="submitted")
    factory.proposals(batch, 2, status="submitted")
    with transaction.atomic():
        open_gate(verifier)
        decisions.decide_many(
            selection=Selection(batch=batch.pk), step=Step.VERIFY, by=verifier, now=NOW, expected=2
        )
        return bulk_undo.enqueue_undo(by=verifier, at=NOW, now=NOW)


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


def an_annulment(folder: Path) -> Job:
    write("1", row(1))
    change, _counts = write("88/HUK/2026", row(1, programmes=["SEMBAKO"]), source="proposals")
    other = by_role("administrator")
    with as_role("worker"), transaction.atomic():
        decree = Decree.objects.create(
            number="88/HUK/2026",
            date=DAY,
            region_id="97",
            user=other,
            created_at=NOW,
            status=Decree.Status.IN_FORCE,
            in_force_at=NOW,
            change=change,
        )
        return annulment.enqueue_annulment(
            decree=decree,
            number="99/HUK/2026",
            date=DAY,
            reason="Lampirannya memuat desa yang salah.",
            by=by_role("determiner"),
            now=NOW,
        )


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


def a_zip_of_photos(folder: Path) -> Job:
    officer = by_role("regency_officer")
    batch = sending.send([sending.row()], officer)
    file = SimpleUploadedFile("foto.zip", photo_files.archive({"1.jpg": photo_files.photo()}))
    with transaction.atomic():
        open_gate(officer)
        archive = photo_zip.receive(batch=batch, file=file, by=officer, now=NOW)
    job = photo_zip.job_of(archive)
    assert job is not None
    return job


def photos_of_a_row(folder: Path) -> Job:
    officer = by_role("regency_officer")
    batch = sending.send([sending.row()], officer)
    with transaction.atomic():
        open_gate(officer)
        return photo_findings.enqueue_refresh(batch=batch, rows=[1], by=officer)


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
        do(job)
        run = Run.objects.select_related("pairing").get()
        floor = float(run.settings["floor"])
        return thresholds.enqueue_thresholds(
            run, floor + 1, floor + 30, by=by_role("steward"), now=NOW
        )


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
        return field_rules.enqueue_take_over(source=met.source, expected=total, by=steward())


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
        shown = person_groups.preview(GroupFilter(), by)
        return deduplication.enqueue_merge(
            chosen=GroupFilter(),
            by=by,
            seen=shown.seen,
            expected=len(shown.pairs),
            keep_id=None,
            reason="",
        )


def an_unmerge(folder: Path) -> Job:
    with as_role("owner"):
        merged = doubles.a_merge(a_person(name="ORANG 1"), a_person(name="ORANG 2"))
        return deduplication.enqueue_unmerge(
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
        return boundaries.enqueue_activation(edition=edition, by="tests")


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
        return Job.objects.get(kind=recheck.RECHECK_HELD)


def outlines_of_an_edition(folder: Path) -> Job:
    path = editions.write(folder / "batas.geojson", editions.toy())
    with as_role("worker"):
        editions.enforce(editions.read(path))
        return Job.objects.get(kind=shapes.BUILD_SHAPES)


def a_letter(folder: Path) -> Job:
    head = by_role("head_of_office")
    with as_role("owner"):
        User.objects.filter(pk=head.pk).update(email="kepala@dinas.example")
    head.refresh_from_db()
    account_notices.notify_owner(user=head, what="password_reset", now=NOW)
    return Job.objects.get(kind=account_notices.SEND_LETTER)


def an_assessment(_folder: Path) -> Job:
    with as_role("worker"):
        hazard_messages.take()
        return Job.objects.get(kind=ASSESS_HAZARD)


def a_plan(_folder: Path) -> Job:
    operator = by_role("operator")
    with as_role("owner"):
        assessment = assessed({"A": 8})
        _plan, job = plans.make_plan(assessment=assessment, days=3, by=operator, now=NOW)
    return job


def a_table_of_figures(folder: Path) -> Job:
    with as_role("worker"):
        publication = tables.receive(tables.write(folder)).publication
        return figure_intake.enqueue_reading(publication, by=tables.BY)


def a_service(_folder: Path) -> Job:
    """A service that nobody can reach; that is no failure of the job."""
    with as_role("owner"):
        key = figure_objects("97.01")["service"]
        return syncing.enqueue_sync(Service.objects.get(pk=key), by=tables.BY)


def a_look_at_a_service(_folder: Path) -> Job:
    with as_role("owner"):
        key = figure_objects("97.01")["service"]
        return previews.enqueue_preview(Service.objects.get(pk=key), by=tables.BY)


def an_upload(_folder: Path) -> Job:
    operator = by_role("operator")
    text = b"Nama;Jenis;Kode Desa\nLumbung Uji;Lumbung;97.01.01.2001\n"
    kept = reception.keep(SimpleUploadedFile("l.csv", text), "l.csv", "facilities", {})
    with transaction.atomic():
        open_gate(operator)
        upload = reception.receive(kept=kept, kind="facilities", options={}, by=operator, now=NOW)
    job = reception.job_of(upload)
    assert job is not None
    return job


def a_count(_folder: Path) -> Job:
    with as_role("worker"):
        job = counting.enqueue_due_refresh()
    assert job is not None
    return job


def a_coverage(_folder: Path) -> Job:
    return village_coverage.enqueue_refresh(by=by_role("operator"))


def a_file_of_pockets(folder: Path) -> Job:
    path = world.write_list(folder / "desa.csv", [[world.CODES["A"], "Ampel"]])
    return world.receive(path, "BIG")[1]


def pockets_of_the_register(_folder: Path) -> Job:
    method = pocket_reception.Method(programmes=("PKH",))
    return pocket_reception.enqueue_computation(name="Uji", method=method, by=world.BY, now=NOW)[1]


ASKED: dict[str, Callable[[Path], Job]] = {
    figure_intake.READ_PUBLICATION: a_table_of_figures,
    syncing.SYNC_SERVICE: a_service,
    previews.PREVIEW_SERVICE: a_look_at_a_service,
    reception.IMPORT_UPLOAD: an_upload,
    village_coverage.REFRESH_COVERAGE: a_coverage,
    pocket_reception.IMPORT_POCKETS: a_file_of_pockets,
    pocket_reception.COMPUTE_POCKETS: pockets_of_the_register,
    counting.REFRESH_MEASURES: a_count,
    plans.SOLVE_PLAN: a_plan,
    ASSESS_HAZARD: an_assessment,
    account_notices.SEND_LETTER: a_letter,
    intake.CHECK_BATCH: a_batch,
    remarks.CHECK_DRAFT: a_draft,
    row_fixes.FIX_ROWS: a_fix,
    recheck.RECHECK_HELD: held_rows_again,
    photo_zip.ADD_PHOTOS: a_zip_of_photos,
    photo_findings.COMPARE: photos_of_a_row,
    decisions.DECIDE_MANY: a_decision,
    bulk_undo.UNDO_MANY: an_undone_decision,
    amendment.AMEND: an_amendment,
    determination.DETERMINE: a_decree,
    annulment.ANNUL: an_annulment,
    civil_check.CHECK_CIVIL: a_civil_check,
    runs.RECONCILE: a_run,
    thresholds.MOVE_THRESHOLDS: other_thresholds,
    datasets.LOAD_DATASET: a_delivery,
    reverting.TAKE_BACK_DATASET: a_delivery_taken_back,
    detection.FIND_CONFLICTS: the_questions_of_a_run,
    detection.FIND_DECREE_CONFLICTS: the_questions_of_a_decree,
    answers.RESOLVE_ANSWERS: answers_taken_over,
    field_rules.TAKE_SURVIVORS: values_taken_over,
    register_runs.COMPARE_REGISTER: a_picture,
    deduplication.MERGE_PERSONS: a_merge,
    deduplication.UNMERGE_PERSONS: an_unmerge,
    boundaries.IMPORT_EDITION: an_edition,
    boundaries.ACTIVATE_EDITION: an_activation,
    shapes.BUILD_SHAPES: outlines_of_an_edition,
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
            assert time.monotonic() < until, f"{job.kind} is {job.status} after {ENDS_WITHIN_S} s"
            time.sleep(0.05)
            job.refresh_from_db()
    return job


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
@pytest.mark.long
def test_a_worker_takes_it_from_the_broker_and_does_it(running, kind, tmp_path):
    """Asking for it sends the message: nothing here sends one."""
    assert kind in ASKED, "a new kind of work: say here how it is asked for"
    job = ASKED[kind](tmp_path)
    assert job.kind == kind
    job = ended(job)
    assert (job.status, job.attempt) == (Job.Status.DONE, 1), messages.ending(job)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.long
def test_the_civil_register_is_asked_by_the_worker_and_its_answers_are_stored(running, tmp_path):
    job = a_civil_check(tmp_path)
    assert ended(job).result["checked"] == 3
    with as_role("owner"):
        said = CivilMatch.objects.order_by("proposal_id").values_list("status", flat=True)
        assert list(said) == ["matched", "matched", "not_matched"]


# --- names ---------------------------------------------------------------------------------------


def declared_names() -> list[str]:
    """Every kind that a function of the code declares, by its name."""
    found = []
    for path in sorted((ROOT / "apps").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for one in node.decorator_list:
                if isinstance(one, ast.Call) and ast.unparse(one.func) == "kinds.job":
                    module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
                    found.append(eval(ast.unparse(one.args[0]), vars(module)))  # noqa: S307 (a name of our own code)
    return found


@pytest.mark.long
def test_every_kind_that_is_declared_is_loaded_and_asked_for_here():
    """One that no module `jobs` imports would be unknown to a worker."""
    names = declared_names()
    assert len(names) == len(set(names)) > 20
    assert set(names) == kinds.kinds().keys() == ASKED.keys()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.long
def test_each_process_knows_every_kind_and_the_one_task_that_does_them():
    """A process that has loaded nothing but the portal, as workers, beat, web and commands do."""
    code = (
        "import django, json; django.setup(); from celery import current_app as app;"
        "app.loader.import_default_modules(); from apps.jobs import kinds;"
        "print(json.dumps([sorted(kinds.kinds()), sorted(app.tasks)]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=workers.environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    known, registered = json.loads(told.stdout.splitlines()[-1])
    assert known == sorted(ASKED)
    ours = [name for name in registered if not name.startswith("celery.")]
    assert [name for name in ours if not name.startswith("portal.tasks.")] == [wake_up.TASK]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_message_is_called_by_its_kind_in_the_log_of_the_worker(running, tmp_path):
    job = a_batch(tmp_path)
    ended(job)
    logs = sorted(Path(settings.MEDIA_ROOT).parent.glob("worker-*.log"), key=os.path.getmtime)
    received = f"Task {intake.CHECK_BATCH}["
    until = time.monotonic() + 5
    while received not in logs[-1].read_text():
        assert time.monotonic() < until, f"{received} is not in the worker's log"
        time.sleep(0.05)


def test_what_the_clock_rings_is_registered_and_has_a_worker():
    current_app.autodiscover_tasks(force=True)
    served = set(re.findall(r"worker\(\"(\w+)\"", (ROOT / "bin/run").read_text()))
    assert served == {"interactive", "batches", "rounds", "hazards", "relief"}
    for name, entry in current_app.conf.beat_schedule.items():
        assert entry["task"] in current_app.tasks, name
        assert entry["options"]["queue"] in served, name
    assert sealing.TASK in current_app.tasks
    assert settings.CELERY_TASK_DEFAULT_QUEUE in served
    assert Job._meta.get_field("queue").default in served
    assert {kind.queue for kind in kinds.kinds().values()} <= served


# --- descriptions --------------------------------------------------------------------------------


def test_a_kind_that_is_declared_twice_is_refused():
    with pytest.raises(ValueError, match="declared twice"):
        kinds.job(civil_check.CHECK_CIVIL, label="Again")(lambda _lease: None)


@pytest.mark.parametrize("kind", sorted(kinds.kinds()))
def test_every_kind_has_a_name_and_says_who_can_do_what_in_both_languages(kind):
    known = kinds.named(kind)
    said = {}
    for language in ("id", "en"):
        with translation.override(language):
            said[language] = (str(known.label), str(known.remedy))
    for indonesian, english in zip(said["id"], said["en"], strict=True):
        assert indonesian != english
        assert "_" not in english
    assert len(said["en"][1]) > 30


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [*sorted(kinds.kinds()), "strange.do_it"])
@pytest.mark.parametrize("code", ["gave_up", "kept_failing", "never_heard_of"])
@pytest.mark.long
def test_no_page_of_jobs_names_a_kind(signed_in, kind, code):
    with as_role("owner"):
        job = a_job(kind=kind, subject="proposals.FormDraft:7", actor="user:1")
        Job.objects.filter(pk=job.pk).update(status="running")
        Job.objects.filter(pk=job.pk).update(
            status="failed", message_code=code, message_params={"attempts": 3}
        )
    browser = signed_in("administrator")
    for address in ("/admin/jobs/job/", f"/admin/jobs/job/{job.pk}/change/"):
        page = browser.get(address).content.decode()
        assert kind not in page
        assert kind.rpartition(".")[2] not in page
        assert code not in page
        assert "FormDraft" not in page
