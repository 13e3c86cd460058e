"""The letters of this app, as the queue calls them."""

from celery import shared_task

from apps.accounts.people import account_notices
from apps.jobs import work


@shared_task
def send_letter(*, job_id: int, **_: object) -> None:
    with work.claimed(job_id) as lease:
        if lease:
            account_notices.send(lease)
