"""Large deliveries and runs are partitions of their own; their rows are like all others."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from apps.reconciliation.deliveries import datasets, loading
from apps.reconciliation.linkage import pairs
from apps.reconciliation.models import Dataset, Record
from apps.reconciliation.partitions import FROM, Partition
from tests.base import NOW
from tests.conftest import as_role
from tests.reconciliation.deliveries.test_taking_back import taken_back
from tests.reconciliation.linkage.test_runs import _pairs, _run
from tests.reconciliation.sample_deliveries import (
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


@pytest.fixture
def in_partition(monkeypatch):
    """Every first delivery and every first run are large."""
    monkeypatch.setattr(loading, "PARTITION_FROM_BYTES", 0)
    monkeypatch.setattr(pairs, "PARTITION_FROM_ROWS", 1)


def told(dataset: Dataset) -> list[tuple[object, ...]]:
    return [(one.source_ref, one.nik, one.name_key, one.digest, one.until) for one in held(dataset)]


def partitions(table: str) -> list[str]:
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass"
            " ORDER BY 1",
            [table],
        )
        return [name for (name,) in cursor.fetchall()]


def test_a_large_first_delivery_is_the_same_records_in_a_table_of_its_own(
    in_partition, monkeypatch
):
    dataset = loaded([*rows(30), row(9001, NAMA_LGKP="YANG KEDUA")])
    assert f"reconciliation_record_{dataset.pk}" in partitions("reconciliation_record")
    assert not staged(dataset)
    assert all(one.pk > FROM for one in held(dataset))
    monkeypatch.setattr(loading, "PARTITION_FROM_BYTES", 10**9)
    small = loaded([*rows(30), row(9001, NAMA_LGKP="YANG KEDUA")], a_source("SMALL"))
    assert all(one.pk < FROM for one in held(small))
    assert told(dataset) == told(small)
    assert dataset.profile == small.profile
    assert dataset.counts == small.counts


def test_a_later_delivery_ends_and_changes_records_of_a_partition(in_partition):
    first = loaded(rows(5))
    second = loaded([*rows(3), row(9004, NAMA_LGKP="NAMA BARU"), row(9100)])
    assert second.counts == {
        "rows": 5, "new": 1, "changed": 1, "gone": 1, "unchanged": 3, "repeats": 0,
    }  # fmt: skip
    assert [one.source_ref for one in held(first)] == [f"C900{n}" for n in range(1, 6)]
    assert {one.source_ref: one.pk < FROM for one in held(second)} == {
        "C9001": False, "C9002": False, "C9003": False, "C9004": True, "C9100": True,
    }  # fmt: skip


def test_a_refused_delivery_leaves_no_partition(in_partition):
    before = partitions("reconciliation_record")
    received = receive(as_csv([row(9001 + n, NIK="9701011201889001") for n in range(40)]))
    dataset = load(received)
    assert why(dataset) == "dataset_one_nik"
    assert not staged(dataset)
    assert partitions("reconciliation_record") == before


def test_two_first_deliveries_read_at_once_are_not_both_the_first(in_partition, monkeypatch):
    """The second reads to its end while the first is loaded; it may not hang in beside it."""
    second = receive(as_csv(rows(4, 9201)), name="second.csv")
    profile = loading._profile

    def meanwhile(*given):
        with as_role("worker"):
            other = Dataset.objects.exclude(pk=second.dataset.pk)
            other.update(status=Dataset.Status.LOADING)
            other.update(status=Dataset.Status.LOADED)
        return profile(*given)

    other = receive(as_csv(rows(3)), name="first.csv")
    assert other.dataset.number > second.dataset.number
    monkeypatch.setattr(loading, "_profile", meanwhile)
    dataset = load(second)
    assert (dataset.status, why(dataset)) == (Dataset.Status.FAILED, "dataset_not_first")
    assert not staged(dataset)


@pytest.mark.long
def test_pairs_of_a_large_first_run_are_the_same_in_a_table_of_their_own(in_partition, monkeypatch):
    left, right = loaded(rows(6), a_source("LEFT")), loaded(rows(6), a_source("RIGHT"))
    run = _run(left, right)
    assert f"reconciliation_pair_{run.pk}" in partitions("reconciliation_pair")
    monkeypatch.setattr(pairs, "PARTITION_FROM_ROWS", 10**9)
    small = _run(right, left)
    assert f"reconciliation_pair_{small.pk}" not in partitions("reconciliation_pair")
    mirrored = {(b, a): status for (a, b), status in _pairs(small).items()}
    assert _pairs(run) == mirrored
    assert len(mirrored) >= 6
    assert run.counts == small.counts
    assert run.histogram == small.histogram


def test_a_partition_is_seen_by_whom_its_parent_is_seen_and_by_nobody_directly(
    in_partition, person, gate
):
    dataset = loaded(rows(3))
    gate(person("village_officer"))
    assert Record.objects.count() == 0
    gate(person("steward"))
    assert Record.objects.count() == 3
    for name in ("portal_web", "portal_worker"):
        with as_role("owner"), connection.cursor() as cursor:
            cursor.execute(
                "SELECT has_table_privilege(%s, %s, 'SELECT')",
                [name, f"reconciliation_record_{dataset.pk}"],
            )
            assert cursor.fetchone() == (False,)


@pytest.mark.parametrize("kind", ["record", "pair"])
def test_a_partition_has_every_index_of_its_parent(kind):
    with as_role("worker"), transaction.atomic():
        partition = Partition(kind, 77, "1")
        partition.create()
        partition.index()
        partition.attach()
    with as_role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(h.inhrelid) FROM pg_index p LEFT JOIN pg_index c"
            "   ON c.indrelid = %s::regclass AND EXISTS (SELECT FROM pg_inherits h"
            "      WHERE h.inhrelid = c.indexrelid AND h.inhparent = p.indexrelid)"
            "  LEFT JOIN pg_inherits h ON h.inhrelid = c.indexrelid"
            " WHERE p.indrelid = %s::regclass",
            [f"reconciliation_{kind}_77", f"reconciliation_{kind}"],
        )
        parents, children = cursor.fetchone()
        assert parents == children >= 4
        cursor.execute(
            "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass",
            [f"reconciliation_{kind}_77"],
        )
        assert cursor.fetchone() == (parents,)


def test_anothers_source_is_read_without_a_look_at_the_partition(in_partition):
    dataset = loaded(rows(3))
    other = a_source("OTHER")
    with as_role("worker"):
        partition = f"reconciliation_record_{dataset.pk}"
        assert partition in Record.objects.filter(source=dataset.source_id).explain()
        assert partition not in Record.objects.filter(source=other.pk).explain()


def test_a_first_delivery_is_taken_back_from_its_partition_and_loaded_again(in_partition):
    dataset = loaded(rows(3))
    back = taken_back(dataset)
    assert held(dataset) == []
    job = datasets.resume(dataset=back, by=None, by_name="tests", now=NOW)
    again = load(datasets.Received(back, job, False))
    assert again.counts["new"] == 3
    assert all(one.pk > FROM for one in held(again))


def test_ids_of_a_sequence_stay_below_those_of_partitions(role):
    with role("owner"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT seqmax FROM pg_sequence WHERE seqrelid = 'reconciliation_pair_id_seq'::regclass"
        )
        assert cursor.fetchone()[0] < FROM
