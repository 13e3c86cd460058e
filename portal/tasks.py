"""Periodic work, one function for each entry of the table in portal/celery.py, and the sealing
requested by acts. A second run, or a second beat, changes nothing more.

These functions are short and have no jobs. For long work they enqueue a job.
"""

from celery import current_app, shared_task
from django.db import connection
from django.utils import timezone

from apps.audit import anchors
from apps.audit.seal import NO_LOOK, SHORT_LOOK, seal_entries, waits_for_anchor
from apps.casework.cycles import warn_of_cutoff
from apps.casework.digest import send_digests
from apps.commandcentre.coverage import village_coverage
from apps.commandcentre.feeds import polling
from apps.commandcentre.nearest import places
from apps.commandcentre.shifts import escalation
from apps.indicators.measures import counting
from apps.indicators.services import syncing
from apps.jobs import heartbeats, work
from apps.jobs.models import Job
from apps.jobs.wake_up import send_wake_up
from apps.maps import proposal_tiles
from apps.proposals.checks import place_judging
from apps.proposals.civil import asking
from apps.proposals.review import facet_counts, listing
from apps.proposals.submitting.calendar_rules import carry_over
from apps.proposals.submitting.submission import submit_waiting
from apps.proposals.upload import upload_parts
from apps.reconciliation.linkage import register_runs
from apps.registry import canaries
from portal.operations import leftovers
from portal.startup import look_at_storage


@shared_task
def sweep(**_: object) -> None:
    """Send a message for every job that needs a worker; the database knows unfinished jobs. End
    those that were cancelled while they waited.
    """
    work.end_cancelled(now=timezone.now())
    for job in Job.objects.stale(now=timezone.now()).order_by("heartbeat_at", "pk")[:500]:
        send_wake_up(job)


@shared_task
def store_heartbeat(*, queue: str, **_: object) -> None:
    """Record that the worker of this queue receives its messages; and, of the worker of files,
    that its folder is not the web's.
    """
    heartbeats.record_heartbeat(heartbeats.of_queue(queue))
    if queue == "batches" and not look_at_storage(connection.connection):
        heartbeats.record_heartbeat(heartbeats.OTHER_MEDIA_ROOT)


@shared_task
def seal(**_: object) -> None:
    seal_entries(look_back=SHORT_LOOK)
    anchors.note_head(now=timezone.now())


@shared_task
def watch_canaries(**_: object) -> None:
    """Raise an alarm for each new entry about a made-up person."""
    canaries.watch(now=timezone.now())


@shared_task
def seal_at_once(**_: object) -> None:
    """Seal after a decision, a grant or an export. Many messages at once cause one sealing."""
    if waits_for_anchor():
        seal_entries(look_back=NO_LOOK)
        anchors.note_head(now=timezone.now())


@shared_task
def anchor(**_: object) -> None:
    seal_entries()
    anchors.write(now=timezone.now())


@shared_task
def hourly(**_: object) -> None:
    """Move batches of past cycles on, warn users of a cut-off, send e-mails; in this order, because
    each step prepares the next. Each decides itself what is due.
    """
    now = timezone.now()
    carry_over(day=timezone.localdate(now))
    submit_waiting(now=now)
    warn_of_cutoff(now=now)
    send_digests(now=now)


@shared_task
def tidy(**_: object) -> None:
    leftovers.sweep(now=timezone.now())


@shared_task
def sweep_uploads(**_: object) -> None:
    upload_parts.sweep(now=timezone.now())


@shared_task
def refresh_places(**_: object) -> None:
    """Compute where villages and islands are, where the boundaries changed since."""
    places.refresh()


@shared_task
def refresh_coverage(**_: object) -> None:
    """Enqueue the coverage of villages, where something that it rests on changed."""
    village_coverage.enqueue_due_refresh(now=timezone.now())


@shared_task
def refresh_measures(**_: object) -> None:
    """Enqueue a count of the register by region, where it changed."""
    counting.enqueue_due_refresh()


@shared_task
def refresh_map_counts(**_: object) -> None:
    """Count the proposals of the country for the map, the list and the form of its filter, where
    they changed or nothing is kept.
    """
    proposal_tiles.refresh_country()
    listing.refresh_country()
    facet_counts.refresh_country()


@shared_task
def judge_places(**_: object) -> None:
    """Judge once more whose places are protected among what was stored at the same moment."""
    place_judging.judge_noted()


@shared_task
def poll_feeds(**_: object) -> None:
    """Send a message for each feed of hazards that is due: one that hangs holds no other up."""
    for name in polling.due_feeds(now=timezone.now()):
        current_app.send_task(
            "portal.tasks.poll_feed", kwargs={"name": name}, queue="hazards", expires=10
        )


@shared_task
def poll_feed(*, name: str, **_: object) -> None:
    """Ask one feed of hazards, unless another process has asked it meanwhile."""
    polling.poll_feeds([name], now=timezone.now())


@shared_task
def escalate_hazards(**_: object) -> None:
    """Pass hazards that nobody took on to the duty of the command centre."""
    escalation.escalate_waiting(now=timezone.now())


@shared_task
def ask_services(**_: object) -> None:
    """Enqueue a job for each service of published figures that is due."""
    syncing.enqueue_due(now=timezone.now())


@shared_task
def ask_civil(**_: object) -> None:
    """Enqueue a job about rows that were endorsed, failed or are old."""
    asking.enqueue_due_check()


@shared_task
def compare_after_decrees(**_: object) -> None:
    """Enqueue one run of the register with itself, for all decrees since the last one."""
    register_runs.enqueue_after_decrees()
