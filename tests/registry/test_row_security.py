"""The second gate: the web role sees the persons of its scope only, whatever it asks."""

import pytest
from django.db import connection

from apps.demo.country import CODES
from tests.proposals.factory import nik_of
from tests.registry.rows import row, write

pytestmark = pytest.mark.django_db
TABLES = ["family", "person", "enrolment", "claim", "familyevent", "personevent", "enrolmentevent"]


@pytest.fixture(scope="module")
def people(lasting):
    """One family in each of two regencies and in the other province, each corrected once."""
    homes = [("A", 700), ("E", 800), ("I", 900)]
    with lasting():
        for reference, name in (("1", "LAMA"), ("2", "BARU")):
            write(
                reference,
                *(
                    row(n, kk=nik_of(kk), village_id=CODES[home], name=name, address=name)
                    for n, (home, kk) in enumerate(homes, 1)
                ),
            )


def seen(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT left(village_id, 5) FROM registry_{table}")
        return {code for (code,) in cursor.fetchall()}


@pytest.mark.parametrize("table", TABLES)
def test_a_verifier_sees_the_own_regency_and_pusdatin_every_one(people, person, gate, table):
    gate(person("verifier"))
    assert seen(table) == {"97.01"}
    gate(person("pusdatin_verifier"))
    assert seen(table) == {"97.01", "97.02", "98.01"}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("setting", ["", "%", "97.0", "_", "97.01%"])
def test_without_a_scope_or_with_an_invalid_one_no_person_is_seen(people, table, setting):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.person_scope', %s, true)", [setting])
    assert seen(table) == set()


@pytest.mark.parametrize("table", TABLES)
def test_a_role_without_access_to_persons_sees_none(people, person, gate, table):
    gate(person("district_monitor"))
    assert seen(table) == set()
