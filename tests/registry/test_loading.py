"""The first load: a file is one change, once; what cannot be taken is listed beside it."""

import csv
import json
from io import StringIO
from time import perf_counter

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from apps.audit.models import Action, Entry
from apps.common.errors import DomainError
from apps.common.tabular import FileRefused
from apps.demo import country
from apps.demo.country import CODES
from apps.demo.population import people
from apps.registry.loading import HEADER, load_register
from apps.registry.models import Change, Enrolment, Family, Person
from tests.base import NOW
from tests.conftest import as_role
from tests.proposals.factory import nik_of

GOOD = {
    "id_sumber": "S1",
    "nik": nik_of(1),
    "no_kk": nik_of(700),
    "nama": "WARGA SATU",
    "tempat_lahir": "BARAT LOR",
    "tanggal_lahir": "1990-01-02",
    "jenis_kelamin": "L",
    "ibu_kandung": "IBU",
    "hubungan": "KEPALA KELUARGA",
    "alamat": "JL. MELATI",
    "rt": "001",
    "rw": "002",
    "kode_desa": CODES["A"],
    "lintang": "-7.765",
    "bujur": "110.005",
    "program": "PKH;BPNT",
}


@pytest.fixture
def write_file(tmp_path):
    def write(*rows, header=HEADER, name="dtks.csv"):
        path = tmp_path / name
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, header, extrasaction="ignore")
            writer.writeheader()
            writer.writerows(GOOD | row for row in rows)
        return path

    return write


def load(path):
    with as_role("worker"):
        return load_register(path=path, source="DTKS", actor="user:1", actor_name="Pemuat", now=NOW)


@pytest.mark.django_db
def test_a_file_becomes_families_persons_and_enrolments_under_one_change(write_file):
    loaded = load(
        write_file({}, {"nik": nik_of(2), "program": ""}, {"nik": "", "no_kk": nik_of(701)})
    )
    assert (loaded.rows, loaded.refused, loaded.refused_file) == (3, {}, None)
    with as_role("owner"):
        change = Change.objects.get()
        assert (change.kind, change.source, change.reason) == ("load", "DTKS", "dtks.csv")
        assert len(change.reference) == 64
        person = Person.objects.get(nik=nik_of(1))
        assert (person.name, person.source, person.source_ref) == ("WARGA SATU", "DTKS", "S1")
        assert person.family.location.coords == (110.005, -7.765)
        assert set(person.enrolments.values_list("programme", flat=True)) == {"PKH", "SEMBAKO"}
        assert Person.objects.filter(nik__isnull=True).count() == 1
        assert Family.objects.count() == 2
        assert Entry.objects.get(action=Action.RUN).details["counts"]["persons_new"] == 3


@pytest.mark.django_db
def test_the_same_file_again_is_the_same_change_under_any_name(write_file):
    first = load(write_file({}))
    again = load(write_file({}, name="copy.csv"))
    assert (again.is_new, again.change) == (False, first.change)
    assert again.counts["persons_new"] == 1
    with as_role("owner"):
        assert Person.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ("nik", {"nik": "97010102019090"}),
        ("nik", {"nik": "3,27E+15"}),
        ("kk", {"no_kk": ""}),
        ("kk", {"no_kk": "97010102019090001"}),
        ("name", {"nama": ""}),
        ("birth_date", {"tanggal_lahir": "1990-02-30"}),
        ("birth_date", {"tanggal_lahir": "1900-02-29"}),
        ("birth_date", {"tanggal_lahir": "02-01-1990"}),
        ("birth_date", {"tanggal_lahir": "2190-01-02"}),
        ("sex", {"jenis_kelamin": "X"}),
        ("village", {"kode_desa": "97.01.01.2999"}),
        ("village", {"kode_desa": "97.01"}),
        ("village", {"kode_desa": ""}),
        ("coordinate", {"lintang": "-97.765"}),
        ("coordinate", {"bujur": "1e9"}),
        ("coordinate", {"bujur": ""}),
        ("programme", {"program": "PKH;NONSENSE"}),
    ],
)
@pytest.mark.long
def test_a_row_that_cannot_be_taken_is_listed_beside_the_file(write_file, fault, fields):
    loaded = load(write_file({"nik": nik_of(2)}, {"id_sumber": "S9"} | fields))
    assert loaded.refused == {fault: 1}
    listed = list(csv.DictReader(StringIO(loaded.refused_file.read_text("utf-8-sig"))))
    assert listed == [{"baris": "2", "id_sumber": "S9", "alasan": fault}]
    assert loaded.refused_file.stat().st_mode & 0o777 == 0o600
    with as_role("owner"):
        assert Person.objects.get().nik == nik_of(2)


