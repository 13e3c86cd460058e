"""Made-up persons in the register, and the alarm when somebody touches one.

They are loaded as the register is, by a file that the operators make: names, addresses and numbers
that look right where they stand and belong to nobody. Runs of linkage and questions of sources
leave them out. The touch is found in the sealed trail, some seconds later and outside the request,
so that no page differs for them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import structlog
from django.db import transaction

from apps.audit import seal
from apps.audit.models import Entry
from apps.audit.subjects import subject_of
from apps.casework import notices
from apps.common.errors import DomainError
from apps.registry.loading import load_register
from apps.registry.models import Canary, CanaryWatch, Enrolment, Person

# Entries in one look; what is left waits for the next.
AT_A_TIME: Final = 20_000
DISTRICT_CODE_CHARS: Final = 8
# Loads and jobs, not people.
OWN_ACTORS: Final = ("system", "job:")
# For the check of the portal's state, which has a connection of its own.
LAST_TOUCH: Final = "SELECT touched_at FROM registry_canarywatch"
log = structlog.get_logger(__name__)


@transaction.atomic
def load(*, path: Path, source: str, actor: str, actor_name: str, now: datetime) -> int:
    """Load a file of made-up persons (the columns of the register), one a district. Returns how
    many. All of it or nothing.

    Raises: FileRefused, `register_columns_missing`, `canaries_refused`.
    """
    loaded = load_register(path=path, source=source, actor=actor, actor_name=actor_name, now=now)
    made = list(Person.objects.filter(change=loaded.change).order_by("village_id", "pk"))
    districts = [person.village_id[:DISTRICT_CODE_CHARS] for person in made]
    taken = set(Canary.objects.filter(district__in=districts).values_list("district", flat=True))
    wrong = (
        not loaded.is_new
        or loaded.refused
        or loaded.counts["persons_new"] != len(made)
        or loaded.counts["persons_changed"]
        or len(set(districts)) != len(districts)
        or Enrolment.objects.filter(change=loaded.change).exists()
    )
    if wrong or taken:
        raise DomainError("canaries_refused", taken=", ".join(sorted(taken)) or "–")
    CanaryWatch.objects.get_or_create(number=1, defaults={"position": seal.last_position()})
    Canary.objects.bulk_create(
        Canary(person=person, district_id=district, made_at=now)
        for person, district in zip(made, districts, strict=True)
    )
    return len(made)


@transaction.atomic
def watch(*, now: datetime) -> int:
    """Look through what was sealed since the last look. Returns the number of touches.

    Locks: the row of the watch. Queries: five, and two for each touch; one without canaries.
    """
    at = CanaryWatch.objects.select_for_update().first()
    if at is None:
        return 0
    fresh = seal.sealed_after(at.position, most=AT_A_TIME)
    if not fresh:
        return 0
    known = list(Canary.objects.select_related("person").only("person__family"))
    persons = {one.person_id for one in known}
    subjects = {subject_of(one.person) for one in known}
    subjects |= {f"registry.Family:{one.person.family_id}" for one in known}
    touched = list(_touches((entry for _place, entry in fresh), persons, subjects))
    for entry in touched:
        # key of the account and number of the request; names stand in the trail
        log.warning("canary_touched", actor=entry.actor, request=entry.request_id, entry=entry.pk)
        notices.tell_of_canary(entry, now=now)
    at.position = fresh[-1][0]
    if touched:
        at.touched_at = now
    at.save(update_fields=["position", "touched_at"])
    return len(touched)


def _touches(entries: Iterable[Entry], persons: set[int], subjects: set[str]) -> Iterable[Entry]:
    for entry in entries:
        if entry.actor.startswith(OWN_ACTORS):
            continue
        listed = entry.details.get("persons") if isinstance(entry.details, dict) else None
        if entry.subject in subjects or (
            isinstance(listed, list) and not persons.isdisjoint(listed)
        ):
            yield entry
