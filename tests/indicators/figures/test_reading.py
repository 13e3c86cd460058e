"""A file of figures becomes a release in force, whole, or waits; what was in force stays."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.indicators.figures import intake, releases, review
from apps.indicators.models import Indicator, KnownName, Publication, Release, Value
from apps.jobs import work
from apps.regions.models import ForeignCode, Region
from tests.base import NOW
from tests.conftest import as_role
from tests.indicators.figures.tables import (
    BY,
    ROWS,
    add_region,
    figures,
    load,
    read,
    receive,
    said,
    write,
)
from tests.personas import persona

pytestmark = pytest.mark.django_db
TOY = {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18, "98.02": 7.5}
Status = Publication.Status


def answer(publication, **answers):
    """A planner's answers: line → code of a region, or None to leave it out."""
    planner = persona("planner")
    rows = {f"line{row.line}": row.pk for row in publication.open_rows.all()}
    regions = {rows[line]: code for line, code in answers.items() if code}
    left_out = [rows[line] for line, code in answers.items() if not code]
    review.answer_rows(publication, review.Answers(regions, left_out), by=planner, now=NOW)
    job = review.finish_review(publication, by=planner)
    publication.refresh_from_db()
    return job


def later(days):
    return NOW + timedelta(days=days)


def accepted(publication):
    """What is odd about a publication is confirmed, and the worker reads it again."""
    planner = persona("planner")
    publication.refresh_from_db()
    review.accept_whole(publication, by=planner)
    job = review.finish_review(publication, by=planner)
    with as_role("worker"):
        work.run(job.pk, job.kind)
    publication.refresh_from_db()
    return publication


def test_a_file_becomes_a_release_in_force(tmp_path):
    publication, outcome = load(write(tmp_path), vintage="2021")
    assert (publication.status, outcome.taken, outcome.open) == (Status.STORED, 4, 0)
    assert figures() == TOY
    release = Release.objects.get()
    assert (release.level, release.values_count, release.source) == ("regency", 4, "BPS, 2021")
    assert (release.code_system, release.vintage) == ("kemendagri", "2021")
    assert release.publication == publication
    assert release.current_by == "tests"
    entry = Entry.objects.get(action=Action.RUN, subject=publication.subject)
    assert entry.details["counts"] == {"taken": 4, "open": 0, "releases": 1}


def test_several_columns_of_figures_are_several_indicators(tmp_path):
    rows = [f"{row},{9 + at}.5,{7000 + at}" for at, row in enumerate(ROWS)]
    header = "provinsi,kabkota,p0_persen,kode_kemendagri,rls_tahun,pengeluaran_ribu"
    _publication, outcome = load(write(tmp_path, rows, header))
    codes = ["expenditure", "mean_schooling", "poverty_rate"]
    assert [release.indicator_id for release in outcome.releases] == codes
    assert figures("expenditure")["98.02"] == 7003


def test_the_same_file_again_is_the_same_publication_and_the_same_figures_no_release(tmp_path):
    path = write(tmp_path)
    first, _outcome = load(path)
    again = receive(path)
    assert (again.is_new, again.publication) == (False, first)
    other, outcome = load(write(tmp_path, reversed(ROWS), name="other.csv"))
    assert other != first
    assert (other.status, outcome.releases, outcome.unchanged) == (
        Status.STORED, [], ["poverty_rate"],
    )  # fmt: skip
    assert Release.objects.count() == 1


def test_a_later_release_replaces_the_former_which_stays_and_can_be_put_back(tmp_path):
    load(write(tmp_path))
    former = Release.objects.get()
    changed = [ROWS[0].replace("18.98", "17.5"), *ROWS[1:]]
    load(write(tmp_path, changed, name="revised.csv"), now=NOW + timedelta(days=1))
    assert figures() == TOY | {"97.01": 17.5}
    assert Release.objects.count() == 2
    releases.put_in_force(former, by=persona("planner"), now=NOW + timedelta(days=2))
    assert figures() == TOY
    assert Release.objects.filter(is_current=True).count() == 1
    with pytest.raises(DomainError, match="figures_released_already"):
        releases.put_in_force(former, by=persona("planner"), now=NOW)


