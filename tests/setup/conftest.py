"""A state folder of its own, and the scripts run on it as a person would run them."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ELSEWHERE = {"DATABASE_URL", "DATABASE_WORKER_URL", "DATABASE_OWNER_URL", "REDIS_URL", "PORT"}

Script = Callable[..., subprocess.CompletedProcess[str]]


def clean_environment(state: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    return kept | {"PORTAL_STATE": str(state), "FORCE": "1"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not pytest's own: as root, that is closed to the servers' users.
    path = Path(tempfile.mkdtemp(prefix="portal-setup-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="module")
def state(folder: Path) -> Path:
    return folder / "state"


@pytest.fixture(scope="module")
def script(state: Path) -> Iterator[Script]:
    def call(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CHECKOUT / "bin" / name, *arguments],
            env=clean_environment(state) | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    yield call
    call("services", "reset")


def read_env(state: Path) -> dict[str, str]:
    lines = (state / "env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))
