"""Starting and stopping the portal's processes: a taken port, strangers, children left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.conftest import Script, clean_environment

pytestmark = pytest.mark.slow


def birth(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def has_ended(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_for(path: Path) -> str:
    deadline = time.monotonic() + 10
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < deadline, f"{path} was not written"
        time.sleep(0.02)
    return path.read_text().strip()


@pytest.fixture(scope="module", autouse=True)
def _prepared(script: Script) -> None:
    assert script("services", "env").returncode == 0


@pytest.fixture
def head(state: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process noted as the batch worker, and its child in a session of its own."""
    child_file = tmp_path / "child"
    process = subprocess.Popen(
        ["bash", "-c", f"setsid sleep 300 & echo $! >'{child_file}'; trap 'exit 0' TERM; wait"],
        env=clean_environment(state),
        start_new_session=True,
    )
    child = int(wait_for(child_file))
    (state / "run/worker-batches.pid").write_text(f"{process.pid} {birth(process.pid)}\n")
    yield process, child
    for pid in (process.pid, child):
        if not has_ended(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def test_a_taken_port_is_named_with_its_holder_and_the_way_out(script: Script) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        started = script("run", "start", PORT=str(port))
    assert started.returncode == 1
    assert f"Port {port} is taken by" in started.stderr
    assert f"(process {os.getpid()})" in started.stderr
    assert f"PORT={port + 1} make demo" in started.stderr


def test_stop_ends_grandchildren_too(
    script: Script, state: Path, head: tuple[subprocess.Popen[bytes], int]
) -> None:
    process, child = head
    assert script("run", "stop").returncode == 0
    assert has_ended(process.pid)
    assert has_ended(child)
    assert not (state / "run/worker-batches.pid").exists()


def test_stop_ends_what_a_killed_worker_left(script: Script, state: Path, tmp_path: Path) -> None:
    child_file = tmp_path / "child"
    process = subprocess.Popen(
        ["bash", "-c", f"sleep 300 & echo $! >'{child_file}'; wait"],
        env=clean_environment(state),
        start_new_session=True,
    )
    child = int(wait_for(child_file))
    (state / "run/worker-batches.pid").write_text(f"{process.pid} {birth(process.pid)}\n")
    process.kill()
    process.wait()
    assert not has_ended(child)
    assert script("run", "stop").returncode == 0
    assert has_ended(child)


def test_stop_ends_the_stand_in_of_a_demo_that_began_earlier(
    script: Script, state: Path, tmp_path: Path
) -> None:
    process = subprocess.Popen(
        [*(sys.executable, "-m", "apps.demo.dukcapil"), "--people", str(tmp_path / "none.csv")],
        env=clean_environment(state),
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"http://127.0.0.1:")
    (state / "run/dukcapil-standin.pid").write_text(f"{process.pid} {birth(process.pid)}\n")
    assert script("run", "stop").returncode == 0
    assert has_ended(process.pid)
    process.wait()


def test_stop_leaves_a_foreign_process_with_a_reused_pid(script: Script, state: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (state / "run/web.pid").write_text(f"{stranger.pid} 1\n")
        assert script("run", "stop").returncode == 0
        assert not has_ended(stranger.pid)
        assert script("run", "status").returncode == 3


@pytest.mark.scale
def test_stop_kills_a_process_that_does_not_end_in_time(script: Script, state: Path) -> None:
    process = subprocess.Popen(
        ["bash", "-c", "trap '' TERM; while true; do sleep 1; done"], start_new_session=True
    )
    (state / "run/beat.pid").write_text(f"{process.pid} {birth(process.pid)}\n")
    stopped = script("run", "stop")
    assert "ended by force" in stopped.stdout
    assert has_ended(process.pid)
    process.wait()
