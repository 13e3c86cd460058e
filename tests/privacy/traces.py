"""Everything that the portal writes down besides its database: logs of all programs, the broker."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis
import structlog
from celery import current_app
from django.conf import settings
from django.core.cache import cache

LOGS = Path(os.environ.get("PORTAL_STATE", settings.BASE_DIR / ".local")) / "logs"


@contextmanager
def web_log() -> Iterator[io.StringIO]:
    """The lines that a web process would write meanwhile, by the portal's own formatter."""
    root, written = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(_formatter(root))
    root.addHandler(handler)
    try:
        yield written
    finally:
        root.removeHandler(handler)


def _formatter(root: logging.Logger) -> logging.Formatter:
    known = (handler.formatter for handler in root.handlers)
    return next(one for one in known if isinstance(one, structlog.stdlib.ProcessorFormatter))


def worker_log() -> str:
    """What the workers of this run have written."""
    logs = Path(settings.MEDIA_ROOT).parent.glob("worker-*.log")
    return "".join(path.read_text("utf-8", "replace") for path in logs)


def server_logs() -> str:
    """The logs of the private PostgreSQL and whatever else writes beside it."""
    found = [path for path in LOGS.glob("*") if path.is_file()]
    assert found, LOGS
    return "".join(path.read_text("utf-8", "replace") for path in found)


def broker() -> str:
    """Every key and value of the broker and the cache: task arguments, sessions, counters."""
    said = []
    for client in (_queue(), _cache()):
        for key in client.scan_iter():
            said += [key, *_values(client, key)]
    return b"\n".join(said).decode("utf-8", "replace")


def _queue() -> redis.Redis:
    with current_app.connection_for_read() as connection:
        return connection.default_channel.client


def _cache() -> redis.Redis:
    return cache._cache.get_client()  # type: ignore[attr-defined]


def _values(client: redis.Redis, key: bytes) -> list[bytes]:
    readers = {
        b"string": lambda: [client.get(key) or b""],
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: list(client.smembers(key)),
        b"zset": lambda: client.zrange(key, 0, -1),
        b"hash": lambda: [part for pair in client.hgetall(key).items() for part in pair],
    }
    kind = client.type(key)
    return readers[kind if isinstance(kind, bytes) else str(kind).encode()]()


def found_in(text: str, secrets: Iterable[str]) -> list[str]:
    """The secrets that stand in a text, whatever the case of its letters."""
    text = text.casefold()
    return [secret for secret in secrets if secret.casefold() in text]


def log_as_everybody_does(error: BaseException) -> None:
    """The ways in which programs write a fault: traceback, text, representation, argument."""
    known = (type(error), error, error.__traceback__)
    logging.getLogger("django.request").error("%s: fault", "/", exc_info=known)
    logging.getLogger("celery.app.trace").error("Task %s raised: %r", "x", error)
    structlog.get_logger("apps").error("failed", error=str(error), exc_info=known)
    structlog.get_logger("apps").warning("failed", error=error, all=[{"error": str(error)}])
