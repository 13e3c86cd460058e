"""One conditional request to a feed: the new content, nothing new, or a fault with its code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from apps.common.outgoing import Rule, only_public, public_or_this_machine
from apps.common.remote_documents import NoDocument, SourceFault, Validators, fetch_document

__all__ = ["Fetched", "Validators", "fetch", "rule"]

MOST_BYTES: Final = 2_000_000
# Why there is no document → the text about it.
CODES: Final = {
    "address": "feed_address", "connection": "feed_connection", "timeout": "feed_timeout",
    "status": "feed_status", "too_large": "feed_too_large", "encoding": "feed_encoding",
    "cut": "feed_cut",
}  # fmt: skip
ACCEPT: Final = "application/json, application/xml;q=0.9, */*;q=0.1"


@dataclass(frozen=True)
class Fetched:
    """An answer; `content` is None where nothing is new. `documents` are those that it names."""

    content: bytes | None
    validators: Validators
    documents: tuple[Any, ...] = ()


def rule(*, is_stand_in_allowed: bool) -> Rule:
    """Public addresses with TLS; where a stand-in is allowed, this machine, too."""
    return public_or_this_machine if is_stand_in_allowed else only_public


def fetch(url: str, known: Validators, *, allowed: Rule, timeout_s: float) -> Fetched:
    """Ask once. Raises: SourceFault.

    The time limit is for the whole answer; a longer answer than MOST_BYTES is not read.
    """
    try:
        found = fetch_document(
            url,
            known,
            accept=ACCEPT,
            allowed=allowed,
            timeout_s=timeout_s,
            most_bytes=MOST_BYTES,
        )
    except NoDocument as fault:
        raise SourceFault(CODES[fault.reason], **fault.params) from None
    return Fetched(found.content, found.validators)
