"""The demo's file with identity differences: other names under registered NIKs, a typing error, a
family that moved.

Every row is about a registered person, so that the checks and the review have a comparison. The
same file again is the same batch.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from django.utils import timezone

from apps.accounts.roles import Role
from apps.demo import minutes, sending
from apps.demo.stage import Stage
from apps.proposals import columns
from apps.proposals.models import Batch, HeldRow, RegisteredMatch
from apps.proposals.states import Likely
from apps.proposals.submitting import submission
from apps.registry.models import Person, Programme

OTHER_NAME = "CONTOH LAIN"
WHY = "Nama di KTP lama; surat keterangan desa terlampir."


class Case(NamedTuple):
    """One row: its differences from the register, and its name in the demo."""

    words: str
    cells: dict[str, str]


def leave(stage: Stage, *, say: Callable[[str], object], show: Any) -> Batch:
    """The file, checked and submitted as far as possible; prints what the comparison found."""
    path = stage.folder / f"usulan_identitas_{stage.regency.code.replace('.', '')}.csv"
    cases = _cases(stage)
    if not path.exists():
        _write(path, stage, cases)
    say("Comparing a file with who is registered")
    batch = sending.send(path, stage, show=show)
    officer = stage.people[Role.REGENCY_OFFICER]
    if batch.status == Batch.Status.READY:
        minutes.add_minutes(batch, by=officer)
        submission.submit(batch=batch, by=officer, now=timezone.now())
    for number, words in sorted(_outcomes(batch).items()):
        say(f"  row {number}, {cases[number - 1].words}: {words}")
    return batch


def _cases(stage: Stage) -> list[Case]:
    elsewhere = max(stage.own)
    spot = stage.own[elsewhere].representative_point()
    return [
        Case("another name under a registered NIK", _named(OTHER_NAME)),
        Case("another name, explained by the officer", _named(OTHER_NAME) | {"identity_note": WHY}),
        Case("a letter left out", {"name": "-"}),
        Case(
            "a family that lives elsewhere now",
            {
                "village_code": elsewhere,
                "address": "DUSUN BARU",
                "latitude": f"{spot.y:.6f}",
                "longitude": f"{spot.x:.6f}",
            },
        ),
    ]


def _named(name: str) -> dict[str, str]:
    return {"name": name, "mother_name": "CONTOH IBU"}


def _write(path: Path, stage: Stage, cases: list[Case]) -> None:
    """Write registered persons of the regency, one for each case, with the case's cells."""
    rows = (
        Person.objects.filter(status="active", is_nik_disputed=False, nik__isnull=False)
        .filter(village__code__startswith=f"{stage.regency.code}.", birth_date__isnull=False)
        .exclude(village_id=max(stage.own))
        .select_related("family")
        .order_by("pk")
    )
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns.TEMPLATE.values())
        for person, case in zip(rows[: len(cases)], cases, strict=True):
            cells = _cells(person) | case.cells
            if cells["name"] == "-":
                cells["name"] = person.name[:-1]
            writer.writerow([cells.get(column, "") for column in columns.COLUMNS])


def _cells(person: Person) -> dict[str, str]:
    family, had = person.family, set(person.enrolments.values_list("programme_id", flat=True))
    programme = Programme.objects.exclude(pk__in=had).order_by("pk").first()
    spot = family.location
    return {
        "nik": person.nik or "",
        "kk": family.kk or "",
        "programme": programme.pk if programme else "",
        "name": person.name,
        "birth_place": person.birth_place,
        "birth_date": f"{person.birth_date:%d-%m-%Y}",
        "mother_name": person.mother_name,
        "sex": person.sex,
        "address": family.address,
        "rt": family.rt,
        "rw": family.rw,
        "village_code": person.village_id,
        "latitude": f"{spot.y:.6f}" if spot else "",
        "longitude": f"{spot.x:.6f}" if spot else "",
    }


def _outcomes(batch: Batch) -> dict[int, str]:
    """The result of each row, as text for the reader of the demo."""
    told = {
        row.row_number: "held: somebody else is registered; mend the NIK or explain"
        for row in HeldRow.objects.filter(batch=batch)
    }
    found = RegisteredMatch.objects.filter(proposal__batch=batch).select_related("proposal")
    for match in found:
        who = "the same person"
        if match.likely == Likely.OTHER:
            who = "probably another person, decided by itself"
        told[match.proposal.row_number] = f"{who}; differs: {', '.join(match.differs) or 'nothing'}"
    return told
