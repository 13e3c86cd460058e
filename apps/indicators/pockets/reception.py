"""Receives an edition of pockets: a file of BIG's, or the request to compute one of ours.

The same file, or the same parameters, under the same name is the same edition. The name of a failed
one may be used again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import By, describe_actor, subject_of
from apps.common import locks, tabular
from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.common.files.stored_files import Stored
from apps.common.locks import Lock
from apps.indicators.models import PocketEdition
from apps.jobs import work
from apps.jobs.models import Job
from apps.regions.models import CodeSystem
from apps.registry.models import Programme

IMPORT_POCKETS: Final = "indicators.import_pockets"
COMPUTE_POCKETS: Final = "indicators.compute_pockets"
FOLDER: Final = "pockets"
LIMITS: Final = tabular.Limits(
    file_bytes=200_000_000, unpacked_bytes=1_000_000_000, rows=500_000, clock_s=120, cpu_s=120
)
# Which part of a village an area has to cover. Proposed: lines of two sources differ by less.
LEAST_SHARE: Final = 0.1
Status = PocketEdition.Status
Origin = PocketEdition.Origin


@dataclass(frozen=True)
class Method:
    """How our pockets are computed. All thresholds are proposals, to be set by the planner.

    The register holds no rank (desil); families are counted of whom a person is enrolled in one of
    the programmes, which are given to the lowest ranks; without programmes all registered families.
    A village is a pocket if both the density (families per km²) and the share (per cent of its
    registered families) are reached; 0 is not asked for. `side_m` is the side of a hexagon.
    """

    programmes: tuple[str, ...] = ("PKH", "SEMBAKO")
    per_km2: float = 20.0
    percent: float = 50.0
    side_m: float = 1_000.0


@dataclass(frozen=True)
class EditionFile:
    """A file in the protected storage that can be an edition."""

    stored: Stored
    file_name: str


def keep(file: Any, file_name: str, limits: tabular.Limits = LIMITS) -> EditionFile:
    """Store a file and look at its kind. `file` is opened for reading bytes.

    Makes no database query. Raises: NoRoom, FileRefused.
    """
    stored = stored_files.keep(file, file_name, under=FOLDER, limits=limits)
    with stored_files.deleted_if_refused(stored):
        tabular.sniff(stored.path, file_name, formats=tabular.ROW_FORMATS, limits=limits)
    return EditionFile(stored, file_name)


def receive_edition(
    *,
    kept: EditionFile,
    name: str,
    published_date: date,
    code_system: str = CodeSystem.KEMENDAGRI,
    least_share: float = LEAST_SHARE,
    by: By,
    now: datetime,
) -> tuple[PocketEdition, Job]:
    """Ask for the import of a stored file as an edition of BIG's.

    Raises: `pocket_day_to_come`, `pocket_day_differs`, `pocket_name_taken`.
    """
    wanted = PocketEdition(
        origin=Origin.PUBLISHED,
        name=name[:80],
        published_date=published_date,
        file=kept.stored.name,
        file_name=kept.file_name[:200],
        sha256=kept.stored.sha256,
        parameters={"code_system": code_system, "least_share": least_share},
    )
    with stored_files.deleted_if_refused(kept.stored):
        _refuse_day_to_come(published_date, now)
        return _enqueue(wanted, IMPORT_POCKETS, by=by, now=now)


@transaction.atomic
def correct_day(
    *, edition: PocketEdition, published_date: date, by: By, now: datetime
) -> PocketEdition:
    """Correct the day on which BIG published an edition, which is below its maps and tables.

    Raises: `pocket_day_to_come`, `pocket_day_computed`. Locks: the editions.
    """
    _refuse_day_to_come(published_date, now)
    locks.hold(Lock.POCKETS)
    edition = PocketEdition.objects.select_for_update().get(pk=edition.pk)
    if edition.origin != Origin.PUBLISHED:
        raise DomainError("pocket_day_computed", name=edition.name)
    former = edition.published_date
    if former != published_date:
        edition.published_date = published_date
        edition.save(update_fields=["published_date"])
        days = {"former": former.isoformat(), "published": published_date.isoformat()}
        record.entry(Action.CHANGE, about=edition, by=by, step="day", **days)
    return edition


def _refuse_day_to_come(day: date, now: datetime) -> None:
    if day > timezone.localdate(now):
        raise DomainError("pocket_day_to_come", day=day.isoformat())


def enqueue_computation(
    *, name: str, method: Method, by: By, now: datetime
) -> tuple[PocketEdition, Job]:
    """Ask for an edition of ours. Raises: `pocket_no_threshold`, `pocket_programme_unknown`,
    `pocket_name_taken`.
    """
    if method.per_km2 <= 0 and method.percent <= 0:
        raise DomainError("pocket_no_threshold")
    known = list(Programme.objects.order_by("code").values_list("code", flat=True))
    if unknown := sorted(set(method.programmes) - set(known)):
        raise DomainError(
            "pocket_programme_unknown", names=", ".join(unknown)[:100], known=", ".join(known)
        )
    wanted = PocketEdition(
        origin=Origin.COMPUTED,
        name=name[:80],
        published_date=timezone.localdate(now),
        parameters=asdict(method) | {"programmes": sorted(method.programmes)},
    )
    return _enqueue(wanted, COMPUTE_POCKETS, by=by, now=now)


def last_jobs(editions: Sequence[PocketEdition]) -> dict[int, Job]:
    """The last job of each edition by the edition's number. Queries: one."""
    subjects = {subject_of(edition): edition.pk for edition in editions}
    jobs = Job.objects.filter(subject__in=list(subjects)).order_by("pk")
    return {subjects[job.subject]: job for job in jobs}


@transaction.atomic
def _enqueue(
    wanted: PocketEdition, kind: str, *, by: By, now: datetime
) -> tuple[PocketEdition, Job]:
    locks.hold(Lock.POCKETS)
    actor = describe_actor(by)
    former = PocketEdition.objects.filter(name=wanted.name).first()
    if former is not None and former.status != Status.FAILED:
        if _content(former) != _content(wanted):
            raise DomainError("pocket_name_taken", name=wanted.name)
        is_published = wanted.origin == Origin.PUBLISHED
        if is_published and former.published_date != wanted.published_date:
            day = former.published_date.isoformat()
            raise DomainError("pocket_day_differs", name=wanted.name, day=day)
        return former, last_jobs([former])[former.pk]
    if former is None:
        wanted.stored_at, wanted.stored_by = now, (actor.name or actor.key)[:200]
        wanted.save()
        edition = wanted
    else:
        edition = _take_over(former, wanted, now, actor.name or actor.key)
    record.entry(Action.CREATE, about=edition, by=by, origin=edition.origin, sha256=edition.sha256)
    job = work.enqueue(
        kind,
        subject_of(edition),
        subject_name=edition.name,
        by=actor.key or "system",
        by_name=actor.name,
    )
    return edition, job


def _take_over(
    former: PocketEdition, wanted: PocketEdition, now: datetime, name: str
) -> PocketEdition:
    """The failed edition with the content of another one."""
    for field in ("origin", "published_date", "file", "file_name", "sha256", "parameters"):
        setattr(former, field, getattr(wanted, field))
    former.status, former.summary = Status.WAITING, {}
    former.stored_at, former.stored_by = now, name[:200]
    former.save()
    return former


def _content(edition: PocketEdition) -> tuple[Any, ...]:
    return edition.origin, edition.sha256, edition.parameters
