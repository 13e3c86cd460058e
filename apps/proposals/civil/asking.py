"""Asking the civil register about proposals: its web service, or what else answers for it.

The rows are read in chunks by their keys. Each chunk's answers are stored in a transaction of their
own: a repeat after a kill asks only for what was not answered. A service that fails marks the rows
that it was asked about; once its breaker is open the others stay as they are, and the schedule
asks again.
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

# After so long the rest is a job of its own, behind what waits meanwhile.
WORK_S: Final = 120.0
FIELDS: Final = ("pk", "nik", "name", "birth_date", "sex", "village_id")


class ProposalRow(NamedTuple):
    """A proposal, as far as it is compared."""

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
    """Who answers: by what name, how many at once, and what of these rows."""

    @property
    def name(self) -> str: ...

    @property
    def chunk(self) -> int: ...

    def say(self, rows: Sequence[ProposalRow]) -> list[CivilAnswer]: ...


class Service:
    """Dukcapil's web service, one request for a chunk."""

    name = dukcapil.NAME

    def __init__(self) -> None:
        self.client = dukcapil.Client.of_settings()
        self.chunk = settings.DUKCAPIL_BATCH

    def say(self, rows: Sequence[ProposalRow]) -> list[CivilAnswer]:
        """Raises: dukcapil.Paused when nobody was asked."""
        try:
            known = self.client.people(sorted({row.nik for row in rows}))
        except dukcapil.Fault as fault:
            return [CivilAnswer(row.pk, CivilStatus.FAILED, fault=fault.code) for row in rows]
        return [
            compared(row, known[row.nik])
            if row.nik in known
            else CivilAnswer(row.pk, CivilStatus.FAILED, fault="incomplete")
            for row in rows
        ]


def compared(row: ProposalRow, known: Sequence[Person]) -> CivilAnswer:
    """What follows from those whom the civil register knows under a row's NIK."""
    found = judge(row.person, known)
    return CivilAnswer(row.pk, found.status, found.differs)


# What answers while no service is named, first come first asked: a source of answers, or none now.
# The apps above put theirs here.
fallbacks: Final[list[Callable[[], AnswerSource | None]]] = []


def answering_source() -> AnswerSource | None:
    """Who can be asked now: the service if one is named, else a fallback, else nobody."""
    if settings.DUKCAPIL_URL:
        return Service()
    return next((found for one in fallbacks if (found := one())), None)


def enqueue_due_check() -> Job | None:
    """The job about what is due, if anybody can be asked; for the clock."""
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
    """Do the work of a job; what is left when its time is up is a job of its own.

    Cost: 100,000 proposals against a delivery in 15 s on one core; the service's pace otherwise.
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
            said = who.say(chunk)
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
    """End the job; what the service was told of whom is on record by its number of rows."""
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
