"""What a principal may do, and on which rows.

A scope is a set of region-code prefixes. Every queryset that a person sees passes `.within(scope)`;
rows outside the scope do not exist for that person.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import models, transaction
from django.utils import timezone

from apps.accounts.models import Agency, Client, User
from apps.accounts.roles import PERMISSIONS, Permission, Role
from apps.common import sql
from apps.common.files import inspection
from apps.regions.models import COUNTRY, in_region, prefix_of

Principal = User | Agency | AnonymousUser

# Row-level security lets a transaction see no more rows than the pages ask for.
PROPOSAL_PERMISSIONS = (Permission.VIEW_PROPOSAL,)
BATCH_PERMISSIONS = (Permission.VIEW_BATCH, Permission.UPLOAD_BATCH)
# one who proposes a change of a registered person finds them by NIK or KK
PERSON_PERMISSIONS = (Permission.VIEW_PERSON, Permission.PROPOSE_CHANGE)
# whoever answers or resolves questions reads them, too
CONFLICT_PERMISSIONS = (Permission.VIEW_CONFLICT,)
JUDGEMENT_PERMISSIONS = (Permission.REVIEW_PAIR, Permission.VIEW_RUN)
ENTRY_PERMISSIONS = (Permission.VIEW_ENTRY, Permission.VIEW_ACCESS_TRAIL)
# a page of work also shows what the work is about: a file, proposals, an edition, a run
JOB_PERMISSIONS = (
    *(Permission.VIEW_JOB, Permission.MANAGE_JOB, Permission.VIEW_EDITION, Permission.VIEW_RUN),
    *(*PROPOSAL_PERMISSIONS, *BATCH_PERMISSIONS),
)
GATES: dict[str, tuple[Permission, ...]] = {
    "proposal": PROPOSAL_PERMISSIONS,
    "batch": BATCH_PERMISSIONS,
    # a proposal names its decree; a person who looks after jobs resumes its work
    "decree": (Permission.VIEW_DECREE, Permission.VIEW_PROPOSAL, Permission.MANAGE_JOB),
    "person": PERSON_PERMISSIONS,
    "responder": (Permission.VIEW_RESPONDER,),
    "hazard": (Permission.VIEW_HAZARD,),
    "conflict": CONFLICT_PERMISSIONS,
    "judgement": JUDGEMENT_PERMISSIONS,
    "entry": ENTRY_PERMISSIONS,
    "job": JOB_PERMISSIONS,
    "user": (Permission.MANAGE_USER, Permission.MANAGE_GRANT),
    # pages show the names of people beside what they did
    "people": tuple(Permission),
}


@dataclass(frozen=True)
class Scope:
    """Region-code prefixes. `""` is the whole country; an empty scope contains nothing."""

    prefixes: tuple[str, ...] = ()

    @classmethod
    def of_codes(cls, codes: Iterable[str]) -> Scope:
        """The scope of these regions, without those that lie inside others."""
        prefixes = sorted({prefix_of(code) for code in codes})
        kept: list[str] = []
        for prefix in prefixes:
            if not any(prefix.startswith(other) for other in kept):
                kept.append(prefix)
        return cls(tuple(kept))

    def __bool__(self) -> bool:
        return bool(self.prefixes)

    @property
    def is_national(self) -> bool:
        return "" in self.prefixes

    def contains(self, code: str) -> bool:
        """Whether a region lies inside. The country lies only inside the national scope."""
        return any(prefix_of(code).startswith(prefix) for prefix in self.prefixes)

    def query(self, field: str) -> models.Q:
        """The condition on a column of dotted region codes, e.g. `village__code`. No join."""
        if self.is_national:
            return models.Q()
        if not self.prefixes:
            return models.Q(pk__in=[])
        query = models.Q()
        for prefix in self.prefixes:
            query |= in_region(field, prefix)
        return query

    def setting(self) -> str:
        """The scope in the form that row-level security reads."""
        return ",".join(prefix or COUNTRY for prefix in self.prefixes)


NOTHING = Scope()


def grants_of(principal: Principal | None) -> list[tuple[Role, str]]:
    """(role, region code) of the grants in force, read once per request."""
    if not isinstance(principal, User | Agency) or not principal.is_active:
        return []
    held: list[tuple[Role, str]] | None = getattr(principal, "_held", None)
    if held is None:
        rows = principal.grants.at(timezone.now()).values_list("role", "region_id")
        held = [(Role(role), region) for role, region in rows]
        principal._held = held  # type: ignore[union-attr]
    return held


def scope_of(principal: Principal | None, *permissions: Permission) -> Scope:
    """The rows on which the principal holds any of the permissions."""
    return Scope.of_codes(
        region
        for role, region in grants_of(principal)
        if not PERMISSIONS[role].isdisjoint(permissions)
    )


def may(
    principal: Principal | None, permission: Permission, region_code: str | None = None
) -> bool:
    """Whether the principal holds a permission in a region, or anywhere when no region is given."""
    scope = scope_of(principal, permission)
    return bool(scope) if region_code is None else scope.contains(region_code)


def permissions_of(principal: Principal | None) -> frozenset[Permission]:
    """Every permission that the principal holds in at least one region."""
    return frozenset[Permission]().union(
        *(PERMISSIONS[role] for role, _region in grants_of(principal))
    )


def actor_of(principal: Any) -> str:
    """`user:12` or `client:3`: the key of a principal in audit entries and jobs."""
    known = isinstance(principal, User | Client | Agency)
    return principal.audit_actor.key if known else "anonymous"


def open_gate(principal: Principal | None) -> None:
    """Set whose rows this transaction may see.

    Queries: one. Without it the web role sees no personal row at all.
    """
    settings = {
        f"portal.{name}_scope": scope_of(principal, *permissions).setting()
        for name, permissions in GATES.items()
    } | {"portal.actor": actor_of(principal)}
    sql.set_local(settings)


@contextmanager
def scoped(principal: Principal | None) -> Iterator[None]:
    """A transaction in which the database knows whose rows may be seen.

    For views marked `transaction.non_atomic_requests`. Templates rendered inside it see rows, too.
    """
    with transaction.atomic(), inspection.forbidden():
        open_gate(principal)
        yield
