"""A planner's answers about the rows of a publication whose region is not certain."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import Action
from apps.common.errors import DomainError
from apps.indicators.figures import intake
from apps.indicators.models import OpenRow, Publication
from apps.jobs.models import Job
from apps.regions.models import Region

Status = Publication.Status


@dataclass(frozen=True)
class Answers:
    """A planner's answers, by the ids of open rows: the code of a region, left out, or asked again.
    `incomplete` are rows of which another region was chosen without its code.
    """

    regions: Mapping[int, str] = field(default_factory=dict)
    left_out: Collection[int] = ()
    again: Collection[int] = ()
    incomplete: Collection[int] = ()


@dataclass(frozen=True)
class Answered:
    """How many answers were stored, and what is wrong with each of the others."""

    count: int
    refused: list[DomainError]


@transaction.atomic
def answer_rows(publication: Publication, answers: Answers, *, by: User, now: datetime) -> Answered:
    """Store the regions that a planner picked for open rows, the rows left out, and take answers
    back. An answer that cannot be stored leaves its row as it was.

    A picked name is taken in later files once these figures are in force (`known_names`).
    Raises: `figures_not_open`.
    """
    publication = _waiting(publication)
    today = Region.objects.at(timezone.localdate(now)).filter(pk__in=answers.regions.values())
    known = set(today.values_list("pk", flat=True))
    given = {*answers.regions, *answers.left_out, *answers.again, *answers.incomplete}
    stored, refused = list[OpenRow](), list[DomainError]()
    for row in publication.open_rows.filter(pk__in=given).order_by("row_number"):
        region = answers.regions.get(row.pk)
        told = {"line": row.line, "value": row.params.get("value", "")}
        if row.pk in answers.incomplete:
            refused.append(DomainError("figures_answer_code", **told))
        elif region and region not in known:
            refused.append(DomainError("figures_answer_region", region=region, **told))
        else:
            row.region_id = region
            row.is_left_out = row.pk in answers.left_out
            is_open = row.pk in answers.again
            row.answered_by = "" if is_open else str(by)[:200]
            row.answered_at = None if is_open else now
            stored.append(row)
    fields = ["region", "is_left_out", "answered_by", "answered_at"]
    OpenRow.objects.bulk_update(stored, fields)
    record.entry(
        Action.CHANGE,
        about=publication,
        by=by,
        step="answers",
        rows=len(stored),
        regions={row.line: row.region_id for row in stored},
    )
    return Answered(len(stored), refused)


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
