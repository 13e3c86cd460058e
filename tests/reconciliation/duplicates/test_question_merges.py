"""From a question to the merge of exactly the two persons whom it may mean."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from apps.jobs.models import Job
from apps.reconciliation.models import Conflict
from apps.registry.models import Person
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.reconciliation import sample_duplicates as duplicates
from tests.reconciliation.answering import answer, take, work
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
A = "97.01.01.2001"


def page_of(conflict: Conflict) -> str:
    return reverse("reconciliation:conflict", args=[conflict.pk])


def merge_page(conflict: Conflict) -> str:
    at = reverse("reconciliation:duplicate", args=[conflict.person_id])
    return f"{at}?question={conflict.pk}"


def hidden(answered):
    found = re.findall(r'type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', answered.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


@pytest.fixture
def people():
    with as_role("owner"):
        return a_person(A), a_person(A), a_person(A)


@pytest.fixture
def one_record(people):
    """One record of the civil register is two persons; a run joins a third to one of them."""
    first, second, third = people
    met = meeting()
    pair = met.link(first)
    with as_role("owner"):
        met.link(second, pair.left, basis="weight")
        duplicates.joined(second, third)
    met.find()
    with as_role("owner"):
        return found(kind="nik_twice")


def test_a_steward_merges_exactly_the_two_persons_of_the_question(signed_in, one_record, people):
    browser = signed_in("steward", name="penata")
    address = merge_page(one_record)
    assert address in browser.get(page_of(one_record)).content.decode()
    shown = browser.get(address)
    assert sorted(shown.context["group"].ids) == sorted(one.pk for one in people[:2])
    # whom to keep is chosen among the same two
    other = next(pk for pk in shown.context["group"].ids if pk != shown.context["group"].keep_id)
    turned = browser.get(f"{address}&keep={other}")
    assert (turned.context["group"].keep_id, len(turned.context["persons"])) == (other, 2)
    sent = browser.post(f"{address}&keep={other}", hidden(turned) | {"reason": "KK yang sama"})
    with as_role("worker"):
        do(Job.objects.get(pk=int(sent.url.rstrip("/").rpartition("/")[2])))
    with as_role("owner"):
        assert Job.objects.get(kind__endswith="merge_persons").status == "done"
        states = dict(Person.objects.values_list("pk", "status"))
    first, second, third = (one.pk for one in people)
    assert (states[other], states[third]) == ("active", "active")
    assert states[first if other == second else second] == "merged"
    assert merge_page(one_record) not in browser.get(page_of(one_record)).content.decode()
    assert browser.get(address).status_code == 404


def test_who_may_not_merge_gets_no_link_and_no_page(signed_in, one_record):
    officer = signed_in("regency_officer")
    assert merge_page(one_record) not in officer.get(page_of(one_record)).content.decode()
    assert officer.get(merge_page(one_record)).status_code in (403, 404)


def test_a_question_about_somebody_else_opens_no_merge(signed_in, one_record, people):
    browser = signed_in("steward")
    at = reverse("reconciliation:duplicate", args=[people[2].pk])
    assert browser.get(f"{at}?question={one_record.pk}").status_code == 404


def test_a_number_that_another_person_holds_leads_to_the_merge_of_both(signed_in, people):
    person, holder, _third = people
    met = meeting()
    met.link(person, nik=holder.nik)
    met.find()
    with as_role("owner"):
        conflict = found(kind="nik_twice")
    answer(conflict, "theirs")
    with as_role("owner"):
        assert work(take(conflict)).result["sent_back"] == 1
    browser = signed_in("steward")
    assert merge_page(conflict) in browser.get(page_of(conflict)).content.decode()
    shown = browser.get(merge_page(conflict))
    assert sorted(shown.context["group"].ids) == sorted((person.pk, holder.pk))


def test_a_question_about_one_person_offers_no_merge(signed_in, people):
    met = meeting()
    met.link(people[0], name="LAIN SEKALI")
    met.find()
    with as_role("owner"):
        conflict = found()
    browser = signed_in("steward")
    assert "question=" not in browser.get(page_of(conflict)).content.decode()
    assert browser.get(merge_page(conflict)).status_code == 404


def test_two_persons_whom_the_civil_register_confirms_are_not_merged_from_their_question(
    signed_in, one_record, people
):
    browser = signed_in("steward", name="penata")
    before = browser.get(merge_page(one_record))
    assert before.context["may_merge"]
    with as_role("owner"):
        for person in people[:2]:
            duplicates.confirmed(person)
    shown = browser.get(merge_page(one_record))
    assert not shown.context["may_merge"]
    assert "dua orang yang hidup" in shown.content.decode()
    sent = browser.post(merge_page(one_record), hidden(before) | {"reason": "KK yang sama"})
    assert sent.status_code == 409
    assert sent.context["form"].non_field_errors()
    with as_role("owner"):
        assert not Job.objects.filter(kind__endswith="merge_persons").exists()
