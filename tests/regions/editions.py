"""Boundary files drawn in the squares of the toy country, and their import as the worker."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry import Polygon, box, mapping

from apps.demo import country
from apps.demo.country import CODES, at
from apps.jobs.models import Job
from apps.regions import boundaries
from apps.regions.models import BoundaryEdition, QualityIssue
from tests.base import NOW
from tests.jobs.doing import do

SQUARE_M2 = 1_219_600  # a side is 0.01 degrees


def square(letter: str, west: float = 0, south: float = 0, east: float = 1, north: float = 1):
    """A rectangle in shares of a letter's square."""
    return box(*at(letter, west, south), *at(letter, east, north))


def ring(letter: str, *spots: tuple[float, float]) -> Polygon:
    """A polygon through spots of a letter's square, crossing itself if they do."""
    return Polygon([at(letter, *spot) for spot in spots])


def write(path: Path, features: list[tuple[str, Any]], field: str = "KDEPUM") -> Path:
    """GeoJSON of (code, shape); a shape may be a GeoJSON geometry, or None."""
    rows = [
        {
            "type": "Feature",
            "properties": {field: code, "NAMOBJ": f"Desa {code}"},
            "geometry": mapping(shape) if isinstance(shape, shapely.Geometry) else shape,
        }
        for code, shape in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def toy(**changed: Any) -> list[tuple[str, Any]]:
    """The toy country's villages, some with another shape or (None) left out."""
    shapes = dict[str, Any](country.villages())
    shapes |= {CODES[letter]: shape for letter, shape in changed.items()}
    return [(code, shape) for code, shape in sorted(shapes.items()) if shape is not None]


def receive(path: Path, name: str, **chosen: Any) -> tuple[BoundaryEdition, Job]:
    return boundaries.receive_edition(
        path=path,
        file_name=path.name,
        name=name,
        published_date=date(2026, 7, 31),
        by="tests",
        now=NOW,
        **chosen,
    )


def read(path: Path, name: str = "Toy 2026-07", **chosen: Any) -> BoundaryEdition:
    """Receive a file and import it, as a worker does; the edition may have failed."""
    edition, job = receive(path, name, **chosen)
    do(job)
    edition.refresh_from_db()
    return edition


def enforce(edition: BoundaryEdition) -> dict[str, Any]:
    """Activate through its job; the job's result."""
    job = boundaries.enqueue_activation(edition=edition, by="tests")
    do(job)
    job.refresh_from_db()
    assert job.status == Job.Status.DONE
    return job.result


def issues(edition: BoundaryEdition, kind: str) -> list[QualityIssue]:
    return list(edition.issues.filter(kind=kind).order_by("region_code", "pk"))


def failure(edition: BoundaryEdition) -> str:
    assert edition.status == BoundaryEdition.Status.FAILED
    jobs = Job.objects.filter(kind=boundaries.IMPORT_EDITION, subject__endswith=f":{edition.pk}")
    return jobs.latest("pk").message_code
