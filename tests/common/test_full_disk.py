"""What PostgreSQL says when its disk is full, in each of its ways. The disk itself:
tests/jobs/test_outage.py, tests/seams/test_full_disks.py.
"""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from apps.common.full_disk import is_full_disk
from portal.web.middleware import is_outage

pytestmark = pytest.mark.django_db


def raised(code: str, words: str) -> DatabaseError:
    statement = f"DO $$ BEGIN RAISE EXCEPTION '{words}' USING ERRCODE = '{code}'; END $$"
    with (
        pytest.raises(DatabaseError) as error,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    return error.value


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("53100", "could not extend file"),
        ("XX000", "could not write init file"),
    ],
)
def test_a_full_disk_is_an_outage_not_a_fault(code: str, words: str) -> None:
    error = raised(code, words)
    assert is_full_disk(error)
    assert is_full_disk(error.__cause__)  # as COPY raises it
    assert is_outage(error)


def test_another_internal_error_is_a_fault() -> None:
    error = raised("XX000", "cache lookup failed")
    assert not is_full_disk(error)
    assert not is_outage(error)
    assert not is_full_disk(None)
