"""How large a file may be and how long reading it may take, by the purpose of the file."""

from __future__ import annotations

import errno
import time
from dataclasses import dataclass, replace

from apps.common.files.sandbox import ChildLimits

LOOK_S = 10
LOOK_BYTES = 512 << 20
LOOK_NICENESS = 5
# Error numbers of a full disk or quota.
FULL = (errno.ENOSPC, errno.EDQUOT)
# Less than a page has that makes a file (deadline.FILE_WITHIN_S): its refusal still arrives.
DOWNLOAD_S = 45


@dataclass(frozen=True)
class Limits:
    """Units: bytes, rows, seconds. Columns and cells have the same limits for all
    (reader.header).
    """

    file_bytes: int
    unpacked_bytes: int
    rows: int | None
    clock_s: float
    cpu_s: int
    memory_bytes: int = 1 << 30
    niceness: int = 0

    def child(self) -> ChildLimits:
        return ChildLimits(
            memory_bytes=self.memory_bytes,
            cpu_s=self.cpu_s,
            clock_s=self.clock_s,
            niceness=self.niceness,
        )

    def since(self, started: float) -> Limits:
        """These limits with the time that is left since a moment of `time.monotonic`."""
        return replace(self, clock_s=max(0.0, self.clock_s - (time.monotonic() - started)))

    def look(self) -> Limits:
        """Limits for a first look, while a user waits: the same file size, but little time and
        memory.

        The child has a lower priority than the processes that serve pages.
        """
        return replace(
            self,
            clock_s=min(self.clock_s, LOOK_S),
            cpu_s=min(self.cpu_s, LOOK_S),
            memory_bytes=LOOK_BYTES,
            niceness=LOOK_NICENESS,
        )

    def download(self) -> Limits:
        """Limits for reading a whole file again while its user waits, in a web process.

        The child has a lower priority than the processes that serve pages.
        """
        return replace(
            self,
            clock_s=min(self.clock_s, DOWNLOAD_S),
            cpu_s=min(self.cpu_s, DOWNLOAD_S),
            niceness=LOOK_NICENESS,
        )


# Uploads of an officer or a civil office.
ROW_FILE = Limits(
    file_bytes=50_000_000, unpacked_bytes=500_000_000, rows=500_000, clock_s=120, cpu_s=120
)
# The first load of the register, by command.
REGISTER_FILE = Limits(
    file_bytes=8_000_000_000, unpacked_bytes=500_000_000, rows=None, clock_s=1_800, cpu_s=1_800
)
# A register of another ministry: the whole country in one file.
DATASET_FILE = Limits(
    file_bytes=64_000_000_000,
    unpacked_bytes=1_000_000_000,
    rows=999_999_999,
    clock_s=14_400,
    cpu_s=14_400,
)
# Boundary layers of the whole country.
BOUNDARY_FILE = Limits(
    file_bytes=2_000_000_000, unpacked_bytes=8_000_000_000, rows=None, clock_s=600, cpu_s=600
)