def test_totals_notes_other_years_and_missing_figures_are_said_per_row(tmp_path):
    rows = [
        f"{ROWS[0]},2021",
        "INDONESIA,,10.14,,2021",
        "NUSA BARAT,Jumlah,19.1,,2021",
        f"{ROWS[1].replace('20.36', '…')},2021",
        f"{ROWS[2]},2021",
        f"{ROWS[3]},2020",
        "Sumber: BPS,,,,",
    ]
    publication, outcome = load(
        write(tmp_path, rows, "provinsi,kabkota,p0_persen,kode_kemendagri,tahun")
    )
    assert figures() == {"97.01": 18.98, "98.01": 13.18}
    assert said(publication) == {
        2: {"figure_total_row"},
        3: {"figure_total_row"},
        4: {"figure_missing"},
        6: {"figure_other_period"},
        7: {"figure_note_row"},
    }
    assert outcome.status == Status.STORED


def test_mixed_separators_are_said_and_what_may_be_two_numbers_is_not_taken(tmp_path):
    rows = [
        'NUSA BARAT,Barat Lor,"18,98",97.01',
        "NUSA BARAT,Barat Kidul,20.36,97.02",
        "NUSA TIMUR,Timur Lor,13.180,98.01",
        "NUSA TIMUR,Timur Kidul,101.5,98.02",
    ]
    publication, _outcome = load(write(tmp_path, rows))
    assert figures() == {"97.01": 18.98, "97.02": 20.36}
    assert said(publication) == {
        0: {"figures_mixed"},
        3: {"figure_ambiguous"},
        4: {"figure_out_of_range"},
    }


@pytest.mark.parametrize(("unit", "limits"), [("%", "open"), ("persen", "open")])
def test_a_percentage_that_is_no_share_may_be_below_0_and_above_100(tmp_path, unit, limits):
    """Gross enrolment, growth."""
    with as_role("owner"):
        Indicator.objects.filter(pk="poverty_rate").update(unit=unit, limits=limits)
    rows = [ROWS[0].replace("18.98", "105.31"), ROWS[1].replace("20.36", "-2.07"), *ROWS[2:]]
    _publication, outcome = load(write(tmp_path, rows))
    assert outcome.status == Status.STORED
    assert figures() == TOY | {"97.01": 105.31, "97.02": -2.07}


@pytest.mark.parametrize("unit", ["%", "persen", "per cent"])
def test_a_share_lies_between_0_and_100_whatever_its_unit_is_called(tmp_path, unit):
    with as_role("owner"):
        Indicator.objects.filter(pk="poverty_rate").update(unit=unit)
    publication, _outcome = load(write(tmp_path, [ROWS[0].replace("18.98", "1250"), *ROWS[1:]]))
    assert said(publication) == {1: {"figure_out_of_range"}}
    assert "97.01" not in figures()


@pytest.mark.parametrize(
    "codes",
    [
        ("9701", "9702", "9801", "9802"),
        ("9701.0", "9702.0", "9801.0", "9802.0"),
        ("97.01", "97-02", "98 01", "'98.02"),
    ],
)
def test_codes_are_read_dotted_plain_and_as_numbers_of_a_spreadsheet(tmp_path, codes):
    rows = [f"{row.rpartition(',')[0]},{code}" for row, code in zip(ROWS, codes, strict=True)]
    load(write(tmp_path, rows))
    assert figures() == TOY


def test_a_row_of_a_province_and_the_whole_country_among_regencies(tmp_path):
    rows = [*ROWS, "NUSA BARAT,,19.6,9700", "INDONESIA,,10.14,9999"]
    publication, _outcome = load(write(tmp_path, rows))
    assert figures() == TOY | {"97": 19.6}
    assert said(publication) == {6: {"figure_total_row"}}


def test_codes_of_bps_are_read_by_the_table_of_their_vintage_only(tmp_path):
    with as_role("owner"):
        # BPS numbers the regencies of the toy country in another order
        for code, region in (("9701", "97.02"), ("9702", "97.01"), ("9803", "98.01")):
            ForeignCode.objects.create(region_id=region, system="bps", code=code, vintage="2021")
    rows = ["x,18.98,9701", "y,20.36,9702", "z,13.18,9803"]
    load(write(tmp_path, rows, "nama,p0_persen,kode bps"), code_system="bps", vintage="2021")
    assert figures() == {"97.02": 18.98, "97.01": 20.36, "98.01": 13.18}


