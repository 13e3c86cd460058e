"""Asked to be submitted before its check has ended: form, API and command alike, exactly once."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import User
from apps.api import views as api
from apps.casework.models import Cycle
from apps.common import locks
from apps.common.locks import Lock
from apps.jobs import work
from apps.proposals.entry import sending as form_sending
from apps.proposals.management.commands.import_batch import Command
from apps.proposals.models import Batch, Decision, FormDraft, Proposal
from apps.proposals.submitting import submission, when_checked
from apps.proposals.upload import intake
from tests.base import forget_cycles
from tests.conftest import as_role
from tests.personas import agency_client
from tests.proposals import forms
from tests.proposals.checks.test_reading import free_of_ghosts, start_worker
from tests.proposals.sending import A, as_csv, check, receive, row

REGENCY = 9701
ROWS = 3


@pytest.fixture
def officer(person) -> User:
    return person("regency_officer")


def by_form(officer: User, signed_in: Callable) -> tuple[Batch, object]:
    browser, draft = signed_in("regency_officer"), forms.draft_of(officer)
    cards = [forms.member(9001 + number, number) for number in range(ROWS)]
    forms.typed(browser, draft, members=forms.members(*cards))
    with transaction.atomic():
        open_gate(officer)
        job = form_sending.send(draft=FormDraft.objects.get(), by=officer, now=timezone.now())
        return Batch.objects.get(), job


def by_api(officer: User, signed_in: Callable) -> tuple[Batch, object]:
    with as_role("owner"):
        client, _secret = agency_client("97.01")
    with transaction.atomic():
        open_gate(client.agency)
        return api._received(None, row(9001), client.agency)


def by_command(officer: User, signed_in: Callable) -> tuple[Batch, object]:
    received = receive(as_csv(row(9001 + number) for number in range(ROWS)), officer)
    with as_role("worker"):
        assert Command()._request(received.batch, officer)
    return received.batch, received.job


WAYS = pytest.mark.parametrize("ask", [by_form, by_api, by_command])


def work_off(batch: Batch, job) -> Batch:
    return check(intake.Received(batch, job, False))


def wait_for_the_lock(worker) -> None:
    """Until the worker has checked the batch and waits for its regency, to submit it."""
    waits = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted)"
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while not cursor.execute(waits).fetchone()[0]:
            assert time.monotonic() < until
            assert worker.poll() is None
            time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@WAYS
@pytest.mark.long
def test_a_worker_killed_between_check_and_submission_loses_neither(
    ask, officer, signed_in, settings, tmp_path
):
    batch, job = ask(officer, signed_in)
    with as_role("worker"), transaction.atomic():
        locks.hold(Lock.REGENCY, REGENCY)
        worker = start_worker(job.pk, settings, announce=tmp_path / "ready")
        wait_for_the_lock(worker)
        worker.send_signal(signal.SIGKILL)
        assert worker.wait() == -signal.SIGKILL
        # the check has not ended without its submission
        assert Batch.objects.get(pk=batch.pk).status == Batch.Status.CHECKING
        assert not Proposal.objects.filter(batch=batch).exists()
    free_of_ghosts(job.pk)
    for _again in range(2):
        with as_role("worker"):
            work.run(job.pk, job.kind)
    with as_role("worker"):
        batch = Batch.objects.get(pk=batch.pk)
        rows = Proposal.objects.filter(batch=batch)
        assert batch.status == Batch.Status.SUBMITTED
        assert {one.status for one in rows} == {"submitted"}
        assert Decision.objects.filter(proposal__in=rows).count() == rows.count() > 0
        assert batch.submit_outcome["moved"] == rows.count()


@pytest.fixture
def closed(role) -> None:
    """The last cycle is over, and the next has not opened."""
    with role("owner"):
        forget_cycles()
        Cycle.objects.create(
            name="Dulu",
            opens_date=date(2020, 1, 1),
            cutoff_date=date(2020, 1, 17),
            draw_date=date(2020, 1, 20),
        )


@pytest.mark.django_db
@WAYS
def test_a_refused_submission_leaves_the_batch_checked_with_the_reason(
    ask, officer, signed_in, closed
):
    batch = work_off(*ask(officer, signed_in))
    assert batch.status == Batch.Status.READY
    assert batch.submit_outcome["refused"] == "cycle_closed_last"
    assert "Dulu" in when_checked.refusal(batch)
    with as_role("worker"):
        assert {one.status for one in Proposal.objects.filter(batch=batch)} == {"draft"}


@pytest.mark.django_db
def test_the_officer_reads_the_reason_on_the_page_of_the_file(officer, signed_in, closed):
    batch = work_off(*by_command(officer, signed_in))
    page = signed_in("regency_officer").get(f"/proposals/batches/{batch.pk}/").content.decode()
    assert "Dulu" in page


@pytest.mark.django_db
def test_asked_after_the_check_has_ended_it_is_submitted_at_once(officer):
    batch = check(receive(as_csv([row(9001)]), officer))
    open_gate(officer)
    when_checked.request_submission(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    assert (batch.status, batch.submit_outcome["moved"]) == (Batch.Status.SUBMITTED, 1)


@pytest.mark.django_db
def test_a_whole_with_a_row_to_mend_stays_and_ready_rows_alone_go(officer):
    content = as_csv([row(9001), row(9002, nik="1")])
    whole, rows = (receive(content, officer, region=code) for code in ("97.01", A[:8]))
    for received, is_whole in ((whole, True), (rows, False)):
        open_gate(officer)
        when_checked.request_submission(
            batch=received.batch, by=officer, now=timezone.now(), is_whole=is_whole
        )
        batch = check(received)
        assert batch.submit_outcome.get("held") == (1 if is_whole else None)
        assert batch.submit_outcome.get("moved") == (None if is_whole else 1)


@pytest.mark.django_db
def test_without_a_request_a_checked_batch_waits_for_its_button(officer):
    batch = check(receive(as_csv([row(9001)]), officer))
    assert (batch.status, batch.submit_outcome) == (Batch.Status.READY, {})


@pytest.mark.django_db
def test_a_refusal_is_over_once_the_batch_was_submitted(officer):
    batch = check(receive(as_csv([row(9001)]), officer))
    refused = {"refused": "cycle_closed", "params": {}}
    Batch.objects.filter(pk=batch.pk).update(submit_outcome=refused)
    open_gate(officer)
    submission.submit(batch=batch, by=officer, now=timezone.now())
    batch.refresh_from_db()
    assert when_checked.refusal(batch) == ""
