"""The line to the database: what its address says stays, and no plain text leaves the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
from django.core.exceptions import ImproperlyConfigured

from portal import connecting

ROOT = Path(__file__).resolve().parents[2]
SHOW = (
    "import json, django; django.setup();"
    "from django.db import connection;"
    "known = connection.get_connection_params();"
    "print(json.dumps({k: v for k, v in known.items() if isinstance(v, str | int)}))"
)


def options(url: str, *, is_plain_allowed: bool = False) -> dict[str, Any]:
    return connecting.options(
        dj_database_url.parse(url),
        "-c TimeZone=UTC",
        name="DATABASE_URL",
        is_plain_allowed=is_plain_allowed,
    )


def test_options_in_the_database_address_are_kept() -> None:
    given = options("postgres://u:p@db.example/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem")
    assert given == {
        "sslmode": "verify-full",
        "sslrootcert": "/etc/ca.pem",
        "options": "-c TimeZone=UTC",
    }


def test_options_of_the_address_come_beside_ours() -> None:
    given = options("postgres://u@localhost/portal?options=-c%20work_mem=64MB")
    assert given["options"] == "-c TimeZone=UTC -c work_mem=64MB"


LOCAL = (
    "postgres://u@%2Frun%2Fpostgresql/portal",
    "postgres:///portal?host=/run/postgresql",
    "postgres:///portal",
    "postgres://u@localhost/portal",
    "postgres://u@127.0.0.1:5433/portal",
    "postgres://u@127.8.0.1/portal",
    "postgres://u@[::1]/portal",
)
REMOTE = (
    "postgres://u@db.example/portal",
    "postgres://u@10.0.0.7/portal",
    "postgres://u@[2001:db8::7]/portal",
    "postgres:///portal?host=db.example",
    "postgres://u@localhost/portal?hostaddr=10.0.0.7",
    "postgres://u@localhost.example/portal",
    "postgres:///portal?host=/run/postgresql,db.example",
    "postgres:///portal?service=production",
)


@pytest.fixture(autouse=True)
def _nothing_told_to_libpq(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("url", LOCAL)
def test_a_database_of_this_machine_needs_no_tls(url: str) -> None:
    assert "sslmode" not in options(url)


@pytest.mark.parametrize("url", REMOTE)
def test_a_database_elsewhere_is_refused_without_tls(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL .*sslmode=verify-full"):
        options(url)
    assert options(url, is_plain_allowed=True)


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer"])
def test_a_connection_that_may_be_plain_does_not_count_as_tls(mode: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        options(f"postgres://u@db.example/portal?sslmode={mode}")


@pytest.mark.parametrize("mode", ["require", "verify-ca", "verify-full"])
def test_an_encrypted_connection_is_accepted(mode: str) -> None:
    assert options(f"postgres://u@db.example/portal?sslmode={mode}")["sslmode"] == mode


def test_what_libpq_reads_from_the_environment_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    with pytest.raises(ImproperlyConfigured):
        options("postgres:///portal")
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert options("postgres:///portal")


def start(*command: str, url: str, **extra: str) -> subprocess.CompletedProcess[str]:
    known = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "PORTAL_DATABASE_ROLE": "web",
        "DATABASE_URL": url,
    }
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | known | extra,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.slow
@pytest.mark.long
def test_the_portal_connects_as_the_address_says() -> None:
    url = "postgresql://portal_web@db.example/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    said = start("-c", SHOW, url=url)
    known = json.loads(said.stdout)
    assert (known["sslmode"], known["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert "statement_timeout" in known["options"]


@pytest.mark.slow
def test_the_portal_does_not_start_on_a_plain_line() -> None:
    done = start("-c", SHOW, url="postgresql://portal_web:geheim@db.example/portal")
    assert done.returncode != 0
    assert "without TLS" in done.stderr
    assert "geheim" not in done.stderr
