"""Planners define services: wanted, looked at, its fields chosen, switched on, changed, off.

A service that a planner wants is off. It is asked nothing before its host is allowed (`hosts`), and
read for figures only after somebody looked at what it gives (`previews`) and chose its fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By
from apps.common.errors import DomainError
from apps.indicators.figures import figure_columns, vintages
from apps.indicators.models import Service
from apps.indicators.services import hosts, syncing
from apps.jobs.models import Job

# What makes another service of it: it has to be looked at again.
PLACE: Final = ("kind", "url", "layer")


@transaction.atomic
def propose_service(*, name: str, by: By, now: datetime, **values: Any) -> Service:
    """Add a service that is off. Raises: `service_exists`, `service_address_form`,
    `figures_period`.
    """
    values["period"] = vintages.start_of(values["period"])[0]
    host = hosts.ask_for_host(values["url"], by=by, now=now)
    service, is_new = Service.objects.get_or_create(
        name=name, defaults={"host": host, "is_active": False, **values}
    )
    if not is_new:
        raise DomainError("service_exists", name=name)
    record.entry(Action.CREATE, about=service, by=by, step="wanted", url=service.url)
    return service


@transaction.atomic
def change_service(service: Service, *, by: By, now: datetime, **values: Any) -> Service:
    """Give a service other values; what was read of it is dropped, its releases stay. With another
    address it is off until it is looked at again.

    Raises: `service_address_form`, `figures_period`. Locks: the service.
    """
    values["period"] = vintages.start_of(values["period"])[0]
    service = _locked(service)
    changed = {name: value for name, value in values.items() if getattr(service, name) != value}
    if not changed:
        return service
    if any(name in changed for name in PLACE):
        host = hosts.ask_for_host(values["url"], by=by, now=now)
        changed |= {"host": host, "is_active": False, "preview": {}, "previewed_at": None}
    for name, value in changed.items():
        setattr(service, name, value)
    syncing.store_definition(service, list(changed))
    record.entry(
        Action.CHANGE, about=service, by=by, step="changed", fields=sorted(changed), url=service.url
    )
    return service


@transaction.atomic
def choose_fields(
    service: Service, *, fields: Mapping[str, str], values: Mapping[str, str], by: By
) -> Service:
    """Say which fields have the region (our column → field) and the figures (code of an indicator →
    field).

    Raises: `service_not_seen`, `service_field_unknown`, `service_no_region_field`,
    `service_no_value_field`. Locks: the service.
    """
    service = _locked(service)
    seen = _seen_fields(service)
    for name in (*fields.values(), *values.values()):
        if name not in seen:
            raise DomainError("service_field_unknown", name=name[:100])
    _need_chosen(fields, values)
    service.fields, service.values = dict(fields), dict(values)
    syncing.store_definition(service, ["fields", "values"])
    told: dict[str, Any] = {"fields": dict(fields), "values": dict(values)}
    record.entry(Action.CHANGE, about=service, by=by, step="fields", **told)
    return service


@transaction.atomic
def switch_on(service: Service, *, by: By) -> Job:
    """Have a service read by itself from now on, the first time at once.

    Raises: `service_host_waits`, `service_not_seen`, `service_field_unknown`,
    `service_no_region_field`, `service_no_value_field`. Locks: the service.
    """
    service = _locked(service)
    if not service.is_host_allowed:
        raise DomainError("service_host_waits", host=str(service.host or "–"))
    seen = _seen_fields(service)
    _need_chosen(service.fields, service.values)
    for name in (*service.fields.values(), *service.values.values()):
        if name not in seen:
            raise DomainError("service_field_unknown", name=name)
    service.is_active = True
    service.save(update_fields=["is_active"])
    record.entry(Action.CHANGE, about=service, by=by, step="on")
    return syncing.enqueue_sync(service, by=by)


@transaction.atomic
def switch_off(service: Service, *, by: By) -> None:
    """Do not read a service by itself any more; its releases stay. Locks: the service."""
    service = _locked(service)
    service.is_active = False
    service.save(update_fields=["is_active"])
    record.entry(Action.CHANGE, about=service, by=by, step="off")


def _locked(service: Service) -> Service:
    return Service.objects.select_for_update(of=("self",)).select_related("host").get(pk=service.pk)


def _seen_fields(service: Service) -> list[str]:
    """The fields that the first page showed. Raises: `service_not_seen`."""
    if not service.preview:
        raise DomainError("service_not_seen")
    return list(service.preview["fields"])


def _need_chosen(fields: Mapping[str, str], values: Mapping[str, str]) -> None:
    if not {figure_columns.CODE, *figure_columns.NAME_COLUMNS} & set(fields):
        raise DomainError("service_no_region_field")
    if not values:
        raise DomainError("service_no_value_field")
