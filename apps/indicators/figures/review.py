"""A planner's answers about the rows of a publication whose region is not certain."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.indicators.figures import intake
from apps.indicators.figures.rows import OTHER_NAME, TWICE
from apps.indicators.models import KnownName, OpenRow, Publication
from apps.jobs.models import Job
from apps.regions.models import Region

Status = Publication.Status


@transaction.atomic
def answer_rows(
    publication: Publication,
    regions: dict[int, str],
    left_out: list[int],
    *,
    by: User,
    now: datetime,
) -> int:
    """Store the regions that a planner picked for open rows (id → code), and the rows left out.

    A picked name is taken in later files, too. Returns how many rows were answered.
    Raises: `figures_not_open`, `figures_region_level`.
    """
    publication = _waiting(publication)
    known = set(
        Region.objects.at(now.date()).filter(pk__in=regions.values()).values_list("pk", flat=True)
    )
    rows = {row.pk: row for row in publication.open_rows.filter(pk__in={*regions, *left_out})}
    for row in rows.values():
        row.region_id = None if row.pk in left_out else regions.get(row.pk)
        if row.region_id and row.region_id not in known:
            raise DomainError("figures_region_level", region=row.region_id)
        row.is_left_out = row.pk in left_out
        row.answered_by, row.answered_at = str(by)[:200], now
        if row.region_id and row.name_key and row.code not in (TWICE, OTHER_NAME):
            KnownName.objects.update_or_create(
                name_key=row.name_key,
                defaults={
                    "written": _written(row),
                    "region_id": row.region_id,
                    "confirmed_by": str(by)[:200],
                    "confirmed_at": now,
                },
            )
    fields = ["region", "is_left_out", "answered_by", "answered_at"]
    OpenRow.objects.bulk_update(rows.values(), fields)
    record.entry(
        Action.CHANGE,
        about=publication,
        by=by,
        step="answers",
        rows=len(rows),
        regions={row.line: row.region_id for row in rows.values()},
    )
    return len(rows)


@transaction.atomic
def accept_whole(publication: Publication, *, by: User) -> None:
    """Confirm what is odd about a whole publication. Raises: `figures_not_open`."""
    publication = _waiting(publication)
    publication.is_accepted = True
    publication.save(update_fields=["is_accepted"])
    codes = [one["code"] for one in publication.held]
    record.entry(Action.CHANGE, about=publication, by=by, step="accepted", codes=codes)


@transaction.atomic
def finish_review(publication: Publication, *, by: User) -> Job:
    """Read a publication again with all answers, which puts it in force.

    Raises: `figures_not_open`, `figures_rows_open`, `figures_not_accepted`.
    """
    publication = _waiting(publication)
    unanswered = publication.open_rows.filter(region=None, is_left_out=False).count()
    if unanswered:
        raise DomainError("figures_rows_open", count=unanswered)
    if publication.held and not publication.is_accepted:
        raise DomainError("figures_not_accepted")
    return intake.enqueue_reading(publication, by=by)


@transaction.atomic
def discard(publication: Publication, *, by: User) -> None:
    """Set a publication aside that made no release. Raises: `figures_not_open`."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.status not in (Status.REVIEW, Status.FAILED):
        raise DomainError("figures_not_open")
    publication.status = Status.DISCARDED
    publication.save(update_fields=["status"])
    record.entry(Action.CHANGE, about=publication, by=by, step="discarded")


def _waiting(publication: Publication) -> Publication:
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.status != Status.REVIEW:
        raise DomainError("figures_not_open")
    return publication


def _written(row: OpenRow) -> str:
    names = ("province_name", "regency_name", "district_name", "village_name")
    return ", ".join(row.written[one] for one in names if row.written.get(one))[:300]
