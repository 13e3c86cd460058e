"""State of the backup, for the status page and for monitoring. The commands write it; the web
process, which may not open the repository, reads it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from django.conf import settings

FILE_NAME: Final = "status.json"
BACKUP_WITHIN: Final = timedelta(hours=26)
MARK_WITHIN: Final = timedelta(minutes=5)
DRILL_WITHIN: Final = timedelta(days=8)
EXAMINED_WITHIN: Final = timedelta(days=8)


@dataclass(frozen=True)
class BackupStatus:
    """The last success of each part, the result of the last check, and when there was a backup
    first: drill and examination are due from then on.
    """

    backup_at: str = ""
    first_backup_at: str = ""
    mark_at: str = ""
    checked_at: str = ""
    problems: list[str] = field(default_factory=list)
    failed: str = ""
    drill_at: str = ""
    drill_s: float = 0
    drill_problem: str = ""
    examined_at: str = ""
    damage: str = ""

    @property
    def mark_moment(self) -> datetime:
        return datetime.fromisoformat(self.mark_at)

    @property
    def drill_moment(self) -> datetime:
        return datetime.fromisoformat(self.drill_at)

    def alarms(self, *, now: datetime) -> list[str]:
        """Codes of `portal.operations.messages.BACKUP`; none when the backup is in order."""
        found = []
        if _is_older(self.backup_at, now - BACKUP_WITHIN):
            found.append("backup_old")
        if _is_older(self.mark_at, now - MARK_WITHIN):
            found.append("mark_old")
        if self.problems:
            found.append("check_failed")
        if self.drill_problem:
            found.append("drill_failed")
        elif _is_over(self.drill_at or self.first_backup_at, now - DRILL_WITHIN):
            found.append("drill_old")
        if self.damage:
            found.append("database_damaged")
        elif _is_over(self.examined_at or self.first_backup_at, now - EXAMINED_WITHIN):
            found.append("examination_old")
        return found


def read() -> BackupStatus | None:
    """The stored state; None if no backup is set up."""
    if not settings.BACKUP_REPOSITORY:
        return None
    try:
        return BackupStatus(**json.loads(_path().read_text(encoding="utf-8")))
    except (OSError, TypeError, ValueError):
        return BackupStatus()


def note(**known: Any) -> None:
    """Update these fields; the others stay."""
    status = replace(read() or BackupStatus(), **known)
    _path().parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    fresh = _path().with_name(f"{FILE_NAME}.new")
    fresh.write_text(json.dumps(asdict(status)) + "\n", encoding="utf-8")
    fresh.chmod(0o644)  # times and texts of tools; the web may run as another user
    fresh.replace(_path())


def note_backup(at: str) -> None:
    """A base backup and its mark were made at this moment."""
    known = read() or BackupStatus()
    note(backup_at=at, first_backup_at=known.first_backup_at or at, failed="")


def _path() -> Path:
    return Path(settings.BACKUP_STATE) / FILE_NAME


def _is_over(at: str, limit: datetime) -> bool:
    return bool(at) and _is_older(at, limit)


def _is_older(at: str, limit: datetime) -> bool:
    return not at or datetime.fromisoformat(at) < limit
