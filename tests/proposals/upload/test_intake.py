"""Receiving files and rows: what is refused, what is the same, who checks it where."""

import io
import shutil
import threading

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.audit.models import Entry
from apps.common import tabular
from apps.common.errors import DomainError
from apps.demo.sheets import write_xlsx
from apps.jobs.models import Job
from apps.proposals import columns
from apps.proposals.models import Batch
from apps.proposals.upload import intake
from tests.conftest import as_role
from tests.proposals.sending import as_csv, check, receive, row

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person):
    return person("regency_officer")


def test_a_file_becomes_a_batch_and_a_job_in_the_open_cycle(officer):
    content = as_csv([row()])
    received = receive(content, officer)
    batch = received.batch
    assert received.is_new
    assert (batch.status, batch.user, batch.file_name) == ("received", officer, "usulan.csv")
    assert (batch.file_size, batch.file_kind) == (len(content), "csv")
    assert batch.mapping["nik"] == 0
    assert (received.job.kind, received.job.subject) == (intake.CHECK_BATCH, batch.subject)
    assert received.job.total == 1
    with as_role("owner"):
        entry = Entry.objects.get(subject=batch.subject)
    assert (entry.action, entry.actor) == ("create", f"user:{officer.pk}")


def test_the_stored_file_is_readable_by_its_owner_only(officer):
    path = intake.Path(receive(as_csv([row()]), officer).batch.file.path)
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_same_file_is_the_same_batch(officer):
    first, second = (receive(as_csv([row()]), officer, name=f"{n}.csv") for n in (1, 2))
    assert (second.batch.pk, second.job.pk, second.is_new) == (first.batch.pk, first.job.pk, False)
    assert len(list(intake.Path(first.batch.file.path).parent.iterdir())) >= 1
    assert Batch.objects.count() == 1


def test_few_rows_are_checked_at_once_and_many_wait_their_turn(officer):
    few = receive(as_csv(row(9001 + i) for i in range(200)), officer)
    many = receive(as_csv(row(9001 + i) for i in range(201)), officer)
    assert (few.job.queue, many.job.queue) == ("interactive", "batches")


@pytest.mark.parametrize("region", ["97.02", "98.01", "97", "ID", "11.01"])
def test_a_region_outside_the_senders_work_is_refused(officer, region):
    with pytest.raises(DomainError, match="^not_your_region$") as refused:
        receive(as_csv([row()]), officer, region=region)
    assert region in refused.value.text


def test_a_verifier_uploads_nothing(person):
    with pytest.raises(DomainError, match="^not_your_region$"):
        receive(as_csv([row()]), person("verifier"))


def test_a_village_officer_uploads_for_the_own_village(person):
    officer = person("village_officer")
    region = officer.grants.get().region_id
    received = receive(
        as_csv([row(9001), row(9002, village_code="97.01.01.2002")]), officer, region=region
    )
    batch = check(received)
    assert batch.counts["findings"]["village_outside_scope"] == 1


def test_what_is_no_file_of_rows_is_refused_and_not_kept(officer):
    before = stored_files()
    with pytest.raises(tabular.FileRefused):
        receive(b"\x89PNG\r\n\x1a\n" + b"\0" * 200, officer, name="foto.png")
    with pytest.raises(tabular.FileRefused):
        receive(b"", officer)
    assert stored_files() == before
    assert not Batch.objects.exists()


def test_a_header_without_our_columns_is_refused_with_their_names(officer):
    with pytest.raises(intake.ColumnsMissing) as refused:
        receive(b"NIK,NAMA,UMUR\n1,2,3\n", officer)
    assert "NOKK" in refused.value.params["columns"]
    assert "UMUR" in refused.value.text


def test_a_given_mapping_names_the_columns(officer):
    content = as_csv([row()]).replace(b"NAMA,", b"ORANG,", 1)
    with pytest.raises(intake.ColumnsMissing):
        receive(content, officer)
    batch = check(receive(content, officer, mapping={"name": "orang"}))
    assert batch.counts["ready"] == 1


def test_a_mapping_to_a_column_that_is_not_there_is_refused(officer):
    for mapping in ({"name": "LAIN"}, {"nama": "NAMA"}, {"name": 99}):
        with pytest.raises(DomainError, match="^mapping_unknown$"):
            receive(as_csv([row()]), officer, mapping=mapping)


