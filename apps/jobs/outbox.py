"""Events for open pages: written in the transaction of the change, read by streams and polls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from apps.common.http import integer
from apps.jobs.models import Event

KEEP: Final = timedelta(days=7)
# A page that missed more reloads itself.
MOST_MISSED: Final = 200
# Numbers are given before the commit: an event with a lower number can become visible later.
LATE: Final = timedelta(seconds=30)
# An answer with this header is continued as a stream (`portal.web.event_streams`).
TOPIC_HEADER: Final = "X-Event-Topic"
# Asked with this header, a view makes the part of a stream for all of its readers.
PART_HEADER: Final = "X-Stream-Part"
# Events whose numbers say what a topic has come to: more than become visible out of order.
RECENT: Final = 50


@dataclass(frozen=True)
class Part:
    """What all streams of the same `readers` show of a topic: made once, and sent to each of them
    after an event of one of `kinds`.

    `address` (path and query) is the view that makes it, asked as one of them. `checks`: kinds
    after which each stream is asked at once whether it may go on.
    """

    address: str
    readers: str
    kinds: Sequence[str]
    checks: Sequence[str] = ()


def publish(topic: str, kind: str, subject: str = "", **data: Any) -> Event:
    """Tell the open pages of a topic that something changed, when the transaction has committed.

    `data` holds a few values without personal data; together at most some kilobytes.
    """
    return Event.objects.create(
        topic=topic, kind=kind, subject=subject, data=data, at=timezone.now()
    )


def answer(request: HttpRequest, topic: str, part: Part | None = None) -> JsonResponse:
    """What happened after the event that the page saw last (`Last-Event-ID`, or `?after=`).

    Without one: only the number of the last event. A page that missed too much is told to reload.
    Queries: two.
    """
    after = integer(request.headers.get("Last-Event-ID") or request.GET.get("after"))
    events: list[dict[str, Any]] = []
    is_cut = False
    if after is not None:
        missed = list(_missed(topic, after)[: MOST_MISSED + 1])
        is_cut = len(missed) > MOST_MISSED
        events = [] if is_cut else [as_json(event) for event in missed]
    found = {"last": last(topic), "events": events, "reload": is_cut}
    response = JsonResponse(found if part is None else found | {"part": asdict(part)})
    response[TOPIC_HEADER] = topic
    return response


def is_for_all(request: HttpRequest) -> bool:
    """Whether the answer goes to all streams of the same readers."""
    return bool(request.headers.get(PART_HEADER))


def last(topic: str) -> int:
    """The number of a topic's last event, for a page that is drawn now. Queries: one."""
    numbers = Event.objects.filter(topic=topic).order_by("-id").values_list("id", flat=True)
    return numbers.first() or 0


def state(topic: str) -> list[int]:
    """Another one whenever another event has become visible, whatever its number. Queries: one."""
    numbers = Event.objects.filter(topic=topic).order_by("-id").values_list("id", flat=True)
    return list(numbers[:RECENT])


def _missed(topic: str, after: int) -> Any:
    """Events after a number, and lower ones that may have become visible later."""
    own = Event.objects.filter(topic=topic).order_by("id")
    late = own.filter(id__lt=after, at__gt=timezone.now() - LATE)
    return own.filter(id__gt=after).union(late).order_by("id")


def as_json(event: Event) -> dict[str, Any]:
    """An event as streams and polls give it."""
    return {
        "id": event.pk,
        "topic": event.topic,
        "kind": event.kind,
        "subject": event.subject,
        "data": event.data,
    }


def sweep(*, now: datetime) -> int:
    """Remove old events; returns how many."""
    return Event.objects.filter(at__lt=now - KEEP).delete()[0]