def test_codes_that_mean_other_regions_than_the_names_are_refused_as_a_whole(tmp_path):
    load(write(tmp_path))
    turned = [
        f"{row.rpartition(',')[0]},{code}"
        for row, code in zip(ROWS, ("97.02", "97.01", "98.02", "98.01"), strict=True)
    ]
    with pytest.raises(DomainError, match="figures_codes_other"):
        load(write(tmp_path, turned, name="turned.csv"))
    assert Publication.objects.latest("pk").status == Status.FAILED
    assert figures() == TOY


def test_one_code_that_contradicts_its_name_waits_for_a_planner(tmp_path):
    rows = [ROWS[0], ROWS[1].replace("97.02", "98.02"), *ROWS[2:3]]
    publication, outcome = load(write(tmp_path, rows))
    assert (outcome.status, outcome.open) == (Status.REVIEW, 1)
    asked = publication.open_rows.get()
    assert (asked.code, asked.candidates) == ("figure_code_other_name", ["98.02", "97.02"])
    assert not Release.objects.exists()
    answer(publication, line3="97.02")
    assert read(publication).status == Status.STORED
    assert figures() == {"97.01": 18.98, "97.02": 20.36, "98.01": 13.18}
    assert not KnownName.objects.exists()


def test_an_answer_after_midnight_takes_the_regions_of_the_new_day(tmp_path):
    """At 20:00 UTC it is the next day in western Indonesia, and the new code is in force there."""
    now = datetime(2026, 11, 29, 20, tzinfo=UTC)
    add_region("97.08", "Kabupaten Barat Baru", valid_from=date(2026, 11, 30))
    rows = [ROWS[0], ROWS[1].replace("97.02", "98.02"), *ROWS[2:3]]
    publication, _outcome = load(write(tmp_path, rows))
    asked = publication.open_rows.get()
    answers = review.Answers({asked.pk: "97.08"})
    done = review.answer_rows(publication, answers, by=persona("planner"), now=now)
    assert (done.count, done.refused) == (1, [])


def test_ended_codes_are_taken_as_their_successors(tmp_path):
    add_region("97.09", "Kabupaten Lama", valid_until=NOW.date(), successor_id="97.01")
    publication, _outcome = load(write(tmp_path, ["NUSA BARAT,Lama,18.98,97.09", *ROWS[1:]]))
    assert figures() == TOY
    assert not publication.findings.exists()


def test_a_code_of_another_date_is_said_and_the_name_found(tmp_path):
    add_region("97.08", "Kabupaten Barat Baru", valid_from=NOW.date())
    rows = [*ROWS, "NUSA BARAT,Barat Baru,5.5,97.08"]
    publication, _outcome = load(write(tmp_path, rows), vintage="2021")
    assert said(publication) == {5: {"figure_code_other_date"}}
    assert figures()["97.08"] == 5.5


def test_rows_without_codes_are_found_by_kind_name_and_province(tmp_path):
    add_region("97.71", "Kota Barat Lor")
    rows = [
        "Prov. Nusa Barat,KAB. BARAT LOR,18.98",
        "Nusa Barat,Kota Barat Lor,4.5",
        "Nusa  Barat,Kabupaten Barat  Kidul,20.36",
        "Nusa Timur,Timur-Lor,13.18",
    ]
    load(write(tmp_path, rows, "provinsi,kabupaten/kota,p0_persen"))
    assert figures() == {"97.01": 18.98, "97.71": 4.5, "97.02": 20.36, "98.01": 13.18}


def test_a_name_without_its_kind_never_means_a_city_where_the_file_writes_kota(tmp_path):
    add_region("97.71", "Kota Ampelan")
    add_region("97.72", "Kota Barat")
    rows = ["Nusa Barat,Ampelan,9.9", "Nusa Barat,Kota Barat,4.5"]
    publication, outcome = load(write(tmp_path, rows, "provinsi,kabkota,p0_persen"))
    assert outcome.status == Status.REVIEW
    asked = publication.open_rows.get()
    assert asked.code == "figure_name_other_kind"
    # the regencies of the province that no row names are likelier than the city
    assert asked.candidates[:2] == ["97.01", "97.02"]
    assert "97.71" in asked.candidates


