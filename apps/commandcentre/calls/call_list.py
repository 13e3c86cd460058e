"""The ordered list of responders for a village, and the log of what came of each call.

The nearest who was not called yet is next; a way over the sea counts as more. After all were
called, who did not answer is next again, the longest ago first. Whose number is wrong is last, and
never next. Showing the list is a read of personal data and is recorded with the persons on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.calls.wrong_numbers import wrong_numbers
from apps.commandcentre.models import Call, Hazard, Responder
from apps.commandcentre.models.call import CallOutcome
from apps.commandcentre.nearest import places
from apps.commandcentre.states import TOPIC
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import outbox
from apps.regions.models import Region

# So many of those that were called, and of those that were not.
MOST: Final = 20
# Of responders of other regencies, so many are listed at most, of so many nearest ones: of these
# some are over the sea.
ELSEWHERE: Final = 50
LOOKED_AT: Final = 1_000


@dataclass(frozen=True)
class ListedResponder:
    """One responder of the list. `outcome` and `called_at` are of the last call about the hazard,
    which was for this village if `is_here`; `is_next` is the one to call now. distance_m: metres on
    the sphere, None where no place is known.
    """

    responder: Responder
    distance_m: float | None
    is_over_sea: bool
    is_estimated: bool
    is_wrong: bool
    outcome: str
    called_at: datetime | None
    is_here: bool
    is_next: bool

    @property
    def is_coming(self) -> bool:
        """Whether this responder comes to this village."""
        return self.is_here and self.outcome == CallOutcome.COMING

    @property
    def outcome_words(self) -> str:
        return str(CallOutcome(self.outcome).label) if self.outcome else ""


def call_list(*, hazard: Hazard, village: Region, by: User) -> list[ListedResponder]:
    """The responders to call, nearest first; recorded as a read. Queries: four."""
    rows = sql.run(
        "commandcentre/calls/rank_responders",
        {
            "village": village.pk,
            "regency": f"{village.pk[:5]}.",
            "hazard": hazard.pk,
            "wrong": list(wrong_numbers().values_list("pk", flat=True)),
            "penalty_m": places.crossing_penalty_m(),
            "elsewhere": ELSEWHERE,
            "looked_at": LOOKED_AT,
            "most": MOST,
        },
    )
    known = Responder.objects.select_related("village").in_bulk([row[0] for row in rows])
    ranked = [_Ranked(*row) for row in rows]
    now = _next(ranked)
    found = [
        ListedResponder(
            known[one.number],
            one.distance_m,
            one.is_over_sea,
            one.is_estimated,
            one.is_wrong,
            one.outcome or "",
            one.called_at,
            one.called_for == village.pk,
            one.number == now,
        )
        for one in ranked
        if one.number in known
    ]
    if found:
        record.entry(
            Action.READ,
            about=Subject("commandcentre.Responder", region=village.pk),
            by=by,
            hazard=hazard.pk,
            responders=[one.responder.pk for one in found],
        )
    return found


class _Ranked(NamedTuple):
    """A row of `rank_responders`."""

    number: int
    distance_m: float | None
    is_over_sea: bool
    is_estimated: bool
    is_wrong: bool
    outcome: str | None
    called_at: datetime | None
    called_for: str | None


def _next(rows: Sequence[_Ranked]) -> int | None:
    """Whom to call now: the first who was not called, else who did not answer the longest ago."""
    usable = [one for one in rows if not one.is_wrong]
    fresh = next((one.number for one in usable if one.called_at is None), None)
    if fresh is not None:
        return fresh
    silent = [
        (one.called_at, one.number)
        for one in usable
        if one.called_at is not None and one.outcome == CallOutcome.NO_ANSWER
    ]
    return min(silent)[1] if silent else None


@transaction.atomic
def log_call(
    *,
    hazard: Hazard,
    village: Region,
    responder: Responder | None,
    outcome: str,
    note: str,
    by: User,
    now: datetime,
) -> Call:
    """Write down what came of a call. Raises: `call_responder`, `call_outcome`."""
    if responder is None:
        raise DomainError("call_responder")
    if outcome not in CallOutcome.values:
        raise DomainError("call_outcome")
    call = Call.objects.create(
        hazard=hazard,
        village=village,
        responder=responder,
        outcome=outcome,
        note=note,
        by=by,
        at=now,
    )
    record.entry(
        Action.CHANGE, about=responder, by=by, call=outcome, hazard=hazard.pk, village=village.pk
    )
    outbox.publish(TOPIC, "call", f"commandcentre.Hazard:{hazard.pk}", village=village.pk)
    return call
