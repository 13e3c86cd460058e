"""The filter of conflicts: lists, addresses and taking over use the same set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from apps.common.text.identity import masked
from apps.reconciliation.models import Answer, ConflictQuerySet
from apps.reconciliation.states import ConflictKind, ConflictStatus
from apps.regions.region_filter import region
from apps.registry.models import Person
from apps.ui import filters

NUMBER: Final = re.compile(r"(?<![0-9])[0-9]{16}(?![0-9])")


def _answered(choice: str) -> Q:
    given = Answer.objects.exclude(is_taken=False).filter(choice=choice)
    return Q(pk__in=given.values("conflict"))


@dataclass(frozen=True)
class Selection(filters.Filter):
    """Filter of conflicts; every field that is set narrows it."""

    kind: str = filters.choice(ConflictKind, label=_("kind"), column="kind")
    status: str = filters.choice(ConflictStatus, label=_("status"), column="status")
    choice: str = filters.choice(Answer.Choice, label=_("answer"), query=_answered)
    source: str = filters.code(label=_("source"), column="source")
    region: str = region(label=_("region"), column="village__code")


def detailed(rows: ConflictQuerySet) -> Any:
    """The rows with all that a list shows of them."""
    return rows.select_related("person", "other_person", "village", "source")


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
