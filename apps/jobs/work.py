"""Enqueueing long work, claiming and doing it, showing its progress, ending it once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import Error, InterfaceError, OperationalError, connection, models, transaction
from django.db.models import F
from django.utils import timezone

from apps.common import locks
from apps.common.errors import DomainError
from apps.common.full_disk import is_full_disk
from apps.common.locks import Lock
from apps.jobs import kinds, messages
from apps.jobs.models import MAX_ATTEMPTS, MAX_OUTAGES, STALE_AFTER, Job
from apps.jobs.wake_up import send_on_commit, send_wake_up

# How long a worker waits for a database that went away during its work, to give the work back.
RETURN_WITHIN_S = 30.0
RETURN_PAUSE_S = 0.5
# For so long it is tried to end a job that was cancelled while it waited, so many at once.
END_WITHIN = timedelta(days=1)
MOST_ENDED = 100
# Codes of PostgreSQL for a connection that broke or a server that stops.
LOST = ("57P", "08")
log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another worker has claimed the job, or it was cancelled: stop, write nothing more."""


class Lease:
    """The right to work on one job, and its only way to write to the job's row."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._clock = time.perf_counter()

    def _mine(self) -> models.QuerySet[Job]:
        return Job.objects.filter(pk=self.job.pk, token=self.job.token, status=Job.Status.RUNNING)

    def progress(
        self, done: int = 0, total: int | None = None, *, stage: str | None = None
    ) -> None:
        """Store the progress and a heartbeat.

        Raises: LeaseLost when another worker has the job, or when it was asked to be cancelled.
        """
        values: dict[str, Any] = {"done": done, "heartbeat_at": timezone.now()}
        if total is not None:
            values["total"] = total
        if stage is not None:
            values |= {"stage": stage}
        if not self._mine().filter(cancel_asked=False).update(**values):
            raise LeaseLost(self.job.pk)

    def still_wanted(self) -> None:
        """Check that the work was not cancelled. Writes nothing: safe inside a long transaction.

        Raises: LeaseLost when the job was asked to be cancelled.
        """
        if self._mine().filter(cancel_asked=True).exists():
            raise LeaseLost(self.job.pk)

    def timed(self, stage: str) -> None:
        """Store the seconds since the last call under the name of the stage that just ended."""
        now = time.perf_counter()
        earlier = self.job.seconds.get(stage, 0.0)
        self.job.seconds[stage] = round(earlier + now - self._clock, 3)
        self._clock = now

    def finish(self, **result: Any) -> None:
        """End the job, inside the transaction of the work's own last change.

        Raises: LeaseLost, which rolls that change back.
        """
        now = timezone.now()
        moved = self._mine().update(
            status=Job.Status.DONE,
            finished_at=now,
            heartbeat_at=now,
            result=result,
            seconds=self.job.seconds,
            message_code="",
            message_params={},
        )
        if not moved:
            raise LeaseLost(self.job.pk)


def enqueue(
    kind: str, subject: str, *, by: str, by_name: str = "", queue: str = "", **fields: Any
) -> Job:
    """Store a job that waits, and send the wake-up message when the transaction has committed.

    `queue` is that of the kind unless one is named; `fields` are columns of the job.
    Raises: UnknownKind.
    """
    known, now = kinds.named(kind), timezone.now()
    job = Job.objects.create(
        kind=kind,
        subject=subject,
        actor=by,
        actor_name=by_name[:200],
        queue=queue or known.queue,
        created_at=now,
        heartbeat_at=now,
        **fields,
    )
    send_on_commit(job)
    return job


def run(job_id: int, kind: str) -> None:
    """Do the work of a job, unless it is finished, of another kind, or held by another worker."""
    with claimed(job_id, kind) as lease:
        if lease is not None:
            known = kinds.find(kind)
            if known is None:
                raise DomainError("unknown_kind", job=job_id)
            known.work(lease)


@contextmanager
def claimed(job_id: int, kind: str) -> Iterator[Lease | None]:
    """The lease of a job of this kind, or None when it is finished or another worker holds it.

    The kind is checked because the numbers of jobs begin again after a restore: an old message may
    carry the number of another job.
    A DomainError inside ends the job as failed, with its text. After any other exception the job
    can be resumed; the last of MAX_ATTEMPTS ends it as failed. That exception is raised again.
    `on_failed` of the kind (`apps.jobs.kinds`) is called for a failed or cancelled job.
    Locks: an advisory lock of this connection, for as long as the work takes. Only this lock
    decides which worker works. A statement of minutes gives no heartbeat, so a wake-up message is
    sent, but its receiver finds the lock held. Do not write a heartbeat inside a long transaction:
    it locks the job's row, and cancelling would wait for it.
    """
    if not locks.try_hold_connection(Lock.JOB, job_id):
        yield None
        return
    try:
        job = _claim(job_id, kind)
        if job is None:
            yield None
            return
        structlog.contextvars.bind_contextvars(job=job_id, kind=kind, attempt=job.attempt)
        lease = Lease(job)
        try:
            yield lease
        except LeaseLost:
            _note_cancelled(Job.objects.filter(pk=job.pk, token=job.token), job)
        except DomainError as error:
            _fail(job, error.code, error.params)
        except Exception as error:
            _give_back(job, error)
            raise
    finally:
        locks.free_connection(Lock.JOB, job_id)


def _claim(job_id: int, kind: str) -> Job | None:
    now = timezone.now()
    wanted = Job.objects.unfinished().filter(pk=job_id, kind=kind)
    if wanted.filter(attempt__gte=MAX_ATTEMPTS).exists():
        _fail(wanted.get(), "gave_up", {"attempts": MAX_ATTEMPTS})
        return None
    moved = wanted.filter(cancel_asked=False).update(
        status=Job.Status.RUNNING,
        token=F("token") + 1,
        attempt=F("attempt") + 1,
        heartbeat_at=now,
        started_at=now,
    )
    if moved:
        return Job.objects.get(pk=job_id)
    # its worker ended before it noticed that the job was cancelled
    _note_cancelled(wanted, wanted.first())
    return None


def _note_cancelled(jobs: models.QuerySet[Job], job: Job | None) -> None:
    cancelled = jobs.filter(cancel_asked=True).update(
        status=Job.Status.CANCELLED, finished_at=timezone.now()
    )
    if cancelled and job is not None:
        job.refresh_from_db()
        _run_on_failed(job)


def _run_on_failed(job: Job) -> None:
    """Notify the job's subject, by its kind, that it failed or was cancelled."""
    known = kinds.find(job.kind)
    if known is not None and known.on_failed is not None:
        known.on_failed(job)


