"""The demo's file of removals and corrections: persons who died, moved, can do without aid, or are
registered wrongly; and two rows that cannot go on like this.

The same file again is the same batch.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.utils import timezone

from apps.accounts.roles import Role
from apps.demo import sending
from apps.demo.stage import Stage
from apps.proposals import columns
from apps.proposals.models import Batch, HeldRow, Proposal
from apps.proposals.submitting import submission
from apps.registry.models import EndReason, Person

# The persons before these are those of `identities`.
AFTER: Final = 20


class Request(NamedTuple):
    """One row: its words in the demo, and its cells beside who and where."""

    words: str
    cells: dict[str, str]


REQUESTS: Final = (
    Request(
        "somebody who has died",
        {
            "kind": "HAPUS",
            "reason": "MENINGGAL",
            "reason_date": "02-11-2026",
            "evidence_kind": "AKTA KEMATIAN",
            "evidence_number": "9701-KM-02112026-0001",
        },
    ),
    Request(
        "somebody who has moved away",
        {
            "kind": "HAPUS",
            "reason": "PINDAH",
            "reason_date": "20-10-2026",
            "evidence_kind": "SURAT PINDAH",
            "evidence_number": "SKPWNI/9701/20102026/0007",
        },
    ),
    Request(
        "a family that can do without aid",
        {
            "kind": "HAPUS",
            "reason": "MAMPU",
            "evidence_kind": "BERITA ACARA",
            "evidence_number": "411/08/MUSDES/2026",
        },
    ),
    Request(
        "another place of birth and occupation",
        {
            "kind": "PERBAIKAN",
            "birth_place": "AMPEL",
            "occupation": "BURUH HARIAN LEPAS",
            "evidence_kind": "KTP",
        },
    ),
    Request(
        "another address",
        {
            "kind": "PERBAIKAN",
            "address": "DUSUN CONTOH 7",
            "rt": "9",
            "evidence_kind": "KK",
        },
    ),
    Request(
        "a death without its day and paper",
        {"kind": "HAPUS", "reason": "MENINGGAL"},
    ),
    Request("a correction that changes nothing", {"kind": "PERBAIKAN", "evidence_kind": "KTP"}),
)


def leave(stage: Stage, *, say: Callable[[str], object], show: Any) -> Batch:
    """The file, checked and submitted as far as it goes; prints what became of each row."""
    path = stage.folder / f"hapus_dan_perbaikan_{stage.regency.code.replace('.', '')}.csv"
    if not path.exists():
        _write(path, stage)
    say("Removing and correcting who is registered")
    batch = sending.send(path, stage, show=show)
    if batch.status == Batch.Status.READY:
        officer = stage.people[Role.REGENCY_OFFICER]
        submission.submit(batch=batch, by=officer, now=timezone.now())
    for number, words in sorted(_outcomes(batch).items()):
        say(f"  row {number}, {REQUESTS[number - 1].words}: {words}")
    return batch


def _write(path: Path, stage: Stage) -> None:
    """Write registered persons of the regency, one for each request, in the template's columns."""
    rows = (
        Person.objects.filter(status="active", is_nik_disputed=False, nik__isnull=False)
        .filter(village__code__startswith=f"{stage.regency.code}.", birth_date__isnull=False)
        .exclude(enrolments=None)
        .order_by("pk")
    )
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(columns.TEMPLATE.values())
        for person, request in zip(rows[AFTER : AFTER + len(REQUESTS)], REQUESTS, strict=True):
            who = {
                "nik": person.nik or "",
                "name": person.name,
                "village_code": person.village_id,
            }
            cells = who | request.cells
            writer.writerow([cells.get(column, "") for column in columns.COLUMNS])


def _outcomes(batch: Batch) -> dict[int, str]:
    """The result of each row, as text for the reader of the demo."""
    told = {
        row.row_number: f"held: {', '.join(_faults(batch, row.row_number))}"
        for row in HeldRow.objects.filter(batch=batch)
    }
    for row in Proposal.objects.filter(batch=batch):
        about = EndReason(row.reason).value if row.reason else ", ".join(sorted(row.changes or {}))
        told[row.row_number] = f"{row.status}: {row.kind}, {about}"
    return told


def _faults(batch: Batch, number: int) -> list[str]:
    found = batch.findings.filter(row_number=number, severity=3).order_by("code")
    return list(found.values_list("code", flat=True))
