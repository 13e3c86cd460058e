"""Web, workers and beat refuse by themselves to start where they would see or show too much."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from celery import Celery
from django.db import connection

from tests.stack import OwnRedis, Stack, free_port
from tests.workers import ROOT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
WRONG_CONFIGURATION = 78
WITHIN_S = 90
UVICORN = ["uvicorn", "portal.asgi:application", "--lifespan", "off"]
WEB = [*UVICORN, "--no-proxy-headers"]
WORKER = ["celery", "-A", "portal", "worker", "--queues", "interactive", "--concurrency", "1"]
WORKER += ["--loglevel", "INFO", "--without-gossip", "--without-mingle"]
BEAT = ["celery", "-A", "portal", "beat", "--pidfile", "", "--schedule", "FOLDER/schedule"]


def postgres(user: str, host: str = "") -> str:
    known = connection.settings_dict
    return f"postgresql://{user}@{quote(host or known['HOST'], safe='')}/{known['NAME']}"


def launch(command: list[str], folder: Path, **extra: str) -> subprocess.Popen[str]:
    """A process as a supervisor starts it; what it says goes to `output` of its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(folder)
    stack.prepare()
    environment = stack.environment() | extra
    command = [part.replace("FOLDER", str(folder)) for part in command]
    with (folder / "output").open("w") as output:
        return subprocess.Popen(
            [ROOT / ".venv/bin" / command[0], *command[1:]],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            text=True,
            start_new_session=True,
        )


@contextmanager
def launched(command: list[str], folder: Path, **extra: str) -> Iterator[subprocess.Popen[str]]:
    process = launch(command, folder, **extra)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(20)


REMOTE = "postgresql://portal_web:geheim@db.example/portal"
# name → command, settings, what it says
REFUSED: dict[str, tuple[list[str], dict[str, str], str]] = {
    "web as superuser": (WEB, {"DATABASE_URL": "postgres"}, "role postgres is a superuser"),
    "web with DEBUG": (WEB, {"DEBUG": "true", "SECOND_FACTOR_REQUIRED": "true"}, "DEBUG is on"),
    "web with a known key": (WEB, {"SECRET_KEY": "insecure"}, "SECRET_KEY has 8 letters"),
    "web without a key": (WEB, {"SECRET_KEY": ""}, "SECRET_KEY is missing"),
    "web that believes headers": (UVICORN, {}, "--no-proxy-headers"),
    "web on a plain line": (WEB, {"DATABASE_URL": REMOTE}, "without TLS"),
    "worker as superuser": (WORKER, {"DATABASE_WORKER_URL": "postgres"}, "is a superuser"),
    "worker with a known key": (WORKER, {"SECRET_KEY": "change-me"}, "SECRET_KEY has 9 letters"),
    "beat as superuser": (BEAT, {"DATABASE_WORKER_URL": "postgres"}, "is a superuser"),
    "beat with a known key": (BEAT, {"SECRET_KEY": ""}, "SECRET_KEY is missing"),
}


@pytest.fixture(scope="module")
def ended(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[int, str]]]:
    """Every wrong start, all at once: its exit code and its words."""
    folder = tmp_path_factory.mktemp("starts")
    running = {}
    for number, (name, (command, extra, _words)) in enumerate(REFUSED.items()):
        given = {
            key: postgres(value) if value == "postgres" else value for key, value in extra.items()
        }
        port = ["--port", str(free_port())] if command[0] == "uvicorn" else []
        where = folder / str(number)
        running[name] = (launch([*command, *port], where, **given), where / "output")
    found = {}
    deadline = time.monotonic() + WITHIN_S
    for name, (process, output) in running.items():
        try:
            code = process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait(10)
        found[name] = (code, output.read_text())
    yield found


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.long
def test_a_process_that_may_not_serve_ends_in_words(
    ended: dict[str, tuple[int, str]], name: str
) -> None:
    code, said = ended[name]
    assert code == WRONG_CONFIGURATION, said[-1000:]
    assert REFUSED[name][2] in said
    assert "Traceback" not in said


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path: a unix socket's may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="start-") as made:
        yield Path(made)


def appears(folder: Path) -> None:
    """The database that was away is there."""
    (folder / "pg").symlink_to(connection.settings_dict["HOST"])


@pytest.mark.long
def test_the_web_comes_up_without_a_database_and_looks_at_the_role_once_it_is_there(
    folder: Path,
) -> None:
    redis = OwnRedis(folder / "redis")
    redis.start()
    away = {"REDIS_URL": redis.url, "BROKER_URL": redis.broker_url}
    ports = {user: free_port() for user in ("portal_web", "postgres")}
    try:
        with (
            launched(
                [*WEB, "--port", str(ports["portal_web"])],
                folder / "good",
                DATABASE_URL=postgres("portal_web", str(folder / "pg")),
                **away,
            ),
            launched(
                [*WEB, "--port", str(ports["postgres"])],
                folder / "bad",
                DATABASE_URL=postgres("postgres", str(folder / "pg")),
                **away,
            ) as bad,
        ):
            assert eventually(lambda: answer(ports["portal_web"]) == 503)
            assert eventually(lambda: "running on" in (folder / "bad/output").read_text())
            appears(folder)
            assert eventually(lambda: answer(ports["portal_web"]) == 200)
            assert bad.wait(WITHIN_S) == WRONG_CONFIGURATION
            assert "is a superuser" in (folder / "bad/output").read_text()
    finally:
        redis.kill()


@pytest.mark.long
def test_worker_and_beat_come_up_without_a_database_and_look_at_the_role_later(
    folder: Path,
) -> None:
    redis = OwnRedis(folder / "redis")
    redis.start()
    away = {
        "REDIS_URL": redis.url,
        "BROKER_URL": redis.broker_url,
        "DATABASE_WORKER_URL": postgres("postgres", str(folder / "pg")),
    }
    try:
        with (
            launched(WORKER, folder / "worker", **away) as worker,
            launched(BEAT, folder / "beat", **away) as beat,
        ):
            assert eventually(lambda: "ready" in (folder / "worker/output").read_text())
            assert worker.poll() is None
            assert beat.poll() is None
            appears(folder)
            queue = Celery(broker=redis.broker_url, set_as_current=False)
            queue.send_task("portal.tasks.sweep", queue="interactive")
            assert worker.wait(WITHIN_S) == WRONG_CONFIGURATION
            assert beat.wait(WITHIN_S) == WRONG_CONFIGURATION
            for name in ("worker", "beat"):
                assert "is a superuser" in (folder / name / "output").read_text()
    finally:
        redis.kill()


def answer(port: int) -> int | None:
    """The status of /readyz; None where nobody answers."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=15).status_code
    except requests.ConnectionError:
        return None


def eventually(condition: Any, seconds: float = WITHIN_S) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


@pytest.mark.long
def test_a_command_needs_no_database_to_be_imported(folder: Path) -> None:
    done = subprocess.run(
        [ROOT / ".venv/bin/python", ROOT / "manage.py", "migrate", "--help"],
        env=os.environ | {"DATABASE_OWNER_URL": postgres("nobody", str(folder / "pg"))},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
