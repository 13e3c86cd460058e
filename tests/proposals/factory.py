"""Proposals made directly, as the worker would leave them after the checks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection

from apps.accounts.models import Agency, User
from apps.casework.models import Document
from apps.demo.country import CODES, at
from apps.proposals.models import Batch, Proposal
from apps.proposals.states import BatchStatus
from tests.base import NOW
from tests.conftest import as_role

SERIAL = 9000


def nik_of(number: int) -> str:
    """A made-up NIK: born on 2 January 1990, with its serial from 9000."""
    thousands, serial = divmod(number, 1000)
    return f"{970100 + thousands}020190{SERIAL + serial}"


def batch(
    by: User | Agency, *, region: str = "97.01", status: str = BatchStatus.READY, **fields: Any
) -> Batch:
    sender = {"user": by} if isinstance(by, User) else {"agency": by, "origin": Batch.Origin.API}
    with as_role("worker"):
        return Batch.objects.create(
            region_id=region, status=status, received_at=NOW, **sender, **fields
        )


def proposals(
    of: Batch, count: int = 1, *, village: str = "A", first: int = 1, **fields: Any
) -> list[Proposal]:
    """`count` rows, three to a family unless `kk` is given; `first` numbers rows and NIKs."""
    with as_role("worker"):
        ids = _next_ids(count)
        return Proposal.objects.bulk_create(
            [
                _proposal(of, first + i, id=id, village=village, **fields)
                for i, id in enumerate(ids)
            ],
            batch_size=2000,
        )


def many_proposals(of: Batch, count: int, **fields: Any) -> None:
    """Thousands of rows at once: copies of one, with their own numbers (KK: three to a family)."""
    first = proposal(of, **fields)
    others = [field.column for field in Proposal._meta.local_fields if not field.generated]
    own = {
        "id": "nextval('proposals_proposal_id_seq')",
        "row_number": "row_number + n",
        "nik": "(nik::bigint + n / 1000 * 10000000000 + n %% 1000)::text",
        "kk": "(kk::bigint + n / 3)::text",
    }
    chosen = ", ".join(own.get(name, name) for name in others)
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO proposals_proposal ({', '.join(others)}) SELECT {chosen}"
            " FROM proposals_proposal, generate_series(1, %s) AS n WHERE id = %s",
            [count - 1, first.pk],
        )


def proposal(of: Batch, **fields: Any) -> Proposal:
    return proposals(of, **fields)[0]


def _proposal(of: Batch, number: int, *, village: str, **fields: Any) -> Proposal:
    known: dict[str, Any] = {
        "batch": of,
        "row_number": number,
        "nik": nik_of(number),
        "kk": nik_of(number - number % 3),
        "name": f"WARGA {number}",
        "birth_date": date(1990, 1, 2),
        "birth_place": "BARAT LOR",
        "sex": "L",
        "mother_name": "IBU",
        "address": "JL. MELATI NO. 1",
        "rt": "001",
        "rw": "002",
        "village_id": CODES[village],
        "programme_id": "PKH",
        "location": Point(*at(village), srid=4326),
        "verdict": "inside",
        "step_at": NOW,
    }
    return Proposal(**known | fields)


def _next_ids(count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('proposals_proposal_id_seq') FROM generate_series(1, %s)", [count]
        )
        return [row[0] for row in cursor.fetchall()]


def status_of(row: Proposal) -> str:
    """The status in the database, whoever may see it."""
    with as_role("owner"):
        return Proposal.objects.values_list("status", flat=True).get(pk=row.pk)


def document(region: str, by: User, **fields: Any) -> Document:
    """A paper, minutes unless said otherwise; there is no file."""
    number = str(Document.objects.count())
    known = {
        "kind": Document.Kind.MINUTES, "number": "1", "date": NOW.date(), "region_id": region,
        "file_name": "contoh.pdf", "media_type": "application/pdf", "size": 10, "user": by,
        "by_name": "Rini", "at": NOW, "sha256": number, "sent_sha256": number,
    }  # fmt: skip
    return Document.objects.create(**(known | fields))
