"""Tables of figures for the tests: CSV files, imported as the worker does."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from apps.audit.subjects import Actor
from apps.indicators.figures import intake, reading
from apps.indicators.figures.reading import ReadingOutcome
from apps.indicators.models import Publication, Release
from apps.regions.models import COUNTRY, Level, Region
from tests.base import NOW
from tests.conftest import as_role

BY = Actor("command:tests", "tests")
HEADER = "provinsi,kabkota,p0_persen,kode_kemendagri"
# The four regencies of the toy country, with their figures.
ROWS = (
    "NUSA BARAT,Barat Lor,18.98,97.01",
    "NUSA BARAT,Barat Kidul,20.36,97.02",
    "NUSA TIMUR,Timur Lor,13.18,98.01",
    "NUSA TIMUR,Timur Kidul,7.5,98.02",
)


def write(
    folder: Path, rows: Iterable[str] = ROWS, header: str = HEADER, name: str = "p0.csv"
) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def receive(path: Path, *, now: datetime = NOW, **told: Any) -> intake.Received:
    """A publication of a file, not read yet."""
    known = {"source": "BPS, 2021", "period": "2021", **told}
    with as_role("worker"), path.open("rb") as file:
        kept = intake.keep(file, path.name)
        return intake.receive_publication(kept, intake.Told(**known), by=BY, now=now)


def read(publication: Publication, *, now: datetime = NOW) -> ReadingOutcome:
    with as_role("worker"):
        return reading.read_at_once(publication, by=BY, now=now)


def load(path: Path, *, now: datetime = NOW, **told: Any) -> tuple[Publication, ReadingOutcome]:
    """A file, received and read."""
    publication = receive(path, now=now, **told).publication
    outcome = read(publication, now=now)
    publication.refresh_from_db()
    return publication, outcome


def figures(indicator: str = "poverty_rate", period: str = "2021") -> dict[str, float]:
    """The values in force, by region."""
    release = Release.objects.get(indicator=indicator, period=period, is_current=True)
    return {one.region_id: float(one.value) for one in release.values.all()}


def said(publication: Publication) -> dict[int, set[str]]:
    """Row → the codes of what was found in it or is open."""
    found: dict[int, set[str]] = {}
    for row in (*publication.findings.all(), *publication.open_rows.all()):
        found.setdefault(row.row_number, set()).add(row.code)
    return found


def add_region(code: str, name: str, **more: Any) -> Region:
    level = Level.of(code)
    parent = code.rpartition(".")[0] or COUNTRY
    with as_role("owner"):
        return Region.objects.create(code=code, name=name, level=level, parent_id=parent, **more)


def load_real_regencies(folder: Path) -> None:
    """The provinces and regencies of the decree in force, beside the toy country."""
    made = list[Region]()
    for level, name in ((Level.PROVINCE, "provinces"), (Level.REGENCY, "regencies")):
        with gzip.open(folder / "codes" / f"idn_area_{name}.csv.gz", "rt") as file:
            rows: Iterable[Mapping[str, str]] = csv.DictReader(file)
            made += [
                Region(
                    code=row["code"],
                    name=row["name"],
                    level=level,
                    parent_id=row.get("province_code", COUNTRY),
                )
                for row in rows
            ]
    with as_role("owner"):
        Region.objects.bulk_create(made)
