"""The second gate of questions, answers and judgements: whoever reads them on no page gets none
from the database either, even where the same person may be seen."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.accounts.access import GATES
from apps.accounts.models import User
from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.reconciliation.models import Answer, Conflict, Judgement
from apps.registry.models import Person
from tests.conftest import as_role
from tests.personas import OWN, SIBLING, persona
from tests.reconciliation.answering import answer
from tests.reconciliation.linked import found, meeting
from tests.registry.people import a_person

pytestmark = pytest.mark.django_db
READERS = {role for role in Role if Permission.VIEW_CONFLICT in PERMISSIONS[role]}
SEE_PERSONS = [role for role in Role if Permission.VIEW_PERSON in PERMISSIONS[role]]


@pytest.fixture
def question() -> Conflict:
    """An answered question about a person of the own regency, and a judgement on its pair."""
    met = meeting()
    with as_role("worker"):
        person = a_person("97.01.01.2001", name="CONTOH SATU")
    met.link(person, name="CONTOH SATOE")
    met.find()
    asked = found()
    answer(asked, "theirs")
    with as_role("owner"):
        Judgement.objects.create(
            pair_id=asked.pair_id,
            user=persona("steward"),
            outcome="same",
            before="linked",
            at=timezone.now(),
        )
    return asked


def seen() -> tuple[int, int, int, int]:
    counted = (model.objects.count() for model in (Person, Conflict, Answer, Judgement))
    persons, conflicts, answers, judgements = counted
    return persons, conflicts, answers, judgements


@pytest.mark.parametrize("role", SEE_PERSONS)
@pytest.mark.long
def test_who_sees_persons_sees_their_questions_only_with_the_right_to_read_them(
    role: Role, question: Conflict, person, gate
) -> None:
    gate(person(role))
    reads, judges = role in READERS, role == Role.STEWARD
    assert seen() == (1, int(reads), int(reads), int(judges))


def test_a_reader_of_another_regency_sees_no_question(question: Conflict, person, gate) -> None:
    gate(person("verifier", SIBLING))
    assert seen() == (0, 0, 0, 0)
    gate(person("verifier", OWN))
    assert seen() == (1, 1, 1, 0)


def test_those_who_answer_or_resolve_questions_may_read_them() -> None:
    for held in PERMISSIONS.values():
        if held & {Permission.ANSWER_CONFLICT, Permission.RESOLVE_CONFLICT}:
            assert held.intersection(GATES["conflict"])


def test_without_a_scope_no_question_is_seen(question: Conflict, gate) -> None:
    gate(None)
    assert seen() == (0, 0, 0, 0)


def test_a_role_that_reads_nothing_sees_nothing(question: Conflict, person, gate) -> None:
    user: User = person("district_monitor")
    gate(user)
    assert seen() == (0, 0, 0, 0)
