"""Determination: all or nothing, once, by somebody else than who accepted."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F

from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.decree import determination
from apps.proposals.models import Batch, Decision, Decree, Proposal
from apps.registry.models import Change, Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.personas import grant
from tests.proposals import factory

DATE = date(2026, 11, 20)
REASON = "Dukcapil belum dapat ditanya."


@pytest.fixture
def determiner(person, gate):
    user = person("determiner")
    gate(user)
    return user


@pytest.fixture
def batch(person):
    return factory.batch(person("regency_officer"), status="submitted")


@pytest.fixture
def accepter(person):
    return person("pusdatin_verifier")


def ask(by, number="88/HUK/2026", region="97", now=NOW, reason=REASON):
    return determination.enqueue_decree(
        number=number, date=DATE, region_code=region, by=by, now=now, civil_reason=reason
    )


def run(job):
    """Do the job as a worker does; returns the decree as it is then."""
    with as_role("worker"):
        with work.claimed(job.pk, job.kind) as lease:
            if lease:
                determination.determine(lease)
        job.refresh_from_db()
        return Decree.objects.get(pk=job.parameters["decree"])


@pytest.mark.django_db
def test_accepted_proposals_enter_the_register_by_one_change_with_decree_and_annex(
    determiner, batch, accepter
):
    rows = factory.proposals(batch, 6, status="accepted", step_by=accepter)
    decree, job = ask(determiner)
    assert (decree.status, job.status) == ("preparing", "waiting")
    decree = run(job)
    assert (decree.status, decree.counts["determined"], decree.counts["left_out"]) == (
        "in_force",
        6,
        {},
    )
    with as_role("owner"):
        assert set(
            Proposal.objects.values_list("status", "decree", "step_by").filter(batch=batch)
        ) == {("determined", decree.pk, determiner.pk)}
        assert Decision.objects.filter(to_status="determined", by=determiner).count() == 6
        change = Change.objects.get()
        assert (change.kind, change.reference, change.actor) == (
            "decree",
            "88/HUK/2026",
            f"user:{determiner.pk}",
        )
        assert decree.change == change
        people = Person.objects.order_by("nik")
        assert [one.nik for one in people] == sorted(row.nik for row in rows)
        assert {one.source_ref for one in people} == {str(row.pk) for row in rows}
        assert Family.objects.count() == len({row.kk for row in rows})
        assert set(Enrolment.objects.values_list("programme", "active_from", "change")) == {
            ("PKH", DATE, change.pk)
        }
        assert Batch.objects.get(pk=batch.pk).status == "closed"
        entry = Entry.objects.get(action=Action.DECIDE)
        assert (entry.subject, entry.details["determined"]) == (decree.subject, 6)
    for name in (decree.annex_csv.name, decree.annex_pdf.name):
        assert (Path(settings.MEDIA_ROOT) / name).stat().st_size > 0
    assert not staging_tables()


def staging_tables():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'staging'::regnamespace"
            " AND (relname LIKE 'decree%' OR relname LIKE 'change%')"
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_a_batch_with_an_open_row_stays_open(determiner, batch, accepter):
    factory.proposals(batch, 2, status="accepted", step_by=accepter)
    factory.proposal(batch, first=9, status="returned")
    run(ask(determiner)[1])
    with as_role("owner"):
        assert Batch.objects.get(pk=batch.pk).status == "submitted"


@pytest.mark.django_db
def test_rows_outside_the_region_or_accepted_after_the_decree_was_asked_wait(
    determiner, batch, accepter, person
):
    inside = factory.proposal(batch, status="accepted", step_by=accepter)
    later = factory.proposal(
        batch, first=2, status="accepted", step_by=accepter, step_at=NOW + timedelta(seconds=1)
    )
    other = factory.batch(person("regency_officer", "98.01"), region="98.01")
    outside = factory.proposal(other, first=3, village="I", status="accepted", step_by=accepter)
    decree = run(ask(determiner)[1])
    assert decree.counts["determined"] == 1
    assert [factory.status_of(row) for row in (inside, later, outside)] == [
        "determined",
        "accepted",
        "accepted",
    ]


@pytest.mark.django_db
def test_of_two_rows_for_one_person_and_programme_the_later_is_left_out_with_its_reason(
    determiner, batch, accepter
):
    first = factory.proposal(batch, status="accepted", step_by=accepter)
    second = factory.proposal(
        batch, first=2, village="B", nik=first.nik, status="accepted", step_by=accepter
    )
    other = factory.proposal(
        batch, first=3, nik=first.nik, programme_id="SEMBAKO", status="accepted", step_by=accepter
    )
    decree = run(ask(determiner)[1])
    assert [factory.status_of(row) for row in (first, second, other)] == [
        "determined",
        "accepted",
        "determined",
    ]
    assert decree.counts["left_out"] == {"duplicate": 1}
    assert decree.counts["left_out_rows"] == [[second.pk, "duplicate"]]
    with as_role("owner"):
        assert Person.objects.count() == 1
        assert Enrolment.objects.count() == 2


@pytest.mark.django_db
def test_what_the_determiner_accepted_is_left_out_and_counted(
    determiner, batch, accepter, gate, person
):
    with as_role("owner"):
        grant(accepter, "determiner", "ID")
    both = User.objects.get(pk=accepter.pk)
    gate(both)
    own = factory.proposal(batch, status="accepted", step_by=both)
    factory.proposal(batch, first=2, status="accepted", step_by=determiner)
    decree = run(ask(both)[1])
    assert decree.counts["left_out"] == {"own": 1}
    assert factory.status_of(own) == "accepted"


@pytest.mark.django_db
def test_a_decree_that_would_be_empty_fails_in_words_and_changes_nothing(
    determiner, batch, accepter, gate
):
    with as_role("owner"):
        grant(accepter, "determiner", "ID")
    both = User.objects.get(pk=accepter.pk)
    gate(both)
    factory.proposal(batch, status="accepted", step_by=both)
    _decree, job = ask(both)
    decree = run(job)
    assert (decree.status, job.status, job.message_code) == ("failed", "failed", "nothing_accepted")
    with as_role("owner"):
        assert not Change.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["pusdatin_verifier", "head_of_office", "verifier", "steward"])
def test_only_a_determiner_asks_for_a_decree(batch, person, role, gate):
    factory.proposal(batch, status="accepted")
    user = person(role)
    gate(user)
    with pytest.raises(DomainError, match="^not_yours$"):
        ask(user)
    assert not Decree.objects.exists()


@pytest.mark.django_db
def test_a_decree_number_is_used_once_and_an_empty_decree_is_not_made(determiner, batch, accepter):
    with pytest.raises(DomainError, match="^nothing_accepted$"):
        ask(determiner)
    factory.proposal(batch, status="accepted", step_by=accepter)
    ask(determiner)
    with pytest.raises(DomainError, match="^decree_exists$") as refused:
        ask(determiner, number="  88/HUK/2026 ")
    assert "88/HUK/2026" in refused.value.text


@pytest.mark.django_db
def test_a_right_that_ended_before_the_work_began_stops_the_decree(determiner, batch, accepter):
    row = factory.proposal(batch, status="accepted", step_by=accepter)
    _decree, job = ask(determiner)
    with as_role("owner"):
        determiner.grants.update(active_until=F("active_from"))
    decree = run(job)
    assert (decree.status, job.message_code) == ("failed", "not_yours")
    assert factory.status_of(row) == "accepted"


@pytest.mark.django_db
def test_a_decree_cancelled_before_it_began_is_resumed_once_by_its_maker(
    determiner, batch, accepter
):
    factory.proposals(batch, 3, status="accepted", step_by=accepter)
    decree, job = ask(determiner)
    work.cancel(job)
    run(job)
    resumed = [determination.resume(decree=decree, by=determiner, now=NOW) for _ in range(2)]
    assert resumed[0] == resumed[1] != job
    assert run(resumed[0]).counts["determined"] == 3
    # in force there is nothing to go on with
    assert determination.resume(decree=decree, by=determiner, now=NOW) == resumed[0]
    with as_role("owner"):
        said = Entry.objects.about(decree.subject).filter(details__step="resume")
        assert [(one.action, one.actor) for one in said] == [
            (Action.CHANGE, f"user:{determiner.pk}")
        ]


@pytest.mark.django_db
def test_a_decree_cancelled_between_two_regencies_goes_on_and_doubles_nothing(
    determiner, batch, accepter, person, monkeypatch
):
    monkeypatch.setattr(determination, "AT_ONCE", 3)
    factory.proposals(batch, 3, status="accepted", step_by=accepter)
    other = factory.batch(person("regency_officer", "97.02"), region="97.02", status="submitted")
    factory.proposals(other, 3, first=31, village="E", status="accepted", step_by=accepter)
    decree, job = ask(determiner)
    with (
        as_role("worker"),
        work.claimed(job.pk, job.kind) as lease,
    ):
        with transaction.atomic():
            determination._determine_part(decree, "97.01", lease)
        work.cancel(job)
        lease.still_wanted()
    with as_role("owner"):
        assert Decree.objects.get().status == "failed"
        assert Decision.objects.filter(to_status="determined").count() == 3
    decree = run(determination.resume(decree=decree, by=determiner, now=NOW))
    assert (decree.status, decree.counts["determined"]) == ("in_force", 6)
    with as_role("owner"):
        assert Decision.objects.filter(to_status="determined").count() == 6
        assert Change.objects.get().rows["persons_new"] == Person.objects.count() == 6
        assert Enrolment.objects.values("person", "programme").distinct().count() == (
            Enrolment.objects.count()
        )


@pytest.mark.django_db
def test_while_a_decree_is_being_cancelled_it_is_not_resumed(determiner, batch, accepter):
    factory.proposal(batch, status="accepted", step_by=accepter)
    decree, job = ask(determiner)
    with as_role("owner"):
        Job.objects.filter(pk=job.pk).update(status=Job.Status.RUNNING, cancel_asked=True)
    with pytest.raises(DomainError, match="^decree_stopping$") as refused:
        determination.resume(decree=decree, by=determiner, now=NOW)
    assert "88/HUK/2026" in refused.value.text


@pytest.mark.django_db
def test_delivered_twice_the_work_is_done_once(determiner, batch, accepter):
    factory.proposals(batch, 3, status="accepted", step_by=accepter)
    _decree, job = ask(determiner)
    first, second = run(job), run(job)
    assert first.in_force_at == second.in_force_at
    with as_role("owner"):
        assert Decision.objects.filter(to_status="determined").count() == 3
        assert Change.objects.count() == 1


@pytest.mark.django_db
def test_a_large_decree_goes_regency_by_regency_and_is_one_change(
    determiner, batch, accepter, person, monkeypatch
):
    monkeypatch.setattr(determination, "AT_ONCE", 3)
    factory.proposals(batch, 3, status="accepted", step_by=accepter)
    other = factory.batch(person("regency_officer", "97.02"), region="97.02", status="submitted")
    factory.proposals(other, 3, first=31, village="E", status="accepted", step_by=accepter)
    same = factory.proposal(
        other, first=41, nik=factory.nik_of(1), village="E", status="accepted", step_by=accepter
    )
    decree = run(ask(determiner)[1])
    assert (decree.status, decree.counts["determined"]) == ("in_force", 6)
    assert decree.counts["left_out"] == {"duplicate": 1}
    assert factory.status_of(same) == "accepted"
    with as_role("owner"):
        assert Change.objects.get().rows["persons_new"] == 6


# --- kills -------------------------------------------------------------------------------------

WORKER = """
import os, signal, sys, threading, time
import django
django.setup()
from apps.jobs import work
work.run(int(sys.argv[1]), "proposals.determine")
"""


def start_worker(job):
    """A real process on the test's own database and queue, as the worker role."""
    connection_settings = connection.settings_dict
    name, host = connection_settings["NAME"], connection_settings["HOST"]
    url = f"postgresql://portal_worker@{host.replace('/', '%2F')}/{name}"
    environment = os.environ | {
        "DATABASE_WORKER_URL": url,
        "PORTAL_DATABASE_ROLE": "worker",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(job.pk)],
        cwd=Path(__file__).resolve().parents[3],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def digest(number):
    """What a determination leaves behind, without its times."""
    with as_role("owner"):
        decree = Decree.objects.get(number=number)
        return {
            "annex": (decree.annex_csv_sha256, decree.annex_pdf_sha256),
            "proposals": sorted(
                Proposal.objects.values_list("nik", "status").order_by("nik", "status")
            ),
            "decisions": Decision.objects.filter(to_status="determined").count(),
            "persons": sorted(Person.objects.values_list("nik", "name", "village", "status")),
            "enrolments": Enrolment.objects.count(),
            "events": person_events(),
            "rows": decree.change.rows,
        }


