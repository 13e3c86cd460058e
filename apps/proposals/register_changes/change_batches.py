"""Sending a removal or a correction: a batch of one person, or of several of a family.

The rows are checked like those of every file; the worker submits them if nothing must be mended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from apps.accounts.access import scope_of
from apps.accounts.models import User
from apps.accounts.roles import Permission
from apps.casework import documents
from apps.common.errors import DomainError
from apps.proposals.models import Batch, BatchQuerySet, Finding
from apps.proposals.register_changes import answers
from apps.proposals.states import BEING_CHECKED, BatchStatus, SubmitWhenChecked
from apps.proposals.submitting import row_papers, when_checked
from apps.proposals.upload import intake
from apps.registry import reading
from apps.registry.models import Person


def find(*, by: User, nik: str = "", kk: str = "") -> list[Person]:
    """Registered persons of the user's own villages, by NIK or KK; the search is recorded.

    Raises: as `reading.search`.
    """
    return reading.search(by=by, nik=nik, kk=kk, permission=Permission.PROPOSE_CHANGE)


def open_person(*, person_id: int, by: User) -> Person:
    """An active registered person of the user's own villages; the read is recorded.

    Raises: Http404, `person_left`, `person_without_nik`.
    """
    person = reading.open_person(person_id=person_id, by=by, permission=Permission.PROPOSE_CHANGE)
    if person.status != Person.Status.ACTIVE:
        raise DomainError("person_left", status=str(person.get_status_display()))
    if not person.nik or person.is_nik_disputed:
        raise DomainError("person_without_nik")
    return person


def reach(by: User) -> Any:
    """The registered persons whose change this user may propose."""
    return Person.objects.within(scope_of(by, Permission.PROPOSE_CHANGE))


def members_of(person: Person, by: User) -> list[Person]:
    """The other active members of the family who have a NIK. Queries: one."""
    rows = reach(by).filter(
        family=person.family_id, status=Person.Status.ACTIVE, is_nik_disputed=False
    )
    return list(rows.exclude(pk=person.pk).exclude(nik=None).order_by("birth_date", "pk"))


def mine(by: User) -> BatchQuerySet:
    """The removals and corrections that this person sent by form."""
    return Batch.objects.filter(
        user=by, origin=Batch.Origin.FORM, row_values__0__kind__in=list(answers.KINDS)
    )


@transaction.atomic
def send(
    *,
    kind: str,
    persons: Sequence[Person],
    typed: Mapping[str, Any],
    by: User,
    now: datetime,
    paper: documents.Prepared | None = None,
    batch: Batch | None = None,
) -> Batch:
    """Make a batch of the answers, or replace the rows of one that was held, and have it submitted.

    `paper` proves all of its rows. Sent twice before the check has ended, the second changes
    nothing.
    Raises: `not_your_region`, `cannot_resume`, `paper_missing`, NoRoom.
    Locks: the batch that is replaced.
    """
    rows = answers.rows_of(kind, persons, typed)
    if batch is None:
        batch = intake.receive_rows(
            rows=rows,
            by=by,
            region_code=persons[0].village_id,
            origin=Batch.Origin.FORM,
            now=now,
        ).batch
    else:
        batch = Batch.objects.select_for_update().get(pk=batch.pk)
        if batch.status in BEING_CHECKED:
            return batch
        intake.replace_rows(batch=batch, rows=rows, by=by)
    if paper is not None:
        row_papers.keep(
            batch_id=batch.pk,
            row_number=None,
            region=persons[0].village,
            number=str(typed.get("evidence_number") or ""),
            prepared=paper,
            by=by,
            now=now,
        )
    elif not has_paper(batch):
        raise DomainError("paper_missing")
    when_checked.request_submission(batch=batch, by=by, now=now, is_whole=True)
    return batch


def has_paper(batch: Batch | None) -> bool:
    """Whether the paper of a batch is there. Queries: one, or none."""
    return batch is not None and batch.papers.exists()


def is_waiting(batch: Batch) -> bool:
    """Whether its check, and the submission after it, have not ended."""
    return batch.status in BEING_CHECKED or batch.submit_when_checked != SubmitWhenChecked.NO


def is_held(batch: Batch) -> bool:
    """Whether rows must be mended before anything is submitted."""
    return batch.status == BatchStatus.READY and bool(batch.counts.get("held"))


def faults(batch: Batch) -> list[Finding]:
    """What must be mended, the worst of each row first. Queries: one."""
    return list(batch.findings.order_by("row_number", "-severity", "pk"))
