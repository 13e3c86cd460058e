"""Whether a process may serve: web, workers and beat check it themselves when they start.

A wrong configuration ends the start here, with a message on standard error and exit code 78 (a
configuration error; a supervisor need not try again). One short connection runs one statement about
the database's role, and behind TLS one about its log. A database outage does not prevent the start:
then the first connection that succeeds is checked, before any data is read through it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import PurePath
from typing import Any, Final, NoReturn

import psycopg
import structlog
from celery.signals import worker_shutdown
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.signals import connection_created
from environs import EnvError

from portal.operations import at_rest

WRONG_CONFIGURATION: Final = 78  # EX_CONFIG of sysexits.h
LEAST_KEY_LETTERS: Final = 50
LEAST_KEY_VARIETY: Final = 5
# Prefixes of placeholder keys.
KNOWN_KEYS: Final = (
    *("change", "default", "django-insecure", "dummy", "example", "insecure", "password"),
    *("placeholder", "replace", "secret", "your-", "your_", "xxxxx"),
)
# Roles of PostgreSQL itself that bypass its access rights.
_POWERFUL: Final = (
    *("pg_read_all_data", "pg_write_all_data", "pg_read_server_files", "pg_write_server_files"),
    "pg_execute_server_program",
)
CONNECT_WITHIN_S: Final = 3
AGAIN_S: Final = 1.0
# The rights of a role, its own and those of each role of which it is a member, directly or not,
# with or without SET ROLE. Only the worker creates tables, in "staging".
ROLE: Final = """
WITH mine AS (
    SELECT oid, rolname,
           rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication
             OR rolname = ANY (%(powerful)s) AS is_powerful
    FROM pg_roles
    WHERE pg_has_role(session_user, oid, 'MEMBER') OR pg_has_role(current_user, oid, 'MEMBER')
), owners AS (
    SELECT relowner AS owner FROM pg_class
    WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace = 'public'::regnamespace
    UNION SELECT nspowner FROM pg_namespace WHERE nspname = 'public'
    UNION SELECT datdba FROM pg_database WHERE datname = current_database()
    UNION SELECT proowner FROM pg_proc
    WHERE prosecdef AND pronamespace = 'public'::regnamespace
)
SELECT current_user::text,
       (SELECT bool_or(rolsuper) FROM pg_roles WHERE rolname IN (current_user, session_user)),
       (SELECT array_agg(rolname::text ORDER BY rolname) FROM mine WHERE is_powerful),
       (SELECT array_agg(rolname::text ORDER BY rolname) FROM mine
        WHERE oid IN (SELECT owner FROM owners)),
       (SELECT array_agg(rolname::text) FROM mine
        WHERE rolname IN ('portal_web', 'portal_worker'))
"""
LOG: Final = "SELECT name, setting FROM pg_settings WHERE name = ANY (%(names)s)"
NEWEST_FILES: Final = "SELECT file FROM proposals_batch WHERE file <> '' ORDER BY id DESC LIMIT 20"
log = structlog.get_logger(__name__)


# --- checks -------------------------------------------------------------------------------------


def faults_of_settings(role: str) -> list[str]:
    """Why these settings may not serve as `role`, "web" or "worker"."""
    said = []
    if role != settings.DATABASE_ROLE:
        said.append(
            f"PORTAL_DATABASE_ROLE is {settings.DATABASE_ROLE!r}; this process serves as {role!r}."
            " Set it so, or leave it out."
        )
    if settings.DEBUG and not is_demo():
        said.append(
            "DEBUG is on: pages of errors would show settings and rows. Set DEBUG=false; only a"
            " demo on the loopback address may have it."
        )
    said += [
        f"{name} {fault}. Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        for name, key in _keys()
        if (fault := fault_of_key(key))
    ]
    if role == "web" and _believes_forwarded():
        said.append(
            "uvicorn would believe X-Forwarded-For of everybody who reaches it from this machine."
            " Start it with --no-proxy-headers, and set TRUSTED_PROXIES to the number of proxies."
        )
    said += [f"{fault.msg} {fault.hint}" for fault in at_rest.disk_is_encrypted()]
    return said


def is_demo() -> bool:
    """Whether the portal runs without second factors and TLS, and only this machine reaches it."""
    local = {"127.0.0.1", "localhost", "[::1]", "testserver"}
    is_open = settings.SECOND_FACTOR_REQUIRED or settings.HTTPS_ONLY
    return not is_open and set(settings.ALLOWED_HOSTS) <= local


def _keys() -> list[tuple[str, str]]:
    former = [("A key of SECRET_KEY_FALLBACKS", key) for key in settings.SECRET_KEY_FALLBACKS]
    try:
        return [("SECRET_KEY", settings.SECRET_KEY), *former]
    except ImproperlyConfigured:  # Django raises this for an empty one
        return [("SECRET_KEY", ""), *former]


def fault_of_key(key: str) -> str:
    """What is wrong with a key; "" when it is a secret."""
    if not key:
        return "is missing"
    if len(key) < LEAST_KEY_LETTERS:
        return f"has {len(key)} letters, fewer than {LEAST_KEY_LETTERS}"
    if len(set(key)) < LEAST_KEY_VARIETY or key.lower().startswith(KNOWN_KEYS):
        return "is a well-known default or can be guessed"
    return ""


def _believes_forwarded() -> bool:
    """Whether uvicorn trusts the header of loopback neighbours: it does by default."""
    if "uvicorn" not in PurePath(sys.argv[0]).as_posix():
        return False
    told = os.environ.get("UVICORN_PROXY_HEADERS", "").lower() in {"0", "false", "no", "off", "f"}
    return "--no-proxy-headers" not in sys.argv and not told


def faults_of_database(connection: psycopg.Connection[Any], role: str) -> list[str]:
    """Why this connection may not serve as `role`."""
    return faults_of_role(connection, role) + faults_of_log(connection)


def faults_of_role(connection: psycopg.Connection[Any], role: str) -> list[str]:
    """Why this connection's database role may not serve as `role`. One statement."""
    row: Any = connection.execute(ROLE, {"powerful": list(_POWERFUL)}, prepare=False).fetchone()
    name, is_superuser, powerful, owners, served = row
    hint = f"{settings.DATABASE_URLS[role]} must name the role portal_{role} (bin/cluster.sql)."
    if is_superuser:
        return [f"The database role {name} is a superuser: it sees every row. {hint}"]
    said = []
    for roles, what in ((powerful, "reaches past row-level security"), (owners, "owns tables")):
        for other in roles or ():
            which = "" if other == name else f" is a member of {other}, which"
            said.append(f"The database role {name}{which} {what}. {hint}")
    other = "worker" if role == "web" else "web"
    if f"portal_{other}" in (served or ()):
        said.append(f"The database role {name} is or may act as portal_{other}. {hint}")
    return said


