"""Puts an edition of pockets in force, in one transaction, and compares the two that are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.common import locks, sql
from apps.common.errors import DomainError
from apps.common.locks import Lock
from apps.indicators.models import PocketEdition, PocketVillage
from apps.indicators.pockets import asked_pairs

Status = PocketEdition.Status
Origin = PocketEdition.Origin


@dataclass(frozen=True)
class InForce:
    """The editions in force: BIG's and ours."""

    published: PocketEdition | None
    computed: PocketEdition | None

    @property
    def pair(self) -> tuple[PocketEdition, PocketEdition] | None:
        """Both, if there are both."""
        if self.published is None or self.computed is None:
            return None
        return self.published, self.computed


def editions_in_force() -> InForce:
    """The editions in force. Queries: one."""
    found = {one.origin: one for one in PocketEdition.objects.filter(status=Status.ACTIVE)}
    return InForce(found.get(Origin.PUBLISHED), found.get(Origin.COMPUTED))


@transaction.atomic
def activate_edition(*, edition: PocketEdition, by: By, now: datetime) -> PocketEdition:
    """Put an edition in force in the place of the one of its origin, which stays stored.

    Activating the one in force changes nothing. The villages of both origins are compared in the
    same transaction; lists about the former pair are closed, its answers carried over. Raises:
    `pocket_not_ready`. Locks: one activation at a time, what is hidden, the lists.
    """
    locks.hold(Lock.POCKETS)
    edition = PocketEdition.objects.select_for_update().get(pk=edition.pk)
    if edition.status == Status.ACTIVE:
        return edition
    if edition.status not in (Status.READY, Status.SUPERSEDED):
        raise DomainError(
            "pocket_not_ready", name=edition.name, status=str(edition.get_status_display())
        )
    PocketEdition.objects.filter(origin=edition.origin, status=Status.ACTIVE).update(
        status=Status.SUPERSEDED
    )
    edition.status, edition.activated_at = Status.ACTIVE, now
    edition.activated_by = describe_actor(by).name[:200] or describe_actor(by).key[:200]
    edition.save(update_fields=["status", "activated_at", "activated_by"])
    followed: dict[str, Any] = {}
    if (both := editions_in_force().pair) is not None:
        published, computed = both
        locks.hold(Lock.HIDDEN)  # what the maps hide meanwhile would be missed
        sql.run(
            "indicators/pockets/store_differences",
            {"published": published.pk, "computed": computed.pk},
            rows=PocketVillage.objects.filter(edition__in=both).count(),
        )
        followed = asked_pairs.follow_pair(both, now=now)
    record.entry(Action.CHANGE, about=edition, by=by, step="activate", **followed)
    return edition
