"""Errors in the log: PostgreSQL's messages quote rows, keys and values, so they are removed."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db import Error as DatabaseFault
from structlog.processors import format_exc_info

# If only the text of an error is known: text after its first line quotes rows and statements.
QUOTES = re.compile(
    r"(?:^|\n|\\n)(?:DETAIL|CONTEXT|HINT|QUERY|LINE \d+):.*?"
    r"(?=\n\nThe above exception|\n\nDuring handling|\Z)",
    re.DOTALL,
)
LEFT_OUT = " [left out]"


def without_quotes(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Render the exception; database errors only by code, table and constraint."""
    words = dict(_words(event))
    event = dict(format_exc_info(_logger, _name, event))
    return {
        key: value if key == "_record" else _masked(value, words) for key, value in event.items()
    }


def _words(event: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The text of a database error, plain and escaped, with its replacement."""
    for fault in _faults(event):
        said, instead = str(fault), _brief(fault)
        if said:
            yield said, instead
            yield repr(said)[1:-1], instead


def _faults(event: dict[str, Any]) -> Iterator[BaseException]:
    for error in _errors(event):
        seen: set[int] = set()
        waiting: list[BaseException | None] = [error]
        while waiting:
            one = waiting.pop()
            if one is None or id(one) in seen:
                continue
            seen.add(id(one))
            waiting += [one.__cause__, one.__context__]
            if isinstance(one, psycopg.Error | DatabaseFault):
                yield one


def _errors(event: dict[str, Any]) -> Iterator[BaseException]:
    """The exceptions of a log line: from its traceback, its values, its message's arguments."""
    arguments = getattr(event.get("_record"), "args", None) or ()
    given = event.get("exc_info")
    candidates = [
        *event.values(),
        *(arguments.values() if isinstance(arguments, dict) else arguments),
        *(given if isinstance(given, tuple) else ()),
        sys.exc_info()[1],
    ]
    return (one for one in candidates if isinstance(one, BaseException))


def _brief(fault: BaseException) -> str:
    """SQLSTATE, table and constraint: enough to find the place, without data of the row."""
    source = fault if isinstance(fault, psycopg.Error) else fault.__cause__
    if not isinstance(source, psycopg.Error):
        return type(fault).__name__
    named = (source.sqlstate, source.diag.table_name, source.diag.constraint_name)
    return " ".join(part for part in named if part) or type(source).__name__


def _masked(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, BaseException):
        value = repr(value)
    if isinstance(value, str):
        for said, instead in words.items():
            value = value.replace(said, instead)
        return QUOTES.sub(LEFT_OUT, value)
    if isinstance(value, dict):
        return {key: _masked(inner, words) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner, words) for inner in value]
    return value
