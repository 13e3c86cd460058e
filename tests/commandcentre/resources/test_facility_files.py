"""Facilities from files: each row is taken or refused in words; the same file changes nothing."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from apps.audit.models import Action, Entry
from apps.commandcentre.models import Facility
from apps.commandcentre.resources.facility_files import FILE, kind_of
from apps.common.errors import DomainError
from apps.demo.country import CODES
from apps.regions.models import Region
from tests.commandcentre.resources.office_files import codes, listed, run, write
from tests.conftest import as_role

pytestmark = pytest.mark.django_db
GOOD = {
    "Kode Lumbung": "", "Nama Lumbung": "Lumbung Ampel", "Jenis": "Lumbung Sosial",
    "Kode Desa": CODES["A"], "Lintang": "-7.765", "Bujur": "110.005", "Alamat": "", "Telepon": "",
}  # fmt: skip


@pytest.fixture
def load(tmp_path):
    def imported(*rows, **options):
        return run(FILE.apply, write(tmp_path, rows, GOOD), **options)

    return imported


def test_a_row_becomes_a_facility_in_its_village(load):
    done = load({"Telepon": "+62 274-555 111", "Kode Lumbung": "LS-1"})
    assert (done.counts, done.listed) == ({"new": 1, "changed": 0, "unchanged": 0}, None)
    found = Facility.objects.get()
    assert (found.name, found.kind, found.reference) == ("Lumbung Ampel", "lumbung", "LS-1")
    assert (found.village_id, found.phone) == (CODES["A"], "0274555111")
    assert (found.location.coords, found.is_estimated) == ((110.005, -7.765), False)
    entry = Entry.objects.get(action=Action.RUN)
    assert entry.details["counts"] == done.counts


def test_the_same_file_changes_nothing_and_a_later_one_what_is_different(load):
    load(
        {"Kode Lumbung": "LS-1"},
        {"Nama Lumbung": "Gudang", "Jenis": "gudang", "Telepon": "021555111"},
    )
    first = set(Facility.objects.values_list("pk", flat=True))
    assert load({"Kode Lumbung": "LS-1"}, {"Nama Lumbung": "Gudang", "Jenis": "gudang"}).counts == {
        "new": 0,
        "changed": 0,
        "unchanged": 2,
    }
    done = load({"Kode Lumbung": "LS-1", "Nama Lumbung": "Lumbung Ampel Baru", "Bujur": "110.006"})
    assert done.counts == {"new": 0, "changed": 1, "unchanged": 0}
    assert set(Facility.objects.values_list("pk", flat=True)) == first
    assert Facility.objects.get(reference="LS-1").location.x == 110.006
    assert Facility.objects.get(name="Gudang").phone == "021555111"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("point_swapped", {"Lintang": "110.005", "Bujur": "-7.765"}),
        ("point_sign", {"Lintang": "7.765"}),
        ("point_unreadable", {"Lintang": "di balai desa"}),
        ("point_unreadable", {"Bujur": ""}),
        ("point_abroad", {"Lintang": "51.5", "Bujur": "0.1", "Kode Desa": ""}),
        ("point_abroad", {"Lintang": "-97.5"}),
        ("point_missing", {"Lintang": "", "Bujur": "", "Kode Desa": CODES["H"]}),
        ("point_missing", {"Lintang": "", "Bujur": "", "Kode Desa": "97.01.01.2999"}),
        ("facility_kind", {"Jenis": "Masjid"}),
        ("cell_missing", {"Jenis": ""}),
        ("cell_missing", {"Nama Lumbung": ""}),
    ],
)
@pytest.mark.long
def test_a_row_that_cannot_be_taken_is_listed_with_its_line(load, code, fields):
    with as_role("owner"):
        Region.objects.filter(code=CODES["H"]).update(office=None)
    done = load({"Nama Lumbung": "Lain", "Bujur": "110.006"}, fields)
    assert code in codes(done)[3]
    assert Facility.objects.get().name == "Lain"
    last = listed(done)[-1] if code != "cell_missing" else listed(done)[0]
    assert last["baris"] == "3"
    assert done.listed.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("code", "fields", "village"),
    [
        ("point_elsewhere", {"Kode Desa": CODES["C"]}, "A"),
        ("village_code_unknown", {"Kode Desa": "97.01.01.2999"}, "A"),
        ("point_in_no_village", {"Lintang": "-7.9", "Kode Desa": ""}, ""),
        ("point_estimated", {"Lintang": "", "Bujur": ""}, "A"),
        ("cell_phone", {"Telepon": "tidak ada"}, "A"),
    ],
)
@pytest.mark.long
def test_a_doubt_is_said_and_the_row_is_taken(load, code, fields, village):
    done = load(fields)
    assert codes(done) == {2: {code}}
    assert done.counts["new"] == 1
    assert Facility.objects.get().village_id == (CODES[village] if village else None)


def test_a_facility_without_a_point_lies_in_its_village_and_says_so(load):
    load({"Lintang": "", "Bujur": ""})
    found = Facility.objects.get()
    assert found.is_estimated
    assert 110.0 < found.location.x < 110.01
    load({})
    found.refresh_from_db()
    assert (found.is_estimated, found.location.coords) == (False, (110.005, -7.765))


def test_a_village_is_found_by_its_names(tmp_path):
    base = {
        "Nama": "Lumbung",
        "Jenis": "lumbung",
        "Desa": "Ampel",
        "Kecamatan": "",
        "Kabupaten": "",
    }
    rows = [{}, {"Nama": "Dua", "Desa": "Tidak Ada"}, {"Nama": "Tiga", "Desa": "Desa Beji"}]
    done = run(FILE.apply, write(tmp_path, rows, base))
    assert codes(done)[3] == {"village_name_unknown_here", "point_missing"}
    assert set(Facility.objects.values_list("village_id", flat=True)) == {CODES["A"], CODES["B"]}


def test_one_facility_twice_and_two_on_one_point_are_told_apart(load):
    done = load(
        {}, {}, {"Nama Lumbung": "Lumbung Lain"}, {"Kode Lumbung": "X", "Nama Lumbung": "Empat"},
        {"Kode Lumbung": "X", "Nama Lumbung": "Lima", "Bujur": "110.007"},
    )  # fmt: skip
    assert codes(done) == {
        3: {"facility_twice"}, 4: {"point_shared"}, 5: {"point_shared"}, 6: {"facility_twice"},
    }  # fmt: skip
    with translation.override("en"):
        said = [done.findings.sentence(one) for one in done.findings]
    assert said[0] == "Line 3 repeats the facility of line 2. Only the first was taken."
    assert "the same point as line 2 (Lumbung Ampel)" in said[1]
    again = load({"Nama Lumbung": "Lumbung Ketiga"})
    assert codes(again) == {2: {"point_known"}}


def test_a_file_of_something_else_is_refused_as_a_whole(load):
    wrong = [{"Nama Lumbung": f"L {n}", "Lintang": "110.0", "Bujur": "-7.7"} for n in range(20)]
    with pytest.raises(DomainError) as refused:
        load(*wrong, *[{"Nama Lumbung": f"G {n}"} for n in range(19)])
    assert (refused.value.code, refused.value.params["refused"]) == ("import_mostly_refused", 20)
    assert not Facility.objects.exists()


def test_a_kind_can_be_given_for_all_rows_that_name_none(load):
    assert load({"Jenis": "Masjid"}, kind="other").counts["new"] == 1
    assert Facility.objects.get().kind == "other"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Gudang Bufferstock Provinsi", "warehouse"),
        ("Sentra Terpadu", "centre"),
        ("Puskesmas Kelurahan", "health"),
        ("RSUD", "health"),
        ("Masjid", None),
        ("", None),
    ],
)
def test_kinds_are_told_by_their_first_word(text, kind):
    assert kind_of(text) == kind


def test_a_file_that_lacks_a_column_says_what_it_has(tmp_path):
    with pytest.raises(DomainError) as refused:
        run(FILE.apply, write(tmp_path, [{}], {"Nama": "Lumbung", "Warna": "biru"}))
    assert refused.value.code == "import_columns_missing"
    assert refused.value.params["found"] == "Nama, Warna"
    assert "JENIS" in refused.value.params["columns"]


def test_points_of_a_map_layer_are_imported_with_a_point_in_one_cell_or_as_geometry(tmp_path):
    layer = tmp_path / "rbi.geojson"
    layer.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"NAMOBJ": "Puskesmas Ampel", "kelas": "puskesmas"},
                        "geometry": {"type": "Point", "coordinates": [110.005, -7.765]},
                    }
                ],
            }
        )
    )
    assert run(FILE.apply, layer).counts["new"] == 1
    base = {"Nama": "Gudang", "Jenis": "gudang", "Koordinat": "-7.765, 110.015"}
    assert run(FILE.apply, write(tmp_path, [{}], base)).counts["new"] == 1
    where = dict(Facility.objects.values_list("kind", "village_id"))
    assert where == {"health": CODES["A"], "warehouse": CODES["B"]}


def test_two_facilities_of_one_name_in_a_village_stay_two(load):
    chain = {"Nama Lumbung": "Apotek Sehat", "Jenis": "apotek"}
    assert load(chain, chain | {"Bujur": "110.006"}).counts["new"] == 2
    moved = chain | {"Bujur": "110.0061"}
    assert load(chain, moved).counts == {"new": 0, "changed": 1, "unchanged": 1}
    assert load(chain, moved, chain | {"Bujur": "110.009"}).counts["new"] == 1


@pytest.mark.slow
@pytest.mark.long
def test_the_points_of_the_base_map_are_imported(real_data, tmp_path):
    """RBI's points of Jakarta, in a country that has no such villages."""
    path = tmp_path / "rbi.geojson"
    path.write_bytes((real_data / "facilities" / "jakarta_rbi_points.geojson").read_bytes())
    done = run(FILE.apply, path)
    counts = done.findings.counts()
    assert done.rows == 2_928
    assert counts["village_code_unknown"] == 2_928
    assert counts["point_shared"] + counts.get("facility_twice", 0) == 7
    assert (
        Facility.objects.filter(kind="health").count()
        + Facility.objects.filter(kind="office").count()
        == done.counts["new"]
    )
    again = run(FILE.apply, path)
    assert again.counts == {"new": 0, "changed": 0, "unchanged": done.counts["new"]}


@pytest.mark.slow
def test_the_command_says_what_it_did(tmp_path):
    path = write(tmp_path, [{}, {"Nama Lumbung": "", "Alamat": "Jalan"}], GOOD)
    out = StringIO()
    with as_role("worker"):
        call_command("import_facilities", path, "--json", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "2 rows read: 1 new facilities, 0 changed, 0 as they were."
    assert "Line 3: Nama Lumbung is empty." in lines
    assert json.loads(lines[-1]) == {
        "rows": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1,
        "findings": {"cell_missing": 1},
    }  # fmt: skip
    with pytest.raises(CommandError, match="There is no file"):
        call_command("import_facilities", tmp_path / "none.csv")
