"""The ordered list of responders for a village, and the log of what came of each call.

The nearest who was not called yet is next; who did not answer can be called again later. Showing
the list is a read of personal data and is recorded with the persons on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.commandcentre.models import Call, Hazard, Responder
from apps.commandcentre.models.call import CallOutcome
from apps.commandcentre.states import TOPIC
from apps.common import sql
from apps.common.errors import DomainError
from apps.jobs import outbox
from apps.regions.models import Region

# So many of those that were called, and of those that were not.
MOST: Final = 20
# Of responders of other regencies, so many nearest ones are compared.
ELSEWHERE: Final = 50


@dataclass(frozen=True)
class ListedResponder:
    """One responder of the list. `outcome` and `called_at` are of the last call about the hazard;
    `is_next` is the one to call now. distance_m: metres, None where no place is known.
    """

    responder: Responder
    distance_m: float | None
    is_estimated: bool
    outcome: str
    called_at: datetime | None
    is_next: bool

    @property
    def outcome_words(self) -> str:
        return str(CallOutcome(self.outcome).label) if self.outcome else ""


def call_list(*, hazard: Hazard, village: Region, by: User) -> list[ListedResponder]:
    """The responders to call, nearest first; recorded as a read. Queries: three."""
    rows = sql.run(
        "commandcentre/calls/rank_responders",
        {
            "village": village.pk,
            "regency": f"{village.pk[:5]}.",
            "hazard": hazard.pk,
            "elsewhere": ELSEWHERE,
            "most": MOST,
        },
    )
    known = Responder.objects.select_related("village").in_bulk([row[0] for row in rows])
    fresh = next((row[0] for row in rows if row[3] is None), None)
    found = [
        ListedResponder(known[number], distance_m, is_estimated, outcome or "", at, number == fresh)
        for number, distance_m, is_estimated, outcome, at in rows
        if number in known
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
