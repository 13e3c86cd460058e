"""From two deliveries to a corrected register: run's end, officer, steward, worker, next run.

The pairs are made by hand (tests.reconciliation.linked); what makes them stands elsewhere.
"""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from apps.audit.models import Entry
from apps.casework.models import Notice, Worklist
from apps.jobs.models import Job
from apps.reconciliation.conflicts import answers
from apps.reconciliation.models import Answer, Conflict
from apps.registry.models import Change, Claim, Enrolment, Family, Person
from tests import workers
from tests.conftest import as_role
from tests.flows.steps import events_of, wait
from tests.personas import OWN
from tests.reconciliation.answering import PDF
from tests.reconciliation.linked import all_found, meeting
from tests.registry.people import a_person

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

A, B = "97.01.01.2001", "97.01.01.2002"
LISTS = "/reconciliation/conflicts/"


@pytest.fixture
def signed(person):
    """The officer, the steward, and a browser for each."""
    found = {}
    for role in ("regency_officer", "steward"):
        browser = Browser()
        found[role] = (person(role), browser)
        browser.force_login(found[role][0])
    return found


@pytest.fixture
def people() -> dict[str, Person]:
    with as_role("worker"):
        return {
            name: a_person(A, name=name, programme="PKH")
            for name in ("MENINGGAL", "PINDAH", "SALAH EJA", "PEGAWAI", "TETAP SAMA", "BENAR")
        }


def civil_and_employees(people: dict[str, Person]):
    """What the civil register and the employees' list say of them."""
    civil = meeting()
    civil.link(people["MENINGGAL"], is_deceased=True, death_date=date(2026, 8, 1))
    civil.link(people["PINDAH"], village_code=B, kk="9701012011209123")
    civil.link(people["SALAH EJA"], name="SALAH EDJA")
    civil.link(people["TETAP SAMA"])
    civil.link(people["BENAR"], birth_date=date(1988, 12, 1))
    civil.link(people["PEGAWAI"])
    staff = meeting("BKN", "employees")
    staff.link(people["PEGAWAI"], occupation="GURU")
    return civil, staff


@pytest.mark.long
def test_two_deliveries_become_a_corrected_register(signed, people):
    civil, staff = civil_and_employees(people)
    assert civil.find() == {"deceased": 1, "moved": 1, "name_differs": 1, "birth_differs": 1}
    assert staff.find() == {"civil_servant": 1}
    officer, officers = signed["regency_officer"]
    steward, stewards = signed["steward"]
    with as_role("owner"):
        assert Notice.objects.get(user=officer, kind="questions").count == 5
        lists = list(Worklist.objects.order_by("pk"))
        conflicts = list(Conflict.objects.order_by("pk"))
    assert {one.region_id for one in lists} == {OWN}

    for conflict in conflicts:
        choice = "ours" if conflict.kind == "birth_differs" else "theirs"
        form = {
            "choice": choice,
            "reason": "Dikunjungi 20-11-2026",
            "file": SimpleUploadedFile("bukti.pdf", PDF),
        }
        assert officers.post(f"{LISTS}{conflict.pk}/", form).status_code == 302
    with as_role("owner"):
        assert all(one.closed_at for one in Worklist.objects.all())
        assert not Change.objects.filter(kind="resolution").exists()

    with workers.worker():
        one = next(conflict for conflict in conflicts if conflict.kind == "deceased")
        stewards.post(f"{LISTS}{one.pk}/decide/", {"step": "take"})
        assert wait(answers.SUBJECT).status == Job.Status.DONE
        shown = stewards.get(f"{LISTS}take/?status=answered").content.decode()
        assert 'name="expected" value="4"' in " ".join(shown.split())
        stewards.post(f"{LISTS}take/?status=answered", {"expected": "4"})
        assert wait(answers.SUBJECT).result == {
            "resolved": 3,
            "kept": 1,
            "gone": 0,
            "sent_back": 0,
        }

    with as_role("owner"):
        now = {name: Person.objects.get(pk=one.pk) for name, one in people.items()}
        assert now["MENINGGAL"].status == "removed"
        assert now["PINDAH"].village_id == B
        assert now["SALAH EJA"].name == "SALAH EDJA"
        assert now["BENAR"].birth_date == date(1988, 1, 12)
        ended = set(Enrolment.objects.exclude(active_until=None).values_list("person", flat=True))
        assert ended == {people["MENINGGAL"].pk, people["PEGAWAI"].pk}
        for unchanged in ("TETAP SAMA", "BENAR", "PEGAWAI"):
            assert now[unchanged].change_id == people[unchanged].change_id
        changes = Change.objects.filter(kind="resolution")
        assert changes.count() == 4
        assert set(changes.values_list("source", "actor")) == {
            ("CIVIL", f"user:{steward.pk}"),
            ("BKN", f"user:{steward.pk}"),
        }
        assert set(Claim.objects.values_list("person", "field", "value")) == {
            (people["PINDAH"].pk, "village", A),
            (people["SALAH EJA"].pk, "name", "SALAH EJA"),
        }
        for change in changes:
            touched = [
                row for table in ("person", "enrolment") for row in events_of(table, change.pk)
            ]
            assert touched, change.reference
        assert Family.objects.get(pk=people["MENINGGAL"].family_id).is_active is False
        answered = Answer.objects.values_list("is_taken", flat=True)
        assert set(answered) == {True}
        assert Entry.objects.filter(action="decide", details__step="resolve").count() == 2
    again = civil.again()
    assert again.find() == {}
    assert {status for _kind, status, _ours, _theirs in all_found()} == {"resolved", "kept"}