def _fail(job: Job, code: str, params: dict[str, Any]) -> None:
    now = timezone.now()
    failed = (
        Job.objects.filter(pk=job.pk, token=job.token)
        .exclude(status=Job.Status.DONE)
        .update(
            status=Job.Status.FAILED,
            finished_at=now,
            heartbeat_at=now,
            message_code=code,
            message_params=params,
            seconds=job.seconds,
        )
    )
    if failed:
        # only the code: its parameters may name persons
        log.warning("job_failed", job=job.pk, kind=job.kind, code=code, attempt=job.attempt)
        job.refresh_from_db()
        _run_on_failed(job)


def _give_back(job: Job, error: Exception) -> None:
    """Leave the job waiting for the sweeper's next message; after its last attempt it fails."""
    is_gone = connection.connection is None or connection.connection.closed
    if is_full_disk(error):
        _give_back_later(job, is_full=True)
        return
    if is_gone or _is_outage(error):
        _give_back_later(job)
        return
    if job.attempt >= MAX_ATTEMPTS:
        _fail(job, "kept_failing", {"attempts": job.attempt})
        return
    Job.objects.filter(pk=job.pk, token=job.token, status=Job.Status.RUNNING).update(
        status=Job.Status.WAITING, heartbeat_at=timezone.now()
    )


def _sqlstate(error: Exception) -> str:
    """PostgreSQL's code of an error. COPY raises it directly, other statements inside Django's
    error.
    """
    known = (getattr(one, "sqlstate", None) for one in (error, error.__cause__))
    return next(filter(None, known), "")


def _is_outage(error: Exception) -> bool:
    """Whether the connection broke: the server ended it or stopped. A new one may work already, but
    the lock of the work ended with the old one.
    """
    if isinstance(error, InterfaceError):
        return True
    state = _sqlstate(error)
    return isinstance(error, OperationalError) and (not state or state.startswith(LOST))