def test_a_file_is_refused_when_the_disk_has_no_room_for_it(officer, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=(1 << 30) + 10))
    with pytest.raises(intake.NoRoom):
        open_gate(officer)
        intake.receive_file(
            file=Sized(as_csv([row()])),
            file_name="usulan.csv",
            by=officer,
            region_code="97.01",
            now=timezone.now(),
        )


class Sized(io.BytesIO):
    size = 1000


def test_a_file_above_the_limit_is_refused_while_it_comes_in(officer):
    before = stored_files()
    with pytest.raises(tabular.FileRefused) as refused:
        receive(b"x" * (tabular.ROW_FILE.file_bytes + 1), officer)
    assert refused.value.code == "too_large"
    assert stored_files() == before


def test_outside_every_cycle_a_batch_has_none(officer):
    open_gate(officer)
    received = intake.receive_file(
        file=io.BytesIO(as_csv([row()])),
        file_name="usulan.csv",
        by=officer,
        region_code="97.01",
        now=timezone.make_aware(timezone.datetime(2027, 5, 1)),
    )
    assert received.batch.cycle is None


def test_a_workbook_is_read_like_a_table(officer, tmp_path):
    path = tmp_path / "usulan.xlsx"
    cells = dict.fromkeys(columns.COLUMNS, "") | row()
    write_xlsx(path, columns.TEMPLATE, [cells])
    batch = check(receive(path.read_bytes(), officer, name=path.name))
    assert (batch.file_kind, batch.counts["ready"]) == ("xlsx", 1)


def test_the_plain_siksng_template_is_read_without_points(officer):
    names = {
        "province_name": "NUSA BARAT",
        "regency_name": "BARAT LOR",
        "district_name": "BARAT LOR SATU",
        "village_name": "AMPEL",
    }
    batch = check(receive(as_csv([row() | names], columns.SIKSNG), officer))
    assert batch.counts["verdicts"] == {"no_point": 1}
    assert batch.counts["findings"] == {}


def test_one_row_is_a_batch_of_one_at_the_head_of_the_queue(officer):
    open_gate(officer)
    received = intake.receive_row(
        values=row() | {"unknown": "x"},
        by=officer,
        region_code="97.01",
        origin="api",
        now=timezone.now(),
    )
    assert received.job.queue == "interactive"
    assert "unknown" not in received.batch.row_values[0]
    assert check(received).counts["ready"] == 1


def test_the_same_row_twice_is_two_batches(officer):
    open_gate(officer)
    for _ in range(2):
        intake.receive_row(
            values=row(), by=officer, region_code="97.01", origin="form", now=timezone.now()
        )
    assert Batch.objects.count() == 2


def test_only_a_failed_batch_is_resumed(officer):
    batch = check(receive(as_csv([row()]), officer))
    with pytest.raises(DomainError, match="^cannot_resume$"):
        intake.resume(batch=batch, by=officer, now=timezone.now())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_file_sent_ten_times_at_once_is_one_batch(officer):
    content, results, faults = as_csv([row()]), [], []

    def upload():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET ROLE portal_web")
            results.append(receive(content, officer))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    assert len({one.batch.pk for one in results}) == 1
    assert sum(one.is_new for one in results) == 1
    with as_role("owner"):
        assert (Batch.objects.count(), Job.objects.count()) == (1, 1)


def stored_files():
    folder = intake.Path(settings.MEDIA_ROOT) / intake.FOLDER
    return sorted(folder.iterdir()) if folder.exists() else []


def test_headers_are_known_by_their_synonyms():
    assert columns.match(
        ["No. KK", "nik", "Nama_Lengkap", "TGL LAHIR", "JK", "Desa/Kelurahan"]
    ) == {
        "kk": 0,
        "nik": 1,
        "name": 2,
        "birth_date": 3,
        "sex": 4,
        "village_name": 5,
    }


def test_a_heading_of_the_template_comes_before_a_synonym():
    assert columns.match(["KODE", "KODE DESA"])["village_code"] == 1


def test_headings_that_a_shapefile_cut_are_known():
    found = columns.match(["NIK", "PROGRAM BA", "TANGGAL LA", "JENIS KELA", "KODE DESA"])
    assert found["programme"] == 1
    assert found["birth_date"] == 2
    assert found["sex"] == 3


def test_every_column_of_the_template_is_its_own_meaning():
    assert columns.match(list(columns.TEMPLATE.values())) == {
        name: position for position, name in enumerate(columns.COLUMNS)
    }
