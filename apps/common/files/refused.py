"""The refusal of a whole file."""

from __future__ import annotations

from apps.common.errors import DomainError


class FileRefused(DomainError):
    """This file cannot be read. Readers add the file's name to its parameters."""

    code = "file_refused"
