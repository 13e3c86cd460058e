"""Periodic work: the sweeper, the tidying, and the hour's look at the calendar and the mail.

The sweeper sends a message for every job that needs a worker: the database knows what is
unfinished. The hour's work finds out itself what is due, so that a beat that was away, or two of
them, do no harm.
"""

from celery import shared_task
from django.utils import timezone

from apps.casework.cycles import warn_of_cutoff
from apps.casework.digest import send_digests
from apps.jobs import heartbeats
from apps.jobs.models import Job
from apps.jobs.wake_up import send_wake_up
from apps.proposals.submitting.calendar_rules import carry_over
from apps.proposals.submitting.submission import submit_waiting
from portal.operations import leftovers


@shared_task
def sweep(**_: object) -> None:
    """The database knows what is unfinished."""
    for job in Job.objects.stale(now=timezone.now()).order_by("heartbeat_at", "pk")[:500]:
        send_wake_up(job)


@shared_task
def give_sign(*, queue: str, **_: object) -> None:
    """The worker of this queue receives its messages."""
    heartbeats.record_heartbeat(heartbeats.of_queue(queue))


@shared_task
def tidy(**_: object) -> None:
    leftovers.sweep(now=timezone.now())


@shared_task
def hourly(**_: object) -> None:
    """Batches of past cycles move on, people are warned of a cut-off, e-mails go out."""
    now = timezone.now()
    carry_over(day=timezone.localdate(now))
    submit_waiting(now=now)
    warn_of_cutoff(now=now)
    send_digests(now=now)
