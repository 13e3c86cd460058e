"""Logs and error reports without personal data: numbers are masked, local variables not shown.

Under bin/run each process writes its standard error to its own file, which is rotated when it is
full; under a supervisor the supervisor keeps the log.
"""

from __future__ import annotations

import fcntl
import logging.config
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TextIO

import structlog
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from portal.web.faults import without_quotes

# NIK and KK (16 digits) and phone numbers, anywhere in a line.
NUMBER = re.compile(r"(?<!\d)(?:\d{16}|(?:\+?62|0)8\d{8,11})(?!\d)")
# The query of an address: names are typed into search fields.
QUERY = re.compile(r"(?<=[\w/%.-])\?[\w.%+\[\]-]*=[^\s\"'<>]*")
KEPT_FILES: Final = 5
STDOUT, STDERR = 1, 2


def mask_numbers(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Mask identity and phone numbers in every value of a log line, and remove queries of
    addresses.
    """
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return NUMBER.sub("[number]", QUERY.sub("?[left out]", value))
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value


def configure(options: dict[str, Any]) -> None:
    """One JSON object per line on standard error, for Django, Celery and our own code."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered: list[Any] = [
        without_quotes,
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        mask_numbers,
        structlog.processors.JSONRenderer(),
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": rendered,
                }
            },
            "filters": {"refusals": {"()": RefusalsInOneLine}},
            "handlers": {
                "stderr": {
                    "()": StandardError,
                    "file": options.get("file", ""),
                    "most_bytes": options.get("bytes", 0),
                    "formatter": "json",
                    "filters": ["refusals"],
                }
            },
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django.server": {"handlers": ["stderr"], "propagate": False},
                "uvicorn.access": {"level": "WARNING"},
                "django.db.backends": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


class RefusalsInOneLine(logging.Filter):
    """A refused request (403, 400) is not an error: its line needs no traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


class StandardError(logging.StreamHandler[TextIO]):
    """Standard error; `file` is its target if bin/run has redirected it.

    A full file is renamed to `.1`, the former `.1` to `.2`, and so on. The process continues in a
    new file, with all output of its own and its children. A child that finds its file renamed
    switches to the new one.
    """

    def __init__(self, file: str = "", most_bytes: int = 0) -> None:
        super().__init__(sys.stderr)
        self.file, self.most_bytes = Path(file) if file else None, most_bytes

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        if self.file is not None:
            # a full disk must not end the work that is being logged
            with suppress(OSError):
                self._turn(self.file)

    def _turn(self, file: Path) -> None:
        mine = os.fstat(STDERR)
        if mine.st_size > self.most_bytes:
            _move(file, mine.st_ino)
        if not file.exists() or file.stat().st_ino != mine.st_ino:
            self.flush()
            fresh = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            for handle in (STDOUT, STDERR):
                if os.fstat(handle).st_ino == mine.st_ino:
                    os.dup2(fresh, handle)
            os.close(fresh)


def _move(file: Path, inode: int) -> None:
    """Rename the full file once, also when several processes find it full."""
    with file.open("rb") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        if not file.exists() or file.stat().st_ino != inode:
            return
        for number in range(KEPT_FILES - 1, 0, -1):
            with suppress(FileNotFoundError):
                file.with_name(f"{file.name}.{number}").rename(f"{file}.{number + 1}")
        file.rename(f"{file}.1")


class NothingPersonal(SafeExceptionReporterFilter):
    """Error reports without request bodies and without local variables."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        return []
