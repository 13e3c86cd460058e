"""The command: what it says, what it makes of an unknown source, and how it refuses."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from apps.reconciliation.models import Dataset, Record, Source
from tests.conftest import as_role
from tests.reconciliation.sample_deliveries import as_csv, row, rows

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


def of_a_ministry(count=12, first=9001):
    """A delivery as one ministry writes it: codes of villages stand under DESA."""
    return [
        {
            "NOMOR INDUK": one["NIK"],
            "NAMA PESERTA": one["NAMA_LGKP"],
            "TGL LAHIR": one["TGL_LHR"],
            "DESA": one["KODE_DESA"],
        }
        for one in rows(count, first)
    ]


def test_columns_that_look_like_needed_ones_are_asked_about_and_nothing_is_loaded(run, tmp_path):
    with pytest.raises(CommandError) as refused:
        run(of_a_ministry(), source="BPJS")
    said = str(refused.value)
    assert refused.value.returncode == 2
    assert "NOMOR INDUK → NIK" in said
    assert "DESA → KODE_DESA" in said
    given = '{"nik": "NOMOR INDUK", "village_code": "DESA"}'
    assert given in said and "--mapping" in said
    with as_role("worker"):
        assert not Record.objects.filter(source_id="BPJS").exists()
    # once more without a word is refused again; with the words of the refusal it is loaded
    with pytest.raises(CommandError):
        run(of_a_ministry(), source="BPJS")
    (tmp_path / "map.json").write_text(given)
    answer = run(of_a_ministry(), "--mapping", tmp_path / "map.json", "--json", source="BPJS")
    assert json.loads(answer.splitlines()[-1])["columns"] == {
        "nik": "NOMOR INDUK",
        "name": "NAMA PESERTA",
        "birth_date": "TGL LAHIR",
        "village_code": "DESA",
    }
    with as_role("worker"):
        told = Record.objects.filter(source_id="BPJS").order_by("pk").first()
    assert (told.nik, told.village_code) == (rows(1)[0]["NIK"], "97.01.01.2001")
    # the next delivery of this source is matched in the same way, without asking
    later = run(of_a_ministry(13), "--json", source="BPJS")
    assert json.loads(later.splitlines()[-1])["rows"] == 13


def test_who_says_that_a_column_is_nothing_of_ours_is_not_asked_again(run, tmp_path):
    given = [one | {"KETERANGAN": "lama", "NO REKENING": "12"} for one in of_a_ministry()]
    for one in given:
        one["NIK"] = one.pop("NOMOR INDUK")
        one["KODE_DESA"] = one.pop("DESA")
    answer = run(given, "--json", source="BPJS")  # nothing needed is unmatched: not asked
    assert json.loads(answer.splitlines()[-1])["rows"] == 12
    (tmp_path / "map.json").write_text('{"nik": "", "village_code": "DESA"}')
    answer = run(of_a_ministry(9), "--mapping", tmp_path / "map.json", "--json", source="PLN")
    assert "nik" not in json.loads(answer.splitlines()[-1])["columns"]
    later = run(of_a_ministry(10), "--json", source="PLN")
    assert json.loads(later.splitlines()[-1])["rows"] == 10
