"""A real worker process on the test's own database and queue, for tests that prove the wiring."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from celery import current_app
from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
START_WITHIN_S = 40
FORGOTTEN_WITHIN_S = 20


def environment(role: str = "worker") -> dict[str, str]:
    """What a program of the portal needs to work on the database of this test."""
    database = connection.settings_dict
    host, name = quote(database["HOST"], safe=""), database["NAME"]
    urls = {
        key: f"postgresql://portal_{owner}@{host}/{name}"
        for key, owner in (
            ("DATABASE_URL", "web"),
            ("DATABASE_WORKER_URL", "worker"),
            ("DATABASE_OWNER_URL", "owner"),
        )
    }
    return (
        os.environ
        | urls
        | {
            "PORTAL_DATABASE_ROLE": role,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "BROKER_URL": settings.CELERY_BROKER_URL,
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "ANCHOR_DIR": str(settings.ANCHOR_DIR),
        }
    )


@contextmanager
def worker(
    *queues: str, pool: tuple[str, ...] = ("--concurrency", "1")
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for these queues (those of jobs, when none is named), ended with its children."""
    names = ",".join(queues or ("interactive", "batches", "hazards", "relief"))
    called = f"worker-{time.monotonic_ns()}"
    log = Path(settings.MEDIA_ROOT).parent / f"{called}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "portal",
                "worker",
                "--queues",
                names,
                *pool,
                "--without-gossip",
                "--without-mingle",
                "--loglevel",
                "INFO",
                "--hostname",
                f"test{os.getpid()}@%h",
            ],
            cwd=ROOT,
            env=environment() | {"PGAPPNAME": called},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, log)
        yield process
    finally:
        kill(process)
        _wait_until_forgotten(called)
        current_app.control.purge()


def kill(process: subprocess.Popen[bytes]) -> None:
    """`kill -9` for a worker and its child at once."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(timeout=10)


def _wait_until_forgotten(called: str) -> None:
    """The database notices within seconds that nobody is there any more. Until then the killed
    worker holds its job, and another test's job of the same number would wait for it."""
    deadline = time.monotonic() + FORGOTTEN_WITHIN_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT FROM pg_stat_activity WHERE application_name = %s LIMIT 1", [called]
            )
            if not cursor.fetchall():
                return
            time.sleep(0.05)
    raise AssertionError(f"the database still knows {called}")


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while b"ready" not in log.read_bytes():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(f"the worker did not start:\n{log.read_text()[-2000:]}")
        time.sleep(0.1)