def person_events():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT pgh_obj_id), count(change_id)"
            " FROM registry_personevent"
        )
        return cursor.fetchone()


@pytest.mark.parametrize(
    ("count", "waits_s"),
    [
        pytest.param(1_500, [0.1, 0.6], marks=pytest.mark.slow),
        pytest.param(20_000, [0.4 * n for n in range(20)], marks=pytest.mark.scale),
    ],
)
@pytest.mark.long
def test_a_determination_killed_at_any_moment_gives_the_same_when_it_is_repeated(
    transactional_db, person, count, waits_s
):
    determiner, accepter = person("determiner"), person("pusdatin_verifier")
    empty_the_register()  # so that both runs number their rows alike
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, count, status="accepted", step_by=accepter)
    with as_role("worker"), transaction.atomic():
        _decree, job = ask(determiner)
    kills = 0
    for wait_s in waits_s:
        kills += kill_once_it_works(start_worker(job), job, wait_s)
        with as_role("owner"):
            # the kills of this test are no fault of the job's
            Job.objects.filter(pk=job.pk).exclude(status="done").update(attempt=0)
            seen = set(Proposal.objects.values_list("status", flat=True))
        assert seen in ({"accepted"}, {"determined"})  # never a half decree
    start_worker(job).wait(timeout=300)
    assert kills
    done = digest("88/HUK/2026")
    assert done["events"] == (count, count, count)
    assert done["decisions"] == count
    assert done["rows"]["persons_new"] == count
    with as_role("owner"):
        assert Job.objects.get(pk=job.pk).status == "done"
        assert Change.objects.count() == 1
        # undisturbed, the same rows give the same
        Decree.objects.update(number="undisturbed")
    assert done == undisturbed(determiner, accepter, person, count)


