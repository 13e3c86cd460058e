"""Runs a function of ours in a child process without write access, network, or more than its time.

The child sends frames over a pipe: a kind of one letter, a length, the payload. Its stderr is kept
to distinguish a full memory from a crash. It is never shown: it may quote personal data.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import select
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[3]
HEADER_BYTES = 5
PIPE_BYTES = 1 << 20
F_SETPIPE_SZ = 1031
STDERR_KEPT = 16_384
OUT_OF_MEMORY = (b"MemoryError", b"memory allocation", b"bad_alloc", b"Cannot allocate memory")

BOOT = """
import json, sys
task = json.loads(sys.argv[1])
sys.path += task["path"]
from apps.common.files.lockdown import enter
missing = enter(**task["lockdown"])
import importlib
module, function = task["target"].split(":")
getattr(importlib.import_module(module), function)(task["request"], missing)
"""


@dataclass(frozen=True)
class ChildLimits:
    """What one child may use. Units: bytes, seconds of CPU, seconds spent waiting for it.

    `niceness` is how far its priority is below that of processes that serve pages.
    """

    memory_bytes: int = 1 << 30
    cpu_s: int = 120
    clock_s: float = 120.0
    niceness: int = 0


class ChildDied(Exception):
    """The child ended without an answer: `clock`, `memory` or `crash`."""

    def __init__(self, reason: str, complaint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.complaint = complaint


class Child:
    """One running child. Iterate `frames()`; leaving the `with` block kills a child that still
    runs.

    The clock runs only while we wait for the child, so that a slow reader of ours does not kill it.
    """

    def __init__(
        self,
        target: str,
        request: Mapping[str, Any],
        *,
        limits: ChildLimits,
        readable: Sequence[Path] = (),
        environment: Mapping[str, str] | None = None,
        given: bytes | None = None,
    ) -> None:
        """`given` is the child's standard input."""
        self.limits = limits
        self._complaint = b""
        self._target = target
        packages = sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")})
        task = {
            "target": target,
            "request": request,
            "path": [str(ROOT), *packages],
            "lockdown": {
                "memory_bytes": limits.memory_bytes,
                "cpu_s": limits.cpu_s,
                "niceness": limits.niceness,
                "parent": os.getpid(),
                "readable": [*map(str, readable), *_program_files(packages)],
            },
        }
        with _input(given) as standard_input:
            self._process = subprocess.Popen(  # noqa: S603  our own interpreter and code
                [sys.executable, "-I", "-S", "-X", "utf8", "-c", BOOT, json.dumps(task)],
                stdin=standard_input,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd="/",
                env=dict(environment or {}),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def frames(self) -> Iterator[tuple[str, bytes]]:
        """The child's answers in order. Raises: ChildDied when it ends by anything but exit 0."""
        buffer = bytearray()
        for piece in self._output():
            buffer += piece
            while len(buffer) >= HEADER_BYTES:
                end = HEADER_BYTES + int.from_bytes(buffer[1:HEADER_BYTES], "big")
                if len(buffer) < end:
                    break
                kind, payload = chr(buffer[0]), bytes(buffer[HEADER_BYTES:end])
                del buffer[:end]
                if kind == "m":
                    _say_missing(json.loads(payload))
                else:
                    yield kind, payload
        self._check_end()

    def close(self) -> None:
        """Kill the child and every process in its session; no effect when it has ended."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.close()

    def _output(self) -> Iterator[bytes]:
        assert self._process.stdout is not None and self._process.stderr is not None  # noqa: S101
        out, err = self._process.stdout.fileno(), self._process.stderr.fileno()
        with contextlib.suppress(OSError):
            fcntl.fcntl(out, F_SETPIPE_SZ, PIPE_BYTES)
        poll = select.poll()
        poll.register(out, select.POLLIN)
        poll.register(err, select.POLLIN)
        is_open, left_s = {out, err}, self.limits.clock_s
        while is_open:
            started = time.monotonic()
            ready = poll.poll(max(left_s, 0) * 1000)
            left_s -= time.monotonic() - started
            if not ready or left_s < 0:
                self._fail("clock")
            for handle, _ in ready:
                piece = os.read(handle, PIPE_BYTES)
                if not piece:
                    poll.unregister(handle)
                    is_open.discard(handle)
                elif handle == out:
                    yield piece
                else:
                    self._complaint = (self._complaint + piece)[-STDERR_KEPT:]

    def _check_end(self) -> None:
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._fail("clock")
        if code == 0:
            return
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            self._fail("clock")
        is_memory = any(words in self._complaint for words in OUT_OF_MEMORY)
        self._fail("memory" if is_memory else "crash")

    def _fail(self, reason: str) -> None:
        self.close()
        logger.warning("child of %s ended: %s", self._target, reason)
        raise ChildDied(reason, self._complaint.decode(errors="replace"))


def run(
    target: str,
    request: Mapping[str, Any],
    *,
    limits: ChildLimits,
    readable: Sequence[Path] = (),
    environment: Mapping[str, str] | None = None,
) -> list[tuple[str, bytes]]:
    """All frames of a child at once, for short answers."""
    with Child(target, request, limits=limits, readable=readable, environment=environment) as child:
        return list(child.frames())


@contextlib.contextmanager
def _input(given: bytes | None) -> Iterator[int]:
    """A file in memory that holds these bytes; an empty input without any."""
    if given is None:
        yield subprocess.DEVNULL
        return
    handle = os.memfd_create("given")
    try:
        with open(handle, "wb", closefd=False) as file:  # noqa: PTH123  no path leads there
            file.write(given)
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)


def _program_files(packages: Sequence[str]) -> list[str]:
    """The files of Python and its libraries: code, no personal data."""
    return [
        str(ROOT / "apps"),
        *packages,
        sysconfig.get_path("stdlib"),
        str(Path(sys.base_prefix) / "lib"),
        *("/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache", "/dev/null", "/dev/urandom"),
    ]


_said: set[str] = set()


def _say_missing(layers: list[str]) -> None:
    for layer in set(layers) - _said:
        _said.add(layer)
        logger.warning("this machine offers no %s: files are read with one guard less", layer)
