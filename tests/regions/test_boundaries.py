"""Editions from reception to activation: once, partly, twice, and after a failure."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection
from pyproj import Transformer

from apps.audit.models import Entry
from apps.common.errors import DomainError
from apps.common.tabular import FileRefused
from apps.demo import country
from apps.demo.country import CODES
from apps.jobs import work
from apps.jobs.models import Job
from apps.regions import boundaries
from apps.regions.editions.staging import EditionStaging
from apps.regions.models import Boundary, BoundaryEdition
from tests.base import EDITION, NOW
from tests.jobs.doing import do
from tests.regions.editions import (
    SQUARE_M2,
    enforce,
    failure,
    read,
    receive,
    square,
    toy,
    write,
)

pytestmark = pytest.mark.django_db
Status = BoundaryEdition.Status


@pytest.fixture(autouse=True)
def _worker(role, _web_role):
    with role("worker"):
        yield


@pytest.fixture
def file(tmp_path):
    return lambda features, name="batas.geojson": write(tmp_path / name, features)


def in_force(letter: str) -> str | None:
    found = Boundary.objects.current().filter(region_id=CODES[letter]).select_related("edition")
    return next((each.edition.name for each in found), None)


# --- receiving ---


def test_receiving_keeps_the_file_and_asks_for_work(file):
    path = file(toy())
    edition, job = receive(path, "Juli")
    assert edition.file.read() == path.read_bytes()
    assert (edition.status, job.status) == (Status.RECEIVED, Job.Status.WAITING)
    assert Entry.objects.get().subject == f"regions.BoundaryEdition:{edition.pk}"


def test_the_same_file_under_the_same_name_is_the_same_edition(file):
    first = read(file(toy()), "Juli")
    again, job = receive(file(toy()), "Juli")
    assert again == first
    assert job.status == Job.Status.DONE
    assert BoundaryEdition.objects.filter(name="Juli").count() == 1


def test_another_file_under_the_same_name_is_refused(file):
    read(file(toy()), "Juli")
    with pytest.raises(DomainError, match="name_taken"):
        receive(file(toy(A=None)), "Juli")


def test_the_same_file_read_in_another_way_is_refused(file):
    read(file(toy()), "Juli")
    with pytest.raises(DomainError, match="name_taken"):
        receive(file(toy()), "Juli", covers="97")


def test_an_area_that_does_not_exist_cannot_be_covered(file):
    with pytest.raises(DomainError, match="covers_unknown"):
        receive(file(toy()), "Juli", covers="96")


def test_a_table_is_refused_as_a_boundary_file(tmp_path):
    path = tmp_path / "desa.csv"
    path.write_text("kode,nama\n97.01.01.2001,Ampel\n")
    with pytest.raises(FileRefused):
        receive(path, "Juli")
    assert not BoundaryEdition.objects.filter(name="Juli").exists()


@pytest.mark.long
def test_a_failed_edition_is_asked_for_again_with_another_choice(tmp_path):
    path = tmp_path / "dua.gpkg"
    country.write_boundaries(path)
    gpkg(path, toy(), layer="desa_lain", append=True)
    edition = read(path, "Dua lapisan")
    assert failure(edition) == "layer_ambiguous"
    edition = read(path, "Dua lapisan", layer="desa_lain")
    assert (edition.status, edition.layer) == (Status.READY, "desa_lain")


@pytest.mark.long
def test_the_name_of_a_failed_edition_takes_a_corrected_file(file):
    assert failure(read(file([("", square("A"))]), "Juli")) == "no_codes_read"
    edition = read(file(toy()), "Juli")
    assert (edition.status, edition.summary["stored"]) == (Status.READY, 15)
    assert BoundaryEdition.objects.filter(name="Juli").count() == 1


def test_a_cancelled_import_can_be_asked_for_again(file):
    _edition, job = receive(file(toy()), "Juli")
    work.cancel(job)
    assert read(file(toy()), "Juli").status == Status.READY


def test_work_done_twice_changes_nothing(file):
    edition = read(file(toy()))
    before = list(Boundary.objects.filter(edition=edition).values_list("pk", "area_m2"))
    job = Job.objects.get(subject__endswith=f":{edition.pk}")
    boundaries_task(job)
    assert list(Boundary.objects.filter(edition=edition).values_list("pk", "area_m2")) == before


def boundaries_task(job: Job) -> None:

    do(job)


def test_staging_tables_emptied_by_a_database_crash_are_filled_again(file):
    edition, job = receive(file(toy()), "Juli")
    Job.objects.filter(pk=job.pk).update(attempt=1)  # not the first attempt: tables are kept
    EditionStaging(edition.pk).start()
    with connection.cursor() as cursor:
        for table in ("shapes", "villages", "gaps"):
            cursor.execute(f"CREATE UNLOGGED TABLE staging.edition_{edition.pk}_{table} (x int)")
    boundaries_task(job)
    edition.refresh_from_db()
    assert (edition.status, edition.summary["stored"]) == (Status.READY, 15)


@pytest.mark.long
def test_no_staging_table_is_left_behind(file):
    read(file(toy()))
    read(file([("1", square("A"))], "lain.geojson"), "Gagal")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'edition%%'")
        assert cursor.fetchone()[0] == 0


# --- formats and reference systems ---


def gpkg(path, features, *, crs="EPSG:4326", layer="desa", field="KDEPUM", **options):
    shapes = np.array([shape for _code, shape in features], dtype=object)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(shapes, output_dimension=3),
        field_data=[np.array([code for code, _shape in features], dtype=object)],
        fields=[field],
        crs=crs,
        geometry_type="Unknown",
        layer=layer,
        **options,
    )
    return path


def test_web_mercator_is_turned_into_degrees(tmp_path):
    turn = Transformer.from_crs(4326, 3857, always_xy=True).transform
    shapes = [(code, shapely.transform(shape, turn, interleaved=False)) for code, shape in toy()]
    edition = read(gpkg(tmp_path / "m.gpkg", shapes, crs="EPSG:3857"))
    stored = Boundary.objects.get(edition=edition, region_id=CODES["A"])
    assert stored.area_m2 == pytest.approx(SQUARE_M2, rel=1e-3)
    assert stored.boundary.extent == pytest.approx(square("A").bounds, abs=1e-8)


def test_heights_are_left_out(tmp_path):
    high = [(code, shapely.force_3d(shape, 120.0)) for code, shape in toy()]
    edition = read(gpkg(tmp_path / "tinggi.gpkg", high))
    assert not Boundary.objects.filter(edition=edition).first().boundary.hasz
    assert edition.summary["stored"] == 15


def test_lower_case_columns_of_a_service_are_read(tmp_path):
    edition = read(gpkg(tmp_path / "kecil.gpkg", toy(), field="kdepum"))
    assert (edition.code_field, edition.summary["stored"]) == ("kdepum", 15)


def test_a_layer_without_reference_system_is_refused(tmp_path):
    path = tmp_path / "desa.shp"
    country.write_boundaries(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CommandError, match=r"\.prj") as refusal:
        imported(path, "Tanpa CRS")
    assert refusal.value.returncode == 2


# --- activation ---


def test_activating_replaces_only_the_regions_of_the_edition(file):
    edition = read(file([(CODES["A"], square("A", 0, 0, 0.9, 1))]), "Ampel 2026")
    result = enforce(edition)
    assert (in_force("A"), in_force("B")) == ("Ampel 2026", EDITION)
    assert result["changed"] == [CODES["A"]]
    assert {each.name: each.status for each in BoundaryEdition.objects.all()} == {
        EDITION: Status.ACTIVE,
        "Ampel 2026": Status.ACTIVE,
    }


def test_an_edition_of_which_nothing_is_in_force_is_superseded(file):
    enforce(read(file(toy()), "Semua"))
    assert BoundaryEdition.objects.get(name=EDITION).status == Status.SUPERSEDED


def test_equal_lines_are_in_force_but_have_not_changed(file):
    result = enforce(read(file(toy()), "Semua"))
    assert in_force("A") == "Semua"
    assert result["changed"] == []


def test_a_covered_village_without_polygon_has_none_any_more(file):
    edition = read(file(toy(D=None)), "Tanpa Duku", covers="97.01")
    result = enforce(edition)
    assert in_force("D") is None
    assert result["without_polygon"] == 1
    assert result["changed"] == [CODES["D"]]


def test_without_covers_it_keeps_its_former_polygon(file):
    enforce(read(file(toy(D=None)), "Tanpa Duku"))
    assert in_force("D") == EDITION


@pytest.mark.long
def test_a_village_layer_that_covers_an_area_leaves_the_regencys_polygon(file):
    enforce(read(file([("97.01", square("A", 0, -1, 2, 1))], "kab.geojson"), "Kabupaten"))
    enforce(read(file(toy()), "Desa", covers="ID"))
    assert Boundary.objects.current().filter(region_id="97.01").exists()


def test_a_former_edition_can_be_put_in_force_again(file):
    enforce(read(file(toy(A=square("A", 0, 0, 0.9, 1))), "Baru"))
    former = BoundaryEdition.objects.get(name=EDITION)
    assert enforce(former)["changed"] == [CODES["A"]]
    assert in_force("A") == EDITION
    assert BoundaryEdition.objects.get(name="Baru").status == Status.SUPERSEDED


def test_activating_twice_changes_nothing_the_second_time(file):
    edition = read(file(toy(A=square("A", 0, 0, 0.9, 1))), "Baru")
    enforce(edition)
    assert enforce(edition)["changed"] == []


def test_an_edition_that_was_not_read_cannot_be_activated(file):
    edition, _job = receive(file(toy()), "Belum")
    with pytest.raises(DomainError, match="not_ready"):
        boundaries.activate(edition=edition, by="tests", now=NOW)


def test_the_preview_says_what_would_change_and_changes_nothing(file):
    edition = read(file(toy(A=square("A", 0, 0, 0.9, 1), H=square("H"))), "Baru")
    shown = boundaries.preview(edition=edition)
    assert shown["changed"] == {"replaced": [CODES["A"]], "added": [CODES["H"]]}
    assert in_force("A") == EDITION


def test_higher_apps_are_called_with_the_changed_villages_in_the_same_transaction(
    file, monkeypatch
):
    heard = []

    def hook(**known):
        heard.append((known["codes"], connection.in_atomic_block))
        return {"rechecked": 7}

    monkeypatch.setattr("apps.regions.editions.activation.on_activated", [hook])
    result = enforce(read(file(toy(A=square("A", 0, 0, 0.9, 1))), "Baru"))
    assert heard == [([CODES["A"]], True)]
    assert result["rechecked"] == 7


def test_a_hook_that_fails_leaves_the_former_boundaries(file, monkeypatch):
    def broken(**_known):
        raise DomainError("not_ready", name="x", status="y")

    edition = read(file(toy(A=square("A", 0, 0, 0.9, 1))), "Baru")
    monkeypatch.setattr("apps.regions.editions.activation.on_activated", [broken])
    with pytest.raises(DomainError):
        boundaries.activate(edition=edition, by="tests", now=NOW)
    assert in_force("A") == EDITION


# --- the command ---


def imported(path, name, *options):
    out = StringIO()
    call_command(
        *("import_boundaries", str(path), "--edition", name, "--published", "2026-07-31"),
        *("--json", *options),
        stdout=out,
    )
    return json.loads(out.getvalue().splitlines()[-1])


@pytest.mark.slow
@pytest.mark.long
def test_the_command_reads_a_bare_shapefile_activates_it_and_answers_in_json(tmp_path):
    country.write_boundaries(tmp_path / "desa.shp")
    answer = imported(tmp_path / "desa.shp", "Perintah", "--activate")
    assert list(answer)[:11] == [
        "edition", "read", "stored", "repaired", "refused", "unknown_codes",
        "codes_without_polygon", "overlaps", "gaps", "outside_parent", "seconds",
    ]  # fmt: skip
    assert in_force("A") == "Perintah"
    edition = BoundaryEdition.objects.get(name="Perintah")
    assert (edition.published_date, edition.layer) == (date(2026, 7, 31), "desa")
    assert imported(tmp_path / "desa.shp", "Perintah")["is_new"] is False
