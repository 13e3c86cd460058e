"""How each feed is: fresh, stale or off, since when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.commandcentre.feeds import polling
from apps.commandcentre.models import Feed, RefusedMessage
from apps.common import errors

NAMES: Final[dict[str, Promise | str]] = {
    "bmkg_autogempa": _("BMKG, last earthquake"),
    "bmkg_gempaterkini": _("BMKG, M 5 and more"),
    "bmkg_gempadirasakan": _("BMKG, felt earthquakes"),
    "bmkg_nowcast": _("BMKG, weather warnings"),
}
# Between the clock that stored an answer and ours.
CLOCKS_DIFFER: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class FeedHealth:
    """`is_stale`: no good answer for twice the interval; `stale_at` is when it will be so without a
    further one. `code` and `text` say why; "" if all is well.
    """

    name: str
    label: Promise | str
    is_on: bool
    is_stale: bool
    answered_at: datetime | None
    stale_at: datetime | None
    code: str
    text: str


def feeds(now: datetime) -> list[FeedHealth]:
    """Every feed that the portal can read, in a fixed order. Queries: one."""
    known = {feed.name: feed for feed in Feed.objects.filter(name__in=list(NAMES))}
    on = polling.addresses()
    return [
        _health(name, label, known.get(name), is_on=name in on, now=now)
        for name, label in NAMES.items()
    ]


def _health(
    name: str, label: Promise | str, feed: Feed | None, *, is_on: bool, now: datetime
) -> FeedHealth:
    answered_at = feed.answered_at if feed is not None else None
    late_at = polling.stale_at(feed) if feed is not None else None
    # an answer from the future tells of a clock that was wrong, not of a feed that works
    is_known = answered_at is not None and answered_at <= now + CLOCKS_DIFFER
    is_stale = is_on and not (is_known and late_at is not None and now <= late_at)
    code = feed.code if feed is not None and is_on else ""
    return FeedHealth(
        name,
        label,
        is_on,
        is_stale,
        answered_at,
        polling.stale_at(feed) if feed is not None and is_on else None,
        code,
        errors.text(code, feed.params) if feed is not None and code else "",
    )


def refused(most: int = 50) -> list[RefusedMessage]:
    """The last messages that could not be used, the newest first. Queries: one."""
    return list(RefusedMessage.objects.order_by("-last_at", "-pk")[:most])


def why(message: RefusedMessage) -> str:
    """Why a message could not be used."""
    return errors.text(message.code, message.params)
