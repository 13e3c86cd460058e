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
    stated = EmergencyStatement.objects.filter(hazard=hazard_id, withdrawn_at=None)
    return frozenset(stated.values_list("regency", flat=True))


def waits_for_statement(facility: Facility, permitted: Iterable[str]) -> bool:
    """Whether the stock of a facility may not leave yet."""
    return facility.kind == LUMBUNG and regency_of(facility) not in permitted


def held_facilities(plan: Plan) -> list[Facility]:
    """The lumbung of a plan whose stock may not leave yet, by name. Queries: two."""
    permitted = permitted_regencies(plan.hazard_id)
    return [one for one in lumbung_of(plan) if waits_for_statement(one, permitted)]


def lumbung_of(plan: Plan) -> list[Facility]:
    """The lumbung that send something in a plan, by name. Queries: one."""
    live = plan.shipments.exclude(status=ShipmentStatus.CANCELLED)
    own = Facility.objects.filter(kind=LUMBUNG, pk__in=live.values("facility"))
    return list(own.order_by("name", "pk"))


def regencies_of(lumbung: Iterable[Facility]) -> list[Region]:
    """The regencies whose regent states the emergency for these lumbung, by code. Queries: one."""
    codes = {regency_of(one) for one in lumbung}
    return list(Region.objects.filter(pk__in=codes).order_by("pk"))


def statements_of(plan: Plan) -> list[EmergencyStatement]:
    """The statements for the hazard of a plan, by regency, also withdrawn ones. Queries: one."""
    rows = EmergencyStatement.objects.filter(hazard=plan.hazard_id)
    return list(rows.select_related("regency", "withdrawn_by").order_by("regency", "pk"))


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
    regency's lumbung may leave. A prolongation is one more, with its own number.

    Raises: `plan_statement_not_needed`, `plan_statement_known`, DomainError of the document,
    NoRoom.
    """
    if region.pk not in {regency_of(one) for one in lumbung_of(plan)}:
        raise DomainError("plan_statement_not_needed", regency=region.name)
    valid = EmergencyStatement.objects.filter(hazard=plan.hazard_id, withdrawn_at=None)
    if valid.filter(regency=region, number=number).exists():
        raise DomainError("plan_statement_known", regency=region.name, number=number)
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


@transaction.atomic
def withdraw_statement(
    *, plan: Plan, statement: EmergencyStatement, reason: str, by: User, now: datetime
) -> bool:
    """Note that a statement counts no more. Returns whether another one of the regency still does;
    otherwise what its lumbung has not sent waits again, in every plan of the hazard.

    Raises: `plan_statement_reason`, `plan_statement_withdrawn`.
    """
    if not reason.strip():
        raise DomainError("plan_statement_reason")
    # nothing is dispatched under it at this moment
    list(Plan.objects.select_for_update().filter(hazard=plan.hazard_id).order_by("pk"))
    valid = EmergencyStatement.objects.filter(hazard=plan.hazard_id, withdrawn_at=None)
    if not valid.filter(pk=statement.pk).update(
        withdrawn_at=now, withdrawn_by=by, withdrawn_reason=reason.strip()[:300]
    ):
        raise DomainError("plan_statement_withdrawn", number=statement.number)
    record.entry(
        Action.CHANGE,
        about=plan,
        by=by,
        step="statement_withdrawn",
        number=statement.number,
        regency=statement.regency_id,
    )
    plans.tell_changed(plan)
    return valid.filter(regency=statement.regency_id).exists()
