"""The demo's pockets of poverty: a made-up edition of BIG, ours, and a list that asks the regency.

Everything is found again at a second run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import shapely
from django.utils import timezone
from shapely.geometry import mapping

from apps.audit.subjects import command
from apps.demo import working
from apps.demo.stage import Stage
from apps.indicators.models import PocketDifference, PocketEdition
from apps.indicators.pockets import activation, differences, reception, worklists
from apps.indicators.pockets.reception import Method
from apps.jobs.models import Job

BY: Final = command("demo")
PUBLISHED: Final = ("BIG contoh 2026-07 (dibuat untuk demo)", date(2026, 7, 1))
COMPUTED: Final = "Data Induk contoh (dibuat untuk demo)"
# Which of the regency's villages the made-up polygons cover, as places in their list.
WHOLE: Final = (1, 2, 3, 8, 9, 15)
HALF: Final = (5, 12, 18)
# Some of the regency's villages have more, some fewer.
METHOD: Final = Method(per_km2=20.0, percent=50.0, side_m=700.0)
ANSWER_DAYS: Final = 14


@dataclass(frozen=True)
class PocketsOutcome:
    """Villages by who says pocket, and how many are on a list."""

    kinds: dict[str, int]
    asked: int


def compare(stage: Stage, *, say: Any, show: Any = None) -> PocketsOutcome:
    """Import BIG's edition, compute ours, put both in force, ask the regency."""
    say("Pockets of poverty: a made-up edition of BIG beside the register's own")
    published, job = _published(stage)
    _finish(published, job, show)
    computed, job = reception.enqueue_computation(
        name=COMPUTED, method=METHOD, by=BY, now=timezone.now()
    )
    _finish(computed, job, show)
    due = timezone.localdate() + timedelta(days=ANSWER_DAYS)
    worklists.ask_regencies(due_date=due, by=BY, now=timezone.now())
    rows = PocketDifference.objects.filter(published=published, computed=computed)
    kinds = {kind: rows.filter(kind=kind).count() for kind in differences.KINDS}
    return PocketsOutcome(kinds, rows.filter(worklist__isnull=False).count())


def _published(stage: Stage) -> tuple[PocketEdition, Job]:
    """Two polygons over some villages and halves of others, as BIG might draw them."""
    name, day = PUBLISHED
    path = stage.folder / "kantong_big.geojson"
    if not path.exists():
        path.write_text(json.dumps(_drawn(stage)), encoding="utf-8")
    with path.open("rb") as file:
        kept = reception.keep(file, path.name)
    return reception.receive_edition(
        kept=kept, name=name, published_date=day, by=BY, now=timezone.now()
    )


def _drawn(stage: Stage) -> dict[str, Any]:
    shapes = [shape for _code, shape in sorted(stage.own.items())]
    halves = []
    for place in HALF:
        shape = shapes[place % len(shapes)]
        west, south, east, north = shape.bounds
        halves.append(shape.intersection(shapely.box(west, south, (west + east) / 2, north)))
    wholes = [shapes[place % len(shapes)] for place in WHOLE]
    features = [
        {
            "type": "Feature",
            "properties": {"NAMOBJ": f"Kantong contoh {number}"},
            "geometry": mapping(area),
        }
        for number, area in enumerate((shapely.union_all(wholes), *halves), 1)
    ]
    return {"type": "FeatureCollection", "features": features}


def _finish(edition: PocketEdition, job: Job, show: Any) -> None:
    """Wait for the worker and put the edition in force."""
    working.done(job, show=show)
    activation.activate_edition(edition=edition, by=BY, now=timezone.now())
