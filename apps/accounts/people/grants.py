"""Granting roles and ending grants: who may do so, to whom, at which level, for how long.

Checks the rules of the database's exclusion constraint first, to refuse with a clear message.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.db.models.functions import Greatest

from apps.accounts.access import scope_of
from apps.accounts.models import Agency, Grant, User
from apps.accounts.roles import (
    LEVEL_OF_ROLE,
    NATIONAL_ROLES,
    REGIONAL_ROLES,
    STEP_ROLES,
    Permission,
    Role,
    neighbours,
)
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import describe_subject
from apps.common.errors import DomainError
from apps.regions.models import COUNTRY, Level, Region, prefix_of

USUAL_PERIOD = timedelta(days=365)
# A term of office. A later date would in effect be a grant without end.
LONGEST_PERIOD = timedelta(days=5 * 366)
# What a user administrator of a regency may grant. A second administrator is granted from above.
DELEGABLE = frozenset(REGIONAL_ROLES) - {Role.USER_ADMINISTRATOR, Role.PROVINCE_MONITOR}


@transaction.atomic
def grant(
    *,
    user: User | None = None,
    agency: Agency | None = None,
    role: Role | str,
    region_code: str,
    by: User | None,
    now: datetime,
    until: datetime | None = None,
) -> Grant:
    """Give a user or an agency a role in a region until a date, by default a year from now.

    `by=None` is the operator of the machine (the command line). It takes effect at the next
    request.
    Raises: DomainError. Locks: the row of the user or agency.
    """
    principal = user or agency
    if principal is None or (user and agency):
        raise DomainError("one_principal")
    role = _role(role, principal)
    region = _region(region_code, now)
    _check_level(role, region)
    until = _period_end(now, until)
    _check_granter(by, principal, role, region.code)
    if not principal.is_active:
        raise DomainError("principal_disabled", name=str(principal))
    _lock(principal)
    _check_other_grants(principal, role, region.code, now, until)
    if isinstance(principal, User):
        _check_identity(principal, role)
        if by is not None and principal.handed_by_id == by.pk:
            check_hands(by, principal, role, region.code)
    made = _create(principal, role, region, by, now, until)
    record.entry(Action.GRANT, **_about(made), by=by, until=until.isoformat())
    return made


@transaction.atomic
def end_grant(*, grant: Grant, by: User | None, now: datetime) -> None:
    """End a grant now; its holder no longer has it at the next request.

    Raises: DomainError, also when another request ended it first.
    """
    _check_granter(by, grant.user or grant.agency, Role(grant.role), grant.region_id)
    # the end that the caller saw: a request that waited for a lock has an earlier `now`
    seen = Grant.objects.filter(pk=grant.pk, active_until=grant.active_until, active_until__gt=now)
    ended = seen.update(active_until=Greatest(F("active_from"), now))
    if not ended:
        raise DomainError("already_ended", name=grant.principal_name)
    record.entry(Action.REVOKE, **_about(grant), by=by)


def may_grant(by: User, role: Role, region_code: str) -> bool:
    """Whether a user may grant this role in this region at all."""
    scope = scope_of(by, Permission.MANAGE_GRANT)
    return scope.is_national or (role in DELEGABLE and scope.contains(region_code))


def check_hands(by: User, user: User, role: Role, region_code: str) -> None:
    """Refuse that one person gives out two accounts that take consecutive steps.

    That person could act as both. Ended grants count, too: what was verified with one could be
    endorsed with the next.
    Raises: DomainError. Locks: the row of `by`, so that two requests cannot miss each other.
    """
    beside = neighbours(role)
    if not beside:
        return
    _lock(by)
    above = [COUNTRY, region_code[:2], region_code[:5], region_code[:8]]
    meets = Q(region__code__startswith=prefix_of(region_code)) | Q(region_id__in=above)
    others = Grant.objects.filter(meets, user__handed_by=by, role__in=beside)
    other = others.exclude(user=user).select_related("region", "user").order_by("-pk").first()
    if other is not None:
        raise DomainError("both_hands", person=str(user), wanted=role.label, **_other(other))


def _check_identity(user: User, role: Role) -> None:
    if role in STEP_ROLES and not user.nik:
        raise DomainError("nik_missing", name=str(user), role=role.label)


def _role(role: Role | str, principal: User | Agency) -> Role:
    try:
        role = Role(role)
    except ValueError as error:
        names = ", ".join(known.value for known in Role)
        raise DomainError("unknown_role", role=str(role)[:40], roles=names) from error
    if (role == Role.AGENCY) != isinstance(principal, Agency):
        raise DomainError("wrong_principal", role=role.label)
    return role


def _region(code: str, now: datetime) -> Region:
    region = Region.objects.at(now.date()).filter(code=code).first() if "\0" not in code else None
    if region is None:
        raise DomainError("unknown_region", region=code[:40].replace("\0", ""))
    return region


def _check_level(role: Role, region: Region) -> None:
    """National roles are for the whole country; other roles for their own level or one below."""
    if role in NATIONAL_ROLES:
        if region.code != COUNTRY:
            raise DomainError("national_only", role=role.label, region=str(region))
        return
    levels = list(Level)
    own = LEVEL_OF_ROLE[role]
    if levels.index(Level(region.level)) < levels.index(own):
        raise DomainError("level_too_high", role=role.label, region=str(region), level=own.label)


def _period_end(now: datetime, until: datetime | None) -> datetime:
    until = until or now + USUAL_PERIOD
    if until <= now:
        raise DomainError("period_over", until=until)
    if until > now + LONGEST_PERIOD:
        raise DomainError(
            "period_too_long",
            until=until,
            latest=now + LONGEST_PERIOD,
        )
    return until


def _check_granter(
    by: User | None, principal: User | Agency | None, role: Role, region_code: str
) -> None:
    """Refuse grants to oneself and grants beyond what the granter administers."""
    if by is None:
        return
    if by == principal:
        raise DomainError("own_grant")
    if not may_grant(by, role, region_code):
        raise DomainError("not_yours_to_grant", role=role.label, region=region_code)
    if isinstance(principal, User) and not _within_reach(by, principal):
        raise DomainError("not_yours_to_grant", role=role.label, region=region_code)


def _within_reach(by: User, user: User) -> bool:
    """Whether the user is new, or holds or held a grant where the granter administers."""
    scope = scope_of(by, Permission.MANAGE_GRANT)
    return not user.grants.exists() or User.objects.within(scope).filter(pk=user.pk).exists()


def _lock(principal: User | Agency) -> None:
    """Serialise grants: two inserts that meet in the constraint would deadlock."""
    principal._meta.model._default_manager.select_for_update().get(pk=principal.pk)


def _check_other_grants(
    principal: User | Agency, role: Role, region_code: str, now: datetime, until: datetime
) -> None:
    meeting = principal.grants.filter(active_until__gt=now, active_from__lt=until)
    same = meeting.filter(role=role, region_id=region_code).first()
    if same is not None:
        raise DomainError("already_granted", **_other(same))
    if isinstance(principal, User):
        forbidden = Q(role__in=REGIONAL_ROLES)
        if role in REGIONAL_ROLES:
            forbidden = ~Q(role=role)
        other = meeting.filter(forbidden).order_by("-active_until", "pk").first()
        if other is not None:
            raise DomainError("incompatible", wanted=role.label, **_other(other))


def _other(grant: Grant) -> dict[str, object]:
    return {
        "name": grant.principal_name,
        "role": Role(grant.role).label,
        "region": str(grant.region),
        "until": grant.active_until,
    }


def _create(
    principal: User | Agency,
    role: Role,
    region: Region,
    by: User | None,
    now: datetime,
    until: datetime,
) -> Grant:
    try:
        with transaction.atomic():
            return Grant.objects.create(
                user=principal if isinstance(principal, User) else None,
                agency=principal if isinstance(principal, Agency) else None,
                role=role,
                region=region,
                active_from=now,
                active_until=until,
                granted_by=str(by or record.origin().actor_name)[:200],
                granted_at=now,
            )
    except IntegrityError:
        # another granter inserted the other role between the check and this insert
        _check_other_grants(principal, role, region.code, now, until)
        raise


def _about(grant: Grant) -> dict[str, Any]:
    """The fields of an entry about a grant: its holder, region and role."""
    holder = describe_subject(grant.user or grant.agency)
    return {
        "about": replace(holder, name=grant.principal_name, region=grant.region_id),
        "role": str(grant.role),
        "grant": str(grant.pk),
    }
