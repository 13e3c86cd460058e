"""Frames to the parent: a letter, a length of four bytes, the payload.

`d` data · `j` an answer in JSON · `f` the name of a file whose data follow ·
`s` the closing summary · `r` a refusal · `m` guards that this machine does not offer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

from apps.common.reader.refusal import Refusal

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


def serve(missing: list[str], answer: Callable[[Wire], None]) -> None:
    """Let `answer` send what it has, and its refusal, if it refuses.

    Leaves at once, without waiting for the libraries to clean up.
    """
    out = Wire()
    if missing:
        out.send_json(MISSING, missing)
    try:
        answer(out)
    except Refusal as refusal:
        out.send_json(REFUSED, {"code": refusal.code, "params": refusal.params})
    os._exit(0)


def serve_picture(missing: list[str], draw: Callable[[], tuple[Any, bytes]]) -> None:
    """Answer with the facts and the picture that `draw` returns, as `serve` does."""

    def answer(out: Wire) -> None:
        facts, picture = draw()
        out.send_json(ANSWER, facts)
        out.send(DATA, picture)

    serve(missing, answer)
