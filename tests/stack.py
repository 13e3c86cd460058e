"""The portal's own processes, started by `bin/run` on the database of this test process.

Web server, both workers and beat are the real ones, with the settings of a real start; their Redis
is their own, so that it can be killed and wiped. What a test commits they see, and the other way
round: tests that use them are `django_db(transaction=True)`.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.test import Client as Browser

from apps.accounts.models import User
from tests.conftest import as_role
from tests.workers import ROOT, environment

START_WITHIN_S = 60
LAUNCH = """
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
path, name = sys.argv[1:]
loader = SourceFileLoader("run", path)
run = module_from_spec(spec_from_loader("run", loader))
sys.modules["run"] = run
loader.exec_module(run)
run.launch(name)
"""
ARGON2 = Argon2PasswordHasher()


class Stack:
    """The running portal. `address` is its own; `state` holds its logs."""

    def __init__(self, folder: Path, **extra: str) -> None:
        self.folder, self.state = folder, folder / "state"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.redis = OwnRedis(folder / "redis")
        self._extra = extra

    # --- processes ---

    def environment(self) -> dict[str, str]:
        kept = environment("web")
        kept.pop("PORTAL_DATABASE_ROLE")
        kept.pop("STATICFILES_BACKEND", None)
        return (
            kept
            | {
                "PORTAL_STATE": str(self.state),
                "PORT": str(self.port),
                "REDIS_URL": self.redis.url,
                "BROKER_URL": self.redis.broker_url,
                "SECRET_KEY": settings.SECRET_KEY,
                "HTTPS_ONLY": "false",
                "SECOND_FACTOR_REQUIRED": "false",
                "LOG_LEVEL": "INFO",
            }
            | self._extra
        )

    def start(self) -> None:
        self.prepare()
        if self.redis.process is None:
            self.redis.start()
        self.run("start")

    def prepare(self) -> None:
        """The folders of a state, with the static files that bin/with-test-servers collected."""
        self.state.mkdir(parents=True, exist_ok=True)
        for name in ("run", "logs"):
            (self.state / name).mkdir(exist_ok=True)
        static = self.state / "static"
        if not static.exists():
            static.symlink_to(Path(os.environ["PORTAL_STATE"]) / "static")

    def stop(self) -> None:
        self.run("stop")
        self.redis.kill()

    def run(self, verb: str) -> str:
        done = subprocess.run(
            [ROOT / "bin/run", verb],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=START_WITHIN_S + 60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def launch(self, name: str) -> None:
        """Start one process again, as its unit would after it ended."""
        done = subprocess.run(
            [sys.executable, "-c", LAUNCH, str(ROOT / "bin/run"), name],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def end(self, name: str, *, within_s: float) -> None:
        """Ask one process to end, as its unit would: by force what is left of it after a time."""
        pid = self.pid(name)
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + within_s
        while is_alive(pid) and time.monotonic() < until:
            time.sleep(0.05)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)

    def pid(self, name: str) -> int:
        """The number of a process: web, worker-interactive, worker-batches, beat."""
        return int((self.state / "run" / f"{name}.pid").read_text().split()[0])

    def log(self, name: str) -> str:
        return (self.state / "logs" / f"{name}.log").read_text(errors="replace")

    def errors(self, name: str = "web", most: int = 3) -> str:
        """The last errors in a log, for the message of a test that failed."""
        lines = [line for line in self.log(name).splitlines() if '"level": "error"' in line]
        return "\n".join(lines[-most:])

    def manage(self, *arguments: str, role: str = "worker") -> subprocess.CompletedProcess[str]:
        """A command of the portal, as an operator gives it."""
        return subprocess.run(
            [ROOT / ".venv/bin/python", ROOT / "manage.py", *arguments],
            env=self.environment() | {"PORTAL_DATABASE_ROLE": role},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    # --- visitors ---

    def visitor(self, user: User | None = None) -> Visitor:
        """A browser; with a user, one in which that user is signed in."""
        return Visitor(self.address, user)


class Visitor(requests.Session):
    """A browser without scripts: cookies, the CSRF token, addresses below the portal's own."""

    def __init__(self, address: str, user: User | None = None) -> None:
        super().__init__()
        self.address = address
        self.trust_env = False
        if user is not None:
            inside = Browser()
            inside.force_login(user)
            for cookie in inside.cookies.values():
                self.cookies.set(cookie.key, cookie.value)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> requests.Response:  # type: ignore[override]
        kwargs.setdefault("timeout", 60)
        # a redirection is an answer, too; `follow=True` goes on
        kwargs["allow_redirects"] = kwargs.pop("follow", False)
        if method.upper() == "POST" and "/api/" not in url and "/oauth2/" not in url:
            token = self.csrf()
            kwargs["headers"] = {"X-CSRFToken": token} | dict(kwargs.get("headers") or {})
        address = url if url.startswith("http") else f"{self.address}{url}"
        return super().request(method, address, *args, **kwargs)

    def csrf(self) -> str:
        if "csrftoken" not in self.cookies:
            # any page with a form sets it
            super().request("GET", f"{self.address}/accounts/login/", timeout=60)
            if "csrftoken" not in self.cookies:
                # where the server sets its own, so that it takes the place of this one
                self.cookies.set("csrftoken", "a" * 32, domain="127.0.0.1", path="/")
        return str(self.cookies["csrftoken"])


class OwnRedis:
    """A Redis on a socket of its own, to be killed, wiped and started again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.broker_url = f"redis+socket://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", str(self.socket)]
            + ["--dir", str(self.folder), "--save", "", "--appendonly", "no", "--daemonize", "no"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_WITHIN_S
        while not self.socket.exists():
            assert time.monotonic() < deadline, "Redis did not start"
            time.sleep(0.02)

    def flush(self) -> None:
        """Everything that it holds goes, while it goes on."""
        subprocess.run(
            ["redis-cli", "-s", str(self.socket), "FLUSHALL"], check=True, capture_output=True
        )

    def kill(self) -> None:
        """`kill -9`: what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None
        self.socket.unlink(missing_ok=True)


def password(user: User, text: str) -> None:
    """Give a user a password that the served portal knows: the tests' own hashes are cheap ones."""
    with as_role("owner"):
        User.objects.filter(pk=user.pk).update(password=ARGON2.encode(text, ARGON2.salt()))


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process and its children, without ending them."""
    pids = [pid, *children_of(pid)]
    for one in pids:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in reversed(pids):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)


def children_of(pid: int, *, deep: bool = True) -> list[int]:
    """The processes that a process started; with theirs, unless only its own are asked for."""
    task = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in task.read_text().split()] if task.exists() else []
    return found + [inner for child in found if deep for inner in children_of(child)]


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(**extra: str) -> Iterator[Stack]:
    """A portal of its own, with settings of its own; ended afterwards."""
    # a short path: a unix socket's may have 107 bytes
    folder = Path(tempfile.mkdtemp(prefix="stack-"))
    stack = Stack(folder, **extra)
    connection.ensure_connection()
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
