"""Registered people for tests, written as the worker under one Change."""

from __future__ import annotations

from datetime import date
from itertools import count

from apps.registry.models import Change, Enrolment, Family, Person
from tests.base import NOW

_numbers = count()


def _serial() -> int:
    """From 9000, and again from there: no test makes a thousand people."""
    return 9000 + next(_numbers) % 1000


def a_change(reference: str = "") -> Change:
    return Change.objects.create(
        kind=Change.Kind.LOAD,
        reference=reference or f"load-{next(_numbers)}",
        source="dtks",
        actor="system",
        actor_name="First load",
        at=NOW,
    )


def a_person(
    village: str = "97.01.01.2001",
    *,
    name: str = "CONTOH SATU",
    nik: str = "",
    birth_date: date = date(1988, 1, 12),
    programme: str = "",
) -> Person:
    """A person in a family of their own; the NIK fits the birth date of a man."""
    change = a_change()
    serial = _serial()
    prefix = village.replace(".", "")[:6]
    family = Family.objects.create(
        kk=f"{prefix}120120{serial:04d}", village_id=village, change=change
    )
    person = Person.objects.create(
        family=family,
        village_id=village,
        nik=nik or f"{prefix}{birth_date:%d%m%y}{serial:04d}",
        name=name,
        birth_date=birth_date,
        sex="L",
        relation="KEPALA KELUARGA",
        source="dtks",
        change=change,
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
