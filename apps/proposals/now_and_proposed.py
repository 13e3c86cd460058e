"""What a removal or a correction asks of the register, field by field, for pages and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.common import sql
from apps.common.text.identity import masked
from apps.proposals import maps, removal_rules
from apps.proposals.models import Proposal, RegisteredMatch
from apps.proposals.states import EvidenceKind, ProposalStatus, RemovalEnds
from apps.regions.models import Region
from apps.registry.models import EndReason, Person

EMPTY: Final = "–"
# In the order of `removal_rules.FIELDS`.
LABELS: Final[dict[str, Any]] = {
    "name": gettext_lazy("Name"),
    "birth_place": gettext_lazy("Place of birth"),
    "birth_date": gettext_lazy("Date of birth"),
    "sex": gettext_lazy("Sex"),
    "mother_name": gettext_lazy("Mother's name"),
    "relation": gettext_lazy("Relation to the head of the family"),
    "occupation": gettext_lazy("Occupation"),
    "marital_status": gettext_lazy("Marital status"),
    "disability_kind": gettext_lazy("Kind of disability"),
    "ppks": gettext_lazy("Kind of social need (PPKS)"),
    "kk": gettext_lazy("Number of the family card (No. KK)"),
    "village": gettext_lazy("Village"),
    "address": gettext_lazy("Address"),
    "rt": "RT",
    "rw": "RW",
    "location": gettext_lazy("Latitude, longitude"),
}
NUMBERS: Final = frozenset({"kk"})


@dataclass(frozen=True)
class ChangedField:
    """One field: the register's value when it was checked, and the proposed one, for showing.

    `today` is the register's value of today where it is a third one (`is_conflict`) and the reader
    may see the person; "" otherwise.
    """

    name: str
    label: str
    now: str
    proposed: str
    today: str = ""
    is_conflict: bool = False

    @property
    def is_of_family(self) -> bool:
        return self.name in removal_rules.OF_FAMILY


@dataclass(frozen=True)
class Request:
    """What a removal or a correction asks for, why, and with which paper.

    `is_gone`: the register does not have the person any more. `is_other`: another person has the
    NIK now. `has_ended`: the programme has ended already. None of these is determined, nor is a
    correction with a field in conflict.
    """

    kind: str
    fields: list[ChangedField]
    reason: str
    reason_date: date | None
    ends: str
    programme: str
    paper: str
    paper_number: str
    is_gone: bool
    is_other: bool
    has_ended: bool

    @property
    def touches_family(self) -> bool:
        return any(one.is_of_family for one in self.fields)


def request_of(proposal: Proposal, by: User) -> Request | None:
    """What a removal or a correction asks for; None of a new proposal. Queries: one to five."""
    if proposal.kind == Proposal.Kind.NEW:
        return None
    match = RegisteredMatch.objects.filter(pk=proposal.pk).first()
    is_open = proposal.status != ProposalStatus.DETERMINED
    conflicts = set(match.conflicts) if match and is_open else set()
    is_visible = scope_of(by, Permission.VIEW_PERSON).contains(proposal.village_id)
    today = values_of(proposal.person_id) if conflicts and is_visible else {}
    changes: dict[str, list[str]] = dict(proposal.changes or {})
    if "location" in changes and _is_hidden(proposal, changes, today):
        changes["location"] = [maps.HIDDEN if value else "" for value in changes["location"]]
        today |= {"location": maps.HIDDEN} if today.get("location") else {}
    return Request(
        kind=proposal.kind,
        fields=changed_fields(changes, conflicts, today),
        reason=str(EndReason(proposal.reason).label) if proposal.reason else "",
        reason_date=proposal.reason_date,
        ends=str(RemovalEnds(proposal.ends).label) if proposal.ends else "",
        programme=proposal.programme_id,
        paper=str(EvidenceKind(proposal.evidence_kind).label) if proposal.evidence_kind else "",
        paper_number=proposal.evidence_number,
        is_gone=is_open and (match is None or match.person_id is None),
        is_other="person" in conflicts,
        has_ended="programme" in conflicts,
    )


def _is_hidden(
    proposal: Proposal, changes: Mapping[str, list[str]], today: Mapping[str, str]
) -> bool:
    """Whether only that the point changes is told, not where it is: it is protected, or that of the
    family which the person leaves by another card. Queries: one, or none.
    """
    cards = {*changes.get("kk", [])[:1], today.get("kk", "")}
    return proposal.is_protected or bool(maps.protected_among(cards))


def changed_fields(
    changes: Mapping[str, list[str]], conflicts: set[str], today: Mapping[str, str]
) -> list[ChangedField]:
    """The fields of `Proposal.changes` in words, in our order. Queries: one, for villages."""
    villages = _villages(changes, today)
    return [
        ChangedField(
            name,
            str(LABELS[name]),
            shown(name, changes[name][0], villages),
            shown(name, changes[name][1], villages),
            shown(name, today[name], villages) if name in conflicts and name in today else "",
            name in conflicts,
        )
        for name in LABELS
        if name in changes
    ]


def shown(name: str, value: str | None, villages: Mapping[str, str] | None = None) -> str:
    """A value of the register as a page shows it: numbers masked, days and codes in words."""
    if not value:
        return EMPTY
    if name in NUMBERS:
        return masked(value)
    if name == "sex":
        return str(dict(Person.Sex.choices).get(value, value))
    if name == "village":
        return f"{villages[value]} ({value})" if villages and value in villages else value
    day = parse_date(value) if name == "birth_date" else None
    return date_format(day, "DATE_FORMAT") if day else value


def values_of(person_id: int | None) -> dict[str, str]:
    """The register's values of a person by field; empty outside the user's reach. Queries: one."""
    held = sql.call("registry_values", person_id) if person_id else None
    values = json.loads(held) if isinstance(held, str) else dict(held or {})
    return {name: value or "" for name, value in values.items()}


def _villages(*values: Mapping[str, Any]) -> dict[str, str]:
    said = [one["village"] for one in values if one.get("village")]
    codes = {code for one in said for code in ([one] if isinstance(one, str) else one)}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name")) if codes else {}


def warnings(request: Request) -> list[str]:
    """What hinders the determination, in sentences."""
    found = []
    if request.is_gone:
        found.append(_("The register does not have this person any more; nothing is left to do."))
    if request.is_other:
        found.append(_("Another person has this NIK in the register now. Return the row."))
    if request.has_ended:
        found.append(_("The programme has ended in the register already."))
    if any(one.is_conflict for one in request.fields):
        found.append(
            _(
                "The register has changed since this was checked. It is not determined like this:"
                " return the row, so that its sender sees the value of today."
            )
        )
    return found