def empty_the_register():
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE proposals_proposal, proposals_decision, proposals_decree, registry_person,"
            " registry_family, registry_enrolment, registry_claim, registry_personevent,"
            " registry_familyevent, registry_enrolmentevent, registry_change"
            " RESTART IDENTITY CASCADE"
        )


def undisturbed(determiner, accepter, person, count):
    """The digest of the same determination in an empty register, without any kill."""
    empty_the_register()
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, count, status="accepted", step_by=accepter)
    with as_role("worker"), transaction.atomic():
        _decree, job = ask(determiner)
    run(job)
    return digest("88/HUK/2026")


@pytest.mark.long
def test_two_decrees_over_one_region_at_once_share_the_rows_between_them(transactional_db, person):
    determiner, accepter = person("determiner"), person("pusdatin_verifier")
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, 300, status="accepted", step_by=accepter)
    with as_role("worker"), transaction.atomic():
        jobs = [ask(determiner, number=number)[1] for number in ("1/HUK/2026", "2/HUK/2026")]
    workers = [start_worker(job) for job in jobs]
    for worker in workers:
        worker.wait(timeout=60)
    with as_role("owner"):
        states = sorted(Decree.objects.values_list("status", flat=True))
        assert states == ["failed", "in_force"]  # nothing was left for the second
        assert Decision.objects.filter(to_status="determined").count() == 300
        assert Person.objects.count() == 300
        assert Change.objects.count() == 1


