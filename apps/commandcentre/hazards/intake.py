"""Stores what a source says about a hazard: a new event, a new version of one, or nothing new.

An event without a number at its source is recognised by time and place. Messages that repeat one
another, come late or come by two feeds make one event.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor, subject_of
from apps.commandcentre.hazards import bands, notices, tsunami
from apps.commandcentre.models import Hazard, HazardRevision
from apps.commandcentre.states import FootprintMethod, HazardKind, HazardStatus
from apps.common import locks
from apps.common.geo import SRID
from apps.common.locks import Lock
from apps.jobs import work
from apps.jobs.models import Job

ASSESS_HAZARD: Final = "commandcentre.assess_hazard"
# Two messages are about one event if they differ by less. Corrections of BMKG's lists move an event
# by seconds and by tens of kilometres.
SAME_EVENT: Final = timedelta(seconds=60)
SAME_EVENT_KM: Final = 100.0
# Smaller differences are no news.
NO_NEWS_S: Final = 1.0
NO_NEWS_DEGREES: Final = 0.005
_Values = dict[str, Any]


@dataclass(frozen=True)
class DrawnArea:
    """An area in a message: WKT (degrees WGS 84), the number and the word of its class, and how it
    was made.
    """

    wkt: str
    severity: float
    label: str
    method: FootprintMethod = FootprintMethod.PUBLISHED


@dataclass(frozen=True)
class Message:
    """What a source says about one event, at one time.

    `feed` is the way by which it came. `source_id` is empty where the source has no number. `area`
    is the digest of the file whose areas are stored beside it, "" without one.
    `warning` is what the source says of a tsunami that may follow.
    `identifier` is the source's number of this message, `references` those of earlier ones about
    the same event, `sent` its time. `drawn` are the areas that the message itself holds. One that
    `is_state` tells how the event was at the time `sent`: when it began stays as it is known. One
    that `is_history` is of an event that is long over: a new one is stored closed, and neither told
    nor assessed.
    Units: degrees WGS 84, kilometres; `occurred_at` is UTC.
    """

    source: str
    feed: str
    kind: HazardKind
    title: str
    occurred_at: datetime
    received: Mapping[str, Any]
    status: HazardStatus = HazardStatus.ACTUAL
    source_id: str = ""
    place: str = ""
    felt: str = ""
    warning: str = ""
    magnitude: float | None = None
    depth_km: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    area: str = ""
    identifier: str = ""
    references: tuple[str, ...] = ()
    sent: datetime | None = None
    ends_at: datetime | None = None
    drawn: tuple[DrawnArea, ...] = ()
    is_state: bool = False
    is_history: bool = False

    @property
    def digest(self) -> str:
        text = json.dumps(self.received, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def epicentre(self) -> Point | None:
        if self.latitude is None or self.longitude is None:
            return None
        return Point(self.longitude, self.latitude, srid=SRID)

    @property
    def made_id(self) -> str:
        """What stands for the source's number where it has none."""
        place = self.epicentre
        at = f"{place.y:.3f}:{place.x:.3f}" if place is not None else ""
        return f"{self.occurred_at:%Y%m%dT%H%M%S}:{at}"

    @property
    def values(self) -> _Values:
        """What a version stores of it, beside the way by which it came."""
        return {
            "status": str(self.status),
            "occurred_at": self.occurred_at.isoformat(),
            "magnitude": self.magnitude,
            "depth_km": self.depth_km,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "felt": self.felt[:1000],
            "warning": self.warning[:300],
            "area": self.area,
            "identifier": self.identifier,
            "sent": self.sent.astimezone(UTC).isoformat() if self.sent is not None else "",
            "ends_at": self.ends_at.isoformat() if self.ends_at is not None else "",
        }


@dataclass(frozen=True)
class Taken:
    """The event of a message, and whether the message made it or changed it; `is_late`: it tells of
    an earlier time than the present version, so that it changed nothing.
    """

    hazard: Hazard
    is_new: bool = False
    is_changed: bool = False
    is_late: bool = False


@transaction.atomic
def take_message(message: Message, *, by: By, now: datetime, taken: Collection[int] = ()) -> Taken:
    """Store a message. `taken` are the events of other entries of the same answer.

    A new event or version gets its bands, and its assessment is requested. Where the message comes
    with a file of areas, both are left to `layer_import`.
    Locks: one for all messages, so that two readers of one event make one of it.
    """
    locks.hold(Lock.HAZARD)
    hazard = _event_of(message, taken)
    if hazard is None:
        return Taken(create_hazard(message, by=by, now=now), is_new=True)
    if hazard.pk in taken and not message.source_id:
        return Taken(hazard)  # the answer names one earthquake twice: its first entry counts
    is_late = _is_late(hazard, message)
    is_changed = _revise(hazard, message, is_late=is_late, by=by, now=now)
    return Taken(hazard, is_changed=is_changed, is_late=is_late and not is_changed)


