"""One proposal beside the registered person, or the family, with the same numbers.

Those who may see that person see the register's values. Others who may open the proposal see the
masked values that the comparison stored. Both views are audited.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.gis.db.models.functions import Distance
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.common.text.identity import masked
from apps.proposals import maps
from apps.proposals.checks import identity
from apps.proposals.chips import metres
from apps.proposals.models import Proposal, RegisteredMatch
from apps.proposals.review import family_moves
from apps.proposals.states import MOVING, IdentityDifference
from apps.registry.models import Family, Person

D = IdentityDifference
NONE: Final = "–"


@dataclass(frozen=True)
class ComparedField:
    """One property: the proposed value, the registered value, and whether they differ."""

    label: str
    ours: str
    theirs: str
    is_other: bool


@dataclass(frozen=True)
class Comparison:
    """Both sides, and whether a move can be confirmed or denied."""

    match: RegisteredMatch
    lines: list[ComparedField]
    is_masked: bool
    is_outdated: bool
    is_move: bool
    may_say: bool
    moving: str
    mark: str


def of(proposal: Proposal, user: User) -> Comparison | None:
    """The comparison of a proposal; None if the register has neither its NIK nor its family card.

    Queries: at most four and one audit entry.
    """
    match = RegisteredMatch.objects.filter(pk=proposal.pk).first()
    if match is None:
        return None
    scope = scope_of(user, Permission.VIEW_PERSON)
    person = _person(match, scope)
    family = person.family if person else _family(match, scope)
    is_masked = person is None and family is None
    _record_read(proposal, match, person, family)
    differs = set(match.differs)
    known = person or family
    changed = known.change.at if known else None
    return Comparison(
        match=match,
        lines=list(_lines(proposal, match, person, family, differs)),
        is_masked=is_masked,
        is_outdated=changed is not None and changed > match.checked_at,
        is_move=family_moves.is_move(proposal, match),
        may_say=family_moves.may_say(proposal, user),
        moving=", ".join(str(code.label) for code in MOVING if code in differs),
        mark=identity.mark_of(match),
    )


def _person(match: RegisteredMatch, scope: Any) -> Person | None:
    if match.person_id is None:
        return None
    found: Person | None = (
        Person.objects.within(scope)
        .select_related("family", "village", "change")
        .filter(pk=match.person_id)
        .first()
    )
    return found


def _family(match: RegisteredMatch, scope: Any) -> Family | None:
    if match.person_id is not None or match.family_id is None:
        return None
    rows = Family.objects.within(scope).select_related("village", "change")
    found: Family | None = rows.filter(pk=match.family_id).first()
    return found


def _record_read(
    proposal: Proposal, match: RegisteredMatch, person: Person | None, family: Family | None
) -> None:
    """Audit the view of the registered person or family, whole or masked."""
    kind, key = (
        ("Person", match.person_id) if match.person_id is not None else ("Family", match.family_id)
    )
    record.entry(
        Action.READ,
        about=Subject(f"registry.{kind}:{key}", region=(person or family or proposal).village_id),
        proposal=proposal.pk,
        masked=person is None and family is None,
    )


def _lines(
    proposal: Proposal,
    match: RegisteredMatch,
    person: Person | None,
    family: Family | None,
    differs: set[str],
) -> Iterator[ComparedField]:
    kept = match.registered
    if match.person_id is not None:
        nik = person.masked_nik if person else kept.get("nik", NONE)
        yield ComparedField("NIK", proposal.masked_nik, nik, False)
        yield _line(D.NAME, proposal.name, person.name if person else kept.get("name"), differs)
        mother = person.mother_name if person else kept.get("mother_name")
        yield _line(D.MOTHER_NAME, proposal.mother_name, mother, differs)
        born = person.birth_date if person else None
        yield _line(D.BIRTH_DATE, _day(proposal.birth_date), _day(born), differs)
        sexes = dict(Person.Sex.choices)
        sex = sexes.get(person.sex, "") if person else ""
        yield _line(D.SEX, str(sexes.get(proposal.sex, "")), str(sex), differs)
    kk = masked(family.kk) if family else kept.get("kk")
    yield _line(D.KK, proposal.masked_kk, kk, differs)
    known = person or family
    village = str(known.village) if known else kept.get("village")
    yield _line(D.VILLAGE, str(proposal.village), village, differs)
    yield _line(D.ADDRESS, _address(proposal), _address(family) if family else "", differs)
    if proposal.location is not None or (family and family.location):
        yield _line(D.LOCATION, *_points(proposal, family), differs)


def _line(
    code: IdentityDifference, ours: str, theirs: str | None, differs: set[str]
) -> ComparedField:
    return ComparedField(str(code.label), ours or NONE, theirs or NONE, code in differs)


def _day(day: Any) -> str:
    return date_format(day, "DATE_FORMAT") if day else ""


def _address(row: Proposal | Family) -> str:
    parts = [row.address, f"RT {row.rt}" if row.rt else "", f"RW {row.rw}" if row.rw else ""]
    return ", ".join(part for part in parts if part)


def _is_protected(family: Family) -> bool:
    """Whether the house of a registered family is protected. Queries: one."""
    if family.kk:
        return maps.is_protected_card(family.kk)
    return family.members.filter(ppks__overlap=maps.PROTECTED_PPKS).exists()


def _points(proposal: Proposal, family: Family | None) -> tuple[str, str]:
    # metres from the family's own point would tell it, too
    if proposal.is_protected or (family is not None and _is_protected(family)):
        ours = pgettext("identity", "protected") if proposal.location else ""
        return ours, _("a point") if family and family.location else ""
    ours = pgettext("identity", "on the map") if proposal.location else ""
    if family is None or family.location is None or proposal.location is None:
        return ours, _("a point") if family and family.location else ""
    far = Distance("location", proposal.location)
    apart = Family.objects.filter(pk=family.pk).annotate(far=far).values_list("far", flat=True)[0]
    return ours, _("{metres} from there").format(metres=metres(apart.m))
