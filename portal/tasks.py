"""The sweeper: rings for every job that needs a worker. The database knows what is unfinished."""

from celery import shared_task
from django.utils import timezone

from apps.jobs.bell import ring
from apps.jobs.models import Job


@shared_task
def sweep(**_: object) -> None:
    for job in Job.objects.stale(now=timezone.now()).order_by("heartbeat_at", "pk")[:500]:
        ring(job)
