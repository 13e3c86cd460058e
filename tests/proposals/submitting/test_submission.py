"""Submitting: the ready rows go, those open elsewhere stay with a reason."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import perf_counter, sleep

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.audit.models import Action, Entry
from apps.casework.models import Cycle, Document
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.proposals.models import Batch, Decision, Proposal
from apps.proposals.submitting import village_evidence, when_checked
from apps.proposals.submitting.submission import Submitted, submit
from tests import base
from tests.base import NOW
from tests.conftest import as_role
from tests.limits import within
from tests.personas import SIBLING, agency_client
from tests.proposals import factory


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


def batch_status(batch):
    with as_role("owner"):
        return Batch.objects.get(pk=batch.pk).status


@pytest.mark.django_db
def test_ready_rows_are_submitted_with_a_decision_each_and_the_batch_follows(officer):
    batch = factory.batch(officer)
    rows = factory.proposals(batch, 5)
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(5, {})
    assert set(Proposal.objects.values_list("status", "step_by", "step_at")) == {
        ("submitted", officer.pk, NOW)
    }
    decisions = Decision.objects.filter(proposal__in=rows)
    assert decisions.count() == 5
    assert set(decisions.values_list("from_status", "to_status", "by_name")) == {
        ("draft", "submitted", str(officer))
    }
    batch.refresh_from_db()
    assert (batch.status, batch.submitted_at, batch.cycle.name) == (
        "submitted",
        NOW,
        "November 2026",
    )
    with as_role("owner"):
        entry = Entry.objects.get(action=Action.DECIDE)
    assert (entry.actor, entry.subject, entry.details["moved"]) == (
        f"user:{officer.pk}",
        batch.subject,
        5,
    )


@pytest.mark.django_db
def test_only_the_named_villages_are_submitted_and_the_batch_waits_for_the_rest(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, 2, village="A", first=1)
    factory.proposals(batch, 3, village="B", first=10)
    assert submit(batch=batch, by=officer, now=NOW, villages=[CODES["B"]]).moved == 3
    assert batch_status(batch) == "ready"
    assert submit(batch=batch, by=officer, now=NOW).moved == 2
    assert batch_status(batch) == "submitted"


@pytest.mark.django_db
def test_submitting_again_moves_nothing(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, 2)
    submit(batch=batch, by=officer, now=NOW)
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(0, {})
    assert Decision.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "moved"),
    [
        ("submitted", 0),
        ("accepted", 0),
        ("returned", 0),
        ("draft", 1),
        ("rejected", 1),
        ("withdrawn", 1),
        ("determined", 1),
    ],
)
def test_a_person_under_review_elsewhere_is_held_back_even_out_of_sight(
    officer, person, status, moved
):
    foreign = factory.batch(person("regency_officer", "98.01"), region="98.01")
    factory.proposal(foreign, village="I", status=status)
    batch = factory.batch(officer)
    factory.proposal(batch)
    held_back = {} if moved else {"open_elsewhere": 1}
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(moved, held_back)
    assert batch_status(batch) == ("submitted" if moved else "ready")


@pytest.mark.django_db
def test_the_same_person_may_be_proposed_for_another_programme(officer):
    other = factory.batch(officer)
    factory.proposal(other, status="submitted", programme_id="SEMBAKO")
    batch = factory.batch(officer)
    factory.proposal(batch)
    assert submit(batch=batch, by=officer, now=NOW).moved == 1


@pytest.mark.django_db
def test_of_two_rows_for_one_person_and_programme_the_first_goes(officer):
    batch = factory.batch(officer)
    second = factory.proposal(batch, first=2, nik=factory.nik_of(1))
    first = factory.proposal(batch, first=1)
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(1, {"twice_in_batch": 1})
    assert factory.status_of(first) == "submitted"
    assert factory.status_of(second) == "draft"


@pytest.mark.django_db
def test_an_officer_of_another_regency_submits_nothing(officer, person, gate):
    batch = factory.batch(officer)
    row = factory.proposal(batch)
    other = person("regency_officer", "97.02")
    gate(other)
    with pytest.raises(DomainError, match="^not_yours$"):
        submit(batch=batch, by=other, now=NOW)
    assert factory.status_of(row) == "draft"


@pytest.mark.django_db
def test_a_verifier_submits_nothing(officer, person):
    batch = factory.batch(officer)
    factory.proposal(batch)
    with pytest.raises(DomainError, match="^not_yours$"):
        submit(batch=batch, by=person("verifier"), now=NOW)


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["received", "reading", "checking", "failed"])
def test_a_batch_that_is_not_checked_is_not_submitted(officer, status):
    batch = factory.batch(officer, status=status)
    with pytest.raises(DomainError, match="^batch_not_ready$") as refused:
        submit(batch=batch, by=officer, now=NOW)
    assert refused.value.text


@pytest.mark.django_db
def test_an_agency_submits_what_it_sent(gate):
    with as_role("owner"):
        agency = agency_client()[0].agency
    gate(agency)
    batch = factory.batch(agency)
    row = factory.proposal(batch)
    assert submit(batch=batch, by=agency, now=NOW).moved == 1
    decision = Decision.objects.get(proposal=row)
    assert (decision.by, decision.by_name) == (None, str(agency))


@pytest.mark.long
def test_two_batches_with_the_same_people_at_once_submit_each_person_once(transactional_db, person):
    officer = person("regency_officer")
    batches = [factory.batch(officer) for _ in range(2)]
    for batch in batches:
        factory.proposals(batch, 50)

    def run(batch):
        try:
            with as_role("worker"):
                return submit(batch=batch, by=User.objects.get(pk=officer.pk), now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(run, batches))
    assert sorted(one.moved for one in done) == [0, 50]
    assert {one.held_back.get("open_elsewhere", 0) for one in done} == {0, 50}


def _village_of(regency):
    return next(letter for letter, code in CODES.items() if code.startswith(regency))


@pytest.mark.long
def test_one_person_sent_by_two_regencies_at_one_moment_is_submitted_once(transactional_db, person):
    """The first is not committed yet when the second asks: it has to wait, then it sees."""
    officers = [person("regency_officer"), person("regency_officer", SIBLING)]
    batches = [
        factory.batch(officers[0]),
        factory.batch(officers[1], region=SIBLING),
    ]
    factory.proposals(batches[0], 50)
    factory.proposals(batches[1], 50, village=_village_of(SIBLING))
    first_is_through = Event()

    def send(batch, by, hold):
        try:
            with transaction.atomic(), as_role("worker"):
                if not hold:
                    first_is_through.wait(10)
                done = submit(batch=batch, by=User.objects.get(pk=by.pk), now=NOW)
                first_is_through.set()
                if hold:
                    sleep(1)
                return done
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(send, batches, officers, (True, False)))
    assert [one.moved for one in done] == [50, 0]
    assert done[1].held_back == {"open_elsewhere": 50}


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.timed
@pytest.mark.long
def test_ten_thousand_rows_are_submitted_within_a_second(officer):
    other = factory.batch(officer)
    factory.many_proposals(other, 10_000, first=20_001, status="submitted")
    batch = factory.batch(officer)
    factory.many_proposals(batch, 10_000)
    started = perf_counter()
    assert submit(batch=batch, by=officer, now=NOW).moved == 10_000
    assert perf_counter() - started < within(1.5)


def take_away(*villages):
    """These villages have no evidence any more."""
    with as_role("owner"):
        Document.objects.filter(region_id__in=[CODES[one] for one in villages]).delete()


@pytest.mark.django_db
def test_rows_of_a_village_without_evidence_stay_until_it_is_there(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, 2, village="A")
    factory.proposals(batch, 3, village="B", first=10)
    take_away("B")
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(2, {"no_evidence": 3})
    assert batch_status(batch) == "ready"
    found = village_evidence.villages(batch, officer, NOW)
    assert [(one.code, one.ready, one.document) for one in found] == [(CODES["B"], 3, None)]
    assert "Beji" in village_evidence.sentence(found)
    with as_role("owner"):
        base.evidence([CODES["B"]])
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(3, {})
    assert batch_status(batch) == "submitted"


@pytest.mark.django_db
def test_evidence_of_another_cycle_does_not_count(officer):
    batch = factory.batch(officer)
    factory.proposals(batch, 2)
    with as_role("owner"):
        other = Cycle.objects.create(
            name="Lama", opens_date="2020-01-01", cutoff_date="2020-01-02", draw_date="2020-01-03"
        )
        Document.objects.filter(region_id=CODES["A"]).update(cycle=other)
    assert submit(batch=batch, by=officer, now=NOW) == Submitted(0, {"no_evidence": 2})


@pytest.mark.django_db
def test_what_an_agency_sent_needs_no_evidence_of_the_village(gate):
    with as_role("owner"):
        agency = agency_client()[0].agency
    gate(agency)
    take_away("A")
    batch = factory.batch(agency)
    factory.proposal(batch)
    assert submit(batch=batch, by=agency, now=NOW).moved == 1


@pytest.mark.django_db
def test_who_may_send_but_not_see_proposals_is_told_so_and_submits_nothing(person, signed_in):
    batch = factory.batch(person("administrator"))
    factory.proposals(batch, 3)
    browser = signed_in("administrator")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = browser.get(f"/proposals/batches/{batch.pk}/").content.decode()
    assert "does not see proposals" in page
    assert "Submit 3 rows" not in page
    answer = browser.post(f"/proposals/batches/{batch.pk}/submit/", follow=True)
    assert "Nothing was submitted. Let an officer of the region" in answer.content.decode()
    with as_role("owner"):
        assert set(Proposal.objects.values_list("status", flat=True)) == {"draft"}
        assert not Decision.objects.exists()
    assert batch_status(batch) == "ready"


@pytest.mark.django_db
def test_what_they_asked_for_before_the_check_is_refused_too(person):
    administrator = person("administrator")
    batch = factory.batch(administrator)
    factory.proposals(batch, 3)
    with as_role("worker"):
        when_checked.request_submission(batch=batch, by=administrator, now=NOW)
        batch.refresh_from_db()
    assert batch.submit_outcome == {"refused": "submit_unseen", "params": {}}
    assert batch_status(batch) == "ready"
