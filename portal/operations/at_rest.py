"""Data on disks: uploads on an encrypted disk, and a database log without rows.

The disk encrypts files (adr/0013). At its start a process checks this, and whether the database's
server writes statements or rows into its log. If HTTPS_ONLY is off (a demo, a test) neither is
reported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from apps.common import sql

SYS: Final = Path("/sys/dev/block")
MOUNTS: Final = Path("/proc/self/mountinfo")
# In memory, or with an encryption of its own that STORAGE_ENCRYPTION describes.
IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
CRYPT: Final = "CRYPT-"

# The allowed values of each setting; others write statements, parameters or rows into the log.
QUIET: Final[dict[str, frozenset[str]]] = {
    "log_statement": frozenset({"none", "ddl"}),
    "log_min_duration_statement": frozenset({"-1"}),
    "log_min_duration_sample": frozenset({"-1"}),
    "log_transaction_sample_rate": frozenset({"0"}),
    "log_min_messages": frozenset({"log", "fatal", "panic"}),
    "log_min_error_statement": frozenset({"panic"}),
    "log_error_verbosity": frozenset({"terse"}),
    "log_parameter_max_length": frozenset({"0"}),
    "log_parameter_max_length_on_error": frozenset({"0"}),
    "debug_print_parse": frozenset({"off"}),
    "debug_print_rewritten": frozenset({"off"}),
    "debug_print_plan": frozenset({"off"}),
    "auto_explain.log_min_duration": frozenset({"-1"}),
}


def register_checks() -> None:
    register(log_is_quiet, "database")
    register(disk_is_encrypted, "security")


def make_scratch() -> None:
    """Make the folder of uploads that are too large for memory: Django does not make it."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return  # files.E001 reports it


# --- the database's log ---


def log_is_quiet(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """Statements and error texts contain names and numbers: the server must not log them."""
    if not databases or not settings.HTTPS_ONLY:
        return []
    loud = loud_settings(dict(sql.run("portal/operations/read_settings", {"names": list(QUIET)})))
    if not loud:
        return []
    return [
        Error(
            "PostgreSQL would write statements or rows into its log: " + ", ".join(loud) + ".",
            hint="Set them as docs/operations.md says (postgresql.conf), reload, start again.",
            id="portal.E010",
        )
    ]


def loud_settings(known: Mapping[str, str]) -> list[str]:
    """Settings that would write data to the log, as `name = value (may be …)`."""
    return [
        f"{name} = {known[name]} (may be {' or '.join(sorted(QUIET[name]))})"
        for name in QUIET
        if name in known and known[name] not in QUIET[name]
    ]


# --- the disk ---


def disk_is_encrypted(
    *, look: Callable[[Path], bool] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """The folders with personal files must be on an encrypted disk, or a setting names the
    encryption.
    """
    if not settings.HTTPS_ONLY or settings.STORAGE_ENCRYPTION:
        return []
    folders = {Path(settings.MEDIA_ROOT), Path(settings.FILE_UPLOAD_TEMP_DIR)}
    return [
        Error(
            f"{folder} does not lie on an encrypted disk (dm-crypt, LUKS), as far as this machine"
            " can tell.",
            hint="Put it on one (docs/operations.md), or say in STORAGE_ENCRYPTION what encrypts"
            " it: the storage of the provider, a file system that does it itself.",
            id="portal.E011",
        )
        for folder in sorted(folders)
        if not (look or is_encrypted)(folder)
    ]


def is_encrypted(folder: Path, *, sys: Path = SYS, mounts: Path = MOUNTS) -> bool:
    """Whether every path below the folder's device contains dm-crypt, or the folder is
    in memory.
    """
    kind, device = _mount_of(folder, mounts)
    return kind in IN_MEMORY or _is_crypt(sys / device)


def _mount_of(folder: Path, mounts: Path) -> tuple[str, str]:
    """The kind of file system and the device (`253:0`) of a folder."""
    while not folder.exists():
        folder = folder.parent
    real = folder.resolve()
    best, found = -1, ("", "")
    for line in mounts.read_text(encoding="utf-8").splitlines():
        before, _dash, after = line.partition(" - ")
        fields = before.split()
        point = Path(_plain(fields[4]))
        # the last one counts if two are mounted at one place
        if real.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), (after.split()[0], fields[2])
    kind, device = found
    if device.startswith("0:") and kind not in IN_MEMORY:
        # a file system of several devices (btrfs, overlay) has no device of its own
        number = os.stat(real).st_dev  # noqa: PTH116 (the number, not the file)
        device = f"{os.major(number)}:{os.minor(number)}"
    return kind, device


def _plain(escaped: str) -> str:
    """A mount point in the kernel's notation, decoded: `\\040` is a blank."""
    return escaped.encode().decode("unicode_escape")


def _is_crypt(device: Path) -> bool:
    if not device.exists():
        return False
    name = device / "dm" / "uuid"
    if name.exists() and name.read_text(encoding="utf-8").startswith(CRYPT):
        return True
    below = device.resolve()
    # a partition is inside its disk, which may be encrypted as a whole
    if (below / "partition").exists():
        below = below.parent
        if (below / "dm").exists():
            return _is_crypt(below)
    slaves = list((below / "slaves").iterdir()) if (below / "slaves").exists() else []
    return bool(slaves) and all(_is_crypt(slave) for slave in slaves)
