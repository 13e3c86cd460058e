"""Periodic work of the trail, started by beat and by acts that are anchored at once. Run twice they
change nothing."""

from celery import shared_task
from django.utils import timezone

from apps.audit import anchors
from apps.audit.seal import NO_LOOK, SHORT_LOOK, seal_entries, waits_for_anchor


@shared_task
def seal(**_: object) -> None:
    seal_entries(look_back=SHORT_LOOK)
    anchors.note_head(now=timezone.now())


@shared_task
def seal_at_once(**_: object) -> None:
    """After a decision, a grant, an export. Many messages at once are one sealing."""
    if waits_for_anchor():
        seal_entries(look_back=NO_LOOK)
        anchors.note_head(now=timezone.now())


@shared_task
def anchor(**_: object) -> None:
    seal_entries()
    anchors.write(now=timezone.now())
