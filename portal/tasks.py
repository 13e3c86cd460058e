"""The clock's rounds: a bell for every job that needs a worker, and an end to what is left over."""

from celery import shared_task
from django.utils import timezone

from apps.jobs.bell import ring
from apps.jobs.models import Job
from portal import leftovers


@shared_task
def sweep(**_: object) -> None:
    """The database knows what is unfinished."""
    for job in Job.objects.stale(now=timezone.now()).order_by("heartbeat_at", "pk")[:500]:
        ring(job)


@shared_task
def tidy(**_: object) -> None:
    leftovers.sweep(now=timezone.now())
