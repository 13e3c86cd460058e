"""What a hostile file might make the child do: each probe tries it and reports how it ended."""

import ctypes
import os
import resource
import socket
import threading
import time
from pathlib import Path

from apps.common.reader.wire import Wire


def attempt(request, missing):
    try:
        outcome = ATTEMPTS[request["what"]](request)
    except OSError as error:
        outcome = f"{type(error).__name__} {error.errno}"
    out = Wire()
    out.send_json("j", {"outcome": outcome, "missing": missing})


def exhaust_memory(request, missing):
    kept = []
    while True:
        kept.append(bytearray(10_000_000))


def sleep(request, missing):
    time.sleep(60)


def spin(request, missing):
    while True:
        pass


def crash(request, missing):
    os.abort()


def chatter(request, missing):
    out = Wire()
    os.write(1, b"a library prints to stdout")
    os.write(2, b"x" * 300_000)
    out.send("d", b"a" * 3_000_000)
    out.send("d", b"")
    out.send("d", b"b")


def _connect(request):
    with socket.socket() as opened:
        opened.connect(("127.0.0.1", request["port"]))
    return "connected"


def _raw_socket(request):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.socket(socket.AF_INET, socket.SOCK_STREAM, 0)


def _call(request):
    """A system call by its number, past every library."""
    libc = ctypes.CDLL(None, use_errno=True)
    given = [a.encode() if isinstance(a, str) else a for a in request["arguments"]]
    outcome = libc.syscall(request["number"], *given)
    return f"{outcome} {ctypes.get_errno() if outcome < 0 else 0}"


def _signal_parent(request):
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.syscall(234, os.getppid(), os.getppid(), 0)


def _limit_parent(request):
    return resource.prlimit(os.getppid(), resource.RLIMIT_CPU)


def _write(request):
    with Path(request["path"]).open("wb") as file:
        return file.write(b"x")


def _append_to_readable(request):
    with Path(request["path"]).open("r+b") as file:
        return file.write(b"x")


def _read(request):
    return Path(request["path"]).read_text()


def _list(request):
    return sorted(path.name for path in Path(request["path"]).iterdir())


def _fork(request):
    return os.fork()


def _execute(request):
    os.execv("/bin/true", ["true"])


def _thread(request):
    done = []
    thread = threading.Thread(target=done.append, args=("ran",))
    thread.start()
    thread.join()
    return done[0]


def _kill_parent(request):
    os.kill(os.getppid(), 0)
    return "reached"


def _environment(request):
    return dict(os.environ)


def _input(request):
    return os.read(0, 10).decode()


ATTEMPTS = {
    "connect": _connect,
    "raw socket": _raw_socket,
    "call": _call,
    "signal parent": _signal_parent,
    "limit parent": _limit_parent,
    "write": _write,
    "append": _append_to_readable,
    "read": _read,
    "list": _list,
    "fork": _fork,
    "execute": _execute,
    "thread": _thread,
    "kill": _kill_parent,
    "environment": _environment,
    "input": _input,
}
