"""The list of the rows that an import could not take, as a file beside the imported one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from apps.common.tabular import write_csv


def write_refused(path: Path, rows: Iterable[Sequence[Any]], header: Sequence[str]) -> Path:
    """Write the rows as CSV beside an imported file; returns where. Only its owner may read it.

    A list of an earlier import of the file is replaced.
    """
    listed = path.with_suffix(".refused.csv")
    with contextlib.suppress(FileNotFoundError):
        listed.unlink()
    handle = os.open(listed, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        write_csv(rows, header, file)
    return listed
