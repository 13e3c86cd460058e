"""The first page of a service, for a planner to look at before it is switched on."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.common.errors import DomainError
from apps.common.remote_documents import SourceFault
from apps.indicators.models import Service
from apps.indicators.services import pages, syncing
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.regions.models import COUNTRY

PREVIEW_SERVICE: Final = "indicators.preview_service"
SAMPLE_ROWS: Final = 10
MOST_FIELDS: Final = 100
LONGEST_CELL: Final = 80


def enqueue_preview(service: Service, *, by: By) -> Job:
    """Have a worker look at a service; its job if one has not ended.

    Raises: `service_host_waits`.
    """
    if not service.is_host_allowed:
        raise DomainError("service_host_waits", host=str(service.host or "–"))
    last = Job.objects.filter(subject=service.subject, kind=PREVIEW_SERVICE).order_by("-pk").first()
    if last is not None and not last.is_finished:
        return last
    actor = describe_actor(by)
    record.entry(Action.CHANGE, about=service, by=by, step="looked at", url=service.url)
    return work.enqueue(
        PREVIEW_SERVICE,
        service.subject,
        subject_name=service.name,
        region_code=COUNTRY,
        by=actor.key or record.origin().actor,
        by_name=actor.name,
    )


@kinds.job(
    PREVIEW_SERVICE,
    label=_("First look at a service of figures"),
    remedy=_("A planner asks for it again on the page of the service (job %(job)s)."),
)
def look_as_job(lease: Lease) -> None:
    """Look at the service of a job. A service that fails is no failure of the job."""
    known = Service.objects.select_related("host")
    service = known.get(pk=lease.job.subject.rpartition(":")[2])
    preview_service(service, now=timezone.now())
    rows = len(service.preview.get("rows", ()))
    told = {"code": service.code, "params": dict(service.params)}
    lease.finish(rows=rows, pages=1, is_new=False, **told)


def preview_service(service: Service, *, now: datetime) -> None:
    """Store the fields and first rows of a service, or why it gave none.

    Never raises for what the service did.
    """
    if not service.is_host_allowed:
        told = {"host": str(service.host or "–")}
        syncing.note_state(service, code="service_host_waits", params=told)
        return
    breaker = syncing.breaker_of(service)
    if not breaker.may_ask():
        syncing.note_state(service, code="service_paused", params={})
        return
    try:
        found = _first_page(service)
    except SourceFault as fault:
        breaker.failed()
        syncing.note_state(service, preview={}, code=fault.code, params=fault.params)
        return
    breaker.succeeded()
    syncing.note_state(service, preview=found, previewed_at=now, code="", params={})


def _first_page(service: Service) -> dict[str, Any]:
    """Raises: SourceFault."""
    sample = copy.copy(service)
    sample.page_size = SAMPLE_ROWS
    describe = syncing.DESCRIBES[Service.Kind(service.kind)]
    described = describe(sample, ())
    if described.fields:  # its pages hold the fields that are asked for
        described = describe(sample, described.fields[:MOST_FIELDS])
    content = pages.ask_page(described.first, 1).content
    page = syncing.READS[service.kind](content, described.first, 1)
    rows = [values for _key, values in page.features[:SAMPLE_ROWS]]
    if not rows:
        raise SourceFault("service_empty")
    fields = list(described.fields or dict.fromkeys(name for row in rows for name in row))
    fields = fields[:MOST_FIELDS]
    total = described.total if page.total is None else page.total
    return {"fields": fields, "rows": _texts(rows, fields), "total": total, "crs": page.crs}


def _texts(rows: Sequence[Any], fields: Sequence[str]) -> list[list[str]]:
    """The rows as short texts, in the order of the fields."""
    return [[pages.text_of(row.get(name))[:LONGEST_CELL] for name in fields] for row in rows]
