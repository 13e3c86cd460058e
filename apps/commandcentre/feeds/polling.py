"""Asks the feeds that are due, stores what is new, and notes how each of them is.

Feeds are asked at the same time, each within its own limits; one that fails changes nothing for the
others. Two processes that poll at once ask each feed once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from apps.audit.subjects import Actor
from apps.civilregister.circuit_breaker import Breaker
from apps.commandcentre.feeds import bmkg, documents, fetching
from apps.commandcentre.feeds.fetching import Fault, Fetched, Validators
from apps.commandcentre.feeds.reading import LISTS, READERS
from apps.commandcentre.hazards.intake import Message, take_message
from apps.commandcentre.models import Feed, Hazard, HazardRevision, RefusedMessage

ACTOR: Final = Actor("feed:bmkg", "BMKG")
# Kept of an answer or entry that cannot be used, and how many of one feed.
MOST_KEPT_CHARS: Final = 100_000
MOST_KEPT: Final = 500
# Messages of which it is known that they are stored; a list has at most a hundred.
MOST_KNOWN: Final = 5_000
# A feed is due a little before its interval is over, so that a late clock does not skip a turn.
EARLY: Final = timedelta(seconds=2)
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Polled:
    """What one request to one feed gave. `code` says in `feeds.messages` why it gave nothing."""

    feed: str
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    new: int = 0
    changed: int = 0
    refused: int = 0


def addresses() -> dict[str, str]:
    """The address of every feed that is on."""
    return {name: url for name, url in settings.HAZARD_FEEDS.items() if url and name in READERS}


def poll_feeds(*, now: datetime, is_forced: bool = False) -> list[Polled]:
    """Ask every feed that is due, or all of them, and store the answers.

    Lasts at most the time limit of one feed, and the storing.
    """
    asked = [name for name in addresses() if _claim(name, now, is_forced=is_forced)]
    known = {feed.name: feed for feed in Feed.objects.filter(name__in=asked)}
    done = [_store(known[name], answer, now) for name, answer in _fetch(known.values())]
    if done:
        close_ended(now)
    for one in done:
        log.info("feed_polled", feed=one.feed, code=one.code, new=one.new, changed=one.changed)
    return done


def _claim(name: str, now: datetime, *, is_forced: bool) -> bool:
    """Take the turn of a feed. False if it is not due, or another process has taken it."""
    interval_s = settings.FEED_INTERVAL_S
    Feed.objects.get_or_create(name=name, defaults={"interval_s": interval_s})
    mine = Feed.objects.filter(name=name)
    if not is_forced:
        due = now - timedelta(seconds=interval_s) + EARLY
        # a clock that was ahead left a time that would be waited for
        ahead = now + timedelta(seconds=interval_s)
        mine = mine.filter(
            Q(polled_at__isnull=True) | Q(polled_at__lte=due) | Q(polled_at__gt=ahead)
        )
    return bool(mine.update(polled_at=now, interval_s=interval_s))


def _breaker(name: str) -> Breaker:
    return Breaker(
        f"feed-{name}",
        opens_after=settings.FEED_OPENS_AFTER,
        open_s=settings.FEED_OPEN_S,
        probe_s=2 * settings.FEED_TIMEOUT_S,
    )


def _fetch(feeds: Iterable[Feed]) -> list[tuple[str, Fetched | Fault]]:
    """The answer of each feed, or its fault."""
    feeds, found = list(feeds), list[tuple[str, Fetched | Fault]]()
    if not feeds:
        return found
    known = _known_identifiers() if any(feed.name in LISTS for feed in feeds) else frozenset()
    allowed = fetching.rule(is_stand_in_allowed=settings.FEED_STAND_IN_ALLOWED)
    urls, timeout_s = addresses(), settings.FEED_TIMEOUT_S

    def ask(feed: Feed) -> Fetched | Fault:
        if not _breaker(feed.name).may_ask():
            return Fault("feed_paused")
        validators = Validators(feed.etag, feed.last_modified)
        url = urls[feed.name]
        try:
            answer = fetching.fetch(url, validators, allowed=allowed, timeout_s=timeout_s)
        except Fault as fault:
            return fault
        if feed.name not in LISTS or answer.content is None:
            return answer
        return documents.fetch_named(url, answer, known, allowed=allowed, timeout_s=timeout_s)

    with ThreadPoolExecutor(len(feeds), thread_name_prefix="feed") as pool:
        answers = list(pool.map(ask, feeds))
    return [(feed.name, answer) for feed, answer in zip(feeds, answers, strict=True)]


def _store(feed: Feed, answer: Fetched | Fault, now: datetime) -> Polled:
    """Store one answer, all of it or nothing."""
    try:
        if isinstance(answer, Fault):
            raise answer
        with transaction.atomic():
            polled = _take_answer(feed, answer, now)
    except (Fault, bmkg.Unreadable) as fault:
        content = answer.content if isinstance(answer, Fetched) else None
        return _note_fault(feed, fault, content, now)
    _breaker(feed.name).succeeded()
    return polled


def _take_answer(feed: Feed, answer: Fetched, now: datetime) -> Polled:
    feed.answered_at, feed.failures, feed.code, feed.params = now, 0, "", {}
    if answer.content is None:
        feed.save()
        return Polled(feed.name)
    told, known = answer.validators.last_modified, feed.last_modified
    if _is_older(told, known):
        feed.code, feed.params = "feed_older", {"found": told, "known": known}
        feed.save()
        return Polled(feed.name, feed.code, feed.params)
    read = READERS[feed.name](feed.name, answer, now)
    new, changed = _take_messages(read.messages, now)
    for entry in read.refused:
        _keep(feed.name, entry.code, entry.params, entry.content, now)
    if new or changed:
        feed.changed_at = now
    if read.refused:
        entries = len(read.refused) + len(read.messages)
        feed.code = "feed_entries_refused"
        feed.params = {"refused": len(read.refused), "entries": entries}
    elif not read.messages:
        feed.code = "feed_no_entries"
    feed.etag, feed.last_modified = answer.validators.etag, answer.validators.last_modified
    feed.save()
    return Polled(feed.name, feed.code, feed.params, new, changed, len(read.refused))


def _take_messages(messages: Iterable[Message], now: datetime) -> tuple[int, int]:
    """(new events, changed events). Two entries of one answer are two events."""
    taken: set[int] = set()
    new = changed = 0
    for message in messages:
        outcome = take_message(message, by=ACTOR, now=now, taken=taken)
        taken.add(outcome.hazard.pk)
        new, changed = new + outcome.is_new, changed + outcome.is_changed
    return new, changed


def _known_identifiers() -> frozenset[str]:
    """The messages that are stored already; their documents never change."""
    rows = HazardRevision.objects.filter(hazard__source=documents.SOURCE).order_by("-pk")
    return frozenset(rows.values_list("values__identifier", flat=True)[:MOST_KNOWN])


def close_ended(now: datetime) -> int:
    """Take warnings off the board whose time is over; returns their number."""
    ended = Hazard.objects.active().filter(
        source=documents.SOURCE,
        revisions__number=F("revision"),
        revisions__values__ends_at__gt="",
        revisions__values__ends_at__lt=now.isoformat(),
    )
    return Hazard.objects.filter(pk__in=ended.values("pk")).update(closed_at=now)


def _is_older(told: str, known: str) -> bool:
    """Whether a Last-Modified is before another one; False where one of them is no date."""
    try:
        return parsedate_to_datetime(told) < parsedate_to_datetime(known)
    except (TypeError, ValueError):
        return False


def _note_fault(
    feed: Feed, fault: Fault | bmkg.Unreadable, content: bytes | None, now: datetime
) -> Polled:
    """Note why a feed gave nothing; an answer that was read is kept."""
    if fault.code != "feed_paused":
        _breaker(feed.name).failed()
    log.warning("feed_failed", feed=feed.name, fault=fault.code)
    with transaction.atomic():
        if content is not None:
            text = content[: 4 * MOST_KEPT_CHARS].decode("utf-8", "replace")
            _keep(feed.name, fault.code, fault.params, text, now)
        Feed.objects.filter(name=feed.name).update(
            code=fault.code, params=dict(fault.params), failures=feed.failures + 1
        )
    return Polled(feed.name, fault.code, dict(fault.params))


def _keep(feed: str, code: str, params: Mapping[str, Any], content: str, now: datetime) -> None:
    """Keep what cannot be used, once for each content."""
    text = content.replace("\x00", "\ufffd")[:MOST_KEPT_CHARS]
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    RefusedMessage.objects.update_or_create(
        feed=feed,
        code=code,
        sha256=digest,
        defaults={"last_at": now},
        create_defaults={
            "params": dict(params), "content": text, "first_at": now, "last_at": now
        },
    )  # fmt: skip
    kept = RefusedMessage.objects.filter(feed=feed).order_by("-last_at", "-pk")
    if len(surplus := list(kept.values_list("pk", flat=True)[MOST_KEPT:])):
        RefusedMessage.objects.filter(pk__in=surplus).delete()
