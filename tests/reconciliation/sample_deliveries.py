"""Made-up deliveries of other ministries: rows, their files, and the whole way into the records."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.reconciliation.deliveries import datasets, loading, sources
from apps.reconciliation.models import Dataset, Record, Source
from tests.conftest import as_role
from tests.jobs.doing import do

VILLAGE = "97.01.01.2001"
SYLLABLES = ("BA", "BE", "BI", "BO", "BU", "DA", "DE", "DI", "DO", "DU")


def row(serial: int = 9001, **cells: str) -> dict[str, str]:
    """One person of the civil register; the NIK fits the birth date of a man."""
    return {
        "ID": f"C{serial}",
        "NIK": f"970101120188{serial}",
        "NO_KK": f"970101120120{serial}",
        "NAMA_LGKP": f"CONTOH {letters(serial)}",
        "TGL_LHR": "12-01-1988",
        "JENIS_KLMIN": "Laki-laki",
        "NAMA_LGKP_IBU": "CONTOH IBU",
        "KODE_DESA": VILLAGE,
        "ALAMAT": "JL. CONTOH 1",
    } | cells


def letters(serial: int) -> str:
    """A word of its own for each number, whose key is its own, too."""
    return "".join(SYLLABLES[int(digit)] for digit in str(serial))


def rows(count: int, first: int = 9001, **cells: str) -> list[dict[str, str]]:
    return [row(first + number, **cells) for number in range(count)]


def as_csv(of: Iterable[Mapping[str, str]]) -> bytes:
    listed = list(of)
    out = io.StringIO()
    writer = csv.DictWriter(out, list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue().encode()


def a_source(code: str = "DUKCAPIL", **values: Any) -> Source:
    with as_role("worker"):
        known = Source.objects.filter(pk=code).first()
        told = {"name": code.title(), "kind": sources.kind_of(code), **values}
        return known or sources.create(code=code, values=told, by_name="tests")


def receive(
    content: bytes, source: Source | None = None, name: str = "data.csv", **said: Any
) -> datasets.Received:
    with as_role("worker"):
        return datasets.receive_dataset(
            file=io.BytesIO(content),
            file_name=name,
            source=source or a_source(),
            by=said.pop("by", None),
            by_name="tests",
            now=timezone.now(),
            **said,
        )


def load(received: datasets.Received) -> Dataset:
    """As a worker would; the dataset as it is then."""
    with as_role("worker"):
        do(received.job)
        return Dataset.objects.select_related("source").get(pk=received.dataset.pk)


def loaded(of: Iterable[Mapping[str, str]], source: Source | None = None, **said: Any) -> Dataset:
    return load(receive(as_csv(of), source, **said))


def why(dataset: Dataset) -> str:
    """The code with which its job ended."""
    return datasets.job_of(dataset).message_code


def held(dataset: Dataset) -> list[Record]:
    """The records that a delivery holds, by their number at the source."""
    with as_role("worker"):
        return list(Record.objects.all().of(dataset).order_by("source_ref"))


def staged(dataset: Dataset) -> bool:
    """Whether anything of a load still lies in staging."""
    places = (loading.staging_of(dataset)["rows"], loading.partition_of(dataset).table)
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s), to_regclass(%s)", [".".join(at) for at in places])
        return any(name is not None for name in cursor.fetchone())