def test_open_rows_keep_everything_back_and_an_answer_is_known_the_next_time(tmp_path):
    load(write(tmp_path))
    renamed = ["NUSA BARAT,Barat Purba,18.0,", *(f"{row.rpartition(',')[0]}," for row in ROWS[1:])]
    path = write(tmp_path, renamed, name="renamed.csv")
    publication, outcome = load(path, period="2022")
    assert (outcome.status, outcome.open, outcome.releases) == (Status.REVIEW, 1, [])
    assert not Release.objects.filter(period="2022").exists()
    assert Value.objects.count() == 4
    with pytest.raises(DomainError, match="figures_rows_open"):
        review.finish_review(publication, by=persona("planner"))
    job = answer(publication, line2="97.01")
    assert (publication.status, job.kind) == (Status.RECEIVED, "indicators.read_publication")
    assert read(publication).status == Status.STORED
    assert figures(period="2022") == TOY | {"97.01": 18.0}
    assert "figure_answered" in said(publication)[1]

    later, outcome = load(path, period="2023")
    assert outcome.status == Status.STORED
    assert said(later)[1] == {"figure_name_confirmed"}


def test_rows_that_are_left_out_are_said(tmp_path):
    publication, _outcome = load(write(tmp_path, [*ROWS, "NUSA BARAT,Barat Purba,18.0,"]))
    answer(publication, line6=None)
    assert read(publication).status == Status.STORED
    publication.refresh_from_db()
    assert figures() == TOY
    assert said(publication)[5] >= {"figure_left_out"}


def test_two_rows_of_one_region_are_taken_once_if_equal_and_asked_about_if_not(tmp_path):
    equal, _outcome = load(write(tmp_path, [*ROWS, ROWS[0]]))
    assert said(equal) == {5: {"figure_twice_same"}}
    other = ROWS[0].replace("18.98", "19.5")
    publication, outcome = load(write(tmp_path, [*ROWS, other], name="twice.csv"), period="2022")
    assert (outcome.status, outcome.open) == (Status.REVIEW, 2)
    answer(publication, line2=None, line6="97.01")
    assert read(publication).status == Status.STORED
    assert figures(period="2022") == TOY | {"97.01": 19.5}


def test_a_release_with_far_fewer_regions_or_another_unit_waits(tmp_path):
    load(write(tmp_path))
    few, outcome = load(write(tmp_path, ROWS[:2], name="few.csv"))
    assert [one["code"] for one in outcome.held] == ["figures_fewer"]
    assert (outcome.status, figures()) == (Status.REVIEW, TOY)
    shares = [f"{a},{float(b) / 100},{c}" for a, b, c in (row.rsplit(",", 2) for row in ROWS)]
    _publication, outcome = load(write(tmp_path, shares, name="shares.csv"))
    assert [one["code"] for one in outcome.held] == ["figures_other_unit"]
    with pytest.raises(DomainError, match="figures_not_accepted"):
        review.finish_review(few, by=persona("planner"))
    review.accept_whole(few, by=persona("planner"))
    review.finish_review(few, by=persona("planner"))
    assert read(few).status == Status.STORED
    assert figures() == {"97.01": 18.98, "97.02": 20.36}


PROVINCES = ("NUSA BARAT,,19.5,97", "NUSA TIMUR,,10.2,98")


def test_figures_of_another_level_do_not_replace_those_in_force_unasked(tmp_path):
    load(write(tmp_path))
    publication, outcome = load(write(tmp_path, PROVINCES, name="prov.csv"), now=later(1))
    assert (outcome.status, outcome.held[0]["code"]) == (Status.REVIEW, "figures_other_level")
    assert len(figures()) == 4
    assert accepted(publication).status == Status.STORED
    assert figures() == {"97": 19.5, "98": 10.2}


def test_a_row_of_a_village_beside_regencies_waits(tmp_path):
    load(write(tmp_path))
    rows = [*ROWS[:3], f"NUSA BARAT,,5.5,{CODES['A']}"]
    _publication, outcome = load(write(tmp_path, rows, name="more.csv"), now=later(1))
    assert "figures_other_level" in [one["code"] for one in outcome.held]


def test_a_publication_that_waited_does_not_overtake_newer_figures_unasked(tmp_path):
    load(write(tmp_path))
    few, _held = load(write(tmp_path, ROWS[:2], name="few.csv"), now=later(1))
    newer = [row.replace("18.98", "17.5") for row in ROWS]
    load(write(tmp_path, newer, name="newer.csv"), now=later(2))
    accepted(few)
    assert (few.status, few.is_accepted) == (Status.REVIEW, False)
    assert "figures_overtaken" in [one["code"] for one in few.held]
    assert figures()["97.01"] == 17.5
    assert accepted(few).status == Status.STORED
    assert figures() == {"97.01": 18.98, "97.02": 20.36}


