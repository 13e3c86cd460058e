"""The base of our commands: one language for a run, exit codes for refusals.

Commands are for operators. Argparse, Django and the log are in English, so commands are, too, in
any language of the portal. Output that is stored or meant for others (annexes, files with findings,
notices) stays in the portal's language: see `for_others`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

LANGUAGE: Final = "en"
REFUSED: Final = 2


class Command(BaseCommand):
    """A command with output in one language, including lazy texts and refusals."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with translation.override(LANGUAGE):
            try:
                return super().execute(*args, **options)
            except CommandError as refused:
                said = [str(part) for part in refused.args]  # lazy texts, in this language
                raise CommandError(*said, returncode=refused.returncode) from refused.__cause__


def need_file(path: Path, *, may_be_folder: bool = False) -> Path:
    """The path, if there is a file. Raises: CommandError.

    Some formats are folders (a File Geodatabase, the parts of a shapefile).
    """
    if not (path.exists() if may_be_folder else path.is_file()):
        raise CommandError(f"There is no file {path}.", returncode=REFUSED)
    return path


def for_others() -> AbstractContextManager[None]:
    """Activates the portal's own language, for output that is not for the terminal."""
    return translation.override(settings.LANGUAGE_CODE)
