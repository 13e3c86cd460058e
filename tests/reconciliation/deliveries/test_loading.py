"""Deliveries become records: the first whole, later ones by what changed, a killed one once."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from datetime import date

import pyarrow as arrow
import pytest
import xlsxwriter
from django.db import OperationalError, connection
from psycopg import errors
from pyarrow import parquet

from apps.common.errors import DomainError
from apps.common.files import stored_files
from apps.jobs.models import Job
from apps.reconciliation.deliveries import datasets, loading
from apps.reconciliation.models import Dataset, Record
from apps.regions.models import ForeignCode, Region
from tests import workers
from tests.conftest import as_role
from tests.proposals.checks.test_reading import free_of_ghosts
from tests.reconciliation.sample_deliveries import (
    VILLAGE,
    a_source,
    as_csv,
    held,
    load,
    loaded,
    receive,
    row,
    rows,
    staged,
    why,
)

pytestmark = pytest.mark.django_db
Status = Dataset.Status


def test_a_file_becomes_records_with_everything_it_tells():
    dataset = loaded([row(9001, TGL_LHR="31/12/1990", JENIS_KLMIN="P", NIK="9701017112909001")])
    assert dataset.status == Status.LOADED
    assert dataset.counts == {
        "rows": 1, "new": 1, "changed": 0, "gone": 0, "unchanged": 0, "repeats": 0,
    }  # fmt: skip
    record = held(dataset)[0]
    assert (record.source_ref, record.nik, record.sex) == ("C9001", "9701017112909001", "P")
    assert record.birth_date == date(1990, 12, 31)
    assert (record.village_code, record.kk) == (VILLAGE, "9701011201209001")
    assert record.name_key and record.mother_key
    assert (record.number, record.until, record.given) == (1, None, None)
    assert not staged(dataset)


def test_the_same_file_twice_is_the_same_dataset():
    content = as_csv(rows(3))
    first = receive(content)
    load(first)
    again = receive(content, name="other-name.csv")
    assert (again.dataset, again.is_new) == (first.dataset, False)
    assert Dataset.objects.count() == 1
    assert len(list((stored_files.folder(datasets.FOLDER)).iterdir())) >= 1


def test_a_later_delivery_writes_only_what_is_new_or_different():
    first = loaded(rows(5))
    ids = {record.source_ref: record.pk for record in held(first)}
    second = loaded([*rows(3), row(9004, NAMA_LGKP="NAMA BARU"), row(9100)])
    assert second.counts == {
        "rows": 5, "new": 1, "changed": 1, "gone": 1, "unchanged": 3, "repeats": 0,
    }  # fmt: skip
    with as_role("worker"):
        assert Record.objects.count() == 7
    now = {record.source_ref: record for record in held(second)}
    assert set(now) == {"C9001", "C9002", "C9003", "C9004", "C9100"}
    assert all(now[ref].pk == ids[ref] for ref in ("C9001", "C9002", "C9003"))
    assert now["C9004"].name == "NAMA BARU"
    # and the first is still told as it was
    assert {record.source_ref: record.pk for record in held(first)} == ids


def test_who_was_gone_and_comes_back_is_new_again():
    loaded(rows(2))
    loaded(rows(1))
    third = loaded([*rows(2), row(9050)])
    assert (third.counts["new"], third.counts["unchanged"]) == (2, 1)
    assert len(held(third)) == 3


def test_a_delivery_that_repeats_another_writes_nothing():
    loaded(rows(4))
    # the same people in another order are another file
    again = loaded(list(reversed(rows(4))))
    assert again.counts["unchanged"] == 4
    with as_role("worker"):
        assert Record.objects.count() == 4


def test_of_two_rows_with_one_number_the_first_stays_and_the_other_is_counted():
    dataset = loaded([*rows(30), row(9001, NAMA_LGKP="YANG KEDUA", NIK="", TGL_LHR="")])
    assert dataset.counts["repeats"] == 1
    assert dataset.counts["rows"] == 30
    assert next(r for r in held(dataset) if r.source_ref == "C9001").name != "YANG KEDUA"
    assert {"code": "ref_repeats", "params": {"rows": 1}} in dataset.profile["warnings"]


def test_rows_without_a_number_are_told_by_their_place():
    given = [{name: cell for name, cell in one.items() if name != "ID"} for one in rows(2)]
    assert [record.source_ref for record in held(loaded(given))] == ["row:1", "row:2"]


def test_codes_of_bps_are_translated_where_they_mean_one_village(role):
    with role("owner"):
        ForeignCode.objects.create(region_id=VILLAGE, system="bps", code="9701010001")
        for village in (VILLAGE, "97.01.01.2002"):
            ForeignCode.objects.create(region_id=village, system="bps", code="9701010009")
    given = [row(9001, KODE_DESA="9701010001"), row(9002, KODE_DESA="9701010009")]
    dataset = loaded(given, code_system="bps")
    assert [record.village_code for record in held(dataset)] == [VILLAGE, ""]
    assert dataset.profile["villages_unknown"] == [["9701010009", 1]]


def named(serial: int, village: str, district: str = "", regency: str = "") -> dict[str, str]:
    """A row that names its village and has no code."""
    given = {name: cell for name, cell in row(serial).items() if name != "KODE_DESA"}
    return given | {"DESA": village, "KECAMATAN": district, "KABUPATEN": regency}


def test_villages_are_known_by_their_names_where_a_file_brings_no_codes(role):
    with role("owner"):
        village = Region.objects.get(code=VILLAGE)
        district, regency = (Region.objects.get(code=VILLAGE[:at]) for at in (8, 5))
        twin = Region.objects.get(code="97.01.02.2001")
        Region.objects.filter(pk=twin.pk).update(name=village.name)
    name = village.name.upper()
    dataset = loaded(
        [
            named(9001, f"DESA {name}", f"Kec. {district.name}", regency.name.upper()),
            named(9002, name),
            named(9003, "TIDAK ADA", district.name),
            named(9004, ""),
            named(9005, f"Kel. {name}", Region.objects.get(code="97.01.02").name),
        ]
    )
    codes = {record.source_ref: record.village_code for record in held(dataset)}
    assert codes == {
        "C9001": VILLAGE, "C9002": "", "C9003": "", "C9004": "", "C9005": "97.01.02.2001",
    }  # fmt: skip
    assert dataset.profile["columns"]["village_name"]["odd"] == {"ambiguous": 1, "unknown": 1}
    assert [f"TIDAK ADA, {district.name}", 1] in dataset.profile["villages_unknown"]
    assert held(dataset)[2].given == {"village_name": "TIDAK ADA"}
    told = {warning["code"]: warning["params"] for warning in dataset.profile["warnings"]}
    assert told["village_names_unknown"] == {"percent": 50}


def test_a_code_counts_before_a_name_and_a_name_where_the_code_says_nothing():
    name = Region.objects.get(code="97.01.01.2002").name
    dataset = loaded([row(9001, DESA=name), row(9002, KODE_DESA="12", DESA=name)])
    assert [one.village_code for one in held(dataset)] == [VILLAGE, "97.01.01.2002"]


def test_a_workbook_and_a_parquet_file_tell_the_same(tmp_path):
    given = rows(3)
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet("DATA")
    for at, line in enumerate([list(given[0]), *(list(one.values()) for one in given)]):
        sheet.write_row(at, 0, line)
    book.close()
    table = arrow.table({name: [one[name] for one in given] for name in given[0]})
    days = arrow.array([date(1988, 1, 12)] * 3)
    at = table.schema.get_field_index("TGL_LHR")
    parquet.write_table(table.set_column(at, "TGL_LHR", days), tmp_path / "a.parquet")
    plain = loaded(given, a_source("CSV"))
    for name in ("a.xlsx", "a.parquet"):
        content = (tmp_path / name).read_bytes()
        dataset = load(receive(content, a_source(name[2:].upper()), name=name))
        assert [r.digest for r in held(dataset)] == [r.digest for r in held(plain)], name


# --- what is refused ---------------------------------------------------------------------------


def refused(given, **said):
    """The code with which a delivery was refused; nothing of it is kept but the file."""
    dataset = loaded(given, **said)
    assert dataset.status == Status.FAILED
    assert not staged(dataset)
    with as_role("worker"):
        assert not Record.objects.filter(dataset=dataset).exists()
    return why(dataset)


def test_all_niks_equal_is_refused():
    assert refused(rows(30, NIK="9701011201889001")) == "dataset_one_nik"


def test_no_name_at_all_is_refused():
    assert refused(rows(30, NAMA_LGKP="")) == "dataset_no_names"


def test_more_repeats_than_not_is_refused():
    again = [row(9001 + number, ID=f"X{number}") for number in range(18)] * 2
    assert refused([*rows(20), *again], source=a_source()) == "dataset_repeats"


def test_a_column_that_holds_something_else_is_refused_and_can_be_matched_again():
    given = [one | {"NIK": one["NAMA_LGKP"], "NOMOR": one["NIK"]} for one in rows(30)]
    dataset = loaded(given)
    assert why(dataset) == "dataset_wrong_column"
    with as_role("worker"):
        job = datasets.resume(
            dataset=dataset, by=None, now=dataset.received_at, mapping={"nik": "NOMOR"}
        )
    again = load(datasets.Received(dataset, job, False))
    assert again.status == Status.LOADED
    assert held(again)[0].nik == "9701011201889001"
    # the next file of this source is matched in the same way
    assert receive(as_csv(given[:29])).dataset.mapping["nik"] == "NOMOR"


def test_a_column_of_mixed_types_is_a_warning():
    mixed = [row(9001 + n, TGL_LHR="SLEMAN" if n % 4 == 0 else "12-01-1988") for n in range(40)]
    dataset = loaded(mixed)
    assert dataset.status == Status.LOADED
    warning = next(w for w in dataset.profile["warnings"] if w["code"] == "mixed_column")
    assert (warning["params"]["column"], warning["params"]["odd"]) == ("birth_date", 10)


def test_a_file_without_a_name_is_refused_in_words():
    given = [{"NIK": one["NIK"], "ALAMAT": one["ALAMAT"]} for one in rows(3)]
    assert refused(given) == "dataset_columns_missing"


def test_a_picture_is_no_dataset():
    with pytest.raises(DomainError) as no:
        receive(b'{"type": "FeatureCollection", "features": []}', name="a.geojson")
    assert "CSV" in no.value.text
    assert Dataset.objects.count() == 0


def test_an_empty_file_is_refused():
    with pytest.raises(Exception, match="empty_file"):
        receive(b"")


def test_a_mapping_with_an_unknown_column_is_refused():
    for mapping in ({"nik": "TIDAK ADA"}, {"shoe_size": "NIK"}):
        with pytest.raises(DomainError) as no:
            receive(as_csv(rows(2)), mapping=mapping)
        assert no.value.code == "dataset_column_unknown"


def test_a_full_disk_is_said_in_words(monkeypatch):
    def full(*_args):
        raise OperationalError("no space left") from errors.DiskFull()

    received = receive(as_csv(rows(3)))
    monkeypatch.setattr(loading, "_read", full)
    dataset = load(received)
    assert (dataset.status, why(dataset)) == (Status.FAILED, "dataset_no_room")


# --- one after the other -----------------------------------------------------------------------


def test_a_delivery_waits_for_the_one_before_it():
    first, second = receive(as_csv(rows(3))), receive(as_csv(rows(4)))
    assert why(load(second)) == "dataset_earlier_open"
    load(first)
    with as_role("worker"):
        job = datasets.resume(dataset=second.dataset, by=None, now=first.dataset.received_at)
    assert load(datasets.Received(second.dataset, job, False)).counts["unchanged"] == 3


def test_a_failed_delivery_that_is_loaded_later_comes_behind_the_others():
    failed = receive(as_csv(rows(3)), mapping={"name": ""})
    assert why(load(failed)) == "dataset_columns_missing"
    later = loaded(rows(4))
    with as_role("worker"):
        job = datasets.resume(
            dataset=failed.dataset, by=None, now=later.received_at, mapping={"name": "NAMA_LGKP"}
        )
    again = load(datasets.Received(failed.dataset, job, False))
    assert (again.number, again.counts["gone"]) == (3, 1)


def test_what_is_loaded_is_not_loaded_again():
    dataset = loaded(rows(3))
    with as_role("worker"), pytest.raises(DomainError) as no:
        datasets.resume(dataset=dataset, by=None, now=dataset.received_at)
    assert no.value.code == "dataset_not_failed"


def test_a_cancelled_load_leaves_nothing_and_can_be_begun_again(monkeypatch):
    received = receive(as_csv(rows(3)))
    with as_role("worker"):
        Job.objects.filter(pk=received.job.pk).update(cancel_asked=False)
    plain = loading.profile.refuse_wrong_columns

    def cancelling(*args):
        Job.objects.filter(pk=received.job.pk).update(cancel_asked=True)
        return plain(*args)

    monkeypatch.setattr(loading.profile, "refuse_wrong_columns", cancelling)
    dataset = load(received)
    assert dataset.status == Status.FAILED
    assert not staged(dataset)
    monkeypatch.undo()
    with as_role("worker"):
        job = datasets.resume(dataset=dataset, by=None, now=dataset.received_at)
    assert load(datasets.Received(dataset, job, False)).status == Status.LOADED


# --- killed ------------------------------------------------------------------------------------

WORKER = """
import sys, pathlib, django
django.setup()
from django.db import connection
from apps.jobs import work
from apps.reconciliation.deliveries import loading
loading.CHUNK_ROWS = 2_000
connection.ensure_connection()
pathlib.Path(sys.argv[2]).touch()
work.run(int(sys.argv[1]), "reconciliation.load_dataset")
"""


def digest(dataset):
    with as_role("worker"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), min(id) %% 1000000000, max(id) %% 1000000000,"
            " md5(string_agg(source_ref || digest::text || name_key, ',' ORDER BY id))"
            " FROM reconciliation_record WHERE dataset_id = %s",
            [dataset.pk],
        )
        return cursor.fetchone()


@pytest.mark.scale
@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_at_any_moment_leaves_the_same_records(tmp_path):
    many = [row(1_000_000 + n, NIK=f"9701{n:012}", NO_KK="") for n in range(30_000)]
    content = as_csv(many)
    undisturbed = load(receive(content, a_source("A")))
    assert undisturbed.status == Status.LOADED
    received = receive(content, a_source("B"))
    kills = 0
    for wait_s in (0.2, 0.7):
        ready = tmp_path / f"ready{wait_s}"
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(received.job.pk), str(ready)],
            cwd=workers.ROOT,
            env=workers.environment(),
        )
        while not ready.exists() and process.poll() is None:
            time.sleep(0.01)
        time.sleep(wait_s)
        process.send_signal(signal.SIGKILL)
        kills += process.wait() == -signal.SIGKILL
        free_of_ghosts(received.job.pk)
    assert kills >= 2
    dataset = load(received)
    assert dataset.counts["rows"] == 30_000
    assert digest(dataset) == digest(undisturbed)
    assert dataset.profile["columns"]["nik"] == undisturbed.profile["columns"]["nik"]


def test_reading_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr(loading, "CHUNK_ROWS", 1)
    received = receive(as_csv(rows(20)))
    with as_role("worker"):
        dataset = Dataset.objects.get(pk=received.dataset.pk)
        tally, last = loading._begin(dataset, loading.RecordsTarget.of(dataset))
        assert (tally.rows, last) == (0, 0)
    assert load(received).counts["rows"] == 20


@pytest.mark.parametrize("partition_from", [0, 10**9])
def test_a_load_that_fails_after_repeats_went_tells_them_again(monkeypatch, partition_from):
    monkeypatch.setattr(loading, "PARTITION_FROM_BYTES", partition_from)
    received = receive(as_csv([*rows(30), row(9001, NAMA_LGKP="YANG KEDUA", NIK="", TGL_LHR="")]))
    with monkeypatch.context() as broken:
        broken.setattr(loading.profile, "profile", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            load(received)
    dataset = load(received)
    assert (dataset.counts["rows"], dataset.counts["repeats"]) == (30, 1)
    assert len(held(dataset)) == 30


def test_nothing_of_a_file_is_held_whole(monkeypatch):
    """The stream is asked for blocks, and each goes to the database before the next is made."""
    sizes = []
    plain = loading.Records.block
    monkeypatch.setattr(
        loading.Records, "block", lambda self, data: sizes.append(len(data)) or plain(self, data)
    )
    many = [row(1_000_000 + n, NIK=f"9701{n:012}", NO_KK="") for n in range(20_000)]
    assert loaded(many).status == Status.LOADED
    assert len(sizes) > 1
    assert max(sizes) < 3 << 20


def test_the_peek_shows_the_first_rows():
    received = receive(as_csv(rows(3)))
    seen = loading.peek(received.dataset)
    assert seen.header[0] == "ID"
    assert len(seen.samples) == 3
