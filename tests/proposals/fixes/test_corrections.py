"""The officer's own file comes back: its rows take the place of those with the same Baris."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.db import transaction
from django.utils import timezone

from apps.accounts.access import open_gate
from apps.common.errors import DomainError
from apps.jobs import work
from apps.jobs.models import Job
from apps.proposals import columns
from apps.proposals.export import batch_files
from apps.proposals.fixes import from_file, row_fixes
from apps.proposals.models import Batch, Fix, FixedRow
from apps.proposals.submitting.submission import submit
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.proposals.registered import registered
from tests.proposals.sending import as_csv, check, findings, places, point, receive, row, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person, gate):
    user = person("regency_officer")
    gate(user)
    return user


@pytest.fixture(scope="module")
def sent(lasting):
    rows = [row(9001), row(9002, nik="12"), row(9003, birth_date="31-02-1988"), row(9004, sex="X")]
    with lasting():
        return send(rows, persona("regency_officer")).pk


@pytest.fixture
def batch(sent, officer):
    return Batch.objects.get(pk=sent)


def returned(batch, tmp_path, ending="csv", **held):
    path = tmp_path / f"kembali.{ending}"
    batch_files.file_with_findings(batch, path, **held)
    return path


def lines(path):
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def written(path, table):
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows(table)
    return path


def mend(table, number, **cells):
    """Write cells of the row with this number; the sheet names the line of the officer's file."""
    header = table[0]
    from_template = {name: header.index(heading) for name, heading in HEADINGS.items()}
    at = next(line for line in table[1:] if line[ROW] == str(number + 1))
    for name, value in cells.items():
        at[from_template[name]] = value


HEADINGS = {"nik": "NIK", "birth_date": "TANGGAL LAHIR", "sex": "JENIS KELAMIN", "name": "NAMA",
            "kk": "NOKK", "latitude": "LINTANG", "longitude": "BUJUR"}  # fmt: skip
ROW = -3


def correct(batch, path, by):
    with transaction.atomic():
        open_gate(by)
        job = from_file.receive(
            batch=batch, file=path, file_name=path.name, by=by, now=timezone.now()
        )
    with as_role("worker"):
        do(job)
        job.refresh_from_db()
    batch.refresh_from_db()
    return job


def test_the_held_rows_come_back_corrected_and_the_others_stay(batch, officer, tmp_path):
    path = returned(batch, tmp_path, is_held_only=True)
    table = lines(path)
    assert [line[ROW] for line in table] == ["Baris", "3", "4", "5"]
    mend(table, 2, nik=row(9002)["nik"])
    mend(table, 3, birth_date="10-05-1988")
    mend(table, 4, sex="P")
    kept = places(batch)[1].pk
    job = correct(batch, written(path, table), officer)
    assert (job.status, job.result["rows"]) == ("done", 3)
    assert batch.counts["ready"] == 4
    assert findings(batch) == {}
    assert places(batch)[1].pk == kept
    assert dict(FixedRow.objects.values_list("row_number", "before")) == {
        2: {"nik": "12"},
        3: {"birth_date": "31-02-1988"},
        4: {"sex": "X"},
    }


def test_the_workbook_has_coloured_cells_with_notes_and_comes_back(batch, officer, tmp_path):
    path = returned(batch, tmp_path, "xlsx")
    book = openpyxl.load_workbook(path)
    page = book.active
    header = [cell.value for cell in page[1]]
    assert header[ROW:] == ["Baris", "Temuan", "Cara memperbaiki"]
    bad = page.cell(3, header.index("NIK") + 1)
    assert (bad.fill.fgColor.rgb, bool(bad.comment)) == ("FFFDECEA", True)
    bad.value = row(9002)["nik"]
    book.save(path)
    job = correct(batch, path, officer)
    assert job.result["rows"] == 1
    assert 2 not in findings(batch)