def faults_of_log(connection: psycopg.Connection[Any]) -> list[str]:
    """Settings of the database's server that would write rows into its log."""
    if not settings.HTTPS_ONLY:
        return []
    known = connection.execute(LOG, {"names": list(at_rest.QUIET)}, prepare=False).fetchall()
    loud = at_rest.loud_settings(dict(known))
    words = "PostgreSQL would write statements or rows into its log: {} (docs/operations.md)."
    return [words.format(", ".join(loud))] if loud else []


def look_at_storage(connection: psycopg.Connection[Any]) -> bool:
    """Whether MEDIA_ROOT is the folder in which the web stores files; logs an error if not.

    It does not prevent the start: after a loss of files the other work continues. An installation
    on several machines mounts one folder on all of them.
    """
    try:
        named = [name for (name,) in connection.execute(NEWEST_FILES, prepare=False)]
    except psycopg.ProgrammingError:
        return True  # before the first migration
    if not named or any((settings.MEDIA_ROOT / name).exists() for name in named):
        return True
    log.error(
        "media_root_is_another",
        folder=str(settings.MEDIA_ROOT),
        missing=len(named),
        words="None of the files that came last is in MEDIA_ROOT. All machines of the portal need"
        " the same folder: mount it here, or bring the files back from the backup.",
    )
    return False


# --- consequences -------------------------------------------------------------------------------


def check_settings(role: str) -> None:
    """End this process, with the reasons as text, if its settings may not serve as `role`."""
    try:
        faults = faults_of_settings(role)
    except (ImproperlyConfigured, EnvError) as wrong:
        faults = [str(wrong)]
    if faults:
        refuse(faults)


def check_role(role: str, *, uses_database: bool = True) -> None:
    """End this process if its database role sees more than `role` may.

    A process that does not query the database itself has no later connection to check, so it
    repeats the check until a connection succeeds.
    """
    try:
        with _connect() as connection:
            faults = faults_of_database(connection, role)
            if role == "worker" and uses_database and not faults:
                look_at_storage(connection)
    except psycopg.OperationalError as away:
        log.warning("database_away_at_start", fault=type(away).__name__)
        if uses_database:
            _ask_later(role)
        if role == "web" or not uses_database:  # a worker has children, which inherit no thread
            _watch(role)
        return
    if faults:
        refuse(faults)


def refuse(faults: list[str]) -> NoReturn:
    _report(faults)
    sys.exit(WRONG_CONFIGURATION)


def _report(faults: list[str]) -> None:
    lines = [
        "The portal does not start. What is wrong with its configuration:",
        *(f"- {fault}" for fault in faults),
    ]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()


def _connect() -> psycopg.Connection[Any]:
    """A separate connection, closed before a worker makes its children."""
    known = connections[DEFAULT_DB_ALIAS].get_connection_params()
    return psycopg.connect(**{"connect_timeout": CONNECT_WITHIN_S, **known}, autocommit=True)


def _ask_later(role: str) -> None:
    """Check the first connection of each process of this family before it is used."""
    gate = _Gate(role, os.getpid())
    connection_created.connect(gate.ask, weak=False, dispatch_uid="portal.startup")
    if role == "worker":
        worker_shutdown.connect(gate.leave, weak=False)


class _Gate:
    """Checks the first connection; ends all processes of the family when it may not serve."""

    def __init__(self, role: str, head: int) -> None:
        self.role, self.head = role, head

    def ask(self, connection: Any, **_: Any) -> None:
        if connection.alias != DEFAULT_DB_ALIAS:
            return
        if faults := faults_of_database(connection.connection, self.role):
            _report(faults)
            self.end()
        connection_created.disconnect(dispatch_uid="portal.startup")

    def end(self) -> NoReturn:
        """End the processes: no answer is better than one read by a role that sees too much."""
        if os.getpid() != self.head:
            os.kill(self.head, signal.SIGTERM)  # the worker that made this child takes no more work
        os._exit(WRONG_CONFIGURATION)

    def leave(self, **_: Any) -> None:
        """Exit with the same code as at the start when a worker stops because of its role."""
        with suppress(psycopg.OperationalError), _connect() as connection:
            if faults_of_database(connection, self.role):
                os._exit(WRONG_CONFIGURATION)


def _watch(role: str) -> None:
    def look() -> None:
        faults = None
        while faults is None:
            time.sleep(AGAIN_S)
            with suppress(psycopg.OperationalError), _connect() as connection:
                faults = faults_of_database(connection, role)
        if faults:
            _report(faults)
            os._exit(WRONG_CONFIGURATION)

    threading.Thread(target=look, name="database-role", daemon=True).start()
