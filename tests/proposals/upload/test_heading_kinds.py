"""Twenty-five kinds of headings are read without a hand on their columns, in every format."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from apps.common import tabular
from apps.common.errors import DomainError
from apps.jobs.models import Job
from apps.proposals import columns
from apps.proposals.models import Batch, Fix
from apps.reconciliation.models import Dataset
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.proposals import heading_kinds
from tests.proposals.heading_kinds import KINDS, Kind, people
from tests.proposals.sending import check, findings, receive

pytestmark = pytest.mark.django_db
TABLES = {
    "comma": lambda table: heading_kinds.csv_file(table),
    "semicolon": lambda table: heading_kinds.csv_file(table, ";", "utf-8-sig"),
    "tab": lambda table: heading_kinds.csv_file(table, "\t", "utf-16"),
    "windows": lambda table: heading_kinds.csv_file(table, ";", "cp1252"),
    "workbook": heading_kinds.xlsx_file,
}


@pytest.fixture
def officer(person):
    return person("regency_officer")


def test_there_are_twenty_five_kinds():
    assert len({kind.name for kind in KINDS}) == 25


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.long
def test_every_kind_of_headings_is_read_without_a_hand(officer, kind: Kind):
    number = KINDS.index(kind)
    write = list(TABLES.values())[number % len(TABLES)]
    persons = people()
    batch = check(receive(write(kind.table(persons)), officer, code_system=kind.system))
    assert findings(batch) == {}
    assert (batch.counts["ready"], batch.counts["held"]) == (len(persons), 0)
    verdicts = {"inside": len(persons)} if kind.has_points else {"no_point": len(persons)}
    assert batch.counts["verdicts"] == verdicts
    assert batch.header_line == kind.header_line
    used = set(batch.mapping.values())
    assert tuple(columns.left_out(batch.header, used)) == kind.unused


def test_the_real_template_is_read_without_a_question_and_every_column_used(real_data):
    path = real_data / "formats" / "siksng_usulan_template_columns.csv"
    header = path.read_text().strip().split(",")
    assert sorted(columns.match(header).values()) == list(range(len(header)))
    assert columns.missing(columns.settled(columns.recognise(header, []))) == []


@pytest.mark.parametrize(
    "name",
    [
        "formats/siksng_usulan_template_columns.csv",
        "formats/ppks_26.csv",
        "formats/psks_12.csv",
        "formats/field_lists.json",
        "facilities/jakarta_rbi_points.geojson",
        "linkage/fake_1000.csv",
        "linkage/febrl/dataset1.csv",
        "names/nama_token_frekuensi_min5.csv",
        "poverty/bps_kemiskinan_kabkota_2021.csv",
        "disaster/bnpb_data_bencana_sample_2020.csv",
        "disaster/dibi_bnpb_events_clean.csv",
        "boundaries/codes_without_polygon.csv",
        "codes/bps_kemendagri_bridge_2024.csv",
    ],
)
@pytest.mark.long
def test_a_foreign_table_gets_a_clear_answer(officer, real_data, name):
    path = real_data / name
    with pytest.raises(DomainError) as refused:
        receive(path.read_bytes(), officer, name=path.name)
    assert refused.value.code in ("columns_missing", "no_rows", "wrong_type")
    assert len(refused.value.text) > 60
    assert not Batch.objects.exists()


@pytest.mark.parametrize("format_", [*TABLES, "geojson", "geopackage", "shapefile"])
@pytest.mark.long
def test_every_format_goes_from_file_to_verdict(officer, format_):
    batch = check(receive(content_of(format_), officer, name="usulan"))
    assert findings(batch) == {}
    assert batch.counts["verdicts"] == {"inside": 12}


@pytest.mark.parametrize("format_", ["workbook", "geojson", "geopackage", "shapefile"])
@pytest.mark.long
def test_every_format_goes_from_the_page_to_the_verdict(signed_in, format_):
    file = SimpleUploadedFile(f"usulan.{format_}", content_of(format_))
    browser = signed_in("regency_officer")
    to = browser.post("/proposals/batches/upload/", {"file": file, "region": "97.01"})["Location"]
    batch = Batch.objects.get()
    assert to == f"/proposals/batches/{batch.pk}/"
    with as_role("worker"):
        do(Job.objects.latest("pk"))
        batch.refresh_from_db()
    assert batch.counts["verdicts"] == {"inside": 12}
    assert browser.get(to).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["tab", "geojson", "geopackage", "shapefile"])
@pytest.mark.long
def test_every_format_goes_from_the_command_to_the_verdict(officer, tmp_path, format_):
    path, out = tmp_path / "usulan", io.StringIO()
    path.write_bytes(content_of(format_))
    with as_role("worker"):
        call_command("import_batch", path, "--as", officer.username, "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["verdicts"] == {"inside": 12}


@pytest.mark.parametrize("format_", ["geojson", "shapefile"])
def test_the_form_takes_every_format_too(signed_in, format_):
    file = SimpleUploadedFile("usulan", content_of(format_))
    given = {"file": file, "region": "97.01"}
    answer = signed_in("regency_officer").post("/proposals/batches/upload/", given)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    assert Batch.objects.get().file_kind in ("geojson", "shapefile+zip")


def content_of(format_: str) -> bytes:
    kind = next(kind for kind in KINDS if kind.name == "siksng_with_point")
    persons = people()
    if format_ in TABLES:
        return TABLES[format_](kind.table(persons))
    names, rows = list(kind.columns)[:-2], [row[:-2] for row in kind.rows(persons)]
    points = [(one["longitude"], one["latitude"]) for one in persons]
    if format_ == "geojson":
        return heading_kinds.geojson_file(names, rows, points)
    return heading_kinds.spatial_file(names, rows, points, zipped=format_ == "shapefile")


def test_the_longest_name_of_a_format_fits_its_column():
    longest = max(len(f"{one.value}+zip") for one in tabular.Format)
    for model in (Batch, Fix):
        assert model._meta.get_field("file_kind").max_length >= longest
    table = max(len(one.value) for one in tabular.TABLE_FORMATS)
    assert Dataset._meta.get_field("file_kind").max_length >= table
