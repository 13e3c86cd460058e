"""Sends a file of the demo through the same intake and queue as an officer's upload."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.accounts.roles import Role
from apps.demo import working
from apps.demo.stage import Stage
from apps.proposals.models import Batch
from apps.proposals.upload import intake


def send(path: Path, stage: Stage, *, show: Any) -> Batch:
    """The batch of this file, checked; the same file again is the same batch."""
    with path.open("rb") as file:
        received = intake.receive_file(
            file=file,
            file_name=path.name,
            by=stage.people[Role.REGENCY_OFFICER],
            region_code=stage.regency.code,
            now=timezone.now(),
        )
    working.done(received.job, show=show)
    return Batch.objects.get(pk=received.batch.pk)
