"""What a process asks before it serves: its settings, and what its database role may do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.conf import LazySettings
from django.db import connection
from psycopg import sql

from portal import startup

KEY = "k9s-Jq2vXr7_Tn4bWz6Yd1Lm8Pc3Hf5Ga0Re-Uo_Ix2Sv7Nq4Ty6Kw"


@pytest.fixture
def as_stranger() -> Iterator[Callable[..., psycopg.Connection[Any]]]:
    """A connection as a role that is made for it and never committed."""
    known = connection.settings_dict
    opened = psycopg.connect(
        host=known["HOST"], port=known["PORT"] or None, dbname=known["NAME"], user="postgres"
    )

    def make(attributes: str, *statements: str, name: str = "stranger") -> Any:
        if name == "stranger":
            opened.execute(sql.SQL("CREATE ROLE stranger {}").format(sql.SQL(attributes)))
        for statement in statements:
            opened.execute(statement)  # type: ignore[arg-type]
        opened.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(name)))
        return opened

    yield make
    opened.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("attributes", "statements", "words"),
    [
        ("SUPERUSER", [], "is a superuser"),
        ("BYPASSRLS", [], "stranger reaches past row-level security"),
        ("CREATEROLE", [], "stranger reaches past"),
        ("REPLICATION", [], "stranger reaches past"),
        ("", ["CREATE TABLE public.own ()", "ALTER TABLE public.own OWNER TO stranger"], "owns"),
        ("", ["ALTER SCHEMA public OWNER TO stranger"], "stranger owns"),
        ("INHERIT", ["GRANT portal_owner TO stranger"], "member of portal_owner, which owns"),
        ("NOINHERIT", ["GRANT portal_owner TO stranger"], "member of portal_owner, which owns"),
        (
            "INHERIT",
            ["CREATE ROLE between", "GRANT portal_owner TO between", "GRANT between TO stranger"],
            "member of portal_owner, which owns",
        ),
        ("", ["GRANT portal_sealer TO stranger"], "member of portal_sealer, which owns"),
        ("", ["GRANT postgres TO stranger"], "member of postgres, which reaches past"),
        ("", ["GRANT pg_read_all_data TO stranger"], "member of pg_read_all_data"),
        ("", ["GRANT pg_execute_server_program TO stranger"], "pg_execute_server_program"),
        ("", ["GRANT portal_worker TO stranger"], "is or may act as portal_worker"),
    ],
)
def test_a_role_that_sees_too_much_does_not_serve(
    as_stranger: Any, attributes: str, statements: list[str], words: str
) -> None:
    said = startup.faults_of_role(as_stranger(attributes, *statements), "web")
    assert any(words in fault for fault in said), said
    assert all("DATABASE_URL" in fault for fault in said)  # what to mend


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["web", "worker"])
def test_the_roles_that_are_meant_serve(as_stranger: Any, role: str) -> None:
    assert startup.faults_of_role(as_stranger("", name=f"portal_{role}"), role) == []


@pytest.mark.django_db
def test_a_member_of_the_web_s_role_serves_as_the_web_alone(as_stranger: Any) -> None:
    opened = as_stranger("LOGIN", "GRANT portal_web TO stranger")
    assert startup.faults_of_role(opened, "web") == []
    assert startup.faults_of_role(opened, "worker")


@pytest.mark.django_db
def test_the_worker_s_role_does_not_serve_as_the_web(as_stranger: Any) -> None:
    (said,) = startup.faults_of_role(as_stranger("", name="portal_worker"), "web")
    assert "DATABASE_URL must name the role portal_web" in said


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("", "is missing"),
        (KEY[:49], "has 49 letters"),
        ("ab" * 30, "default"),
        ("insecure" + KEY, "default"),
        ("Change-Me-" + KEY, "default"),
        ("django-insecure-" + KEY, "default"),
        (KEY, ""),
    ],
)
def test_a_key_that_can_be_guessed_is_refused(key: str, words: str) -> None:
    said = startup.fault_of_key(key)
    assert words in said if words else said == ""


def faults(settings: LazySettings, role: str = "web", **values: Any) -> list[str]:
    good = {
        "DEBUG": False,
        "SECRET_KEY": KEY,
        "SECRET_KEY_FALLBACKS": [],
        "DATABASE_ROLE": role,
        "HTTPS_ONLY": True,
        "SECOND_FACTOR_REQUIRED": True,
        "ALLOWED_HOSTS": ["portal.example"],
        "STORAGE_ENCRYPTION": "the disks of the provider",
    }
    for name, value in (good | values).items():
        setattr(settings, name, value)
    return startup.faults_of_settings(role)


def test_good_settings_serve(settings: LazySettings) -> None:
    assert faults(settings) == []


DEMO = {
    "DEBUG": True,
    "HTTPS_ONLY": False,
    "SECOND_FACTOR_REQUIRED": False,
    "ALLOWED_HOSTS": ["127.0.0.1", "localhost"],
}


def test_only_a_demo_may_debug(settings: LazySettings) -> None:
    assert faults(settings, **DEMO) == []
    for other in (
        {"HTTPS_ONLY": True},
        {"SECOND_FACTOR_REQUIRED": True},
        {"ALLOWED_HOSTS": ["portal.example"]},
        {"ALLOWED_HOSTS": ["*"]},
    ):
        (said,) = faults(settings, **{**DEMO, **other})
        assert "DEBUG" in said


def test_a_former_key_is_a_key_too(settings: LazySettings) -> None:
    (said,) = faults(settings, SECRET_KEY_FALLBACKS=[KEY, "kurz"])
    assert "SECRET_KEY_FALLBACKS has 4 letters" in said


def test_files_lie_on_an_encrypted_disk_or_somebody_says_what_encrypts_it(
    settings: LazySettings,
) -> None:
    settings.MEDIA_ROOT = settings.FILE_UPLOAD_TEMP_DIR = "/proc"  # on no disk that is encrypted
    (said,) = faults(settings, STORAGE_ENCRYPTION="")
    assert "does not lie on an encrypted disk" in said
    assert "STORAGE_ENCRYPTION" in said


@pytest.mark.django_db
def test_behind_tls_the_database_s_log_holds_no_rows(
    settings: LazySettings, as_stranger: Any
) -> None:
    opened = as_stranger("", "SET log_statement = 'all'", name="portal_web")
    settings.HTTPS_ONLY = True
    (said,) = startup.faults_of_log(opened)
    assert "log_statement = all" in said
    opened.execute("RESET SESSION AUTHORIZATION")
    opened.execute("SET log_statement = 'none'")
    assert startup.faults_of_log(opened) == []
    settings.HTTPS_ONLY = False
    opened.execute("SET log_statement = 'all'")
    assert startup.faults_of_log(opened) == []


def test_no_process_serves_as_the_owner(settings: LazySettings) -> None:
    (said,) = faults(settings, DATABASE_ROLE="owner")
    assert "PORTAL_DATABASE_ROLE" in said


@pytest.mark.parametrize(
    ("command", "is_believed"),
    [
        (["/srv/.venv/bin/uvicorn", "portal.asgi:application"], True),
        (["/srv/site-packages/uvicorn/__main__.py", "portal.asgi:application"], True),
        (["/srv/.venv/bin/uvicorn", "portal.asgi:application", "--no-proxy-headers"], False),
        (["/srv/.venv/bin/celery", "worker"], False),
    ],
)
def test_uvicorn_is_told_to_believe_no_header(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch, command: list[str], is_believed: bool
) -> None:
    monkeypatch.setattr("sys.argv", command)
    assert any("--no-proxy-headers" in fault for fault in faults(settings)) == is_believed
