"""What an entry says of its subject and actor comes from the objects it is given."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor, Subject, command, describe_subject
from apps.jobs.models import Job
from apps.reconciliation.models import Conflict
from apps.registry.models import Family, Person

ROOT = Path(__file__).resolve().parents[2]
DERIVED = {"subject", "subject_name", "region_code", "by_name", "actor", "actor_name"}


def test_the_entry_of_a_person_has_the_key_and_the_village_and_no_name():
    person = Person(pk=81, name="SITI", village_id="97.01.01.2001")
    assert describe_subject(person) == Subject("registry.Person:81", "", "97.01.01.2001")


def test_the_entry_of_a_family_has_no_number_of_its_card():
    family = Family(pk=7, kk="9701010101010001", village_id="97.01.01.2001")
    assert describe_subject(family) == Subject("registry.Family:7", "", "97.01.01.2001")


def test_a_model_that_says_nothing_of_itself_is_recorded_under_its_key_and_str():
    assert describe_subject(Subject("a.B")) == Subject("a.B")
    assert describe_subject(None) == Subject()


@pytest.mark.django_db
def test_an_entry_about_a_question_concerns_its_person_and_those_who_were_named_beside():
    question = Conflict(pk=5, person_id=81, village_id="97.01.01.2001", kind="value")
    entry = record.entry(Action.READ, about=question, persons=[4])
    assert entry.details["persons"] == [4, 81]
    assert entry.region_code == "97.01.01.2001"


@pytest.mark.django_db
def test_the_work_of_a_job_is_recorded_as_done_by_who_asked_for_it():
    job = Job(pk=3, actor="user:12", actor_name="Budi", subject_name="a.csv", region_code="97.01")
    entry = record.entry(Action.RUN, about=job, by=job)
    assert (entry.actor, entry.actor_name) == ("user:12", "Budi")
    assert (entry.subject, entry.subject_name, entry.region_code) == (
        "jobs.Job:3",
        "a.csv",
        "97.01",
    )


@pytest.mark.django_db
def test_without_an_actor_the_origin_acts_and_a_name_alone_keeps_its_key():
    with record.acting(actor="user:1", actor_name="Ani"):
        assert record.entry(Action.READ).actor_name == "Ani"
        named = record.entry(Action.READ, by=Actor(name="Budi"))
        by_command = record.entry(Action.READ, by=command("link"))
    assert (named.actor, named.actor_name) == ("user:1", "Budi")
    assert (by_command.actor, by_command.actor_name) == ("command:link", "link")


@pytest.mark.long
def test_no_call_states_what_the_subject_and_the_actor_say_themselves():
    """Such a keyword would end in the details, unseen."""
    calls = [
        (path, call)
        for folder in ("apps", "portal")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("entry", "entries")
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "record"
    ]
    assert len(calls) > 60
    assert [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path, call in calls
        if DERIVED & {keyword.arg for keyword in call.keywords}
    ] == []
