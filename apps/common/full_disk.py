"""Whether an error of the database says that its disk is full."""

from __future__ import annotations

from typing import Final

import psycopg

FULL: Final = "53100"
# The helpers of a parallel query, and new connections, write a file of the catalogue when they
# start. Where there is no room PostgreSQL calls that an internal error; it is never translated.
INTERNAL: Final = "XX000"
NO_FILE: Final = "could not write init file"


def is_full_disk(error: BaseException | None) -> bool:
    """For Django's errors, and for psycopg's own, which COPY raises."""
    for one in (error, getattr(error, "__cause__", None)):
        if isinstance(one, psycopg.Error) and (
            one.sqlstate == FULL
            or (one.sqlstate == INTERNAL and (one.diag.message_primary or "").startswith(NO_FILE))
        ):
            return True
    return False
