"""Asking the civil register about proposals: its web service, or another source of its answers.

The rows are read in chunks by key. The answers of each chunk are stored in their own transaction,
so a repeat after a kill asks only about rows without an answer. If the service fails, the rows of
the request are marked; once its circuit breaker is open the other rows are not changed, and the
schedule asks again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, Protocol

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.audit import record
from apps.audit.models import Action
from apps.audit.subjects import Subject
from apps.civilregister import dukcapil
from apps.civilregister.comparison import Person, judge
from apps.civilregister.states import CivilStatus
from apps.jobs import kinds, work
from apps.jobs.models import Job
from apps.proposals.civil import civil_check
from apps.proposals.civil.civil_check import CivilAnswer
from apps.proposals.models import ProposalQuerySet

# After this time the rest becomes a new job, so that waiting jobs are not blocked.
WORK_S: Final = 120.0
FIELDS: Final = ("pk", "nik", "name", "birth_date", "sex", "village_id")


class ProposalRow(NamedTuple):
    """The fields of a proposal that are compared."""

    pk: int
    nik: str
    name: str
    birth_date: date
    sex: str
    village_code: str

    @property
    def person(self) -> Person:
        return Person(self.name, self.birth_date, self.sex, self.village_code)


class AnswerSource(Protocol):
    """A source of answers: its name, the rows it takes at once, and its answers about rows."""

    @property
    def name(self) -> str: ...

    @property
    def chunk(self) -> int: ...

    def find_answers(self, rows: Sequence[ProposalRow]) -> list[CivilAnswer]: ...


class Service:
    """Dukcapil's web service, with one request for each chunk."""

    name = dukcapil.NAME

    def __init__(self) -> None:
        self.client = dukcapil.Client.of_settings()
        self.chunk = settings.DUKCAPIL_BATCH

    def find_answers(self, rows: Sequence[ProposalRow]) -> list[CivilAnswer]:
        """The answers about these rows. Raises: dukcapil.Paused if no request was sent."""
        try:
            known = self.client.people(sorted({row.nik for row in rows}))
        except dukcapil.NoAnswer as fault:
            return [CivilAnswer(row.pk, CivilStatus.FAILED, fault=fault.code) for row in rows]
        return [
            compared(row, known[row.nik])
            if row.nik in known
            else CivilAnswer(row.pk, CivilStatus.FAILED, fault="incomplete")
            for row in rows
        ]


def compared(row: ProposalRow, known: Sequence[Person]) -> CivilAnswer:
    """The answer that follows from the civil register's persons under the row's NIK."""
    found = judge(row.person, known)
    return CivilAnswer(row.pk, found.status, found.differs)


# Fallbacks while no service is configured, in order: each returns a source, or None if it has none
# now. Apps of a higher layer add theirs here.
fallbacks: Final[list[Callable[[], AnswerSource | None]]] = []


def answering_source() -> AnswerSource | None:
    """The source to ask now: the service if it is configured, else a fallback, else None."""
    if settings.DUKCAPIL_URL:
        return Service()
    return next((found for one in fallbacks if (found := one())), None)


def enqueue_due_check() -> Job | None:
    """Enqueue a job for the due proposals if there is a source; called by the schedule."""
    who = answering_source()
    return civil_check.enqueue_due(source=who.name, now=timezone.now()) if who else None


@kinds.job(
    civil_check.CHECK_CIVIL,
    label=_("Check against the civil register"),
    remedy=_(
        "What was answered so far is kept; the rest is asked again by itself within minutes. An"
        " administrator can resume it on the page of jobs, too (job %(job)s)."
    ),
)
def run_check(lease: work.Lease) -> None:
    """Carry out a job; the rows left when its time is up become a new job.

    Cost: 100,000 proposals against a delivery in 15 s on one core; with the service, its speed.
    """
    who = answering_source()
    if who is None:
        lease.finish(unconfigured=True)
        return
    job = lease.job
    rows = civil_check.chosen(job.parameters, who.name, job.created_at)
    total = rows.count()
    lease.progress(0, total, stage="civil")
    tally: Counter[str] = Counter()
    last, is_paused = job.parameters.get("after", -1), False
    ends = time.monotonic() + WORK_S
    while chunk := _next_chunk(rows, last, who.chunk):
        lease.timed("read")
        try:
            said = who.find_answers(chunk)
        except dukcapil.Paused:
            is_paused = True
            break
        lease.timed("ask")
        civil_check.store_answers(said, source=who.name, now=timezone.now())
        lease.timed("note")
        tally.update(one.status.value for one in said)
        last = chunk[-1].pk
        lease.progress(min(sum(tally.values()), total), total)
        if time.monotonic() > ends:
            break
    _finish(lease, who.name, tally, last, len(chunk) and _left(rows, last), is_paused)


def _next_chunk(rows: ProposalQuerySet, last: int, most: int) -> list[ProposalRow]:
    found = rows.filter(pk__gt=last).order_by("pk").values_list(*FIELDS)[:most]
    return [ProposalRow(*values) for values in found]


def _left(rows: ProposalQuerySet, last: int) -> int:
    return rows.filter(pk__gt=last).count()


@transaction.atomic
def _finish(
    lease: work.Lease, source: str, tally: Counter[str], last: int, left: int, is_paused: bool
) -> None:
    """End the job. The audit entry holds the number of rows that were sent to the service."""
    job, checked = lease.job, sum(tally.values())
    result: dict[str, Any] = {
        "checked": checked,
        **tally,
        "left": left,
        "paused": is_paused,
        "source": source,
    }
    if checked:
        record.entry(
            Action.RUN,
            about=Subject(civil_check.SUBJECT, region=job.region_code),
            by=job,
            job=job.pk,
            **result,
        )
    lease.finish(**result)
    if left and not is_paused:
        civil_check.enqueue_rest(job, after=last)
