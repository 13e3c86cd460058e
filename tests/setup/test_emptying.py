"""After a test that commits the database is what every test finds, whatever was changed in it."""

import pytest
from django.db import connection

from apps.accounts.models import User
from apps.casework.models import Cycle
from apps.regions.models import Boundary, Region
from tests import base, emptying
from tests.conftest import as_role
from tests.personas import persona

pytestmark = pytest.mark.django_db(transaction=True)


def test_rows_of_a_test_go_and_rows_of_every_test_come_back():
    with as_role("owner"):
        village, other = Boundary.objects.order_by("pk")[:2]
        renamed = Region.objects.order_by("code").last()
        persona("verifier")
        base.forget_cycles()
        Region.objects.filter(pk=renamed.pk).update(name="Renamed")
        Boundary.objects.filter(pk=village.pk).update(boundary=other.boundary)
    emptying.restore()
    assert not User.objects.exists()
    assert Cycle.objects.exists()
    assert Region.objects.get(pk=renamed.pk).name == renamed.name
    assert Boundary.objects.get(pk=village.pk).boundary.equals(village.boundary)


def test_numbers_begin_where_they_began():
    with as_role("owner"):
        first = persona("verifier").pk
    emptying.restore()
    with as_role("owner"):
        assert persona("verifier").pk == first


def test_a_number_that_belongs_to_no_row_is_not_given_twice():
    """The table of a partition stays attached; a second one of its number would be refused."""
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT nextval('proposals_partition_seq')")
        [(given,)] = cursor.fetchall()
    emptying.restore()
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute("SELECT nextval('proposals_partition_seq')")
        assert cursor.fetchall() == [(given + 1,)]


def test_a_staging_table_of_a_killed_worker_goes():
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_worker")
        cursor.execute("CREATE UNLOGGED TABLE staging.left_behind (x int)")
    emptying.restore()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('staging.left_behind')")
        assert cursor.fetchone() == (None,)
