"""The base of our commands: one language a run, refusals with their exit code.

Commands are for whoever runs the machine, and argparse, Django and the log speak English: so do
they, whatever the portal's language. What they store or write for others (annexes, files with
findings, notices) stays in the portal's language: see `for_others`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

LANGUAGE: Final = "en"
REFUSED: Final = 2


class Command(BaseCommand):
    """A command that says everything in one language, lazy texts and refusals included."""

    def execute(self, *args: Any, **options: Any) -> str | None:
        with translation.override(LANGUAGE):
            try:
                return super().execute(*args, **options)
            except CommandError as refused:
                said = [str(part) for part in refused.args]  # lazy texts, while it is this language
                raise CommandError(*said, returncode=refused.returncode) from refused.__cause__


def for_others() -> AbstractContextManager[None]:
    """The portal's own language, for what is not said on the terminal."""
    return translation.override(settings.LANGUAGE_CODE)