@pytest.mark.scale
def test_ten_thousand_proposals_are_determined_in_seconds(transactional_db, person, figure):
    determiner, accepter = person("determiner"), person("pusdatin_verifier")
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, 10_000, status="accepted", step_by=accepter)
    with as_role("worker"), transaction.atomic():
        _decree, job = ask(determiner)
    started = time.perf_counter()
    decree = run(job)
    seconds = time.perf_counter() - started
    assert decree.counts["determined"] == 10_000
    figure("10,000 proposals determined", seconds, "s")


def kill_once_it_works(worker, job, wait_s):
    """Kill a worker that has claimed the job, after a while; returns whether it died by that."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT token FROM jobs_job WHERE id = %s", [job.pk])
        before = cursor.fetchone()[0]
        while worker.poll() is None:
            cursor.execute("SELECT token FROM jobs_job WHERE id = %s", [job.pk])
            if cursor.fetchone()[0] > before:
                time.sleep(wait_s)
                worker.send_signal(signal.SIGKILL)
                break
            time.sleep(0.02)
    worker.wait(timeout=30)
    wait_until_its_session_ended()
    return worker.returncode == -signal.SIGKILL


def wait_until_its_session_ended():
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND usename = 'portal_worker'"
            )
            if not cursor.fetchone()[0]:
                return
        time.sleep(0.05)


# --- the command --------------------------------------------------------------------------------


def determine_command(*more):
    out = StringIO()
    call_command(
        "determine",
        *("--as", "determiner-ID", "--decree", "88/HUK/2026", "--date", "2026-11-20"),
        *("--reason", REASON),
        *more,
        stdout=out,
    )
    return out.getvalue().splitlines()


@pytest.mark.slow
def test_the_command_determines_and_says_so_in_words_and_json(transactional_db, person):
    person("determiner")
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 4, status="accepted", step_by=person("pusdatin_verifier"))
    with as_role("worker"):
        said = determine_command("--json")
    found = json.loads(said[-1])
    assert (found["determined"], found["left_out"]) == (4, {})
    assert found["rows"]["persons_new"] == 4
    assert said[0].startswith("4 ")
    assert any("88/HUK/2026" in line for line in said)
    with as_role("worker"):
        again = determine_command("--json")
    assert again[0] == "That is so already; nothing was changed."
    assert json.loads(again[-1]) == found
    with as_role("worker"), pytest.raises(CommandError) as refused:
        determine_command("--date", "2026-11-21")
    assert refused.value.returncode == 2


def test_the_command_refuses_an_unknown_person_and_an_unknown_region(transactional_db, person):
    with as_role("worker"):
        with pytest.raises(CommandError) as refused:
            determine_command()
        assert refused.value.returncode == 2
    person("determiner")
    with as_role("worker"):
        with pytest.raises(CommandError) as refused:
            determine_command("--region", "11.99")
        assert refused.value.returncode == 2
