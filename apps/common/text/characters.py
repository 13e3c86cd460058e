"""What PostgreSQL and file systems refuse: NUL, lone surrogates, names that are too long."""

from __future__ import annotations

import json
import math
import re
from pathlib import PurePath
from typing import Any, Final

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
# A file system's limit is 255 bytes; this leaves room for the parts that are added to a name.
MOST_NAME_BYTES: Final = 200
MOST_ENDING_BYTES: Final = 16
MOST_DEPTH: Final = 20
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class Unreadable(ValueError):
    """The text is not JSON that can be stored; `str()` of the exception is a code."""


def is_storable(text: str) -> bool:
    return UNSTORABLE.search(text) is None


def file_name(given: str) -> str:
    """A file's name without folders and unprintable characters, in at most `MOST_NAME_BYTES`.

    The extension stays, if there is one.
    """
    name = "".join(one for one in PurePath(given.replace("\0", "")).name if one.isprintable())
    ending = PurePath(name).suffix
    if len(ending.encode()) > MOST_ENDING_BYTES:
        ending = ""
    stem = name.removesuffix(ending).encode()[: MOST_NAME_BYTES - len(ending.encode())]
    return stem.decode(errors="ignore") + ending


def read_json(text: str, *, most_depth: int = MOST_DEPTH) -> Any:
    """The value of a JSON text, nested no deeper than `most_depth`, which PostgreSQL can store.

    The depth is counted before parsing, because the parser recurses for every level.
    Raises: Unreadable ("deep", "characters", "syntax").
    """
    if _depth(text) > most_depth:
        raise Unreadable("deep")
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise Unreadable("syntax") from error
    if not _is_storable_value(value):
        raise Unreadable("characters")
    return value


def _depth(text: str) -> int:
    depth = deepest = 0
    for sign in _STRING.sub("", text):
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _is_storable_value(value: Any) -> bool:
    if isinstance(value, str):
        return is_storable(value)
    if isinstance(value, float):
        return math.isfinite(value)  # 1e400 is read as infinity
    if isinstance(value, dict):
        return all(is_storable(key) and _is_storable_value(one) for key, one in value.items())
    return not isinstance(value, list) or all(map(_is_storable_value, value))
