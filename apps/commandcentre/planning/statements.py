"""The regents' statements of emergency: whose lumbung sosial may give its stock for a hazard.

A statement belongs to one hazard and one regency. It lets the stock of the lumbung of this regency
leave, in every plan of the hazard; a lumbung of another regency waits for its own.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.casework import documents
from apps.commandcentre.models import EmergencyStatement, Facility, Plan
from apps.commandcentre.models.plan import ShipmentStatus
from apps.commandcentre.planning import plans
from apps.common.errors import DomainError
from apps.regions.models import Region

LUMBUNG: Final = Facility.Kind.LUMBUNG


def regency_of(facility: Facility) -> str:
    """The code of the regency in which a facility stands; "" where its village is not known."""
    return (facility.village_id or "")[:5]


def permitted_regencies(hazard_id: int) -> frozenset[str]:
    """The regencies whose lumbung may give for a hazard. Queries: one."""
    stated = EmergencyStatement.objects.filter(hazard=hazard_id)
    return frozenset(stated.values_list("regency", flat=True))


def waits_for_statement(facility: Facility, permitted: Iterable[str]) -> bool:
    """Whether the stock of a facility may not leave yet."""
    return facility.kind == LUMBUNG and regency_of(facility) not in permitted


def held_facilities(plan: Plan) -> list[Facility]:
    """The lumbung of a plan whose stock may not leave yet, by name. Queries: two."""
    permitted = permitted_regencies(plan.hazard_id)
    live = plan.shipments.exclude(status=ShipmentStatus.CANCELLED)
    own = Facility.objects.filter(kind=LUMBUNG, pk__in=live.values("facility"))
    return [one for one in own.order_by("name", "pk") if waits_for_statement(one, permitted)]


def missing_regencies(held: Iterable[Facility]) -> list[Region]:
    """The regencies whose statement these lumbung wait for, by code. Queries: one."""
    codes = {regency_of(one) for one in held}
    return list(Region.objects.filter(pk__in=codes).order_by("pk"))


def statements_of(plan: Plan) -> list[EmergencyStatement]:
    """The statements for the hazard of a plan, by regency. Queries: one."""
    rows = EmergencyStatement.objects.filter(hazard=plan.hazard_id)
    return list(rows.select_related("regency").order_by("regency", "pk"))


@transaction.atomic
def add_statement(
    *,
    plan: Plan,
    number: str,
    day: date,
    region: Region,
    file: Any,
    file_name: str,
    by: User,
    now: datetime,
) -> EmergencyStatement:
    """A regent's statement of emergency about the hazard of a plan, after which the stock of the
    regency's lumbung may leave.

    Raises: `plan_statement_not_needed`, DomainError of the document, NoRoom.
    """
    if region.pk not in {one.pk for one in missing_regencies(held_facilities(plan))}:
        raise DomainError("plan_statement_not_needed", regency=region.name)
    kept = documents.receive_emergency(
        region=region, number=number, date=day, file=file, file_name=file_name, by=by, now=now
    )
    stated = EmergencyStatement.objects.create(
        hazard=plan.hazard,
        regency=region,
        number=number,
        date=day,
        document=kept,
        added_at=now,
        added_by=by,
    )
    record.entry(
        Action.CHANGE, about=plan, by=by, step="statement", number=number, regency=region.pk
    )
    plans.tell_changed(plan)
    return stated
