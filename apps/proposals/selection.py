"""One filter for the list, the map, the bulk button and the URL, so that all use the same rows.

A value that cannot be read selects nothing; it never widens the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Exists, OuterRef, Q

from apps.audit.subjects import Subject
from apps.civilregister.states import CivilStatus
from apps.common.http import integer
from apps.proposals import register_filters
from apps.proposals.models import Finding, Flag, Proposal, ProposalQuerySet, Severity, Verdict
from apps.proposals.states import MOVING, ProposalStatus, RegisterFilter
from apps.regions.models import COUNTRY, prefix_of

NOTHING = "nothing"  # kept in the URL, so that the next page is empty, too

_REGION = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,40}")
_CHOICES: dict[str, frozenset[str]] = {
    "status": frozenset(ProposalStatus.values),
    "verdict": frozenset(Verdict.values),
    "flag": frozenset(Flag.values),
    "severity": frozenset({"0", *map(str, Severity.values)}),
    "kind": frozenset(Proposal.Kind.values),
    "civil": frozenset(CivilStatus.values),
    "register": frozenset(RegisterFilter.values),
}


class _Unreadable(Exception):
    """A value that its field does not allow."""


@dataclass(frozen=True)
class Selection:
    """A filter of proposals. All fields must match; several values of one field mean "or".

    It has no NIK, KK or name, because it is part of URLs, which are logged.
    """

    batch: int | None = None
    region: str = ""
    status: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    finding: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    programme: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    civil: tuple[str, ...] = ()
    register: tuple[str, ...] = ()
    decree: int | None = None
    is_nothing: bool = False

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Selection:
        """Read a query string or a plain mapping. Other parameters and empty values are ignored."""
        if _values(params, NOTHING):
            return cls(is_nothing=True)
        try:
            many: dict[str, Any] = {
                name: _codes(name, _values(params, name))
                for name in (*_CHOICES, "finding", "programme")
            }
            return cls(
                batch=_number(_values(params, "batch")),
                decree=_number(_values(params, "decree")),
                region=_region(_values(params, "region")),
                **many,
            )
        except _Unreadable:
            return cls(is_nothing=True)

    def params(self) -> dict[str, str]:
        """The selection as parameters; equal selections give equal parameters."""
        if self.is_nothing:
            return {NOTHING: "1"}
        found: dict[str, str] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value:
                found[field.name] = ",".join(value) if isinstance(value, tuple) else str(value)
        return found

    @property
    def audit_subject(self) -> Subject:
        return Subject("proposals.Selection", region=self.region)

    def apply(self, queryset: ProposalQuerySet) -> ProposalQuerySet:
        """Apply the filter to a queryset that is already limited to the user's scope."""
        return queryset.none() if self.is_nothing else queryset.filter(self._query())

    def _query(self) -> Q:
        query = Q()
        if self.batch is not None:
            query &= Q(batch_id=self.batch)
        if self.decree is not None:
            query &= Q(decree_id=self.decree)
        if self.region and self.region != COUNTRY:
            query &= Q(village__code__startswith=prefix_of(self.region))
        for name, column in (
            ("status", "status"),
            ("verdict", "verdict"),
            ("severity", "severity"),
            ("programme", "programme_id"),
            ("kind", "kind"),
        ):
            if values := getattr(self, name):
                query &= Q(**{f"{column}__in": values})
        if self.flag:
            query &= Q(flags__overlap=list(self.flag))
        if self.finding:
            query &= Q(Exists(_findings(self.finding)))
        if self.civil:
            query &= _civil_query(self.civil)
        if self.register:
            query &= _compared(self.register)
        return query


def _civil_query(statuses: tuple[str, ...]) -> Q:
    """The filter by the civil register's answer; a proposal never asked about has no row."""
    query = Q(civil_match__status__in=statuses)
    return query | Q(civil_match__isnull=True) if CivilStatus.NOT_CHECKED in statuses else query


def _compared(wanted: tuple[str, ...]) -> Q:
    """The filter by the comparison with the register; if it found nothing there is no row."""
    moving = Q(registered_match__differs__overlap=[code.value for code in MOVING])
    every = {
        RegisterFilter.OTHER: register_filters.IS_OTHER,
        RegisterFilter.DIFFERS: register_filters.DIFFERS,
        RegisterFilter.MOVE: moving & Q(registered_match__move="") & ~Q(kind="removal"),
    }
    query = Q()
    for code in wanted:
        query |= every[RegisterFilter(code)]
    return query


def _findings(codes: tuple[str, ...]) -> Any:
    return Finding.objects.filter(
        batch_id=OuterRef("batch_id"), row_number=OuterRef("row_number"), code__in=codes
    )


def _values(params: Mapping[str, Any], name: str) -> list[str]:
    """All values of a parameter, whether repeated or separated by commas."""
    found = params.getlist(name) if hasattr(params, "getlist") else params.get(name)
    if found is None:
        return []
    given = found if isinstance(found, list | tuple) else [found]
    return [part.strip() for value in given for part in str(value).split(",") if part.strip()]


def _number(values: list[str]) -> int | None:
    if not values:
        return None
    (text, *more) = values
    number = integer(text)
    if more or number is None:
        raise _Unreadable
    return number


def _region(values: list[str]) -> str:
    if not values:
        return ""
    if len(values) > 1 or not (values[0] == COUNTRY or _REGION.fullmatch(values[0])):
        raise _Unreadable
    return values[0]


def _codes(name: str, values: list[str]) -> tuple[str, ...]:
    known = _CHOICES.get(name)
    for value in values:
        if value not in known if known is not None else not _CODE.fullmatch(value):
            raise _Unreadable
    return tuple(sorted(set(values)))
