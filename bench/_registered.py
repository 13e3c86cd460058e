"""Rows of a made-up batch about registered persons: the same, misspelt, renamed, moved, another."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from apps.demo.population.people import Person
from apps.demo.stage import Stage
from apps.proposals.columns import TEMPLATE

PROGRAMMES = ("PKH", "SEMBAKO", "PBI-JK", "BST", "NON-BANSOS")
EVERY = 20  # one row in so many

Cells = dict[str, str]
# How the row of a registered person is written, in turn.
WRITTEN: tuple[Callable[[Cells], Cells], ...] = (
    lambda cells: cells,
    lambda cells: cells | {"name": cells["name"][:-1]},
    lambda cells: cells | {"name": f"{cells['name'].split()[0]} WIRATMAJA"},
    lambda cells: cells | {"address": "JALAN BARU 99"},
    lambda cells: cells | {"name": "CONTOH ORANG LAIN", "mother_name": "CONTOH IBU LAIN"},
)


def put(file: Path, here: Stage) -> int:
    """Write registered persons over some rows of a batch; returns how many."""
    with file.open(encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    at = {column: header.index(name) for column, name in TEMPLATE.items() if name in header}
    persons = (one for one in here.registered(len(rows)) if one.nik)
    done = 0
    for row, person in zip(rows[::EVERY], persons, strict=False):
        cells = WRITTEN[done % len(WRITTEN)](_cells(person))
        for column, value in cells.items():
            row[at[column]] = value
        done += 1
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([header, *rows])
    return done


def _cells(person: Person) -> Cells:
    free = [code for code in PROGRAMMES if code not in person.programmes]
    return {
        "nik": person.nik,
        "kk": person.kk,
        "name": person.name,
        "birth_date": f"{person.birth_date:%d/%m/%Y}",
        "mother_name": person.mother_name,
        "sex": person.sex,
        "address": person.address,
        "rt": person.rt,
        "rw": person.rw,
        "village_code": person.village_code,
        "latitude": f"{person.latitude:.6f}",
        "longitude": f"{person.longitude:.6f}",
        "programme": free[0] if free else "PKH",
        "kind": "",
    }
