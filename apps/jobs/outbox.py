"""Events for open pages: written in the transaction of the change, read by streams and polls."""

from __future__ import annotations

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


def publish(topic: str, kind: str, subject: str = "", **data: Any) -> Event:
    """Tell the open pages of a topic that something changed, when the transaction has committed.

    `data` holds a few values without personal data; together at most some kilobytes.
    """
    return Event.objects.create(
        topic=topic, kind=kind, subject=subject, data=data, at=timezone.now()
    )


def answer(request: HttpRequest, topic: str) -> JsonResponse:
    """What happened after the event that the page saw last (`Last-Event-ID`, or `?after=`).

    Without one: only the number of the last event. A page that missed too much is told to reload.
    Queries: two.
    """
    after = integer(request.headers.get("Last-Event-ID") or request.GET.get("after"))
    events: list[dict[str, Any]] = []
    is_cut = False
    if after is not None:
        found = list(_missed(topic, after)[: MOST_MISSED + 1])
        is_cut = len(found) > MOST_MISSED
        events = [] if is_cut else [as_json(event) for event in found]
    response = JsonResponse({"last": last(topic), "events": events, "reload": is_cut})
    response[TOPIC_HEADER] = topic
    return response


def last(topic: str) -> int:
    """The number of a topic's last event, for a page that is drawn now. Queries: one."""
    numbers = Event.objects.filter(topic=topic).order_by("-id").values_list("id", flat=True)
    return numbers.first() or 0


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
