"""The commands: what they print, and how they refuse."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.conftest import as_role
from tests.proposals.sending import as_csv, row

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def run(person, tmp_path):
    """Run import_batch on some rows, as nobody else would do the job."""
    person("regency_officer")

    def run(rows, *arguments):
        path = tmp_path / "usulan.csv"
        path.write_bytes(as_csv(rows))
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
