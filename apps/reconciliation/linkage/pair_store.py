"""Stores weighed pairs and sets their status: thresholds, judgements, one-to-one, safeguards.

One transaction writes the ended pairs, the new ones, their status, the counts of the run and its
end, all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from apps.common import sql
from apps.common.sql import Table
from apps.common.staging import Staging
from apps.jobs.work import Lease
from apps.reconciliation.linkage import clusters, counting, safeguards
from apps.reconciliation.linkage.counting import Pairs
from apps.reconciliation.linkage.pairs import FoundPairs
from apps.reconciliation.models import Pairing, Run
from apps.reconciliation.states import RunStatus

SAMPLE_OF_OTHERS: Final = 100
ROUNDS: Final = 50
PIECE_BYTES: Final = 1 << 20
# Row estimate for the planner in statements about a pairing: hash joins are right for few rows,
# too.
MANY: Final = 1_000_000
PAIR_COLUMNS: Final = {
    **{"left_id": "bigint", "right_id": "bigint", "basis": "text", "status": "text"},
    **{"weight": "float8", "levels": "smallint[]", "rarity": "float8[]"},
}


def store(
    run: Run, found: FoundPairs, lease: Lease, *, on_finished: Iterable[Callable[[Run], object]]
) -> None:
    """Store the result of a run. Raises: Tripped and LeaseLost; then nothing is stored."""
    lease.progress(4, 5, stage="store")
    with transaction.atomic():
        sql.tune()
        pairing = Pairing.objects.select_for_update().get(pk=run.pairing_id)
        ended = _end(run, found)
        inserted = _insert(run, found)
        lease.timed("store")
        _mark_sample(run)
        assign_statuses(pairing)
        pairs = Pairs.of(pairing)
        _check(run, found, pairs)
        run.counts, run.histogram = counting.count(run, pairs), pairs.histogram
        run.changes = {
            "new": inserted,
            "ended": ended,
            "records_new": found.fresh,
        }
        _close(run, pairing)
        for told in on_finished:
            told(run)
        lease.timed("count")
        run.seconds = lease.job.seconds
        Run.objects.filter(pk=run.pk).update(seconds=run.seconds)
        lease.finish(pairs=inserted, ended=ended)


def assign_statuses(pairing: Pairing) -> int:
    """Set each pair's status: judgements, then one-to-one. Returns the number of changes."""
    moved = clusters.apply_judgements(pairing.pk)
    if counting.is_once(pairing):
        moved += _one_to_one(pairing)
    return moved


def _of(run: Run) -> dict[str, Any]:
    return {"pairing": run.pairing_id}


def _end(run: Run, found: FoundPairs) -> int:
    right = run.right
    if right is None:
        raise RuntimeError("the other side is not there yet")
    params = {
        **_of(run),
        "run": run.pk,
        "all": found.is_anew,
        "left_source": run.left.source_id,
        "left_number": run.left.number,
        "right_source": right.source_id,
        "right_number": right.number,
    }
    return int(sql.scalar("reconciliation/linkage/end_pairs", params, rows=MANY))


def _insert(run: Run, found: FoundPairs) -> int:
    """Store the pairs of the files. Returns their number."""
    if found.partition:
        found.partition.create()
        _copy(found, found.partition.table)
        found.partition.index()
        found.partition.analyze()
        found.partition.attach()
        return found.pairs
    with Staging(f"run_{run.pk}", ["pairs"]) as staging:
        staging.create("pairs", PAIR_COLUMNS)
        _copy(found, staging["pairs"])
        of_run = {**_of(run), "run": run.pk}
        return int(staging.scalar("reconciliation/linkage/insert_pairs", of_run))


def _copy(found: FoundPairs, table: Table) -> None:
    for path in found.files:
        with path.open("rb") as file:
            sql.copy_in(table, found.columns, iter(lambda: file.read(PIECE_BYTES), b""))


def _mark_sample(run: Run) -> None:
    percent = max(run.pairing.left.sample_percent, 0)
    params = {**_of(run), "run": run.pk, "percent": percent, "each": SAMPLE_OF_OTHERS}
    sql.run("reconciliation/linkage/mark_sample", params)


def _one_to_one(pairing: Pairing) -> int:
    """Each record is in at most one joined pair: the best pair of both records wins, ties wait."""
    with Staging(f"pairing_{pairing.pk}", ["contested"]) as staging:
        staging.run("reconciliation/linkage/stage_contested", {"pairing": pairing.pk})
        for _round in range(ROUNDS):
            if not staging.scalar("reconciliation/linkage/take_best_pairs", {}, rows=MANY):
                break
        upper = {"upper": pairing.upper}
        return int(staging.scalar("reconciliation/linkage/move_contested", upper))


def _check(run: Run, found: FoundPairs, pairs: Pairs) -> None:
    on_one, joined = 1, 0
    if not counting.is_once(run.pairing):
        left_most, right_most, joined = sql.run("reconciliation/linkage/list_breakers", _of(run))[0]
        on_one = max(left_most, right_most)
    agreeing, alone = pairs.with_nik
    safeguards.check_joined(
        run,
        on_one=on_one,
        joined=joined,
        records=found.fresh["left"],
        alone=alone,
        agreeing=agreeing,
    )


def _close(run: Run, pairing: Pairing) -> None:
    """Mark the run as done and store its model with the pairing."""
    Pairing.objects.filter(pk=pairing.pk).update(
        model=run.settings["model"], model_number=run.settings["model_number"]
    )
    run.status, run.finished_at = RunStatus.DONE, timezone.now()
    Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING).update(
        status=run.status,
        counts=run.counts,
        histogram=run.histogram,
        changes=run.changes,
        breaker={},
        finished_at=run.finished_at,
    )
