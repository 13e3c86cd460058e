"""The queue's one task for long work."""

from celery import shared_task

from apps.jobs import wake_up, work


@shared_task(name=wake_up.TASK)
def run(*, job_id: int, kind: str, **_: object) -> None:
    """Run a job. The message also names the kind: after a restore the numbers of jobs begin again,
    and an old message may carry the number of another job.
    """
    work.run(job_id, kind)
