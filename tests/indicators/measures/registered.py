"""A register of many families in few villages, and its counts."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count

from django.contrib.gis.geos import Point
from django.utils import timezone

from apps.demo import country
from apps.demo.country import CODES
from apps.indicators.measures import counting
from apps.registry.models import Enrolment, Family, Person
from tests.conftest import as_role
from tests.registry.people import a_change

_numbers = count(1)
LONG_AGO = date(1980, 1, 2)


def registered(
    letter: str,
    families: int,
    *,
    located: int = 0,
    verdict: str = "inside",
    enrolled: int = 0,
    elderly: int = 0,
) -> list[Person]:
    """Families of one person each in a village; the first ones have a point, an enrolment, or are
    old. Made as the owner.
    """
    code, change = CODES[letter], a_change()
    place = Point(*country.at(letter), srid=4326)
    old = timezone.localdate() - timedelta(days=365 * 70)
    made = Family.objects.bulk_create(
        Family(
            kk=f"9901{next(_numbers):012d}",
            village_id=code,
            change=change,
            location=place if number < located else None,
            location_verdict=verdict if number < located else "",
        )
        for number in range(families)
    )
    persons = Person.objects.bulk_create(
        Person(
            family=family,
            village_id=code,
            nik=f"9902{next(_numbers):012d}",
            name="CONTOH",
            birth_date=old if number < elderly else LONG_AGO,
            change=change,
        )
        for number, family in enumerate(made)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            person=person,
            village_id=code,
            programme_id="PKH",
            active_from=LONG_AGO,
            change=change,
        )
        for person in persons[:enrolled]
    )
    return persons


def counted() -> counting.Refreshed:
    """Count what changed, as the worker does."""
    with as_role("worker"):
        return counting.refresh(now=timezone.now())
