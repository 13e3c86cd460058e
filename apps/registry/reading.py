"""Reading the register: search first, every read recorded, numbers masked until a reason is given.

The entry is written in the transaction of the read; if it cannot be written, nothing is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.http import Http404
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Scope, actor_of, scope_of
from apps.accounts.limits import read_limits
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.accounts.signing_in import step_up
from apps.audit import record
from apps.audit.about import Trace, entries_about
from apps.audit.models import Action, Entry
from apps.audit.subjects import Subject, subject_of
from apps.common.errors import DomainError
from apps.registry.models import Change, Claim, Person


@dataclass(frozen=True)
class Section:
    """A section of a person's page from an app above the register: its template and its data."""

    template: str
    data: Any


@dataclass(frozen=True)
class LostValue:
    """A value that is not in force, and why. `is_claimed`: the register never accepted it."""

    text: str
    source: str
    day: date
    why: str
    is_claimed: bool = False


@dataclass
class FieldLine:
    """A field of a person: the value in force, its source and date, why, and the values that lost.

    Values are ready to be shown: numbers masked, dates in words. `act` is what a user may do about
    the field.
    """

    field: str
    label: str
    text: str
    source: str
    day: date
    why: str = ""
    lost: list[LostValue] = dataclass_field(default_factory=list)
    act: Section | None = None


@dataclass(frozen=True)
class PersonFields:
    """The table of a person's fields, with what it was made from: origins, and claims newest first.

    Apps above complete the lines.
    """

    lines: list[FieldLine]
    origins: dict[str, Change]
    claims: list[Claim]


@dataclass(frozen=True)
class Link:
    """A page or a file about a line of the timeline."""

    label: str
    url: str


@dataclass(frozen=True)
class TimelineEntry:
    """Something that happened to a person's record: (field, before, after) of what it changed."""

    at: datetime
    title: str
    by: str = ""
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    links: tuple[Link, ...] = ()


# Filled by apps above (in their AppConfig.ready): called with the person and the user, after the
# read is recorded. Explainers write why each field has its value, and other values, into the lines
# of the table, and return what is shown below it.
explainers: list[Callable[[Person, User, PersonFields], Section | None]] = []
# What a user may do about the person: below the summary, on the screen alone.
sections: list[Callable[[Person, User], Section | None]] = []
# Facts for the summary: (label, value).
facts: list[Callable[[Person, User], list[tuple[str, str]]]] = []
# More entries of the timeline.
timelines: list[Callable[[Person, User], list[TimelineEntry]]] = []
# Pages and files of the acts that changed the register, by the key of the Change.
change_links: list[Callable[[Collection[Change], User], dict[int, list[Link]]]] = []

# Filled by apps above: their audit keys that refer to a person.
traces: list[Callable[[Person], Trace]] = []

# A search with more hits shows nothing and asks for more criteria.
MOST_HITS = 20
# The last digits of a NIK number the people born on one day in one district.
SERIAL = 4
MOST_OF_A_SERIES = 5


class RevealReason(models.TextChoices):
    """Why a user needs the full number. Stored with the entry."""

    VERIFICATION = "verification", _("Verification of a proposal")
    COMPLAINT = "complaint", _("Complaint or objection")
    CORRECTION = "correction", _("Correction of data")
    SUBJECT_REQUEST = "subject_request", _("Request of the person concerned")
    INVESTIGATION = "investigation", _("Investigation")


def search(
    *,
    by: User,
    nik: str = "",
    kk: str = "",
    name: str = "",
    birth_date: date | None = None,
    permission: Permission = Permission.VIEW_PERSON,
) -> list[Person]:
    """Persons in the scope of `by`, by NIK, by KK, or by name with date of birth.

    `permission` is the one for which they are looked up: its scope counts.

    Queries: scope, look-ups of the last minutes, count, search, one entry. The entry has the
    criteria that were used, never their values, and the persons that were shown.
    Raises: `search_empty`, `too_many_hits`, step_up.ConfirmationNeeded, read_limits.ReadingStopped.
    """
    criteria = _criteria(nik=nik, kk=kk, name=name, birth_date=birth_date)
    step_up.require_confirmation_after_many(by, Action.SEARCH, step_up.MANY_LOOKUPS)
    read_limits.count(by, read_limits.Kind.LOOKUP)
    scope = scope_of(by, permission)
    found = list(
        Person.objects.within(scope)
        .filter(criteria)
        .select_related("family", "village")
        .order_by("name", "pk")[: MOST_HITS + 1]
    )
    used = [key for key, value in (("nik", nik), ("kk", kk), ("name", name)) if value]
    tried = tried_number(nik, by) if nik else {}
    shown = [one.pk for one in found] if len(found) <= MOST_HITS else []
    record.entry(
        Action.SEARCH,
        about=Subject("registry.Person"),
        criteria=used,
        hits=len(found),
        persons=shown,
        **tried,
    )
    if len(found) > MOST_HITS:
        raise DomainError("too_many_hits", most=MOST_HITS)
    return found


