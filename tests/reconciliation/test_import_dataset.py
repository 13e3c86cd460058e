"""The command: what it says, what it makes of an unknown source, and how it refuses."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.reconciliation.models import Dataset, Source
from tests.conftest import as_role
from tests.reconciliation.deliveries import as_csv, row, rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(tmp_path):
    """Run import_dataset on some rows, as nobody else would do the job."""

    def run(given, *arguments, source="DUKCAPIL"):
        path = tmp_path / "data.csv"
        path.write_bytes(as_csv(given))
        out = io.StringIO()
        with as_role("worker"):
            call_command("import_dataset", path, "--source", source, *arguments, stdout=out)
        return out.getvalue()

    return run


def test_it_says_what_was_loaded(run):
    answer = json.loads(run(rows(3), "--json", "--period", "2026-T3").splitlines()[-1])
    assert (answer["rows"], answer["new"], answer["source"]) == (3, 3, "DUKCAPIL")
    assert answer["columns"]["name"] == "NAMA_LGKP"
    dataset = Dataset.objects.get(pk=answer["dataset"])
    assert (dataset.period, dataset.by_name) == ("2026-T3", "import_dataset")


def test_an_unknown_source_is_made_as_a_draft(run):
    said = run(rows(2), source="P3KE-2026")
    source = Source.objects.get(pk="P3KE-2026")
    assert (source.is_draft, source.kind) == (True, Source.Kind.POVERTY)
    assert source.authorities.get(field="desil").rank == 2
    assert "P3KE-2026" in said


def test_a_file_with_other_headings_is_refused_and_goes_with_a_mapping(run, tmp_path):
    given = [{"A": one["NIK"], "B": one["NAMA_LGKP"]} for one in rows(3)]
    with pytest.raises(CommandError) as refused:
        run(given)
    assert refused.value.returncode == 2
    (tmp_path / "map.json").write_text(json.dumps({"nik": "A", "name": "B"}))
    answer = json.loads(run(given, "--mapping", tmp_path / "map.json", "--json").splitlines()[-1])
    assert answer["rows"] == 3
    # the next file needs no mapping
    more = [*given, {"A": row(9050)["NIK"], "B": "CONTOH BARU"}]
    assert json.loads(run(more, "--json").splitlines()[-1])["rows"] == 4


def test_the_same_file_again_changes_nothing(run):
    first, second = (json.loads(run(rows(2), "--json").splitlines()[-1]) for _ in range(2))
    assert first["dataset"] == second["dataset"]


def test_a_file_that_is_not_there_is_refused_with_two(tmp_path):
    with pytest.raises(CommandError) as refused:
        call_command("import_dataset", tmp_path / "x.csv", "--source", "X")
    assert refused.value.returncode == 2
