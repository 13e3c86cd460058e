"""Restricts a child process before it inspects a foreign file: limits, no files, no network.

Runs inside the child (see sandbox.py) and does not import Django. It refuses nothing itself: it
returns the names of the layers that this kernel or processor lacks, and the parent reports them.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import struct
from collections.abc import Iterable

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 1, 38, 22, 2
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_SYSCALLS = 0x40000000
CLONE_THREAD = 0x00010000
CLONE3 = 435
EPERM, ENOSYS = 1, 38
WRITING = 0x1 | 0x2 | 0x40 | 0x200  # O_WRONLY, O_RDWR, O_CREAT, O_TRUNC

# name: (x86_64, aarch64); None if the processor has no such call. Every call is refused that is
# neither here nor among those whose arguments are checked (_filter): networks, other processes,
# changes on disk, bypasses, and calls that a later kernel adds. Source: Linux 6.x,
# arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic. The calls that each of our
# formats needs were counted with strace; similar calls were added.
ALLOWED: dict[str, tuple[int | None, int | None]] = {
    # files, already open or opened to read (Landlock decides which)
    "read": (0, 63), "readv": (19, 65), "pread64": (17, 67), "preadv": (295, 69), "write": (1, 64),
    "writev": (20, 66), "lseek": (8, 62), "close": (3, 57), "close_range": (436, 436),
    "stat": (4, None), "lstat": (6, None),
    "fstat": (5, 80), "newfstatat": (262, 79), "statx": (332, 291), "statfs": (137, 43),
    "fstatfs": (138, 44), "access": (21, None), "faccessat": (269, 48), "faccessat2": (439, 439),
    "readlink": (89, None), "readlinkat": (267, 78), "getcwd": (79, 17), "getdents": (78, None),
    "getdents64": (217, 61), "fcntl": (72, 25), "dup": (32, 23), "dup2": (33, None),
    "dup3": (292, 24), "ioctl": (16, 29), "fadvise64": (221, 223), "poll": (7, None),
    "ppoll": (271, 73), "select": (23, None), "pselect6": (270, 72), "epoll_create1": (291, 20),
    "epoll_ctl": (233, 21), "epoll_wait": (232, None), "epoll_pwait": (281, 22),
    "eventfd2": (290, 19),
    # memory
    "mmap": (9, 222), "munmap": (11, 215), "mprotect": (10, 226), "mremap": (25, 216),
    "madvise": (28, 233), "mincore": (27, 232), "brk": (12, 214), "mbind": (237, 235),
    "get_mempolicy": (239, 236),
    # threads and time
    "futex": (202, 98), "set_robust_list": (273, 99), "get_robust_list": (274, 100),
    "rseq": (334, 293), "set_tid_address": (218, 96), "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123), "getcpu": (309, 168), "membarrier": (324, 283),
    "nanosleep": (35, 101), "clock_nanosleep": (230, 115), "clock_gettime": (228, 113),
    "clock_getres": (229, 114), "gettimeofday": (96, 169), "time": (201, None),
    "restart_syscall": (219, 128), "exit": (60, 93), "exit_group": (231, 94),
    # signals of its own
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135), "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    # identity of the process and the machine
    "getpid": (39, 172), "getppid": (110, 173), "gettid": (186, 178), "getuid": (102, 174),
    "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177), "getrlimit": (97, 163),
    "getrusage": (98, 165), "times": (100, 153), "sysinfo": (99, 179), "uname": (63, 160),
    "getrandom": (318, 278), "arch_prctl": (158, None),
}  # fmt: skip
# Calls that are allowed only with some arguments.
OPEN = {"x86_64": 2}
OPENAT = {"x86_64": 257, "aarch64": 56}
CLONE = {"x86_64": 56, "aarch64": 220}
TGKILL = {"x86_64": 234, "aarch64": 131}
PRLIMIT = {"x86_64": 302, "aarch64": 261}

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_ABI_1_RIGHTS = (1 << 13) - 1  # every file right of the first version
READ_FILE, READ_DIR = 1 << 2, 1 << 3

_libc = ctypes.CDLL(None, use_errno=True)


def enter(
    *, memory_bytes: int, cpu_s: int, parent: int, readable: Iterable[str] = (), niceness: int = 0
) -> list[str]:
    """Give up everything that a reader does not need. Returns the layers that are missing here."""
    _die_with(parent)
    os.nice(niceness)
    _limit(memory_bytes, cpu_s)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    missing = []
    if not _confine_files(readable):
        missing.append("landlock")
    if not _filter_syscalls(platform.machine()):
        missing.append("seccomp")
    return missing


def _die_with(parent: int) -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # the parent ended before the request took effect
        os._exit(0)


def _limit(memory_bytes: int, cpu_s: int) -> None:
    # RLIMIT_NPROC is left alone: it counts all processes of the user, the filter counts only ours.
    for what, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (value, value))


def _confine_files(readable: Iterable[str]) -> bool:
    """Landlock: only the named files and folders can be opened, and only to read."""
    attribute = struct.pack("=Q", LANDLOCK_ABI_1_RIGHTS)
    ruleset = _libc.syscall(LANDLOCK_CREATE_RULESET, attribute, len(attribute), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path)
    restricted = _libc.syscall(LANDLOCK_RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)
    return bool(restricted == 0)


def _allow(ruleset: int, path: str) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | (READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112
    rule = struct.pack("=Qi", rights, handle)
    _libc.syscall(LANDLOCK_ADD_RULE, ruleset, 1, rule, 0)
    os.close(handle)


def _filter_syscalls(machine: str) -> bool:
    if machine not in AUDIT_ARCH:
        return False
    program = _filter(machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    prog = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(_libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, prog, 0, 0) == 0)


def _filter(machine: str) -> bytes:
    """The BPF program: a foreign instruction set is killed, a call that is not allowed gets an
    errno.
    """
    load, equal, at_least, has_bits, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    kill, errno, allow = 0x80000000, 0x00050000, 0x7FFF0000
    refuse = (answer, 0, 0, errno | EPERM)
    column = list(AUDIT_ARCH).index(machine)

    def argument(place: int) -> tuple[int, int, int, int]:
        return (load, 0, 0, 16 + 8 * place)  # its lower half

    steps = [(load, 0, 0, 4), (equal, 1, 0, AUDIT_ARCH[machine]), (answer, 0, 0, kill)]
    steps.append((load, 0, 0, 0))
    if machine == "x86_64":
        steps += [(at_least, 0, 1, X32_SYSCALLS), (answer, 0, 0, kill)]
    for numbers in ALLOWED.values():
        if (number := numbers[column]) is not None:
            steps += [(equal, 0, 1, number), (answer, 0, 0, allow)]
    # glibc falls back from clone3 (flags in memory, unreadable here) to clone (flags in a register)
    steps += [(equal, 0, 1, CLONE3), (answer, 0, 0, errno | ENOSYS)]
    # threads but no processes; signals and limits only for the process itself
    for calls, what in (
        (CLONE, (has_bits, 0, 1, CLONE_THREAD)),
        (TGKILL, (equal, 0, 1, os.getpid())),
        (PRLIMIT, (equal, 0, 1, 0)),
    ):
        steps += [(equal, 0, 4, calls[machine]), argument(0), what, (answer, 0, 0, allow), refuse]
    # files are opened only to read
    for opening, flags in ((OPEN, 1), (OPENAT, 2)):
        if machine in opening:
            steps += [(equal, 0, 4, opening[machine]), argument(flags), (has_bits, 0, 1, WRITING)]
            steps += [refuse, (answer, 0, 0, allow)]
    steps.append(refuse)
    return b"".join(struct.pack("HBBI", *step) for step in steps)
