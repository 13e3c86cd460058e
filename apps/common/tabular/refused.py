"""The refusal of a whole file, and its words."""

from __future__ import annotations

from apps.common.errors import DomainError
from apps.common.tabular.messages import MESSAGES


class FileRefused(DomainError):
    """This file cannot be read. `code` and `params` say why, `text` says it in words."""

    code = "file_refused"

    @property
    def text(self) -> str:
        """What, where, how to fix it, in the language in use."""
        known = {"filename": "", "found": "", **self.params}
        return str(MESSAGES.get(self.code, MESSAGES["reader_crash"])) % known
