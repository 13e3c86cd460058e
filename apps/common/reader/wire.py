"""Frames to the parent: a letter, a length of four bytes, the payload.

`d` data · `j` an answer in JSON · `f` the name of a file whose data follow ·
`s` the closing summary · `r` a refusal · `m` guards that this machine does not offer.
"""

from __future__ import annotations

import json
import os
from typing import Any

DATA, ANSWER, FILE, SUMMARY, REFUSED, MISSING = "d", "j", "f", "s", "r", "m"


class Wire:
    """The pipe to the parent. It takes over stdout, so that a library's output cannot mix in."""

    def __init__(self) -> None:
        self._out = os.dup(1)
        os.dup2(2, 1)

    def send(self, kind: str, payload: bytes) -> None:
        self._write(kind.encode() + len(payload).to_bytes(4, "big"))
        self._write(payload)

    def send_json(self, kind: str, value: Any) -> None:
        self.send(kind, json.dumps(value, default=str).encode())

    def _write(self, payload: bytes) -> None:
        view = memoryview(payload)
        while view:
            view = view[os.write(self._out, view) :]
