"""What files and services of figures do wrong, and the test that shows what becomes of it.

A service that …
  pages wrongly             services/test_syncing: a server that ignores the offset; one that does
                            not say that there is more; fewer features than counted; a next page
                            on another host
  repeats                   services/test_syncing: a feature that comes twice
  drops fields              services/test_syncing: a dropped field is said
  times out at page 40      here; services/test_syncing: an attempt goes on where it stopped
  serves another CRS        services/test_syncing: another reference system; test_file_formats
  changes a code's meaning  services/test_syncing: codes that changed their meaning; here: a file
A table with …
  mixed separators          test_reading: mixed separators; test_numerals; test_file_formats
  totals rows               test_reading: totals, notes, other years; test_file_formats
  duplicate regions         test_reading: two rows of one region; test_file_formats
  old province names        here; test_reading: ended codes
Nothing half-applied        here: each wrong file after a right one leaves the release as it was
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import caches

from apps.common.errors import DomainError
from apps.indicators.models import Publication, Release, Value
from apps.indicators.services import syncing
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.figures.tables import (
    BY,
    HEADER,
    ROWS,
    add_region,
    figures,
    load,
    said,
    write,
)
from tests.indicators.services import feature_server as wrongs
from tests.indicators.services.feature_server import FeatureServer, feature_server

pytestmark = pytest.mark.django_db
TOY = {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18, "98.02": 7.5}
Status = Publication.Status


@pytest.mark.parametrize(
    ("province", "regency", "code"),
    [
        ("NANGGROE ACEH DARUSSALAM", "Aceh Selatan", "11.01"),
        ("D.I. Aceh", "Kab. Aceh Selatan", "11.01"),
        ("Irian Jaya Barat", "Kabupaten Manokwari", "92.02"),
        # the province of 2021, from which the present one was divided in 2022
        ("Papua Barat", "Kota Sorong", "96.71"),
        ("Bangka Belitung", "Bangka", "19.01"),
    ],
)
@pytest.mark.long
def test_old_names_of_provinces_find_the_regency_of_today(tmp_path, province, regency, code):
    for one, name in (
        ("11", "Aceh"), ("11.01", "Kabupaten Aceh Selatan"),
        ("92", "Papua Barat"), ("92.02", "Kabupaten Manokwari"),
        ("96", "Papua Barat Daya"), ("96.71", "Kota Sorong"),
        ("19", "Kepulauan Bangka Belitung"), ("19.01", "Kabupaten Bangka"),
    ):  # fmt: skip
        add_region(one, name)
    rows = [f"{province},{regency},5.5", "NUSA BARAT,Barat Lor,18.98"]
    _publication, outcome = load(write(tmp_path, rows, "provinsi,kabupaten/kota,p0_persen"))
    assert (outcome.status, outcome.open) == (Status.STORED, 0)
    assert figures() == {code: 5.5, "97.01": 18.98}


WRONG = {
    "codes of other regions": [
        f"{row.rpartition(',')[0]},{code}"
        for row, code in zip(ROWS, ("97.02", "97.01", "98.02", "98.01"), strict=True)
    ],
    "a name of no region": [*ROWS, "NUSA BARAT,Tidak Ada,5.5,"],
    "two figures of one region": [*ROWS, ROWS[0].replace("18.98", "19.5")],
    "shares for percentages": [
        f"{a},{float(b) / 100},{c}" for a, b, c in (row.rsplit(",", 2) for row in ROWS)
    ],
    "few regions": list(ROWS[:2]),
    "no figure at all": [row.replace(row.split(",")[2], "…") for row in ROWS],
    "another year": [f"{row},2019" for row in ROWS],
}

# What is said of each.
CODES_OF = {
    "codes of other regions": {"figures_codes_other"},
    "a name of no region": {"figure_name_unknown"},
    "two figures of one region": {"figure_twice"},
    "shares for percentages": {"figures_other_unit"},
    "few regions": {"figures_fewer"},
    "no figure at all": {"figures_no_values"},
    "another year": {"figures_empty"},
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.long
def test_a_wrong_file_after_a_right_one_leaves_the_release_as_it_was(tmp_path, wrong):
    rows = WRONG[wrong]
    load(write(tmp_path))
    before = Release.objects.get()
    header = f"{HEADER},tahun" if rows[0].count(",") > ROWS[0].count(",") else HEADER
    path = write(tmp_path, rows, header, "wrong.csv")
    try:
        publication, outcome = load(path, now=NOW + timedelta(days=1))
        assert not outcome.releases
        told = {code for codes in said(publication).values() for code in codes}
        told |= {one["code"] for one in outcome.held}
    except DomainError as refused:
        assert refused.text
        told = {refused.code}
    assert Release.objects.get() == before
    assert before.is_current
    assert (figures(), Value.objects.count()) == (TOY, 4)
    # and just this is said, of a row or of the file
    assert CODES_OF[wrong] <= told, told


@pytest.fixture
def _stand_in(settings) -> None:
    settings.SERVICE_STAND_IN_ALLOWED = True
    settings.SERVICE_TIMEOUT_S = 0.5
    caches["counters"].delete_many(
        [f"breaker:service-pages:{part}" for part in ("open", "failures", "probe")]
    )


@pytest.fixture
def server() -> Iterator[FeatureServer]:
    """Forty-five regencies of the western province, one a page."""
    for number in range(3, 46):
        add_region(f"97.{number:02d}", f"Kabupaten Barat {number}")
    rows = [{"KDPKAB": f"97.{number:02d}", "P0": 5 + number / 4} for number in range(1, 46)]
    with feature_server(rows) as found:
        yield found


@pytest.mark.parametrize("kind", ["arcgis", "ogc", "wfs"])
@pytest.mark.long
def test_a_service_that_times_out_at_page_40_is_resumed_there(_stand_in, server, kind):
    with as_role("worker"):
        service = syncing.define_service(
            by=BY, name="pages", kind=kind, source="BPS", period="2021",
            url=getattr(server, kind), layer="2" if kind == "arcgis" else "p0",
            fields={"region_code": "KDPKAB"}, values={"poverty_rate": "P0"}, page_size=1,
        )  # fmt: skip
        server.wrong[40] = wrongs.silent
        assert syncing.sync_service(service, by=BY, now=NOW).code == "service_timeout"
        service.refresh_from_db()
        assert (service.params["page"], service.reading["number"]) == ("40", 39)
        assert not Publication.objects.exists()
        server.wrong.clear()
        server.asked.clear()
        later = NOW + timedelta(minutes=10)
        done = syncing.sync_service(service, by=BY, now=later)
    assert (done.code, done.rows, done.is_new) == ("", 45, True)
    # those from the fortieth on; a full last page of ArcGIS may have another one behind it
    assert server.pages() <= 7
    assert figures() == {row["KDPKAB"]: row["P0"] for row in server.rows}
