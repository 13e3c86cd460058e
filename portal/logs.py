"""Logs and error reports that hold no personal data: numbers are masked, locals never shown."""

from __future__ import annotations

import logging.config
import re
from typing import Any

import structlog
from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

from portal.faults import without_quotes

# NIK and KK (16 digits) and phone numbers, wherever they turn up in a line.
NUMBER = re.compile(r"(?<!\d)(?:\d{16}|(?:\+?62|0)8\d{8,11})(?!\d)")


def mask_numbers(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """Mask identity and phone numbers in every value of a log line."""
    return {key: _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return NUMBER.sub("[number]", value)
    if isinstance(value, dict):
        return {key: _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return value


def configure(options: dict[str, Any]) -> None:
    """One JSON object per line on standard error, for Django, Celery and our own code alike."""
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
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
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


class NothingPersonal(SafeExceptionReporterFilter):
    """Error reports without request bodies and without local variables."""

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> Any:
        return []
