"""Long work. The Job row is authoritative; the broker's message is only a wake-up.

A job is claimed by an advisory lock on the working connection and one conditional UPDATE. Its
fencing token grows with every claim, and the final change of the row checks it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.audit.subjects import Actor, Subject, subject_of
from apps.common.personal_data import personal_data
from apps.common.states import Moves, pairs

# A running job whose last heartbeat is older than this may be claimed by another worker, if its
# lock is free. A killed worker's session ends in two seconds (client_connection_check_interval).
STALE_AFTER = timedelta(seconds=20)
# A job that began this often and never ended is put aside, so that other jobs can run.
MAX_ATTEMPTS = 3
# How often the database may go away during a job before that counts as an attempt.
MAX_OUTAGES = 10


class JobQuerySet(models.QuerySet["Job"]):
    def unfinished(self) -> JobQuerySet:
        return self.filter(status__in=[JobStatus.WAITING, JobStatus.RUNNING])

    def stale(self, *, now: datetime) -> JobQuerySet:
        """Jobs that need a wake-up message: waiting for a while, or running without a heartbeat."""
        return self.unfinished().filter(heartbeat_at__lt=now - STALE_AFTER)


class JobStatus(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed – can be resumed")
    CANCELLED = "cancelled", _("Cancelled")


JOB_TRANSITIONS: Moves = {
    JobStatus.WAITING: {JobStatus.RUNNING, JobStatus.CANCELLED},
    JobStatus.RUNNING: {
        JobStatus.WAITING,
        JobStatus.RUNNING,
        JobStatus.DONE,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
    },
    JobStatus.FAILED: {JobStatus.WAITING},
    JobStatus.DONE: set(),
    JobStatus.CANCELLED: set(),
}


@personal_data
class Job(models.Model):
    """One piece of long work on one subject, e.g. the checking of a batch.

    `kind` is the name of the work in `apps.jobs.kinds`, and `queue` is where it waits. `subject` is
    `proposals.Batch:12`. `message_code` and `message_params` describe how it ended; the texts are
    in `apps.jobs.messages`.
    """

    Status: ClassVar = JobStatus
    TRANSITIONS: ClassVar = JOB_TRANSITIONS

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(_("work"), max_length=100)
    queue = models.CharField(max_length=20, default="batches")
    subject = models.CharField(_("about"), max_length=120)
    subject_name = models.CharField(_("what"), max_length=200, blank=True)
    region_code = models.CharField(_("region"), max_length=13, blank=True)
    status = models.CharField(
        _("status"), max_length=10, choices=JobStatus, default=JobStatus.WAITING
    )
    actor = models.CharField(_("asked by"), max_length=80)
    actor_name = models.CharField(_("name"), max_length=200, blank=True)
    parameters = models.JSONField(default=dict, blank=True)
    token = models.PositiveIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=0)
    # how often the database went away during the work: not a fault of the work, so no attempt
    outages = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(_("stage"), max_length=30, blank=True)
    done = models.BigIntegerField(_("done"), default=0)
    total = models.BigIntegerField(_("of"), null=True, blank=True)
    seconds = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)
    message_code = models.CharField(max_length=60, blank=True)
    message_params = models.JSONField(default=dict, blank=True)
    cancel_asked = models.BooleanField(default=False)
    # cancelled while it waited, and `on_failed` of its kind was not called yet
    is_end_due = models.BooleanField(default=False)
    created_at = models.DateTimeField(_("asked at"))
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        triggers = [
            pgtrigger.FSM(name="job_moves", field="status", transitions=pairs(JOB_TRANSITIONS))
        ]
        indexes = [
            models.Index(
                fields=["heartbeat_at"],
                name="jobs_job_unfinished",
                condition=models.Q(status__in=["waiting", "running"]),
            ),
            models.Index(fields=["subject"], name="jobs_job_subject"),
            models.Index(
                fields=["id"], name="jobs_job_end_due", condition=models.Q(is_end_due=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.subject}"

    @property
    def subject_pk(self) -> int:
        """The number of the subject, if it is a row."""
        return int(self.subject.rpartition(":")[2])

    @property
    def audit_subject(self) -> Subject:
        return Subject(subject_of(self), self.subject_name, self.region_code)

    @property
    def audit_actor(self) -> Actor:
        return Actor(self.actor, self.actor_name)

    @property
    def is_finished(self) -> bool:
        return self.status in {self.Status.DONE, self.Status.FAILED, self.Status.CANCELLED}

    @property
    def percent(self) -> int | None:
        """Whole percents done, or None while the total is unknown."""
        return min(100, 100 * self.done // self.total) if self.total else None


class Heartbeat(models.Model):
    """The last heartbeat of a background process (`jobs.heartbeats` lists them)."""

    name = models.CharField(primary_key=True, max_length=60)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """Something happened that open pages show: one line of the outbox, written with the change.

    `kind` and `subject` say what changed, `data` has a few values without personal data; a page
    asks for the rest within its user's scope. Committed events are sent to the web processes by
    NOTIFY (trigger `jobs_event_sent`), and are kept for `outbox.KEEP`.
    """

    id = models.BigAutoField(primary_key=True)
    topic = models.CharField(_("topic"), max_length=40)
    kind = models.CharField(_("kind"), max_length=40)
    subject = models.CharField(_("subject"), max_length=80, blank=True)
    data = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [models.Index(fields=["topic", "id"], name="jobs_event_of_topic")]

    def __str__(self) -> str:
        return f"{self.topic} {self.kind} {self.subject}"
