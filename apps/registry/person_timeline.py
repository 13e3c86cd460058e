"""What happened to a person's record: one entry for each act that changed it, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.regions.models import Region
from apps.registry import reading
from apps.registry.models import Change, Family, Person
from apps.registry.person_fields import FAMILY_FIELDS, FIELDS, is_hidden, label_of, shown
from apps.registry.reading import Link, TimelineEntry
from apps.registry.sensitive import PROTECTED_PPKS, cards_known_elsewhere

Changed = tuple[str, str, str]
PERSON_FIELDS = [name for name in FIELDS if name not in FAMILY_FIELDS]


@dataclass(frozen=True)
class Stay:
    """The time of a person in one family, from one Change to another one; None: until now.

    Changes have keys in the order of their acts. `begin` wrote the person into the family: what it
    wrote of the family itself is where the person came to, not what happened to them there.
    """

    family: int
    begin: int
    end: int | None

    def has(self, event: Any) -> bool:
        """Whether an event of the family happened while the person belonged to it."""
        is_before_end = self.end is None or event.change_id < self.end
        return bool(event.change_id > self.begin and is_before_end)


def timeline_of(person: Person, by: User) -> list[TimelineEntry]:
    """The entries of the register, with those of the apps above.

    Queries: six, and theirs; two more if the person came from another family.
    """
    person_events = list(person.events.order_by("pgh_id"))  # type: ignore[attr-defined]
    stays = _stays(person, person_events)
    families = _family_events(person, stays)
    enrolments = _enrolment_events(person)
    found = {event.change_id for event in (*person_events, *enrolments)}
    of_families = {event.change_id for events in families.values() for event in events}
    changes = Change.objects.in_bulk(found | of_families)
    villages = _villages(person_events)
    told: dict[int, list[Changed]] = {pk: [] for pk in found}
    for before, after in pairwise(person_events):
        _add(told, person, before, after, PERSON_FIELDS, villages)
    hidden = _hidden_places(person, stays)
    for stay in stays:
        for before, after in pairwise(families.get(stay.family, [])):
            if stay.has(after):
                names = _family_fields({stay.family}, hidden)
                _add(told, person, before, after, names, villages)
    for left, joined in pairwise(stays):
        names = _family_fields({left.family, joined.family}, hidden)
        _add_switch(told, person, left, joined, families, names, villages)
    for event in enrolments:
        told[event.change_id].append(_enrolment(event))
    links = _links([changes[pk] for pk in told if pk in changes], by)
    entries = [_entry(changes[pk], told[pk], links.get(pk, [])) for pk in told if pk in changes]
    entries += [entry for make in reading.timelines for entry in make(person, by)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)


def _stays(person: Person, person_events: list[Any]) -> list[Stay]:
    """The families of the person, one after the other. Without a history, the present one."""
    begins: list[tuple[int, int]] = []
    for event in person_events:
        if not begins or begins[-1][0] != event.family_id:
            begins.append((event.family_id, event.change_id))
    if not begins:
        return [Stay(person.family_id, 0, None)]
    ends = [*(change for _family, change in begins[1:]), None]
    return [Stay(family, begin, end) for (family, begin), end in zip(begins, ends, strict=True)]


def _family_events(person: Person, stays: list[Stay]) -> dict[int, list[Any]]:
    """Past states of the families that the user may see, by family. Queries: one."""
    model = person.family.events.model  # type: ignore[attr-defined]
    keys = {stay.family for stay in stays}
    found: dict[int, list[Any]] = {}
    for event in model.objects.filter(pgh_obj__in=keys).order_by("pgh_id"):
        found.setdefault(event.pgh_obj_id, []).append(event)
    return found


def _hidden_places(person: Person, stays: list[Stay]) -> set[int]:
    """The families whose point is not told: those with somebody of a protected kind of need, all
    of a person who has one or lives with one, and those who live where the user sees nobody.

    Queries: three, or none if the person was in one family only.
    """
    keys = {stay.family for stay in stays}
    if is_hidden(person):
        return keys
    former = keys - {person.family_id}
    if not former:
        return set()
    seen = dict(Family.objects.filter(pk__in=former).values_list("pk", "kk"))
    members = Person.objects.filter(family__in=former, ppks__overlap=sorted(PROTECTED_PPKS))
    protected = cards_known_elsewhere(seen.values())
    known = {key for key, card in seen.items() if card in protected}
    return (former - set(seen)) | known | set(members.values_list("family_id", flat=True))


def _family_fields(families: set[int], hidden: set[int]) -> list[str]:
    """The fields of families that are told."""
    return [name for name in FAMILY_FIELDS if name != "location" or not families & hidden]


def _add(
    told: dict[int, list[Changed]],
    person: Person,
    before: Any,
    after: Any,
    names: Iterable[str],
    villages: dict[str, str],
) -> None:
    """What an event changed against the one before; the first is the beginning of the row."""
    _add_values(
        told,
        person,
        after.change_id,
        [(name, _stored(before, name), _stored(after, name)) for name in names],
        villages,
    )


def _add_switch(
    told: dict[int, list[Changed]],
    person: Person,
    left: Stay,
    joined: Stay,
    families: dict[int, list[Any]],
    names: Iterable[str],
    villages: dict[str, str],
) -> None:
    """What another family made of the person's card, address and point.

    Of a family that the user may not see nothing is told but that it is another one.
    """
    at = joined.begin
    former = [event for event in families.get(left.family, []) if event.change_id < at]
    present = [event for event in families.get(joined.family, []) if event.change_id <= at]
    if former and present:
        values = [(name, _stored(former[-1], name), _stored(present[-1], name)) for name in names]
        _add_values(told, person, at, values, villages)
        return
    unseen = _("not in your region")
    before = shown("kk", _stored(former[-1], "kk"), villages) if former else unseen
    after = shown("kk", _stored(present[-1], "kk"), villages) if present else unseen
    told.setdefault(at, []).append((label_of(person, "kk"), before, after))


def _add_values(
    told: dict[int, list[Changed]],
    person: Person,
    change: int,
    values: Iterable[tuple[str, str, str]],
    villages: dict[str, str],
) -> None:
    """The values that differ: (field, before, after), as stored."""
    for name, old, new in values:
        if old != new:
            before, after = shown(name, old, villages), shown(name, new, villages)
            told.setdefault(change, []).append((label_of(person, name), before, after))


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
