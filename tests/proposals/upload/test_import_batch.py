"""The commands: what they print, and how they refuse."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import as_role
from tests.personas import grant
from tests.proposals.sending import as_csv, row

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def run(person, tmp_path):
    """Run import_batch on some rows, as nobody else would do the job."""
    person("regency_officer")

    def run(rows, *arguments, names=()):
        path = tmp_path / "usulan.csv"
        content = as_csv(rows)
        for ours, other in dict(names).items():
            content = content.replace(f"{ours},".encode(), f"{other},".encode(), 1)
        path.write_bytes(content)
        out = io.StringIO()
        with as_role("worker"):
            call_command(
                "import_batch", path, "--as", "regency_officer-97.01", *arguments, stdout=out
            )
        return out.getvalue()

    return run


def test_it_says_what_was_found(run):
    answer = json.loads(run([row(9001), row(9002, nik="1")], "--json").splitlines()[-1])
    assert (answer["rows"], answer["ready"], answer["held"]) == (2, 1, 1)
    assert answer["findings"] == {"nik_length": 1}
    assert answer["verdicts"] == {"inside": 2}
    assert set(answer["seconds"]) == {"read", "check", "store", "total"}


def test_it_submits_when_asked(run):
    answer = json.loads(run([row(9001)], "--submit", "--json").splitlines()[-1])
    assert answer["submitted"] == 1


def test_the_same_file_again_is_the_same_batch(run):
    first, second = (json.loads(run([row()], "--json").splitlines()[-1]) for _ in range(2))
    assert first["batch"] == second["batch"]


@pytest.fixture
def two_regencies(person):
    with as_role("owner"):
        grant(person("regency_officer"), "regency_officer", "97.02")


def test_the_rows_tell_which_of_several_regions_is_meant(run, two_regencies):
    said = run([row(9001), row(9002)], "--json").splitlines()
    assert said[0] == "Region 97.01, told by the rows."
    assert json.loads(said[-1])["ready"] == 2


def test_rows_of_several_regions_are_refused_with_how_to_go_on(run, two_regencies):
    rows = [row(9001), row(9002, village_code="97.02.01.2001")]
    with pytest.raises(CommandError) as refused:
        run(rows)
    assert refused.value.returncode == 2
    for words in ("97.01 ", "97.02 ", "--region", "one file for each"):
        assert words in str(refused.value)
    answer = json.loads(run(rows, "--region", "97.01", "--json").splitlines()[-1])
    assert (answer["ready"], answer["findings"]["village_outside_scope"]) == (1, 1)


def test_columns_that_are_not_used_are_named(run, tmp_path):
    lines = run([row(9001)], "--json", names={"NIK": "A1", "KODE PPKS": "CATATAN"}).splitlines()
    assert "Columns of the file that are not used: CATATAN." in lines
    assert any("NIK = A1" in line for line in lines)
    assert json.loads(lines[-1])["columns"] == {"told": {"NIK": "A1"}, "unused": ["CATATAN"]}


def test_an_uncertain_column_is_asked_for_and_taken_when_it_is_said(run):
    names = {"NAMA": "NAMA PENGUSUL"}
    with pytest.raises(CommandError) as refused:
        run([row(9001)], names=names)
    assert "These look like it: NAMA = “NAMA PENGUSUL”." in str(refused.value)
    assert json.loads(run([row(9001)], "--proposed", "--json", names=names).splitlines()[-1])[
        "ready"
    ]


def test_an_unknown_user_is_refused_with_two(run, tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("import_batch", tmp_path / "x.csv", "--as", "nobody")
    assert refused.value.returncode == 2


def test_a_file_of_nothing_is_refused_with_two(run, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"")
    with as_role("worker"), pytest.raises(CommandError) as refused:
        call_command("import_batch", tmp_path / "x.csv", "--as", "regency_officer-97.01")
    assert refused.value.returncode == 2


def test_the_result_is_written_as_a_file(run, tmp_path):
    batch = json.loads(run([row(9001)], "--json").splitlines()[-1])["batch"]
    out = io.StringIO()
    with as_role("worker"):
        call_command("export_batch", batch, "--out", tmp_path / "hasil.csv", "--json", stdout=out)
    assert json.loads(out.getvalue().splitlines()[-1])["rows"] == 1
    assert (tmp_path / "hasil.csv").read_text().startswith("row,status,verdict")
