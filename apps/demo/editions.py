"""The demo's boundary editions, read and activated by the worker."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.demo import regency, working
from apps.jobs.models import Job
from apps.proposals.checks import recheck
from apps.regions import boundaries
from apps.regions.editions.packing import as_one_file
from apps.regions.models import BoundaryEdition

ACTOR: Final = "command:demo"
# The first edition of the made-up survey agency: one village was not surveyed yet.
FIRST: Final = ("Demo 2025-12", date(2025, 12, 31))
SECOND: Final = ("Demo 2026-01", date(2026, 1, 31))
LATER: Final = "97.05.04.2006"
Status = BoundaryEdition.Status


def first(folder: Path, *, show: Any) -> None:
    """Activate the edition without a village, unless the next one is active already."""
    if BoundaryEdition.objects.filter(name=SECOND[0], status=Status.ACTIVE).exists():
        return
    path = folder / "boundaries_first.gpkg"
    if not path.exists():
        regency.write_boundaries(path, without=(LATER,))
    enforce(path, *FIRST, show=show)


def second(folder: Path, *, show: Any) -> dict[str, Any]:
    """Activate the edition with all villages; returns what the recheck of held rows found.

    The same numbers on every run.
    """
    path = folder / "boundaries.gpkg"
    if not path.exists():
        regency.write_boundaries(path)
    edition = enforce(path, *SECOND, show=show)
    asked = Job.objects.filter(
        kind=recheck.RECHECK_HELD, subject=f"regions.BoundaryEdition:{edition.pk}"
    )
    job = asked.order_by("pk").first()
    return {} if job is None else dict(working.done(job, show=show).result)


def enforce(layer: Path, name: str, published: date, *, show: Any) -> BoundaryEdition:
    """A layer as an active edition; one that was active before is left unchanged."""
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        edition, job = boundaries.receive_edition(
            path=as_one_file(layer, Path(folder)),
            file_name=layer.name,
            name=name,
            published_date=published,
            by=ACTOR,
            now=timezone.now(),
        )
    working.done(job, show=show)
    edition.refresh_from_db()
    if edition.status == Status.READY:
        working.done(boundaries.enqueue_activation(edition=edition, by=ACTOR), show=show)
        edition.refresh_from_db()
    return edition
