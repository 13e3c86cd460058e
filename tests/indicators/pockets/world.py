"""Registered families in the toy country, files of BIG's pockets, and editions in force."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from shapely.geometry import mapping

from apps.audit.subjects import command
from apps.demo.country import CODES, at
from apps.indicators.models import PocketEdition
from apps.indicators.pockets import activation, reception
from apps.indicators.pockets.reception import Method
from apps.jobs.models import Job
from apps.registry.models import Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.registry.people import a_change

BY = command("tests")
DAY = date(2026, 7, 1)
LETTERS = {code: letter for letter, code in CODES.items()}
_numbers = count(1)


def families(
    letter: str,
    number: int,
    *,
    programme: str = "",
    spots: Sequence[tuple[float, float]] = (),
    verdict: str = "inside",
    persons: int = 2,
) -> list[Family]:
    """Families of a village; `spots` are the places of the first ones, in shares of its square."""
    serials = [next(_numbers) for _each in range(number)]
    with as_role("worker"):
        change = a_change()
        made = Family.objects.bulk_create(
            Family(
                kk=f"9701010101{serial:06d}",
                village_id=CODES[letter],
                location=Point(*at(letter, *spots[n]), srid=4326) if n < len(spots) else None,
                location_verdict=verdict if n < len(spots) else "",
                change=change,
            )
            for n, serial in enumerate(serials)
        )
        people = Person.objects.bulk_create(
            Person(
                family=family,
                village_id=family.village_id,
                name=f"ORANG {family.pk}",
                sex="L",
                source="dtks",
                change=change,
            )
            for family in made
            for _one in range(persons)
        )
        if programme:
            Enrolment.objects.bulk_create(
                Enrolment(
                    person=people[n * persons],
                    village_id=family.village_id,
                    programme_id=programme,
                    active_from=date(2026, 1, 1),
                    change=change,
                )
                for n, family in enumerate(made)
            )
    return made


def write_polygons(path: Path, shapes: Iterable[Any]) -> Path:
    """GeoJSON of polygons in degrees; a shape may be a GeoJSON geometry, or None."""
    rows = [
        {
            "type": "Feature",
            "properties": {"NAMOBJ": f"Kantong {number}"},
            "geometry": shape if isinstance(shape, dict | None) else mapping(shape),
        }
        for number, shape in enumerate(shapes, 1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}))
    return path


def write_list(path: Path, rows: Iterable[Sequence[str]]) -> Path:
    """A list of villages: codes and names."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([["Kode Desa", "Nama Desa"], *rows])
    return path


def receive(path: Path, name: str, **more: Any) -> tuple[PocketEdition, Job]:
    with path.open("rb") as file:
        kept = reception.keep(file, path.name)
    return reception.receive_edition(
        kept=kept, name=name, published_date=DAY, by=BY, now=NOW, **more
    )


def imported(path: Path, name: str = "BIG 2026-07", **more: Any) -> PocketEdition:
    """The edition of a file, as the worker has stored it."""
    edition, job = receive(path, name, **more)
    with as_role("worker"):
        do(job)
    edition.refresh_from_db()
    return edition


def computed(name: str = "Register 2026-11", **method: Any) -> PocketEdition:
    """An edition of ours, as the worker has computed it."""
    wanted = {"programmes": ("PKH",), "per_km2": 5.0, "percent": 50.0, "side_m": 300.0}
    edition, job = reception.enqueue_computation(
        name=name, method=Method(**wanted | method), by=BY, now=NOW
    )
    with as_role("worker"):
        do(job)
    edition.refresh_from_db()
    return edition


def listed(folder: Path, letters: str, name: str = "BIG 2026-07") -> PocketEdition:
    """An edition of BIG's with these villages."""
    path = folder / f"{name}.csv"
    write_list(path, [[CODES[letter], ""] for letter in letters])
    return imported(path, name)


def in_force(*editions: PocketEdition) -> None:
    for edition in editions:
        activation.activate_edition(edition=edition, by=BY, now=NOW)


def pockets(edition: PocketEdition) -> str:
    """The letters of the villages that are pockets in an edition."""
    rows = edition.villages.filter(is_pocket=True).values_list("village_id", flat=True)
    return "".join(sorted(LETTERS[code] for code in rows))
