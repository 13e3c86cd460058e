"""Reads a service to its end, or notes where it stopped, and makes a publication of its rows.

Each page is stored in a transaction of its own, so that an attempt goes on where the last one was
broken off, unless the service says that it changed meanwhile. Only a complete reading becomes a
publication; until then, and where it does not fit, the release in force stays.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor
from apps.common.circuit_breaker import Breaker
from apps.common.commands import for_others
from apps.common.errors import DomainError
from apps.common.outgoing import NotAllowed, Target
from apps.common.remote_documents import SourceFault, Validators
from apps.indicators.figures import intake, reading, releases, vintages
from apps.indicators.models import HostStatus, Publication, Release, Service
from apps.indicators.services import arcgis, hosts, ogc, pages
from apps.indicators.services.pages import Described, FeaturePage
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.jobs.work import Lease
from apps.regions.models import COUNTRY

SYNC_SERVICE: Final = "indicators.sync_service"
MOST_PAGES: Final = 2_000
MOST_ROWS: Final = 200_000
MOST_NAMES: Final = 300
# An attempt goes on with the pages of one before it that began within this time.
RESUMED_WITHIN: Final = timedelta(days=1)
# A service that failed is asked again after this, or after its interval if that is shorter.
RETRY_S: Final = 600
DESCRIBES: Final = {
    Service.Kind.ARCGIS: arcgis.describe,
    Service.Kind.OGC: ogc.describe,
    Service.Kind.WFS: ogc.describe,
}
READS: Final[Mapping[str, Callable[[Any, str, int], FeaturePage]]] = {
    Service.Kind.ARCGIS: arcgis.read_page,
    Service.Kind.OGC: ogc.read_page,
    Service.Kind.WFS: ogc.read_page,
}
# What is said of figures as long as a service gives them, also after a fault between.
REMARKS: Final = ("service_other_crs", "service_earlier")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Synced:
    """What one attempt gave: `code` says why nothing, or what waits. `asked` pages were asked for,
    `kept` were there already.
    """

    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    rows: int = 0
    asked: int = 0
    kept: int = 0
    is_new: bool = False
    publication: Publication | None = None


# A service of which nothing is known from earlier readings.
FRESH: Final[Mapping[str, Any]] = {
    **{"state": {}, "reading": {}, "failures": 0, "code": "", "params": {}}
}


def define_service(*, name: str, by: By, **values: Any) -> Service:
    """Add a service by a command, or give one other values; what was read of it is dropped. Its
    host is allowed with it.

    Raises: `service_address`, `service_address_form`, `figures_period`.
    """
    values["period"] = vintages.start_of(values["period"])[0]
    try:
        Target.of(values["url"], pages.rule())
    except NotAllowed:
        raise DomainError("service_address") from None
    with transaction.atomic():
        values["host"] = hosts.allow_by_command(values["url"], by=by, now=timezone.now())
        service, _is_new = Service.objects.update_or_create(name=name, defaults={**values, **FRESH})
        count_revision(service)
        record.entry(Action.CHANGE, about=service, by=by, step="defined", url=service.url)
    return service


@transaction.atomic
def change_period(service: Service, *, period: str, by: By) -> None:
    """Say of which period the figures of a service are; what was read of it is dropped.

    Its releases of the period before stay. Raises: `figures_period`. Locks: the service.
    """
    label, _start = vintages.start_of(period)
    service = Service.objects.select_for_update(of=("self",)).get(pk=service.pk)
    if service.period == label:
        return
    former, service.period = service.period, label
    store_definition(service, ["period"])
    record.entry(Action.CHANGE, about=service, by=by, period=label, former=former)


def store_definition(service: Service, names: Sequence[str]) -> None:
    """Store fields of the definition of a service that is locked; what was read of it is dropped,
    also what a reading that goes on finds.
    """
    for name, value in FRESH.items():
        setattr(service, name, value)
    service.save(update_fields=[*names, *FRESH])
    count_revision(service)


def count_revision(service: Service) -> None:
    """Note that the definition of a service is another one; drop its pages."""
    service.revision += 1
    service.save(update_fields=["revision"])
    service.pages.all().delete()


def enqueue_due(*, now: datetime) -> list[Job]:
    """Enqueue a job for every service that is due and is not being asked."""
    jobs = list[Job]()
    for service in Service.objects.filter(is_active=True, host__status=HostStatus.ALLOWED):
        pause_s = min(service.interval_s, RETRY_S) if service.failures else service.interval_s
        if service.asked_at is None or service.asked_at <= now - timedelta(seconds=pause_s):
            jobs += [enqueue_sync(service, by=None)]
    return jobs


def enqueue_sync(service: Service, *, by: By) -> Job:
    """Ask for the reading of a service; its job if one has not ended."""
    last = Job.objects.filter(subject=service.subject, kind=SYNC_SERVICE).order_by("-pk").first()
    if last is not None and not last.is_finished:
        return last
    actor = describe_actor(by)
    return work.enqueue(
        SYNC_SERVICE,
        service.subject,
        subject_name=service.name,
        region_code=COUNTRY,
        by=actor.key or "system",
        by_name=actor.name,
    )


def last_jobs(services: Iterable[Service]) -> dict[str, Job]:
    """The latest job of each service, by its subject. Queries: one."""
    known = Job.objects.filter(kind=SYNC_SERVICE, subject__in=[one.subject for one in services])
    return {job.subject: job for job in known.order_by("subject", "-pk").distinct("subject")}


@kinds.job(
    SYNC_SERVICE,
    label=_("Reading of a service of figures"),
    remedy=_("A planner asks for it again on the page of services (job %(job)s)."),
)
def sync_as_job(lease: Lease) -> None:
    """Read the service of a job. A service that fails is no failure of the job."""
    service = Service.objects.get(pk=lease.job.subject.rpartition(":")[2])

    def note(rows: int, total: int | None) -> None:
        lease.progress(rows, total, stage="reading")

    done = sync_service(service, by=lease.job, now=timezone.now(), note=note)
    told = {"code": done.code, "params": dict(done.params)}
    lease.finish(rows=done.rows, pages=done.asked, is_new=done.is_new, **told)


def sync_service(
    service: Service,
    *,
    by: By,
    now: datetime,
    note: Callable[[int, int | None], object] = lambda _rows, _total: None,
) -> Synced:
    """Read a service, and store its figures if they are complete.

    Never raises for what the service did: `code` says it.
    """
    if not service.is_host_allowed:
        note_state(service, code="service_host_waits", params={"host": str(service.host or "–")})
        return Synced(service.code, service.params)
    breaker = breaker_of(service)
    service.asked_at = now
    service.save(update_fields=["asked_at"])
    if not breaker.may_ask():
        return Synced("service_paused")
    attempt = _Attempt(service, now, note)
    try:
        attempt.read()
    except SourceFault as fault:
        breaker.failed()
        return _note_fault(attempt, fault)
    breaker.succeeded()
    if attempt.is_unchanged:
        code, params = _still_said(service)
        done = Synced(code, params, asked=attempt.asked, kept=attempt.kept)
        return _note_end(attempt, done, now)
    return _publish(attempt, by, now)


def _still_said(service: Service) -> tuple[str, Mapping[str, Any]]:
    """What holds of figures that a service gives unchanged: that they wait, or what was remarked
    when they were read.
    """
    last = service.publication
    if last is not None and last.status == Publication.Status.REVIEW:
        return "service_review", {}
    remark = service.state.get("remark", {})
    if remark.get("code") == "service_earlier" and last is not None:
        made = last.releases.values_list("is_current", flat=True)
        if made and all(made):  # a planner put them in force again
            return "", {}
    return remark.get("code", ""), remark.get("params", {})


def note_state(service: Service, **values: Any) -> bool:
    """Store what was found about a service, unless its definition is another one meanwhile; whether
    it was stored.
    """
    for name, value in values.items():
        setattr(service, name, value)
    known = Service.objects.filter(pk=service.pk, revision=service.revision)
    return known.update(**values) > 0


class _Attempt:
    """One attempt to read a service to its end."""

    def __init__(
        self, service: Service, now: datetime, note: Callable[[int, int | None], object]
    ) -> None:
        self.service, self.now, self._note = service, now, note
        self.wanted = list(dict.fromkeys([*service.fields.values(), *service.values.values()]))
        self.asked = self.kept = 0
        self.crs = ""
        self.is_unchanged = False
        self.state: dict[str, Any] = dict(service.state)
        self.rows: list[Mapping[str, Any]] = []

    def read(self) -> None:
        """Read the pages that are missing, then check the whole. Raises: SourceFault."""
        service = self.service
        described = DESCRIBES[Service.Kind(service.kind)](service, self.wanted)
        self._need_fields(described.fields)
        if described.edited and described.state == service.state.get("described"):
            self.is_unchanged = True
            return
        number, address, total = self._begin(described)
        while address:
            page, is_new = self._page(number, address)
            total = total if page.total is None else page.total
            number, address = number + 1, page.next
            is_fresh = is_new or service.reading["is_fresh"]
            service.reading |= {
                "number": number, "address": address, "total": total, "is_fresh": is_fresh,
            }  # fmt: skip
            service.save(update_fields=["reading"])
            self.kept += not is_new
            read = int(service.reading["rows"])
            self._note(read, total)
            if number > MOST_PAGES or read > MOST_ROWS:
                raise SourceFault("service_endless", is_over=True, most=MOST_PAGES)
        self._end(number, total)
        is_as_long = service.state.get("pages") == number
        self.is_unchanged = is_as_long and not service.reading["is_fresh"]
        self.state = {"described": described.state, "pages": number}

    def _begin(self, described: Described) -> tuple[int, str, int | None]:
        """(number, address, features in all) of the page at which the reading goes on."""
        known = self.service.reading
        since = datetime.fromisoformat(known["since"]) if known else self.now
        is_same = bool(known) and known["state"] == described.state
        is_same = is_same and known.get("revision", 0) == self.service.revision
        if is_same and self.now - since <= RESUMED_WITHIN and known["address"]:
            self.kept = int(known["number"])
            return self.kept, str(known["address"]), known["total"]
        self.service.reading = {
            "state": described.state, "since": self.now.isoformat(), "number": 0,
            "address": described.first, "total": described.total, "rows": 0, "is_fresh": False,
            "revision": self.service.revision,
        }  # fmt: skip
        self.service.save(update_fields=["reading"])
        return 0, described.first, described.total

    def _page(self, number: int, address: str) -> tuple[FeaturePage, bool]:
        """A page, and whether it is not that of the last complete reading. Raises: SourceFault."""
        last = self.service.pages.filter(number=number, place=address).first()
        validators = Validators(last.etag, last.last_modified) if last else Validators()
        fetched = pages.ask_page(address, number + 1, validators)
        self.asked += 1
        if fetched.content is None and last is not None:
            self.service.reading["rows"] += len(last.rows)
            return FeaturePage([(key, row) for key, row in last.rows], last.next), False
        if fetched.content is None:
            raise SourceFault("service_status", page=str(number + 1), number=304)
        page = READS[self.service.kind](fetched.content, address, number + 1)
        self.crs = self.crs or page.crs
        rows = [
            (key, {name: values[name] for name in self.wanted if name in values})
            for key, values in page.features
        ]
        content = json.dumps(rows, sort_keys=True, default=str).encode()
        digest = hashlib.sha256(content).hexdigest()
        self._refuse_repeat(number, digest, rows)
        self.service.pages.update_or_create(
            number=number,
            defaults={
                "place": address,
                "next": page.next,
                "rows": rows,
                "sha256": digest,
                "etag": fetched.validators.etag,
                "last_modified": fetched.validators.last_modified,
                "read_at": self.now,
            },
        )
        self.service.reading["rows"] += len(rows)
        return page, last is None or last.sha256 != digest

    def _refuse_repeat(self, number: int, digest: str, rows: Sequence[Any]) -> None:
        """Raises: SourceFault for a page that is the same as one before it."""
        before = self.service.pages.filter(number__lt=number, sha256=digest).first()
        if rows and before is not None:
            pair = {"page": str(number + 1), "before": str(before.number + 1)}
            raise SourceFault("service_repeats", is_over=True, **pair)

    def _need_fields(self, known: Sequence[str] | None) -> None:
        """Raises: SourceFault where the service does not have a field that is wanted."""
        missing = [name for name in self.wanted if known is not None and name not in known]
        if missing:
            told = {"names": ", ".join(missing), "found": ", ".join(known or ())[:MOST_NAMES]}
            raise SourceFault("service_fields", is_over=True, **told)

    def _need_fields_everywhere(self) -> None:
        """Raises: SourceFault if a feature lacks a field that others have. An empty one counts."""
        for page in self.service.pages.order_by("number"):
            lost = {name for _key, row in page.rows for name in self.wanted if name not in row}
            if lost:
                told = {"names": ", ".join(sorted(lost)), "page": str(page.number + 1)}
                raise SourceFault("service_page_fields", is_over=True, **told)

    def _end(self, number: int, total: int | None) -> None:
        """Check that the pages are the whole, and set the rows. Raises: SourceFault."""
        self.service.pages.filter(number__gte=number).delete()
        if self.service.pages.count() != number:
            raise SourceFault("service_changed", is_over=True)
        seen = dict[str, Mapping[str, Any]]()
        for page in self.service.pages.order_by("number"):
            for key, row in page.rows:
                if key and key in seen:
                    if seen[key] != row:
                        raise SourceFault("service_rows_differ", is_over=True, name=key)
                    continue
                if key:
                    seen[key] = row
                self.rows.append(row)
        if not self.rows:
            raise SourceFault("service_empty", is_over=True)
        self._need_fields(sorted({name for row in self.rows for name in row}))
        self._need_fields_everywhere()
        if total is not None and total != len(self.rows):
            raise SourceFault("service_count", is_over=True, known=total, found=len(self.rows))


def breaker_of(service: Service) -> Breaker:
    """Keeps a service from being asked that fails again and again."""
    return Breaker(
        f"service-{service.pk}",
        opens_after=settings.SERVICE_OPENS_AFTER,
        open_s=settings.SERVICE_OPEN_S,
        probe_s=2 * settings.SERVICE_TIMEOUT_S,
    )


def _note_fault(attempt: _Attempt, fault: SourceFault) -> Synced:
    """Note why a service gave nothing; the pages stay where the next attempt can go on."""
    service = attempt.service
    log.warning("service_failed", service=service.pk, fault=fault.code)
    over = dict[str, Any]()
    if fault.is_over:
        over = {"reading": {}, "state": {}}
        service.pages.all().delete()
    told = {"code": fault.code, "params": fault.params}
    note_state(service, failures=service.failures + 1, **told, **over)
    return Synced(fault.code, fault.params, 0, attempt.asked, attempt.kept)


def _note_end(attempt: _Attempt, done: Synced, now: datetime) -> Synced:
    service = attempt.service
    if done.code in REMARKS:
        attempt.state["remark"] = {"code": done.code, "params": dict(done.params)}
    else:
        attempt.state.pop("remark", None)
    note_state(
        service,
        code=done.code,
        params=dict(done.params),
        failures=0,
        answered_at=now,
        # figures that could not be stored are read again the next time
        state={} if done.code == "service_not_read" else attempt.state,
        reading={},
        publication=done.publication or service.publication,
    )
    return done


def _publish(attempt: _Attempt, by: By, now: datetime) -> Synced:
    """Make a publication of the rows and read it. What does not fit leaves all as it was."""
    service = attempt.service
    if not Service.objects.filter(pk=service.pk, revision=service.revision).exists():
        return Synced("service_changed", asked=attempt.asked, kept=attempt.kept)
    told = intake.Told(
        source=service.source,
        period=service.period,
        code_system=service.code_system,
        vintage=service.vintage,
        columns=dict(service.fields),
        values=dict(service.values),
        address=service.url,
    )
    counted: dict[str, Any] = {
        "rows": len(attempt.rows),
        "asked": attempt.asked,
        "kept": attempt.kept,
    }
    code, params = ("service_other_crs", {"found": attempt.crs}) if attempt.crs else ("", {})
    try:
        kept = intake.keep(io.BytesIO(_as_csv(attempt)), f"{service.pk}.csv")
        received = intake.receive_publication(kept, told, by=by, now=now)
        publication = received.publication
        if not received.is_to_be_read:
            is_new = False
            if publication.status == Publication.Status.REVIEW:
                code, params = "service_review", {}
            elif publication.status == Publication.Status.STORED:
                is_new, is_back = _put_back(publication, service, by, now)
                if not is_back:
                    code, params = "service_earlier", {}
            done = Synced(code, params, **counted, is_new=is_new, publication=publication)
            return _note_end(attempt, done, now)
        outcome = reading.read_at_once(publication, by=by, now=now)
    except DomainError as refused:
        with for_others():
            params = {"why": refused.text}
        why = Synced("service_not_read", params, **counted)
        return _note_end(attempt, why, now)
    if outcome.status == Publication.Status.REVIEW:
        code, params = "service_review", {}
    is_new = bool(outcome.releases)
    done = Synced(code, params, **counted, is_new=is_new, publication=publication)
    return _note_end(attempt, done, now)


@transaction.atomic
def _put_back(
    publication: Publication, service: Service, by: By, now: datetime
) -> tuple[bool, bool]:
    """Put figures in force again that the service gives again after others of its own: whether a
    release came in force, and whether all that it gives now are.
    """
    is_new, is_back = False, True
    made = {release.indicator_id: release for release in publication.releases.order_by("pk")}
    for code in publication.values:
        release = made.get(code)
        if release is None:  # its figures were in force already when they were read
            current = Release.objects.filter(
                indicator=code, period=publication.period, is_current=True
            ).first()
            is_back &= (
                current is not None
                and current.publication_id is not None
                and (current.stored_at <= (publication.stored_at or now))
            )
            continue
        if release.is_current:
            continue
        current = releases.current_of(release)
        if current is not None and current.file_name != service.url[:300]:
            is_back = False  # a planner put others in their place
            continue
        releases.put_in_force(release, by=by, now=now)
        is_new = True
    return is_new, is_back


def _as_csv(attempt: _Attempt) -> bytes:
    """The rows as a file with the names of the service's fields."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(attempt.wanted)
    lines = [[pages.text_of(row.get(name)) for name in attempt.wanted] for row in attempt.rows]
    writer.writerows(sorted(lines))
    return out.getvalue().encode()
