"""The documents that a list of alerts names: the new ones, from the same host, within a time."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from apps.commandcentre.feeds import cap_alerts, fetching
from apps.commandcentre.feeds.bmkg import Unreadable
from apps.commandcentre.feeds.fetching import Fault, Fetched, Validators
from apps.common.outgoing import Rule

SOURCE: Final = "bmkg_cap"
# Documents of one poll, and the time for all of them; the others come with the next poll.
MOST: Final = 20
WITHIN_S: Final = 15.0


@dataclass(frozen=True)
class Document:
    """One document: its content, or why it was not fetched."""

    identifier: str
    content: bytes
    fault: str = ""


def fetch_named(
    url: str, answer: Fetched, known: Collection[str], *, allowed: Rule, timeout_s: float
) -> Fetched:
    """The answer with the documents that it names and that are not known.

    Where some are left for the next poll, the validators are dropped, so that the list is read
    again. An answer that is no list comes back as it is: who reads it refuses it.
    """
    try:
        items = cap_alerts.read_list(answer.content or b"")
    except Unreadable:
        return answer
    wanted = [item for item in items if item.identifier not in known]
    found: list[Document] = []
    ends = time.monotonic() + WITHIN_S
    for item in wanted[:MOST]:
        left_s = ends - time.monotonic()
        if left_s <= 0:
            break
        found.append(_fetch(url, item, allowed, min(timeout_s, left_s)))
    is_whole = len(found) == len(wanted) and not any(one.fault for one in found)
    validators = answer.validators if is_whole else Validators()
    return replace(answer, validators=validators, documents=tuple(found))


def _fetch(url: str, item: cap_alerts.Item, allowed: Rule, timeout_s: float) -> Document:
    try:
        is_same_host = urlsplit(item.url).hostname == urlsplit(url).hostname
    except ValueError:
        is_same_host = False
    if not is_same_host:
        return Document(item.identifier, item.url.encode()[:1000], "cap_other_host")
    try:
        answer = fetching.fetch(item.url, Validators(), allowed=allowed, timeout_s=timeout_s)
    except Fault as fault:
        return Document(item.identifier, b"", fault.code)
    return Document(item.identifier, answer.content or b"")
