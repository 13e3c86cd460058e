"""Somebody who is in the register, for comparing with who is proposed."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.gis.geos import Point

from apps.registry.models import Enrolment, Family, Person
from tests.conftest import as_role
from tests.proposals.sending import A, row
from tests.registry.people import a_change


def registered(serial: int = 9001, *, programme: str = "", **fields: Any) -> Person:
    """The person of `sending.row(serial)`, as the register has them; `fields` say what is other."""
    cells = row(serial)
    village = fields.pop("village_id", A)
    own = {name: fields.pop(name) for name in ("kk", "address", "rt", "rw") if name in fields}
    spot = fields.pop("location", Point(float(cells["longitude"]), float(cells["latitude"])))
    with as_role("worker"):
        change = a_change()
        home = {name: cells[name] for name in ("kk", "address", "rt", "rw")} | own
        family = Family.objects.filter(kk=home["kk"], is_active=True).first()
        family = family or Family.objects.create(
            village_id=village, location=spot, change=change, **home
        )
        values = {
            "nik": cells["nik"],
            "name": cells["name"],
            "birth_date": date(1988, 5, 10),
            "sex": "P",
            "mother_name": cells["mother_name"],
        } | fields
        person = Person.objects.create(
            family=family, village_id=family.village_id, source="dtks", change=change, **values
        )
        if programme:
            Enrolment.objects.create(
                person=person,
                village_id=village,
                programme_id=programme,
                active_from=date(2026, 1, 1),
                change=change,
            )
    return person
