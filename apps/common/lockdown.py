"""What a child does to itself before it looks at a foreign file: limits, no files, no network.

Runs inside the child (see sandbox.py), knows no Django. Refuses nothing itself: it returns the
names of the layers that this kernel or processor does not offer, and the parent says so.
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
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435
EPERM, ENOSYS = 1, 38

# name: (x86_64, aarch64); None where the processor has no such call.
# Source: Linux 6.x, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic.
DENIED: dict[str, tuple[int | None, int | None]] = {
    # network
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200),
    "listen": (50, 201), "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206),
    "sendmsg": (46, 211), "sendmmsg": (307, 269),
    # other programs and processes (threads stay possible, see _filter)
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_open": (434, 434), "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    # ways around
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "open_by_handle_at": (304, 265), "memfd_create": (319, 279), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "mount": (165, 40), "umount2": (166, 39),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    # changing anything on disk (RLIMIT_FSIZE stops only the bytes)
    "rename": (82, None), "renameat": (264, 38), "renameat2": (316, 276), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "creat": (85, None), "link": (86, None),
    "linkat": (265, 37), "unlink": (87, None), "unlinkat": (263, 35), "symlink": (88, None),
    "symlinkat": (266, 36), "mknod": (133, None), "mknodat": (259, 33), "truncate": (76, 45),
    "ftruncate": (77, 46), "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "utimensat": (280, 88),
}  # fmt: skip

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446
LANDLOCK_ABI_1_RIGHTS = (1 << 13) - 1  # every file right of the first version
READ_FILE, READ_DIR = 1 << 2, 1 << 3

_libc = ctypes.CDLL(None, use_errno=True)


def enter(
    *, memory_bytes: int, cpu_s: int, parent: int, readable: Iterable[str] = (), niceness: int = 0
) -> list[str]:
    """Give up everything a reader does not need. Returns the layers that are missing here."""
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
    if os.getppid() != parent:  # it died before we asked
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
    """The BPF program: a foreign instruction set is killed, the denied calls get an errno."""
    load, equal, at_least, has_bits, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    kill, errno, allow = 0x80000000, 0x00050000, 0x7FFF0000
    column = list(AUDIT_ARCH).index(machine)
    steps = [(load, 0, 0, 4), (equal, 1, 0, AUDIT_ARCH[machine]), (answer, 0, 0, kill)]
    steps.append((load, 0, 0, 0))
    if machine == "x86_64":
        steps += [(at_least, 0, 1, X32_SYSCALLS), (answer, 0, 0, kill)]
    for numbers in DENIED.values():
        if (number := numbers[column]) is not None:
            steps += [(equal, 0, 1, number), (answer, 0, 0, errno | EPERM)]
    # glibc falls back from clone3 (flags in memory, unreadable here) to clone (flags in a register)
    steps += [(equal, 0, 1, CLONE3), (answer, 0, 0, errno | ENOSYS)]
    steps += [(equal, 0, 3, CLONE[machine]), (load, 0, 0, 16), (has_bits, 1, 0, CLONE_THREAD)]
    steps += [(answer, 0, 0, errno | EPERM), (answer, 0, 0, allow)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)
