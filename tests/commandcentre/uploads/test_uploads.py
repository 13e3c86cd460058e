"""An operator uploads files: columns are matched, a job imports, what is odd is said per row."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO
from json import dumps
from pathlib import Path

import numpy as np
import pyogrio.raw
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from shapely.geometry import mapping

from apps.audit.models import Action, Entry
from apps.commandcentre.models import (
    Facility,
    Footprint,
    Hazard,
    MinimumLevel,
    OfficeUpload,
    Responder,
    StockItem,
    ZoneEdition,
)
from apps.commandcentre.uploads import reception
from apps.demo.country import CODES
from apps.jobs.models import Job
from portal.operations import leftovers
from tests.commandcentre.hazards.areas import over
from tests.commandcentre.resources.places import facility
from tests.commandcentre.uploads.sent import (
    FACILITIES,
    NEW,
    latest,
    page_of,
    send,
    stored,
    work,
)
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
LIST = "/command-centre/uploads/"


@pytest.fixture
def operator(signed_in):
    return signed_in("operator")


def test_facilities_are_uploaded_imported_by_a_job_and_the_odd_row_is_said(operator):
    upload = send(operator, "facilities", FACILITIES, "lumbung.csv")
    assert "Menunggu" in page_of(operator, upload)
    path = stored(upload)
    upload = work(upload)
    assert (upload.rows, upload.refused) == (3, 1)
    assert upload.counts == {"new": 2, "changed": 0, "unchanged": 0}
    assert upload.found == {"facility_kind": 1}
    assert not path.exists()
    with as_role("owner"):
        names = set(Facility.objects.values_list("name", "village_id"))
    assert names == {("Lumbung Ampel", CODES["A"]), ("Gudang Beji", CODES["B"])}
    page = page_of(operator, upload)
    assert "Warung" in page
    assert "lumbung.csv" in operator.get(LIST).content.decode()


def test_all_findings_are_a_file_and_taking_it_is_recorded(operator):
    upload = work(send(operator, "facilities", FACILITIES))
    answer = operator.get(f"{LIST}{upload.pk}/findings.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(text))
    assert (row["baris"], row["isi sel"]) == ("4", "Warung")
    assert Entry.objects.filter(action=Action.EXPORT, subject=upload.subject).exists()


def test_columns_that_are_not_certain_are_asked_for_before_anything_is_imported(operator):
    text = FACILITIES.replace("Nama;Jenis", "Tempat;Macam")
    upload = send(operator, "facilities", text)
    with as_role("owner"):
        assert not Job.objects.filter(subject=upload.subject).exists()
    page = page_of(operator, upload, "columns/")
    assert "Tempat — Lumbung Ampel" in page
    empty = operator.post(f"{LIST}{upload.pk}/columns/", {"column_name": "0"})
    assert "Masih tanpa kolom" in empty.content.decode()
    chosen = {"column_name": "0", "column_kind": "1", "column_village_code": "2"}
    answer = operator.post(f"{LIST}{upload.pk}/columns/", chosen)
    assert answer.status_code == 302
    upload = work(upload)
    assert upload.counts["new"] == 2
    with as_role("owner"):
        # a column that was not chosen is not used, whatever its heading says
        assert Facility.objects.filter(is_estimated=True).count() == 2


def test_a_column_that_is_chosen_for_two_of_ours_is_refused(operator):
    upload = send(operator, "facilities", FACILITIES.replace("Nama;Jenis", "Tempat;Macam"))
    twice = {"column_name": "0", "column_kind": "0", "column_village_code": "2"}
    page = operator.post(f"{LIST}{upload.pk}/columns/", twice).content.decode()
    assert "Tempat" in page and "dipilih untuk" in page


def test_a_file_of_which_most_cannot_be_taken_changes_nothing_and_is_matched_again(operator):
    rows = "".join(f"Tempat {n};Warung;97.01.01.2001;-7.765;110.00{n % 9}\n" for n in range(25))
    upload = send(operator, "facilities", "Nama;Jenis;Kode Desa;Lintang;Bujur\n" + rows)
    path = stored(upload)
    upload = work(upload)
    assert upload.imported_at is None
    assert path.exists()
    with as_role("owner"):
        assert not Facility.objects.exists()
        job = Job.objects.get(subject=upload.subject)
    assert (job.status, job.message_code) == (Job.Status.FAILED, "upload_mostly_refused")
    page = page_of(operator, upload)
    assert "25 dari 25 baris" in page
    assert str(path.parent) not in page
    assert "Warung" in page and f"{LIST}{upload.pk}/columns/" in page


def test_an_imported_file_is_not_imported_again(operator):
    upload = work(send(operator, "facilities", FACILITIES))
    answer = operator.get(f"{LIST}{upload.pk}/columns/")
    assert answer.status_code == 302
    with as_role("owner"):
        assert Job.objects.filter(subject=upload.subject).count() == 1


def test_what_is_no_table_is_refused_on_the_form_and_not_stored(operator, settings):
    folder = Path(settings.MEDIA_ROOT) / reception.FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    before = set(folder.iterdir())
    answer = operator.post(
        NEW.format("stock"),
        {
            "file": SimpleUploadedFile("stok.csv", b"%PDF-1.4 ..."),
            "code_system": "kemendagri",
            "day": "01-11-2026",
        },
    )
    assert answer.status_code == 200
    assert "stok.csv" in answer.content.decode()
    assert not OfficeUpload.objects.exists()
    assert set(folder.iterdir()) == before


def test_counted_stock_and_minimum_levels_are_uploaded(operator):
    with as_role("owner"):
        facility("Lumbung Ampel")
    text = "Nama Lumbung;Nama Barang;Jumlah\nLumbung Ampel;Selimut;1.000 lembar\n"
    upload = work(send(operator, "stock", text, day="01-11-2026", hour="14.05"))
    assert upload.options["counted_at"] == "2026-11-01T14:05:00+07:00"
    assert upload.counts["more"] == 1
    text = "Nama Lumbung;Nama Barang;Stok Minimum\nLumbung Ampel;Selimut;1.500\n"
    upload = work(send(operator, "minimums", text))
    assert upload.counts["changed"] == 1
    with as_role("owner"):
        assert StockItem.objects.get().on_hand == 1_000
        assert MinimumLevel.objects.get().quantity == 1_500


def test_the_file_of_responders_is_deleted_and_its_findings_show_no_phone(operator):
    text = (
        "Nama;Jenis;No HP;Kode Desa\n"
        "Relawan Satu;Tagana;081234567890;97.01.01.2001\n"
        "Relawan Dua;Tagana;bukan nomor 0812999;97.01.01.2001\n"
    )
    upload = send(operator, "responders", text)
    path = stored(upload)
    upload = work(upload)
    assert (upload.rows, upload.refused) == (2, 1)
    assert not path.exists()
    with as_role("owner"):
        assert Responder.objects.get().phone == "081234567890"
    page = page_of(operator, upload)
    assert "081234567890" not in page and "0812999" not in page and "Relawan" not in page
    assert Entry.objects.filter(action=Action.READ, subject=upload.subject).exists()


@pytest.mark.long
def test_the_area_of_a_hazard_is_uploaded_and_leads_to_its_page(operator):
    features = [
        {"type": "Feature", "geometry": mapping(over("A")), "properties": {"state": 3}},
    ]
    text = dumps({"type": "FeatureCollection", "features": features})
    given = {"kind": "flood", "title": "Banjir uji", "event": "Banjir uji", "status": "exercise"}
    upload = work(send(operator, "hazard", text, "banjir.geojson", **given))
    with as_role("owner"):
        hazard = Hazard.objects.get()
    assert (hazard.title, hazard.status, hazard.revision) == ("Banjir uji", "exercise", 1)
    assert f"/command-centre/hazards/{hazard.pk}/" in page_of(operator, upload)
    work(send(operator, "hazard", text.replace("3}", "4}"), "banjir2.geojson", **given))
    with as_role("owner"):
        hazard.refresh_from_db()
    assert hazard.revision == 2


def test_a_layer_its_column_and_what_it_means_are_named_for_a_hazard(operator, tmp_path):
    """A GeoPackage with two layers; metres of water are in a column that no rule knows."""
    path = tmp_path / "genangan.gpkg"
    for layer, letter, metres in (("arsip", "B", 0.2), ("hari_ini", "C", 2.0)):
        pyogrio.raw.write(
            path,
            layer=layer,
            geometry=np.array([shapely.to_wkb(over(letter))], dtype=object),
            field_data=[np.array([metres])],
            fields=["ukuran"],
            geometry_type="Polygon",
            crs="EPSG:4326",
        )
    given = {
        "kind": "flood",
        "title": "Banjir uji",
        "status": "exercise",
        "layer": "hari_ini",
        "field": "ukuran",
        "meaning": "depth_m",
    }
    work(send(operator, "hazard", path.read_bytes(), "genangan.gpkg", **given))
    with as_role("owner"):
        band = Footprint.objects.get()
    assert (band.measure, band.label) == ("depth_m", "> 150 cm")
    assert shapely.from_wkb(bytes(band.area.wkb)).intersects(over("C"))


def test_a_hazard_whose_day_lies_ahead_is_refused_in_words(operator):
    features = [{"type": "Feature", "geometry": mapping(over("A")), "properties": {}}]
    text = dumps({"type": "FeatureCollection", "features": features})
    day = timezone.localdate() + timedelta(days=3)
    given = {"kind": "flood", "title": "Besok", "status": "actual", "day": f"{day:%d-%m-%Y}"}
    file = SimpleUploadedFile("banjir.geojson", text.encode())
    page = operator.post(NEW.format("hazard"), {"file": file, **given}).content.decode()
    assert "di masa depan" in page
    with as_role("owner"):
        assert not Hazard.objects.exists()


def test_zones_are_uploaded(operator):
    features = [{"type": "Feature", "geometry": mapping(over("A")), "properties": {"kelas": 3}}]
    text = dumps({"type": "FeatureCollection", "features": features})
    given = {"kind": "flood", "name": "InaRISK banjir uji"}
    upload = work(send(operator, "zones", text, "rawan.geojson", **given))
    assert upload.counts["villages"] == 1
    with as_role("owner"):
        assert ZoneEdition.objects.get().name == "InaRISK banjir uji"


@pytest.mark.parametrize("role_name", ["planner", "regency_officer", "administrator"])
def test_who_does_not_operate_the_command_centre_uploads_nothing(signed_in, role_name):
    assert signed_in(role_name).get(LIST).status_code == 403


def test_an_unknown_kind_of_file_is_no_page(operator):
    assert operator.get(NEW.format("persons")).status_code == 404


def test_a_file_that_nobody_imported_is_forgotten_after_a_month(operator):
    upload = send(operator, "facilities", FACILITIES.replace("Nama;Jenis", "Tempat;Macam"))
    with as_role("worker"):
        assert reception.sweep(now=timezone.now()) == 0
        assert reception.sweep(now=timezone.now() + timedelta(days=31)) == 1
    assert not latest().file
    page = operator.get(f"{LIST}{upload.pk}/columns/", follow=True).content.decode()
    assert "tidak lagi disimpan" in page
    assert reception.FOLDER in leftovers.FOLDERS
