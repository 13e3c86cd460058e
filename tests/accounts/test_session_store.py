"""A session that cannot be saved because the database is away was not deleted."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connection, transaction

from apps.accounts.authentication.session_store import SessionStore

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_outage_while_a_session_is_saved_is_an_outage():
    session = SessionStore()
    session.create()
    session["seen"] = 1
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '200ms'")
        other = connection.copy()
        try:
            with other.cursor() as locking:
                locking.execute("BEGIN")
                locking.execute("LOCK TABLE django_session IN SHARE MODE")
            with pytest.raises(OperationalError):
                session.save()
        finally:
            other.close()
        transaction.set_rollback(True)


def test_a_deleted_session_is_still_reported_as_deleted():
    session = SessionStore()
    session.create()
    SessionStore(session.session_key).delete()
    session["seen"] = 1
    with pytest.raises(UpdateError):
        session.save()
