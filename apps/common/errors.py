"""The base of every refusal that a user is told about."""

from __future__ import annotations

from typing import Any


class DomainError(Exception):
    """Something the caller may not do, said by a code and its parameters.

    The words in both languages stand in the catalogue of the app that raises it, under `code`.
    """

    code = "refused"

    def __init__(self, code: str = "", **params: Any) -> None:
        self.code = code or self.code
        self.params = params
        super().__init__(self.code)
