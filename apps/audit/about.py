"""Entries about one person: about their rows, and about lists, searches, files and maps that showed
them.

Entries hold keys, not names: `details` holds `persons` and `proposals` (keys that a list showed)
and `rows` (row numbers of the uploaded file that is the subject). An app gives the keys of a person
in a `Trace`; it may use more than one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from apps.audit.models import Action, Entry

# The whole earth, for a map without bounds.
EVERYWHERE = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True)
class TrailPlace:
    """The point of a person on a map, and the codes of the village and of all regions above it."""

    x: float
    y: float
    codes: tuple[str, ...]


@dataclass
class Trace:
    """The keys under which a person is known."""

    subjects: set[str] = field(default_factory=set)
    persons: set[int] = field(default_factory=set)
    proposals: set[int] = field(default_factory=set)
    rows: set[tuple[str, int]] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    places: list[TrailPlace] = field(default_factory=list)

    def add(self, other: Trace) -> None:
        self.subjects |= other.subjects
        self.persons |= other.persons
        self.proposals |= other.proposals
        self.rows |= other.rows
        self.files |= other.files
        self.places += other.places


def entries_about(trace: Trace) -> QuerySet[Entry]:
    """All entries about one person, newest first. Queries: one, by four indexes."""
    return Entry.objects.filter(_any(_conditions(trace))).order_by("-pk")


def _conditions(trace: Trace) -> Iterable[Q]:
    """One condition for each key, so that each uses its index."""
    if trace.subjects:
        yield Q(subject__in=sorted(trace.subjects))
    for key in sorted(trace.persons):
        yield Q(details__has_key="persons", details__persons__contains=[key])
    for key in sorted(trace.proposals):
        yield Q(details__has_key="proposals", details__proposals__contains=[key])
    for subject, number in sorted(trace.rows):
        yield Q(subject=subject, details__rows__contains=[number])
    for subject in sorted(trace.files):
        yield Q(subject=subject, action=Action.EXPORT)
        yield Q(subject=subject, details__has_key="box")
    for place in trace.places:
        yield Q(
            subject="proposals.Selection",
            details__has_key="box",
            region_code__in=["", *place.codes],
            details__scope__has_any_keys=["", *place.codes],
            details__box__0__lte=place.x,
            details__box__1__lte=place.y,
            details__box__2__gte=place.x,
            details__box__3__gte=place.y,
        )


def _any(conditions: Iterable[Q]) -> Q:
    query = Q(pk__in=[])
    for condition in conditions:
        query |= condition
    return query