def test_a_sent_row_that_did_not_change_beside_one_that_did_is_no_change(officer, tmp_path):
    """Row 2 repeats row 1 and is judged again with it; the file has it as it was."""
    nik = row(9101)["nik"]
    batch = send([row(9101), row(9102, nik=nik), row(9103)], officer)
    assert findings(batch) == {2: {"duplicate_in_file"}}
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 1, nik=row(9109)["nik"])
    job = correct(batch, written(path, table), officer)
    assert (job.status, job.result["rows"]) == ("done", 1)
    assert findings(batch) == {}
    assert batch.counts["ready"] == 3
    fix = Fix.objects.get()
    assert (fix.status, fix.rows) == (Fix.Status.DONE, 1)
    changed = FixedRow.objects.get()
    assert (changed.row_number, changed.before) == (1, {"nik": nik})
    taken = row_fixes.undo(fix=fix, by=officer, now=NOW)[1]
    with as_role("worker"):
        do(taken)
    assert findings(batch) == {2: {"duplicate_in_file"}}


def test_the_same_file_twice_is_one_change(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    first = correct(batch, written(path, table), officer)
    assert correct(batch, path, officer) == first
    assert Fix.objects.count() == 1


def test_a_file_fetched_before_a_fix_on_the_page_does_not_undo_it(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    fix, job = row_fixes.edit(
        batch=batch, row_number=4, cells={"sex": "P"}, seen=0, by=officer, now=NOW
    )
    with as_role("worker"):
        do(job)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    correct(batch, written(path, table), officer)
    assert set(findings(batch)) == {3}


def test_the_file_that_goes_back_has_the_cells_as_they_are_now(batch, officer, tmp_path):
    fix, job = row_fixes.edit(
        batch=batch, row_number=2, cells={"nik": row(9002)["nik"]}, seen=0, by=officer, now=NOW
    )
    with as_role("worker"):
        do(job)
    line = lines(returned(batch, tmp_path))[2]
    assert line[0] == row(9002)["nik"]
    assert line[ROW:] == ["3", "", ""]


def test_a_correction_can_be_taken_back(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    correct(batch, written(path, table), officer)
    fix = Fix.objects.get()
    _taken, job = row_fixes.undo(fix=fix, by=officer, now=NOW)
    with as_role("worker"):
        do(job)
    assert findings(batch)[2] == {"nik_length"}


def test_points_with_a_minus_survive_the_way_through_the_file(batch, officer, tmp_path):
    before = places(batch)[1].location
    path = returned(batch, tmp_path, "xlsx")
    job = correct(batch, path, officer)
    assert job.result["rows"] == 0
    assert places(batch)[1].location == before


def refused(batch, path, officer):
    job = correct(batch, path, officer)
    assert job.status == "failed"
    assert Fix.objects.get().status == "refused"
    assert FixedRow.objects.count() == 0
    return job.message_code, job.message_params


def test_a_row_that_comes_twice_changes_nothing(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    code, params = refused(batch, written(path, [*table, table[2]]), officer)
    assert (code, params["rows"]) == ("rows_twice", "3")


def test_a_line_without_a_number_changes_nothing(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    table[3][ROW] = ""
    code, params = refused(batch, written(path, table), officer)
    assert (code, params["lines"]) == ("row_numbers_missing", "4")


def test_a_row_that_the_batch_does_not_have_changes_nothing(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    table[3][ROW] = "77"
    code, params = refused(batch, written(path, table), officer)
    assert (code, params["rows"]) == ("rows_unknown", "77")
    assert (params["first"], params["last"]) == (2, 5)


def test_the_file_of_another_batch_changes_nothing(batch, officer, tmp_path):
    other = send([row(9100 + n, name=f"ORANG {n}") for n in range(4)], officer)
    code, params = refused(batch, returned(other, tmp_path), officer)
    assert (code, params["count"]) == ("other_batch", 4)


def test_one_row_about_somebody_else_is_left_and_named(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 1, nik=row(9300)["nik"], kk=row(9300)["kk"], name="ORANG LAIN")
    mend(table, 2, nik=row(9002)["nik"])
    job = correct(batch, written(path, table), officer)
    assert job.result["rows"] == 1
    assert Fix.objects.get().result["left"] == {"strange": [1]}
    assert places(batch)[1].name == "SITI AMINAH"


def test_rows_under_review_stay_and_are_counted(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    submit(batch=batch, by=officer, now=timezone.now())
    table = lines(path)
    mend(table, 1, name="NAMA BARU")
    mend(table, 2, nik=row(9002)["nik"])
    correct(batch, written(path, table), officer)
    assert Fix.objects.get().result["left"] == {"submitted": 1}
    assert places(batch)[1].name == "SITI AMINAH"
    assert places(batch)[2].status == "draft"


def test_a_file_without_row_numbers_and_a_photo_are_refused_at_once(batch, officer, tmp_path):
    plain, photo = tmp_path / "lain.csv", tmp_path / "foto.xlsx"
    plain.write_bytes(as_csv([row(9001)]))
    photo.write_bytes(b"\xff\xd8\xff\xe0" + b"0" * 500)
    for path, code in ((plain, "no_row_column"), (photo, "wrong_type")):
        with pytest.raises(DomainError, match=f"^{code}$"):
            correct(batch, path, officer)
    assert Fix.objects.count() == 0


def test_nobody_else_corrects_a_batch(batch, person, tmp_path):
    path = returned(batch, tmp_path)
    for other in (person("regency_officer", "97.02"), person("verifier")):
        with pytest.raises(DomainError, match="^not_yours$"):
            from_file.receive(
                batch=batch, file=path, file_name=path.name, by=other, now=timezone.now()
            )


def test_a_correction_that_a_killed_worker_left_is_taken_up_again(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    written(path, table)
    with transaction.atomic():
        open_gate(officer)
        job = from_file.receive(
            batch=batch, file=path, file_name=path.name, by=officer, now=timezone.now()
        )
    with as_role("worker"):
        long_ago = timezone.now() - timedelta(minutes=5)
        Job.objects.filter(pk=job.pk).update(status="running", token=1, heartbeat_at=long_ago)
        do(job)
        do(job)
    assert FixedRow.objects.count() == 1
    assert 2 not in findings(Batch.objects.get(pk=batch.pk))


def test_new_points_reach_rows_that_had_none(officer, tmp_path):
    batch = send([row(9011, latitude="", longitude=""), row(9012)], officer)
    assert findings(batch) == {1: {"no_point"}}
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 1, **point("A", 0.31, 0.31))
    correct(batch, written(path, table), officer)
    assert findings(batch) == {}


# --- rows that the file does not hold -------------------------------------------------------------


@pytest.fixture
def shorter(batch, officer, tmp_path):
    """A correction of row 2 without the other rows that must be mended; its fix."""
    header, line, *_others = lines(returned(batch, tmp_path, is_held_only=True))
    table = [header, line]
    mend(table, 2, nik=row(9002)["nik"])
    correct(batch, written(tmp_path / "kembali.csv", table), officer)
    return Fix.objects.get()


def test_rows_that_a_correction_lacks_are_kept_and_asked_about(batch, shorter, signed_in):
    assert set(findings(batch)) == {3, 4}
    assert row_fixes.absent(shorter) == [3, 4]
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = f"/proposals/batches/{batch.pk}/fixes/{shorter.pk}/"
    text = browser.get(page).content.decode()
    assert "2 rows that must be fixed are not in your file: keep or leave out?" in text
    assert "Rows 4, 5." in text
    answer = browser.post(f"{page}drop/")
    dropped = Fix.objects.latest("pk")
    assert answer["Location"] == f"/proposals/batches/{batch.pk}/fixes/{dropped.pk}/"
    with as_role("worker"):
        do(row_fixes.job_of(dropped))
    batch.refresh_from_db()
    assert (batch.counts["ready"], batch.counts["held"], batch.counts["dropped"]) == (2, 0, 2)
    assert "keep or leave out?" not in browser.get(page).content.decode()


def test_a_row_that_was_mended_meanwhile_is_not_dropped_with_the_others(batch, shorter, officer):
    fix, job = row_fixes.edit(
        batch=batch, row_number=4, cells={"sex": "P"}, seen=0, by=officer, now=NOW
    )
    with as_role("worker"):
        do(job)
    assert row_fixes.absent(shorter) == [3]


def test_a_file_with_every_row_asks_nothing(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    correct(batch, written(path, table), officer)
    assert row_fixes.absent(Fix.objects.get()) == []


def test_a_row_that_was_dropped_stays_so_when_its_line_comes_back(batch, officer, tmp_path):
    path = returned(batch, tmp_path)
    _fix, job = row_fixes.drop(batch=batch, rows=[2], by=officer, now=NOW)
    with as_role("worker"):
        do(job)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    mend(table, 4, sex="P")
    correct(batch, written(path, table), officer)
    assert Fix.objects.latest("pk").result["left"] == {"dropped": 1}
    batch.refresh_from_db()
    assert (batch.counts["held"], batch.counts["dropped"]) == (1, 1)


# --- cancelling ----------------------------------------------------------------------------------


@pytest.fixture
def correction(batch, officer, tmp_path):
    """A correction of row 2 that waits for its worker, and its fix."""
    path = returned(batch, tmp_path)
    table = lines(path)
    mend(table, 2, nik=row(9002)["nik"])
    return written(path, table)


def ask_for(batch, path, officer):
    with transaction.atomic():
        open_gate(officer)
        job = from_file.receive(
            batch=batch, file=path, file_name=path.name, by=officer, now=timezone.now()
        )
    return job, Fix.objects.get(pk=int(job.subject.rpartition(":")[2]))


def test_a_correction_that_waits_is_cancelled_at_once_and_may_come_again(
    batch, officer, correction, signed_in
):
    job, fix = ask_for(batch, correction, officer)
    browser = signed_in("regency_officer")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = f"/proposals/batches/{batch.pk}/fixes/{fix.pk}/"
    assert f'action="{page}cancel/"' in browser.get(page).content.decode()
    shown = browser.post(f"{page}cancel/", follow=True).content.decode()
    assert "It was cancelled before it was made." in shown
    with as_role("worker"):
        do(job)
    fix.refresh_from_db()
    assert fix.status == Fix.Status.REFUSED
    assert 2 in findings(batch)
    correct(batch, correction, officer)
    assert 2 not in findings(batch)


def test_a_correction_in_work_stops_at_its_next_step_and_changes_nothing(
    batch, officer, correction, monkeypatch
):
    job, fix = ask_for(batch, correction, officer)
    begin = work.Lease.progress

    def cancelled_meanwhile(lease, *args, **more):
        begin(lease, *args, **more)
        assert work.cancel(job)

    monkeypatch.setattr(work.Lease, "progress", cancelled_meanwhile)
    with as_role("worker"):
        do(job)
    for one in (job, fix):
        one.refresh_from_db()
    assert (job.status, fix.status) == (Job.Status.CANCELLED, Fix.Status.REFUSED)
    assert 2 in findings(batch)


def test_a_correction_cancelled_on_another_page_does_not_bar_its_file(batch, officer, correction):
    job, _fix = ask_for(batch, correction, officer)
    assert work.cancel(job)  # as the page of all jobs does it
    correct(batch, correction, officer)
    assert 2 not in findings(batch)


def test_there_is_nothing_to_cancel_once_it_is_made(batch, officer, correction, signed_in):
    correct(batch, correction, officer)
    fix = Fix.objects.get(batch=batch)
    assert row_fixes.cancel(fix=fix, by=officer, now=timezone.now()) is False
    assert fix.status == Fix.Status.DONE


def test_a_file_without_the_column_gets_it_where_a_row_must_explain_who_it_is(officer, tmp_path):
    registered(9021, name="KARTINI")
    names = [name for name in columns.COLUMNS if name != "identity_note"]
    content = as_csv([row(9021, name="WARSINI"), row(9022)], names)
    batch = check(receive(content, officer))
    assert batch.counts["held"] == 1
    path = returned(batch, tmp_path)
    table = lines(path)
    at = table[0].index("PENJELASAN IDENTITAS")
    assert at == len(names)
    table[1][at] = "Nama di KTP lama, surat desa terlampir"
    correct(batch, written(path, table), officer)
    assert findings(batch)[1] == {"registered_other_explained"}
    assert places(batch)[1].identity_note == table[1][at]
    again = lines(returned(batch, tmp_path))
    assert again[1][at] == table[1][at]


def test_a_file_in_which_nobody_must_explain_keeps_its_columns(officer, tmp_path):
    names = [name for name in columns.COLUMNS if name != "identity_note"]
    batch = check(receive(as_csv([row(9021, sex="X")], names), officer))
    assert "PENJELASAN IDENTITAS" not in lines(returned(batch, tmp_path))[0]