@pytest.mark.django_db
def test_leap_days_and_empty_dates_points_and_programmes_are_taken(write_file):
    empty = {"tanggal_lahir": "", "lintang": "", "bujur": "", "program": "", "jenis_kelamin": ""}
    loaded = load(write_file({"tanggal_lahir": "2000-02-29"}, {"nik": nik_of(2)} | empty))
    assert loaded.refused == {}


@pytest.mark.django_db
def test_the_second_row_of_one_nik_is_refused(write_file):
    loaded = load(write_file({}, {"nama": "LAIN"}))
    assert loaded.refused == {"nik_twice": 1}
    with as_role("owner"):
        assert Person.objects.get().name == "WARGA SATU"


@pytest.mark.django_db
def test_a_file_without_our_columns_or_of_another_kind_is_refused(write_file, tmp_path):
    with pytest.raises(DomainError, match="^register_columns_missing$") as refused:
        load(write_file({}, header=HEADER[:-2]))
    assert refused.value.params == {"names": "bujur, program"}
    other = tmp_path / "dtks.geojson"
    other.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(FileRefused):
        load(other)
    assert not Change.objects.exists()


@pytest.mark.django_db
def test_a_load_that_breaks_leaves_nothing_and_can_be_repeated(write_file):
    path = write_file({})
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_enrolment ADD CHECK (programme_id <> 'PKH')")
        with pytest.raises(IntegrityError), transaction.atomic(), as_role("worker"):
            load_register(path=path, source="DTKS", actor="x", actor_name="", now=NOW)
        cursor.execute(
            "ALTER TABLE registry_enrolment DROP CONSTRAINT registry_enrolment_programme_id_check"
        )
    with as_role("owner"):
        assert not Person.objects.exists()
        assert not Change.objects.exists()
    assert load(path).is_new


@pytest.mark.slow
def test_the_command_loads_says_so_and_ends_in_json(transactional_db, write_file):
    path = write_file({}, {"nik": nik_of(2), "nama": ""})
    out = StringIO()
    with as_role("worker"):
        call_command("import_register", str(path), "--source", "DTKS", "--json", stdout=out)
        *said, last = out.getvalue().splitlines()
        found = json.loads(last)
        assert (found["rows"], found["persons_new"], found["refused"]) == (2, 1, {"name": 1})
        assert str(path.with_suffix(".refused.csv")) in said[-1]
        for missing in (path.with_name("none.csv"), path.with_suffix(".refused.csv")):
            with pytest.raises(CommandError) as refused:
                call_command("import_register", str(missing), "--source", "DTKS")
            assert refused.value.returncode == 2


@pytest.mark.slow
@pytest.mark.django_db
def test_the_demo_population_is_loaded_whole(tmp_path):
    path = tmp_path / "people.csv"
    people.write_register(path, country.villages(), 2_000, 7)
    loaded = load(path)
    assert (loaded.counts["persons_new"], loaded.refused) == (2_000, {})
    with as_role("owner"):
        assert Enrolment.objects.count() == loaded.counts["enrolments_opened"]


@pytest.mark.scale
def test_a_million_persons_are_loaded_in_a_minute_and_a_half(transactional_db, tmp_path, figure):
    path = tmp_path / "people.csv"
    people.write_register(path, country.villages(), 1_000_000, 7)
    started = perf_counter()
    with as_role("worker"):
        loaded = load_register(
            path=path, source="DTKS", actor="user:1", actor_name="Pemuat", now=NOW
        )
    seconds = perf_counter() - started
    figure("first load of 1,000,000 persons", seconds, "s", "≤ 90")
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT change_id) FROM registry_personevent")
        assert cursor.fetchone() == (1_000_000, 1)
    assert loaded.counts["persons_new"] == 1_000_000
    assert seconds <= 90
