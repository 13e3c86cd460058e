"""The documents that a list of alerts names: the new ones, from the same host, within a time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from apps.commandcentre.feeds import cap_alerts, fetching
from apps.commandcentre.feeds.bmkg import Unreadable
from apps.commandcentre.feeds.fetching import Fetched, Validators
from apps.common.outgoing import Rule
from apps.common.remote_documents import SourceFault

SOURCE: Final = "bmkg_cap"
# Documents of one poll, and the time for all of them; the others come with the next poll.
MOST: Final = 20
WITHIN_S: Final = 15.0
# Why a document was not to be had this time; the others are refused for what they say.
RETRIED: Final = frozenset(fetching.CODES.values())


@dataclass(frozen=True)
class Remembered:
    """What is known of a document that gave nothing under its number in the list."""

    url: str
    validators: Validators
    sha256: str
    code: str
    ask_again_at: datetime


@dataclass(frozen=True)
class Known:
    """What is not fetched: messages that are stored, and before their time what is remembered."""

    stored: Collection[str] = frozenset()
    remembered: Mapping[str, Remembered] = field(default_factory=dict)

    def is_wanted(self, item: cap_alerts.Item, now: datetime) -> bool:
        if item.identifier in self.stored:
            return False
        former = self.remembered.get(item.identifier)
        return former is None or former.url != item.url or former.ask_again_at <= now


@dataclass(frozen=True)
class Document:
    """One document: its content, or why it was not fetched (a code with its numbers). `is_same`: as
    it was the last time.
    """

    identifier: str
    url: str
    content: bytes
    fault: str = ""
    validators: Validators = Validators()
    is_same: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest() if self.content else ""


def fetch_named(
    url: str, answer: Fetched, known: Known, *, now: datetime, allowed: Rule, timeout_s: float
) -> Fetched:
    """The answer with the documents that it names and that are wanted now, new ones first.

    Where some are left for a later poll, or were not to be had, the validators are dropped, so that
    the list is read again. An answer that is no list comes back as it is: who reads it refuses it.
    """
    try:
        items = cap_alerts.read_list(answer.content or b"")
    except Unreadable:
        return answer
    wanted = [item for item in items if known.is_wanted(item, now)]
    # what gave nothing before never holds up what is new
    wanted.sort(key=lambda item: item.identifier in known.remembered)
    found: list[Document] = []
    ends = time.monotonic() + WITHIN_S
    for item in wanted[:MOST]:
        left_s = ends - time.monotonic()
        if left_s <= 0:
            break
        former = known.remembered.get(item.identifier)
        found.append(_fetch(url, item, former, allowed, min(timeout_s, left_s)))
    missing = {one.identifier for one in found if one.fault} | {
        name
        for name, one in known.remembered.items()
        if one.code in RETRIED and name not in known.stored
    }
    is_whole = len(found) == len(wanted) and not any(one.identifier in missing for one in items)
    validators = answer.validators if is_whole else Validators()
    return replace(answer, validators=validators, documents=tuple(found))


def _fetch(
    url: str,
    item: cap_alerts.Item,
    former: Remembered | None,
    allowed: Rule,
    timeout_s: float,
) -> Document:
    try:
        is_same_host = urlsplit(item.url).hostname == urlsplit(url).hostname
    except ValueError:
        is_same_host = False
    if not is_same_host:
        content = item.url.encode()[:1000]
        return Document(item.identifier, item.url, content, "cap_other_host")
    is_known = former is not None and former.url == item.url
    validators = former.validators if former is not None and is_known else Validators()
    try:
        answer = fetching.fetch(item.url, validators, allowed=allowed, timeout_s=timeout_s)
    except SourceFault as fault:
        return Document(item.identifier, item.url, b"", fault.code, params=fault.params)
    if answer.content is None:
        return Document(item.identifier, item.url, b"", "", answer.validators, is_same=True)
    found = Document(item.identifier, item.url, answer.content, "", answer.validators)
    is_same = former is not None and is_known and bool(found.content)
    return replace(found, is_same=is_same and former is not None and former.sha256 == found.sha256)
