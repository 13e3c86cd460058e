"""What happened to a person's record: one entry for each act that changed it, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.regions.models import Region
from apps.registry import reading
from apps.registry.models import Change, Person
from apps.registry.person_fields import FAMILY_FIELDS, FIELDS, is_hidden, label_of, shown
from apps.registry.reading import Link, TimelineEntry

Changed = tuple[str, str, str]
PERSON_FIELDS = [name for name in FIELDS if name not in FAMILY_FIELDS]


def timeline_of(person: Person, by: User) -> list[TimelineEntry]:
    """The entries of the register, with those of the apps above. Queries: six, and theirs."""
    person_events = list(person.events.order_by("pgh_id"))  # type: ignore[attr-defined]
    family_events = list(person.family.events.order_by("pgh_id"))  # type: ignore[attr-defined]
    enrolments = _enrolment_events(person)
    found = {event.change_id for event in (*person_events, *enrolments)}
    changes = Change.objects.in_bulk(found | {event.change_id for event in family_events})
    first = person_events[0].pgh_created_at if person_events else None
    villages = _villages(person_events)
    told: dict[int, list[Changed]] = {pk: [] for pk in found}
    _add(told, person, person_events, PERSON_FIELDS, villages)
    # the family may be older than this person's place in it
    of_family = [name for name in FAMILY_FIELDS if name != "location" or not is_hidden(person)]
    _add(told, person, family_events, of_family, villages, since=first)
    for event in enrolments:
        told[event.change_id].append(_enrolment(event))
    links = _links([changes[pk] for pk in told if pk in changes], by)
    entries = [_entry(changes[pk], told[pk], links.get(pk, [])) for pk in told if pk in changes]
    entries += [entry for make in reading.timelines for entry in make(person, by)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _add(
    told: dict[int, list[Changed]],
    person: Person,
    events: list[Any],
    names: Iterable[str],
    villages: dict[str, str],
    since: datetime | None = None,
) -> None:
    """What each event changed against the one before; the first is the beginning of the row."""
    for before, after in pairwise(events):
        for name in names if since is None or after.pgh_created_at >= since else ():
            old, new = _stored(before, name), _stored(after, name)
            if old != new:
                told.setdefault(after.change_id, []).append(
                    (
                        label_of(person, name),
                        shown(name, old, villages),
                        shown(name, new, villages),
                    )
                )


def _stored(event: Any, name: str) -> str:
    value = event.village_id if name == "village" else getattr(event, name)
    if name == "location":
        return f"{value.y:.5f}, {value.x:.5f}" if value else ""
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _enrolment_events(person: Person) -> list[Any]:
    """Past states of the person's enrolments. Queries: one."""
    model = person.enrolments.model.events.rel.related_model  # type: ignore[attr-defined]
    found = model.objects.filter(person=person).select_related("programme")
    return list(found.order_by("pgh_id"))


def _enrolment(event: Any) -> Changed:
    if event.active_until:
        day = date_format(event.active_until, "DATE_FORMAT")
        return event.programme.name, "", _("until {day}").format(day=day)
    day = date_format(event.active_from, "DATE_FORMAT")
    return event.programme.name, "", _("from {day}").format(day=day)


def _entry(change: Change, changed: list[Changed], links: list[Link]) -> TimelineEntry:
    is_load = change.kind == Change.Kind.LOAD
    # the reason of a decree is its number again
    reason = "" if change.reason.startswith(change.reference) else change.reason
    return TimelineEntry(
        change.at,
        _title(change),
        f"{change.actor_name} ({change.source})" if is_load else change.actor_name,
        reason,
        tuple(changed),
        tuple(links),
    )


def _title(change: Change) -> str:
    """Kind and reference; a load is referred to by the digest of its file, which nobody reads."""
    kind = change.get_kind_display()
    return kind if change.kind == Change.Kind.LOAD else f"{kind} {change.reference}"


def _links(changes: list[Change], by: User) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = {}
    for make in reading.change_links:
        for pk, links in make(changes, by).items():
            found.setdefault(pk, []).extend(links)
    return found


def _villages(events: list[Any]) -> dict[str, str]:
    """Names of the villages where the person was. Queries: one."""
    codes = {event.village_id for event in events}
    return dict(Region.objects.filter(pk__in=codes).values_list("code", "name"))
