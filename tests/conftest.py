"""Fixtures for all tests. The owner makes the database; a test runs as the web role.

Rows that the web may not write are made inside `with as_role("owner")` or "worker".
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client as Browser
from django.test import TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import Error as PsycopgError
from redis.exceptions import RedisError

from apps.accounts.access import GATES, open_gate
from apps.accounts.limits import attempts
from apps.accounts.models import User
from apps.api import throttle
from apps.jobs import waiting
from tests import emptying
from tests.figures import figure, pytest_terminal_summary
from tests.personas import persona

# How long examples take says how busy the machine is, not whether the rule holds.
hypothesis_settings.register_profile(
    "portal", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("portal")

__all__ = ["figure", "pytest_terminal_summary"]
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


def pytest_collection_finish() -> None:
    """What importing and collecting made stays to the end: the collector leaves it out."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Act as another database role: owner, worker or web."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = cursor.fetchone()[0]
        cursor.execute(f"SET ROLE portal_{role}")
    try:
        yield
    finally:
        if not connection.needs_rollback and connection.connection is not None:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {before}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        emptying.start()
        _let_tests_look()


# Whom a test may look at beside its requests: entries, jobs, notices and accounts of everybody.
LOOKED_AT = ("audit_entry", "jobs_job", "casework_notice", "accounts_user")


def _let_tests_look() -> None:
    """A policy of the test database alone: a test reads what its requests left, as nobody's page
    does. It is off while a request runs (`_requests_under_the_gate`), and for other processes.
    """
    with connection.cursor() as cursor:
        for table in LOOKED_AT:
            cursor.execute(
                f"DROP POLICY IF EXISTS tests_look ON {table};"
                f"CREATE POLICY tests_look ON {table} TO portal_web"
                " USING (current_setting('tests.look', true) = 'yes')"
            )


def look(answer: str) -> None:
    """Whether this connection sees more than the policies show; no question that is counted."""
    _ask("SELECT set_config('tests.look', %s, false)", [answer])


def _close_gate() -> None:
    """Show what the policies show, and that of nobody yet.

    A test's transaction keeps what one request opened; the next one of a portal begins without.
    Otherwise a middleware that reads people before the scope is set would pass here and fail there.
    """
    names = ["portal.actor", *(f"portal.{name}_scope" for name in GATES)]
    _ask(
        "SELECT set_config('tests.look', 'no', false), set_config(name, '', true)"
        " FROM unnest(%s::text[]) AS s (name)",
        [names],
    )


def _ask(question: str, values: list[Any]) -> None:
    if connection.connection is not None and not connection.connection.closed:
        with contextlib.suppress(DatabaseError, PsycopgError):
            connection.connection.execute(question, values)


@pytest.fixture(autouse=True, scope="session")
def _requests_under_the_gate() -> Iterator[None]:
    """A request of the test client sees what the policies show, from its first middleware on."""
    plain = Browser.request

    def request(self: Browser, **given: Any) -> Any:
        _close_gate()
        try:
            return plain(self, **given)
        finally:
            look("yes")

    Browser.request = request  # type: ignore[method-assign]
    yield
    Browser.request = plain  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _language() -> None:
    """Every test begins in the portal's first language, whatever a request before it chose."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command whose work no worker claims does it at once; nobody waits for a worker that is not
    there."""
    monkeypatch.setattr(waiting, "UNCLAIMED_S", 0)


@pytest.fixture(autouse=True)
def _no_attempts(request: pytest.FixtureRequest) -> None:
    """No sign-in that failed and no request of the API in another test counts in this one."""
    if request.node.get_closest_marker("django_db") is None:
        return
    with contextlib.suppress(RedisError, OSError):
        client = attempts.redis()
        for prefix in (attempts._prefix(), throttle.prefix()):
            if counted := list(client.scan_iter(f"{prefix}*", count=1000)):
                client.delete(*counted)


@pytest.fixture(autouse=True)
def _web_role(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test with a database runs as the web role, as the portal does."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None and not DATABASE_FIXTURES & set(request.fixturenames):
        yield
        return
    transactional = (marker and marker.kwargs.get("transaction")) or (
        {"transactional_db", "live_server"} & set(request.fixturenames)
    )
    assert not (transactional and connection.in_atomic_block), "this module's rows are lasting"
    request.getfixturevalue("transactional_db" if transactional else "db")
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE portal_web")
    look("yes")
    yield
    if connection.connection is None or connection.connection.closed:
        return
    if transactional or not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture(scope="module")
def lasting(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """`with lasting(): ...`: rows that every test of the module finds, made once, by the owner.

    A transaction around the module; each test is a savepoint in it, so that none sees what another
    did. Not for modules with tests that commit. What such a fixture hands out must not be changed:
    keys, or objects that each test reads anew.
    """
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole._from_testcase = True  # as a test's own: durable blocks may stand inside
        whole.__enter__()

    @contextmanager
    def making() -> Iterator[None]:
        with django_db_blocker.unblock(), as_role("owner"):
            yield
            open_gate(None)  # else it would stand open for the tests
            connection.check_constraints()  # once, not after each test

    yield making
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


def _restore(_case: TransactionTestCase) -> None:
    emptying.restore()


# Django's own flush would meet the audit trail's guard, and leave the country empty.
TransactionTestCase._fixture_teardown = _restore  # type: ignore[method-assign]


@pytest.fixture
def role() -> Callable[[str], AbstractContextManager[None]]:
    return as_role


@pytest.fixture
def person() -> Callable[..., User]:
    """`person("verifier")`: a user of that role, made as the owner."""

    def make(*args: str, **kwargs: str) -> User:
        with as_role("owner"):
            return persona(*args, **kwargs)

    return make


@pytest.fixture
def signed_in(person: Callable[..., User]) -> Callable[..., Browser]:
    """`signed_in("verifier")`: a browser in which that persona is signed in."""

    def make(*args: str, **kwargs: str) -> Browser:
        browser = Browser()
        browser.force_login(person(*args, **kwargs))
        return browser

    return make


@pytest.fixture
def english(signed_in: Callable[..., Browser]) -> Callable[..., Browser]:
    """As `signed_in`, in a browser that asks for English, whatever the catalogue holds."""

    def make(*args: str, **kwargs: str) -> Browser:
        browser = signed_in(*args, **kwargs)
        browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return browser

    return make


@pytest.fixture
def gate() -> Callable[[User], None]:
    """Open the database's second gate for a user, as a request does."""
    return open_gate


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real boundaries and codes; skipped with a reason where there is none."""
    folder = os.environ.get("PORTAL_REAL_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("PORTAL_REAL_DATA names no folder with the real boundaries")
    return Path(folder)