def _give_back_later(job: Job, *, is_full: bool = False) -> None:
    """Give the job back after the database went away. It is no fault of the work and no attempt,
    unless it happens so often that the work itself may be the cause.

    As soon as the database is back, the job waits and a wake-up message is sent. If the database's
    disk is full, the sweeper sends the message, so that the work is tried every STALE_AFTER until
    there is room. A person may cancel it, and a long wait raises an alarm.
    """
    mine = Job.objects.filter(pk=job.pk, token=job.token, status=Job.Status.RUNNING)
    values: dict[str, Any] = {"status": Job.Status.WAITING}
    if not is_full:
        values["outages"] = F("outages") + 1
    if is_full or job.outages < MAX_OUTAGES:
        values["attempt"] = F("attempt") - 1
    until = time.monotonic() + RETURN_WITHIN_S
    while time.monotonic() < until:
        connection.close()
        try:
            if not is_full and job.outages >= MAX_OUTAGES and job.attempt >= MAX_ATTEMPTS:
                _fail(job, "kept_failing", {"attempts": job.attempt})
            else:
                age = timedelta() if is_full else STALE_AFTER
                mine.update(**values, heartbeat_at=timezone.now() - age)
        except Error:
            time.sleep(RETURN_PAUSE_S)
        else:
            log.warning("given_back_after_outage", job=job.pk, is_full=is_full)
            if not is_full:
                # not left to the sweeper, which may be queued behind other messages
                send_wake_up(job)
            return
    # else the sweeper finds it by its missing heartbeat


def resume(job: Job) -> bool:
    """Let a failed job wait again with no attempts counted, and send the wake-up on commit.

    That it was to be cancelled before it failed counts no more.
    """
    moved = Job.objects.filter(pk=job.pk, status=Job.Status.FAILED).update(
        status=Job.Status.WAITING,
        cancel_asked=False,
        attempt=0,
        outages=0,
        finished_at=None,
        heartbeat_at=timezone.now(),
    )
    if moved:
        send_on_commit(job)
    return bool(moved)


def begin_again(*, job: Job, by: Any, now: datetime) -> Job:
    """Let failed work begin again in the way of its kind. Raises: DomainError."""
    known = kinds.find(job.kind)
    if job.status != Job.Status.FAILED:
        raise DomainError("not_failed", status=job.get_status_display())
    if known is None or not known.is_resumable:
        raise DomainError("not_resumable_here", remedy=messages.remedy_of(job))
    if known.resume is not None:
        return known.resume(job=job, by=by, now=now)
    if not resume(job):
        raise DomainError("not_failed", status=job.get_status_display())
    return job


def cancel(job: Job) -> bool:
    """Ask a running job to stop; a waiting one is cancelled at once.

    `on_failed` of a waiting one is called by `end_cancelled`, because the web's role may not write
    what it writes.
    """
    asked = Job.objects.unfinished().filter(pk=job.pk).update(cancel_asked=True)
    Job.objects.filter(pk=job.pk, status=Job.Status.WAITING, cancel_asked=True).update(
        status=Job.Status.CANCELLED, finished_at=timezone.now(), is_end_due=True
    )
    return bool(asked)


def end_cancelled(*, now: datetime) -> None:
    """Call `on_failed` for the jobs that were cancelled while they waited. Runs as a worker.

    Each in a transaction of its own. One that cannot be ended is tried again for END_WITHIN.
    """
    due = Job.objects.filter(is_end_due=True, finished_at__gte=now - END_WITHIN)
    for job in due.order_by("pk")[:MOST_ENDED]:
        try:
            with transaction.atomic():
                mine = Job.objects.filter(pk=job.pk, is_end_due=True).update(is_end_due=False)
                if mine and not _is_followed(job):
                    _run_on_failed(job)
        except Exception as error:
            if _is_outage(error):
                raise
            log.warning("not_ended", job=job.pk, kind=job.kind, error=type(error).__name__)


def _is_followed(job: Job) -> bool:
    """Whether a later job of its kind works on the same row, whose state is that job's now."""
    try:
        _row = job.subject_pk
    except ValueError:  # of a filter, or of other things
        return False
    return Job.objects.filter(kind=job.kind, subject=job.subject, pk__gt=job.pk).exists()