def _event_of(message: Message, taken: Collection[int]) -> Hazard | None:
    # a source's numbers are of one event each, whatever kind an earlier message gave it
    events = Hazard.objects.filter(source=message.source)
    if message.references:
        named = events.filter(revisions__values__identifier__in=message.references)
        if (found := named.order_by("pk").first()) is not None:
            return found
    if message.identifier:
        # a later message named this one before it came
        named = events.filter(revisions__received__contains={"references": [message.identifier]})
        if (found := named.order_by("pk").first()) is not None:
            return found
    own = events.filter(source_id=message.source_id or message.made_id).first()
    if own is not None or message.source_id:
        return own
    # what another entry of the answer is about may be named, but is not found by time and place
    near = events.filter(kind=message.kind).exclude(pk__in=taken)
    near = near.filter(
        occurred_at__range=(message.occurred_at - SAME_EVENT, message.occurred_at + SAME_EVENT)
    )
    if (epicentre := message.epicentre) is not None:
        near = near.filter(epicentre__distance_lte=(epicentre, D(km=SAME_EVENT_KM)))
    nearest = list(near.order_by("pk"))
    return min(
        nearest, key=lambda event: abs(event.occurred_at - message.occurred_at), default=None
    )


def create_hazard(message: Message, *, by: By, now: datetime) -> Hazard:
    """Store a new event with its first version."""
    hazard = Hazard.objects.create(
        kind=message.kind,
        source=message.source,
        source_id=message.source_id or message.made_id,
        status=message.status,
        title=message.title[:300],
        place=message.place[:300],
        felt=message.felt[:1000],
        occurred_at=message.occurred_at,
        magnitude=message.magnitude,
        depth_km=message.depth_km,
        epicentre=message.epicentre,
        seen={message.feed: message.digest},
        first_received_at=now,
        received_at=now,
        closed_at=now if message.is_history else None,
    )
    record.entry(Action.CREATE, about=hazard, by=by, feed=message.feed)
    _store_version(hazard, message, by=by, now=now)
    return hazard


def _revise(hazard: Hazard, message: Message, *, is_late: bool, by: By, now: datetime) -> bool:
    """Change the event if the message says something new. Returns whether it does."""
    if hazard.seen.get(message.feed) == message.digest:
        return False
    hazard.seen = {**hazard.seen, message.feed: message.digest}
    hazard.received_at = now
    news = _news(hazard, message)
    is_same = not news and not message.references and not _has_other_words(hazard, message)
    is_over = hazard.status == HazardStatus.CANCELLED
    if is_same or is_over or is_late:
        is_corrected = not is_over and is_same and _has_own_place(hazard, message)
        if is_corrected:
            hazard.place = message.place[:300]
        hazard.save(update_fields=["seen", "received_at", *(["place"] if is_corrected else [])])
        return False
    for name, value in news.items():
        setattr(hazard, name, value)
    if _is_extended(hazard, message, now):
        for name in ("closed_at", "alarmed_at", "escalated_at"):
            news[name] = None
            setattr(hazard, name, None)
    hazard.revision += 1
    # a cancellation says only what it ends
    if message.status != HazardStatus.CANCELLED:
        hazard.title = message.title[:300]
        hazard.place = message.place[:300] or hazard.place
    hazard.save(update_fields=["seen", "received_at", "title", "place", "revision", *news])
    record.entry(Action.CHANGE, about=hazard, by=by, revision=hazard.revision, fields=sorted(news))
    _store_version(hazard, message, by=by, now=now)
    return True


def _is_extended(hazard: Hazard, message: Message, now: datetime) -> bool:
    """Whether a warning that was taken off the board when its time was over lasts longer."""
    is_over = hazard.closed_at is not None and hazard.closed_by_id is None
    return is_over and message.ends_at is not None and message.ends_at > now


