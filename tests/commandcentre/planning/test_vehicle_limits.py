"""Vehicles that are too small: what they carry limits a source in every good, until asked anew."""

from __future__ import annotations

import pytest
from django.db.models import Sum

from apps.commandcentre.models import Plan
from apps.commandcentre.planning import plans, vehicles
from tests.commandcentre.planning.needs import assessed, solved, worked
from tests.commandcentre.resources.places import facility, stocked
from tests.conftest import as_role

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(person) -> Plan:
    """One store sends 24 kg of rice on a vehicle for 10 kg; blankets came in afterwards."""
    with as_role("owner"):
        store = facility("Gudang Utama", "A", kind="warehouse")
    stocked(store, 1_000, "rice")
    made = solved(assessed({"A": 20}), person("operator"))
    plans.set_capacity(plan=made, facility=store, capacity_kg=10, by=person("operator"))
    stocked(store, 1_000, "blanket")
    return made


def again(plan: Plan, *, with_vehicles: bool) -> dict[str, int]:
    """What the plan sends of each good after it was computed again."""
    now = Plan.objects.get(pk=plan.pk)
    worked(plans.solve_again(plan=now, by=plan.made_by, with_vehicles=with_vehicles))
    rows = plan.shipments.values_list("good__code").annotate(units=Sum("quantity"))
    return dict(rows)


def test_a_source_at_its_limit_sends_no_other_good_instead(plan):
    assert again(plan, with_vehicles=True) == {"rice": 10}
    assert vehicles.overloaded(plan) == []


def test_computed_again_without_the_vehicles_no_limit_is_left(plan):
    again(plan, with_vehicles=True)
    assert again(plan, with_vehicles=False) == {"rice": 24, "blanket": 10}
    assert [one.facility.name for one in vehicles.overloaded(plan)] == ["Gudang Utama"]