def tried_number(nik: str, by: User) -> dict[str, Any]:
    """What the entry stores of a looked-up NIK: two digests, which reveal the trying of numbers.

    NIKs of one day of birth in one district differ only in the last four digits: a user who looks
    up many of these in a day is trying numbers. Queries: one. Raises: read_limits.ReadingStopped.
    """
    series = salted_hmac("registry.series", nik[:-SERIAL], algorithm="sha256").hexdigest()[:16]
    number = salted_hmac("registry.number", nik, algorithm="sha256").hexdigest()[:16]
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    before = Entry.objects.filter(
        actor=actor_of(by), action=Action.SEARCH, at__gte=today, details__series=series
    )
    known = set(before.values_list("details__number", flat=True).distinct())
    if number not in known and len(known) >= MOST_OF_A_SERIES:
        read_limits.count(by, read_limits.Kind.GUESS)
    return {"series": series, "number": number}


def _criteria(*, nik: str, kk: str, name: str, birth_date: date | None) -> models.Q:
    if nik:
        return models.Q(nik=nik)
    if kk:
        return models.Q(family__kk=kk)
    if name and birth_date:
        return models.Q(name__icontains=name, birth_date=birth_date)
    raise DomainError("search_empty")


def survivors(persons: Iterable[Person], by: User) -> dict[int, Person]:
    """The kept person of each merged person, as far as `by` may see that one.

    Queries: one, or none where no person is merged.
    """
    wanted = {one.merged_into_id for one in persons if one.merged_into_id}
    if not wanted:
        return {}
    scope = scope_of(by, Permission.VIEW_PERSON)
    kept = Person.objects.within(scope).select_related("village").in_bulk(wanted)
    return {one.pk: kept[one.merged_into_id] for one in persons if one.merged_into_id in kept}


def merged_into(person: Person, by: User) -> models.QuerySet[Person]:
    """The persons who were merged into this one, as far as `by` may see them.

    Queries: one, or none where `open_person` found nobody.
    """
    if not getattr(person, "has_merged", True):
        return Person.objects.none()
    scope = scope_of(by, Permission.VIEW_PERSON)
    found: models.QuerySet[Person] = (
        Person.objects.within(scope)
        .filter(merged_into=person)
        .select_related("village", "change")
        .order_by("pk")
    )
    return found


def open_person(
    *, person_id: int, by: User, permission: Permission = Permission.VIEW_PERSON
) -> Person:
    """One person in the scope of `by`. The read is counted (with the others on the page) and
    recorded.

    Raises: Http404 outside the scope, as for a person that does not exist;
    read_limits.ReadingStopped.
    """
    scope = scope_of(by, permission)
    person: Person | None = (
        Person.objects.within(scope)
        .filter(pk=person_id)
        .annotate(
            has_merged=models.Exists(Person.objects.filter(merged_into=models.OuterRef("pk")))
        )
        .select_related("family__change", "village", "change")
        .first()
    )
    if person is None:
        raise Http404
    beside = _shown_beside(person, scope)
    read_limits.count(by, read_limits.Kind.LIST, 1 + len(beside))
    record.entry(Action.READ, about=person, persons=beside)
    return person


def note_printed(person: Person, by: User) -> None:
    """Record that the person's record leaves the portal on paper, with the others on the page."""
    scope = scope_of(by, Permission.VIEW_PERSON)
    beside = _shown_beside(person, scope)
    record.entry(Action.EXPORT, about=person, what="print", persons=beside)


def _shown_beside(person: Person, scope: Scope) -> list[int]:
    """The other persons on a person's page: family, and rows of the same person. Queries: one."""
    beside = models.Q(family=person.family_id) | models.Q(merged_into=person)
    if person.merged_into_id:
        beside |= models.Q(pk=person.merged_into_id)
    seen = Person.objects.within(scope).filter(beside)
    return sorted(seen.exclude(pk=person.pk).values_list("pk", flat=True))


def reveal(*, person: Person, by: User, reason: str) -> str:
    """The full NIK; the reason is recorded. After many reveals a second factor is required, too.

    Raises: `no_reason`, `not_allowed`, step_up.ConfirmationNeeded, read_limits.ReadingStopped.
    """
    if reason not in RevealReason.values:
        raise DomainError("no_reason")
    if not scope_of(by, Permission.REVEAL_NIK).contains(person.village_id):
        raise DomainError("not_allowed")
    step_up.require_confirmation_after_many(by, Action.REVEAL, step_up.MANY_REVEALS)
    read_limits.count(by, read_limits.Kind.REVEAL)
    record.entry(Action.REVEAL, about=person, reason=reason, field="nik")
    return person.nik or ""


def access_trail(person: Person) -> models.QuerySet[Entry]:
    """Entries about reads and changes of this person, newest first.

    Includes the person's page, searches, lists, uploaded rows, files and maps, also for rows that
    were merged into this one. Queries: a few, by keys.
    """
    trace = Trace(subjects={subject_of(person)}, persons={person.pk})
    for known in traces:
        trace.add(known(person))
    return entries_about(trace)


def origins(person: Person) -> dict[str, Change]:
    """The Change of each field whose origin differs from the row's own."""
    changes = Change.objects.in_bulk({int(pk) for pk in person.origins.values()})
    return {field: changes[int(pk)] for field, pk in person.origins.items() if int(pk) in changes}


def claims(person: Person) -> models.QuerySet[Claim]:
    """The values that lost, newest first, without those of a merge that was undone."""
    return _claims(person).filter(was_held=True)


def untaken(person: Person) -> models.QuerySet[Claim]:
    """Values of sources that the register never accepted, newest first."""
    return _claims(person).filter(was_held=False)


def _claims(person: Person) -> models.QuerySet[Claim]:
    return person.claims.filter(undone=None).select_related("change").order_by("-pk")
