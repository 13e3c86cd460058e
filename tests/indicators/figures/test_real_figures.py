"""The real figures of BPS by regency, 2021: by their codes and by their names alone."""

from __future__ import annotations

import csv

import pytest

from apps.common.errors import DomainError
from apps.indicators.figures import review
from apps.indicators.models import KnownName, Publication, Release
from apps.regions.models import ForeignCode, Region
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.figures.tables import figures, load, load_real_regencies, read
from tests.personas import persona

pytestmark = pytest.mark.django_db
# The names of 2021 that are not those of a regency today, and what they are called since.
RENAMED = {
    "Pontianak": "61.02",
    "Siau Tagulandang Biaro": "71.09",
    "Mamuju Utara": "76.01",
    "Maluku Tenggara Barat": "81.03",
}
# Those that are also known under another name; their codes are right.
ALSO = {"Toba Samosir": "12.12", "Mahakam Hulu": "64.11"}
INDICATORS = 7


@pytest.fixture
def published(real_data, tmp_path):
    """The file, and the regencies of today's decree."""
    load_real_regencies(real_data)
    path = tmp_path / "bps.csv"
    path.write_bytes((real_data / "poverty" / "bps_kemiskinan_kabkota_2021.csv").read_bytes())
    return path


def confirm(publication: Publication, renamed: dict[str, str]) -> None:
    """Pick for each renamed regency the region that it is today; it is among the likely ones."""
    rows = {row.written["regency_name"]: row for row in publication.open_rows.all()}
    assert set(rows) == set(renamed)
    for name, row in rows.items():
        assert renamed[name] in row.candidates[:3], (name, row.candidates)
    answers = {row.pk: renamed[name] for name, row in rows.items()}
    planner = persona("planner")
    review.answer_rows(publication, review.Answers(answers), by=planner, now=NOW)
    review.finish_review(publication, by=planner)


def test_by_code_510_regencies_are_certain_and_four_are_reviewed(published):
    publication, outcome = load(published, vintage="2024")
    assert (outcome.taken, outcome.open) == (510, 4)
    assert not Release.objects.exists()
    confirm(publication, RENAMED)
    outcome = read(publication)
    assert (outcome.taken, len(outcome.releases)) == (514, INDICATORS)
    with published.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = {row["kode_kemendagri"] or RENAMED[row["kabkota"]]: row for row in rows}
    for indicator, column in (("poverty_rate", "p0_persen"), ("expenditure", "pengeluaran_ribu")):
        assert figures(indicator) == {code: float(row[column]) for code, row in expected.items()}


@pytest.mark.long
def test_by_names_alone_the_same_regencies_have_the_same_figures(published):
    by_code, _outcome = load(published)
    confirm(by_code, RENAMED)
    read(by_code)
    with as_role("owner"):
        KnownName.objects.all().delete()
    by_name, outcome = load(published, by_code=False)
    assert (outcome.taken, outcome.open) == (508, 6)
    confirm(by_name, RENAMED | ALSO)
    outcome = read(by_name)
    assert (outcome.status, outcome.releases) == (Publication.Status.STORED, [])
    assert len(outcome.unchanged) == INDICATORS
    assert Release.objects.count() == INDICATORS


def test_the_codes_read_as_those_of_bps_are_refused_as_a_whole(published, real_data):
    with (real_data / "codes" / "bps_kemendagri_bridge_2024.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if len(row["kode_bps"]) == 4]
    known = set(Region.objects.values_list("pk", flat=True))
    with as_role("owner"):
        ForeignCode.objects.bulk_create(
            ForeignCode(
                region_id=row["kode_kemendagri"],
                system="bps",
                code=row["kode_bps"],
                vintage="2024",
            )
            for row in rows
            if row["kode_kemendagri"] in known
        )
    columns = {"region_code": "kode_kemendagri"}
    with pytest.raises(DomainError, match="figures_codes_other"):
        load(published, code_system="bps", columns=columns)
    assert not Release.objects.exists()
