"""One filter of conflicts for lists, addresses and taking over, so that all use the same set.

A value that cannot be read selects nothing. The filter holds no identity number and no name,
because it is part of addresses.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.formats import date_format

from apps.common.identity import masked
from apps.reconciliation.models import Answer, Conflict, ConflictQuerySet
from apps.reconciliation.states import ConflictKind, ConflictStatus
from apps.regions.models import COUNTRY, prefix_of
from apps.registry.models import Person

NOTHING: Final = "nothing"
PAGE: Final = 50
NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")
_REGION: Final = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_KNOWN: Final[dict[str, list[str]]] = {
    "kind": ConflictKind.values,
    "status": ConflictStatus.values,
    "choice": Answer.Choice.values,
}


@dataclass(frozen=True)
class Selection:
    """Filter of conflicts; every field that is set narrows it."""

    kind: str = ""
    status: str = ""
    choice: str = ""
    source: str = ""
    region: str = ""
    is_nothing: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Selection:
        """Read a query string or a plain mapping; other parameters are ignored."""
        given: dict[str, Any] = {name: str(params.get(name, "")).strip() for name in _FIELDS}
        unread = any(
            value and value not in _KNOWN[name] for name, value in given.items() if name in _KNOWN
        )
        unread |= bool(given["source"]) and _CODE.fullmatch(given["source"]) is None
        region = given["region"]
        unread |= bool(region) and region != COUNTRY and _REGION.fullmatch(region) is None
        return cls(is_nothing=True) if unread or params.get(NOTHING) else cls(**given)

    def params(self) -> dict[str, str]:
        """The selection as parameters, always in the same spelling."""
        if self.is_nothing:
            return {NOTHING: "1"}
        return {name: value for name, value in asdict(self).items() if value}

    def apply(self, rows: ConflictQuerySet) -> ConflictQuerySet:
        """Narrow a queryset that is already limited to a scope."""
        if self.is_nothing:
            return rows.none()
        query = Q()
        for name in ("kind", "status", "source"):
            if value := getattr(self, name):
                query &= Q(**{name: value})
        if self.choice:
            given = Answer.objects.exclude(is_taken=False).filter(choice=self.choice)
            query &= Q(pk__in=given.values("conflict"))
        if self.region and self.region != COUNTRY:
            query &= Q(village__code__startswith=prefix_of(self.region))
        return rows.filter(query)


_FIELDS: Final = ("kind", "status", "choice", "source", "region")


def page_of(rows: ConflictQuerySet, after: int) -> tuple[list[Conflict], int | None]:
    """Fifty conflicts, oldest first, and the start of the next fifty. Queries: one."""
    wanted = rows.filter(pk__gt=after) if after else rows
    found = list(
        wanted.select_related("person", "other_person", "village", "source").order_by("pk")[
            : PAGE + 1
        ]
    )
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def shown(field: str, value: str) -> str:
    """A value of a conflict for a page: numbers masked, dates formatted."""
    if field in ("nik", "person"):
        return masked(value) if value.isdigit() else NUMBER.sub(_mask, value)
    if field == "sex" and value in Person.Sex.values:
        return str(Person.Sex(value).label)
    day = parse_date(value) if field in ("birth_date", "status") and "-" in value else None
    return date_format(day, "DATE_FORMAT") if day else NUMBER.sub(_mask, value)


def _mask(found: re.Match[str]) -> str:
    return masked(found[0])
