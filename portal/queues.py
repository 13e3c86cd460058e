"""The names of the queues: for the schedule, and for what asks whether their workers live."""

from __future__ import annotations

from typing import Final

# Each has its own worker (bin/run), which gives a heartbeat.
QUEUES: Final = ("interactive", "batches", "rounds", "hazards", "relief")
