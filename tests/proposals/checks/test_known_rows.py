"""A file most of whose rows are known already stops at a question and obeys its answer."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.api import answers
from apps.audit.models import Entry
from apps.casework.models import Notice
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals.checks import known_rows
from apps.proposals.models import Batch, Proposal
from apps.proposals.upload import intake
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals.registered import registered
from tests.proposals.sending import as_csv, check, places, receive, row, send

pytestmark = pytest.mark.django_db
LIST = "/proposals/batches/"
OLD = [row(9000 + n) for n in range(6)]


def new(count: int) -> list[dict[str, str]]:
    return [row(9100 + n) for n in range(count)]


@pytest.fixture
def officer(person):
    return person("regency_officer")


@pytest.fixture
def asking(officer) -> Batch:
    """Six rows that a colleague's file has proposed already, two twice, and two new ones."""
    send(OLD, officer)
    return send([*OLD, *new(2), new(1)[0], OLD[0]], officer, name="usulan_lagi.csv")


def test_more_than_half_known_stops_before_a_row_becomes_a_proposal(asking):
    assert asking.status == "asking"
    assert asking.known_rows == {"rows": 10, "register": 0, "open": 7, "file": 1}
    assert places(asking) == {}
    with as_role("worker"):
        assert intake.job_of(asking).status == Job.Status.DONE
        notice = Notice.objects.get(subject=asking.subject)
    assert (notice.kind, notice.params["known"], notice.params["rows"]) == ("batch_asks", 8, 10)


@pytest.mark.parametrize(("known", "fresh"), [(6, 6), (4, 0), (6, 7)])
@pytest.mark.long
def test_half_of_the_rows_or_a_handful_asks_nothing(officer, known, fresh):
    send(OLD, officer)
    assert send([*OLD[:known], *new(fresh)], officer, name="b.csv").status == "ready"


def test_the_register_counts_and_each_row_counts_once(officer):
    registered(9001, programme="PKH")
    send([row(9002)], officer)
    again = send([row(9001)] * 4 + [row(9002)] * 2 + [row(9003)] * 2, officer, name="b.csv")
    assert again.known_rows == {"rows": 8, "register": 4, "open": 2, "file": 1}


def test_a_family_typed_in_the_form_is_not_asked_about(officer):
    send(OLD, officer)
    typed = intake.receive_rows(
        rows=OLD, by=officer, region_code="97.01", origin=Batch.Origin.FORM, now=timezone.now()
    )
    assert check(typed).status == "ready"


def test_going_on_makes_proposals_and_keeps_who_said_so(asking, officer, signed_in):
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get(f"{LIST}{asking.pk}/").content.decode()
    assert "8 of 10 rows are known already." in page
    assert "7 rows: the person is proposed for it in another open file." in page
    assert f'href="{LIST}{asking.pk}/"' in browser.get(LIST, {"waits": "asking"}).content.decode()
    browser.post(f"{LIST}{asking.pk}/anyway/")
    with as_role("worker"):
        job = intake.job_of(asking)
        do(job)
        asking.refresh_from_db()
        assert Entry.objects.filter(subject=asking.subject, details__step="confirm").exists()
    assert (asking.status, asking.went_on_by) == ("ready", officer)
    assert len(places(asking)) == 10
    page = browser.get(f"{LIST}{asking.pk}/").content.decode()
    assert "chose to go on anyway" in page


def test_throwing_away_deletes_the_file_and_lets_it_come_again(
    asking, officer, signed_in, django_capture_on_commit_callbacks
):
    path = Path(settings.MEDIA_ROOT) / asking.file.name
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    with django_capture_on_commit_callbacks(execute=True):
        page = browser.post(f"{LIST}{asking.pk}/discard/", follow=True).content.decode()
    assert "usulan_lagi.csv was thrown away" in page
    asking.refresh_from_db()
    assert (asking.status, asking.file, asking.sha256) == ("discarded", "", "")
    assert not path.exists()
    assert "was thrown away" in browser.get(f"{LIST}{asking.pk}/").content.decode()
    again = receive(as_csv([*OLD, *new(2)]), officer, name="usulan_lagi.csv")
    assert again.is_new


def test_of_two_answers_the_first_counts(asking, officer):
    known_rows.confirm(batch=asking, by=officer, now=timezone.now())
    with pytest.raises(DomainError, match="^nothing_asked$"):
        known_rows.discard(batch=asking, by=officer)


def test_who_only_looks_answers_nothing(asking, signed_in):
    browser = signed_in("verifier")
    assert "anyway/" not in browser.get(f"{LIST}{asking.pk}/").content.decode()
    assert browser.post(f"{LIST}{asking.pk}/anyway/").status_code == 403


def test_a_worker_that_dies_at_the_question_or_after_the_answer_is_followed_by_another(
    officer, monkeypatch
):
    send(OLD, officer)
    received = receive(as_csv(OLD[::-1]), officer, name="b.csv")
    dying(monkeypatch, "finish", received.job)
    batch = Batch.objects.get(pk=received.batch.pk)
    assert (batch.status, batch.known_rows) == ("checking", {})
    assert check(received).status == "asking"
    with as_role("worker"):
        job = known_rows.confirm(
            batch=Batch.objects.get(pk=batch.pk), by=officer, now=timezone.now()
        )
    dying(monkeypatch, "finish", job)
    assert Batch.objects.get(pk=batch.pk).status == "checking"
    assert check(intake.Received(batch, job, False)).status == "ready"
    assert Proposal.objects.filter(batch=batch).count() == len(OLD)


def dying(monkeypatch, step: str, job: Job) -> None:
    """The worker is gone at a step of its lease; the job waits for the next one."""

    def die(*_args, **_more):
        raise KeyError("killed")

    with monkeypatch.context() as patch, as_role("worker"), pytest.raises(KeyError):
        patch.setattr(work.Lease, step, die)
        do(job)


@pytest.mark.slow
def test_the_command_ends_with_two_and_goes_on_when_told(officer, monkeypatch, tmp_path):
    send(OLD, officer)
    path, out = tmp_path / "b.csv", io.StringIO()
    path.write_bytes(as_csv([*OLD, *new(1)]))
    with as_role("worker"), pytest.raises(CommandError, match="6 of 7 rows") as refused:
        call_command("import_batch", path, "--as", officer.username)
    assert refused.value.returncode == 2
    with as_role("worker"):
        call_command(
            "import_batch", path, "--as", officer.username, "--anyway", "--json", stdout=out
        )
    assert json.loads(out.getvalue().splitlines()[-1])["rows"] == 7


def test_an_agency_reads_that_its_batch_waits_for_an_answer(person, asking):
    assert answers.answer(asking)["status"] == "asking"
