"""Asks the feeds that are due, stores what is new, and notes how each of them is.

The clock sends a message for each due feed (`portal.tasks.poll_feed`); the command asks all of them
at the same time. Each answer is stored as it comes: one that fails or hangs changes nothing for the
others. Two processes that poll at once ask each feed once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import DataError, IntegrityError, InternalError, transaction
from django.db.models import F, Q

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Actor
from apps.commandcentre import shift_log
from apps.commandcentre.feeds import bmkg, documents, fetching
from apps.commandcentre.feeds.bmkg import RefusedEntry
from apps.commandcentre.feeds.documents import Document, Known, Remembered
from apps.commandcentre.feeds.fetching import Fetched, Validators
from apps.commandcentre.feeds.reading import LISTS, READERS
from apps.commandcentre.hazards.intake import Message, take_message
from apps.commandcentre.hazards.notices import tell_changed
from apps.commandcentre.models import (
    Feed,
    FeedDocument,
    Hazard,
    HazardRevision,
    Plan,
    RefusedMessage,
)
from apps.commandcentre.models.plan import PlanStatus
from apps.commandcentre.models.shift import ShiftEntryKind
from apps.commandcentre.states import TOPIC
from apps.common.circuit_breaker import Breaker
from apps.common.outgoing import Rule
from apps.common.remote_documents import SourceFault, moment_of
from apps.jobs import outbox

ACTOR: Final = Actor("feed:bmkg", "BMKG")
# Kept of an answer or entry that cannot be used, and how many of one feed.
MOST_KEPT_CHARS: Final = 100_000
MOST_KEPT: Final = 500
# Messages of which it is known that they are stored; a list has at most a hundred.
MOST_KNOWN: Final = 5_000
# A document that gave nothing is asked for again after an hour, one that was not there after two
# minutes and then twice as long; after a month it is forgotten.
AGAIN: Final = timedelta(hours=1)
FIRST_AGAIN: Final = timedelta(minutes=1)
FORGOTTEN: Final = timedelta(days=30)
# A feed is due a little before its interval is over, so that a late clock does not skip a turn.
EARLY: Final = timedelta(seconds=2)
# So many answers in a row that are older than the one before are left aside, as those of a server
# behind the others are; the next one is read: its source went back, or told a wrong time once.
MOST_OLDER: Final = 3
# Beside the time for the answer and that for the documents that it names: to find the addresses.
NAMES_WITHIN_S: Final = 5.0
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


def due_feeds(*, now: datetime) -> list[str]:
    """The feeds whose turn it is. Queries: one."""
    waiting = {feed.name for feed in Feed.objects.exclude(_is_due(now))}
    return [name for name in addresses() if name not in waiting]


def poll_feeds(
    names: Collection[str] | None = None, *, now: datetime, is_forced: bool = False
) -> list[Polled]:
    """Ask these feeds, or every one, if their turn has come (or in any case), and store the answers
    as they come. Lasts at most the time limit of one feed (`whole_time_s`), and the storing.
    """
    wanted = [name for name in addresses() if names is None or name in names]
    asked = [name for name in wanted if _claim(name, now, is_forced=is_forced)]
    known = {feed.name: feed for feed in Feed.objects.filter(name__in=asked)}
    done = []
    for name, answer in _answers(list(known.values()), now):
        done.append(one := _store(known[name], answer, now))
        log.info("feed_polled", feed=one.feed, code=one.code, new=one.new, changed=one.changed)
    if done:
        close_ended(now)
    return done


def whole_time_s() -> float:
    """How long one feed may take, with the documents that it names, whatever hangs."""
    return float(settings.FEED_TIMEOUT_S + documents.WITHIN_S + NAMES_WITHIN_S)


def stale_at(feed: Feed) -> datetime | None:
    """When a feed counts as stale without a further good answer; None before the first one."""
    if feed.answered_at is None:
        return None
    return feed.answered_at + 2 * timedelta(seconds=feed.interval_s)


def _is_due(now: datetime) -> Q:
    interval_s = settings.FEED_INTERVAL_S
    due = now - timedelta(seconds=interval_s) + EARLY
    # a clock that was ahead left a time that would be waited for
    ahead = now + timedelta(seconds=interval_s)
    return Q(polled_at__isnull=True) | Q(polled_at__lte=due) | Q(polled_at__gt=ahead)


def _claim(name: str, now: datetime, *, is_forced: bool) -> bool:
    """Take the turn of a feed. False if it is not due, or another process has taken it."""
    interval_s = settings.FEED_INTERVAL_S
    Feed.objects.get_or_create(name=name, defaults={"interval_s": interval_s})
    mine = Feed.objects.filter(name=name)
    if not is_forced:
        mine = mine.filter(_is_due(now))
    return bool(mine.update(polled_at=now, interval_s=interval_s))


def _breaker(name: str) -> Breaker:
    return Breaker(
        f"feed-{name}",
        opens_after=settings.FEED_OPENS_AFTER,
        open_s=settings.FEED_OPEN_S,
        probe_s=2 * settings.FEED_TIMEOUT_S,
    )


def _answers(feeds: list[Feed], now: datetime) -> Iterator[tuple[str, Fetched | SourceFault]]:
    """Each feed with its answer or its fault, in the order in which they come."""
    if not feeds:
        return
    known = {feed.name: _known_documents(feed.name, now) for feed in feeds if feed.name in LISTS}
    allowed = fetching.rule(is_stand_in_allowed=settings.FEED_STAND_IN_ALLOWED)
    urls, limit_s = addresses(), whole_time_s()
    pool = ThreadPoolExecutor(len(feeds), thread_name_prefix="feed")
    waiting: dict[Future[Fetched | SourceFault], str] = {
        pool.submit(_ask_feed, feed, urls[feed.name], known.get(feed.name), now, allowed): feed.name
        for feed in feeds
    }
    try:
        for future in as_completed(list(waiting), timeout=limit_s):
            yield waiting.pop(future), future.result()
    except TimeoutError:
        # its thread ends by itself; what it still brings is asked for again with the next turn
        for name in waiting.values():
            yield name, SourceFault("feed_timeout", seconds=limit_s)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _ask_feed(
    feed: Feed, url: str, known: Known | None, now: datetime, allowed: Rule
) -> Fetched | SourceFault:
    """One request, and those for the documents that the answer names. Uses no database."""
    if not _breaker(feed.name).may_ask():
        return SourceFault("feed_paused")
    known_before = Validators(feed.etag, feed.last_modified).up_to(now + bmkg.AHEAD)
    validators = Validators() if _older_in_a_row(feed) >= MOST_OLDER else known_before
    timeout_s = settings.FEED_TIMEOUT_S
    try:
        answer = fetching.fetch(url, validators, allowed=allowed, timeout_s=timeout_s)
    except SourceFault as fault:
        return fault
    if known is None or answer.content is None:
        return answer
    return documents.fetch_named(url, answer, known, now=now, allowed=allowed, timeout_s=timeout_s)


def _store(feed: Feed, answer: Fetched | SourceFault, now: datetime) -> Polled:
    """Store one answer, all of it or nothing."""
    try:
        if isinstance(answer, SourceFault):
            raise answer
        with transaction.atomic():
            polled = _take_answer(feed, answer, now)
    except (SourceFault, bmkg.Unreadable) as fault:
        content = answer.content if isinstance(answer, Fetched) else None
        polled = _note_fault(feed, fault, content, now)
    else:
        _breaker(feed.name).succeeded()
    _tell_health(polled)
    return polled


def _tell_health(polled: Polled) -> None:
    """Tell open boards how a feed is, so that none has to ask; times are seconds since 1970."""
    feed = Feed.objects.get(name=polled.feed)
    late_at = stale_at(feed)
    outbox.publish(
        TOPIC,
        "feed",
        feed=feed.name,
        code=feed.code,
        answered=int(feed.answered_at.timestamp()) if feed.answered_at is not None else None,
        stale=int(late_at.timestamp()) if late_at is not None else None,
    )


def _take_answer(feed: Feed, answer: Fetched, now: datetime) -> Polled:
    times = _older_in_a_row(feed)
    if times < MOST_OLDER and _is_older(feed, answer, now):
        # no good answer: the feed goes stale if no other follows
        told, known = answer.validators.last_modified, feed.last_modified
        feed.failures, feed.code = 0, "feed_older"
        feed.params = {"found": told, "known": known, "times": times + 1}
        feed.save()
        return Polled(feed.name, feed.code, feed.params)
    feed.answered_at, feed.failures, feed.code, feed.params = now, 0, "", {}
    if answer.content is None:
        feed.save()
        return Polled(feed.name)
    read = READERS[feed.name](feed.name, answer, now)
    outcome = _take_messages(read.messages, now)
    new, changed = outcome.new, outcome.changed
    refused = [*read.refused, *(entry for _message, entry in outcome.unstored)]
    for entry in refused:
        _keep(feed.name, entry.code, entry.params, entry.content, now)
    codes = {message.source_id: entry.code for message, entry in outcome.unstored}
    _remember(feed.name, answer.documents, {**read.codes, **codes}, now)
    if new or changed:
        feed.changed_at = now
    if refused:
        entries = len(read.refused) + len(read.messages)
        feed.code = "feed_entries_refused"
        feed.params = {"refused": len(refused), "entries": entries}
    elif read.is_empty:
        feed.code = "feed_no_entries"
    validators = answer.validators.up_to(now + bmkg.AHEAD)
    feed.etag, feed.last_modified = validators.etag, validators.last_modified
    feed.save()
    return Polled(feed.name, feed.code, feed.params, new, changed, len(refused))


@dataclass
class _Outcome:
    """What the messages of one answer gave; `unstored` are those that the database refused."""

    new: int = 0
    changed: int = 0
    unstored: list[tuple[Message, RefusedEntry]] = field(default_factory=list)


def _take_messages(messages: Iterable[Message], now: datetime) -> _Outcome:
    """Store the messages. Two entries of one answer are two events, unless both are of the same
    second and place. One that cannot be stored takes no other with it.
    """
    outcome = _Outcome()
    taken: set[int] = set()
    seen: set[str] = set()
    for message in messages:
        if not message.source_id and message.made_id in seen:
            continue
        seen.add(message.made_id)
        try:
            with transaction.atomic():
                one = take_message(message, by=ACTOR, now=now, taken=taken)
        except (IntegrityError, DataError, InternalError) as refused:
            log.exception("feed_entry_not_stored", fault=type(refused).__name__)
            content = json.dumps(message.received, ensure_ascii=False, default=str)
            entry = RefusedEntry("feed_entry_not_stored", {}, content)
            outcome.unstored.append((message, entry))
            continue
        taken.add(one.hazard.pk)
        outcome.new += one.is_new
        outcome.changed += one.is_changed
    return outcome


def _known_documents(feed: str, now: datetime) -> Known:
    """The messages that are stored already, whose documents never change, and the documents that
    gave none.
    """
    rows = HazardRevision.objects.filter(hazard__source=documents.SOURCE).order_by("-pk")
    remembered = FeedDocument.objects.filter(feed=feed).order_by("-asked_at")[:MOST_KNOWN]
    return Known(
        frozenset(rows.values_list("values__identifier", flat=True)[:MOST_KNOWN]),
        {
            one.identifier: Remembered(
                one.url,
                Validators(one.etag, one.last_modified).up_to(now + bmkg.AHEAD),
                one.sha256,
                one.code,
                one.ask_again_at,
            )
            for one in remembered
        },
    )


def _remember(
    feed: str, fetched: Iterable[Document], codes: Mapping[str, str], now: datetime
) -> None:
    """Remember the documents that gave no message under their number, each with its next turn."""
    for one in fetched:
        own = FeedDocument.objects.filter(feed=feed, identifier=one.identifier)
        former = own.first()
        if one.identifier not in codes and not one.is_same:
            own.delete()  # it gave a message
            continue
        code = codes.get(one.identifier, former.code if former is not None else "")
        tries = former.tries + 1 if former is not None and former.url == one.url else 1
        wait = min(FIRST_AGAIN * 2 ** min(tries, 10), AGAIN) if one.fault else AGAIN
        FeedDocument.objects.update_or_create(
            feed=feed,
            identifier=one.identifier,
            defaults={
                "url": one.url[:1000],
                "etag": one.validators.etag,
                "last_modified": one.validators.last_modified,
                "sha256": former.sha256 if one.is_same and former is not None else one.sha256,
                "code": code,
                "tries": tries,
                "asked_at": now,
                "ask_again_at": now + (wait if code else FORGOTTEN),
            },
        )
    FeedDocument.objects.filter(feed=feed, asked_at__lt=now - FORGOTTEN).delete()


def close_ended(now: datetime) -> int:
    """Take warnings off the board whose time is over; returns their number. One that an operator
    took on or answers for, or for which there is a plan, stays until an operator closes it. The log
    of the shift has a line about each that was an alarm.
    """
    alone = Hazard.objects.active().filter(acknowledged_at__isnull=True, assigned_to__isnull=True)
    ended = alone.exclude(plans__in=Plan.objects.exclude(status=PlanStatus.CANCELLED)).filter(
        source=documents.SOURCE,
        revisions__number=F("revision"),
        revisions__values__ends_at__gt="",
        revisions__values__ends_at__lt=now.isoformat(),
    )
    found = list(ended)
    for hazard in found:
        _close_ended(hazard, now)
    return len(found)


@transaction.atomic
def _close_ended(hazard: Hazard, now: datetime) -> None:
    free = Hazard.objects.filter(
        pk=hazard.pk, closed_at__isnull=True, acknowledged_at__isnull=True, assigned_to__isnull=True
    )
    if not free.update(closed_at=now):
        return
    record.entry(Action.DECIDE, about=hazard, by=ACTOR, step="ended", level=hazard.level)
    if hazard.alarmed_at is not None:
        shift_log.add_entry(ShiftEntryKind.CLOSE, by=None, now=now, hazard=hazard, actor=ACTOR)
    tell_changed(hazard)


def _is_older(feed: Feed, answer: Fetched, now: datetime) -> bool:
    """Whether an answer was last changed before the last one that was read; False where one of
    them has no such time, or where that one's lies in the future.
    """
    told = moment_of(answer.validators.last_modified)
    known = moment_of(feed.last_modified)
    if answer.content is None or told is None or known is None or known > now + bmkg.AHEAD:
        return False
    return told < known


def _older_in_a_row(feed: Feed) -> int:
    """How many answers were left aside since the last one that was read."""
    return int(feed.params.get("times", 1)) if feed.code == "feed_older" else 0


def _note_fault(
    feed: Feed, fault: SourceFault | bmkg.Unreadable, content: bytes | None, now: datetime
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
