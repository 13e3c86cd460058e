"""Why a file is not read: a code and its parameters. The parent has the texts."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """This file cannot be read. `code` is a key of tabular.messages."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
