"""The child can neither connect, write, look around nor outlive its limits."""

import ctypes
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from apps.common.files.lockdown import AUDIT_ARCH
from apps.common.files.sandbox import Child, ChildDied, ChildLimits, run
from tests.limits import within

HERE = Path(__file__).parents[1]
LANDLOCK_ABI = ctypes.CDLL(None).syscall(444, 0, 0, 1)
needs_landlock = pytest.mark.skipif(LANDLOCK_ABI < 1, reason="this kernel offers no Landlock")
LIMITS = ChildLimits(memory_bytes=300_000_000, cpu_s=5, clock_s=5)
REFUSED = ("PermissionError 1", "PermissionError 13")


def probe(what, *, readable=(), environment=None, **request):
    frames = run(
        "tests.common.probes:attempt",
        {"what": what, **request},
        limits=LIMITS,
        readable=[HERE, *readable],
        environment=environment,
    )
    answers = [json.loads(payload) for letter, payload in frames if letter == "j"]
    return answers[0]["outcome"]


def death_of(function, **limits):
    child = Child(
        f"tests.common.probes:{function}",
        {},
        limits=ChildLimits(**{**LIMITS.__dict__, **limits}),
        readable=[HERE],
    )
    with child, pytest.raises(ChildDied) as death:
        list(child.frames())
    return child, death.value


@pytest.fixture
def open_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_filter_is_known_for_this_processor():
    assert platform.machine() in AUDIT_ARCH


def test_a_connection_to_an_open_port_is_refused_in_the_child(open_port):
    with socket.create_connection(("127.0.0.1", open_port)):
        pass  # from here it answers
    assert probe("connect", port=open_port) == "PermissionError 1"


def test_no_socket_can_be_made_past_python_either():
    assert probe("raw socket") == -1


@pytest.mark.parametrize("what", ["fork", "execute", "kill"])
def test_no_other_process_can_be_started_or_reached(what):
    assert probe(what) == "PermissionError 1"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are this processor's")
@pytest.mark.parametrize(
    ("number", "arguments"),
    [
        (319, [0, 0]),  # memfd_create
        (425, [1, 0]),  # io_uring_setup
        (272, [0x10000000]),  # unshare: a namespace of its own
        (83, [0, 0]),  # mkdir
        (157, [1, 0]),  # prctl: outlive the parent
        (447, [0]),  # memfd_secret, younger than the filter
        (9_999, []),  # what no kernel has yet
        (2, [b"/dev/null", 0x2]),  # open, to write
        (257, [-100, b"/dev/null", 0x41]),  # openat, to make
    ],
)
def test_system_calls_that_are_not_listed_are_refused(number, arguments):
    given = [a.decode() if isinstance(a, bytes) else a for a in arguments]
    assert probe("call", number=number, arguments=given) == "-1 1"


def test_the_child_cannot_reach_its_parent():
    assert probe("signal parent") == -1
    assert probe("limit parent") == "PermissionError 1"


def test_threads_stay_possible():
    assert probe("thread") == "ran"


@needs_landlock
def test_nothing_can_be_created(tmp_path):
    target = tmp_path / "new"
    assert probe("write", path=str(target), readable=[tmp_path]) in REFUSED
    assert not target.exists()


@needs_landlock
def test_readable_files_cannot_be_changed(tmp_path):
    target = tmp_path / "old"
    target.write_text("as it was")
    assert probe("append", path=str(target), readable=[target]) in REFUSED
    assert target.read_text() == "as it was"


@needs_landlock
def test_only_the_named_file_can_be_read(tmp_path):
    named, other = tmp_path / "named", tmp_path / "other"
    named.write_text("mine")
    other.write_text("somebody's")
    assert probe("read", path=str(named), readable=[named]) == "mine"
    assert probe("read", path=str(other), readable=[named]) in REFUSED
    assert probe("list", path=str(tmp_path), readable=[named]) in REFUSED
    assert probe("read", path="/etc/passwd", readable=[named]) in REFUSED


def test_the_environment_is_empty_but_for_what_is_given(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "made up")
    given = probe("environment", environment={"GDAL_SKIP": "VRT"})
    assert given.pop("GDAL_SKIP") == "VRT"
    assert set(given) <= {"LC_CTYPE"}  # Python's own


def test_standard_input_is_closed():
    assert probe("input") == ""


def test_a_child_that_takes_too_much_memory_is_ended_with_that_reason():
    _, death = death_of("exhaust_memory")
    assert death.reason == "memory"


@pytest.mark.timed
def test_the_clock_ends_a_child_that_waits():
    started = time.monotonic()
    child, death = death_of("sleep", clock_s=0.3)
    assert death.reason == "clock"
    assert time.monotonic() - started < within(3)
    with pytest.raises(ProcessLookupError):
        os.kill(child.pid, 0)


@pytest.mark.slow
@pytest.mark.long
def test_the_processor_limit_ends_a_child_that_computes():
    _, death = death_of("spin", cpu_s=1, clock_s=20)
    assert death.reason == "clock"


def test_a_crash_is_distinguished_from_full_memory():
    _, death = death_of("crash")
    assert death.reason == "crash"


@pytest.mark.long
def test_the_clock_does_not_run_while_the_parent_is_busy():
    child = Child("tests.common.probes:chatter", {}, limits=LIMITS, readable=[HERE])
    slow = ChildLimits(memory_bytes=LIMITS.memory_bytes, cpu_s=5, clock_s=0.9)
    child.limits = slow
    with child:
        frames = child.frames()
        first = next(frames)
        time.sleep(1.0)
        assert [first, *frames][-1] == ("d", b"b")


def test_frames_arrive_whole_though_libraries_print_meanwhile():
    frames = run("tests.common.probes:chatter", {}, limits=LIMITS, readable=[HERE])
    assert frames == [("d", b"a" * 3_000_000), ("d", b""), ("d", b"b")]


def test_leaving_early_kills_the_child():
    with Child("tests.common.probes:sleep", {}, limits=LIMITS, readable=[HERE]) as child:
        assert Path(f"/proc/{child.pid}").exists()
    assert not Path(f"/proc/{child.pid}").exists()


def test_the_child_dies_with_its_parent():
    code = (
        "import sys, time; from pathlib import Path; from apps.common.files.sandbox import *;"
        "c = Child('tests.common.probes:sleep', {}, limits=ChildLimits(),"
        " readable=[Path('tests').resolve()]);"
        "print(c.pid, flush=True); time.sleep(60)"
    )
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=root, text=True
    ) as parent:
        pid = int(parent.stdout.readline())
        time.sleep(0.5)  # past the child's first lines
        assert _is_running(pid)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(pid)


def _is_running(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
