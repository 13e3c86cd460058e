"""How large a file may be and how long reading it may take, by what the file is for."""

from __future__ import annotations

from dataclasses import dataclass

from apps.common.sandbox import ChildLimits


@dataclass(frozen=True)
class Limits:
    """Units: bytes, rows, seconds. Columns and cells are limited alike for all (reader.header)."""

    file_bytes: int
    unpacked_bytes: int
    rows: int | None
    clock_s: float
    cpu_s: int
    memory_bytes: int = 1 << 30

    def child(self) -> ChildLimits:
        return ChildLimits(memory_bytes=self.memory_bytes, cpu_s=self.cpu_s, clock_s=self.clock_s)


# What an officer or a citizen's office uploads.
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