def _news(hazard: Hazard, message: Message) -> _Values:
    """The fields that the message changes. What it leaves out stays."""
    news: _Values = {}
    moved_s = abs((hazard.occurred_at - message.occurred_at).total_seconds())
    is_cancelled = message.status == HazardStatus.CANCELLED
    if moved_s > NO_NEWS_S and not message.is_state and not is_cancelled:
        news["occurred_at"] = message.occurred_at
    for name in ("magnitude", "depth_km"):
        value = getattr(message, name)
        if value is not None and value != getattr(hazard, name):
            news[name] = value
    if (place := message.epicentre) is not None and _is_elsewhere(hazard.epicentre, place):
        news["epicentre"] = place
    if message.felt and message.felt[:1000] != hazard.felt:
        news["felt"] = message.felt[:1000]
    if message.kind != hazard.kind and not is_cancelled:
        news["kind"] = message.kind
    moves = Hazard.TRANSITIONS[HazardStatus(hazard.status)]
    if message.status != hazard.status and message.status in moves:
        news["status"] = message.status
    return news


def _has_other_words(hazard: Hazard, message: Message) -> bool:
    """Whether a message of the same numbers brings another area, warns of a tsunami or takes that
    back, or is an operator's own correction of the title.
    """
    last = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision).first()
    known = last.values if last is not None else {}
    warns, warned = (tsunami.is_expected(text) for text in (message.warning, _warning_of(last)))
    is_own = any(one.method == FootprintMethod.DRAWN for one in message.drawn)
    return (
        (bool(message.area) and known.get("area") != message.area)
        or (warns is not None and warns != bool(warned))
        or (is_own and message.title[:300] != hazard.title)
    )


def _warning_of(version: HazardRevision | None) -> str:
    return str(version.values.get("warning", "")) if version is not None else ""


def _has_own_place(hazard: Hazard, message: Message) -> bool:
    """Whether the feed of the present version names its place otherwise: no news, but the words
    belong to the epicentre that is known. Another feed has words of its own for the same place.
    """
    if not message.place or message.place[:300] == hazard.place or _is_late(hazard, message):
        return False
    last = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision).first()
    return last is not None and last.values.get("feed") == message.feed


def _is_elsewhere(known: Point | None, told: Point) -> bool:
    if known is None:
        return True
    return max(abs(known.x - told.x), abs(known.y - told.y)) > NO_NEWS_DEGREES


def _is_late(hazard: Hazard, message: Message) -> bool:
    """Whether another feed repeats what an earlier version said, or a later message came before."""
    versions = list(HazardRevision.objects.filter(hazard=hazard).order_by("-number"))
    if versions and message.sent is not None:
        before = versions[0].values.get("sent")
        return bool(before) and message.sent < datetime.fromisoformat(before)
    if not versions or versions[0].values.get("feed") == message.feed:
        return False
    told = message.values
    return any(
        all(version.values.get(name) == value for name, value in told.items())
        for version in versions[1:]
    )


def _store_version(hazard: Hazard, message: Message, *, by: By, now: datetime) -> None:
    former = HazardRevision.objects.filter(hazard=hazard, number=hazard.revision - 1).first()
    # a list that leaves it out takes no warning back
    warning = {"warning": message.values["warning"] or _warning_of(former)}
    HazardRevision.objects.create(
        hazard=hazard,
        number=hazard.revision,
        values=message.values | warning | {"feed": message.feed},
        received=dict(message.received),
        received_at=now,
    )
    # one that operators still have on the board is none of the past for them
    is_over = message.is_history and hazard.closed_at is not None
    if not is_over:
        notices.tell_changed(hazard)
    is_point = hazard.kind == HazardKind.EARTHQUAKE and hazard.epicentre is not None
    is_cancelled = hazard.status == HazardStatus.CANCELLED
    if is_cancelled and bands.keep_former(hazard):
        enqueue_assessment(hazard, by=by)  # whom it would have affected stays known
    elif message.drawn:
        for_bands = [(one.wkt, one.severity, one.label) for one in message.drawn]
        bands.store_drawn(hazard, for_bands, message.drawn[0].method)
        enqueue_assessment(hazard, by=by)
    elif not message.area:
        if is_point:
            bands.store_bands(hazard)
        else:
            bands.keep_former(hazard)  # an area that cannot be used ends no area that could
        if not is_over:
            enqueue_assessment(hazard, by=by)


def enqueue_assessment(hazard: Hazard, *, by: By) -> Job:
    """Enqueue the count of whom the present version of a hazard affects."""
    actor = describe_actor(by)
    return work.enqueue(
        ASSESS_HAZARD,
        subject_of(hazard),
        subject_name=hazard.title[:200],
        by=actor.key or "system",
        by_name=actor.name,
    )
