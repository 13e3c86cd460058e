"""Sending rows the way an officer does: a file, the queue's task, and what is stored afterwards."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.accounts.models import Agency, User
from apps.demo import country
from apps.proposals import columns
from apps.proposals.models import Batch, Finding, HeldRow, Proposal
from apps.proposals.upload import intake
from tests.conftest import as_role
from tests.jobs.doing import do

A, B, C, D = (country.CODES[letter] for letter in "ABCD")
PREFIX = A[:8].replace(".", "")


def point(letter: str, east: float = 0.4, north: float = 0.6) -> dict[str, str]:
    """The cells of a point in the toy country; not at the office, not on the coarse grid."""
    longitude, latitude = country.at(letter, east + 0.00123, north + 0.00123)
    return {"longitude": f"{longitude:.6f}", "latitude": f"{latitude:.6f}"}


def row(serial: int = 9001, **cells: str) -> dict[str, str]:
    """A good row: a woman born 10 May 1988, proposed in village A, at home there."""
    return {
        "nik": f"{PREFIX}500588{serial:04d}",
        "programme": "PKH",
        "kk": f"{PREFIX}010120{serial:04d}",
        "name": "SITI AMINAH",
        "birth_place": "AMPEL",
        "birth_date": "10/05/1988",
        "mother_name": "NUR",
        "sex": "P",
        "occupation": "BURUH TANI",
        "marital_status": "KAWIN",
        "address": "JL. MELATI 1",
        "rt": "001",
        "rw": "002",
        "village_code": A,
        **point("A", 0.2 + serial % 50 / 100, 0.2 + serial // 50 % 50 / 100),
    } | cells


# The papers of rows that are not new.
DEATH = {
    "reason": "MENINGGAL",
    "reason_date": "03-11-2026",
    "evidence_kind": "AKTA KEMATIAN",
    "evidence_number": "474.3/012/2026",
}
CARD = {"evidence_kind": "KTP"}


def removal(serial: int = 9001, **cells: str) -> dict[str, str]:
    """A good removal of the person of `row(serial)`: who, where, why, and the paper."""
    known = {name: row(serial)[name] for name in ("nik", "name", "village_code")}
    return known | {"kind": "HAPUS", **DEATH} | cells


def correction(serial: int = 9001, **cells: str) -> dict[str, str]:
    """A correction of the person of `row(serial)`: `cells` are the values that change."""
    known = {name: row(serial)[name] for name in ("nik", "name", "village_code")}
    return known | {"kind": "PERBAIKAN", **CARD} | cells


def as_csv(rows: Iterable[Mapping[str, str]], names: Iterable[str] = columns.COLUMNS) -> bytes:
    """A file with the template's header."""
    names = list(names)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([columns.TEMPLATE[name] for name in names])
    writer.writerows([one.get(name, "") for name in names] for one in rows)
    return out.getvalue().encode()


def receive(
    content: bytes,
    by: User | Agency,
    *,
    region: str = "97.01",
    name: str = "usulan.csv",
    **more: str,
) -> intake.Received:
    """Upload as the web does: its role, its gate open."""
    with transaction.atomic():
        open_gate(by)
        return intake.receive_file(
            file=io.BytesIO(content),
            file_name=name,
            by=by,
            region_code=region,
            now=timezone.now(),
            **more,
        )


def check(received: intake.Received) -> Batch:
    """Let the worker do the batch's job."""
    with as_role("worker"):
        do(received.job)
        received.job.refresh_from_db()
        return Batch.objects.get(pk=received.batch.pk)


def send(rows: Iterable[Mapping[str, str]], by: User | Agency, **more: str) -> Batch:
    """Upload rows as a file and check it."""
    return check(receive(as_csv(rows), by, **more))


def findings(batch: Batch) -> dict[int, set[str]]:
    """Codes of findings by row."""
    found: dict[int, set[str]] = defaultdict(set)
    with as_role("worker"):
        for number, code in Finding.objects.filter(batch=batch).values_list("row_number", "code"):
            found[number].add(code)
    return found


def fields(batch: Batch) -> dict[int, set[tuple[str, str]]]:
    """(code, column) of findings by row."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    with as_role("worker"):
        for number, *pair in Finding.objects.filter(batch=batch).values_list(
            "row_number", "code", "field"
        ):
            found[number].add((pair[0], pair[1]))
    return found


def finding(batch: Batch, code: str) -> Finding:
    with as_role("worker"):
        return Finding.objects.get(batch=batch, code=code)


def places(batch: Batch) -> dict[int, Proposal | HeldRow]:
    """Proposals and held rows by row number."""
    with as_role("worker"):
        found: list[Proposal | HeldRow] = [*Proposal.objects.filter(batch=batch)]
        found += HeldRow.objects.filter(batch=batch)
        return {one.row_number: one for one in found}