@pytest.mark.parametrize("name", ["Totallang", "Totala Jaya", "Indonesiana", "Jumlahan"])
def test_a_region_whose_name_begins_like_a_total_is_taken(tmp_path, name):
    add_region("97.09", f"Kabupaten {name}")
    publication, _outcome = load(write(tmp_path, [*ROWS, f"NUSA BARAT,{name},5.5,97.09"]))
    assert figures()["97.09"] == 5.5
    assert 5 not in said(publication)


@pytest.mark.parametrize(
    "name",
    ["Total", "JUMLAH", "Jumlah/Total", "Rata-rata", "INDONESIA", "Total 2021", "Grand Total"],
)
def test_a_total_is_no_region(tmp_path, name):
    _publication, _outcome = load(write(tmp_path, [*ROWS, f",{name},5.5,"]))
    assert figures() == TOY


def test_a_number_that_is_too_large_is_said_of_its_cell(tmp_path):
    rows = [*ROWS[1:], "NUSA BARAT,Barat Lor,1E+30,97.01"]
    publication, _outcome = load(write(tmp_path, rows))
    assert "figure_number" in {code for codes in said(publication).values() for code in codes}
    assert "97.01" not in figures()


def test_codes_of_villages_that_changed_their_meaning_are_refused_without_names_above(tmp_path):
    names = dict(Region.objects.filter(level="village").values_list("code", "name"))
    codes = sorted(names)
    shifted = [*codes[1:], codes[0]]
    rows = [f"{names[a]},5.5,{b}" for a, b in zip(codes, shifted, strict=True)]
    with pytest.raises(DomainError, match="figures_codes_other"):
        load(write(tmp_path, rows, "desa,p0_persen,kode_kemendagri"))
    assert not Release.objects.exists()


def test_a_code_outside_of_the_region_that_is_named_waits(tmp_path):
    rows = [*ROWS[1:], f"NUSA BARAT,Barat Kidul,18.98,{CODES['A']}"]
    publication, outcome = load(write(tmp_path, rows))
    assert outcome.status == Status.REVIEW
    assert "figure_code_other_name" in {row.code for row in publication.open_rows.all()}


def test_a_count_with_decimals_waits_because_it_may_be_thousands(tmp_path):
    rows = ["9701,12.5", "9702,8.25"]
    _publication, outcome = load(write(tmp_path, rows, "kode,jumlah penduduk miskin"))
    assert [one["code"] for one in outcome.held] == ["figures_decimals"]


def test_villages_are_found_by_their_names_in_district_and_regency(tmp_path):
    rows = [
        "Nusa Barat,Barat Lor,Barat Lor Satu,Ampel,12.5",
        "Nusa Barat,Barat Lor,Kec. Barat Lor Satu,Desa Beji,13.5",
        "Nusa Barat,Barat Lor,Barat Lor Dua,Ampel,14.5",
    ]
    header = "provinsi,kabupaten,kecamatan,desa,p0"
    publication, outcome = load(write(tmp_path, rows, header))
    assert outcome.status == Status.REVIEW
    assert said(publication) == {3: {"figure_name_unknown"}}
    answer(publication, line4=None)
    read(publication)
    assert figures() == {"97.01.01.2001": 12.5, "97.01.01.2002": 13.5}
    assert Release.objects.get().level == "village"


def test_geojson_is_read_by_its_properties(tmp_path):
    shape = {"type": "Point", "coordinates": [110.005, -7.765]}
    features = [
        {"type": "Feature", "geometry": shape, "properties": {"KDPKAB": code, "P0": value}}
        for code, value in TOY.items()
    ]
    path = tmp_path / "p0.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    load(path)
    assert figures() == TOY


def test_a_file_without_known_columns_waits_for_them_and_nothing_is_read(tmp_path):
    received = receive(write(tmp_path, ["a,1", "b,2"], "apa,berapa"))
    assert received.lacks is not None
    assert received.lacks.code == "figures_no_region"
    named = receive(
        write(tmp_path, [row.replace(",", ";") for row in ROWS], "prov;kabkota;nilai;kode")
    )
    assert named.lacks is not None
    assert named.lacks.code == "figures_no_values"


def test_one_indicator_and_one_column_of_figures_need_no_more(tmp_path):
    path = write(tmp_path, [row.replace(",", ";") for row in ROWS], "prov;kabkota;nilai;kode")
    load(path, indicators=("poverty_rate",))
    assert figures() == TOY


