"""Limits of time in tests.

`make prove` runs the tests marked `timed` with the machine to themselves and holds each limit as it
is stated. `make test` runs them beside each other on shared cores: there a limit is five times as
long, which still fails on work that hangs or grows with the square of its input.
"""

from __future__ import annotations

import os
from typing import Final

SLACK: Final = 1 if os.environ.get("PORTAL_TIME_LIMITS") == "strict" else 5


def within(limit: float) -> float:
    """The limit that holds in this run, in the unit it was given in."""
    return limit * SLACK
