"""A run finds pairs, lets each count as one thing, writes all of it or nothing, and goes on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from apps.common.errors import DomainError
from apps.reconciliation.linkage import pairs, runs, thresholds
from apps.reconciliation.models import Conflict, Dataset, Pairing, RecordPair, Run
from apps.reconciliation.states import PairStatus, RunStatus
from tests.base import NOW
from tests.conftest import as_role
from tests.jobs.doing import do
from tests.personas import persona
from tests.reconciliation.sample_deliveries import a_source, loaded, row, rows

pytestmark = pytest.mark.django_db
OTHER = "PKH"
STRANGER = row(
    9500,
    NIK="9801014503499500",
    NO_KK="9801010101109500",
    NAMA_LGKP="WARSINI",
    NAMA_LGKP_IBU="TUKINEM",
    TGL_LHR="05-03-1949",
    JENIS_KLMIN="P",
    KODE_DESA="98.01.01.2001",
)


def _run(left: Dataset, right: Dataset, **asked: Any) -> Run:
    with as_role("worker"):
        run, job = runs.enqueue_run(
            left=left, right=right, by=None, by_name="tests", now=NOW, **asked
        )
        do(job)
        return Run.objects.select_related("pairing").get(pk=run.pk)


def _pairs(run: Run) -> dict[tuple[str, str], tuple[str, str]]:
    """(left, right) numbers at the sources → basis and status."""
    with as_role("worker"):
        found = RecordPair.objects.all().of(run).select_related("left", "right")
        return {
            (one.left.source_ref, one.right.source_ref): (one.basis, one.status) for one in found
        }


def _civil(count: int = 4) -> Dataset:
    return loaded(rows(count), a_source())


def _recipients(listed: Sequence[dict[str, str]]) -> Dataset:
    return loaded([one | {"ID": f"P{one['ID'][1:]}"} for one in listed], a_source(OTHER))


def test_a_nik_that_a_name_confirms_links_and_alone_it_is_a_question():
    right = _civil(4)
    left = _recipients(
        [
            row(9001),
            row(9002, NAMA_LGKP="ORANG LAIN SEKALI", TGL_LHR="30-06-1955"),
            row(9003, NIK="", NO_KK=""),
            STRANGER,
        ]
    )
    run = _run(left, right)
    assert run.status == RunStatus.DONE
    found = _pairs(run)
    assert found["P9001", "C9001"] == ("nik", PairStatus.LINKED)
    assert found["P9002", "C9002"] == ("nik_alone", PairStatus.REVIEW)
    assert found["P9003", "C9003"] == ("weight", PairStatus.LINKED)
    assert run.counts["boxes"] == {"nik": 1, "linked": 1, "review": 1, "unmatched": 1}
    assert sum(run.counts["boxes"].values()) == run.counts["records"] == 4
    assert sum(run.counts["pairs"].values()) == len(found)
    drawn = [pair for pair in found.values() if pair[1] != PairStatus.DISPLACED]
    assert sum(pairs for _bin, pairs in run.histogram) == len(drawn)


def test_a_run_over_the_same_deliveries_finds_nothing_new_and_keeps_its_pairs():
    right, left = _civil(), _recipients(rows(4))
    first = _run(left, right)
    before = _ids(first)
    again = _run(left, right)
    assert again.changes["new"] == again.changes["ended"] == 0
    assert again.previous_id == first.pk
    assert _ids(again) == before
    assert again.counts == first.counts


@pytest.mark.long
def test_a_later_delivery_compares_only_what_is_different():
    right, left = _civil(), _recipients(rows(4))
    first = _run(left, right)
    before = _ids(first)
    changed = _recipients([*rows(3), row(9004, NAMA_LGKP="CONTOH LIMA JAEAA")])
    again = _run(changed, right)
    after = _ids(again)
    same = {pair for pair in before if pair[0] != "P9004"}
    assert {pair: after[pair] for pair in same} == {pair: before[pair] for pair in same}
    assert again.changes["records_new"]["left"] == 1
    assert before["P9004", "C9004"] not in after.values()
    # what the first run found can still be told
    assert _ids(first) == before


@pytest.mark.long
def test_a_later_delivery_of_the_other_side_is_compared_too():
    right, left = _civil(3), _recipients(rows(4))
    first = _run(left, right)
    assert ("P9004", "C9004") not in _pairs(first)
    later = _civil(4)
    again = _run(left, later)
    assert _pairs(again)["P9004", "C9004"] == ("nik", PairStatus.LINKED)


def test_each_record_is_joined_once_and_equally_good_pairs_wait_for_people():
    right = loaded([row(9001), row(9002), row(9003)], a_source())
    twins = [row(9001), row(9003, ID="C1", NIK="", NO_KK=""), row(9003, ID="C2", NIK="", NO_KK="")]
    found = _pairs(_run(_recipients([*twins, row(9001, ID="C3", NIK="")]), right))
    assert found["P9001", "C9001"] == ("nik", PairStatus.LINKED)
    assert found["P3", "C9001"][1] == PairStatus.DISPLACED
    assert found["P1", "C9003"][1] == found["P2", "C9003"][1] == PairStatus.REVIEW


def test_a_breaker_stops_a_run_whose_niks_are_other_peoples_and_nothing_of_it_counts():
    right = loaded(rows(300), a_source())
    strangers = [
        row(9001 + n, NAMA_LGKP=f"X{chr(65 + n % 26)} QU{chr(65 + n // 26)}", TGL_LHR="30-06-1955")
        for n in range(300)
    ]
    run = _run(_recipients(strangers), right)
    assert run.status == RunStatus.STOPPED
    assert run.breaker["code"] == "nik_alone_share"
    assert run.breaker["found"] > run.breaker["limit"]
    with as_role("worker"):
        assert not RecordPair.objects.exists()
        assert not Conflict.objects.exists()
        assert Pairing.objects.get().model == {}


@pytest.mark.long
def test_what_a_breaker_stopped_goes_on_when_somebody_asks_for_the_rest():
    right = _civil(1)
    source = a_source(OTHER, is_one_to_one=False)
    many = [row(9001, ID=f"C{n}") | {"ID": f"P{n}"} for n in range(12)]
    run = _run(loaded(many, source), right)
    assert (run.status, run.breaker["code"]) == (RunStatus.STOPPED, "cluster_size")
    with as_role("worker"):
        job = runs.resume(run, None, by_name="tests", force=True)
        do(job)
        run.refresh_from_db()
    assert run.status == RunStatus.DONE
    assert run.counts["pairs"]["linked"] == 12


def test_one_run_of_a_pairing_at_a_time():
    right, left = _civil(), _recipients(rows(4))
    with as_role("worker"):
        runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)
        with pytest.raises(runs.RunBusy):
            runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)


def test_a_delivery_that_is_not_loaded_is_not_compared():
    right = _civil()
    with as_role("worker"):
        half = Dataset.objects.create(
            source=a_source(OTHER), number=7, as_of=NOW.date(), received_at=NOW
        )
        with pytest.raises(DomainError, match="^dataset_not_loaded$"):
            runs.enqueue_run(left=half, right=right, by=None, by_name="tests", now=NOW)


def test_a_cancelled_run_leaves_nothing_and_can_be_taken_up_again():
    right, left = _civil(), _recipients(rows(4))
    with as_role("worker"):
        run, job = runs.enqueue_run(left=left, right=right, by=None, by_name="tests", now=NOW)
        assert runs.cancel(run, None, by_name="tests")
        do(job)
        run.refresh_from_db()
        assert run.status == RunStatus.CANCELLED
        assert not RecordPair.objects.exists()
        again = runs.resume(run, None, by_name="tests")
        do(again)
        run.refresh_from_db()
    assert run.status == RunStatus.DONE


def test_the_folder_of_a_run_goes_with_it():
    _run(_recipients(rows(4)), _civil())
    folder = Path(settings.MEDIA_ROOT) / pairs.FOLDER
    assert not list(folder.iterdir())


@pytest.mark.long
def test_a_run_can_be_done_again_exactly_from_what_it_noted():
    right, left = _civil(), _recipients(rows(4))
    first = _run(left, right)
    assert first.settings["model"]["splink"]
    assert first.settings["versions"].keys() == {"splink", "duckdb"}
    weights = _weights(first)
    anew = _run(left, right, retrain=True)
    assert anew.changes["new"] == len(weights) == anew.changes["ended"]
    assert _weights(anew) == weights


def test_moved_thresholds_do_what_their_preview_said():
    right, left = _civil(), _recipients([row(9001), row(9002, NIK=""), row(9003, NIK="", NO_KK="")])
    run = _run(left, right)
    weights = sorted(_weights(run).values())
    lower, upper = run.pairing.lower - 0.5, weights[-1] + 1
    with as_role("worker"):
        said = thresholds.preview(run, lower, upper)
        by = _steward()
        job = thresholds.enqueue_thresholds(run, lower, upper, by=by, now=NOW)
        do(job)
        run.refresh_from_db()
    assert said["linked"] == run.counts["pairs"]["linked"] == 1  # the NIK stays what it is
    assert said["review"] == run.counts["pairs"]["review"]
    assert sum(run.counts["boxes"].values()) == run.counts["records"]


def test_thresholds_are_not_moved_below_what_was_kept():
    run = _run(_recipients(rows(2)), _civil(2))
    with as_role("worker"), pytest.raises(DomainError, match="^thresholds_floor$"):
        thresholds.enqueue_thresholds(run, -99.0, 5.0, by=_steward(), now=NOW)


def test_the_command_matches_and_exports_the_links(tmp_path: Path):
    right, left = _civil(), _recipients(rows(4))
    out = tmp_path / "links.csv"
    with as_role("worker"):
        call_command("reconcile", str(left.pk), str(right.pk))
        run = Run.objects.get()
        call_command("export_links", str(run.pk), out=out)
    lines = out.read_text().splitlines()
    assert lines[0] == "left,right,probability,weight,decision,blind_sample"
    assert any(line.startswith("P9001,C9001,") and ",linked," in line for line in lines)
    assert "970101" not in out.read_text()
    with as_role("worker"), pytest.raises(CommandError):
        call_command("reconcile", "999999")


@pytest.mark.long
def test_an_export_gives_the_status_of_every_pair_also_of_the_blind_sample(tmp_path: Path):
    right, left = _civil(), _recipients(rows(4))
    with as_role("worker"):
        call_command("reconcile", str(left.pk), str(right.pk))
        run = Run.objects.get()
        blind = RecordPair.objects.order_by("pk").first()
        RecordPair.objects.update(is_sample=False)
        RecordPair.objects.filter(pk=blind.pk).update(is_sample=True)
        statuses = list(RecordPair.objects.order_by("pk").values_list("status", flat=True))
        call_command("export_links", str(run.pk), out=tmp_path / "links.csv")
    with (tmp_path / "links.csv").open(newline="") as file:
        told = list(csv.DictReader(file))
    assert len(told) > 1
    assert [line["decision"] for line in told] == statuses
    assert all(line["probability"] and line["weight"] for line in told)
    assert [line["blind_sample"] for line in told] == ["true", *["false"] * (len(told) - 1)]


def _steward() -> Any:
    with as_role("owner"):
        return persona("steward")


def _ids(run: Run) -> dict[tuple[str, str], int]:
    with as_role("worker"):
        found = RecordPair.objects.all().of(run).select_related("left", "right")
        return {(one.left.source_ref, one.right.source_ref): one.pk for one in found}


def _weights(run: Run) -> dict[tuple[str, str], float]:
    with as_role("worker"):
        found = RecordPair.objects.all().of(run).select_related("left", "right")
        return {(one.left.source_ref, one.right.source_ref): one.weight for one in found}
