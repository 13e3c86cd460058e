"""The annex of a decree: numbered, masked, inert, the same bytes for the same rows."""

import base64
import csv
import hashlib
import io
import re
import zlib
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest
from django.conf import settings

from apps.proposals.decree import annex
from apps.proposals.models import Decree
from tests.base import NOW
from tests.conftest import as_role
from tests.limits import within
from tests.proposals import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def decree(person):
    determiner = person("determiner")
    with as_role("worker"):
        return Decree.objects.create(
            number="88/HUK/2026",
            date=date(2026, 11, 24),
            region_id="97.01",
            user=determiner,
            created_at=NOW,
        )


def rows(person, decree, count, **fields):
    batch = factory.batch(person("regency_officer"), status="submitted")
    return factory.proposals(batch, count, status="determined", decree=decree, **fields)


def written(decree, total, *, whole=False):
    with as_role("worker"):
        made = annex.write(decree, total)
    table, paper = (made.whole_csv, made.whole_pdf) if whole else (made.masked_csv, made.masked_pdf)
    contents = [(Path(settings.MEDIA_ROOT) / file.name).read_bytes() for file in (table, paper)]
    for file, content in zip((table, paper), contents, strict=True):
        assert hashlib.sha256(content).hexdigest() == file.sha256
    return (table, paper), contents


def test_rows_are_numbered_by_village_and_family_with_their_numbers_masked(decree, person):
    rows(person, decree, 2, village="B", first=1)
    rows(person, decree, 3, village="A", first=11, name="=SUM(A1)")
    _files, (table, _paper) = written(decree, 5)
    found = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert [row["nomor"] for row in found] == ["1", "2", "3", "4", "5"]
    assert [row["desa"] for row in found] == ["Ampel"] * 3 + ["Beji"] * 2
    assert {row["nama"] for row in found[:3]} == {"'=SUM(A1)"}
    assert {row["nik"][6:12] for row in found} == {"••••••"}
    assert {row["no_kk"][6:12] for row in found} == {"••••••"}
    assert all(row["usulan"] for row in found)


def test_the_whole_annex_has_the_numbers_and_the_masked_paper_names_its_digest(decree, person):
    made = rows(person, decree, 3)
    (_csv, paper), (table, whole) = written(decree, 3, whole=True)
    found = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert {(row["nik"], row["no_kk"]) for row in found} == {(one.nik, one.kk) for one in made}
    assert all(one.nik.encode() in plain(whole) for one in made)
    _files, (_table, masked_paper) = written(decree, 3)
    assert paper.sha256.encode() in plain(masked_paper)
    assert not any(one.nik.encode() in plain(masked_paper) for one in made)


def plain(paper):
    """The text of a PDF's pages."""
    return b"".join(
        zlib.decompress(base64.a85decode(part, adobe=False))
        for part in re.findall(rb"(?<!end)stream\r?\n(.*?)~>", paper, re.DOTALL)
    )


def test_the_paper_has_as_many_pages_as_its_rows_need_and_shows_no_whole_number(decree, person):
    made = rows(person, decree, annex.LINES_PER_PAGE + 1)
    _files, (_table, paper) = written(decree, len(made))
    assert paper.startswith(b"%PDF-1.")
    assert paper.count(b"/Type /Page\n") == 2
    assert not any(row.nik.encode() in plain(paper) for row in made)


def test_the_same_rows_give_the_same_bytes_under_the_same_name(decree, person):
    rows(person, decree, 10)
    assert written(decree, 10) == written(decree, 10)
    folder = Path(settings.MEDIA_ROOT) / annex.FOLDER
    assert not list(folder.glob("writing-*"))
    assert {oct(file.stat().st_mode & 0o777) for file in folder.iterdir()} == {"0o600"}


def test_a_long_or_foreign_name_stays_inside_its_column(decree, person):
    rows(person, decree, 1, name="W" * 200)
    rows(person, decree, 1, first=5, name="名前 Ñandú")
    _files, (_table, paper) = written(decree, 2)
    assert paper.startswith(b"%PDF-1.")
    assert annex._fitted("W" * 200, 122.0).endswith("…")
    assert annex._plain("名前 Ñandú") == "?? Ñandú"


@pytest.mark.slow
@pytest.mark.timed
@pytest.mark.long
def test_ten_thousand_rows_are_written_in_seconds(decree, person, figure):
    batch = factory.batch(person("regency_officer"), status="submitted")
    factory.many_proposals(batch, 10_000, status="determined", decree=decree)
    started = perf_counter()
    written(decree, 10_000)
    seconds = perf_counter() - started
    figure("annex of 10,000 rows", seconds, "s", "< 15")
    assert seconds < within(8)
