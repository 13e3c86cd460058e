"""Responders are people: the database shows them to those who may call them, and to nobody else."""

from __future__ import annotations

import pytest

from apps.accounts.access import scope_of
from apps.accounts.roles import Permission
from apps.commandcentre.models import Facility, Responder
from tests.commandcentre.resources.places import facility, responder

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people(lasting):
    with lasting():
        responder("Relawan Satu", "A")
        responder("Relawan Dua", "I", phone="081200000002")
        facility()


def test_an_operator_sees_every_responder(people, person, gate):
    gate(person("operator"))
    assert Responder.objects.count() == 2


@pytest.mark.parametrize("role", ["verifier", "planner", "pusdatin_verifier", "administrator"])
def test_nobody_else_sees_one(people, person, gate, role):
    gate(person(role))
    assert Responder.objects.count() == 0


def test_a_transaction_without_a_user_sees_none(people):
    assert Responder.objects.count() == 0


def test_facilities_are_shown_within_the_scope(people, person):
    scope = scope_of(person("operator"), Permission.VIEW_FACILITY)
    assert Facility.objects.within(scope).count() == 1
    none = scope_of(person("verifier"), Permission.VIEW_FACILITY)
    assert Facility.objects.within(none).count() == 0
