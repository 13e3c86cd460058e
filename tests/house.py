"""A whole portal with a PostgreSQL and a Redis of its own, to be killed, restarted and frozen.

The demo's country, a small register, as many officers as a test wants, all signed in, and files of
any size. It takes a minute to make: for tests marked `scale`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.stack import Stack, Visitor
from tests.workers import ROOT

# Settings that would lead to the servers of the tests.
ELSEWHERE = ("DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL", "TEST_DATABASE")
ELSEWHERE += ("MEDIA_ROOT", "ANCHOR_DIR", "STATICFILES_BACKEND", "PORTAL_DATABASE_ROLE")
REGISTERED = 20_000
PREPARE = """
import json, sys
from datetime import date
from pathlib import Path
sys.path.insert(0, "bench")
import django
django.setup()
import _stage
from django.db import transaction
from django.test import Client as Browser
from django.utils import timezone
from apps.accounts.people import grants, users
from apps.demo import batches

registered, roles, sizes = json.loads(sys.argv[1])
here = _stage.prepare(registered)
signed_in = []
for role, count in roles.items():
    for number in range(count):
        nth = len(signed_in)
        user, _ = users.create(
            username=f"{role}-{number}", full_name="Contoh", by=None, now=timezone.now(),
            nik=f"97010101016{nth // 900}{9000 + nth % 900}", is_temporary=False,
        )
        where = here.regency.code[:2] if role == "province_monitor" else here.regency.code
        grants.grant(user=user, role=role, region_code=where, by=None, now=timezone.now())
        inside = Browser()
        inside.force_login(user)
        signed_in.append([role, {"sessionid": inside.cookies["sessionid"].value}])
for seed, (name, rows) in enumerate(sizes.items()):
    batches.write_batch(
        here.folder / name, here.villages, rows, 40 + seed, regions=here.regions,
        offices=here.offices, scope=here.regency.code, as_of=date.today(),
    )
print("MADE " + json.dumps({
    "signed_in": signed_in, "folder": str(here.folder), "regency": here.regency.code,
}))
"""


@dataclass(frozen=True)
class Officer:
    role: str
    browser: Visitor


class House(Stack):
    """The running portal and its own database."""

    def __init__(self, folder: Path, **extra: str) -> None:
        super().__init__(folder, **extra)
        self.officers: list[Officer] = []
        self.files, self.regency = folder, ""

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
        return (
            kept
            | {
                "PORTAL_STATE": str(self.state),
                "PORT": str(self.port),
                "REDIS_URL": self.redis.url,
                "BROKER_URL": self.redis.broker_url,
                "DJANGO_SETTINGS_MODULE": "portal.settings",
                "SECRET_KEY": settings.SECRET_KEY,
                "HTTPS_ONLY": "false",
                "SECOND_FACTOR_REQUIRED": "false",
                "LOG_LEVEL": "INFO",
            }
            | self._extra
        )

    def build(self, roles: dict[str, int], sizes: dict[str, int]) -> None:
        """Servers, structure, country, people, files."""
        self.folder.chmod(0o711)  # the database's user walks through it
        self._services("start")
        made = self.manage("migrate", "--verbosity", "0", role="owner")
        assert made.returncode == 0, made.stderr[-2000:]
        self.redis.start()
        given = json.dumps([REGISTERED, roles, sizes])
        told = self.python(PREPARE, given)
        found = json.loads(told[told.index("MADE ") + 5 :].splitlines()[0])
        self.files, self.regency = Path(found["folder"]), found["regency"]
        for role, cookies in found["signed_in"]:
            browser = Visitor(self.address)
            browser.cookies.update(cookies)
            self.officers.append(Officer(role, browser))

    def stop(self) -> None:
        super().stop()
        self._services("stop")

    def python(self, code: str, *arguments: str, role: str = "worker") -> str:
        """What a program prints that works on this house's database."""
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=ROOT,
            env=self.environment() | {"PORTAL_DATABASE_ROLE": role, "LOG_LEVEL": "WARNING"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def rows(self, statement: str) -> list[list[Any]]:
        """The rows of a statement, as its own superuser sees them, with nothing in between."""
        found = subprocess.run(
            ["psql", "-X", "-A", "-t", "-F", "\t", "-h", str(self.sockets), "-U", "postgres"]
            + ["-d", "portal", "-c", statement],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert found.returncode == 0, found.stderr
        return [line.split("\t") for line in found.stdout.splitlines()]

    # --- the database ---

    @property
    def sockets(self) -> Path:
        return self.state / "sockets" / "postgres"

    @property
    def postmaster(self) -> int:
        data = self.state / "postgres" / "data" / "postmaster.pid"
        return int(data.read_text().splitlines()[0])

    def crash_database(self) -> None:
        """As after a power cut: no checkpoint, every connection broken off."""
        pid = self.postmaster
        os.kill(pid, signal.SIGQUIT)
        until = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            time.sleep(0.05)

    def start_database(self) -> None:
        self._services("start")

    def _services(self, verb: str) -> None:
        done = subprocess.run(
            [ROOT / "bin/services", verb],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def house(
    roles: dict[str, int], sizes: dict[str, int], *, folder: Path | None = None, **extra: str
) -> Iterator[House]:
    """A running house with so many officers of each role and files of so many rows; ended and
    removed afterwards. `folder`: where it stands, with what is mounted in it."""
    folder = folder or Path(tempfile.mkdtemp(prefix="house-"))
    running = House(folder, **extra)
    try:
        running.state.mkdir(exist_ok=True)
        running.build(roles, sizes)
        running.start()
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)