def test_the_command_imports_and_says_what_waits(tmp_path):
    out = StringIO()
    path = write(tmp_path, [*ROWS, "NUSA BARAT,Barat Purba,18.0,"])
    with as_role("worker"):
        call_command(
            "import_indicators", str(path), period="2021", source="BPS", json=True, stdout=out
        )
    *words, last = out.getvalue().splitlines()
    told = json.loads(last)
    assert (told["status"], told["taken"], told["open"], told["releases"]) == ("review", 4, 1, {})
    assert any("Barat Purba" in line for line in words)
    assert f"/indicators/publications/{told['publication']}/" in words[-1]
    with as_role("worker"), pytest.raises(CommandError) as refused:
        call_command("import_indicators", str(path), period="kemarin", source="BPS")
    assert "2021-Q1" in str(refused.value)


def test_the_worker_reads_a_publication_as_a_job(tmp_path):
    publication = receive(write(tmp_path)).publication
    with as_role("worker"):
        job = intake.enqueue_reading(publication, by=BY)
        work.run(job.pk, job.kind)
    publication.refresh_from_db()
    job.refresh_from_db()
    assert (publication.status, job.status) == (Status.STORED, "done")
    assert figures() == TOY


def test_a_job_that_fails_leaves_the_publication_to_be_read_again(tmp_path):
    turned = [ROWS[0].replace("97.01", "97.02"), ROWS[1].replace("97.02", "97.01"),
              ROWS[2].replace("98.01", "98.02")]  # fmt: skip
    publication = receive(write(tmp_path, turned)).publication
    with as_role("worker"):
        job = intake.enqueue_reading(publication, by=BY)
        work.run(job.pk, job.kind)
    publication.refresh_from_db()
    job.refresh_from_db()
    assert (publication.status, job.message_code) == (Status.FAILED, "figures_codes_other")
    again = intake.enqueue_reading(publication, by=persona("planner"))
    assert again.pk != job.pk


def test_another_source_or_day_of_the_same_figures_is_a_release_that_replaces_them(tmp_path):
    """A typing mistake in what stands under every map is mended by importing the file again."""
    path = write(tmp_path)
    load(path, source="BSP, 2021")
    for number, told in enumerate(
        (
            {"source": "BPS, 2021"},
            {"source": "BPS, 2021", "published_date": date(2021, 11, 30)},
            {"source": "BPS, 2021", "published_date": date(2021, 11, 30), "vintage": "2021"},
        ),
        start=1,
    ):
        _publication, outcome = load(path, now=NOW + timedelta(days=number), **told)
        assert len(outcome.releases) == 1
        current = Release.objects.get(is_current=True)
        assert {name: getattr(current, name) for name in told} == told
    unsaid = write(tmp_path, reversed(ROWS), name="without_day.csv")
    _publication, outcome = load(unsaid, source="BPS, 2021", now=NOW + timedelta(days=9))
    assert (outcome.releases, outcome.unchanged) == ([], ["poverty_rate"])
    assert Release.objects.get(is_current=True).vintage == "2021"


def test_a_code_in_another_regency_than_the_one_named_waits_where_no_district_is_named(tmp_path):
    rows = [
        f"Nusa Barat,Barat Lor,Ampel,12.5,{CODES['A']}",
        f"Nusa Barat,Barat Kidul,Beji,13.5,{CODES['B']}",
    ]
    publication, outcome = load(write(tmp_path, rows, "provinsi,kabupaten,desa,p0,kode_kemendagri"))
    assert outcome.status == Status.REVIEW
    assert said(publication) == {2: {"figure_code_other_name"}}


def test_some_codes_with_names_of_other_villages_hold_the_file_until_a_planner_confirms(tmp_path):
    names = dict(Region.objects.filter(level="village").values_list("code", "name"))
    codes = sorted(names)
    moved = dict(zip(codes[:3], [*codes[1:3], codes[0]], strict=True))
    rows = [f"{names[moved.get(code, code)]},5.5,{code}" for code in codes]
    publication, outcome = load(write(tmp_path, rows, "desa,p0_persen,kode_kemendagri"))
    assert (outcome.status, Release.objects.exists()) == (Status.REVIEW, False)
    [held] = outcome.held
    assert (held["code"], held["params"]["count"]) == ("figures_names_unlike", 3)
    planner = persona("planner")
    review.accept_whole(publication, by=planner)
    review.finish_review(publication, by=planner)
    assert read(publication).status == Status.STORED
