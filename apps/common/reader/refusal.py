"""Why a file is not read: a code and its parameters, sent to the parent, which has the words."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """This file cannot be taken. `code` is a key of tabular.messages."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
