"""What the civil register says of proposals: four things that stay apart, kept, shown, counted."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from apps.civilregister.states import CivilStatus
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals.civil import civil_check
from apps.proposals.civil.civil_check import CivilAnswer
from apps.proposals.models import CivilMatch, Proposal
from apps.proposals.selection import Selection
from tests.base import NOW
from tests.conftest import as_role
from tests.maps.tiles import fetched, over, read
from tests.personas import FOREIGN, OWN
from tests.proposals import factory

pytestmark = pytest.mark.django_db

MATCHED, NOT_MATCHED, FAILED = CivilStatus.MATCHED, CivilStatus.NOT_MATCHED, CivilStatus.FAILED
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def rows(person):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("pusdatin_verifier")
    return factory.proposals(batch, 4, status="accepted", step_by=by)


def note(*said: CivilAnswer, now=NOW, source="DUKCAPIL") -> int:
    with as_role("worker"):
        return civil_check.store_answers(said, source=source, now=now)


def note_four(rows) -> None:
    """One of each; the first stays unasked."""
    _unasked, matched, differs, failed = (row.pk for row in rows)
    note(
        CivilAnswer(matched, MATCHED),
        CivilAnswer(differs, NOT_MATCHED, ("name", "birth_date")),
        CivilAnswer(failed, FAILED, fault="timeout"),
    )


def said_of(row: Proposal) -> CivilMatch | None:
    with as_role("owner"):
        return CivilMatch.objects.filter(pk=row.pk).first()


def test_four_things_stay_apart(rows, gate, person):
    note_four(rows)
    gate(person("determiner"))
    found = civil_check.of(row.pk for row in rows)
    assert {pk: match.status for pk, match in found.items()} == {
        rows[1].pk: "matched",
        rows[2].pk: "not_matched",
        rows[3].pk: "failed",
    }
    assert found[rows[2].pk].differs == ["name", "birth_date"]
    assert (found[rows[3].pk].fault, found[rows[3].pk].attempts) == ("timeout", 1)
    assert civil_check.counts(Proposal.objects.all()) == dict.fromkeys(CivilStatus.values, 1)
    assert {row.pk for row in civil_check.others(Proposal.objects.all())} == {
        rows[0].pk,
        rows[2].pk,
        rows[3].pk,
    }


def test_a_failure_never_takes_the_place_of_a_fresh_answer(rows):
    note_four(rows)
    assert note(*(CivilAnswer(row.pk, FAILED, fault="busy") for row in rows), now=LATER) == 2
    assert [said_of(row).status for row in rows] == ["failed", "matched", "not_matched", "failed"]
    assert said_of(rows[3]).attempts == 2
    late = NOW + civil_check.fresh_for() + timedelta(days=1)
    note(CivilAnswer(rows[1].pk, FAILED, fault="busy"), now=late)
    assert said_of(rows[1]).status == "failed"


def test_an_answer_takes_the_place_of_a_failure_and_forgets_its_attempts(rows):
    note_four(rows)
    note(CivilAnswer(rows[3].pk, MATCHED, ("village",)), now=LATER, source="CIVIL:2")
    match = said_of(rows[3])
    assert (match.status, match.fault, match.attempts) == ("matched", "", 0)
    assert (match.source, match.checked_at, match.differs) == ("CIVIL:2", LATER, ["village"])


@pytest.mark.parametrize("status", ["determined", "returned", "rejected", "submitted", "verified"])
def test_what_is_not_about_to_be_decided_keeps_what_was_said(person, status):
    batch = factory.batch(person("regency_officer"), status="submitted")
    row = factory.proposal(batch, status=status)
    assert note(CivilAnswer(row.pk, MATCHED)) == 0
    assert said_of(row) is None


def test_nobody_is_noted_as_not_checked(rows):
    said = [CivilAnswer(rows[0].pk, CivilStatus.NOT_CHECKED)]
    with as_role("worker"), pytest.raises(IntegrityError), transaction.atomic():
        civil_check.store_answers(said, source="DUKCAPIL", now=NOW)


def test_the_web_reads_its_own_regions_only_and_writes_nothing(rows, gate, person):
    note_four(rows)
    gate(person("verifier", region=FOREIGN))
    assert not CivilMatch.objects.exists()
    gate(person("verifier", region=OWN))
    assert CivilMatch.objects.count() == 3
    with pytest.raises(ProgrammingError), transaction.atomic():
        CivilMatch.objects.update(status="matched")


# --- what is due ---


def due(now=NOW, source="DUKCAPIL") -> set[int]:
    with as_role("owner"):
        return set(civil_check.due(source, now).values_list("pk", flat=True))


def test_due_is_what_nobody_asked_about_what_failed_a_while_ago_and_what_is_old(rows):
    note_four(rows)
    unasked, matched, differs, failed = (row.pk for row in rows)
    assert due() == {unasked}
    assert due(NOW + timedelta(minutes=6)) == {unasked, failed}
    assert due(NOW + civil_check.fresh_for() + timedelta(days=1)) == {
        unasked,
        matched,
        differs,
        failed,
    }
    assert due(source="CIVIL:4") == {unasked, matched, differs}


def test_the_longer_the_service_fails_the_longer_a_proposal_rests(rows):
    for hour in range(8):
        note(CivilAnswer(rows[0].pk, FAILED, fault="timeout"), now=NOW + timedelta(hours=hour))
    last = NOW + timedelta(hours=7)
    assert rows[0].pk not in due(last + timedelta(hours=5))
    assert rows[0].pk in due(last + timedelta(hours=7))


def test_asking_twice_is_one_job_and_is_for_who_decides_with_it(rows, person, gate):
    pusdatin = person("pusdatin_verifier")
    gate(pusdatin)
    chosen = Selection(region="97.01")
    job = civil_check.enqueue_check(selection=chosen, by=pusdatin, now=NOW)
    assert (job.total, job.queue) == (4, "interactive")
    assert civil_check.enqueue_check(selection=chosen, by=pusdatin, now=NOW) == job
    assert Job.objects.filter(kind=civil_check.CHECK_CIVIL).count() == 1
    with pytest.raises(DomainError, match="^not_yours$"):
        civil_check.enqueue_check(selection=chosen, by=person("verifier"), now=NOW)


def test_the_clock_asks_only_when_something_is_due(rows):
    with as_role("worker"):
        assert civil_check.enqueue_due(source="DUKCAPIL", now=NOW) is not None
        assert civil_check.enqueue_due(source="DUKCAPIL", now=NOW) == Job.objects.get()
        Job.objects.all().update(status="cancelled")
    note(*(CivilAnswer(row.pk, MATCHED) for row in rows))
    with as_role("worker"):
        assert civil_check.enqueue_due(source="DUKCAPIL", now=NOW) is None


# --- pages ---


LIST = reverse("admin:proposals_proposal_changelist")


@pytest.mark.parametrize("status", CivilStatus.values)
def test_the_list_shows_and_filters_by_each_of_the_four(rows, english, status, tmp_path):
    note_four(rows)
    browser = english("pusdatin_verifier")
    label = CivilStatus(status).label
    whole = browser.get(LIST, {"view": "table"}).content.decode()
    assert whole.count(f'<span class="chip civil-{status}">') == 1
    shown = browser.get(LIST, {"view": "table", "civil": status}).content.decode()
    row = rows[CivilStatus.values.index(status)]
    assert row.name in shown
    assert sum(other.name in shown for other in rows) == 1
    assert f"{label}</span>" in shown
    query = f"civil={status}"
    tile = read(fetched(browser, "proposals", over("A", 12), query), over("A", 12), tmp_path)
    assert [one["mvt_id"] for one in tile["point"]] == [row.pk]


def test_a_regional_list_has_neither_column_nor_button(rows, english):
    note_four(rows)
    shown = english("verifier").get(reverse("proposals:review")).content.decode()
    assert rows[0].name in shown
    assert "chip civil-" not in shown


def test_a_proposals_page_says_in_what_it_differs_and_never_the_other_value(rows, english):
    note_four(rows)
    browser = english("pusdatin_verifier")
    shown = browser.get(reverse("admin:proposals_proposal_change", args=[rows[2].pk]))
    assert "name, date of birth" in shown.content.decode()
    shown = browser.get(reverse("admin:proposals_proposal_change", args=[rows[3].pk]))
    assert "no answer in time" in shown.content.decode()


def test_accepting_in_bulk_shows_the_four_counts_first(person, english):
    batch = factory.batch(person("regency_officer"), status="submitted")
    by = person("head_of_office")
    rows = factory.proposals(batch, 4, status="endorsed", step_by=by)
    note_four(rows)
    browser = english("pusdatin_verifier")
    shown = browser.get(reverse("admin:proposals_proposal_bulk"), {"step": "accept"})
    assert dict(shown.context["civil"]) == dict.fromkeys(CivilStatus.values, 1)
    assert "Check now or again" in shown.content.decode()
    shown = english("verifier").get(reverse("admin:proposals_proposal_bulk"), {"step": "verify"})
    assert shown.context["civil"] is None


def test_the_button_of_a_bulk_step_asks_from_both_shells(person, english):
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.proposals(batch, 2, status="endorsed", step_by=person("head_of_office"))
    browser = english("pusdatin_verifier")
    for page in ("proposals:review_bulk", "admin:proposals_proposal_bulk"):
        shown = browser.get(reverse(page), {"step": "accept", "status": "endorsed"})
        address = f"{reverse('admin:proposals_proposal_civil')}?status=endorsed"
        assert f'action="{address}"' in shown.content.decode()
        answer = browser.post(address, {"back": "bulk"})
        assert answer.status_code == 302
        assert browser.get(answer["Location"]).status_code == 200


def test_the_button_asks_and_its_page_tells_how_far_it_is(rows, english):
    browser = english("determiner")
    asked = browser.post(
        reverse("admin:proposals_proposal_civil") + "?region=97.01", {"back": "determine"}
    )
    with as_role("owner"):
        job = Job.objects.get(kind=civil_check.CHECK_CIVIL)
    page = reverse("admin:proposals_proposal_civil_job", args=[job.pk])
    assert asked["Location"] == f"{page}?back=determine"
    assert job.parameters["selection"] == {"region": "97.01"}
    assert "Waiting for a free worker" in browser.get(asked["Location"]).content.decode()
    assert english("pusdatin_verifier").get(page).status_code == 404  # another person's
    with as_role("owner"):
        Job.objects.filter(pk=job.pk).update(status="running")
        Job.objects.filter(pk=job.pk).update(status="done", result={"checked": 4})
    shown = browser.get(asked["Location"]).content.decode()
    assert "4 proposals asked about." in shown
    assert f'href="{reverse("admin:proposals_decree_determine")}?region=97.01"' in shown


def test_who_does_not_decide_with_it_does_not_ask(rows, english):
    address = reverse("admin:proposals_proposal_civil")
    assert english("verifier").post(address).status_code == 403
    assert not Job.objects.exists()
